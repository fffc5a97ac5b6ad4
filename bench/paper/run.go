package paper

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lowrank/solvers"
)

// run makes the steps of a single run. See runEach.
func (m *making) run(ctx context.Context, stage string, method solvers.Method, r trajectory) (solvers.Result, error) {
	results, err := m.runEach(ctx, stage, solvers.EnsembleOf(method), []trajectory{r})
	if err != nil {
		return solvers.Result{}, err
	}
	return results[0], nil
}

// runEach makes the steps of an ensemble and adds them to the cost. A long run
// saves its state, from which another goes on with the same bits. A divergence
// is a result; the error is that of a step, of a recorder, or of the context.
// Rules (Stop.When) may be asked more than once about an iterate.
func (m *making) runEach(ctx context.Context, stage string, e solvers.Ensemble, runs []trajectory) ([]solvers.Result, error) {
	g := &ensembleRun{making: m, stage: m.unique(stage), ensemble: e, runs: runs, savedAt: time.Now()}
	n := len(runs)
	g.Results, g.Ended, g.last = make([]solvers.Result, n), make([]bool, n), make([]int, n)
	g.ruled, g.paused = make([]bool, n), make([]bool, n)
	for i, r := range runs {
		g.total = max(g.total, r.stop.Iterations)
		g.last[i] = -1
	}
	if err := g.restore(); err != nil {
		return nil, err
	}
	for slices.Contains(g.Ended, false) {
		if err := g.advance(ctx); err != nil {
			return nil, err
		}
		if ctx.Err() == nil && time.Since(g.savedAt) < stretch {
			continue // it ended, and soon
		}
		saved, err := g.save()
		if err != nil {
			return nil, err
		}
		if unfinished := slices.Index(g.Ended, false); unfinished >= 0 && ctx.Err() != nil {
			return nil, g.cancelled(e.Members()[unfinished].Iteration(), saved)
		}
	}
	m.progress(stage, g.total, g.total)
	loads := make([]load, n)
	for i, r := range runs {
		loads[i] = r.load
	}
	m.Cost.add(g.Results, loads, solvers.Shared(e), g.Spent)
	return g.Results, nil
}

// stretch is how long the state of a run is left unsaved. A test shortens it.
var stretch = 20 * time.Second

func (g *ensembleRun) cancelled(t int, saved bool) error {
	how := ""
	if saved {
		how = "; --resume goes on from there"
	}
	return fmt.Errorf("%s: cancelled at iteration %d of %d%s", g.Figure, t, g.total, how)
}

// advance makes the steps of a stretch of time, or all where no state is saved.
func (g *ensembleRun) advance(ctx context.Context) error {
	members := g.ensemble.Members()
	stops, recorders := make([]solvers.Stop, len(members)), make([][]solvers.Schedule, len(members))
	began := time.Now()
	for i, r := range g.runs {
		if g.Ended[i] {
			continue
		}
		member, from := members[i], members[i].Iteration()
		g.paused[i] = false
		stops[i] = r.stop
		stops[i].When = func() bool {
			if t := member.Iteration(); t > g.done {
				g.done = t
				g.progress(g.stage, t, g.total)
			}
			g.ruled[i] = r.stop.When != nil && r.stop.When()
			g.paused[i] = !g.ruled[i] && g.State != "" && member.Iteration() > from && time.Since(began) > stretch
			return g.ruled[i] || g.paused[i]
		}
		if r.recorder != nil {
			recorders[i] = []solvers.Schedule{{Every: r.every, Recorder: &observer{Recorder: r.recorder, last: &g.last[i], every: r.every, ended: func() bool {
				return !g.paused[i] && ctx.Err() == nil || member.Iteration() >= r.stop.Iterations ||
					r.stop.Tolerance > 0 && member.RelativeGradient() <= r.stop.Tolerance || g.ruled[i]
			}}}}
		}
	}
	results, err := solvers.RunEach(ctx, g.ensemble, stops, recorders)
	if err != nil {
		return fmt.Errorf("%s: %w", g.Figure, err)
	}
	spent := time.Duration(0)
	for i, r := range results {
		if g.Ended[i] {
			continue
		}
		spent = max(spent, r.Time)
		sum := &g.Results[i]
		sum.Iterations += r.Iterations
		sum.Passes += r.Passes
		sum.Time = g.Spent + r.Time
		sum.Status, sum.Gradient, sum.Reason = r.Status, r.Gradient, r.Reason
		g.Ended[i] = r.Status != solvers.Cancelled && !(r.Status == solvers.Stopped && g.paused[i])
	}
	g.Spent += spent
	return nil
}

// observer shows a recorder each iterate once, and none beside the schedule
// because a stretch of steps, not the run, ends there.
type observer struct {
	solvers.Recorder
	last  *int
	every int
	ended func() bool
}

func (o *observer) Record(t int) error {
	if t == *o.last || t%o.every != 0 && !o.ended() {
		return nil
	}
	*o.last = t
	return o.Recorder.Record(t)
}
