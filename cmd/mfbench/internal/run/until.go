package run

import (
	"fmt"

	"lowrank/solvers"
)

// usualIterations is what a run without --iters is expected to make, by which its method is
// chosen: with a gap of a tenth of λ_1 the relative gradient falls to 1e-8 in about 700.
const usualIterations = 1000

// UntilRounding says whether the run ends where its gradient is at rounding: without --iters.
func (f *Request) UntilRounding() bool { return !f.Changed("iters") }

// Expected is the number of iterations that the run is expected to make.
func (f *Request) Expected() int {
	if f.UntilRounding() {
		return usualIterations
	}
	return f.Iters
}

// stop says when a run of a solver ends.
func (f *Request) stop(m solvers.Method) solvers.Stop {
	s := solvers.Stop{Iterations: f.Iters, Tolerance: f.Tol}
	if rounded, ok := m.(solvers.Rounded); ok && f.UntilRounding() {
		s.Rounding = solvers.NewRounding(rounded)
	}
	return s
}

// cancelled says how far a run was when it was interrupted.
func (f *Request) cancelled(iterations int) string {
	if f.UntilRounding() {
		return fmt.Sprintf("cancelled after %d iterations", iterations)
	}
	return fmt.Sprintf("cancelled after %d of %d iterations", iterations, f.Iters)
}

// saidOf are the words for people beside a status.
var saidOf = map[string]string{
	solvers.IterationLimit.String(): "all iterations asked for were made",
	solvers.Converged.String():      "the relative gradient is at most --tol",
	solvers.AtRounding.String():     "the relative gradient is as small as rounding lets it become",
	solvers.Diverged.String():       "the iterates grow without bound: the step is too large for this start",
	solvers.Cancelled.String():      "interrupted before the end",
}

// statusLine is a status for people.
func (f *Request) statusLine(status string) string {
	words, ok := saidOf[status]
	if status == solvers.IterationLimit.String() && f.UntilRounding() {
		words = "the gradient did not come to rounding before this limit"
	}
	if !ok {
		return status
	}
	return status + "   " + words
}
