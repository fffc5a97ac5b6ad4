package problem

import (
	"fmt"
	"math"
	"testing"

	"lowrank/blas"
)

func TestDenseHasItsEigenpairs(t *testing.T) {
	for _, d := range []int{1, 2, 3, 9, 50, 131} {
		lambda := Arithmetic(d, 1, -0.5)
		m := NewDense(lambda, 3)
		a := blas.NewGeneral[float64](d, d)
		for i := range d {
			m.Row(i, a.Row(i))
		}
		q := m.Eigenvectors(d)
		for i := range d {
			for j := range d {
				if a.Row(i)[j] != a.Row(j)[i] {
					t.Fatalf("d=%d: not symmetric at (%d, %d)", d, i, j)
				}
				var residual, unit float64
				for k := range d {
					residual += a.Row(i)[k] * q.Row(k)[j]
					unit += q.Row(k)[i] * q.Row(k)[j]
				}
				residual -= lambda[j] * q.Row(i)[j]
				if i == j {
					unit--
				}
				if !(math.Abs(residual) <= 1e-14 && math.Abs(unit) <= 1e-14) {
					t.Fatalf("d=%d (%d, %d): ΣQ − QΛ = %v, QᵀQ − I = %v", d, i, j, residual, unit)
				}
			}
		}
		// Rotate is multiplication with Q.
		x, want := blas.NewGeneral[float64](d, 2), blas.NewGeneral[float64](d, 2)
		for i := range d {
			x.Row(i)[0], x.Row(i)[1] = float64(i), 1
			for j := range d {
				want.Row(i)[0] += q.Row(i)[j] * float64(j)
				want.Row(i)[1] += q.Row(i)[j]
			}
		}
		m.Rotate(x)
		for i := range d {
			for c, v := range x.Row(i) {
				if !(math.Abs(v-want.Row(i)[c]) <= 1e-12*float64(d)) {
					t.Fatalf("d=%d: Rotate gives %v at (%d, %d), want %v", d, v, i, c, want.Row(i)[c])
				}
			}
		}
	}
}

func TestDenseIsDense(t *testing.T) {
	const d = 64
	m := NewDense(Figure1Spectrum(d), 1)
	row := make([]float64, d)
	for i := range d {
		m.Row(i, row)
		for j, v := range row {
			if v == 0 {
				t.Errorf("element (%d, %d) is zero", i, j)
			}
		}
	}
}

func TestSpectra(t *testing.T) {
	for _, name := range SpectrumNames() {
		f, err := SpectrumNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []int{1, 2, 3, 4, 100} {
			l := f(d)
			if len(l) != d || l[0] != 1 {
				t.Errorf("%s(%d) = %v", name, d, l)
			}
			for i := 1; i < d; i++ {
				if l[i] > l[i-1] {
					t.Errorf("%s(%d) is not descending at %d", name, d, i)
				}
			}
		}
	}
	l := Figure1Spectrum(4000)
	if got := fmt.Sprint(l[1], l[2], l[3999]); got != "0.5 0.3 0" {
		t.Errorf("Figure 1's spectrum has %s", got)
	}
	if _, err := SpectrumNamed("x"); err == nil {
		t.Error("no error for an unknown spectrum")
	}
}
