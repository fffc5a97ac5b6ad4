package testblas

import (
	"fmt"
	"math"
	"testing"

	"lowrank/blas"
)

// testSymmetric multiplies integer matrices, so that every order of sums gives
// the same bits.
func testSymmetric[T blas.Float](t *testing.T, f blas.Fused[T]) {
	rnd := newSource(t, 7, 8)
	for _, n := range append(seams[T](), 500, 1027) {
		rnd.reuse()
		a := newGuarded[T](rnd, n, n, 0)
		s := f.NewSymmetric(n, func(i int, dst []T) {
			if len(dst) != i+1 {
				t.Errorf("row %d asked for %d elements", i, len(dst))
			}
			copy(dst, a.Row(i))
		})
		if s.Dim() != n {
			t.Fatalf("Dim is %d, want %d", s.Dim(), n)
		}
		for i := range n {
			row := make([]T, i+1)
			s.Row(i, row)
			for j, v := range row {
				if v != a.Row(i)[j] {
					t.Fatalf("n=%d: stored element (%d, %d) is %v, want %v", n, i, j, v, a.Row(i)[j])
				}
			}
		}
		numbers, _ := blocksOf[T]()
		for _, r := range []int{1, 2, 3, 4, 5, 8, 11, 33, 9*numbers.NR + 3} {
			if r > 33 && n > 300 {
				continue
			}
			name := fmt.Sprintf("n=%d r=%d", n, r)
			x, y := newGuarded[T](rnd, n, r, rnd.IntN(3)), newGuarded[T](rnd, n, r, rnd.IntN(3))
			want := blas.NewGeneral[T](n, r)
			for i := range n {
				for j := range n {
					v := a.Row(max(i, j))[min(i, j)]
					to := want.Row(i)
					for c, u := range x.Row(j) {
						to[c] += v * u
					}
				}
			}
			p := s.NewProduct(r)
			for range 2 { // nothing may be left over from the first call
				p.Mul(y.General, x.General)
				y.same(t, name, want)
			}
			y.intact(t, name)
		}
	}
}

func testSweep[T blas.Float](t *testing.T, f blas.Fused[T], tol float64) {
	rnd := newSource(t, 9, 10)
	for _, d := range []int{1, 2, 5, 63, 255, 256, 257, 1030, 4099} {
		for _, r := range []int{1, 2, 3, 4, 5, 9, 33, 70} {
			if r > d {
				continue
			}
			rnd.reuse()
			name := fmt.Sprintf("d=%d r=%d", d, r)
			x, y := newGuarded[T](rnd, d, r, 1+rnd.IntN(3)), newGuarded[T](rnd, d, r, rnd.IntN(3))
			lambda := newGuarded[T](rnd, 1, d, 0).Data
			for i := range d {
				lambda[i] = T(rnd.Float64())
				for j := range r {
					x.Row(i)[j] = T(rnd.NormFloat64() / math.Sqrt(float64(d)))
					y.Row(i)[j] = T(rnd.NormFloat64() / math.Sqrt(float64(d)))
				}
			}
			s := f.NewSweep(d, r)
			g := newGuarded[T](rnd, 1, r*r, 0).Data
			s.Gram(x.General, g)
			wantG := gram(x.General)
			closeGram(t, name+": Gram", r, g, wantG, tol)

			const eta = 0.25
			next, norms := step(eta, x.General, y.General)
			x0 := x.Clone()
			got := s.Update(eta, x.General, y.General, g)
			y.close(t, name+": Update", next, tol)
			y.intact(t, name+": Update")
			x.same(t, name+": x after Update", x0)
			closeGram(t, name+": Gram after Update", r, g, gram(next), tol)
			closeNorms(t, name+": Update", got, norms, tol)

			s.Gram(x.General, g)
			lx := blas.NewGeneral[T](d, r)
			for i := range d {
				for j, v := range x.Row(i) {
					lx.Row(i)[j] = lambda[i] * v
				}
			}
			next, norms = step(eta, x.General, lx)
			got = s.Diagonal(eta, lambda, x.General, g)
			x.close(t, name+": Diagonal", next, tol)
			x.intact(t, name+": Diagonal")
			closeGram(t, name+": Gram after Diagonal", r, g, gram(next), tol)
			closeNorms(t, name+": Diagonal", got, norms, tol)
		}
	}
}

// testFusedAllocations asserts that steady state allocates nothing, where the
// routines beneath allocate nothing themselves.
func testFusedAllocations[T blas.Float](t *testing.T, b *blas.Backend, f blas.Fused[T]) {
	if b.Name == "gonum" {
		t.Skip("gonum's matrix product starts goroutines")
	}
	const d, r = 700, 5
	m := f.NewSymmetric(d, func(i int, dst []T) { dst[i] = 1 })
	p, s := m.NewProduct(r), f.NewSweep(d, r)
	x, y, g, g2 := blas.NewGeneral[T](d, r), blas.NewGeneral[T](d, r), make([]T, r*r), make([]T, r*r)
	lambda := make([]T, d)
	rounded := f.NewRounded(d, func(i int, dst []float32) { dst[i] = 1 }).NewProduct(r)
	pair := f.NewRectangular(d, 300, func(i int, dst []T) { dst[i%300] = 1 }).NewPair(r)
	u, v := blas.NewGeneral[T](300, r), blas.NewGeneral[T](300, r)
	const n, count = 40, 90
	sensing := f.NewMeasurements(n, count, func(i int, dst []T) { dst[i] = 1 })
	const runs = 3
	joint := m.NewProducts([]int{r, r, r})
	pairs := f.NewRectangular(d, 300, func(i int, dst []T) { dst[i%300] = 1 }).NewPairs([]int{r, r, r})
	normals := sensing.NewNormals(runs)
	many := func(rows, cols int) (m []blas.General[T]) {
		for range runs {
			m = append(m, blas.NewGeneral[T](rows, cols))
		}
		return m
	}
	lists := func(n int) (l [][]T) {
		for range runs {
			l = append(l, make([]T, n))
		}
		return l
	}
	xs, ys, us, vs, zs, ms := many(d, r), many(d, r), many(300, r), many(300, r), many(n, n), many(n, n)
	gs, gnexts, residuals, etas, norms := lists(r*r), lists(r*r), lists(count), make([]T, runs), make([]blas.Norms, runs)
	z, m2, res, rhs := blas.NewGeneral[T](n, n), blas.NewGeneral[T](n, n), make([]T, count), make([]T, count)
	all := func() {
		p.Mul(y, x)
		rounded.Mul(y, x)
		pair.Mul(y, v, x, u)
		pair.Alternate(0.1, y, v, x, u, g, g2)
		sensing.Normal(m2, res, 1, z, rhs)
		joint.Mul(ys, xs)
		pairs.Mul(ys, vs, xs, us)
		pairs.Alternate(etas, ys, vs, xs, us, gs, gnexts, norms)
		normals.Normal(ms, residuals, 1, zs, rhs)
		s.Update(0.1, x, y, g)
		s.Diagonal(0.1, lambda, x, g)
		s.Gram(x, g)
	}
	all()
	if n := testing.AllocsPerRun(20, all); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func gram[T blas.Float](x blas.General[T]) []float64 {
	g := make([]float64, x.Cols*x.Cols)
	for i := range x.Rows {
		for j, u := range x.Row(i) {
			for k, v := range x.Row(i) {
				g[j*x.Cols+k] += float64(u) * float64(v)
			}
		}
	}
	return g
}

// step is X + η(Y − X·XᵀX), in float64.
func step[T blas.Float](eta float64, x, y blas.General[T]) (blas.General[T], blas.Norms) {
	g := gram(x)
	next := blas.NewGeneral[T](x.Rows, x.Cols)
	var n blas.Norms
	for i := range x.Rows {
		for j := range x.Cols {
			d := float64(y.Row(i)[j])
			n.Product += d * d
			for k, v := range x.Row(i) {
				d -= float64(v) * g[k*x.Cols+j]
			}
			n.Gradient += d * d
			next.Row(i)[j] = T(float64(x.Row(i)[j]) + eta*d)
		}
	}
	return next, n
}

func closeGram[T blas.Float](t *testing.T, name string, r int, got []T, want []float64, tol float64) {
	t.Helper()
	var scale float64
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i := range r {
		for j := range r {
			if !(math.Abs(float64(got[i*r+j])-want[i*r+j]) <= tol*scale) {
				t.Fatalf("%s: element (%d, %d) is %v, want %v", name, i, j, got[i*r+j], want[i*r+j])
			}
			if got[i*r+j] != got[j*r+i] {
				t.Fatalf("%s: not symmetric at (%d, %d)", name, i, j)
			}
		}
	}
}

func closeNorms(t *testing.T, name string, got, want blas.Norms, tol float64) {
	t.Helper()
	if !(math.Abs(got.Gradient-want.Gradient) <= 100*tol*want.Gradient && math.Abs(got.Product-want.Product) <= 100*tol*want.Product) {
		t.Fatalf("%s: norms are %v, want %v", name, got, want)
	}
}
