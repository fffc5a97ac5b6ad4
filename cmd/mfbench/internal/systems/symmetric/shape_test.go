package symmetric

import (
	"testing"

	"lowrank/bench/plan"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers/operator"
)

// TestShapeOf: of what came through a stream the form and the size are known from what
// was read.
func TestShapeOf(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	f := &Flags{}
	f.Rank = 2
	for _, c := range []struct {
		op   operator.Operator[float64]
		from source[float64]
		form *plan.Form
		k    int
	}{
		{operator.NewDiagonal(b, make([]float64, 30)), diagonal[float64](), plan.Diagonal, 0},
		{operator.NewLowRank(b, blas.NewGeneral[float64](30, 4), make([]float64, 4)), factor[float64](), plan.Product, 4},
		{operator.NewGram(b, blas.NewGeneral[float64](50, 30)), data[float64](), plan.Gram, 50},
		{operator.NewSparseSymmetric(b, 30, []int{1, 2, 5}, []int{2, 1, 5}, []float64{1, 1, 1}), square[float64](), plan.Sparse, 3},
	} {
		if s := shapeOf(f, b, c.from, problemOf[float64]{op: c.op}); s.Form != c.form || s.K != c.k || s.D != 30 || s.R != 2 {
			t.Errorf("%T is taken for %+v", c.op, s)
		}
	}
}
