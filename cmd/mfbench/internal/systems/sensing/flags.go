package sensing

import (
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// Flags are the flags of solve sensing.
type Flags struct {
	run.Request
	generate, storage string
	n, count          int
	condition, ratio  float64 // of a generated truth
	noise             float64 // of a generated y
	y, truth          string
	trueRank          int
	u0, init          string
	scale             float64
	power, theory     bool
	isometry          int
	saveU             string

	runs []*Flags // one, or those of --vary
}

// sensingProblem is what is measured, y, and the truth where it is known.
type sensingProblem[T blas.Float] struct {
	a     operator.Measurement[T]
	y     []T
	truth *blas.General[float64]

	isometry *sensing.Isometry // nil where it is not asked for
}

// rank is r*, 0 where nobody says.
func (p *sensingProblem[T]) rank(f *Flags) int {
	if f.trueRank == 0 && p.truth != nil {
		return p.truth.Cols
	}
	return f.trueRank
}

// checkOrder validates --true-rank, once the order of the matrices is known.
func (f *Flags) checkOrder(n int) error {
	if f.trueRank > n {
		return run.Usagef("--true-rank is %d; the matrices have order %d, so the rank is at most %d", f.trueRank, n, n)
	}
	return nil
}
