package solvers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Ensemble are runs of one problem, from several starts or with several steps,
// whose iterations read the data once for all.
type Ensemble interface {
	// Members are the runs. Each may be looked at as any Method; their own Step
	// makes a pass for that member alone.
	Members() []Method
	// StepEach makes one iteration of the members with these numbers, which
	// ascend, in one pass. errs, as long as run, receives what Step of each
	// would have returned; the error is that of the pass.
	StepEach(run []int, errs []error) error
}

// EnsembleOf is an ensemble whose members make their own passes, one after the
// other: of problems that fit in cache.
func EnsembleOf[M Method](members ...M) Ensemble { return each(MethodsOf(members)) }

// SharingOf is an ensemble whose members share their passes by themselves, and are
// stepped one after the other.
func SharingOf[M Method](members ...M) Ensemble { return sharing{each(MethodsOf(members))} }

type sharing struct{ each }

// Shared tells whether the members of an ensemble share their passes, as they do
// unless EnsembleOf made it.
func Shared(e Ensemble) bool {
	_, own := e.(each)
	return !own
}

// MethodsOf are the members of one kind as methods.
func MethodsOf[M Method](members []M) []Method {
	methods := make([]Method, len(members))
	for i, m := range members {
		methods[i] = m
	}
	return methods
}

type each []Method

func (e each) Members() []Method { return e }

func (e each) StepEach(run []int, errs []error) error {
	for at, i := range run {
		errs[at] = e[i].Step()
	}
	return nil
}

// Finisher is a method that is told when RunEach has made its last step, where others that
// share something with it go on: unless its Stop.When or the context ended it. It may be
// stepped again later.
type Finisher interface {
	Method
	Finish()
}

// RunEach is Run for the members of an ensemble: member i makes steps until
// stops[i], its divergence or the context ends it, and recorders[i], which may
// be nil, sees it. A member that has ended costs nothing more. Result.Time is the
// time of the shared passes up to the member's end, Result.Passes the member's
// own count. Each trajectory has the bits that it has alone.
func RunEach(ctx context.Context, e Ensemble, stops []Stop, recorders [][]Schedule) ([]Result, error) {
	members := e.Members()
	if len(stops) != len(members) || recorders != nil && len(recorders) != len(members) {
		panic(badEnsemble)
	}
	g := &group{ensemble: e, stops: stops, results: make([]Result, len(members)), ended: make([]bool, len(members))}
	for i, m := range members {
		r := run{Method: m, start: m.Iteration(), passes: m.Passes()}
		if recorders != nil {
			r.recorders = recorders[i]
		}
		r.recorded = make([]int, len(r.recorders))
		for j := range r.recorded {
			r.recorded[j] = -1
		}
		g.runs = append(g.runs, r)
		if err := g.runs[i].record(false); err != nil {
			return g.fail(i, err)
		}
	}
	g.began = time.Now()
	for {
		if i, err := g.stop(ctx); err != nil {
			return g.fail(i, err)
		}
		if len(g.active) == 0 {
			return g.results, nil
		}
		if i, err := g.step(); err != nil {
			return g.fail(i, err)
		}
	}
}

// group is a RunEach under way.
type group struct {
	ensemble Ensemble
	runs     []run
	stops    []Stop
	results  []Result
	ended    []bool
	active   []int // members that go on
	errs     []error
	began    time.Time
	inSteps  time.Duration
}

// stop ends the members whose stop rule is met, and finds those that go on.
func (g *group) stop(ctx context.Context) (int, error) {
	g.active = g.active[:0]
	for i := range g.runs {
		if g.ended[i] {
			continue
		}
		m, stop := g.runs[i].Method, g.stops[i]
		switch {
		case stop.Tolerance > 0 && m.RelativeGradient() <= stop.Tolerance:
			if err := g.end(i, Converged, ""); err != nil {
				return i, err
			}
		case stop.Rounding != nil && stop.Rounding.Reached():
			if err := g.end(i, AtRounding, ""); err != nil {
				return i, err
			}
		case stop.When != nil && stop.When():
			if err := g.end(i, Stopped, ""); err != nil {
				return i, err
			}
		case m.Iteration() >= stop.Iterations:
			if err := g.end(i, IterationLimit, ""); err != nil {
				return i, err
			}
		case ctx.Err() != nil:
			if err := g.end(i, Cancelled, ""); err != nil {
				return i, err
			}
		default:
			g.active = append(g.active, i)
		}
	}
	return 0, nil
}

// step makes one iteration of the members that go on, and shows it to their
// recorders.
func (g *group) step() (int, error) {
	g.errs = slices.Grow(g.errs[:0], len(g.active))[:len(g.active)]
	clear(g.errs)
	if err := g.ensemble.StepEach(g.active, g.errs); err != nil {
		return g.active[0], err
	}
	for at, i := range g.active {
		var d *Divergence
		switch err := g.errs[at]; {
		case errors.As(err, &d):
			if err := g.end(i, Diverged, d.Error()); err != nil {
				return i, err
			}
		case err != nil:
			return i, err
		case g.runs[i].due():
			g.pause(i)
			err := g.runs[i].record(false)
			g.began = time.Now()
			if err != nil {
				return i, err
			}
		}
	}
	return 0, nil
}

// pause stops the clock of the steps and sets that of member i.
func (g *group) pause(i int) {
	g.inSteps += time.Since(g.began)
	g.runs[i].inSteps = g.inSteps
}

// end shows a member's last iterate to its recorders.
func (g *group) end(i int, s Status, reason string) error {
	g.pause(i)
	err := g.runs[i].record(true)
	g.results[i], g.ended[i] = g.runs[i].result(s, reason), true
	g.began = time.Now()
	if f, ok := g.runs[i].Method.(Finisher); ok && s != Stopped && s != Cancelled {
		f.Finish()
	}
	return err
}

// fail ends all members that go on because member i could not.
func (g *group) fail(i int, err error) ([]Result, error) {
	for j := range g.runs {
		if !g.ended[j] {
			g.results[j] = g.runs[j].result(Failed, "")
		}
	}
	return g.results, fmt.Errorf("run %d of the ensemble: %w", i+1, err)
}

// badEnsemble is the panic string of RunEach.
const badEnsemble = "solvers: an ensemble needs a stop rule for each member, and recorders for each or none"
