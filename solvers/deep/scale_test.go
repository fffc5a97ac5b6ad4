package deep_test

import (
	"math"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/solvers/deep"
)

// scaled is a run of three factors, 2^k times those at scale 1, to a target 2^{3k} times that:
// the step is η/2^{4k}.
func scaled[T blas.Float](t testing.TB, k int) *deep.Solver[T] {
	target, w0 := problem([]int{8, 8, 8, 8}, 1)
	times := func(m blas.General[float64], power int) blas.General[T] {
		c := blas.Convert[T](m)
		for i := range c.Data {
			c.Data[i] = T(math.Ldexp(float64(c.Data[i]), power))
		}
		return c
	}
	var factors []blas.General[T]
	for _, w := range w0 {
		factors = append(factors, times(w, k))
	}
	return deep.New(testsolvers.Open(t, "native", 1), times(target, 3*k), factors, math.Ldexp(0.0625, -4*k))
}

func sameScaled[T blas.Float](t *testing.T, exponents ...int) {
	testsolvers.SameScaled(t, "three factors", exponents, 200, 0, 1e-14, func(k int) testsolvers.Scaled[T] {
		s := scaled[T](t, k)
		return testsolvers.Scaled[T]{Method: s, Iterate: s.Factors, Says: func() []float64 { return []float64{s.Error()} }}
	})
}

// TestScale: factors·c, a target·c³ and η/c⁴ are the same run: iterates to the bit, norms,
// which are scaled where squares leave the range, but for their last rounding.
func TestScale(t *testing.T) {
	sameScaled[float64](t, -166, -80, -20, 20, 80, 166) // (2^166)³ = 8e149
	sameScaled[float32](t, -20, -12, 12, 20)
}

// TestTooSmall: where the gradients underflow nobody says that a run has converged.
func TestTooSmall(t *testing.T) {
	for _, k := range []int{-26, -28, -30} {
		s := scaled[float32](t, k)
		for range 50 {
			if g := s.RelativeGradient(); g < 1e-3 {
				t.Fatalf("2^%d, iteration %d: the relative gradient is %v", k, s.Iteration(), g)
			}
			testsolvers.Advance(t, s, 1)
		}
	}
}

// TestEigenvalueScale is that of the eigenvalues of a start of one decomposition.
func TestEigenvalueScale(t *testing.T) {
	target, _ := problem([]int{8, 8}, 1)
	symmetric := blas.NewGeneral[float64](8, 8)
	for i := range 8 {
		for j := range 8 {
			symmetric.Row(i)[j] = (target.Row(i)[j] + target.Row(j)[i]) / 2
		}
	}
	start := func(k int) *deep.EigenvalueSolver {
		m := symmetric.Clone()
		for i := range m.Data {
			m.Data[i] = math.Ldexp(m.Data[i], 3*k)
		}
		of, err := deep.Decompose(testsolvers.Open(t, "native", 1), m)
		if err != nil {
			t.Fatal(err)
		}
		return deep.NewEigenvalueSolver(of, deep.Start{Kind: deep.IdenticalStart, Alpha: math.Ldexp(0.5, k)}, 3, math.Ldexp(0.0625, -4*k))
	}
	testsolvers.SameScaled(t, "eigenvalues", []int{-166, -80, 80, 166}, 200, 1e-10, 1e-10, func(k int) testsolvers.Scaled[float64] {
		s := start(k)
		return testsolvers.Scaled[float64]{Method: s, Iterate: func() []blas.General[float64] { return nil }, Says: func() []float64 { return []float64{s.Error()} }}
	})
}
