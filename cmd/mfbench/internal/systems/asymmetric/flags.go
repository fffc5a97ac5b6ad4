package asymmetric

import (
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers/operator"
)

// Flags are the flags of solve asymmetric.
type Flags struct {
	run.Request
	run.MethodFlags
	generate, form  string
	m, n            int
	ratio, noise    float64
	x0, y0, init    string
	trueRank        int
	sigma1, sigmaR  float64
	eps, tau, c, nu float64
	simultaneous    bool
	theory          bool
	saveX, saveY    string
	theoryStep      bool          // --step by its name
	singular        int           // how many leading singular values are needed
	step            run.FoundStep // by --step auto

	runs []*Flags // one, or those of --vary
}

// problemOf is A, and what is known of a generated one.
type problemOf[T blas.Float] struct {
	a     operator.Rectangular[T]
	known *problem.Rectangular
}

// checkOrder validates --true-rank, once the shape of A is known.
func (f *Flags) checkOrder(m, n int) error {
	if f.trueRank > min(m, n) {
		return run.Usagef("--true-rank is %d; A is %d×%d, so its rank is at most %d", f.trueRank, m, n, min(m, n))
	}
	return nil
}
