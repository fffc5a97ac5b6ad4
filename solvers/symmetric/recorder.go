package symmetric

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
)

// Recorder fills a trace with what a plain run knows without another pass over
// Σ: the singular values of X and the relative gradient norm; with a Theory
// also the quantities of the analysis.
type Recorder[T blas.Float] struct {
	Trace  solvers.Trace
	Theory *Theory[T] // may be nil

	s    *Solver[T]
	norm *float64 // ‖Σ‖_F, where the error is recorded; see WithError
}

// NewRecorder prepares the columns for a solver. With theory the name of the
// k-th signal is signal_k, k from 1; in_R and in_S are 0 or 1.
func NewRecorder[T blas.Float](s *Solver[T], theory *Theory[T]) *Recorder[T] {
	r := s.x.Cols
	rec := &Recorder[T]{s: s, Theory: theory}
	c := []string{"t", "gradient_before", "norm"}
	add := func(names ...string) { c = append(c, names...) }
	if theory == nil {
		for k := range r {
			add(fmt.Sprintf("sigma_%d", k+1))
		}
	} else {
		add("error", "sigma1_X", "sigma_r_U", "sigma1_J", "snr", "in_R", "in_S")
		for k := 1; k <= r; k++ {
			add(fmt.Sprintf("signal_%d", k), fmt.Sprintf("noise_%d", k), fmt.Sprintf("sigma1_K_%d", k), fmt.Sprintf("snr_%d", k))
		}
	}
	rec.Trace.Columns = c
	return rec
}

// Record adds the row of the current iterate. Its column gradient_before is
// the relative gradient norm of iterate t−1: it is known once the step from
// there is made.
func (rec *Recorder[T]) Record(t int) error {
	row := make([]float64, 0, len(rec.Trace.Columns))
	row = append(row, float64(t), rec.s.RelativeGradient(), math.Sqrt(rec.s.trace()))
	if rec.Theory == nil {
		row = append(row, rec.s.SingularValues()...)
		if rec.norm != nil {
			value, floor, err := rec.s.RelativeError(*rec.norm)
			if err != nil {
				return err
			}
			row = append(row, value, floor)
		}
	} else {
		q := rec.Theory.Of(rec.s)
		row = append(row, q.Error, q.Sigma1X, q.SigmaRU, q.Sigma1J, q.SNRBlock, indicator(q.InR), indicator(q.InS))
		for k := range q.Signal {
			row = append(row, q.Signal[k], q.Noise[k], q.SigmaK[k], q.SNR[k])
		}
	}
	rec.Trace.Rows = append(rec.Trace.Rows, row)
	return nil
}

// WithError adds the columns error and error_floor of RelativeError, for norm = ‖Σ‖_F, to a
// recorder without a theory that has recorded nothing.
func (rec *Recorder[T]) WithError(norm float64) {
	rec.norm = &norm
	rec.s.Ahead()
	rec.Trace.Columns = append(rec.Trace.Columns, "error", "error_floor")
}

// SingularValues are those of X, largest first, to a rounding error of the largest.
func (s *Solver[T]) SingularValues() []float64 {
	return eigen.FactorSingular(s.x, s.g)
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
