package paper

import (
	"context"
	"fmt"
	"time"

	"lowrank/solvers"
)

// trajectory is one run of an ensemble and what observes it.
type trajectory struct {
	stop     solvers.Stop
	recorder solvers.Recorder // nil for none
	trace    *solvers.Trace   // that the recorder fills
	every    int
	load     load
}

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
func (m *making) runEach(ctx context.Context, stage string, e solvers.Ensemble, runs []trajectory) ([]solvers.Result, error) {
	g := &ensembleRun{making: m, stage: stage, ensemble: e, runs: runs}
	members := e.Members()
	g.Results, g.Ended, g.last = make([]solvers.Result, len(runs)), make([]bool, len(runs)), make([]int, len(runs))
	for i, r := range runs {
		g.total = max(g.total, r.stop.Iterations)
		g.last[i] = -1
	}
	if err := g.restore(); err != nil {
		return nil, err
	}
	g.savedAt = time.Now()
	const first, least = 64, 10 * time.Second
	for length := first; ; {
		began := time.Now()
		if err := g.advance(ctx, length); err != nil {
			return nil, err
		}
		unfinished := -1
		for i := range runs {
			if !g.Ended[i] {
				unfinished = i
			}
		}
		if unfinished < 0 {
			break
		}
		if cancelled := ctx.Err() != nil; cancelled || time.Since(g.savedAt) > 2*least {
			if err := g.save(); err != nil {
				return nil, err
			}
			if cancelled {
				return nil, g.cancelled(members[unfinished].Iteration())
			}
		}
		if time.Since(began) < least {
			length *= 2
		}
	}
	m.progress(stage, g.total, g.total)
	loads := make([]load, len(runs))
	for i, r := range runs {
		loads[i] = r.load
	}
	m.Cost.add(g.Results, loads, g.Spent)
	return g.Results, nil
}

// ensembleRun is a runEach under way. Exported fields are its state.
type ensembleRun struct {
	*making
	stage    string
	ensemble solvers.Ensemble
	runs     []trajectory
	total    int
	last     []int // the last iterate that each recorder saw
	done     int
	savedAt  time.Time

	ensembleState
}

type ensembleState struct {
	Results   []solvers.Result
	Ended     []bool
	Spent     time.Duration
	Members   [][]byte
	Recorders [][]byte
	Traces    [][][]float64
}

func (g *ensembleRun) cancelled(t int) error {
	how := ""
	if g.State != "" {
		how = "; --resume goes on from there"
	}
	return fmt.Errorf("%s: cancelled at iteration %d of %d%s", g.Figure, t, g.total, how)
}

// advance makes so many steps of each run, or fewer where it ends.
func (g *ensembleRun) advance(ctx context.Context, length int) error {
	members := g.ensemble.Members()
	stops, recorders := make([]solvers.Stop, len(members)), make([][]solvers.Schedule, len(members))
	cut := make([]bool, len(members))
	for i, r := range g.runs {
		stops[i] = r.stop
		if g.Ended[i] {
			stops[i] = solvers.Stop{}
			continue
		}
		if end := members[i].Iteration() + length; end < r.stop.Iterations {
			stops[i].Iterations, cut[i] = end, true
		}
		stops[i].When = func() bool {
			if t := members[i].Iteration(); t > g.done {
				g.done = t
				g.progress(g.stage, t, g.total)
			}
			return r.stop.When != nil && r.stop.When()
		}
		if r.recorder != nil {
			recorders[i] = []solvers.Schedule{{Every: r.every, Recorder: &observer{Recorder: r.recorder, last: &g.last[i], every: r.every, ended: func() bool {
				m := members[i]
				return m.Iteration() >= r.stop.Iterations || ctx.Err() == nil && !(cut[i] && m.Iteration() >= stops[i].Iterations) ||
					r.stop.Tolerance > 0 && m.RelativeGradient() <= r.stop.Tolerance || r.stop.When != nil && r.stop.When()
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
		g.Ended[i] = r.Status != solvers.Cancelled && (r.Status != solvers.IterationLimit || !cut[i])
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
