package krylov

import (
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// matrixOf are the vectors of a space as a matrix.
func matrixOf(s *space) blas.General[float64] {
	v, e := blas.NewGeneral[float64](s.d, s.Size()), blas.NewGeneral[float64](s.Size(), s.Size())
	for i := range s.Size() {
		e.Row(i)[i] = 1
	}
	if s.Size() > 0 {
		s.Form(v, e)
	}
	return v
}

// TestPair: P and Q are orthonormal, B = PᵀAQ, the starts are kept, and what leaves
// the bases does so by the couplings, after every pass and until they are closed.
func TestPair(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(11, 12))
	for _, c := range []struct{ m, n, k int }{{1, 1, 1}, {3, 1, 1}, {2, 5, 2}, {30, 20, 3}, {20, 31, 4}, {60, 60, 1}, {25, 25, 25}} {
		a := random(rnd, c.m, c.n)
		for i := range a.Data {
			a.Data[i] /= math.Sqrt(float64(max(c.m, c.n)))
		}
		x0, y0 := random(rnd, c.m, c.k), random(rnd, c.n, c.k)
		starts, err := NewPair(b, operator.RectangularOf(b, a), []blas.General[float64]{x0}, []blas.General[float64]{y0})
		if err != nil {
			t.Fatal(err)
		}
		k, zx, zy := starts[0].Pair, starts[0].X, starts[0].Y
		for pass := 1; ; pass++ {
			p, q := k.Sizes()
			if k.Passes() != pass || p > c.m || q > c.n {
				t.Fatalf("%+v: %d passes, %d and %d vectors after %d extensions", c, k.Passes(), p, q, pass-1)
			}
			left, right := matrixOf(&k.left), matrixOf(&k.right)
			for _, v := range []blas.General[float64]{left, right} {
				one := blas.NewGeneral[float64](v.Cols, v.Cols)
				for i := range v.Cols {
					one.Row(i)[i] = 1
				}
				if e := largest(product(v, v, true), one); e > 5e-15 {
					t.Errorf("%+v, %d passes: VᵀV − 1 has %g", c, pass, e)
				}
			}
			inner := blas.NewGeneral[float64](p, q)
			for i := range p {
				for j := range q {
					inner.Row(i)[j] = k.Inner().At(i, j)
				}
			}
			aq := product(a, right, false)
			if e := largest(product(left, aq, true), inner); e > 1e-14 {
				t.Errorf("%+v, %d passes: PᵀAQ − B has %g", c, pass, e)
			}
			sx, sy := blas.NewGeneral[float64](p, c.k), blas.NewGeneral[float64](q, c.k)
			sx.RowsOf(0, zx.Rows).Copy(zx)
			sy.RowsOf(0, zy.Rows).Copy(zy)
			x, y := blas.NewGeneral[float64](c.m, c.k), blas.NewGeneral[float64](c.n, c.k)
			k.Form(x, y, sx, sy)
			if e := max(largest(x, x0), largest(y, y0)); e > 1e-13 {
				t.Errorf("%+v, %d passes: the start is off by %g", c, pass, e)
			}
			// What leaves the bases, for random coordinates.
			u, v := random(rnd, p, 1), random(rnd, q, 1)
			by, btx := blas.NewGeneral[float64](p, 1), blas.NewGeneral[float64](q, 1)
			if err := k.Inner().Mul(by, btx, u, v); err != nil {
				t.Fatal(err)
			}
			toLeft, toRight := k.Couplings()
			for _, side := range []struct{ all, inside, coupling, z blas.General[float64] }{
				{product(aq, v, false), product(left, by, false), toLeft, v},
				{product(product(a, left, true), u, false), product(right, btx, false), toRight, u},
			} {
				for i := range side.all.Data {
					side.all.Data[i] -= side.inside.Data[i]
				}
				outside := 0.0
				for i := range side.coupling.Rows {
					outside = math.Hypot(outside, dot(side.coupling.Row(i), side.z.Data[side.z.Rows-side.coupling.Cols:]))
				}
				if e := math.Abs(nrm2(side.all.Data) - outside); e > 1e-13 {
					t.Errorf("%+v, %d passes: what leaves the basis is off by %g", c, pass, e)
				}
			}
			// The distance is that of the factors.
			k.Form(x, y, sx, sy)
			got, norm, err := k.Inner().Distance(sx, sy)
			if err != nil {
				t.Fatal(err)
			}
			want, wantNorm, _ := operator.RectangularOf(b, a).Distance(x, y)
			if math.Abs(got-want) > 1e-13*want || math.Abs(norm-wantNorm) > 1e-13*wantNorm {
				t.Errorf("%+v, %d passes: distance %g of %g, want %g of %g", c, pass, got, norm, want, wantNorm)
			}
			if k.Closed() {
				break
			}
			if err := k.Extend(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestLowRankCloses: an A of rank r is exhausted by few passes.
func TestLowRankCloses(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(13, 14))
	const m, n, r, columns = 200, 150, 4, 7
	a := operator.NewProduct(b, random(rnd, m, r), random(rnd, n, r))
	starts, err := NewPair(b, a, []blas.General[float64]{random(rnd, m, columns)}, []blas.General[float64]{random(rnd, n, columns)})
	if err != nil {
		t.Fatal(err)
	}
	k := starts[0].Pair
	for !k.Closed() && k.Passes() < 10 {
		if err := k.Extend(); err != nil {
			t.Fatal(err)
		}
	}
	if p, q := k.Sizes(); p != columns+1+r || q != columns+1+r || k.Passes() > 3 {
		t.Errorf("%d and %d vectors after %d passes; want %d after two or three", p, q, k.Passes(), columns+1+r)
	}
}
