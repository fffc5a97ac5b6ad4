package run

import (
	"errors"
	"runtime/metrics"
	"time"

	"lowrank/solvers"
)

// Probe takes the times of a run that plan learns from, and ends it after some
// time in iterations.
type Probe struct {
	Most time.Duration // in iterations

	Setup, Report time.Duration
	Steps         []float64 // seconds
	Records       []*timedRecorder
	first, end    time.Time // of the iterations
	Diverged      bool
	Allocated     float64 // bytes in the iterations, by recorders: a step allocates nothing
}

// leastSteps are made however long they take.
const leastSteps = 3

// learn makes a method and its recorders ones whose times are taken, and a rule that
// ends the run when it is time; began is when its set-up did.
func (p *Probe) learn(began time.Time, m solvers.Method, stop solvers.Stop, schedules []solvers.Schedule) (solvers.Method, solvers.Stop, []solvers.Schedule) {
	return probed{m, p}, p.limit(began, stop), p.watch(schedules)
}

// learnEach is learn for an ensemble, of whose runs it changes stops and schedules.
func (p *Probe) learnEach(began time.Time, e solvers.Ensemble, stops []solvers.Stop, schedules [][]solvers.Schedule) solvers.Ensemble {
	for i := range stops {
		schedules[i] = p.watch(schedules[i])
		stops[i] = p.limit(began, stops[i])
	}
	return probedEach{e, p}
}

// probed is a method whose steps are timed.
type probed struct {
	solvers.Method
	*Probe
}

func (m probed) Step() error { return m.step(m.Method.Step) }

// probedEach is an ensemble whose steps are timed.
type probedEach struct {
	solvers.Ensemble
	*Probe
}

func (e probedEach) StepEach(run []int, errs []error) error {
	return e.step(func() error { return e.Ensemble.StepEach(run, errs) })
}

// limit ends a run when it is time; began is when its set-up did.
func (p *Probe) limit(began time.Time, stop solvers.Stop) solvers.Stop {
	p.Setup = time.Since(began)
	p.Allocated = -allocated()
	stop.When = func() bool {
		if p.first.IsZero() {
			p.first = time.Now()
		}
		return len(p.Steps) >= leastSteps && time.Since(p.first) > p.Most
	}
	return stop
}

// allocated is how many bytes this process has allocated in its time.
func allocated() float64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return float64(sample[0].Value.Uint64())
}

// step makes an iteration.
func (p *Probe) step(make func() error) error {
	start := time.Now()
	err := make()
	p.Steps = append(p.Steps, time.Since(start).Seconds())
	var d *solvers.Divergence
	p.Diverged = p.Diverged || errors.As(err, &d)
	return err
}

// ran is called when the iterations are over, reported when the results are saved
// and reported.
func (p *Probe) ran() {
	p.end = time.Now()
	p.Allocated += allocated()
}

func (p *Probe) reported() {
	p.Report = time.Since(p.end)
}

// watch takes the times of recorders, which are called more often than they would
// be in a long run.
func (p *Probe) watch(schedules []solvers.Schedule) []solvers.Schedule {
	const often = 16
	var watched []solvers.Schedule
	for _, s := range schedules {
		_, saves := s.Recorder.(*checkpointer)
		r := &timedRecorder{Recorder: s.Recorder, Every: s.Every, Saves: saves}
		p.Records = append(p.Records, r)
		watched = append(watched, solvers.Schedule{Recorder: r, Every: min(s.Every, often)})
	}
	return watched
}

// timedRecorder is a recorder whose time is taken.
type timedRecorder struct {
	solvers.Recorder
	Every   int       // as it was asked for
	Saves   bool      // it writes checkpoints
	Seconds []float64 // of each call
}

func (r *timedRecorder) Record(t int) error {
	start := time.Now()
	err := r.Recorder.Record(t)
	r.Seconds = append(r.Seconds, time.Since(start).Seconds())
	return err
}

func (r *timedRecorder) Elapsed(inSteps time.Duration) {
	if timed, ok := r.Recorder.(solvers.TimedRecorder); ok {
		timed.Elapsed(inSteps)
	}
}

func (r *timedRecorder) End(d *solvers.Divergence) {
	if e, ok := r.Recorder.(solvers.DivergenceRecorder); ok {
		e.End(d)
	}
}
