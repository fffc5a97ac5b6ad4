package run

import (
	"context"
	"fmt"
	"time"

	"lowrank/blas"
	"lowrank/solvers"
)

// runEach makes the iterations of the systems of --vary, all from one reading of the data
// an iteration, saves what they led to and reports.
func (f *Request) runEach(ctx context.Context, b *blas.Backend, began time.Time, systems []System, ensemble solvers.Ensemble) error {
	bar := StartProgress(f.Cmd.ErrOrStderr(), f.Quiet, fmt.Sprintf("%s, %d runs", systems[0].Name, len(systems)), f.Iters)
	schedules, stops := make([][]solvers.Schedule, len(systems)), make([]solvers.Stop, len(systems))
	for i, s := range systems {
		if s.request.Trace != "" || s.Always {
			schedules[i] = append(schedules[i], solvers.Schedule{Recorder: s.Recorder, Every: s.request.Every})
		}
		for _, r := range s.Watch {
			schedules[i] = append(schedules[i], solvers.Schedule{Recorder: r, Every: 1})
		}
		stops[i] = bar.watch(s.Solver, solvers.Stop{Iterations: s.request.Iters, Tolerance: s.request.Tol})
	}
	if p := f.Probe; p != nil {
		ensemble = p.learnEach(began, ensemble, stops, schedules)
		defer p.reported()
	}
	results, runErr := solvers.RunEach(ctx, ensemble, stops, schedules)
	if p := f.Probe; p != nil {
		p.ran()
	}
	bar.Stop()
	return f.reportEach(b, began, systems, results, runErr)
}
