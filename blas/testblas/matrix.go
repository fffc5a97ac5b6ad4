package testblas

import (
	"math"
	"testing"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// guarded is a matrix whose rows have gaps and whose storage has a border,
// both filled with a value that no computation makes, to catch stray writes;
// it is NaN, to catch stray reads. The storage ends at a protected page.
type guarded[T blas.Float] struct {
	blas.General[T]
	all []T
	off int
}

const border = 9

// newGuarded fills a matrix with small integers: sums of their products are
// exact, so that results are compared with ==.
func newGuarded[T blas.Float](rnd *source, rows, cols, gap int) guarded[T] {
	stride := max(cols, 1) + gap
	n := max((rows-1)*stride+cols, 0)
	all := lend[T](rnd, border+n+behind)
	for i := range all {
		all[i] = T(math.NaN())
	}
	g := guarded[T]{blas.General[T]{Rows: rows, Cols: cols, Stride: stride, Data: all[border : border+n : border+n]}, all, border}
	for i := range rows {
		for j := range cols {
			g.Data[i*stride+j] = T(rnd.IntN(9) - 4)
		}
	}
	return g
}

// intact fails the test unless everything around the elements is still NaN.
func (g guarded[T]) intact(t *testing.T, name string) {
	t.Helper()
	for i, v := range g.all {
		at := i - g.off
		inside := at >= 0 && at < len(g.Data) && at%g.Stride < g.Cols && at/g.Stride < g.Rows
		if !inside && v == v {
			t.Fatalf("%s: wrote %v outside the matrix, at offset %d", name, v, at)
		}
	}
}

func (g guarded[T]) same(t *testing.T, name string, want blas.General[T]) {
	t.Helper()
	for i := range g.Rows {
		for j, v := range g.Row(i) {
			if v != want.Row(i)[j] {
				t.Fatalf("%s: element (%d, %d) is %v, want %v", name, i, j, v, want.Row(i)[j])
			}
		}
	}
}

// close compares with a tolerance relative to the largest element.
func (g guarded[T]) close(t *testing.T, name string, want blas.General[T], tol float64) {
	t.Helper()
	scale := 0.0
	for i := range want.Rows {
		for _, v := range want.Row(i) {
			scale = max(scale, math.Abs(float64(v)))
		}
	}
	for i := range g.Rows {
		for j, v := range g.Row(i) {
			if w := want.Row(i)[j]; !(math.Abs(float64(v)-float64(w)) <= tol*scale) {
				t.Fatalf("%s: element (%d, %d) is %v, want %v", name, i, j, v, w)
			}
		}
	}
}

// at reads op(A).
func at[T blas.Float](a blas.General[T], trans bool, i, j int) T {
	if trans {
		i, j = j, i
	}
	return a.Data[i*a.Stride+j]
}

func (g guarded[T]) fill(v float64) {
	for i := range g.Rows {
		for j := range g.Cols {
			g.Data[i*g.Stride+j] = T(v)
		}
	}
}

// untouched compares an operand that is only read, NaN or not, and its gaps.
func (g guarded[T]) untouched(t *testing.T, name string, was blas.General[T]) {
	t.Helper()
	for i := range g.Rows {
		for j, v := range g.Row(i) {
			if w := was.Row(i)[j]; v != w && (v == v || w == w) {
				t.Fatalf("%s: element (%d, %d) was %v and is %v", name, i, j, w, v)
			}
		}
	}
	g.intact(t, name)
}

// halve sets the other triangle to NaN.
func (g guarded[T]) halve(uplo gblas.Uplo) {
	for i := range g.Rows {
		for j := range g.Cols {
			if outside(uplo, i, j) {
				g.Row(i)[j] = T(math.NaN())
			}
		}
	}
}

func outside(uplo gblas.Uplo, i, j int) bool {
	return uplo == gblas.Lower && j > i || uplo == gblas.Upper && j < i
}

// product is A·X or Aᵀ·X.
func product[T blas.Float](trans bool, a, x blas.General[T]) blas.General[T] {
	rows := a.Rows
	if trans {
		rows = a.Cols
	}
	y := blas.NewGeneral[T](rows, x.Cols)
	for i := range rows {
		to := y.Row(i)
		for j := range x.Rows {
			v := at(a, trans, i, j)
			for c, u := range x.Row(j) {
				to[c] += v * u
			}
		}
	}
	return y
}

func op(trans bool) gblas.Transpose {
	if trans {
		return gblas.Trans
	}
	return gblas.NoTrans
}
