package testsolvers

import (
	"context"
	"fmt"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
)

// Ensemble is runs of one set of data, at least three, of which the first three do not
// diverge.
type Ensemble[M Method] struct {
	Name string
	// New makes one of the runs anew. What they share, of a backend, is the same.
	New  func(t testing.TB, on *blas.Backend) func(i int) M
	Join func(members ...M) solvers.Ensemble
	// Stops are the ends of the runs.
	Stops []solvers.Stop
	// Diverges is a run that does, Converges one that ends by its tolerance.
	Diverges, Converges int
	// Allocates: the shared pass does, whatever its members do alone.
	Allocates bool
	// Record, if not nil, is a recorder for a run and its trace.
	Record func(m M) (solvers.Recorder, *solvers.Trace)
}

// ensembles: a run has the bits, the trace and the end with others that it has alone, and
// a step of all allocates nothing.
func (s system[M]) ensembles(t *testing.T, problems []Ensemble[M]) {
	for _, backend := range Backends() {
		for _, threads := range []int{1, 2} {
			for _, p := range problems {
				t.Run(fmt.Sprintf("%s/%d/%s", backend, threads, p.Name), func(t *testing.T) {
					s.together(t, p, Open(t, backend, threads))
				})
			}
		}
	}
	on := Open(t, "native", 2)
	for _, p := range problems {
		if p.Allocates {
			continue
		}
		of := p.New(t, on)
		e, run, errs := p.Join(of(0), of(1), of(2)), []int{0, 1, 2}, make([]error, 3)
		step := func() {
			if err := e.StepEach(run, errs); err != nil || errs[0] != nil || errs[1] != nil || errs[2] != nil {
				t.Fatal(p.Name, err, errs)
			}
		}
		step()
		if n := testing.AllocsPerRun(10, step); n != 0 {
			t.Errorf("%s: %v allocations a step of the ensemble", p.Name, n)
		}
	}
}

func (s system[M]) together(t *testing.T, p Ensemble[M], on *blas.Backend) {
	record := func(m M) ([]solvers.Schedule, *solvers.Trace) {
		if p.Record == nil {
			return nil, nil
		}
		recorder, trace := p.Record(m)
		return []solvers.Schedule{{Recorder: recorder, Every: 7}}, trace
	}
	of := p.New(t, on)
	var members []M
	var schedules [][]solvers.Schedule
	var traces []*solvers.Trace
	for i := range p.Stops {
		m := of(i)
		schedule, trace := record(m)
		members, schedules, traces = append(members, m), append(schedules, schedule), append(traces, trace)
	}
	results, err := solvers.RunEach(context.Background(), p.Join(members...), p.Stops, schedules)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range members {
		alone := of(i)
		schedule, trace := record(alone)
		want, err := solvers.Run(context.Background(), alone, p.Stops[i], schedule...)
		if err != nil {
			t.Fatal(err)
		}
		got := results[i]
		if got.Status != want.Status || got.Iterations != want.Iterations || got.Passes != want.Passes || got.Reason != want.Reason ||
			!sameBits([]float64{got.Gradient}, []float64{want.Gradient}) {
			t.Errorf("run %d: %+v, alone %+v", i, got, want)
		}
		s.same(t, fmt.Sprintf("run %d", i), m, alone)
		if trace == nil {
			continue
		}
		if len(traces[i].Rows) != len(trace.Rows) {
			t.Fatalf("run %d: a trace of %d rows, alone %d", i, len(traces[i].Rows), len(trace.Rows))
		}
		for k, row := range trace.Rows {
			if !sameBits(traces[i].Rows[k], row) {
				t.Errorf("run %d: row %d of the trace is another than alone", i, k)
			}
		}
	}
	if got := results[p.Diverges].Status; got != solvers.Diverged {
		t.Errorf("run %d of a large step ends as %v", p.Diverges, got)
	}
	if got := results[p.Converges].Status; got != solvers.Converged {
		t.Errorf("run %d with a tolerance ends as %v at a gradient of %g", p.Converges, got, results[p.Converges].Gradient)
	}
	if got := results[0].Status; got != solvers.IterationLimit {
		t.Errorf("run 0 ends as %v", got)
	}
}
