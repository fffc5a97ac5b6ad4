package symmetric_test

import (
	"fmt"
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
	for _, k := range exponents {
		t.Run(fmt.Sprintf("%T/%s/4^%d", T(0), form, k), func(t *testing.T) {
			one, other := scaled[T](t, form, 0), scaled[T](t, form, k)
			by := T(math.Ldexp(1, k))
			for range 300 {
				if err := one.Step(); err != nil {
					t.Fatal(err)
				}
				if err := other.Step(); err != nil {
					t.Fatal(err)
				}
				if x, y := other.RelativeGradient(), one.RelativeGradient(); x != y {
					t.Fatalf("iteration %d: the relative gradient is %v; at scale 1 %v", one.Iteration(), x, y)
				}
				for i, v := range one.X().Data {
					if w := other.X().Data[i]; w != by*v {
						t.Fatalf("iteration %d, element %d of X is %v; expected %v", one.Iteration(), i, w, by*v)
					}
				}
			}
		})
	}
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
	for _, k := range []int{-249, -120, 120, 249} {
		one, other := run(0), run(k)
		for range 300 {
			testsolvers.Advance(t, one, 1)
			testsolvers.Advance(t, other, 1)
			testsolvers.Near(t, fmt.Sprintf("4^%d, iteration %d: the relative gradient", k, one.Iteration()), other.RelativeGradient(), one.RelativeGradient(), 1e-10)
		}
		if other.Passes() != one.Passes() {
			t.Errorf("4^%d: %d passes; at scale 1 %d", k, other.Passes(), one.Passes())
		}
		back := other.X().Clone()
		for i, v := range back.Data {
			back.Data[i] = math.Ldexp(v, -k)
		}
		testsolvers.Compare(t, fmt.Sprintf("4^%d: X", k), back, one.X(), 1e-12)
	}
}

func stream(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 9)) }
