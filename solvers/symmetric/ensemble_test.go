package symmetric_test

import (
	"context"
	"slices"
	"testing"

	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

func TestEnsembleIsOfOneOperator(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	make := func() *symmetric.Solver[float64] {
		return symmetric.New(b, operator.NewDense(b, 3, func(i int, dst []float64) { dst[i] = 1 }), symmetric.RandomStart(3, 1, 1, 1), 0.1)
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
	b := testsolvers.Open(t, "native", 1)
	op := operator.NewDense(b, 3, func(i int, dst []float64) { dst[i] = 1 })
	e := symmetric.NewEnsemble(symmetric.New(b, op, symmetric.RandomStart(3, 1, 1, 1), 0.1), symmetric.New(b, op, symmetric.RandomStart(3, 1, 1, 2), 0.1))
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
	b := testsolvers.Open(t, "native", 1)
	op := operator.NewDiagonal(b, []float64{1, 0.5, 0.25})
	make := func() (*symmetric.Solver[float64], solvers.Stop) {
		s := symmetric.New(b, op, symmetric.RandomStart(3, 2, 0.5, 1), 0.1)
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
