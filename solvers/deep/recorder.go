package deep

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// Recorder fills a trace with the loss, the effective rank, the leading
// singular values of the product and of each factor, and how balanced
// neighbouring factors are.
type Recorder struct {
	Trace solvers.Trace

	s        Iterates
	opt      RecorderOptions
	eig      *Meter         // nil without a basis
	distance func() float64 // to the truth; nil without one
}

// RecorderOptions say what a recorder records beside the loss.
type RecorderOptions struct {
	// Values is the number of leading singular values, fewer where a matrix has
	// fewer.
	Values int
	// Truth is the matrix that Ŵ is a noisy version of, or nil: the distance to
	// it is recorded.
	Truth *blas.General[float64]
	// Basis is the eigenbasis of a symmetric Ŵ, or nil: the diagonal of VᵀWV is
	// recorded, from the starts (7) and (13) the eigenvalues of W. All factors
	// must be square.
	Basis *Basis
}

// NewRecorder prepares the columns.
func NewRecorder(s Iterates, opt RecorderOptions) *Recorder {
	rec := &Recorder{s: s, opt: opt}
	dims := s.dims()
	rows, cols := dims[len(dims)-1], dims[0]
	c := []string{"t", "loss", "error", "effective_rank"}
	if opt.Truth != nil {
		opt.Truth.Check(rows, cols)
		rec.distance = s.distanceTo(*opt.Truth)
		c = append(c, "distance_to_truth")
	}
	if opt.Basis != nil {
		rec.eig = NewMeter(s, opt.Basis)
		for i := range opt.Basis.Values {
			c = append(c, fmt.Sprintf("eigenvalue_%d", i+1))
		}
	}
	for i := range min(opt.Values, rows, cols) {
		c = append(c, fmt.Sprintf("sigma_%d", i+1))
	}
	for j := 1; j < len(dims); j++ {
		for i := range min(opt.Values, dims[j], dims[j-1]) {
			c = append(c, fmt.Sprintf("sigma_%d_W%d", i+1, j))
		}
	}
	for j := 1; j < len(dims)-1; j++ {
		c = append(c, fmt.Sprintf("balance_%d", j))
	}
	rec.Trace.Columns = c
	return rec
}

// Record adds the row of the current iterate: loss ½‖W − Ŵ‖_F², error
// ‖W − Ŵ‖_F/‖Ŵ‖_F, the effective rank ‖W‖_*/‖W‖ of the product, the Frobenius
// distance to the truth, eigenvalues, singular values, and balance_j =
// ‖W_{j+1}ᵀW_{j+1} − W_jW_jᵀ‖_F.
func (rec *Recorder) Record(t int) error {
	sigma := rec.s.sigma()
	row := []float64{float64(t), rec.s.Loss(), rec.s.Error(), EffectiveRank(sigma)}
	if rec.distance != nil {
		row = append(row, rec.distance())
	}
	if rec.eig != nil {
		row = append(row, rec.eig.Measure().Product...)
	}
	row = append(row, sigma[:min(rec.opt.Values, len(sigma))]...)
	for j := range len(rec.s.dims()) - 1 {
		sigma := rec.s.sigmaOf(j)
		row = append(row, sigma[:min(rec.opt.Values, len(sigma))]...)
	}
	rec.Trace.Rows = append(rec.Trace.Rows, append(row, rec.s.balances()...))
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
