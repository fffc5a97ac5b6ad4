package testblas

import (
	"fmt"
	"slices"
	"testing"

	"lowrank/blas"
)

// columnsTogether are matrices of several widths: every layout of columns, more
// columns than one reading takes, and equal ones.
var columnsTogether = [][]int{{1}, {2, 2, 2}, {1, 2, 3, 4, 5}, {8, 1, 17, 2}, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, {70, 3, 40}}

// testTogether holds passes of several operands to those of each alone, with
// ==: the bits are the same.
func testTogether[T blas.Float](t *testing.T, f blas.Fused[T]) {
	t.Run("symmetric", func(t *testing.T) { symmetricTogether(t, f, false) })
	t.Run("rounded", func(t *testing.T) { symmetricTogether(t, f, true) })
	t.Run("rectangular", func(t *testing.T) { rectangularTogether(t, f) })
	t.Run("measurements", func(t *testing.T) { measurementsTogether(t, f) })
}

// newReal is a matrix of normal numbers: sums depend on their order.
func newReal[T blas.Float](rnd *source, rows, cols int) guarded[T] {
	x := newGuarded[T](rnd, rows, cols, rnd.IntN(3))
	for i := range rows {
		for j := range cols {
			x.Row(i)[j] = T(rnd.NormFloat64())
		}
	}
	return x
}

func symmetricTogether[T blas.Float](t *testing.T, f blas.Fused[T], rounded bool) {
	rnd := newSource(t, 21, 22)
	for _, n := range []int{0, 1, 12, 121, 400, 777} {
		rnd.reuse()
		a := newReal[T](rnd, n, n)
		var s blas.Symmetric[T]
		if rounded {
			s = f.NewRounded(n, func(i int, dst []float32) {
				for j := range dst {
					dst[j] = float32(a.Row(i)[j])
				}
			})
		} else {
			s = f.NewSymmetric(n, func(i int, dst []T) { copy(dst, a.Row(i)) })
		}
		for _, columns := range columnsTogether {
			name := fmt.Sprintf("n=%d columns=%v", n, columns)
			p := s.NewProducts(columns)
			var x, y []guarded[T]
			for _, r := range columns {
				x, y = append(x, newReal[T](rnd, n, r)), append(y, newGuarded[T](rnd, n, r, 1))
			}
			for range 2 {
				p.Mul(generals(y), generals(x))
				for i, r := range columns {
					want := blas.NewGeneral[T](n, r)
					s.NewProduct(r).Mul(want, x[i].General)
					y[i].same(t, fmt.Sprintf("%s: matrix %d", name, i), want)
					y[i].intact(t, name)
				}
			}
		}
	}
}

// generals are the matrices without their guards.
func generals[T blas.Float](g []guarded[T]) []blas.General[T] {
	m := make([]blas.General[T], len(g))
	for i := range g {
		m[i] = g[i].General
	}
	return m
}

func rectangularTogether[T blas.Float](t *testing.T, f blas.Fused[T]) {
	rnd := newSource(t, 23, 24)
	for _, shape := range [][2]int{{0, 3}, {1, 1}, {13, 120}, {250, 47}, {601, 333}, {2600, 90}} {
		rnd.reuse()
		m, n := shape[0], shape[1]
		a := newReal[T](rnd, m, n)
		s := f.NewRectangular(m, n, func(i int, dst []T) { copy(dst, a.Row(i)) })
		for _, columns := range columnsTogether {
			name := fmt.Sprintf("m=%d n=%d columns=%v", m, n, columns)
			p := s.NewPairs(columns)
			count := len(columns)
			var x, y, ay, atx []guarded[T]
			eta, g, gnext, norms := make([]T, count), make([][]T, count), make([][]T, count), make([]blas.Norms, count)
			for i, k := range columns {
				x, y = append(x, newReal[T](rnd, m, k)), append(y, newReal[T](rnd, n, k))
				ay, atx = append(ay, newGuarded[T](rnd, m, k, 1)), append(atx, newGuarded[T](rnd, n, k, 2))
				eta[i], g[i], gnext[i] = T(0.1*float64(i+1)), make([]T, k*k), make([]T, k*k)
				for j := range g[i] {
					g[i][j] = T(rnd.NormFloat64())
				}
			}
			p.Mul(generals(ay), generals(atx), generals(x), generals(y))
			for i, k := range columns {
				wantAY, wantATX := blas.NewGeneral[T](m, k), blas.NewGeneral[T](n, k)
				s.NewPair(k).Mul(wantAY, wantATX, x[i].General, y[i].General)
				ay[i].same(t, fmt.Sprintf("%s: AY %d", name, i), wantAY)
				atx[i].same(t, fmt.Sprintf("%s: AᵀX %d", name, i), wantATX)
				ay[i].intact(t, name)
				atx[i].intact(t, name)
			}
			p.Alternate(eta, generals(ay), generals(atx), generals(x), generals(y), g, gnext, norms)
			for i, k := range columns {
				next, wantATX, wantG := blas.NewGeneral[T](m, k), blas.NewGeneral[T](n, k), make([]T, k*k)
				wantNorms := s.NewPair(k).Alternate(eta[i], next, wantATX, x[i].General, y[i].General, g[i], wantG)
				ay[i].same(t, fmt.Sprintf("%s: next X %d", name, i), next)
				atx[i].same(t, fmt.Sprintf("%s: AᵀX %d of next X", name, i), wantATX)
				if !slices.Equal(gnext[i], wantG) || norms[i] != wantNorms {
					t.Fatalf("%s: Gram matrix or norms of pair %d differ", name, i)
				}
				ay[i].intact(t, name)
				atx[i].intact(t, name)
			}
		}
	}
}

func measurementsTogether[T blas.Float](t *testing.T, f blas.Fused[T]) {
	rnd := newSource(t, 25, 26)
	for _, shape := range [][2]int{{1, 1}, {9, 0}, {9, 5}, {30, 63}, {100, 130}} {
		rnd.reuse()
		n, count := shape[0], shape[1]
		a := newReal[T](rnd, count, n*(n+1)/2)
		s := f.NewMeasurements(n, count, func(i int, dst []T) { copy(dst, a.Row(i)) })
		y := make([]T, count)
		for i := range y {
			y[i] = T(rnd.NormFloat64())
		}
		for _, runs := range []int{1, 2, 5} {
			name := fmt.Sprintf("n=%d count=%d runs=%d", n, count, runs)
			p := s.NewNormals(runs)
			var z, dst []guarded[T]
			var residual [][]T
			for range runs {
				z, dst, residual = append(z, newReal[T](rnd, n, n)), append(dst, newGuarded[T](rnd, n, n, 1)), append(residual, make([]T, count))
			}
			for range 2 {
				p.Normal(generals(dst), residual, 0.5, generals(z), y)
				for i := range runs {
					want, wantResidual := blas.NewGeneral[T](n, n), make([]T, count)
					s.Normal(want, wantResidual, 0.5, z[i].General, y)
					dst[i].same(t, fmt.Sprintf("%s: adjoint %d", name, i), want)
					dst[i].intact(t, name)
					if !slices.Equal(residual[i], wantResidual) {
						t.Fatalf("%s: residuals of run %d differ", name, i)
					}
				}
			}
		}
	}
}
