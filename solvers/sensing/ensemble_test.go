package sensing_test

import (
	"context"
	"slices"
	"testing"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

// TestEnsemble: runs together have the bits of each alone.
func TestEnsemble(t *testing.T) {
	const n, m = 30, 200
	steps := []float64{0.25, 0.25, 0.1, 1e3, 0.2}
	columns := []int{2, 2, 7, 3, 40}
	stops := []solvers.Stop{{Iterations: 60}, {Iterations: 60}, {Iterations: 200, Tolerance: 1e-3}, {Iterations: 50}, {Iterations: 13}}
	for _, threads := range []int{1, 2} {
		b, err := blas.Open("native", threads)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range problem.EnsembleNames() {
			a, err := problem.GenerateMeasurements[float64](b, kind, n, m, problem.HeldWide, 1)
			if err != nil {
				t.Fatal(err)
			}
			y := make([]float64, m)
			if err := a.Measure(y, problem.Truth(n, 2, 1)); err != nil {
				t.Fatal(err)
			}
			make := func(i int) *sensing.Solver[float64] {
				s, err := sensing.New(a, y, sensing.Small(n, columns[i], 0.01, uint64(i)), steps[i])
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			var members []*sensing.Solver[float64]
			for i := range steps {
				members = append(members, make(i))
			}
			results, err := solvers.RunEach(context.Background(), sensing.NewEnsemble(members...), stops, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range members {
				alone := make(i)
				want, err := solvers.Run(context.Background(), alone, stops[i])
				if err != nil {
					t.Fatal(err)
				}
				if results[i].Status != want.Status || results[i].Iterations != want.Iterations || results[i].Reason != want.Reason {
					t.Errorf("%s run %d: %+v, alone %+v", kind, i, results[i], want)
				}
				if !slices.Equal(s.U().Data, alone.U().Data) || !slices.Equal(s.Residual(), alone.Residual()) {
					t.Errorf("%s run %d: another iterate than alone", kind, i)
				}
			}
		}
	}
}

func TestEnsembleAllocatesNothing(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	a, err := problem.GenerateMeasurements[float64](b, "gaussian", 30, 200, problem.HeldWide, 1)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, 200)
	if err := a.Measure(y, problem.Truth(30, 2, 1)); err != nil {
		t.Fatal(err)
	}
	var members []*sensing.Solver[float64]
	for i := range 3 {
		s, err := sensing.New(a, y, sensing.Small(30, 2+i, 0.01, uint64(i)), 0.1)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, s)
	}
	e, run, errs := sensing.NewEnsemble(members...), []int{0, 1, 2}, make([]error, 3)
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
