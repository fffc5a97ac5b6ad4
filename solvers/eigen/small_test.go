package eigen_test

import (
	"math"
	"testing"

	"lowrank/blas"
	"lowrank/solvers/eigen"
)

// TestFactorSingular: a factor with singular values of its own choice and the Gram matrix as a
// run has it, at every scale.
func TestFactorSingular(t *testing.T) {
	testFactorSingular[float64](t, []float64{1e-170, 1e-155, 1e-30, 1, 1e160}, []float64{0.5, 0.05, 1e-3, 1e-6, 1e-8, 1e-11, 1e-14})
	testFactorSingular[float32](t, []float64{1e-25, 1e-18, 1, 1e21}, []float64{0.5, 0.05, 1e-3, 1e-5})
}

func testFactorSingular[T blas.Float](t *testing.T, scales, smallest []float64) {
	const d = 64
	unit := map[int]float64{4: 0x1p-23, 8: ulp}[blas.SizeOf[T]()]
	for _, r := range []int{1, 2, 3, 5} {
		for _, scale := range scales {
			for _, least := range smallest {
				want := make([]float64, r)
				for k := range want {
					want[k] = scale * math.Pow(least, float64(k)/float64(max(r-1, 1)))
				}
				// H·D with the reflection H of a vector of ones: orthogonal columns.
				x, gram := blas.NewGeneral[T](d, r), make([]T, r*r)
				for i := range d {
					for k := range r {
						h := -2. / d
						if i == k {
							h++
						}
						x.Row(i)[k] = T(h * want[k])
					}
				}
				// Turned, so that no column is a singular vector.
				for k := range r - 1 {
					for i := range d {
						a, b := x.Row(i)[k], x.Row(i)[k+1]
						x.Row(i)[k], x.Row(i)[k+1] = T(0.6*float64(a)-0.8*float64(b)), T(0.8*float64(a)+0.6*float64(b))
					}
				}
				for a := range r {
					for b := range r {
						for i := range d {
							gram[a*r+b] += x.Row(i)[a] * x.Row(i)[b]
						}
					}
				}
				got := eigen.FactorSingular(x, gram)
				for k, sigma := range want {
					if !(math.Abs(got[k]-sigma) <= max(10*unit*want[0], 2*math.Pow(unit, 0.75)*sigma)) {
						t.Errorf("%T, r = %d, scale %g: σ_%d/σ_1 is %.10g, want %.10g", x.Data[0], r, scale, k+1, got[k]/want[0], sigma/want[0])
					}
				}
			}
		}
	}
	// Fewer rows than columns, as coordinates in a small basis; and what is not finite.
	few := blas.General[T]{Rows: 1, Cols: 2, Stride: 2, Data: []T{3, 4}}
	if got := eigen.FactorSingular(few, []T{9, 12, 12, 16}); len(got) != 2 || math.Abs(got[0]-5) > 10*unit || got[1] != 0 {
		t.Errorf("the singular values of (3, 4) are %v", got)
	}
	few.Data[0] = T(math.NaN())
	if got := eigen.FactorSingular(few, []T{T(math.NaN()), T(math.NaN()), T(math.NaN()), 16}); !math.IsNaN(got[0]) {
		t.Errorf("with NaN they are %v", got)
	}
}
