package testblas

import (
	"fmt"
	"math"
	"testing"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// testResidual multiplies matrices of normal fractions that are too large for
// plain loops: Cx is compared with A(Bx) for a random x, in float64. What must
// not be read or written is NaN.
func testResidual[T blas.Float](t *testing.T, b *blas.Backend) {
	size := func(n int) int {
		if testing.Short() {
			return n / 4 // for emulators
		}
		return n
	}
	t.Run("gemm", func(t *testing.T) {
		residualGemm[T](t, b, size(1100), size(900), size(1300), false, false)
		residualGemm[T](t, b, size(700), size(1031), size(601), true, false)
		residualGemm[T](t, b, size(601), size(700), size(1031), false, true)
		residualGemm[T](t, b, size(1031), size(601), size(700), true, true)
	})
	t.Run("syrk", func(t *testing.T) {
		residualSyrk[T](t, b, size(1100), size(900), false, gblas.Lower)
		residualSyrk[T](t, b, size(901), size(703), true, gblas.Upper)
	})
	t.Run("symm", func(t *testing.T) {
		residualSymm[T](t, b, size(1100), size(900), gblas.Left, gblas.Lower)
		residualSymm[T](t, b, size(701), size(803), gblas.Right, gblas.Upper)
	})
}

const residualAlpha, residualBeta = 0.7, -1.3 // products with them round

func residualGemm[T blas.Float](t *testing.T, b *blas.Backend, m, n, k int, tA, tB bool) {
	name := fmt.Sprintf("Gemm m=%d n=%d k=%d tA=%v tB=%v", m, n, k, tA, tB)
	rnd := newSource(t, 21, 22)
	shape := func(trans bool, rows, cols int) guarded[T] {
		if trans {
			rows, cols = cols, rows
		}
		return newNormal[T](rnd, rows, cols)
	}
	a, bb, c := shape(tA, m, k), shape(tB, k, n), shape(false, m, n)
	r := newResidual(rnd, n, k, whole(a, tA), whole(bb, tB), whole(c, false))
	blas.RoutinesOf[T](b.BLAS).Gemm(op(tA), op(tB), m, n, k, residualAlpha, a.Data, a.Stride, bb.Data, bb.Stride, residualBeta, c.Data, c.Stride)
	check[T](t, name, r, whole(c, false))
	c.intact(t, name)
}

func residualSyrk[T blas.Float](t *testing.T, b *blas.Backend, n, k int, trans bool, uplo gblas.Uplo) {
	name := fmt.Sprintf("Syrk n=%d k=%d trans=%v uplo=%c", n, k, trans, uplo)
	rnd := newSource(t, 23, 24)
	rows, cols := n, k
	if trans {
		rows, cols = k, n
	}
	a, c := newNormal[T](rnd, rows, cols), newNormal[T](rnd, n, n)
	c.halve(uplo)
	r := newResidual(rnd, n, k, whole(a, trans), whole(a, !trans), half(c, uplo))
	blas.RoutinesOf[T](b.BLAS).Syrk(uplo, op(trans), n, k, residualAlpha, a.Data, a.Stride, residualBeta, c.Data, c.Stride)
	check[T](t, name, r, half(c, uplo))
	for i := range n {
		for j, v := range c.Row(i) {
			if v == v && outside(uplo, i, j) {
				t.Fatalf("%s: wrote %v to element (%d, %d) of the other triangle", name, v, i, j)
			}
		}
	}
	c.intact(t, name)
}

func residualSymm[T blas.Float](t *testing.T, b *blas.Backend, m, n int, side gblas.Side, uplo gblas.Uplo) {
	name := fmt.Sprintf("Symm m=%d n=%d side=%c uplo=%c", m, n, side, uplo)
	rnd := newSource(t, 25, 26)
	order := m
	if side == gblas.Right {
		order = n
	}
	a, bb, c := newNormal[T](rnd, order, order), newNormal[T](rnd, m, n), newNormal[T](rnd, m, n)
	a.halve(uplo)
	left, right := half(a, uplo), whole(bb, false)
	if side == gblas.Right {
		left, right = right, left
	}
	r := newResidual(rnd, n, order, left, right, whole(c, false))
	blas.RoutinesOf[T](b.BLAS).Symm(side, uplo, m, n, residualAlpha, a.Data, a.Stride, bb.Data, bb.Stride, residualBeta, c.Data, c.Stride)
	check[T](t, name, r, whole(c, false))
	c.intact(t, name)
}

func newNormal[T blas.Float](rnd *source, rows, cols int) guarded[T] {
	g := newGuarded[T](rnd, rows, cols, 3)
	for i := range rows {
		for j := range cols {
			g.Row(i)[j] = T(rnd.NormFloat64())
		}
	}
	return g
}

// view is a matrix as it enters a product.
type view struct {
	rows int
	at   func(i, j int) float64
}

func whole[T blas.Float](g guarded[T], trans bool) view {
	rows := g.Rows
	if trans {
		rows = g.Cols
	}
	return view{rows, func(i, j int) float64 { return float64(at(g.General, trans, i, j)) }}
}

// half is the symmetric matrix of which one triangle is stored.
func half[T blas.Float](g guarded[T], uplo gblas.Uplo) view {
	return view{g.Rows, func(i, j int) float64 { return float64(at(g.General, outside(uplo, i, j), i, j)) }}
}

func (v view) times(x []float64) []float64 {
	y := make([]float64, v.rows)
	for i := range y {
		for j, u := range x {
			y[i] += v.at(i, j) * u
		}
	}
	return y
}

// residual is what Cx must be after C ← αAB + βC, where A has k columns.
type residual struct {
	k       int
	x, want []float64
}

func newResidual(rnd *source, n, k int, a, b, c view) residual {
	r := residual{k: k, x: make([]float64, n)}
	for i := range r.x {
		r.x[i] = rnd.NormFloat64()
	}
	r.want = a.times(b.times(r.x))
	for i, v := range c.times(r.x) {
		r.want[i] = residualAlpha*r.want[i] + residualBeta*v
	}
	return r
}

// check bounds the residual. An element of C is a sum of k products of size 1;
// partial sums grow like the square root of their length, so that its error is
// below εk, and the errors of a row meet x with signs at random. The vectors to
// compare with have such errors too, in float64. One product too many or too
// few leaves about ½.
func check[T blas.Float](t *testing.T, name string, r residual, c view) {
	t.Helper()
	eps := 0x1p-53
	if blas.SizeOf[T]() == 4 {
		eps = 0x1p-24
	}
	got := c.times(r.x)
	var err, size float64
	for i, v := range got {
		err += (v - r.want[i]) * (v - r.want[i])
	}
	for _, v := range r.x {
		size += v * v
	}
	err = math.Sqrt(err)
	bound := (eps + 0x1p-53) * float64(r.k) * math.Sqrt(float64(len(got))*size)
	if !(err <= bound) {
		t.Fatalf("%s: residual %.3g, at most %.3g expected", name, err, bound)
	}
	t.Logf("%s: residual %.2g, bound %.2g", name, err, bound)
}
