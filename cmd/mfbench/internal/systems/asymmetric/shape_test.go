package asymmetric

import (
	"testing"

	"lowrank/bench/plan"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers/operator"
)

// TestShapeOf: of what came through a stream the form and the size are known from what
// was read.
func TestShapeOfAsymmetric(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	f := &Flags{}
	f.Rank, f.trueRank = 3, 2
	for _, c := range []struct {
		a     operator.Rectangular[float64]
		from  source[float64]
		form  *plan.RectangularForm
		inner int
	}{
		{operator.NewProduct(b, blas.NewGeneral[float64](40, 5), blas.NewGeneral[float64](20, 5)), product[float64](), plan.RectangularProduct, 5},
		{operator.NewSparse(b, 40, 20, []int{1, 2, 5}, []int{2, 1, 5}, []float64{1, 1, 1}), matrix[float64](), plan.RectangularSparse, 3},
		{operator.NewDenseRectangular(b, 40, 20, func(i int, dst []float64) {}), matrix[float64](), plan.RectangularDense, 2},
	} {
		if s := shapeOf(f, b, c.from, problemOf[float64]{a: c.a}); s.Form != c.form || s.Inner != c.inner || s.M != 40 || s.N != 20 || s.K != 3 {
			t.Errorf("%T is taken for %+v", c.a, s)
		}
	}
}
