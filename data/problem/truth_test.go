package problem

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/solvers"
)

// A truth has the singular values that it is asked for, and with κ = 1 the bits of Truth.
func TestConditionedTruth(t *testing.T) {
	const n, r = 30, 4
	for _, condition := range []float64{1, 2, 1e3} {
		x := ConditionedTruth(n, r, condition, 7)
		var svd mat.SVD
		if !svd.Factorize(mat.NewDense(n, r, x.Data), mat.SVDNone) {
			t.Fatal("no singular values")
		}
		for k, sigma := range svd.Values(nil) {
			want := 1 - (1-1/condition)*float64(k)/(r-1)
			if !(math.Abs(sigma-want) <= 1e-14) {
				t.Errorf("κ = %g: σ_%d is %v, want %v", condition, k+1, sigma, want)
			}
		}
	}
	plain, one := Truth(n, r, 7), ConditionedTruth(n, r, 1, 7)
	for i, v := range plain.Data {
		if one.Data[i] != v {
			t.Fatalf("element %d is %v with κ = 1, %v without", i, one.Data[i], v)
		}
	}
	if x := ConditionedTruth(n, 1, 5, 7); math.Abs(solvers.Norm(x.Data)-1) > 1e-14 {
		t.Errorf("one column has the norm %v", solvers.Norm(x.Data))
	}
}

// Noise has the norm that it is asked for, another direction for another seed, and does not
// depend on the scale of y.
func TestAddNoise(t *testing.T) {
	y := solvers.Gaussian(500, 1, 1, 1, "y").Data
	noise := func(scale, share float64, seed uint64) []float64 {
		noisy := make([]float64, len(y))
		for i, v := range y {
			noisy[i] = scale * v
		}
		AddNoise(noisy, share, seed)
		for i, v := range y {
			noisy[i] = (noisy[i] - scale*v) / scale
		}
		return noisy
	}
	for _, share := range []float64{0, 1e-3, 0.5} {
		if got, want := solvers.Norm(noise(1, share, 2)), share*solvers.Norm(y); math.Abs(got-want) > 1e-12*want {
			t.Errorf("noise of %g has the norm %v, want %v", share, got, want)
		}
	}
	a, b, c := noise(1, 0.5, 2), noise(4, 0.5, 2), noise(1, 0.5, 3)
	var with float64
	for i, v := range a {
		if math.Abs(v-b[i]) > 1e-12 {
			t.Fatalf("noise %d is %v, %v at another scale", i, v, b[i])
		}
		with += v * c[i]
	}
	if cosine := with / solvers.Norm(a) / solvers.Norm(c); math.Abs(cosine) > 0.2 {
		t.Errorf("noise of another seed has the cosine %v", cosine)
	}
}
