package solvers

import (
	"math"
	"testing"
)

func TestNorm(t *testing.T) {
	for _, scale := range []float64{1, 1e-200, 1e200, 0x1p-1070} {
		if got := Norm([]float64{3 * scale, -4 * scale}); math.Abs(got/(5*scale)-1) > 1e-15 {
			t.Errorf("scale %g: %v", scale, got)
		}
	}
	if got := Norm([]float32{3e30, 4e30}); math.Abs(got/5e30-1) > 1e-6 {
		t.Errorf("float32: %v", got)
	}
	for _, x := range [][]float64{{math.NaN(), 1}, {1, math.NaN()}} {
		if got := Norm(x); got == got {
			t.Errorf("%v: %v", x, got)
		}
	}
	if Norm([]float64{math.Inf(-1), 1}) != math.Inf(1) || Norm([]float64{}) != 0 || Norm([]float64{0, 0}) != 0 {
		t.Error("infinite, empty or zero")
	}
	if 1+Epsilon[float64]() == 1 || 1+Epsilon[float64]()/2 != 1 || float32(1)+float32(Epsilon[float32]()) == 1 || float32(1)+float32(Epsilon[float32]()/2) != 1 {
		t.Error("the distance from 1 to the next number")
	}
}
