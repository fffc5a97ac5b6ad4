package main

import (
	"errors"
	"runtime/metrics"
	"time"

	"lowrank/solvers"
)

// probe takes the times of a run that plan learns from, and ends it after some
// time in iterations. A nil probe does nothing.
type probe struct {
	most time.Duration // in iterations

	setup, report time.Duration
	steps         []float64 // seconds
	records       []*timedRecorder
	first, end    time.Time // of the iterations
	diverged      bool
	allocated     float64 // bytes in the iterations, by recorders: a step allocates nothing
}

// leastSteps are made however long they take.
const leastSteps = 3

// limit ends a run when it is time; began is when its set-up did.
func (p *probe) limit(began time.Time, stop solvers.Stop) solvers.Stop {
	if p == nil {
		return stop
	}
	p.setup = time.Since(began)
	p.allocated = -allocated()
	stop.When = func() bool {
		if p.first.IsZero() {
			p.first = time.Now()
		}
		return len(p.steps) >= leastSteps && time.Since(p.first) > p.most
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
func (p *probe) step(make func() error) error {
	if p == nil {
		return make()
	}
	start := time.Now()
	err := make()
	p.steps = append(p.steps, time.Since(start).Seconds())
	var d *solvers.Divergence
	p.diverged = p.diverged || errors.As(err, &d)
	return err
}

// ran is called when the iterations are over, reported when the results are saved
// and reported.
func (p *probe) ran() {
	if p != nil {
		p.end = time.Now()
		p.allocated += allocated()
	}
}

func (p *probe) reported() {
	if p != nil {
		p.report = time.Since(p.end)
	}
}

// watch takes the times of recorders, which are called more often than they would
// be in a long run.
func (p *probe) watch(schedules []solvers.Schedule) []solvers.Schedule {
	if p == nil {
		return schedules
	}
	const often = 16
	var watched []solvers.Schedule
	for _, s := range schedules {
		_, saves := s.Recorder.(*checkpointer)
		r := &timedRecorder{Recorder: s.Recorder, every: s.Every, saves: saves}
		p.records = append(p.records, r)
		watched = append(watched, solvers.Schedule{Recorder: r, Every: min(s.Every, often)})
	}
	return watched
}

// timedRecorder is a recorder whose time is taken.
type timedRecorder struct {
	solvers.Recorder
	every   int       // as it was asked for
	saves   bool      // it writes checkpoints
	seconds []float64 // of each call
}

func (r *timedRecorder) Record(t int) error {
	start := time.Now()
	err := r.Recorder.Record(t)
	r.seconds = append(r.seconds, time.Since(start).Seconds())
	return err
}

func (r *timedRecorder) Elapsed(inSteps time.Duration) {
	if timed, ok := r.Recorder.(solvers.Timed); ok {
		timed.Elapsed(inSteps)
	}
}

func (r *timedRecorder) End(d *solvers.Divergence) {
	if e, ok := r.Recorder.(solvers.Ender); ok {
		e.End(d)
	}
}
