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
	// Stopped: the caller's own rule, Stop.When, ended it.
	Stopped
	// Cancelled: the context ended first.
	Cancelled
	// Failed: a step could not be made, because data could not be read.
	Failed
	// AtRounding: the gradient is as small as rounding lets it become, Stop.Rounding.
	AtRounding
)

func (s Status) String() string {
	switch s {
	case IterationLimit:
		return "iteration limit"
	case Converged:
		return "converged"
	case Diverged:
		return "diverged"
	case Stopped:
		return "stopped by its rule"
	case Cancelled:
		return "cancelled"
	case Failed:
		return "failed"
	case AtRounding:
		return "converged to rounding"
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
	// whose difference it is, at the iterate before the last step, or at the
	// current one where the solver knows it there.
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
	// Rounding, if not nil, ends the run where the gradient is at rounding.
	Rounding *Rounding
	// When, if not nil, is asked before each step and ends the run when true. Its
	// time counts as that of a step.
	When func() bool
}

// Recorder observes a run.
type Recorder interface {
	// Record is called with the iterate number t. Its time is not counted in
	// Result.Seconds. An error ends the run.
	Record(t int) error
}

// TimedRecorder is a recorder that is told, before each Record, the time in steps
// since Run began.
type TimedRecorder interface {
	Recorder
	Elapsed(inSteps time.Duration)
}

// DivergenceRecorder is a recorder that Run tells, before the last Record, of the divergence
// that ended it.
type DivergenceRecorder interface {
	Recorder
	End(d *Divergence)
}

// Resumed is a method that may go on from the end of a run that diverged: Run,
// though not RunEach, then makes no step.
type Resumed interface {
	Method
	// Ended is the divergence, nil where there was none.
	Ended() *Divergence
}

// Schedule says which iterates a recorder sees: those whose number is a
// multiple of Every, and the last one. Every < 1 is none.
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
	Gradient   float64       // Method.RelativeGradient at the end
	Reason     string        // of a divergence
}

// Run makes steps until the stop rule, divergence or the context ends it. The
// recorders of one iterate are called in their order. The error is not nil only
// when a step or a recorder failed.
func Run(ctx context.Context, m Method, stop Stop, recorders ...Schedule) (Result, error) {
	r := run{Method: m, recorders: recorders, recorded: make([]int, len(recorders)), start: m.Iteration(), passes: m.Passes()}
	for i := range r.recorded {
		r.recorded[i] = -1
	}
	if err := r.record(false); err != nil {
		return r.result(Failed, ""), err
	}
	status, reason := IterationLimit, ""
	var diverged *Divergence
	if e, ok := m.(Resumed); ok {
		diverged = e.Ended()
	}
	r.began = time.Now()
	for {
		if diverged != nil {
			status, reason = Diverged, diverged.Error()
			break
		}
		// First, so that a run that goes on from its converged end stays there.
		if stop.Tolerance > 0 && m.RelativeGradient() <= stop.Tolerance {
			status = Converged
			break
		}
		if stop.Rounding != nil && stop.Rounding.Reached() {
			status = AtRounding
			break
		}
		if stop.When != nil && stop.When() {
			status = Stopped
			break
		}
		if m.Iteration() >= stop.Iterations {
			break
		}
		if ctx.Err() != nil {
			status = Cancelled
			break
		}
		if err := m.Step(); err != nil {
			if !errors.As(err, &diverged) {
				r.pause()
				return r.result(Failed, ""), err
			}
			continue
		}
		if r.due() {
			r.pause()
			if err := r.record(false); err != nil {
				return r.result(Failed, ""), err
			}
			r.began = time.Now()
		}
	}
	r.pause()
	if diverged != nil {
		r.end(diverged)
	}
	if err := r.record(true); err != nil {
		return r.result(Failed, ""), err
	}
	return r.result(status, reason), nil
}

// run is a Run under way.
type run struct {
	Method
	recorders     []Schedule
	recorded      []int // the last iterate that each recorder saw
	start, passes int
	began         time.Time
	inSteps       time.Duration
}

// pause stops the clock of the steps.
func (r *run) pause() { r.inSteps += time.Since(r.began) }

func (r *run) due() bool {
	for _, rec := range r.recorders {
		if rec.Every > 0 && r.Iteration()%rec.Every == 0 {
			return true
		}
	}
	return false
}

// end tells the recorders of a divergence.
func (r *run) end(d *Divergence) {
	for _, rec := range r.recorders {
		if e, ok := rec.Recorder.(DivergenceRecorder); ok {
			e.End(d)
		}
	}
}

func (r *run) record(last bool) error {
	t := r.Iteration()
	for i, rec := range r.recorders {
		if rec.Every < 1 || r.recorded[i] == t || !last && t%rec.Every != 0 {
			continue
		}
		r.recorded[i] = t
		if timed, ok := rec.Recorder.(TimedRecorder); ok {
			timed.Elapsed(r.inSteps)
		}
		if err := rec.Record(t); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) result(s Status, reason string) Result {
	return Result{
		Status: s, Reason: reason, Time: r.inSteps, Gradient: r.RelativeGradient(),
		Iterations: r.Iteration() - r.start, Passes: r.Passes() - r.passes,
	}
}
