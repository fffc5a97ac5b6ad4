package blas_test

import (
	"math"
	"slices"
	"testing"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
)

// TestTriangle reads both triangles, with gaps between rows and NaN where nothing may be
// read.
func TestTriangle(t *testing.T) {
	for _, n := range []int{0, 1, 2, 5} {
		for _, stride := range []int{max(n, 1), n + 3} {
			at := func(i, j int) float64 { return float64(10*max(i, j) + min(i, j)) }
			lower := blas.Triangle[float64]{Uplo: gblas.Lower, N: n, Stride: stride}
			upper := blas.Triangle[float64]{Uplo: gblas.Upper, N: n, Stride: stride}
			for i := range n * stride {
				i, j := i/stride, i%stride
				l, u := math.NaN(), math.NaN()
				if j <= i {
					l = at(i, j)
				}
				if i <= j && j < n {
					u = at(i, j)
				}
				lower.Data, upper.Data = append(lower.Data, l), append(upper.Data, u)
			}
			general := blas.General[float64]{Rows: n, Cols: n, Stride: stride, Data: lower.Data}
			for _, triangle := range []blas.Triangle[float64]{lower, upper, general.Lower()} {
				triangle.Check(n)
				for i := range n {
					got, want := make([]float64, i+1), make([]float64, i+1)
					triangle.Row(i, got)
					for j := range want {
						want[j] = at(i, j)
					}
					if !slices.Equal(got, want) {
						t.Errorf("n = %d, %c, row %d: %v, expected %v", n, triangle.Uplo, i, got, want)
					}
				}
			}
		}
	}
}

// TestTriangleOfGonum converts a SymDense and a part of it, which store the upper triangle.
func TestTriangleOfGonum(t *testing.T) {
	s := mat.NewSymDense(4, nil)
	for i := range 4 {
		for j := range i + 1 {
			s.SetSym(i, j, float64(10*i+j))
		}
	}
	triangle := blas.Triangle[float64](s.SliceSym(1, 4).(*mat.SymDense).RawSymmetric())
	triangle.Check(3)
	row := make([]float64, 3)
	if triangle.Row(2, row); !slices.Equal(row, []float64{31, 32, 33}) {
		t.Errorf("the last row is %v", row)
	}
}

func TestTrianglePanics(t *testing.T) {
	good := blas.Triangle[float32]{Uplo: gblas.Upper, N: 2, Data: make([]float32, 4), Stride: 2}
	for name, spoil := range map[string]func(t *blas.Triangle[float32]){
		"order":    func(t *blas.Triangle[float32]) { t.N = 1 },
		"triangle": func(t *blas.Triangle[float32]) { t.Uplo = gblas.All },
		"stride":   func(t *blas.Triangle[float32]) { t.Stride = 1 },
		"length":   func(t *blas.Triangle[float32]) { t.Data = t.Data[:3] },
	} {
		bad := good
		spoil(&bad)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			bad.Check(2)
		}()
	}
	defer func() {
		if recover() == nil {
			t.Error("a matrix that is not square: no panic")
		}
	}()
	blas.NewGeneral[float64](2, 3).Lower()
}
