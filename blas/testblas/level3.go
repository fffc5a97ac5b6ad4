package testblas

import (
	"fmt"
	"math"
	"testing"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

func testGemm[T blas.Float](t *testing.T, b *blas.Backend) {
	rnd := newSource(t, 1, 2)
	r := blas.RoutinesOf[T](b.BLAS)
	sizes := seams[T]()
	pick := func() int { return sizes[rnd.IntN(len(sizes))] }
	trans := map[bool]gblas.Transpose{false: gblas.NoTrans, true: gblas.Trans}
	for range 120 {
		rnd.reuse()
		m, n, k := pick(), pick(), pick()
		tA, tB := rnd.IntN(2) == 1, rnd.IntN(2) == 1
		alpha, beta := T(rnd.IntN(4)-1), T(rnd.IntN(4)-1)
		name := fmt.Sprintf("m=%d n=%d k=%d tA=%v tB=%v alpha=%v beta=%v", m, n, k, tA, tB, alpha, beta)
		shape := func(tr bool, rows, cols int) guarded[T] {
			if tr {
				rows, cols = cols, rows
			}
			return newGuarded[T](rnd, rows, cols, rnd.IntN(4))
		}
		a, bb, c := shape(tA, m, k), shape(tB, k, n), shape(false, m, n)
		a0, b0 := a.Clone(), bb.Clone()
		want := c.Clone()
		for i := range m {
			for j := range n {
				var s T
				for p := range k {
					s += at(a.General, tA, i, p) * at(bb.General, tB, p, j)
				}
				want.Row(i)[j] = alpha*s + beta*want.Row(i)[j]
			}
		}
		if beta == 0 { // must not be read
			for i := range m {
				for j := range n {
					c.Row(i)[j] = T(math.NaN())
				}
			}
		}
		r.Gemm(trans[tA], trans[tB], m, n, k, alpha, a.Data, a.Stride, bb.Data, bb.Stride, beta, c.Data, c.Stride)
		c.same(t, name, want)
		c.intact(t, name)
		a.same(t, name+": A", a0)
		bb.same(t, name+": B", b0)
	}
}

func testSyrk[T blas.Float](t *testing.T, b *blas.Backend) {
	rnd := newSource(t, 3, 4)
	r := blas.RoutinesOf[T](b.BLAS)
	sizes := seams[T]()
	for range 100 {
		rnd.reuse()
		n, k := sizes[rnd.IntN(len(sizes))], sizes[rnd.IntN(len(sizes))]
		trans, upper := rnd.IntN(2) == 1, rnd.IntN(2) == 1
		alpha, beta := T(rnd.IntN(4)-1), T(rnd.IntN(4)-1)
		name := fmt.Sprintf("n=%d k=%d trans=%v upper=%v alpha=%v beta=%v", n, k, trans, upper, alpha, beta)
		rows, cols, op, uplo := n, k, gblas.NoTrans, gblas.Lower
		if trans {
			rows, cols, op = k, n, gblas.Trans
		}
		if upper {
			uplo = gblas.Upper
		}
		a, c := newGuarded[T](rnd, rows, cols, rnd.IntN(4)), newGuarded[T](rnd, n, n, rnd.IntN(4))
		want := c.Clone() // the other triangle stays as it was
		for i := range n {
			for j := range n {
				if upper != (j >= i) && i != j {
					continue
				}
				var s T
				for p := range k {
					s += at(a.General, trans, i, p) * at(a.General, trans, j, p)
				}
				want.Row(i)[j] = alpha*s + beta*want.Row(i)[j]
			}
		}
		r.Syrk(uplo, op, n, k, alpha, a.Data, a.Stride, beta, c.Data, c.Stride)
		c.same(t, name, want)
		c.intact(t, name)
	}
}

// testLongSums covers the cut of long sums, on fractions and on integers.
func testLongSums[T blas.Float](t *testing.T, b *blas.Backend, tol float64) {
	rnd := newSource(t, 5, 6)
	r := blas.RoutinesOf[T](b.BLAS)
	for _, shape := range [][2]int{{1, 2048}, {2, 5000}, {7, 4099}, {33, 3001}} {
		rnd.reuse()
		n, k := shape[0], shape[1]
		name := fmt.Sprintf("n=%d k=%d", n, k)
		x := newGuarded[T](rnd, k, n, 3)
		for _, fractions := range []bool{false, true} {
			if fractions {
				for i := range k {
					for j := range n {
						x.Row(i)[j] = T(rnd.NormFloat64())
					}
				}
			}
			want := blas.NewGeneral[T](n, n)
			for i := range n {
				for j := range i + 1 {
					var s float64
					for p := range k {
						s += float64(x.Row(p)[i]) * float64(x.Row(p)[j])
					}
					want.Row(i)[j] = T(s)
				}
			}
			c := newGuarded[T](rnd, n, n, 2)
			for i := range n {
				clear(c.Row(i)[i+1:])
			}
			r.Syrk(gblas.Lower, gblas.Trans, n, k, 1, x.Data, x.Stride, 0, c.Data, c.Stride)
			if fractions {
				c.close(t, name, want, tol)
			} else {
				c.same(t, name, want)
			}
			c.intact(t, name)
		}
	}
}
