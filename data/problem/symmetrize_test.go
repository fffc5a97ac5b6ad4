package problem

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/solvers/operator"
)

// squareFile writes an n×n matrix of float32 or float64.
func squareFile[T blas.Float](t *testing.T, n int, data []T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "S.npy")
	if err := matio.WriteNPY(path, []int{n, n}, data); err != nil {
		t.Fatal(err)
	}
	return path
}

// elementsOf multiplies Σ with the identity.
func elementsOf(t *testing.T, op operator.Operator[float64]) blas.General[float64] {
	t.Helper()
	d := op.Dim()
	e, s := blas.NewGeneral[float64](d, d), blas.NewGeneral[float64](d, d)
	for i := range d {
		e.Row(i)[i] = 1
	}
	if err := op.Mul(s, e); err != nil {
		t.Fatal(err)
	}
	return s
}

func asymmetric(err error) bool { return errors.As(err, new(*Asymmetry)) }

// A matrix is symmetric as far as the type of its file can tell.
func TestSymmetryTolerance(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	const max = 64.
	of := func(apart float64) []float64 { return []float64{max, 1 + apart*max, 1, -3} }
	for _, c := range []struct {
		apart    float64
		in32     bool
		accepted bool
	}{{0.9e-12, false, true}, {2e-12, false, false}, {9e-6, true, true}, {2e-5, true, false}, {2e-5, false, false}, {9e-6, false, false}} {
		path := ""
		if c.in32 {
			var narrow []float32
			for _, v := range of(c.apart) {
				narrow = append(narrow, float32(v))
			}
			path = squareFile(t, 2, narrow)
		} else {
			path = squareFile(t, 2, of(c.apart))
		}
		_, err := ReadDense[float64](b, path, false)
		if (err == nil) != c.accepted {
			t.Errorf("a pair %g·max|a| apart, float32 %v: %v", c.apart, c.in32, err)
		}
		if err != nil {
			if !asymmetric(err) {
				t.Errorf("%v is no Asymmetry", err)
			}
			for _, say := range []string{"(0, 1)", "(1, 0)", fmt.Sprintf("%.3g·max|a| apart", c.apart)} {
				if !strings.Contains(err.Error(), say) {
					t.Errorf("%q does not say %q", err, say)
				}
			}
		}
		if _, err := ReadDense[float64](b, path, true); err != nil {
			t.Errorf("symmetrized: %v", err)
		}
	}
}

// Σ is (A + Aᵀ)/2, stored by rows or by columns, dense or sparse, and A where that is
// symmetric.
func TestSymmetrize(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	const n = 70
	rnd := rand.New(rand.NewPCG(1, 1))
	data, want := make([]float64, n*n), blas.NewGeneral[float64](n, n)
	var mtx strings.Builder
	elements := 0
	for e := range data {
		if rnd.IntN(3) == 0 {
			data[e] = rnd.NormFloat64()
			fmt.Fprintf(&mtx, "%d %d %.17g\n", e/n+1, e%n+1, data[e])
			elements++
		}
	}
	for i := range n {
		for j := range n {
			want.Row(i)[j] = data[i*n+j]/2 + data[j*n+i]/2
		}
	}
	sparse := filepath.Join(t.TempDir(), "S.mtx")
	if err := os.WriteFile(sparse, fmt.Appendf(nil, "%%%%MatrixMarket matrix coordinate real general\n%d %d %d\n%s", n, n, elements, mtx.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{squareFile(t, n, data), sparse} {
		if _, err := ReadDense[float64](b, path, false); !asymmetric(err) {
			t.Errorf("%s is taken as it is: %v", path, err)
		}
		op, err := ReadDense[float64](b, path, true)
		if err != nil {
			t.Fatal(err)
		}
		got := elementsOf(t, op)
		for e, v := range want.Data {
			if !(math.Abs(got.Data[e]-v) <= 1e-15*math.Abs(v)) {
				t.Fatalf("%s: element %d is %v, want %v", path, e, got.Data[e], v)
			}
		}
	}
	same := squareFile(t, n, want.Data)
	plain, err := ReadDense[float64](b, same, false)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadDense[float64](b, same, true)
	if err != nil {
		t.Fatal(err)
	}
	x, y := elementsOf(t, plain), elementsOf(t, again)
	for e, v := range x.Data {
		if y.Data[e] != v {
			t.Fatalf("element %d of a symmetric matrix becomes %v, was %v", e, y.Data[e], v)
		}
	}
}
