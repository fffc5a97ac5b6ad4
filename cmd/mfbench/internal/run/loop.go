package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers"
)

// Start runs a command in its element type, under the profiles asked for.
func (f *Request) Start(in64, in32 func(ctx context.Context) error) error {
	in := in64
	if f.Dtype == "f32" {
		in = in32
	}
	if f.Planning || !f.profiles.asked() { // profiles are of the run
		return in(f.Cmd.Context())
	}
	return f.profiles.During(f.Cmd.Context(), "solve "+f.Cmd.Name(), in)
}

// All makes the runs of the requests, of systems that build makes: one, or with --vary
// several, all from one reading of the data an iteration.
func All[R interface{ Base() *Request }, S Solver](ctx context.Context, requests []R, b *blas.Backend, began time.Time, build func(R) (System, S, error), together func(members ...S) solvers.Ensemble) error {
	first := requests[0].Base()
	systems := make([]System, len(requests))
	which := make([]int, len(requests))
	for i := range which {
		which[i] = i
	}
	// again makes those with these numbers, anew where a step was halved.
	again := func(which []int) (solvers.Ensemble, error) {
		var members []S
		for _, i := range which {
			system, member, err := build(requests[i])
			if err != nil {
				return nil, err
			}
			system.request = requests[i].Base()
			systems[i], members = system, append(members, member)
		}
		if len(first.Runs) == 0 {
			return nil, nil
		}
		return together(members...), nil
	}
	if err := first.Checkpoint.halvings(&first.halvings); err != nil {
		return err
	}
	ensemble, err := again(which)
	if err != nil {
		return err
	}
	if len(first.Runs) > 0 {
		return first.runEach(ctx, b, began, systems, ensemble, again)
	}
	for {
		if err := first.run(ctx, b, began, systems[0]); !errors.Is(err, errHalve) {
			return err
		}
		if _, err := again(which); err != nil {
			return err
		}
	}
}

// run makes the iterations of a system, from its checkpoint if there is one,
// saves what they led to and reports.
func (f *Request) run(ctx context.Context, b *blas.Backend, began time.Time, s System) error {
	var schedules []solvers.Schedule
	var states []stateful
	see := func(r solvers.Recorder, every int) {
		schedules = append(schedules, solvers.Schedule{Recorder: r, Every: every})
		if state, ok := r.(stateful); ok {
			states = append(states, state)
		}
	}
	if f.Trace != "" || s.Always {
		see(s.Recorder, f.Every)
	}
	for _, r := range s.Watch {
		see(r, 1)
	}
	var before time.Duration // of the runs that this one continues
	var diverged *solvers.Divergence
	stop := f.stop(s.Solver)
	if f.Checkpoint.file != "" {
		bits := append([]any{b.Name, bench.RowName(b), f.Dtype, f.Trace != "", f.Every, f.ProblemSeed()}, s.Bits...)
		fingerprint, err := s.Solver.Fingerprint(bits...)
		if err != nil {
			return err
		}
		saver := &checkpointer{file: f.Checkpoint.file, fingerprint: fingerprint, method: s.Method, solver: s.Solver, trace: s.Trace, recorders: states, rounding: stop.Rounding, halvings: &f.halvings, abandoned: &f.abandoned}
		if before, err = f.Checkpoint.restore(saver, f.Iters); err != nil {
			return err
		}
		diverged = saver.diverged
		schedules = append([]solvers.Schedule{{Recorder: saver, Every: f.Checkpoint.every}}, schedules...)
	}
	bar := StartProgress(f.Cmd.ErrOrStderr(), f.Quiet, s.Name, f.Iters)
	method := solvers.Method(s.Solver)
	stop = bar.watch(s.Solver, stop)
	if diverged != nil {
		method = ended{method, diverged}
	}
	if f.Probe != nil {
		method, stop, schedules = f.Probe.learn(began, method, stop, schedules)
	}
	res, runErr := solvers.Run(ctx, method, stop, schedules...)
	if f.Probe != nil {
		f.Probe.ran()
	}
	bar.Stop()
	if runErr == nil && f.halves(res) {
		return errHalve
	}
	res.Time += before + s.Took
	res.Iterations, res.Passes = s.Solver.Iteration(), s.Solver.Passes()

	// First, because the report may take long and be interrupted.
	saved, saveErr := f.saveResults(s, f.Trace)
	out := s.alone(b, res)
	if err := s.Report(out); err != nil && runErr == nil {
		runErr = err
	}
	var checks []solvers.Check
	if s.Checks != nil && runErr == nil {
		checks = s.Checks()
		out["checks"] = checkObjects(checks)
	}
	if saveErr == nil {
		saved, saveErr = f.saveConfigs(b, saved, out, s, nil)
	}
	finish(out, began)
	if f.Probe != nil {
		f.Probe.reported()
	}
	var err error
	if f.JSON {
		err = PrintJSON(f.Cmd.OutOrStdout(), out)
	} else {
		f.printReport(s, out, saved, checks)
	}
	switch {
	case runErr != nil:
		return runErr
	case saveErr != nil:
		return saveErr
	case err != nil:
		return err
	case res.Status == solvers.Diverged:
		return fmt.Errorf("%s; %s is the last finite iterate", res.Reason, s.Iterate)
	case res.Status == solvers.Cancelled:
		return errors.New(f.cancelled(res.Iterations))
	}
	return f.unjudged(res)
}

// ended is a method that goes on from the end of a run that diverged.
type ended struct {
	solvers.Method
	diverged *solvers.Divergence
}

func (e ended) Ended() *solvers.Divergence { return e.diverged }
