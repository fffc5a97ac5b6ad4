package run

import (
	"context"
	"fmt"
	"time"

	"lowrank/blas"
	"lowrank/solvers"
)

// All makes the runs of the requests, of systems that build makes: one, or with --vary
// several, all from one reading of the data an iteration.
func All[R interface{ Base() *Request }, S Solver](ctx context.Context, requests []R, b *blas.Backend, began time.Time, build func(R) (System, S, error), together func(members ...S) solvers.Ensemble) error {
	first := requests[0].Base()
	systems, members := make([]System, len(requests)), make([]S, len(requests))
	for i, r := range requests {
		var err error
		if systems[i], members[i], err = build(r); err != nil {
			return err
		}
		systems[i].request = r.Base()
	}
	if len(first.Runs) == 0 {
		return first.run(ctx, b, began, systems[0])
	}
	bar := StartProgress(first.Cmd.ErrOrStderr(), first.Quiet, fmt.Sprintf("%s, %d runs", systems[0].Name, len(members)), first.Iters)
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
	ensemble := together(members...)
	if p := first.Probe; p != nil {
		ensemble = p.learnEach(began, ensemble, stops, schedules)
		defer p.reported()
	}
	results, runErr := solvers.RunEach(ctx, ensemble, stops, schedules)
	if p := first.Probe; p != nil {
		p.ran()
	}
	bar.Stop()
	return first.reportEach(b, began, systems, results, runErr)
}
