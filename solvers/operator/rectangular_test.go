package operator_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

func open(t testing.TB, name string, threads int) *blas.Backend {
	t.Helper()
	b, err := blas.Open(name, threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// onBackends runs a test on every compiled backend. Results that it returns
// must not depend on the number of threads, unless a library beneath splits
// the work.
func onBackends(t *testing.T, test func(t *testing.T, b *blas.Backend) []float64) {
	for _, entry := range kernel.Backends() {
		if entry.HowToBuild != "" {
			continue
		}
		t.Run(entry.Name, func(t *testing.T) {
			one := test(t, open(t, entry.Name, 1))
			two := test(t, open(t, entry.Name, 2))
			if !entry.ThreadsItself && !slices.Equal(one, two) {
				t.Error("results on one and on two threads differ")
			}
		})
	}
}

func epsilon[T blas.Float]() float64 {
	if blas.SizeOf[T]() == 4 {
		return 0x1p-23
	}
	return 0x1p-52
}

// guarded is a matrix inside a larger one: NaNs lie before it, in the gaps
// between its rows and behind it.
type guarded[T blas.Float] struct {
	blas.General[T]
	whole []T
}

const front = 5

// newGuarded fills a matrix: with NaN where fill is nil.
func newGuarded[T blas.Float](rnd *rand.Rand, rows, cols int, fill func() float64) guarded[T] {
	stride := cols + []int{0, 1, 3, 6}[rnd.IntN(4)]
	whole := make([]T, front+rows*stride+7)
	for i := range whole {
		whole[i] = T(math.NaN())
	}
	data := whole[front:]
	if rnd.IntN(2) == 0 {
		data = data[:(rows-1)*stride+cols] // not an element more than it needs
	}
	m := blas.General[T]{Rows: rows, Cols: cols, Stride: stride, Data: data}
	if fill != nil {
		for i := range rows {
			for j := range m.Row(i) {
				m.Row(i)[j] = T(fill())
			}
		}
	}
	return guarded[T]{m, whole}
}

// check fails when a guard was written, or an element is not a number.
func (g guarded[T]) check(t *testing.T, what string) {
	t.Helper()
	inside := make([]bool, len(g.whole))
	for i := range g.Rows {
		for j := range g.Cols {
			inside[front+i*g.Stride+j] = true
		}
	}
	for i, v := range g.whole {
		if inside[i] == (v != v) {
			t.Fatalf("%s: %v at %d of %d×%d, stride %d, which begins at %d", what, v, i, g.Rows, g.Cols, g.Stride, front)
		}
	}
}

// bounded is a matrix in plain float64, with the sums of absolute values that
// its rounding errors are measured by.
type bounded struct {
	value, size [][]float64
}

func zeros(m, n int) [][]float64 {
	a := make([][]float64, m)
	for i := range a {
		a[i] = make([]float64, n)
	}
	return a
}

func newBounded(m, n int) bounded { return bounded{zeros(m, n), zeros(m, n)} }

func plain[T blas.Float](a blas.General[T]) bounded {
	p := newBounded(a.Rows, a.Cols)
	for i := range a.Rows {
		for j, v := range a.Row(i) {
			p.value[i][j], p.size[i][j] = float64(v), math.Abs(float64(v))
		}
	}
	return p
}

func (a bounded) transposed() bounded {
	n := 0
	if len(a.value) > 0 {
		n = len(a.value[0])
	}
	t := newBounded(n, len(a.value))
	for i := range a.value {
		for j := range n {
			t.value[j][i], t.size[j][i] = a.value[i][j], a.size[i][j]
		}
	}
	return t
}

// times is a·b in three loops.
func (a bounded) times(b bounded) bounded {
	c := newBounded(len(a.value), len(b.value[0]))
	for i := range c.value {
		value, size := c.value[i], c.size[i]
		for k, v := range a.value[i] {
			s, bv, bs := a.size[i][k], b.value[k], b.size[k]
			for j := range value {
				value[j] += v * bv[j]
				size[j] += s * bs[j]
			}
		}
	}
	return c
}

// plus is a + s·b.
func (a bounded) plus(s float64, b bounded) bounded {
	c := newBounded(len(a.value), len(a.value[0]))
	for i := range c.value {
		for j := range c.value[i] {
			c.value[i][j] = a.value[i][j] + s*b.value[i][j]
			c.size[i][j] = a.size[i][j] + math.Abs(s)*b.size[i][j]
		}
	}
	return c
}

// squares is the sum of the squares of the elements, and of the sizes.
func (a bounded) squares() (value, size float64) {
	for i := range a.value {
		for j, v := range a.value[i] {
			value += v * v
			size += a.size[i][j] * a.size[i][j]
		}
	}
	return value, size
}

// close compares a result with sums of so many terms.
func (a bounded) close(t *testing.T, what string, got blas.General[float64], terms int, eps float64) {
	t.Helper()
	if got.Rows != len(a.value) {
		t.Fatalf("%s has %d rows, want %d", what, got.Rows, len(a.value))
	}
	for i := range a.value {
		for j, want := range a.value[i] {
			if d := math.Abs(got.Row(i)[j] - want); !(d <= float64(terms+8)*eps*a.size[i][j]) {
				t.Fatalf("%s: element (%d, %d) is %g, want %g; off by %.2g of the sizes", what, i, j, got.Row(i)[j], want, d/a.size[i][j])
			}
		}
	}
}

func square[T blas.Float](k int, g []T) blas.General[float64] {
	return blas.Convert[float64](blas.General[T]{Rows: k, Cols: k, Stride: k, Data: g[:k*k]})
}

// rectangularCase is an operator with its elements and the length of the sums
// that a product with it forms.
type rectangularCase[T blas.Float] struct {
	name  string
	op    operator.Rectangular[T]
	a     bounded
	terms int
}

// rectangulars returns random m×n matrices in every form.
func rectangulars[T blas.Float](b *blas.Backend, rnd *rand.Rand, m, n int) []rectangularCase[T] {
	dense := newGuarded[T](rnd, m, n, rnd.NormFloat64)
	all := []rectangularCase[T]{
		{"dense", operator.RectangularOf(b, dense.General), plain(dense.General), m + n},
		{"rows", operator.NewDenseRectangular(b, m, n, func(i int, dst []T) {
			if len(dst) != n {
				panic("row of another length")
			}
			copy(dst, dense.Row(i))
		}), plain(dense.General), m + n},
		{"empty", operator.NewSparse[T](b, m, n, nil, nil, nil), newBounded(m, n), 0},
	}
	for _, p := range []int{1, 3, 20} {
		left, right := newGuarded[T](rnd, m, p, rnd.NormFloat64), newGuarded[T](rnd, n, p, rnd.NormFloat64)
		all = append(all, rectangularCase[T]{fmt.Sprint("product ", p), operator.NewProduct(b, left.General, right.General),
			plain(left.General).times(plain(right.General).transposed()), m + n + p})
	}
	// Some places more than once, in any order; every third row empty.
	var row, col []int
	var value []T
	a := newBounded(m, n)
	for range 1 + m*n*2/5 {
		i, j, v := rnd.IntN(m), rnd.IntN(n), T(rnd.NormFloat64())
		if i%3 == 1 {
			continue
		}
		for range 1 + rnd.IntN(2) {
			row, col, value = append(row, i), append(col, j), append(value, v)
			a.value[i][j] += float64(v)
			a.size[i][j] += math.Abs(float64(v))
		}
	}
	return append(all, rectangularCase[T]{"sparse", operator.NewSparse(b, m, n, row, col, value), a, m + n + 20})
}

var (
	rectangularShapes = [][2]int{{1, 1}, {1, 40}, {33, 1}, {2, 3}, {31, 32}, {33, 31}, {63, 65}, {64, 64}, {65, 63}, {300, 170}}
	ranks             = []int{1, 2, 3, 8, 17}
)

func TestRectangular(t *testing.T) {
	t.Run("float64", testRectangular[float64])
	t.Run("float32", testRectangular[float32])
}

func testRectangular[T blas.Float](t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) (results []float64) {
		rnd := solvers.Stream(1, "rectangular")
		keep := func(g guarded[T]) blas.General[float64] {
			g64 := blas.Convert[float64](g.General)
			results = append(results, g64.Data...)
			return g64
		}
		for _, shape := range rectangularShapes {
			m, n := shape[0], shape[1]
			for _, c := range rectangulars[T](b, rnd, m, n) {
				if gotM, gotN := c.op.Dims(); gotM != m || gotN != n {
					t.Fatalf("%s: Dims is %d×%d, want %d×%d", c.name, gotM, gotN, m, n)
				}
				at := c.a.transposed()
				for _, k := range ranks {
					what := func(result string) string { return fmt.Sprintf("%s %d×%d, k = %d: %s", c.name, m, n, k, result) }
					x, y := newGuarded[T](rnd, m, k, rnd.NormFloat64), newGuarded[T](rnd, n, k, rnd.NormFloat64)
					before := append(slices.Clone(x.whole), y.whole...)
					ay, atx := newGuarded[T](rnd, m, k, nil), newGuarded[T](rnd, n, k, nil)
					if err := c.op.Mul(ay.General, atx.General, x.General, y.General); err != nil {
						t.Fatal(err)
					}
					ay.check(t, what("AY"))
					atx.check(t, what("AᵀX"))
					px, py := plain(x.General), plain(y.General)
					wantAY := c.a.times(py)
					wantAY.close(t, what("AY"), keep(ay), c.terms, epsilon[T]())
					at.times(px).close(t, what("AᵀX"), keep(atx), c.terms, epsilon[T]())

					// Longer slices than needed: what lies behind is not theirs.
					g, gnext := make([]T, k*k), make([]T, k*k+3)
					for i, row := range py.transposed().times(py).value {
						for j, v := range row {
							g[i*k+j] = T(v)
						}
					}
					for i := range gnext {
						gnext[i] = T(math.NaN())
					}
					next, atnext := newGuarded[T](rnd, m, k, nil), newGuarded[T](rnd, n, k, nil)
					const eta = 0.125
					norms, err := c.op.Alternate(eta, next.General, atnext.General, x.General, y.General, g, gnext)
					if err != nil {
						t.Fatal(err)
					}
					next.check(t, what("next"))
					atnext.check(t, what("Aᵀnext"))
					delta := wantAY.plus(-1, px.times(plain(blas.General[T]{Rows: k, Cols: k, Stride: k, Data: g})))
					wantNext := px.plus(eta, delta)
					terms := c.terms + k
					wantNext.close(t, what("next"), keep(next), terms, epsilon[T]())
					at.times(wantNext).close(t, what("Aᵀnext"), keep(atnext), terms+m, epsilon[T]())
					gram := square(k, gnext)
					wantNext.transposed().times(wantNext).close(t, what("gnext"), gram, 2*terms+m, epsilon[T]())
					for i := range k {
						for j := range i {
							if gram.Row(i)[j] != gram.Row(j)[i] {
								t.Fatal(what("gnext is not symmetric"))
							}
						}
					}
					for _, v := range gnext[k*k:] {
						if v == v {
							t.Fatal(what("written behind gnext"))
						}
					}
					for _, s := range []struct {
						name string
						of   bounded
						got  float64
					}{{"‖AY − XG‖²", delta, norms.Gradient}, {"‖AY‖²", wantAY, norms.Product}} {
						want, size := s.of.squares()
						if !(math.Abs(s.got-want) <= float64(2*terms+m*k+8)*epsilon[T]()*size) {
							t.Fatalf("%s is %g, want %g", what(s.name), s.got, want)
						}
					}
					results = append(append(results, gram.Data...), norms.Gradient, norms.Product)
					if !same(before, append(slices.Clone(x.whole), y.whole...)) {
						t.Fatal(what("x or y changed"))
					}
				}
			}
		}
		return results
	})
}

// same is equality bit for bit of numbers, with NaN equal to itself.
func same[T blas.Float](a, b []T) bool {
	return slices.EqualFunc(a, b, func(v, w T) bool { return v == w || v != v && w != w })
}

func TestNormal(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and its work is in one goroutine or in passes that others test")
	}
	t.Run("float64", testNormal[float64])
	t.Run("float32", testNormal[float32])
}

func testNormal[T blas.Float](t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) (results []float64) {
		rnd := solvers.Stream(2, "normal")
		for _, shape := range rectangularShapes {
			m, n := shape[0], shape[1]
			for _, c := range rectangulars[T](b, rnd, m, n) {
				op := operator.NormalOf(c.op)
				if op.Dim() != n {
					t.Fatalf("Dim is %d, want %d", op.Dim(), n)
				}
				for _, r := range ranks {
					what := fmt.Sprintf("%s %d×%d, r = %d", c.name, m, n, r)
					x, dst := newGuarded[T](rnd, n, r, rnd.NormFloat64), newGuarded[T](rnd, n, r, nil)
					for range 2 { // the second time with what the first left behind
						if err := op.Mul(dst.General, x.General); err != nil {
							t.Fatal(err)
						}
						dst.check(t, what)
						got := blas.Convert[float64](dst.General)
						c.a.transposed().times(c.a.times(plain(x.General))).close(t, what, got, 2*c.terms, epsilon[T]())
						results = append(results, got.Data...)
					}
				}
			}
		}
		return results
	})
}

func TestRectangularDistance(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and its work is in one goroutine or in passes that others test")
	}
	t.Run("float64", testRectangularDistance[float64])
	t.Run("float32", testRectangularDistance[float32])
}

func testRectangularDistance[T blas.Float](t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) (results []float64) {
		rnd := solvers.Stream(3, "distance")
		for _, shape := range rectangularShapes {
			m, n := shape[0], shape[1]
			for _, c := range rectangulars[T](b, rnd, m, n) {
				for _, k := range []int{1, 3, 17} {
					x, y := newGuarded[float64](rnd, m, k, rnd.NormFloat64), newGuarded[float64](rnd, n, k, rnd.NormFloat64)
					results = append(results, checkDistance(t, fmt.Sprintf("%s %d×%d, k = %d", c.name, m, n, k), c.op, c.a, x.General, y.General, epsilon[T]()))
				}
			}
			// A = XYᵀ in numbers that all of these hold without rounding, and
			// factors that are almost it.
			for _, k := range []int{1, 3, 17} {
				small := func() float64 { return float64(rnd.IntN(9) - 4) }
				x, y := newGuarded[T](rnd, m, k, small), newGuarded[T](rnd, n, k, small)
				a := plain(x.General).times(plain(y.General).transposed())
				var row, col []int
				var value []T
				for i := range a.value {
					for j, v := range a.value[i] {
						row, col, value = append(row, i), append(col, j), append(value, T(v))
					}
				}
				for name, op := range map[string]operator.Rectangular[T]{
					"dense": operator.NewDenseRectangular(b, m, n, func(i int, dst []T) {
						for j, v := range a.value[i] {
							dst[j] = T(v)
						}
					}),
					"product": operator.NewProduct(b, x.General, y.General),
					"sparse":  operator.NewSparse(b, m, n, row, col, value),
				} {
					for _, away := range []float64{0, 1e-14, 1e-9, 1e-4} {
						x, y := blas.Convert[float64](x.General), blas.Convert[float64](y.General)
						for i := range x.Data {
							x.Data[i] *= 1 + away*float64(i%3-1)
						}
						what := fmt.Sprintf("%s %d×%d, k = %d, %g from XYᵀ", name, m, n, k, away)
						d := checkDistance(t, what, op, a, x, y, 0)
						if away == 0 && name != "product" && d != 0 {
							t.Errorf("%s: distance is %g", what, d)
						}
					}
				}
			}
		}
		return results
	})
}

// normError is the rounding error of the norm of so many numbers.
func normError(numbers int, norm float64) float64 {
	return 1e-16 * (4 + math.Sqrt(float64(numbers))) * norm
}

// checkDistance compares with the distance element by element, for an A whose
// own elements are known to stored of their sizes.
func checkDistance[T blas.Float](t *testing.T, what string, op operator.Rectangular[T], a bounded, x, y blas.General[float64], stored float64) float64 {
	t.Helper()
	distance, norm, err := op.Distance(x, y)
	if err != nil {
		t.Fatal(err)
	}
	d2, size2 := a.plus(-1, plain(x).times(plain(y).transposed())).squares()
	n2, nsize2 := a.squares()
	numbers := x.Rows * y.Rows
	tolerance := 2e-15*math.Sqrt(size2) + 4*stored*math.Sqrt(nsize2) + normError(numbers, math.Sqrt(d2))
	if !(math.Abs(distance-math.Sqrt(d2)) <= tolerance) {
		t.Fatalf("%s: distance is %g, want %g ± %g", what, distance, math.Sqrt(d2), tolerance)
	}
	if !(math.Abs(norm-math.Sqrt(n2)) <= (2e-15+4*stored)*math.Sqrt(nsize2)+normError(numbers, math.Sqrt(n2))) {
		t.Fatalf("%s: norm is %g, want %g", what, norm, math.Sqrt(n2))
	}
	return distance
}

func TestSparse(t *testing.T) {
	b := open(t, "native", 1)
	s := operator.NewSparse(b, 3, 4, []int{2, 0, 2, 2}, []int{1, 3, 0, 1}, []float64{1, 2, 3, 4})
	if s.Elements() != 3 || s.Bytes() != 2*3*12 || s.Flops(2) != 4*3*2 {
		t.Errorf("%d elements, %d bytes, %g flops", s.Elements(), s.Bytes(), s.Flops(2))
	}
	for name, f := range map[string]func(){
		"row":       func() { operator.NewSparse(b, 3, 4, []int{3}, []int{0}, []float64{1}) },
		"column":    func() { operator.NewSparse(b, 3, 4, []int{0}, []int{4}, []float64{1}) },
		"negative":  func() { operator.NewSparse(b, 3, 4, []int{-1}, []int{0}, []float64{1}) },
		"lengths":   func() { operator.NewSparse(b, 3, 4, []int{0, 1}, []int{0}, []float64{1}) },
		"symmetric": func() { operator.NewSparseSymmetric(b, 3, []int{0, 1}, []int{1, 0}, []float64{1, 2}) },
		"one side":  func() { operator.NewSparseSymmetric(b, 3, []int{0}, []int{1}, []float64{1}) },
		"shape of x": func() {
			v := blas.NewGeneral[float64](3, 1)
			_ = s.Mul(v, blas.NewGeneral[float64](4, 1), v, v)
		},
		"short g": func() {
			x, y := blas.NewGeneral[float64](3, 2), blas.NewGeneral[float64](4, 2)
			_, _ = s.Alternate(1, blas.NewGeneral[float64](3, 2), blas.NewGeneral[float64](4, 2), x, y, make([]float64, 1), make([]float64, 4))
		},
		"distance from a matrix of other rows": func() {
			_, _, _ = s.Distance(blas.NewGeneral[float64](2, 1), blas.NewGeneral[float64](4, 1))
		},
		"distance from a matrix of other columns": func() {
			_, _, _ = s.Distance(blas.NewGeneral[float64](3, 1), blas.NewGeneral[float64](3, 1))
		},
		"distance of a product from factors of other shape": func() {
			p := operator.NewProduct(b, blas.NewGeneral[float64](5, 2), blas.NewGeneral[float64](4, 2))
			_, _, _ = p.Distance(blas.NewGeneral[float64](6, 1), blas.NewGeneral[float64](4, 1))
		},
		"distance of a dense matrix from factors of other shape": func() {
			p := operator.NewDenseRectangular(b, 5, 4, func(int, []float64) {})
			_, _, _ = p.Distance(blas.NewGeneral[float64](6, 1), blas.NewGeneral[float64](4, 1))
		},
		"distance from factors of different rank": func() {
			_, _, _ = s.Distance(blas.NewGeneral[float64](3, 1), blas.NewGeneral[float64](4, 2))
		},
	} {
		mustPanic(t, name, f)
	}
}

// TestEmptyShapes has no rows, no columns, or a product of factors without any.
func TestEmptyShapes(t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) []float64 {
		const k = 2
		for _, shape := range [][2]int{{0, 4}, {4, 0}, {0, 0}, {5, 4}} {
			m, n := shape[0], shape[1]
			ops := []operator.Rectangular[float64]{
				operator.NewProduct(b, blas.NewGeneral[float64](m, 0), blas.NewGeneral[float64](n, 0)),
				operator.NewSparse[float64](b, m, n, nil, nil, nil),
				operator.NewDenseRectangular(b, m, n, func(int, []float64) {}),
			}
			for _, op := range ops {
				full := func(rows int) blas.General[float64] {
					a := blas.NewGeneral[float64](rows, k)
					for i := range a.Data {
						a.Data[i] = 1
					}
					return a
				}
				ay, atx := full(m), full(n)
				g, gnext := make([]float64, k*k), make([]float64, k*k)
				if err := op.Mul(ay, atx, full(m), full(n)); err != nil {
					t.Fatal(err)
				}
				if _, err := op.Alternate(1, full(m), full(n), full(m), full(n), g, gnext); err != nil {
					t.Fatal(err)
				}
				distance, norm, err := op.Distance(full(m), full(n))
				if want := k * math.Sqrt(float64(m*n)); err != nil || math.Abs(distance-want) > 1e-14*want || norm != 0 {
					t.Errorf("%T %d×%d: distance %g, want %g; norm %g; %v", op, m, n, distance, want, norm, err)
				}
				for _, v := range append(ay.Data, atx.Data...) {
					if v != 0 {
						t.Errorf("%T %d×%d: a product with zero is %g", op, m, n, v)
					}
				}
				for _, v := range gnext {
					if v != float64(m) {
						t.Errorf("%T %d×%d: Gram matrix is %v, want %d", op, m, n, gnext, m)
					}
				}
			}
		}
		return nil
	})
}

func mustPanic(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		if _, named := recover().(string); !named {
			t.Errorf("%s: no panic with a named constant", name)
		}
	}()
	f()
}

func TestSparseSymmetric(t *testing.T) {
	t.Run("float64", testSparseSymmetric[float64])
	t.Run("float32", testSparseSymmetric[float32])
}

func testSparseSymmetric[T blas.Float](t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) (results []float64) {
		rnd := solvers.Stream(4, "sparse symmetric")
		for _, d := range []int{1, 2, 31, 32, 33, 64, 65, 300} {
			for _, elements := range []int{0, 1, d * d / 3} {
				a := newBounded(d, d)
				var row, col []int
				var value []T
				add := func(i, j int, v T) {
					row, col, value = append(row, i), append(col, j), append(value, v)
					a.value[i][j] += float64(v)
					a.size[i][j] += math.Abs(float64(v))
				}
				for range elements {
					i, j, v := rnd.IntN(d), rnd.IntN(d), T(rnd.NormFloat64())
					add(i, j, v)
					if i != j {
						add(j, i, v)
					}
				}
				op := operator.NewSparseSymmetric(b, d, row, col, value)
				for _, r := range ranks {
					what := fmt.Sprintf("d = %d, r = %d, %d elements", d, r, elements)
					x, dst := newGuarded[T](rnd, d, r, rnd.NormFloat64), newGuarded[T](rnd, d, r, nil)
					if err := op.Mul(dst.General, x.General); err != nil {
						t.Fatal(err)
					}
					dst.check(t, what)
					got := blas.Convert[float64](dst.General)
					a.times(plain(x.General)).close(t, what, got, d+20, epsilon[T]())
					results = append(results, got.Data...)

					u := blas.Convert[float64](x.General)
					distance, norm, err := operator.Distance[T](op, u)
					if err != nil {
						t.Fatal(err)
					}
					d2, size2 := a.plus(-1, plain(u).times(plain(u).transposed())).squares()
					n2, nsize2 := a.squares()
					stored := (2e-15 + 4*epsilon[T]()) * math.Sqrt(nsize2)
					if !(math.Abs(distance-math.Sqrt(d2)) <= stored+2e-15*math.Sqrt(size2)+normError(d*d, math.Sqrt(d2))) ||
						!(math.Abs(norm-math.Sqrt(n2)) <= stored+normError(d*d, math.Sqrt(n2))) {
						t.Fatalf("%s: distance %g, want %g; norm %g, want %g", what, distance, math.Sqrt(d2), norm, math.Sqrt(n2))
					}
					results = append(results, distance, norm)
				}
			}
		}
		return results
	})
}

// TestPassesAllocateNothing runs every pass after Reserve.
func TestPassesAllocateNothing(t *testing.T) {
	t.Run("float64", testPassesAllocateNothing[float64])
	t.Run("float32", testPassesAllocateNothing[float32])
}

func testPassesAllocateNothing[T blas.Float](t *testing.T) {
	rnd := solvers.Stream(5, "allocations")
	none := func(what string, f func()) {
		t.Helper()
		if n := testing.AllocsPerRun(3, f); n != 0 {
			t.Errorf("%s allocates %g times", what, n)
		}
	}
	for _, threads := range []int{1, 2} {
		b := open(t, "native", threads)
		const k = 8
		for _, shape := range [][2]int{{33, 31}, {300, 170}} {
			m, n := shape[0], shape[1]
			x, next := newGuarded[T](rnd, m, k, rnd.NormFloat64), newGuarded[T](rnd, m, k, nil)
			y, atx := newGuarded[T](rnd, n, k, rnd.NormFloat64), newGuarded[T](rnd, n, k, nil)
			g, gnext := make([]T, k*k), make([]T, k*k)
			for _, c := range rectangulars[T](b, rnd, m, n) {
				c.op.Reserve(k)
				none(c.name+" Mul", func() { _ = c.op.Mul(next.General, atx.General, x.General, y.General) })
				none(c.name+" Alternate", func() { _, _ = c.op.Alternate(0.1, next.General, atx.General, x.General, y.General, g, gnext) })
				normal := operator.NormalOf(c.op)
				normal.Reserve(k)
				none(c.name+" normal", func() { _ = normal.Mul(atx.General, y.General) })
			}
		}
		for _, c := range measurements[T](b, rnd, 33, 300) {
			n, m := c.op.Dim(), c.op.Count()
			u, dst := newGuarded[T](rnd, n, k, rnd.NormFloat64), newGuarded[T](rnd, n, k, nil)
			out, v := make([]T, m), make([]T, m)
			c.op.Reserve(k)
			none(c.name+" Measure", func() { _ = c.op.Measure(out, u.General) })
			none(c.name+" Gradient", func() { _ = c.op.Gradient(dst.General, out, u.General, v) })
			adjoint, err := c.op.Adjoint(out)
			if err != nil {
				t.Fatal(err)
			}
			adjoint.Reserve(k)
			none(c.name+" adjoint", func() { _ = adjoint.Mul(dst.General, u.General) })
		}
	}
}
