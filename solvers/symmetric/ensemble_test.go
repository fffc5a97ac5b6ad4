package symmetric_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// TestEnsemble: runs together have the bits of each alone, whatever their
// starts, steps, columns and ends are.
func TestEnsemble(t *testing.T) {
	const d = 300
	runs := []struct {
		r     int
		scale float64
		step  float64
		stop  solvers.Stop
	}{
		{2, 0.5, 0.1, solvers.Stop{Iterations: 120}},
		{2, 0.5, 0.1, solvers.Stop{Iterations: 120}},
		{5, 1e-3, 0.05, solvers.Stop{Iterations: 300, Tolerance: 1e-3}},
		{1, 0.5, 0.2, solvers.Stop{Iterations: 0}},
		{3, 0.5, 40, solvers.Stop{Iterations: 500}}, // diverges
		{9, 0.5, 0.1, solvers.Stop{Iterations: 77}},
	}
	for _, name := range compiledBackends() {
		b := open(t, name, 2)
		for kind, o := range operators(b, d, rand.New(rand.NewPCG(1, 2))) {
			make := func(i int) *symmetric.Solver[float64] {
				return symmetric.New(b, o.op, symmetric.Large(d, runs[i].r, runs[i].scale, uint64(i)), runs[i].step)
			}
			var members []*symmetric.Solver[float64]
			var stops []solvers.Stop
			var schedules [][]solvers.Schedule
			var traces []*symmetric.Recorder[float64]
			for i := range runs {
				s := make(i)
				members, stops = append(members, s), append(stops, runs[i].stop)
				rec := symmetric.NewRecorder(s, nil)
				traces = append(traces, rec)
				schedules = append(schedules, []solvers.Schedule{{Recorder: rec, Every: 7}})
			}
			results, err := solvers.RunEach(context.Background(), symmetric.NewEnsemble(members...), stops, schedules)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range members {
				alone := make(i)
				rec := symmetric.NewRecorder(alone, nil)
				want, err := solvers.Run(context.Background(), alone, runs[i].stop, solvers.Schedule{Recorder: rec, Every: 7})
				if err != nil {
					t.Fatal(err)
				}
				got := results[i]
				if got.Status != want.Status || got.Iterations != want.Iterations || got.Passes != want.Passes || got.Reason != want.Reason {
					t.Errorf("%s %s run %d: %+v, alone %+v", name, kind, i, got, want)
				}
				if !slices.Equal(s.X().Data, alone.X().Data) || !slices.Equal(s.Gram(), alone.Gram()) {
					t.Errorf("%s %s run %d: another iterate than alone", name, kind, i)
				}
				if !slices.EqualFunc(traces[i].Trace.Rows, rec.Trace.Rows, equalRows) {
					t.Errorf("%s %s run %d: another trace than alone", name, kind, i)
				}
			}
			if results[4].Status != solvers.Diverged || results[0].Status != solvers.IterationLimit {
				t.Errorf("%s %s: %v and %v", name, kind, results[4].Status, results[0].Status)
			}
		}
	}
}

// equalRows compares with NaN equal to itself.
func equalRows(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || x != x && y != y })
}

func TestEnsembleAllocatesNothing(t *testing.T) {
	b := open(t, "native", 2)
	const d = 400
	op := operator.NewDense(b, d, func(i int, dst []float64) { dst[i] = 1 })
	var members []*symmetric.Solver[float64]
	run := []int{0, 1, 2}
	for i := range run {
		members = append(members, symmetric.New(b, op, symmetric.Large(d, 2+i, 0.5, uint64(i)), 1e-3))
	}
	e, errs := symmetric.NewEnsemble(members...), make([]error, 3)
	step := func() {
		if err := e.StepEach(run, errs); err != nil || errs[0] != nil {
			t.Fatal(err, errs)
		}
	}
	step()
	if n := testing.AllocsPerRun(10, step); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestEnsembleIsOfOneOperator(t *testing.T) {
	b := open(t, "native", 1)
	make := func() *symmetric.Solver[float64] {
		return symmetric.New(b, operator.NewDense(b, 3, func(i int, dst []float64) { dst[i] = 1 }), symmetric.Large(3, 1, 1, 1), 0.1)
	}
	for _, members := range [][]*symmetric.Solver[float64]{nil, {make(), make()}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for %d solvers", len(members))
				}
			}()
			symmetric.NewEnsemble(members...)
		}()
	}
}

// A run that is cancelled ends every member.
func TestEnsembleIsCancelled(t *testing.T) {
	b := open(t, "native", 1)
	op := operator.NewDense(b, 3, func(i int, dst []float64) { dst[i] = 1 })
	e := symmetric.NewEnsemble(symmetric.New(b, op, symmetric.Large(3, 1, 1, 1), 0.1), symmetric.New(b, op, symmetric.Large(3, 1, 1, 2), 0.1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	results, err := solvers.RunEach(ctx, e, []solvers.Stop{{Iterations: 5}, {Iterations: 0}}, nil)
	if err != nil || results[0].Status != solvers.Cancelled || results[1].Status != solvers.IterationLimit {
		t.Errorf("%+v, %v", results, err)
	}
}

// TestStopWhen: a rule of the caller's ends a run before the step after which
// it holds, alone and together with others.
func TestStopWhen(t *testing.T) {
	b := open(t, "native", 1)
	op := operator.NewDiagonal(b, []float64{1, 0.5, 0.25})
	make := func() (*symmetric.Solver[float64], solvers.Stop) {
		s := symmetric.New(b, op, symmetric.Large(3, 2, 0.5, 1), 0.1)
		return s, solvers.Stop{Iterations: 50, When: func() bool { return s.Iteration() == 17 }}
	}
	alone, stop := make()
	res, err := solvers.Run(context.Background(), alone, stop)
	if err != nil || res.Status != solvers.Stopped || res.Iterations != 17 {
		t.Errorf("alone: %v after %d iterations, %v", res.Status, res.Iterations, err)
	}
	one, stop := make()
	two, _ := make()
	results, err := solvers.RunEach(context.Background(), symmetric.NewEnsemble(one, two), []solvers.Stop{stop, {Iterations: 20}}, nil)
	if err != nil || results[0].Status != solvers.Stopped || one.Iteration() != 17 || two.Iteration() != 20 {
		t.Errorf("together: %+v, %v", results, err)
	}
	if !slices.Equal(one.X().Data, alone.X().Data) {
		t.Error("the iterates differ")
	}
}
