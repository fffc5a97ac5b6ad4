package eigen_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// TestAgainstDense compares with a full eigendecomposition.
func TestAgainstDense(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	spectra := map[string]func(i, d int) float64{
		"even":       func(i, d int) float64 { return 1 - float64(i)/float64(d) },
		"indefinite": func(i, d int) float64 { return 1 - 3*float64(i)/float64(d) },
		"negative":   func(i, d int) float64 { return -1 - float64(i) },
		"double":     func(i, d int) float64 { return 1 / float64(i/2+1) },
		"rank two":   func(i, d int) float64 { return max(0, 2-float64(i)) },
		"identity":   func(i, d int) float64 { return 1 },
		"zero":       func(i, d int) float64 { return 0 },
		"tiny":       func(i, d int) float64 { return 1e-200 * (1 - float64(i)/float64(d)) },
		"huge":       func(i, d int) float64 { return 1e200 * (1 - float64(i)/float64(d)) },
		"quadratic":  func(i, d int) float64 { return 1 - float64(i)*float64(i)/float64(d)/float64(d) },
		"wide":       func(i, d int) float64 { return math.Pow(10, -float64(i)) },
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	for name, spectrum := range spectra {
		for _, d := range []int{1, 2, 3, 7, 40, 150} {
			size := 1.0 // gonum's full decomposition fails at extreme scales
			if s := math.Abs(spectrum(0, d)); s > 0 {
				size = s
			}
			a := mat.NewSymDense(d, nil)
			q := orthogonal(rnd, d)
			for i := range d {
				for j := range i + 1 {
					var s float64
					for k := range d {
						s += q.At(i, k) * (spectrum(k, d) / size) * q.At(j, k)
					}
					a.SetSym(i, j, s)
				}
			}
			var full mat.EigenSym
			full.Factorize(a, false)
			want := full.Values(nil)
			for i := range want {
				want[i] *= size
			}
			scale := max(math.Abs(want[0]), math.Abs(want[d-1]), 1e-300)
			op := operator.NewDense(b, d, func(i int, dst []float64) {
				for j := range dst {
					dst[j] = a.At(i, j) * size
				}
			})
			for _, k := range []int{1, 2, 3, 6} {
				if k > d {
					continue
				}
				t.Run(fmt.Sprintf("%s/d=%d/k=%d", name, d, k), func(t *testing.T) {
					p, err := eigen.Leading(context.Background(), op, k, eigen.Options{Seed: 5})
					if err != nil {
						t.Fatal(err)
					}
					for i := range k {
						if e := math.Abs(p.Values[i] - want[d-1-i]); !(e <= 1e-12*scale) {
							t.Errorf("λ_%d is %v, want %v", i+1, p.Values[i], want[d-1-i])
						}
						if !p.Converged && p.Passes < 1000 && i == 0 && name != "zero" && d > 8 {
							t.Errorf("not converged after %d passes", p.Passes)
						}
						tol := 2e-14
						if i == k-1 && k > 1 {
							tol = 1e-6
						}
						if !(p.Residuals[i] <= tol*scale) {
							t.Errorf("residual %d is %v after %d passes", i+1, p.Residuals[i], p.Passes)
						}
						for j := range i + 1 {
							s := 0.0
							for n := range d {
								s += p.Vectors.Row(n)[i] * p.Vectors.Row(n)[j]
							}
							if i == j {
								s--
							}
							if !(math.Abs(s) <= 1e-13) {
								t.Errorf("vectors %d and %d: VᵀV − I = %v", i+1, j+1, s)
							}
						}
					}
				})
			}
		}
	}
}

func orthogonal(rnd *rand.Rand, d int) *mat.Dense {
	a := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			a.Set(i, j, rnd.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(a)
	var q mat.Dense
	qr.QTo(&q)
	return &q
}

func TestCancelled(t *testing.T) {
	b, _ := blas.Open("native", 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := eigen.Leading(ctx, operator.NewDiagonal(b, []float64{1, 2, 3}), 1, eigen.Options{}); err != context.Canceled {
		t.Errorf("error is %v", err)
	}
}
