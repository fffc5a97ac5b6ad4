package problem

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/native"
)

func native(t *testing.T) *blas.Backend {
	t.Helper()
	b, err := blas.Open("native", 0)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOrthonormal(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {5, 5}, {40, 7}, {300, 40}} {
		q := Orthonormal(s[0], s[1], 1, "test")
		dense := mat.NewDense(q.Rows, q.Cols, q.Data)
		var g mat.Dense
		g.Mul(dense.T(), dense)
		for i := range s[1] {
			for j := range s[1] {
				want := 0.0
				if i == j {
					want = 1
				}
				if d := math.Abs(g.At(i, j) - want); !(d <= 1e-14) {
					t.Fatalf("%v: QᵀQ is off by %g at (%d, %d)", s, d, i, j)
				}
			}
		}
	}
}

func TestRectangularForms(t *testing.T) {
	b := native(t)
	p := NewRectangular(60, 40, 5, 0.9, 0, 3)
	want := math.Sqrt(1 + 0.975*0.975 + 0.95*0.95 + 0.925*0.925 + 0.9*0.9)
	for _, asProduct := range []bool{false, true} {
		op, err := OperatorOf[float64](b, p, asProduct)
		if err != nil {
			t.Fatal(err)
		}
		distance, norm, err := op.Distance(p.Left, p.Right)
		if err != nil || !(distance <= 1e-14) {
			t.Errorf("product %t: the factors miss A by %g, %v", asProduct, distance, err)
		}
		if math.Abs(norm-want) > 1e-13 {
			t.Errorf("product %t: ‖A‖_F = %v, want %v", asProduct, norm, want)
		}
	}
	p.Noise = 0.1
	op, err := OperatorOf[float64](b, p, false)
	if err != nil {
		t.Fatal(err)
	}
	if distance, _, _ := op.Distance(p.Left, p.Right); math.Abs(distance/want-0.1) > 1e-12 {
		t.Errorf("the noise is %v of A, want 0.1", distance/want)
	}
	if _, err := OperatorOf[float64](b, p, true); err == nil {
		t.Error("no error for noise on a product")
	}
}

// A Gaussian ensemble keeps norms on average. The mean of m = 4000 terms of
// relative deviation √2 lies within 0.1 with room to spare.
func TestGaussianEnsembleIsIsometric(t *testing.T) {
	const n, m = 12, 4000
	b := native(t)
	a, err := GenerateMeasurements[float64](b, "gaussian", n, m, HeldWide, 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []blas.General[float64]{
		{Rows: n, Cols: 1, Stride: 1, Data: append([]float64{1}, make([]float64, n-1)...)}, // the diagonal alone
		Truth(n, 3, 7),
	} {
		z := make([]float64, m)
		if err := a.Measure(z, u); err != nil {
			t.Fatal(err)
		}
		var got, want float64
		for _, v := range z {
			got += v * v
		}
		for i := range n {
			for j := range n {
				var s float64
				for k, v := range u.Row(i) {
					s += v * u.Row(j)[k]
				}
				want += s * s
			}
		}
		if math.Abs(got/want-1) > 0.1 {
			t.Errorf("‖𝒜(Z)‖² = %v for ‖Z‖² = %v", got, want)
		}
	}
	for _, name := range EnsembleNames() {
		if a, err := GenerateMeasurements[float64](b, name, 5, 9, HeldWide, 1); err != nil || a.Count() != 9 || a.Dim() != 5 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := GenerateMeasurements[float64](b, "x", 5, 9, HeldWide, 1); err == nil {
		t.Error("no error for an unknown ensemble")
	}
}

func TestTarget(t *testing.T) {
	for _, diagonal := range []bool{true, false} {
		w := NewTarget(30, []float64{2, 1, -1}, diagonal, 0, 4)
		var eig mat.EigenSym
		if !eig.Factorize(mat.NewSymDense(30, w.Data), false) {
			t.Fatal("no eigenvalues")
		}
		if v := eig.Values(nil); math.Abs(v[0]+1)+math.Abs(v[28]-1)+math.Abs(v[29]-2)+math.Abs(v[10]) > 1e-13 {
			t.Errorf("diagonal %t: eigenvalues %v", diagonal, v)
		}
	}
	var eig mat.EigenSym
	eig.Factorize(mat.NewSymDense(200, NewTarget(200, nil, true, 0.2, 4).Data), false)
	if v := eig.Values(nil); math.Abs(v[199]/0.2-1) > 0.1 {
		t.Errorf("noise of norm %v, want about 0.2", v[199])
	}
}
