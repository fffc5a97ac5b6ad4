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
	g := &Flags{}
	g.Rank = 3
	if s := rectangularShape(g, b, operator.NewProduct(b, blas.NewGeneral[float64](40, 5), blas.NewGeneral[float64](20, 5))); s.Form != plan.Product || s.Inner != 5 || s.M != 40 || s.N != 20 {
		t.Errorf("a product is taken for %+v", s)
	}
}
