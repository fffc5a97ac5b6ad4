package symmetric_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// scaled is a run of Σ·4^k from X_0·2^k with the step η/4^k.
func scaled[T blas.Float](t testing.TB, form string, k int) (s *symmetric.Solver[T]) {
	const d, r = 60, 3
	b := testsolvers.Open(t, "native", 1)
	start := matrixOf(b, "gram", d, stream(7)).sigma
	c := math.Ldexp(1, 2*k)
	var op operator.Operator[T]
	switch form {
	case "diagonal":
		lambda := make([]T, d)
		for i := range lambda {
			lambda[i] = T(c) * T(1/float64(i+1))
		}
		op = operator.NewDiagonal(b, lambda)
	default:
		op = operator.NewDense(b, d, func(i int, dst []T) {
			for j := range dst {
				dst[j] = T(c) * T(start.Row(i)[j])
			}
		})
	}
	x0 := blas.NewGeneral[T](d, r)
	rnd := stream(3)
	for i := range x0.Data {
		x0.Data[i] = T(math.Ldexp(1, k)) * T(0.05*rnd.NormFloat64())
	}
	return symmetric.New(b, op, x0, 0.015625/c)
}

func sameScaled[T blas.Float](t *testing.T, form string, exponents ...int) {
	testsolvers.SameScaled(t, form, exponents, 300, 0, 0, func(k int) testsolvers.Scaled[T] {
		s := scaled[T](t, form, k)
		return testsolvers.Scaled[T]{Method: s, Iterate: func() []blas.General[T] { return []blas.General[T]{s.X()} }}
	})
}

// TestScale: Σ·4^k, X_0·2^k and η/4^k are the same run.
func TestScale(t *testing.T) {
	for _, form := range []string{"dense", "diagonal"} {
		sameScaled[float64](t, form, -249, -120, -30, 30, 120, 249) // 4^249 = 8e149
		sameScaled[float32](t, form, -43, -30, -22, -10, 10, 22, 30, 43)
	}
	sameScaled[float32](t, "dense", -50, 50)
}

// TestKrylovScale: the same in a Krylov basis, but for rounding: it is made with norms of
// vectors, which are rounded in another way where their squares leave the range.
func TestKrylovScale(t *testing.T) {
	const d, r, eta = 60, 3, 0.015625
	b := testsolvers.Open(t, "native", 1)
	sigma, start := matrixOf(b, "gram", d, stream(7)).sigma, testsolvers.Normal(stream(3), d, r, 0.05)
	run := func(k int) *symmetric.Krylov {
		op := operator.NewDense(b, d, func(i int, dst []float64) {
			for j := range dst {
				dst[j] = math.Ldexp(sigma.Row(i)[j], 2*k)
			}
		})
		x0 := start.Clone()
		for i := range x0.Data {
			x0.Data[i] = math.Ldexp(x0.Data[i], k)
		}
		s, err := symmetric.NewKrylov(b, op, x0, math.Ldexp(eta, -2*k), 0)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	testsolvers.SameScaled(t, "gram", []int{-249, -120, 120, 249}, 300, 1e-12, 1e-10, func(k int) testsolvers.Scaled[float64] {
		s := run(k)
		return testsolvers.Scaled[float64]{
			Method: s, Iterate: func() []blas.General[float64] { return []blas.General[float64]{s.X()} },
			Says: func() []float64 { return []float64{float64(s.Passes())} },
		}
	})
}

func stream(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 9)) }
