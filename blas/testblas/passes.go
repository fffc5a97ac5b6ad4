package testblas

import (
	"fmt"
	"testing"

	"lowrank/blas"
)

// testRounded: a symmetric matrix held as float32 gives what its elements,
// widened, give.
func testRounded[T blas.Float](t *testing.T, f blas.Fused[T], tol float64) {
	rnd := newSource(t, 11, 12)
	for _, n := range []int{0, 1, 5, 119, 120, 121, 400, 777} {
		rnd.reuse()
		a := blas.NewGeneral[float32](n, n)
		for i := range n {
			for j := range i + 1 {
				a.Row(i)[j] = float32(rnd.NormFloat64())
			}
		}
		s := f.NewRounded(n, func(i int, dst []float32) { copy(dst, a.Row(i)) })
		row := make([]T, n)
		for i := range n {
			s.Row(i, row[:i+1])
			for j, v := range row[:i+1] {
				if v != T(a.Row(i)[j]) {
					t.Fatalf("n=%d: element (%d, %d) is %v, want %v", n, i, j, v, a.Row(i)[j])
				}
			}
		}
		for _, r := range []int{1, 2, 3, 4, 9, 17} {
			x, y := newGuarded[T](rnd, n, r, 1), newGuarded[T](rnd, n, r, 2)
			want := blas.NewGeneral[T](n, r)
			for i := range n {
				for c := range r {
					var sum float64
					for j := range n {
						sum += float64(a.Row(max(i, j))[min(i, j)]) * float64(x.Row(j)[c])
					}
					want.Row(i)[c] = T(sum)
				}
			}
			p := s.NewProduct(r)
			for range 2 {
				p.Mul(y.General, x.General)
				y.close(t, fmt.Sprintf("rounded n=%d r=%d", n, r), want, 10*tol)
			}
			y.intact(t, fmt.Sprintf("rounded n=%d r=%d", n, r))
		}
	}
}

// testRectangular uses integers, so that every order of sums gives the same
// bits.
func testRectangular[T blas.Float](t *testing.T, f blas.Fused[T]) {
	rnd := newSource(t, 13, 14)
	sizes := []int{0, 1, 2, 11, 12, 13, 47, 119, 120, 121, 250, 601}
	for range 40 {
		rnd.reuse()
		m, n := sizes[rnd.IntN(len(sizes))], sizes[rnd.IntN(len(sizes))]
		a := newGuarded[T](rnd, m, n, 1)
		s := f.NewRectangular(m, n, func(i int, dst []T) { copy(dst, a.Row(i)) })
		if gm, gn := s.Dims(); gm != m || gn != n {
			t.Fatalf("Dims are %d, %d, want %d, %d", gm, gn, m, n)
		}
		row := make([]T, n)
		for i := range m {
			s.Row(i, row)
			for j, v := range row {
				if v != a.Row(i)[j] {
					t.Fatalf("m=%d n=%d: element (%d, %d) is %v, want %v", m, n, i, j, v, a.Row(i)[j])
				}
			}
		}
		for _, k := range []int{1, 2, 3, 4, 5, 8, 10, 17} {
			name := fmt.Sprintf("m=%d n=%d k=%d", m, n, k)
			x, y := newSmall[T](rnd, m, k), newSmall[T](rnd, n, k)
			ay, atx := newGuarded[T](rnd, m, k, 1), newGuarded[T](rnd, n, k, 3)
			p := s.NewPair(k)
			for range 2 {
				p.Mul(ay.General, atx.General, x.General, y.General)
				ay.same(t, name+": AY", product(false, a.General, y.General))
				atx.same(t, name+": AᵀX", product(true, a.General, x.General))
			}
			ay.intact(t, name+": AY")
			atx.intact(t, name+": AᵀX")

			// One step on the rows of X, with a Gram matrix of small integers.
			g, gnext := make([]T, k*k), make([]T, k*k)
			for i := range k {
				for j := range i + 1 {
					g[i*k+j] = T(rnd.IntN(3) - 1)
					g[j*k+i] = g[i*k+j]
				}
			}
			x0, y0 := x.Clone(), y.Clone()
			next := newGuarded[T](rnd, m, k, 2)
			want := product(false, a.General, y.General)
			var norms blas.Norms
			for i := range m {
				delta := append([]T(nil), want.Row(i)...)
				for c := range k {
					norms.Product += float64(delta[c]) * float64(delta[c])
					for l := range k {
						delta[c] -= x.Row(i)[l] * g[l*k+c]
					}
					norms.Gradient += float64(delta[c]) * float64(delta[c])
				}
				for c := range k {
					want.Row(i)[c] = x.Row(i)[c] + 0.5*delta[c]
				}
			}
			for range 2 {
				got := p.Alternate(0.5, next.General, atx.General, x.General, y.General, g, gnext)
				next.same(t, name+": next X", want)
				closeNorms(t, name, got, norms, 1e-6)
			}
			closeGram(t, name+": Gram of next X", k, gnext, gram(want), 1e-5)
			atx.close(t, name+": AᵀX of next X", product(true, a.General, want), 1e-5)
			next.intact(t, name+": next X")
			atx.intact(t, name+": AᵀX of next X")
			x.same(t, name+": x", x0)
			y.same(t, name+": y", y0)
		}
	}
}

// newSmall is a matrix of −1, 0 and 1.
func newSmall[T blas.Float](rnd *source, rows, cols int) guarded[T] {
	x := newGuarded[T](rnd, rows, cols, rnd.IntN(3))
	for i := range rows {
		for j := range cols {
			x.Row(i)[j] = T(rnd.IntN(3) - 1)
		}
	}
	return x
}

func testMeasurements[T blas.Float](t *testing.T, f blas.Fused[T]) {
	rnd := newSource(t, 15, 16)
	for _, n := range []int{1, 2, 9, 30, 100} {
		for _, count := range []int{0, 1, 3, 4, 5, 8, 63, 70} {
			rnd.reuse()
			name := fmt.Sprintf("n=%d count=%d", n, count)
			size := n * (n + 1) / 2
			a := newSmall[T](rnd, count, size)
			m := f.NewMeasurements(n, count, func(i int, dst []T) {
				if len(dst) != size {
					t.Errorf("matrix %d asked for %d elements", i, len(dst))
				}
				copy(dst, a.Row(i))
			})
			if m.Dim() != n || m.Count() != count {
				t.Fatalf("%s: got n=%d count=%d", name, m.Dim(), m.Count())
			}
			for i := range count {
				got := make([]T, size)
				m.Matrix(i, got)
				for j, v := range got {
					if v != a.Row(i)[j] {
						t.Fatalf("%s: element %d of matrix %d is %v, want %v", name, j, i, v, a.Row(i)[j])
					}
				}
			}
			z, y := newSmall[T](rnd, n, n), newSmall[T](rnd, 1, count)
			dst, apply, residual := newGuarded[T](rnd, n, n, 2), newGuarded[T](rnd, 1, count, 0), newGuarded[T](rnd, 1, count, 0)
			wantApply, wantResidual := blas.NewGeneral[T](1, count), blas.NewGeneral[T](1, count)
			normal, adjoint := blas.NewGeneral[T](n, n), blas.NewGeneral[T](n, n)
			for i := range count {
				var s T
				each(n, a.Row(i), func(r, c int, v T) { s += v * z.Row(max(r, c))[min(r, c)] })
				wantApply.Data[i] = s
				wantResidual.Data[i] = 0.5*s - y.Data[i]
				each(n, a.Row(i), func(r, c int, v T) {
					normal.Row(r)[c] += wantResidual.Data[i] * v
					adjoint.Row(r)[c] += y.Data[i] * v
				})
			}
			for range 2 {
				m.Apply(apply.Data, z.General)
				apply.same(t, name+": Apply", wantApply)
				m.Adjoint(dst.General, y.Data)
				dst.same(t, name+": Adjoint", adjoint)
				m.Normal(dst.General, residual.Data, 0.5, z.General, y.Data)
				residual.same(t, name+": residual", wantResidual)
				dst.same(t, name+": Normal", normal)
			}
			dst.intact(t, name)
			apply.intact(t, name)
			residual.intact(t, name)
		}
	}
}

// each visits all elements of a symmetric matrix whose lower triangle is given.
func each[T blas.Float](n int, triangle []T, visit func(r, c int, v T)) {
	at := 0
	for r := range n {
		for c := range r + 1 {
			visit(r, c, triangle[at])
			if r != c {
				visit(c, r, triangle[at])
			}
			at++
		}
	}
}

// testRoundedMeasurements: matrices that are held narrower give what the
// rounded elements give.
func testRoundedMeasurements[T blas.Float](t *testing.T, f blas.Fused[T], tol float64) {
	rnd := newSource(t, 17, 18)
	for _, as := range []blas.Storage{blas.AsFloat32, blas.AsBFloat16} {
		for _, n := range []int{1, 2, 9, 30, 101} {
			for _, count := range []int{0, 1, 4, 5, 70} {
				rnd.reuse()
				name := fmt.Sprintf("storage %d n=%d count=%d", as, n, count)
				size := n * (n + 1) / 2
				a := newReal[T](rnd, count, size)
				narrow := f.NewRoundedMeasurements(n, count, as, func(i int, dst []T) { copy(dst, a.Row(i)) })
				wide := f.NewMeasurements(n, count, func(i int, dst []T) {
					for j, v := range a.Row(i) {
						dst[j] = T(as.Round(float64(v)))
					}
				})
				got, want := make([]T, size), make([]T, size)
				for i := range count {
					narrow.Matrix(i, got)
					wide.Matrix(i, want)
					for j, v := range got {
						if v != want[j] {
							t.Fatalf("%s: element %d of matrix %d is %v, want %v", name, j, i, v, want[j])
						}
					}
				}
				z, y := newReal[T](rnd, n, n), make([]T, count)
				dst, wantDst := newGuarded[T](rnd, n, n, 1), blas.NewGeneral[T](n, n)
				residual, wantResidual := make([]T, count), make([]T, count)
				for range 2 {
					narrow.Normal(dst.General, residual, 0.5, z.General, y)
					wide.Normal(wantDst, wantResidual, 0.5, z.General, y)
					dst.close(t, name, wantDst, 100*tol)
				}
				dst.intact(t, name)
				for i, v := range residual {
					if d := float64(v - wantResidual[i]); !(d <= 100*tol*float64(n) && d >= -100*tol*float64(n)) {
						t.Fatalf("%s: residual %d is %v, want %v", name, i, v, wantResidual[i])
					}
				}
				if bytes := narrow.Bytes(); bytes > wide.Bytes() {
					t.Fatalf("%s: a pass reads %d bytes, of the wide ones %d", name, bytes, wide.Bytes())
				}
			}
		}
	}
}
