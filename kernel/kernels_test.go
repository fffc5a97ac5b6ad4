package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The micro-kernels of every row that this processor runs are compared with
// plain loops, on small integers, so that every order of sums and every way of
// rounding gives the same bits. Each operand ends at a protected page; gaps
// inside it and the space before it are NaN.
func TestKernels(t *testing.T) {
	for _, name := range Runnable(Detect()) {
		row, ok := compiled[name]
		if !ok {
			continue
		}
		t.Run(name+"/f64", func(t *testing.T) { testKernels(t, row.F64) })
		t.Run(name+"/f32", func(t *testing.T) { testKernels(t, row.F32) })
		t.Run(name+"/rounded", func(t *testing.T) { testRounded(t, row) })
		t.Run(name+"/widen", func(t *testing.T) {
			for n := 0; n <= 512; n += 4 * row.F64.Lanes {
				x, to := fenced[float32](t, n), fenced[float64](t, n)
				for i := range x {
					x[i] = float32(i) + 0.1
				}
				row.Widen(n, x, to)
				for i, v := range x {
					if to[i] != float64(v) {
						t.Fatalf("n=%d: element %d is %v, want %v", n, i, to[i], v)
					}
				}
			}
		})
	}
}

// space hands out operands from fenced memory.
type space[T Float] struct {
	t   *testing.T
	rnd *rand.Rand
	mem []T
}

const most = 1 << 16 // elements of the largest operand

func newSpaces[T Float](t *testing.T, rnd *rand.Rand, n int) []*space[T] {
	s := make([]*space[T], n)
	for i := range s {
		s[i] = &space[T]{t, rnd, fenced[T](t, most)}
	}
	return s
}

// matrix is rows×cols small integers, stride apart, NaN between and before.
func (s *space[T]) matrix(rows, cols, stride int) []T {
	s.t.Helper()
	n := 0
	if rows > 0 {
		n = (rows-1)*stride + cols
	}
	if n > most {
		s.t.Fatalf("operand of %d elements", n)
	}
	for i := range s.mem {
		s.mem[i] = T(math.NaN())
	}
	m := s.mem[most-n:]
	for i := range rows {
		for j := range cols {
			m[i*stride+j] = T(s.rnd.IntN(7) - 3)
		}
	}
	return m
}

// vector is n small integers.
func (s *space[T]) vector(n int) []T { return s.matrix(1, n, n) }

// check compares the operand in s with want, bit for bit but for NaN, and what
// lies before it with NaN.
func (s *space[T]) check(name string, want []T) {
	s.t.Helper()
	got := s.mem[most-len(want):]
	for i, w := range want {
		if got[i] != w && (got[i] == got[i] || w == w) {
			s.t.Fatalf("%s: element %d is %v, want %v", name, i, got[i], w)
		}
	}
	for i, v := range s.mem[:most-len(want)] {
		if v == v {
			s.t.Fatalf("%s: wrote %v in front of its operand, at %d", name, v, i)
		}
	}
}

func testRounded(t *testing.T, row Row) {
	rnd := rand.New(rand.NewPCG(3, 4))
	s, narrow := newSpaces[float64](t, rnd, 5), newSpaces[float32](t, rnd, 1)
	k := row.F64
	for w := 1; w <= MaxColumns; w++ {
		for _, m := range []int{RowUnit, k.Tile} {
			for _, n := range []int{k.Lanes, 2 * k.Lanes, 3 * k.Lanes, k.Tile} {
				name := fmt.Sprintf("Rounded w=%d m=%d n=%d", w, m, n)
				lda, ldi, ldj := n+rnd.IntN(3), m+rnd.IntN(3), n+rnd.IntN(3)
				a := narrow[0].matrix(m, n, lda)
				wide := make([]float64, len(a))
				for i, v := range a {
					wide[i] = float64(v)
				}
				xi, yi := s[1].matrix(w, m, ldi), s[2].matrix(w, m, ldi)
				xj, yj := s[3].matrix(w, n, ldj), s[4].matrix(w, n, ldj)
				wantI, wantJ := clone(yi), clone(yj)
				twoSided(m, n, w, wide, lda, xi, wantI, 1, ldi, xj, wantJ, 1, ldj)
				row.Rounded[w-1](m, n, a, lda, m*lda, xi, yi, ldi, xj, yj, ldj)
				s[2].check(name+" y_i", wantI)
				s[4].check(name+" y_j", wantJ)
			}
		}
	}
}

func clone[T Float](x []T) []T { return append([]T(nil), x...) }

func testKernels[T Float](t *testing.T, k Kernels[T]) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s := newSpaces[T](t, rnd, 6)
	t.Run("Numbers", func(t *testing.T) {
		if len(k.Gemm) != k.MR || RowUnit%k.MR != 0 || k.Tile%RowUnit != 0 || k.Tile%k.Lanes != 0 || k.NR%k.Lanes != 0 {
			t.Errorf("%+v do not divide each other", k.Numbers)
		}
	})
	testGemm(t, k, s)
	testStep(t, k, s)
	testStrips(t, k, s)
	testPacking(k, s)
	testTwoSided(t, k, s)
	testVectors(t, k, s)
}

func testGemm[T Float](t *testing.T, k Kernels[T], s []*space[T]) {
	for _, depth := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 64, k.KC} {
		for _, layout := range []string{"packed", "rows", "columns"} {
			for h := 1; h <= k.MR; h++ {
				name := fmt.Sprintf("Gemm h=%d k=%d %s", h, depth, layout)
				rs, cs, rows, cols := 1, h, depth, h
				switch layout {
				case "rows":
					rs, cs, rows, cols = depth+3, 1, h, depth
				case "columns":
					cs = h + 5
				}
				a := s[0].matrix(rows, cols, max(rs, cs))
				ldb, ldc := k.NR+s[0].rnd.IntN(3), k.NR+s[0].rnd.IntN(3)
				b, c := s[1].matrix(depth, k.NR, ldb), s[2].matrix(h, k.NR, ldc)
				a0, b0, want := clone(a), clone(b), clone(c)
				for i := range h {
					for j := range k.NR {
						for p := range depth {
							want[i*ldc+j] += a[i*rs+p*cs] * b[p*ldb+j]
						}
					}
				}
				k.Gemm[h-1](depth, a, rs, cs, b, ldb, c, ldc)
				s[2].check(name, want)
				s[0].check(name+": A", a0)
				s[1].check(name+": B", b0)

				w := 1 + s[0].rnd.IntN(k.NR-1)
				ldb, ldc = w+s[0].rnd.IntN(3), w+s[0].rnd.IntN(3)
				b, c = s[1].matrix(depth, w, ldb), s[2].matrix(h, w, ldc)
				want = clone(c)
				for i := range h {
					for j := range w {
						for p := range depth {
							want[i*ldc+j] += a[i*rs+p*cs] * b[p*ldb+j]
						}
					}
				}
				k.Edge[h-1](depth, w, a, rs, cs, b, ldb, c, ldc)
				s[2].check(fmt.Sprintf("%s w=%d", name, w), want)
			}
		}
	}
}

func testStrips[T Float](t *testing.T, k Kernels[T], s []*space[T]) {
	for _, depth := range []int{0, 1, 3, 4, 5, 9, 64} {
		for _, strips := range []int{0, 1, 2, 5} {
			for _, layout := range []string{"packed", "rows", "bands", "columns"} {
				name := fmt.Sprintf("Strips %d k=%d %s", strips, depth, layout)
				m := strips * k.MR
				lda := depth + 3
				rs, cs, step, rows, cols := 1, k.MR, depth*k.MR, strips*depth, k.MR
				ldc := k.NR + s[0].rnd.IntN(3)
				rowC, stepC := ldc, k.MR*ldc
				switch layout {
				case "rows":
					rs, cs, step, rows, cols = lda, 1, k.MR*lda, m, depth
				case "bands":
					rs, cs, step, rows, cols = strips*lda, 1, lda, m, depth
					rowC, stepC = strips*ldc, ldc
				case "columns":
					lda = m + 5
					cs, step, rows, cols = lda, k.MR, depth, m
				}
				if layout == "packed" {
					lda = k.MR
				}
				a := s[0].matrix(rows, cols, lda)
				ldb := k.NR + s[0].rnd.IntN(3)
				b, c := s[1].matrix(depth, k.NR, ldb), s[2].matrix(m, k.NR, ldc)
				want := clone(c)
				for q := range strips {
					for i := range k.MR {
						for j := range k.NR {
							for p := range depth {
								want[q*stepC+i*rowC+j] += a[q*step+i*rs+p*cs] * b[p*ldb+j]
							}
						}
					}
				}
				k.Strips(strips, depth, a, rs, cs, step, b, ldb, c, rowC, stepC, b)
				s[2].check(name, want)
			}
		}
	}
}

func testPacking[T Float](k Kernels[T], s []*space[T]) {
	for _, depth := range []int{0, 1, 3, 4, 8, 20, 64} {
		for v, rows := range []int{2, 4} {
			if depth%4 != 0 {
				continue
			}
			width := rows + s[0].rnd.IntN(5)
			rs := depth + s[0].rnd.IntN(3)
			a, to := s[0].matrix(rows, depth, rs), s[1].matrix(depth, rows, width)
			want := clone(to)
			for p := range depth {
				for i := range rows {
					want[p*width+i] = a[i*rs+p]
				}
			}
			k.Interleave[v](depth, a, rs, to, width)
			s[1].check(fmt.Sprintf("Interleave %d rows, k=%d", rows, depth), want)
		}
		for v, width := range []int{k.MR, k.NR} {
			lda := width + s[0].rnd.IntN(3)
			a, to := s[0].matrix(depth, width, lda), s[1].matrix(depth, width, width)
			want := clone(to)
			for p := range depth {
				copy(want[p*width:(p+1)*width], a[p*lda:])
			}
			k.Gather[v](depth, a, lda, to)
			s[1].check(fmt.Sprintf("Gather %d columns, k=%d", width, depth), want)
		}
	}
}

func testTwoSided[T Float](t *testing.T, k Kernels[T], s []*space[T]) {
	for _, m := range []int{RowUnit, 2 * RowUnit, k.Tile} {
		for _, n := range []int{k.Lanes, 2 * k.Lanes, 3 * k.Lanes, 5 * k.Lanes, k.Tile} {
			lda := n + s[0].rnd.IntN(3)
			a := s[0].matrix(m, n, lda)
			a0 := clone(a)
			for v, w := range []int{k.Lanes, k.NR} {
				name := fmt.Sprintf("Panel[%d] m=%d n=%d", v, m, n)
				xi, yi := s[1].matrix(m, w, w), s[2].matrix(m, w, w)
				xj, yj := s[3].matrix(n, w, w), s[4].matrix(n, w, w)
				wantI, wantJ := clone(yi), clone(yj)
				twoSided(m, n, w, a, lda, xi, wantI, w, 1, xj, wantJ, w, 1)
				k.Panel[v](m, n, a, lda, m*lda, xi, yi, xj, yj)
				s[2].check(name+" y_i", wantI)
				s[4].check(name+" y_j", wantJ)

				yi, yj = s[2].matrix(m, w, w), s[4].matrix(n, w, w)
				wantI, wantJ = clone(yi), clone(yj)
				twoSided(m, n, w, a, lda, xi, wantI, w, 1, xj, wantJ, w, 1)
				k.PanelForward[v](m, n, a, lda, m*lda, yi, xj)
				k.PanelAdjoint[v](m, n, a, lda, m*lda, xi, yj)
				s[2].check("forward of "+name, wantI)
				s[4].check("adjoint of "+name, wantJ)
			}
			for w := 1; w <= MaxColumns; w++ {
				name := fmt.Sprintf("Columns w=%d m=%d n=%d", w, m, n)
				ldi, ldj := m+s[0].rnd.IntN(3), n+s[0].rnd.IntN(3)
				xi, yi := s[1].matrix(w, m, ldi), s[2].matrix(w, m, ldi)
				xj, yj := s[3].matrix(w, n, ldj), s[4].matrix(w, n, ldj)
				wantI, wantJ := clone(yi), clone(yj)
				twoSided(m, n, w, a, lda, xi, wantI, 1, ldi, xj, wantJ, 1, ldj)
				k.Columns[w-1](m, n, a, lda, m*lda, xi, yi, ldi, xj, yj, ldj)
				s[2].check(name+" y_i", wantI)
				s[4].check(name+" y_j", wantJ)

				yi, yj = s[2].matrix(w, m, ldi), s[4].matrix(w, n, ldj)
				wantI, wantJ = clone(yi), clone(yj)
				twoSided(m, n, w, a, lda, xi, wantI, 1, ldi, xj, wantJ, 1, ldj)
				k.Forward[w-1](m, n, a, lda, m*lda, yi, ldi, xj, ldj)
				k.Adjoint[w-1](m, n, a, lda, m*lda, xi, ldi, yj, ldj)
				s[2].check("Forward of "+name, wantI)
				s[4].check("Adjoint of "+name, wantJ)
			}
			s[0].check("A", a0)
		}
	}
	// On a tile of the diagonal, X_i is X_j and Y_i is Y_j.
	n := k.Tile
	a := s[0].matrix(n, n, n)
	onDiagonal := func(name string, w, step, plane int, kernel func(x, y []T)) {
		x, y := s[1].vector(n*w), s[2].vector(n*w)
		want := clone(y)
		twoSided(n, n, w, a, n, x, want, step, plane, x, want, step, plane)
		kernel(x, y)
		s[2].check(name+" on a diagonal tile", want)
	}
	for w := 1; w <= MaxColumns; w++ {
		onDiagonal(fmt.Sprintf("Columns w=%d", w), w, 1, n, func(x, y []T) { k.Columns[w-1](n, n, a, n, 0, x, y, n, x, y, n) })
	}
	for v, w := range []int{k.Lanes, k.NR} {
		onDiagonal(fmt.Sprintf("Panel[%d]", v), w, w, 1, func(x, y []T) { k.Panel[v](n, n, a, n, 0, x, y, x, y) })
	}
}

// twoSided is the definition: element (i, c) of X_i is xi[i·is+c·ic].
func twoSided[T Float](m, n, w int, a []T, lda int, xi, yi []T, is, ic int, xj, yj []T, js, jc int) {
	for i := range m {
		for j := range n {
			for c := range w {
				yi[i*is+c*ic] += a[i*lda+j] * xj[j*js+c*jc]
				yj[j*js+c*jc] += a[i*lda+j] * xi[i*is+c*ic]
			}
		}
	}
}

func testVectors[T Float](t *testing.T, k Kernels[T], s []*space[T]) {
	for v := range 20 {
		n := v * k.Lanes
		x, y := s[0].vector(n), s[1].vector(n)
		x0, want := clone(x), clone(y)
		var dot T
		for i, v := range x {
			dot += v * y[i]
			want[i] += 3 * v
		}
		if got := k.Dot(n, x, y); got != dot {
			t.Fatalf("Dot n=%d is %v, want %v", n, got, dot)
		}
		k.Axpy(n, 3, x, y)
		s[1].check(fmt.Sprintf("Axpy n=%d", n), want)
		s[0].check("Axpy: x", x0)
		for i := range want {
			want[i] *= -2
		}
		var sum T
		for _, v := range y {
			sum += max(v, -v)
		}
		if got := k.Asum(n, y); got != sum {
			t.Fatalf("Asum n=%d is %v, want %v", n, got, sum)
		}
		k.Scal(n, -2, y)
		s[1].check(fmt.Sprintf("Scal n=%d", n), want)

		x, y = s[0].vector(n), s[1].vector(n)
		out := s[2].vector(n)
		var squares T
		want = make([]T, n)
		for i, d := range y {
			squares += d * d
			want[i] = x[i] + 2*d
		}
		if got := k.Finish(n, 2, x, y, out); got != squares {
			t.Fatalf("Finish n=%d is %v, want %v", n, got, squares)
		}
		s[2].check(fmt.Sprintf("Finish n=%d", n), want)

		lda := n + s[0].rnd.IntN(3)
		a, x, out := s[0].matrix(4, n, lda), s[1].vector(n), s[2].vector(4)
		want = clone(out)
		for i := range 4 {
			for j, v := range x {
				want[i] += a[i*lda+j] * v
			}
		}
		k.Dots(n, a, lda, x, out)
		s[2].check(fmt.Sprintf("Dots n=%d", n), want)

		c, y := s[2].vector(4), s[1].vector(n)
		want = clone(y)
		for i, v := range c {
			for j := range y {
				want[j] += v * a[i*lda+j]
			}
		}
		k.Combine(n, a, lda, c, y)
		s[1].check(fmt.Sprintf("Combine n=%d", n), want)

		ldb := n + s[0].rnd.IntN(3)
		a, x, out = s[0].matrix(4, n, lda), s[1].vector(n), s[2].vector(4)
		b, c, y := s[3].matrix(4, n, ldb), s[4].vector(4), s[5].vector(n)
		wantOut, wantY := clone(out), clone(y)
		for i := range 4 {
			for j := range n {
				wantOut[i] += a[i*lda+j] * x[j]
				wantY[j] += c[i] * b[i*ldb+j]
			}
		}
		k.Normal(n, a, lda, x, out, b, ldb, c, y)
		s[2].check(fmt.Sprintf("Normal n=%d", n), wantOut)
		s[5].check(fmt.Sprintf("Normal n=%d", n), wantY)

		m := s[0].rnd.IntN(5)
		lambda, x, y := s[0].vector(m), s[1].vector(m*n), s[2].vector(m*n)
		want = make([]T, m*n)
		for i := range want {
			want[i] = lambda[i/n] * x[i]
		}
		k.ScaleRows(m, n, lambda, x, y)
		s[2].check(fmt.Sprintf("ScaleRows m=%d n=%d", m, n), want)
	}
	for i, read := range k.Read {
		a := s[0].vector(1 << 14)
		var sum T
		for i := range a {
			a[i] = T(i%3 - 1)
			sum += a[i]
		}
		if got := read(a); got != sum {
			t.Fatalf("Read[%d] is %v, want %v", i, got, sum)
		}
	}
	k.Peak(10)
}
