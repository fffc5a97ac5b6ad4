package native

import (
	"fmt"
	"math"
	"testing"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// A β or an α that is not a number, or infinite, makes all of the result so; β = 0 forgets
// what was there, whatever it was.
func TestSpecialFactors(t *testing.T) {
	specialFactors[float64](t)
	specialFactors[float32](t)
}

// callGemv is Dgemv or Sgemv.
func callGemv[T blas.Float](t gblas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) {
	b := Implementation{Threads: 2}
	switch y := any(y).(type) {
	case []float64:
		b.Dgemv(t, m, n, float64(alpha), any(a).([]float64), lda, any(x).([]float64), incX, float64(beta), y, incY)
	case []float32:
		b.Sgemv(t, m, n, float32(alpha), any(a).([]float32), lda, any(x).([]float32), incX, float32(beta), y, incY)
	}
}

func specialFactors[T blas.Float](t *testing.T) {
	b := blas.RoutinesOf[T](Implementation{Threads: 2})
	nan, inf := T(math.NaN()), T(math.Inf(1))
	type result func(alpha, beta T, before T) []T
	filled := func(n int, v T) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = v
		}
		return x
	}
	for _, m := range []int{1, 2, 3, 8, 17, 40, 70, 300} {
		for _, n := range []int{1, 2, 3, 8, 17, 40, 70, 300} {
			results := map[string]result{}
			for _, inc := range []int{1, 2, -1} {
				step := max(inc, -inc)
				spread := func(n int, v T) []T { return filled((n-1)*step+1, v) }
				every := func(y []T) (picked []T) {
					for i := 0; i < len(y); i += step {
						picked = append(picked, y[i])
					}
					return picked
				}
				results[fmt.Sprint("gemv ", inc)] = func(alpha, beta, before T) []T {
					y := spread(m, before)
					callGemv(gblas.NoTrans, m, n, alpha, filled(m*n, 1), n, spread(n, 1), inc, beta, y, inc)
					return every(y)
				}
				results[fmt.Sprint("gemv T ", inc)] = func(alpha, beta, before T) []T {
					y := spread(n, before)
					callGemv(gblas.Trans, m, n, alpha, filled(m*n, 1), n, spread(m, 1), inc, beta, y, inc)
					return every(y)
				}
			}
			for _, tA := range []gblas.Transpose{gblas.NoTrans, gblas.Trans} {
				for _, tB := range []gblas.Transpose{gblas.NoTrans, gblas.Trans} {
					results[fmt.Sprintf("gemm %c%c", tA, tB)] = func(alpha, beta, before T) []T {
						const k = 9
						c, lda, ldb := filled(m*n, before), k, n
						if tA == gblas.Trans {
							lda = m
						}
						if tB == gblas.Trans {
							ldb = k
						}
						b.Gemm(tA, tB, m, n, k, alpha, filled(m*k, 1), lda, filled(n*k, 1), ldb, beta, c, n)
						return c
					}
				}
			}
			results["symm"] = func(alpha, beta, before T) []T {
				c := filled(m*n, before)
				b.Symm(gblas.Left, gblas.Lower, m, n, alpha, filled(m*m, 1), m, filled(m*n, 1), n, beta, c, n)
				return c
			}
			if m == n {
				results["symv"] = func(alpha, beta, before T) []T {
					y := filled(n, before)
					b.Symv(gblas.Lower, n, alpha, filled(n*n, 1), n, filled(n, 1), 1, beta, y, 1)
					return y
				}
			}
			results["syrk"] = func(alpha, beta, before T) []T {
				c := filled(m*m, before)
				b.Syrk(gblas.Lower, gblas.NoTrans, m, n, alpha, filled(m*n, 1), n, beta, c, m)
				var lower []T
				for i := range m {
					lower = append(lower, c[i*m:i*m+i+1]...)
				}
				return lower
			}
			for name, of := range results {
				for _, c := range []struct {
					alpha, beta, before T
					is                  func(v T) bool
				}{
					{1, nan, 1, func(v T) bool { return v != v }},
					{nan, 1, 1, func(v T) bool { return v != v }},
					{0, nan, 1, func(v T) bool { return v != v }},
					{1, inf, 1, func(v T) bool { return v == inf }},
					{1, -inf, 1, func(v T) bool { return v == -inf }},
					{1, 1, nan, func(v T) bool { return v != v }},
					{1, 0, nan, func(v T) bool { return v-v == 0 && v > 0 }},
					{0, 0, nan, func(v T) bool { return v == 0 }},
				} {
					for i, v := range of(c.alpha, c.beta, c.before) {
						if !c.is(v) {
							t.Fatalf("%T %s %d×%d: α = %v, β = %v, from %v: element %d is %v", v, name, m, n, c.alpha, c.beta, c.before, i, v)
						}
					}
				}
			}
		}
	}
}
