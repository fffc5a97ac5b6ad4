package solvers

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Status says why a run ended.
type Status int

const (
	// IterationLimit: all iterations asked for were run.
	IterationLimit Status = iota
	// Converged: the relative gradient norm fell to the tolerance.
	Converged
	// Diverged: the iterates grew without bound or stopped being finite.
	Diverged
	// Cancelled: the context ended first.
	Cancelled
	// Failed: a step could not be made, because data could not be read.
	Failed
)

func (s Status) String() string {
	switch s {
	case IterationLimit:
		return "iteration limit"
	case Converged:
		return "converged"
	case Diverged:
		return "diverged"
	case Cancelled:
		return "cancelled"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("Status(%d)", int(s))
}

// Method is a solver as the run loop sees it.
type Method interface {
	// Step makes one iteration. It allocates nothing. A *Divergence error
	// says that the iterates grow without bound; the solver then holds the
	// last finite one.
	Step() error
	// Iteration is the number t of the iterate that the solver holds.
	Iteration() int
	// RelativeGradient is the gradient norm divided by the norm of the terms
	// whose difference it is, at the iterate before the last step.
	RelativeGradient() float64
	// Passes counts readings of the data.
	Passes() int
}

// Divergence is the error of a step whose iterates grow without bound.
type Divergence struct {
	Iteration int    // of the last finite iterate, which the solver holds
	Reason    string // what grew, with its number
}

func (d *Divergence) Error() string {
	return fmt.Sprintf("diverged at iteration %d: %s", d.Iteration, d.Reason)
}

// Stop says when a run ends.
type Stop struct {
	// Iterations is the number t of the last iterate, at least 0.
	Iterations int
	// Tolerance stops the run when the relative gradient norm is at most this;
	// 0 runs all iterations. A saddle point has a small gradient too.
	Tolerance float64
}

// Recorder observes a run.
type Recorder interface {
	// Record is called with the iterate number t. Its time is not counted in
	// Result.Seconds. An error ends the run.
	Record(t int) error
}

// Schedule says which iterates are recorded: every Every-th, the first and the
// last. Every < 1 records none.
type Schedule struct {
	Recorder
	Every int
}

// Result is how a run ended.
type Result struct {
	Status     Status
	Iterations int           // of this run
	Passes     int           // over the data, of this run
	Time       time.Duration // in steps alone: recording is not counted
	Gradient   float64       // relative gradient norm before the last step; NaN when no step was made
	Reason     string        // of a divergence
}

// Run makes steps until the stop rule, divergence or the context ends it. The
// error is not nil only when a step or the recorder failed.
func Run(ctx context.Context, m Method, stop Stop, rec Schedule) (Result, error) {
	start, passes := m.Iteration(), m.Passes()
	var inSteps time.Duration
	recorded := -1
	record := func() error {
		if rec.Every < 1 || rec.Recorder == nil || recorded == m.Iteration() {
			return nil
		}
		recorded = m.Iteration()
		return rec.Record(recorded)
	}
	end := func(s Status, reason string) Result {
		return Result{
			Status: s, Reason: reason, Time: inSteps, Gradient: m.RelativeGradient(),
			Iterations: m.Iteration() - start, Passes: m.Passes() - passes,
		}
	}
	if err := record(); err != nil {
		return end(Failed, ""), err
	}
	status, reason := IterationLimit, ""
	began := time.Now()
loop:
	for m.Iteration() < stop.Iterations {
		if ctx.Err() != nil {
			status = Cancelled
			break
		}
		if err := m.Step(); err != nil {
			inSteps += time.Since(began)
			var d *Divergence
			if !errors.As(err, &d) {
				return end(Failed, ""), err
			}
			status, reason = Diverged, d.Error()
			began = time.Now()
			break loop
		}
		if rec.Every > 0 && m.Iteration()%rec.Every == 0 {
			inSteps += time.Since(began)
			if err := record(); err != nil {
				return end(Failed, ""), err
			}
			began = time.Now()
		}
		if stop.Tolerance > 0 && m.RelativeGradient() <= stop.Tolerance {
			status = Converged
			break
		}
	}
	inSteps += time.Since(began)
	if err := record(); err != nil {
		return end(Failed, ""), err
	}
	return end(status, reason), nil
}
