package sensing_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// scaled is a run on y·4^k from U_0·2^k with the step μ/4^k.
func scaled[T blas.Float](t testing.TB, k int) *sensing.Solver[T] {
	const n, m, r = 12, 150, 3
	rnd := rand.New(rand.NewPCG(11, 9))
	a := operator.NewMatrices(testsolvers.Open(t, "native", 1), n, m, func(i int, dst []T) {
		own := rand.New(rand.NewPCG(uint64(i), 9))
		for e := range dst {
			dst[e] = T(own.NormFloat64())
		}
	})
	u0, truth, y := blas.Convert[T](testsolvers.Normal(rnd, n, r, 0.05)), blas.Convert[T](testsolvers.Normal(rnd, n, 2, 0.3)), make([]T, m)
	if err := a.Measure(y, truth); err != nil {
		t.Fatal(err)
	}
	for i := range y {
		y[i] *= T(math.Ldexp(1, 2*k))
	}
	for i := range u0.Data {
		u0.Data[i] *= T(math.Ldexp(1, k))
	}
	s, err := sensing.New(a, y, u0, math.Ldexp(0.03125, -2*k))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sameScaled[T blas.Float](t *testing.T, exponents ...int) {
	testsolvers.SameScaled(t, "matrices", exponents, 200, 0, 1e-14, func(k int) testsolvers.Scaled[T] {
		s := scaled[T](t, k)
		return testsolvers.Scaled[T]{Method: s, Iterate: func() []blas.General[T] { return []blas.General[T]{s.U()} }, Says: func() []float64 { return []float64{s.TrainError()} }}
	})
	one := scaled[T](t, 0)
	first := one.TrainError()
	testsolvers.Advance(t, one, 200)
	if !(one.TrainError() < first/2) {
		t.Errorf("the error went from %v to %v; the runs say little", first, one.TrainError())
	}
}

// TestScale: y·4^k, U_0·2^k and μ/4^k are the same run: iterates to the bit, norms, which
// are scaled where squares leave the range, but for their last rounding.
func TestScale(t *testing.T) {
	sameScaled[float64](t, -249, -120, -30, 30, 120, 249) // 4^249 = 8e149
	sameScaled[float32](t, -30, -22, -10, 10, 22, 30)
}
