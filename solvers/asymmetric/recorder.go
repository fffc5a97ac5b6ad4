package asymmetric

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
)

// Recorder fills a trace with the error, which reads A once more, the gradient
// norms and the singular values of the factors. With the parameters of the
// theory also the bound (6).
type Recorder[T blas.Float] struct {
	Trace solvers.Trace

	s    *Solver[T]
	r    int
	rate *Parameters
}

// NewRecorder prepares the columns. r, from 1 to k, says which singular values
// of the factors are recorded beside the first: the r-th. rate may be nil.
func NewRecorder[T blas.Float](s *Solver[T], r int, rate *Parameters) *Recorder[T] {
	if r < 1 || r > s.k {
		panic(badRank)
	}
	rec := &Recorder[T]{s: s, r: r, rate: rate}
	rec.Trace.Columns = []string{"t", "error", "gradient_x_before", "gradient_y_before", "sigma1_X", "sigma_r_X", "sigma1_Y", "sigma_r_Y"}
	if rate != nil {
		rec.Trace.Columns = append(rec.Trace.Columns, "error_bound")
	}
	return rec
}

// Record adds the row of the current iterate. error is ‖XYᵀ − A‖_F/‖A‖_F; the
// gradient norms are those that the step from iterate t−1 used; singular
// values are accurate to a rounding error of the largest; error_bound is the root of the
// right side of (6), relative to ‖A‖_F as well.
func (rec *Recorder[T]) Record(t int) error {
	distance, norm, err := rec.s.Distance()
	if err != nil {
		return err
	}
	if norm == 0 {
		norm = 1
	}
	gx, gy := rec.s.GradientNorms()
	x, y := eigen.FactorSingular(rec.s.x, rec.s.gx), eigen.FactorSingular(rec.s.y, rec.s.gy)
	row := []float64{float64(t), distance / norm, gx, gy, x[0], x[rec.r-1], y[0], y[rec.r-1]}
	if rec.rate != nil {
		row = append(row, math.Sqrt(rec.rate.RateBound(t))/norm)
	}
	rec.Trace.Rows = append(rec.Trace.Rows, row)
	return nil
}
