package asymmetric_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

// scaled is data A·4^k, X_0·2^k and Y_0·2^k, and the step η/4^k.
func scaled[T blas.Float](b *blas.Backend, k int) (a operator.Rectangular[T], x, y blas.General[T], eta float64) {
	const m, n, r = 50, 40, 3
	rnd := rand.New(rand.NewPCG(5, 9))
	c := func(rows, cols, power int, deviation float64) blas.General[T] {
		z := blas.Convert[T](testsolvers.Normal(rnd, rows, cols, deviation))
		for i := range z.Data {
			z.Data[i] *= T(math.Ldexp(1, power))
		}
		return z
	}
	data := c(m, n, 2*k, 0.1)
	a = operator.NewDenseRectangular(b, m, n, func(i int, dst []T) { copy(dst, data.Row(i)) })
	return a, c(m, r, k, 0.1), c(n, r, k, 0.1), math.Ldexp(0.0625, -2*k)
}

// run is a solver or a Krylov run.
type run[T blas.Float] interface {
	testsolvers.Method
	X() blas.General[T]
	Y() blas.General[T]
	GradientNorms() (x, y float64)
}

// sameScaled compares runs of two scales, bit for bit with the tolerance 0. A Krylov basis is
// made with norms of vectors, which are rounded in another way where their squares leave the
// range.
func sameScaled[T blas.Float](t *testing.T, name string, tolerance float64, exponents []int, start func(k int) run[T]) {
	testsolvers.SameScaled(t, name, exponents, 200, tolerance, tolerance, func(k int) testsolvers.Scaled[T] {
		s := start(k)
		return testsolvers.Scaled[T]{
			Method: s, Iterate: func() []blas.General[T] { return []blas.General[T]{s.X(), s.Y()} },
			Says: func() []float64 {
				x, y := s.GradientNorms()
				return []float64{math.Ldexp(x, -3*k), math.Ldexp(y, -3*k)}
			},
		}
	})
}

// TestScale: A·4^k, X_0·2^k, Y_0·2^k and η/4^k are the same run.
func TestScale(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	for name, order := range map[string]asymmetric.Order{"alternating": asymmetric.Alternating, "simultaneous": asymmetric.Simultaneous} {
		sameScaled(t, name, 0, []int{-249, -120, -30, 30, 120, 249}, func(k int) run[float64] { // 4^249 = 8e149
			a, x, y, eta := scaled[float64](b, k)
			return asymmetric.New(b, a, x, y, eta, order)
		})
		sameScaled(t, name, 0, []int{-43, -30, -22, -10, 10, 22, 30, 43}, func(k int) run[float32] {
			a, x, y, eta := scaled[float32](b, k)
			return asymmetric.New(b, a, x, y, eta, order)
		})
		sameScaled(t, name+" in Krylov bases", 1e-10, []int{-249, -120, 120, 249}, func(k int) run[float64] {
			a, x, y, eta := scaled[float64](b, k)
			s, err := asymmetric.NewKrylov(b, a, x, y, eta, order, 0)
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	}
}
