package lowrank

import (
	"time"

	"gonum.org/v1/gonum/mat"

	"lowrank/solvers"
)

// Result is what a run reached, and how.
type Result struct {
	// X is the last iterate, d×rank or m×rank, and Y that of XYᵀ, n×rank; Y is nil after
	// Symmetric. They are the caller's.
	X, Y *mat.Dense

	Status     Status
	Iterations int
	// Passes counts readings of the matrix: one an iteration by the direct method, some
	// tens by a Krylov basis, and those that estimated σ_1.
	Passes int
	// Error is ‖Σ − XXᵀ‖_F/‖Σ‖_F, or ‖XYᵀ − A‖_F/‖A‖_F. The part of the matrix that no
	// product of this rank can hold is in it. It is the distance itself where the matrix
	// is zero.
	Error float64
	// Gradient is the relative gradient of Settings.Tolerance at the iterate before the
	// last, whose step was the last one made. It is NaN where that is divided by zero: where
	// the matrix is zero and the start is not.
	Gradient float64

	// Step is η; one that was chosen is 0 or infinite where the number leaves the range of
	// float64, which a matrix near the ends of it may bring about. Method is what was taken, Direct or Krylov; a run that took Krylov by
	// itself goes on by direct iterations where the basis costs more than it is worth.
	Step   float64
	Method Method
	// Uncertainty estimates by which part of itself X may differ from what the direct
	// method gives, rounding included; 0 for that method.
	Uncertainty float64
	// Time is that of the iterations: neither of reading the matrix nor of Record.
	Time time.Duration
}

// Status says why a run ended.
type Status = solvers.Status

const (
	// IterationLimit: Settings.Iterations were made.
	IterationLimit = solvers.IterationLimit
	// Converged: Settings.Tolerance was reached.
	Converged = solvers.Converged
	// Diverged: the iterates grew without bound. The error is a *Divergence.
	Diverged = solvers.Diverged
	// Stopped: Settings.Record returned ErrStop.
	Stopped = solvers.Stopped
	// Cancelled: Settings.Context was done. The error is the context's.
	Cancelled = solvers.Cancelled
	// Failed: Settings.Record returned another error, or memory does not suffice for the
	// Krylov basis that was asked for. The error tells.
	Failed = solvers.Failed
)

// Divergence is the error of a run whose iterates grow without bound, as a step that is too
// large makes them:
//
//	var d *lowrank.Divergence
//	if errors.As(err, &d) { … }
//
// The result of the run then holds the last finite iterate.
type Divergence = solvers.Divergence

// Iterate is what Settings.Record sees of a run. It is valid until Record returns.
type Iterate struct {
	Iteration int
	// Gradient is the relative gradient at the iterate before; NaN for the first.
	Gradient float64
	// Elapsed is the time of the iterations so far.
	Elapsed time.Duration

	of *run
}

// X is a copy of the iterate.
func (i Iterate) X() *mat.Dense { return i.of.factor(i.of.at.x) }

// Y is a copy of the second factor of XYᵀ; nil in a run of Symmetric.
func (i Iterate) Y() *mat.Dense { return i.of.factor(i.of.at.y) }

// Error is that of Result, for the iterate. It takes as long as several iterations.
func (i Iterate) Error() (float64, error) { return i.of.at.relativeError() }
