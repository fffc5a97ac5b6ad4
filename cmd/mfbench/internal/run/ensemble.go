package run

import (
	"context"
	"fmt"
	"time"

	"lowrank/blas"
	"lowrank/solvers"
)

// runEach makes the iterations of the systems of --vary, all from one reading of the data
// an iteration, saves what they led to and reports. Those whose step is halved begin again
// together, once all have ended.
func (f *Request) runEach(ctx context.Context, b *blas.Backend, began time.Time, systems []System, ensemble solvers.Ensemble, again func(which []int) (solvers.Ensemble, error)) error {
	results := make([]solvers.Result, len(systems))
	which := make([]int, len(systems))
	for i := range which {
		which[i] = i
	}
	var runErr error
	if p := f.Probe; p != nil {
		defer p.reported()
	}
	for len(which) > 0 {
		var ended []solvers.Result
		ended, runErr = f.iterateEach(ctx, began, systems, which, ensemble)
		var halved []int
		for at, i := range which {
			results[i] = ended[at]
			if runErr == nil && systems[i].request.halves(ended[at]) {
				halved = append(halved, i)
			}
		}
		if which = halved; len(which) > 0 {
			var err error
			if ensemble, err = again(which); err != nil {
				return err
			}
		}
	}
	if p := f.Probe; p != nil {
		p.ran()
	}
	return f.reportEach(b, began, systems, results, runErr)
}

// iterateEach makes the iterations of the systems with these numbers.
func (f *Request) iterateEach(ctx context.Context, began time.Time, systems []System, which []int, ensemble solvers.Ensemble) ([]solvers.Result, error) {
	bar := StartProgress(f.Cmd.ErrOrStderr(), f.Quiet, fmt.Sprintf("%s, %d runs", systems[0].Name, len(which)), f.Iters)
	defer bar.Stop()
	schedules, stops := make([][]solvers.Schedule, len(which)), make([]solvers.Stop, len(which))
	for at, i := range which {
		s := systems[i]
		if s.request.Trace != "" || s.Always {
			schedules[at] = append(schedules[at], solvers.Schedule{Recorder: s.Recorder, Every: s.request.Every})
		}
		for _, r := range s.Watch {
			schedules[at] = append(schedules[at], solvers.Schedule{Recorder: r, Every: 1})
		}
		stops[at] = bar.watch(s.Solver, s.request.stop(s.Solver))
	}
	if p := f.Probe; p != nil {
		ensemble = p.learnEach(began, ensemble, stops, schedules)
	}
	return solvers.RunEach(ctx, ensemble, stops, schedules)
}
