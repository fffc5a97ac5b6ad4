package symmetric

import (
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// Flags are the flags of solve symmetric.
type Flags struct {
	run.Request
	symmetrize     bool
	generate, form string
	d              int

	x0, init string
	scale    float64
	theory   bool
	run.MethodFlags
	saveX       string
	wantsTheory bool // leading eigenpairs are needed

	runs []*Flags // one, or those of --vary
}

// problemOf is Σ, and its leading eigenpairs where they are known or were computed, by
// so many passes.
type problemOf[T blas.Float] struct {
	op     operator.Operator[T]
	basis  *symmetric.Eigenbasis
	passes int
}

// checkOrder validates --rank, once the order of Σ is known.
func (f *Flags) checkOrder(d int) error {
	switch {
	case f.Rank > d:
		return run.Usagef("--rank is %d; Σ has order %d, so the rank is at most %d", f.Rank, d, d)
	case f.wantsTheory && f.Rank == d:
		what := "--init " + f.init
		switch {
		case f.theory:
			what = "--theory"
		case f.Step == "theory":
			what = "--step theory"
		}
		if d == 1 {
			return run.Usagef("%s needs the r+1 leading eigenvalues; Σ has order 1, and so only one", what)
		}
		return run.Usagef("%s needs the r+1 leading eigenvalues; Σ has order %d, so --rank is at most %d", what, d, d-1)
	}
	return nil
}
