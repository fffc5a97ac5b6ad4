package krylov

import (
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
)

// TestBanded: products with H for any number of columns, against those with the dense
// matrix, while it grows by blocks of 0 to 4 rows. What lies behind a result's rows is
// not touched.
func TestBanded(t *testing.T) {
	b := native(t)
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		m := newBanded(b)
		dense := blas.NewGeneral[float64](40, 40)
		last := 0
		for size := 1 + int(seed)%4; size > 0 && m.rows()+size <= 30; size = rnd.IntN(size + 1) {
			n := m.rows()
			coupling, own := random(rnd, size, last), random(rnd, size, size)
			for i := range size {
				for j := range last {
					dense.Row(n + i)[n-last+j], dense.Row(n - last + j)[n+i] = coupling.Row(i)[j], coupling.Row(i)[j]
				}
				for j := range size {
					dense.Row(n + i)[n+j] = own.Row(i)[j]
				}
			}
			m.grow(coupling, n-last, coupling, own)
			last = size
			if n += size; m.rows() != n {
				t.Fatalf("%d rows, want %d", m.rows(), n)
			}
			for columns := 1; columns <= 9; columns++ {
				x, dst := columnsOf(random(rnd, n+2, columns+3), 1, columns), columnsOf(random(rnd, n+2, columns+2), 2, columns)
				want := blas.NewGeneral[float64](n+2, columns)
				for i := range n {
					for j := range n {
						axpy(dense.Row(i)[j], x.Row(j), want.Row(i))
					}
				}
				beside := dst.Data[dst.Stride-2] // of another column of the matrix that dst is part of
				m.multiply(dst, x)
				if e := largest(want, dst); e > 1e-14 {
					t.Errorf("%d rows, %d columns: off by %g", n, columns, e)
				}
				if dst.Data[dst.Stride-2] != beside {
					t.Errorf("%d rows, %d columns: wrote beside the result", n, columns)
				}
				lastRows := blas.NewGeneral[float64](last, columns)
				m.multiplyLast(lastRows, x)
				if e := largest(want.RowsOf(n-last, n), lastRows); e > 1e-14 {
					t.Errorf("%d rows, %d columns: last rows off by %g", n, columns, e)
				}
			}
			elements, sum := 0, 0.0
			for i := range n {
				var s float64
				for j := range n {
					if v := m.element(i, j); v != dense.Row(i)[j] {
						t.Errorf("element %d, %d is %v, want %v", i, j, v, dense.Row(i)[j])
					}
					if s += math.Abs(dense.Row(i)[j]); dense.Row(i)[j] != 0 {
						elements++
					}
				}
				sum = max(sum, s)
			}
			if m.elements() != elements || math.Abs(m.largestSum()-sum) > 1e-14*sum {
				t.Errorf("%d elements with sums up to %v, want %d and %v", m.elements(), m.largestSum(), elements, sum)
			}
		}
	}
}

// TestPerturbations: a step of perturbations against plain loops, for any number of
// columns.
func TestPerturbations(t *testing.T) {
	b := native(t)
	rnd := rand.New(rand.NewPCG(3, 3))
	for k := 1; k <= 9; k++ {
		for _, n := range []int{k, 13, 40} {
			d := NewPerturbations(b, n-1, k)
			d.Enlarge(n)
			fill := random(rnd, n, d.All().Cols)
			d.All().Copy(fill)
			h, z, g := random(rnd, n, n), random(rnd, n, k), random(rnd, k, k)
			const eta = 0.3
			ofCut := d.Product(func(dst, x blas.General[float64]) { dst.Copy(product(h, x, false)) }, d)
			for i := range ofCut.Rows {
				ofCut.Row(i)[0] += 1
			}
			got := d.Turn(z, g.Data, d.Cross(z), eta)
			var squares float64
			for s := range 1 + Samples {
				delta := columnsOf(fill, s*k, k).Clone()
				p := product(z, delta, true)
				back := product(delta, z, true)
				for i := range p.Data {
					p.Data[i] += back.Data[i]
				}
				to, dg, zp := product(h, delta, false), product(delta, g, false), product(z, p, false)
				for i := range n {
					if s == 0 {
						to.Row(i)[0] += 1
					}
					for c := range k {
						delta.Row(i)[c] += eta * (to.Row(i)[c] - dg.Row(i)[c] - zp.Row(i)[c])
						squares += delta.Row(i)[c] * delta.Row(i)[c]
					}
				}
				part := d.Cut()
				if s > 0 {
					part = d.Rounding(s - 1)
				}
				if e, size := largest(delta, part), nrm2(delta.Data); e > 1e-14*size {
					t.Errorf("k = %d, n = %d, perturbation %d: off by %g of %g", k, n, s, e, size)
				}
				if e := math.Abs(Norm(part) - nrm2(delta.Data)); e > 1e-14*nrm2(delta.Data) {
					t.Errorf("k = %d, n = %d: norm off by %g", k, n, e)
				}
			}
			if math.Abs(got-squares) > 1e-13*squares {
				t.Errorf("k = %d, n = %d: squares %v, want %v", k, n, got, squares)
			}
		}
	}
}

// TestTranspose: of any shape, and of parts of matrices.
func TestTranspose(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 5))
	for _, s := range [][2]int{{0, 3}, {1, 1}, {2, 700}, {700, 2}, {255, 257}, {256, 256}, {3, 0}} {
		src := columnsOf(random(rnd, s[0], s[1]+3), 2, s[1])
		all := random(rnd, s[1], s[0]+2)
		dst, beside := columnsOf(all, 0, s[0]), all.Clone()
		transpose(dst, src)
		for i := range s[1] {
			for j := range s[0] {
				if dst.Row(i)[j] != src.Row(j)[i] {
					t.Fatalf("%v: element %d, %d", s, i, j)
				}
			}
			for j := s[0]; j < all.Cols; j++ {
				if all.Row(i)[j] != beside.Row(i)[j] {
					t.Fatalf("%v: wrote beside row %d", s, i)
				}
			}
		}
	}
}

// TestNorm: of parts of matrices, also where squares leave the range.
func TestNorm(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 6))
	for _, scale := range []float64{1e-200, 1, 1e200} {
		m := random(rnd, 7, 5)
		for i := range m.Data {
			m.Data[i] *= scale
		}
		part := columnsOf(m, 1, 3)
		if a, b := Norm(part), Norm(part.Clone()); !(math.Abs(a-b) <= 1e-15*b) || b == 0 {
			t.Errorf("scale %g: %g, want %g", scale, a, b)
		}
	}
	if n := Norm(blas.NewGeneral[float64](0, 3)); n != 0 {
		t.Errorf("the norm of nothing is %g", n)
	}
}
