package deep

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers"
)

// Recorder fills a trace with the loss, the effective rank, the leading
// singular values of the product and of each factor, and how balanced
// neighbouring factors are.
type Recorder[T blas.Float] struct {
	Trace solvers.Trace

	s      *Solver[T]
	values int
	truth  *blas.General[float64]
}

// NewRecorder prepares the columns for the first so many singular values,
// fewer where a matrix has fewer. truth, which may be nil, is a matrix that
// Ŵ is a noisy version of: the distance to it is recorded too.
func NewRecorder[T blas.Float](s *Solver[T], values int, truth *blas.General[float64]) *Recorder[T] {
	rec := &Recorder[T]{s: s, values: values, truth: truth}
	c := []string{"t", "loss", "error", "effective_rank"}
	if truth != nil {
		truth.Check(s.target.Rows, s.target.Cols)
		c = append(c, "distance_to_truth")
	}
	for i := range min(values, s.target.Rows, s.target.Cols) {
		c = append(c, fmt.Sprintf("sigma_%d", i+1))
	}
	for j, w := range s.w {
		for i := range min(values, w.Rows, w.Cols) {
			c = append(c, fmt.Sprintf("sigma_%d_W%d", i+1, j+1))
		}
	}
	for j := 1; j < len(s.w); j++ {
		c = append(c, fmt.Sprintf("balance_%d", j))
	}
	rec.Trace.Columns = c
	return rec
}

// Record adds the row of the current iterate: loss ½‖W − Ŵ‖_F², error
// ‖W − Ŵ‖_F/‖Ŵ‖_F, the effective rank ‖W‖_*/‖W‖ of the product, the Frobenius
// distance to the truth, singular values, and balance_j =
// ‖W_{j+1}ᵀW_{j+1} − W_jW_jᵀ‖_F.
func (rec *Recorder[T]) Record(t int) error {
	product := blas.Convert[float64](rec.s.Product())
	sigma := SingularValues(product)
	row := []float64{float64(t), rec.s.Loss(), rec.s.Error(), EffectiveRank(sigma)}
	if rec.truth != nil {
		row = append(row, distance(product, *rec.truth))
	}
	row = append(row, sigma[:min(rec.values, len(sigma))]...)
	var outer blas.General[float64] // W_jW_jᵀ of the factor before
	var balance []float64
	for j, w := range rec.s.w {
		f := blas.Convert[float64](w)
		sigma := SingularValues(f)
		row = append(row, sigma[:min(rec.values, len(sigma))]...)
		m := mat.NewDense(f.Rows, f.Cols, f.Data)
		if j > 0 {
			var inner mat.Dense
			inner.Mul(m.T(), m)
			balance = append(balance, distance(blas.General[float64](inner.RawMatrix()), outer))
		}
		var next mat.Dense
		next.Mul(m, m.T())
		outer = blas.General[float64](next.RawMatrix())
	}
	rec.Trace.Rows = append(rec.Trace.Rows, append(row, balance...))
	return nil
}

func distance(a, b blas.General[float64]) float64 {
	var sum float64
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			v -= b.Row(i)[j]
			sum += v * v
		}
	}
	return math.Sqrt(sum)
}
