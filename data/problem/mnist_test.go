package problem

import (
	"math"
	"testing"

	"lowrank/solvers"
	"lowrank/solvers/deep"
)

func TestMNISTOnes(t *testing.T) {
	w := MNISTOnes()
	if w.Rows != 100 || w.Cols != 784 {
		t.Fatalf("%d×%d", w.Rows, w.Cols)
	}
	low, high := w.Data[0], w.Data[0]
	for _, v := range w.Data {
		low, high = min(low, v), max(high, v)
	}
	if low != 0 || high != 1 {
		t.Errorf("pixels from %g to %g", low, high)
	}
	if norm := solvers.Norm(w.Data); math.Abs(norm-73.311) > 0.0005 {
		t.Errorf("‖Ŵ‖_F = %g, want 73.311", norm)
	}
	sigma := deep.SingularValues(w)
	for i, want := range []float64{56.404, 29.291, 16.779, 11.154} {
		if math.Abs(sigma[i]-want) > 0.0005 {
			t.Errorf("σ_%d = %g, want %g", i+1, sigma[i], want)
		}
	}
	w.Data[0] = 7 // each caller has its own
	if MNISTOnes().Data[0] == 7 {
		t.Error("callers share the pixels")
	}
}

// TestUniformNoise: U(−a, a) has variance a²/3.
func TestUniformNoise(t *testing.T) {
	w := MNISTOnes()
	clean := w.Clone()
	AddUniformNoise(w, 0.5, 3)
	low, high, sum, squares := 1.0, -1.0, 0.0, 0.0
	for i := range w.Data {
		v := w.Data[i] - clean.Data[i]
		low, high, sum, squares = min(low, v), max(high, v), sum+v, squares+v*v
	}
	n := float64(len(w.Data))
	if low < -0.5-1e-15 || high > 0.5+1e-15 || low > -0.49 || high < 0.49 {
		t.Errorf("noise from %g to %g", low, high)
	}
	if mean, variance := sum/n, squares/n; math.Abs(mean) > 0.005 || math.Abs(variance-0.25/3) > 0.001 {
		t.Errorf("mean %g, variance %g", mean, variance)
	}
	again := MNISTOnes()
	AddUniformNoise(again, 0.5, 3)
	other := MNISTOnes()
	AddUniformNoise(other, 0.5, 4)
	if again.Data[5] != w.Data[5] || other.Data[5] == w.Data[5] {
		t.Error("the noise is not that of its seed")
	}
}
