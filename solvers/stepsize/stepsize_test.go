package stepsize_test

import (
	"context"
	"math"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/stepsize"
)

// TestSpectralNorm has norms that are known, of both signs, shapes, types and scales.
func TestSpectralNorm(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float64{1, 1e-100, 1e100} {
		for _, top := range []float64{3, -3} {
			lambda := make([]float64, 200)
			for i := range lambda {
				lambda[i] = scale * (1 - float64(i)/100)
			}
			lambda[17] = top * scale
			norm, passes, err := stepsize.SpectralNorm(context.Background(), b, operator.Operator[float64](operator.NewDiagonal(b, lambda)))
			if err != nil || math.Abs(norm/(3*scale)-1) > 1e-6 || passes > stepsize.Passes {
				t.Errorf("scale %g, λ = %g: %g after %d passes, %v", scale, top, norm, passes, err)
			}
		}
	}
	narrow := []float32{1, -5, 2, 0.5}
	if norm, _, err := stepsize.SpectralNorm(context.Background(), b, operator.Operator[float32](operator.NewDiagonal(b, narrow))); err != nil || math.Abs(norm/5-1) > 1e-6 {
		t.Errorf("float32: %g, %v", norm, err)
	}
	// u·vᵀ has the one singular value ‖u‖‖v‖.
	u, v := solvers.Gaussian(30, 1, 1, 1, "u"), solvers.Gaussian(20, 1, 1, 1, "v")
	a := operator.NewDenseRectangular(b, 30, 20, func(i int, dst []float64) {
		for j := range dst {
			dst[j] = u.Data[i] * v.Data[j]
		}
	})
	want := solvers.Norm(u.Data) * solvers.Norm(v.Data)
	if norm, _, err := stepsize.SingularNorm(context.Background(), b, operator.Rectangular[float64](a)); err != nil || math.Abs(norm/want-1) > 1e-12 {
		t.Errorf("rectangular: %g, expected %g, %v", norm, want, err)
	}
	zero := operator.Operator[float64](operator.NewDiagonal(b, make([]float64, 5)))
	if norm, _, err := stepsize.SpectralNorm(context.Background(), b, zero); err != nil || norm != 0 {
		t.Errorf("zero: %g, %v", norm, err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := stepsize.SpectralNorm(ended, b, zero); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct{ got, want float64 }{
		{stepsize.For(2, 0), 1.0 / 8}, {stepsize.For(2, 3), 1.0 / 36}, {stepsize.For(0, 0), 1},
		{stepsize.Deep(9, []float64{1, 1}), 1.0 / 36}, {stepsize.For(9, 1), 1.0 / 36}, // N = 2 is XYᵀ
		{stepsize.Deep(8, []float64{0.1, 0.1, 0.1}), 1.0 / 96}, // 2·3·8^(4/3)
		{stepsize.Deep(1, []float64{2, 3, 0.5}), 1.0 / 216},    // (2·3)² > (3·½)², (2·½)²
		{stepsize.Deep(5, []float64{7}), 0.5}, {stepsize.Deep(0, []float64{0, 0}), 1},
	} {
		if math.Abs(c.got/c.want-1) > 1e-15 {
			t.Errorf("%g, expected %g", c.got, c.want)
		}
	}
}
