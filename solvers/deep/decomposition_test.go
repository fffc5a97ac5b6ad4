package deep

import (
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
)

// TestSensitivity: errors of a basis that are known, those of Ŵ + E taken for Ŵ, change
// the product by what the estimate says, to a factor.
func TestSensitivity(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	decompose := func(target blas.General[float64]) *Decomposition {
		d, err := Decompose(b, target)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	rnd := rand.New(rand.NewPCG(5, 1))
	least, most := math.Inf(1), 0.0
	for _, lambda := range [][]float64{{1, 0.9, 0.5, 0.1, 0, -0.5}, {2, 1, 1, 1, 0.3, 0.3}, {3, 1, 0.5, -0.2, -1, -2}, {1, 1e-3, 1e-6, 0, 0, 0}} {
		n := len(lambda)
		target := theoryTarget(lambda, true)
		e, moved := blas.NewGeneral[float64](n, n), target.Clone()
		for i := range n {
			for j := range i + 1 {
				v := 1e-9 * rnd.NormFloat64()
				e.Row(i)[j], e.Row(j)[i] = v, v
			}
		}
		for i, v := range e.Data {
			moved.Data[i] += v
		}
		is, taken := decompose(target), decompose(moved)
		for j := range n {
			column := make([]float64, n)
			for i := range n {
				for l, v := range e.Row(i) {
					column[i] += v * taken.Vectors.Row(l)[j]
				}
			}
			taken.residual[j] = solvers.Norm(column)
		}
		for _, depth := range []int{1, 2, 3, 4} {
			for _, start := range []Start{{Alpha: 0.05}, {Alpha: 0.5}, {PerturbedStart, 0.5, 0.1}} {
				eta := 0.3 / (float64(depth) * math.Pow(lambda[0], 2-2/float64(depth)))
				want, got := NewEigenvalueSolver(is, start, depth, eta), NewEigenvalueSolver(taken, start, depth, eta)
				for k := 1; k <= 300; k++ {
					if want.Step() != nil || got.Step() != nil {
						t.Fatal("no step")
					}
					if k%20 != 0 {
						continue
					}
					product := want.Product()
					part := distance(product, got.Product()) / solvers.Norm(product.Data)
					if part < 1e-13 {
						continue // rounding counts
					}
					ratio := got.RoundingError() / part
					least, most = min(least, ratio), max(most, ratio)
				}
			}
		}
	}
	if !(least > 0.3 && most < 30) {
		t.Errorf("the estimate is from %.3g to %.3g times the error", least, most)
	}
	t.Logf("the estimate is from %.3g to %.3g times the error", least, most)
}
