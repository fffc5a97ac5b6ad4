package paper

import (
	"context"
	"fmt"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
)

// asymmetricPanel is a panel to be run: so many runs from each of several
// starts on one A with one step.
type asymmetricPanel struct {
	name       string // of its table
	order      asymmetric.Order
	eta        float64
	d, runs    int
	iterations int
	starts     []string
	seed       uint64 // of the first run; those of the others follow
	early      int    // iterates from 0 that are all recorded
	// claims, when not nil, has the claims of the theory checked at every
	// iterate of the runs from the proposed start.
	claims *asymmetric.Parameters
}

// asymmetricCurves are the squared relative errors of a panel: columns t, for
// each start one for each run and their median under the start's name.
type asymmetricCurves struct {
	Errors *Table
	Checks [][]solvers.Check // of the runs from the proposed start, with claims
	Ended  []string          // what diverged
}

// asymmetricRows is about how many iterates of a panel are recorded.
const asymmetricRows = 400

func (m *making) asymmetricCurves(ctx context.Context, p *asymmetricProblem, c asymmetricPanel) (*asymmetricCurves, error) {
	return kept(m, c.name, func() (*asymmetricCurves, error) { return m.runAsymmetric(ctx, p, c) })
}

func (m *making) runAsymmetric(ctx context.Context, p *asymmetricProblem, c asymmetricPanel) (*asymmetricCurves, error) {
	every := max(1, c.iterations/asymmetricRows)
	var span blas.General[float64] // of A
	var tail float64
	if c.claims != nil {
		var err error
		if span, err = asymmetric.Left[float64](p.singular, p.rank); err != nil {
			return nil, err
		}
		if tail, err = asymmetric.Tail(p.a, span); err != nil {
			return nil, err
		}
	}
	var names []string
	var starts []asymmetric.Start
	var eta []float64
	for _, start := range c.starts {
		for i := range c.runs {
			s, err := p.start(start, c.d, c.eta, c.seed+uint64(i))
			if err != nil {
				return nil, err
			}
			starts, eta, names = append(starts, s), append(eta, c.eta), append(names, fmt.Sprintf("%s_%d", start, i+1))
		}
	}
	solversOf, ensemble, err := p.runs(starts, eta, c.order)
	if err != nil {
		return nil, err
	}
	var runs []trajectory
	var theories []*asymmetric.Theory[float64]
	for i, s := range solversOf {
		recorder := &asymmetricRecorder{solver: s.Solver, trace: &solvers.Trace{Columns: []string{"t", names[i]}}, every: every, early: c.early, last: c.iterations}
		run := trajectory{stop: solvers.Stop{Iterations: c.iterations}, recorder: recorder, trace: recorder.trace, every: 1, load: s.load}
		if c.claims != nil && c.starts[i/c.runs] == "proposed" {
			t := *c.claims
			t.F0 = 0 // that of the draw
			theory, err := s.theory(t, &span, tail)
			if err != nil {
				return nil, err
			}
			theories = append(theories, theory)
			run.recorder = &asymmetricClaims{recorder, theory}
		}
		runs = append(runs, run)
	}
	results, err := m.runEach(ctx, c.name+" run", ensemble, runs)
	if err != nil {
		return nil, err
	}
	out := &asymmetricCurves{}
	var parts []*Table
	for i, r := range results {
		parts = append(parts, tableOf(runs[i].trace, "", names[i]))
		if r.Status == solvers.Diverged {
			out.Ended = append(out.Ended, fmt.Sprintf("%s: %s diverged at iteration %d: %s", c.name, names[i], r.Iterations, r.Reason))
		}
	}
	out.Errors = join(c.name, parts...)
	for _, start := range c.starts {
		out.Errors.median(start, asymmetricColumns(start, c.runs)...)
	}
	for _, theory := range theories {
		out.Checks = append(out.Checks, theory.Checks())
	}
	return out, nil
}

// asymmetricColumns are the columns of the runs from a start.
func asymmetricColumns(start string, runs int) []string {
	var names []string
	for i := range runs {
		names = append(names, fmt.Sprintf("%s_%d", start, i+1))
	}
	return names
}

// asymmetricRecorder records ‖XYᵀ − A‖_F²/‖A‖_F².
type asymmetricRecorder struct {
	solver             *asymmetric.Solver[float64]
	trace              *solvers.Trace
	every, early, last int
}

func (r *asymmetricRecorder) Record(t int) error {
	if t >= r.early && t%r.every != 0 && t != r.last {
		return nil
	}
	distance, norm, err := r.solver.Distance()
	if err != nil {
		return err
	}
	r.trace.Rows = append(r.trace.Rows, []float64{float64(t), distance / norm * (distance / norm)})
	return nil
}

// asymmetricClaims checks the claims of the theory as well, at every iterate.
type asymmetricClaims struct {
	*asymmetricRecorder
	theory *asymmetric.Theory[float64]
}

func (r *asymmetricClaims) Record(t int) error {
	if err := r.theory.Record(t); err != nil {
		return err
	}
	return r.asymmetricRecorder.Record(t)
}

func (r *asymmetricClaims) Save() ([]byte, error) { return r.theory.Save() }

func (r *asymmetricClaims) Restore(data []byte) error { return r.theory.Restore(data) }
