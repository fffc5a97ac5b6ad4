package asymmetric

import (
	"fmt"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
	"lowrank/solvers/stepsize"
)

// beginning is how a run begins.
type beginning struct {
	start asymmetric.Start
	eta   float64
	p     asymmetric.Parameters
}

// beginAsymmetric is the beginning of the run that the flags ask for.
func beginAsymmetric[T blas.Float](f *Flags, b *blas.Backend, a operator.Rectangular[T]) (beginning, error) {
	start, balanced, err := startAsymmetric(f, a)
	if err != nil {
		return beginning{}, err
	}
	p := asymmetric.Parameters{
		Sigma1: f.sigma1, SigmaR: f.sigmaR, Rank: f.trueRank, Columns: f.Rank,
		C: f.c, Nu: f.nu, Tau: f.tau, Eps: f.eps,
	}
	eta := f.StepValue
	if f.Auto() {
		largest := 0.0 // of starts that depend on η: they move as balanced ones with η·‖X_0‖² of about ¼
		if balanced {
			largest = max(stepsize.LargestSingular(b, start.X), stepsize.LargestSingular(b, start.Y))
		}
		eta = f.Chosen(stepsize.For(f.step.Norm, largest), f.step)
	}
	if f.theoryStep || f.theory {
		distance, _, err := a.Distance(start.X, start.Y)
		if err != nil {
			return beginning{}, err
		}
		p.F0 = distance * distance / 2
	}
	if f.theoryStep {
		if eta, err = theoryStep(f, p); err != nil {
			return beginning{}, run.UsageOf(err)
		}
	}
	if err := run.CheckStep[T](eta, f.Dtype); err != nil {
		return beginning{}, err
	}
	if !balanced {
		start = start.Unbalanced(eta)
	}
	if err := run.CheckHeld[T]("X_0", start.X); err != nil {
		return beginning{}, err
	}
	if err := run.CheckHeld[T]("Y_0", start.Y); err != nil {
		return beginning{}, err
	}
	return beginning{start, eta, p}, nil
}

// startAsymmetric returns X_0 and Y_0; where they are not balanced yet, those
// for η = 1.
func startAsymmetric[T blas.Float](f *Flags, a operator.Rectangular[T]) (s asymmetric.Start, balanced bool, err error) {
	m, n := a.Dims()
	switch {
	case f.x0 != "":
		if s.X, err = run.ReadFactor(f.x0, "X_0", "m", m, f.Rank); err == nil {
			s.Y, err = run.ReadFactor(f.y0, "Y_0", "n", n, f.Rank)
		}
		return s, true, err
	case f.init == "proposed":
		s, err = asymmetric.ProposedStart(a, f.Rank, f.sigma1, f.c, f.c*f.nu/9, f.Seed)
		return s, false, err
	case f.init == "colspan":
		s, err = asymmetric.ColumnSpaceStart(a, f.Rank, f.Seed)
		return s, true, err
	default:
		return asymmetric.RandomStart(m, n, f.Rank, f.Seed), f.init == "random", nil
	}
}

// theoryStep is the step by its name. Its corollary has conditions on C and ν,
// which the step can be used without.
func theoryStep(f *Flags, p asymmetric.Parameters) (float64, error) {
	step, least, corollary := p.Step8, 4.0, "5.2"
	if f.Step == "theory9" {
		step, least, corollary = p.Step9, 8, "5.3"
	}
	eta, err := step()
	if err == nil && !f.Quiet && f.Run == 0 && (p.C < least || p.Nu > 0.5) {
		fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: Corollary %s says nothing of this run: it needs C ≥ %g and ν ≤ 1/2; they are %g and %g\n", corollary, least, p.C, p.Nu)
	}
	return eta, err
}
