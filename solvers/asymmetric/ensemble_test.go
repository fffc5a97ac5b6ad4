package asymmetric_test

import (
	"context"
	"slices"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

// TestEnsemble: runs together have the bits of each alone.
func TestEnsemble(t *testing.T) {
	const m, n = 260, 170
	a := solvers.Gaussian(m, n, 0.05, 1, "a")
	l, r := solvers.Gaussian(m, 3, 0.1, 2, "l"), solvers.Gaussian(n, 3, 0.1, 3, "r")
	steps := []float64{0.1, 0.1, 0.02, 1e3, 0.3}
	columns := []int{2, 2, 10, 3, 1}
	stops := []solvers.Stop{{Iterations: 60}, {Iterations: 60}, {Iterations: 90, Tolerance: 1e-2}, {Iterations: 50}, {Iterations: 13}}
	for _, threads := range []int{1, 2} {
		b, err := blas.Open("native", threads)
		if err != nil {
			t.Fatal(err)
		}
		for kind, op := range map[string]operator.Rectangular[float64]{"dense": operator.RectangularOf(b, a), "product": operator.NewProduct(b, l, r)} {
			for _, order := range []asymmetric.Order{asymmetric.Alternating, asymmetric.Simultaneous} {
				make := func(i int) *asymmetric.Solver[float64] {
					s := asymmetric.Random(m, n, columns[i], uint64(i))
					return asymmetric.New(b, op, s.X, s.Y, steps[i], order)
				}
				var members []*asymmetric.Solver[float64]
				for i := range steps {
					members = append(members, make(i))
				}
				results, err := solvers.RunEach(context.Background(), asymmetric.NewEnsemble(members...), stops, nil)
				if err != nil {
					t.Fatal(err)
				}
				for i, s := range members {
					alone := make(i)
					want, err := solvers.Run(context.Background(), alone, stops[i])
					if err != nil {
						t.Fatal(err)
					}
					if results[i].Status != want.Status || results[i].Iterations != want.Iterations || results[i].Reason != want.Reason || results[i].Gradient != want.Gradient && want.Gradient == want.Gradient {
						t.Errorf("%s order %d run %d: %+v, alone %+v", kind, order, i, results[i], want)
					}
					if !slices.Equal(s.X().Data, alone.X().Data) || !slices.Equal(s.Y().Data, alone.Y().Data) {
						t.Errorf("%s order %d run %d: another iterate than alone", kind, order, i)
					}
				}
				if results[3].Status != solvers.Diverged {
					t.Errorf("%s order %d: the large step gives %v", kind, order, results[3].Status)
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
	const m, n = 300, 200
	op := operator.RectangularOf(b, solvers.Gaussian(m, n, 0.05, 1, "a"))
	for _, order := range []asymmetric.Order{asymmetric.Alternating, asymmetric.Simultaneous} {
		var members []*asymmetric.Solver[float64]
		for i := range 3 {
			s := asymmetric.Random(m, n, 2+i, uint64(i))
			members = append(members, asymmetric.New(b, op, s.X, s.Y, 0.1, order))
		}
		e, run, errs := asymmetric.NewEnsemble(members...), []int{0, 1, 2}, make([]error, 3)
		step := func() {
			if err := e.StepEach(run, errs); err != nil || errs[0] != nil {
				t.Fatal(err, errs)
			}
		}
		step()
		if n := testing.AllocsPerRun(10, step); n != 0 {
			t.Errorf("order %d: %v allocations", order, n)
		}
	}
}
