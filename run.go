package lowrank

import (
	"context"
	"errors"
	"math"
	"time"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/data/memory"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// trajectory is a solver at its first iterate, by either method.
type trajectory struct {
	solvers.Method
	x, y          func() blas.General[float64]       // the factors; y is nil in Symmetric
	size          func() float64                     // ‖X‖_F, where X may vanish; else nil
	relativeError func() (float64, error)            // of Result
	errors        func() (inBasis, rounding float64) // of a run in a basis; nil for the direct method
}

// problem is what Symmetric and Asymmetric give to a run.
type problem struct {
	input
	settings Settings
	step     float64 // in the units of the run
	passes   int     // of the estimate
	work     krylov.Work
	direct   func() trajectory
	inBasis  func(limit krylov.Limits) (trajectory, error)
}

// usualIterations is what a run that has a tolerance is expected to make, by which the
// method is chosen: with a gap of a tenth of λ_1 the relative gradient falls to 1e-8 in
// about 700.
const usualIterations = 1000

// run is a factorization under way.
type run struct {
	problem
	at       trajectory
	recorded int // the last iterate that Record saw
	calls    int // of when
	// How the recorder or the run itself asks for its end.
	stopped, vanished, lost bool
	start                   float64 // ‖X_0‖_F
}

// solve runs a problem by the method of its settings.
func (p problem) solve() (*Result, error) {
	s := p.settings
	p.work.Runs, p.work.Bases, p.work.Iterations = 1, 1, s.Iterations
	if s.Tolerance > 0 {
		p.work.Iterations = min(s.Iterations, usualIterations)
	}
	r := &run{problem: p, recorded: -1}
	method := s.Method
	free := memory.Available()
	if method == Auto {
		method = Direct
		if p.top > 0 && p.work.Faster(free) {
			method = Krylov
		}
	}
	var before *Result // of a basis in which the trajectory could not be told
	if method == Krylov {
		at, err := p.inBasis(p.work.Limits(s.Method == Auto, 0, free))
		if err != nil {
			return nil, err
		}
		result, err := r.run(at, Krylov)
		if !r.lost {
			return result, err
		}
		before = result
		r.lost = false
	}
	result, err := r.run(p.direct(), Direct)
	if before != nil {
		result.Passes += before.Passes - p.passes
		result.Time += before.Time
	}
	return result, err
}

// run makes the iterations of a trajectory.
func (r *run) run(at trajectory, method Method) (*Result, error) {
	s := r.settings
	r.at = at
	if at.size != nil {
		r.start = at.size()
	}
	stop := solvers.Stop{Iterations: s.Iterations, Tolerance: s.Tolerance, When: r.when}
	var recorders []solvers.Schedule
	if s.Record != nil {
		recorders = append(recorders, solvers.Schedule{Recorder: &recorder{run: r}, Every: s.Every})
	}
	var diverged ending
	recorders = append(recorders, solvers.Schedule{Recorder: &diverged})
	ended, err := solvers.Run(s.Context, at, stop, recorders...)
	if r.tellsNothing() {
		r.lost = true
	}
	result := &Result{
		Status: ended.Status, Iterations: at.Iteration(), Passes: r.passes + at.Passes(), Gradient: ended.Gradient,
		Step: r.step / r.unit / r.unit, Method: method, Time: ended.Time,
	}
	if s.Step != 0 {
		result.Step = s.Step
	}
	if r.lost {
		return result, nil
	}
	if r.vanished {
		result.Status = Converged
	}
	result.X, result.Y = r.factor(at.x), r.factor(at.y)
	if at.errors != nil {
		inBasis, rounding := at.errors()
		result.Uncertainty = inBasis + rounding
	}
	var failed error
	if result.Error, failed = at.relativeError(); err == nil {
		err = failed
	}
	switch {
	case err != nil:
	case result.Status == Diverged:
		err = diverged.by
	case result.Status == Cancelled:
		err = context.Cause(s.Context)
	}
	return result, err
}

// looks is after how many steps the run looks whether X has vanished, or can no longer be
// told.
const looks = 32

// when ends a run before a step.
func (r *run) when() bool {
	if r.stopped || r.lost {
		return true
	}
	if r.calls++; r.calls%looks != 0 {
		return false
	}
	if r.at.size != nil && r.settings.Tolerance > 0 {
		// Far below the start it got there by shrinking: Σ pulls all of it to zero.
		least := r.settings.Tolerance * math.Sqrt(r.top)
		r.vanished = r.start > least && r.at.size() <= least
	}
	r.lost = r.tellsNothing()
	return r.vanished || r.lost
}

// tellsNothing says whether the iterate in a basis says nothing of that of the direct
// method.
func (r *run) tellsNothing() bool {
	if r.at.errors == nil {
		return false
	}
	inBasis, rounding := r.at.errors()
	return !(inBasis+rounding <= krylov.Unpredictable)
}

// factor is a copy in the units of the caller.
func (r *run) factor(of func() blas.General[float64]) *mat.Dense {
	if of == nil {
		return nil
	}
	x := of().Clone()
	if r.unit != 1 {
		multiply(x, r.unit)
	}
	return mat.NewDense(x.Rows, x.Cols, x.Data)
}

// recorder calls Settings.Record with iterates that it has not seen: where the direct
// method begins again after a basis, the first ones were recorded.
type recorder struct {
	*run
	elapsed time.Duration
}

func (rec *recorder) Elapsed(inSteps time.Duration) { rec.elapsed = inSteps }

func (rec *recorder) Record(t int) error {
	if rec.lost = rec.tellsNothing(); rec.lost || t <= rec.recorded {
		return nil
	}
	rec.recorded = t
	err := rec.settings.Record(Iterate{Iteration: t, Gradient: rec.at.RelativeGradient(), Elapsed: rec.elapsed, of: rec.run})
	if errors.Is(err, ErrStop) {
		rec.stopped = true
		return nil
	}
	return err
}

// ending keeps the divergence that ended a run; it records no iterate.
type ending struct{ by *Divergence }

func (e *ending) Record(int) error  { return nil }
func (e *ending) End(d *Divergence) { e.by = d }

// relative is a distance as a part of a norm, the distance itself where that is zero.
func relative(distance, norm float64, err error) (float64, error) {
	if norm == 0 {
		norm = 1
	}
	return distance / norm, err
}
