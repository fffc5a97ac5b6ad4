package native

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	gblas "gonum.org/v1/gonum/blas"
	gonum "gonum.org/v1/gonum/blas/gonum"

	"lowrank/blas"
	"lowrank/blas/testblas"
)

// level12 are the routines of levels 1 and 2 for one element type.
type level12[T blas.Float] struct {
	dot  func(n int, x []T, incX int, y []T, incY int) T
	axpy func(n int, alpha T, x []T, incX int, y []T, incY int)
	scal func(n int, alpha T, x []T, incX int)
	nrm2 func(n int, x []T, incX int) T
	asum func(n int, x []T, incX int) T
	gemv func(t gblas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	symv func(ul gblas.Uplo, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int)
	ger  func(m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)
}

func level12Of[T blas.Float](b interface {
	gblas.Float64
	gblas.Float32
}) level12[T] {
	var r any = level12[float64]{b.Ddot, b.Daxpy, b.Dscal, b.Dnrm2, b.Dasum, b.Dgemv, b.Dsymv, b.Dger}
	if blas.SizeOf[T]() == 4 {
		r = level12[float32]{b.Sdot, b.Saxpy, b.Sscal, b.Snrm2, b.Sasum, b.Sgemv, b.Ssymv, b.Sger}
	}
	return r.(level12[T])
}

// kernelsAlways are the routines where they do not leave small calls to gonum,
// with kernels that are given whole vectors of as many lanes.
func kernelsAlways[T blas.Float](b Implementation, lanes int) level12[T] {
	r, own := level12Of[T](b), *configOf[T]()
	c := &own
	c.kernels.Lanes = max(lanes, c.kernels.Lanes)
	gonums := any(gerOf[float64](gonum.Implementation.Dger))
	if blas.SizeOf[T]() == 4 {
		gonums = gerOf[float32](gonum.Implementation.Sger)
	}
	return level12[T]{
		dot: func(n int, x []T, incX int, y []T, incY int) T {
			if !dense(n, 0, x, incX) || !dense(n, 0, y, incY) {
				return r.dot(n, x, incX, y, incY)
			}
			return dot(b, c, x[:n], y[:n])
		},
		axpy: func(n int, alpha T, x []T, incX int, y []T, incY int) {
			if alpha == 0 || !dense(n, 0, x, incX) || !dense(n, 0, y, incY) {
				r.axpy(n, alpha, x, incX, y, incY)
				return
			}
			axpy(b, c, alpha, x[:n], y[:n])
		},
		scal: func(n int, alpha T, x []T, incX int) {
			if alpha == 0 || !dense(n, 0, x, incX) {
				r.scal(n, alpha, x, incX)
				return
			}
			c.scal(alpha, x[:n])
		},
		nrm2: r.nrm2,
		asum: func(n int, x []T, incX int) T {
			if !dense(n, 0, x, incX) {
				return r.asum(n, x, incX)
			}
			return asum(b, c, x[:n])
		},
		gemv: func(t gblas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) {
			if !gemv(b, c, t, m, n, alpha, a, lda, x, incX, beta, y, incY) {
				r.gemv(t, m, n, alpha, a, lda, x, incX, beta, y, incY)
			}
		},
		symv: func(ul gblas.Uplo, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) {
			if !symv(b, c, ul, n, alpha, a, lda, x, incX, beta, y, incY) {
				r.symv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
			}
		},
		ger: func(m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int) {
			if !ger(b, c, gonums.(gerOf[T]), m, n, alpha, x, incX, y, incY, a, lda) {
				r.ger(m, n, alpha, x, incX, y, incY, a, lda)
			}
		},
	}
}

// bothTypes runs a test of all forms of the routines for both element types.
func bothTypes(t *testing.T, f64 func(t *testing.T, r level12[float64]), f32 func(t *testing.T, r level12[float32])) {
	b := Implementation{Threads: 2}
	t.Run("f64", func(t *testing.T) { f64(t, level12Of[float64](b)) })
	t.Run("f32", func(t *testing.T) { f32(t, level12Of[float32](b)) })
	t.Run("f64/kernels", func(t *testing.T) { f64(t, kernelsAlways[float64](b, 0)) })
	t.Run("f32/kernels", func(t *testing.T) { f32(t, kernelsAlways[float32](b, 0)) })
	t.Run("f32/16 lanes", func(t *testing.T) { f32(t, kernelsAlways[float32](b, 16)) })
}

// operands hands out storage that ends before a protected page and begins
// behind a border of NaN. What lies between its elements is NaN too.
type operands[T blas.Float] struct {
	t    *testing.T
	rnd  *rand.Rand
	room []T
	used []T
	copy []T
}

func newOperands[T blas.Float](t *testing.T, seed uint64, room int) *operands[T] {
	return &operands[T]{t: t, rnd: rand.New(rand.NewPCG(seed, 0)), room: testblas.Fenced[T](t, room)}
}

const border = 20

var nan = math.NaN()

func (o *operands[T]) take(n int) []T {
	o.used = o.room[len(o.room)-n-border:]
	for i := range o.used {
		o.used[i] = T(nan)
	}
	return o.used[border:]
}

// vector has n elements inc apart, small integers.
func (o *operands[T]) vector(n, inc int) []T {
	x := o.take(max(0, (n-1)*max(inc, -inc)+1))
	if n == 0 {
		x = x[:0]
	}
	for i := range n {
		x[place(i, n, inc)] = o.integer()
	}
	o.copy = append(o.copy[:0], o.used...)
	return x
}

// matrix has m rows of n elements lda apart, small integers.
func (o *operands[T]) matrix(m, n, lda int) []T {
	a := o.take(max(0, (m-1)*lda+n))
	for i := range m {
		for j := range n {
			a[i*lda+j] = o.integer()
		}
	}
	o.copy = append(o.copy[:0], o.used...)
	return a
}

func (o *operands[T]) integer() T { return T(o.rnd.IntN(9) - 4) }

// expected is what the operand should hold in the end; it starts as a copy.
func (o *operands[T]) expected() []T { return o.copy[border:] }

// check compares every element of the storage, gaps and border included, to
// the bit but for the payload of NaN.
func (o *operands[T]) check(format string, args ...any) {
	o.t.Helper()
	for i, v := range o.used {
		if w := o.copy[i]; v != w && (v == v || w == w) {
			o.t.Fatalf("%s: at offset %d there is %v, want %v", fmt.Sprintf(format, args...), i-border, v, w)
		}
	}
}

// place is where element i of n lies.
func place(i, n, inc int) int {
	if inc < 0 {
		return (i - n + 1) * inc
	}
	return i * inc
}

var increments = []int{1, 1, 1, 2, -1, -3}

// sizes around those at which the routines change their ways.
func sizes(from ...int) []int {
	var s []int
	for n := range 71 {
		s = append(s, n)
	}
	return append(s, from...)
}

func pick[E any](rnd *rand.Rand, s ...E) E { return s[rnd.IntN(len(s))] }

func TestLevel1(t *testing.T) { bothTypes(t, testLevel1[float64], testLevel1[float32]) }

func testLevel1[T blas.Float](t *testing.T, r level12[T]) {
	ox, oy := newOperands[T](t, 1, 1<<19), newOperands[T](t, 2, 1<<19)
	for _, n := range sizes(95, 96, 97, 191, 192, 193, 1000, serialBelow-1, serialBelow, serialBelow+77) {
		for _, incX := range increments {
			incY, alpha := pick(ox.rnd, increments...), T(ox.rnd.IntN(4)-1)
			name := fmt.Sprintf("n=%d incX=%d incY=%d alpha=%v", n, incX, incY, alpha)
			x, y := ox.vector(n, incX), oy.vector(n, incY)
			var product, sum, squares T
			for i := range n {
				u, v := x[place(i, n, incX)], y[place(i, n, incY)]
				product += u * v
				squares += u * u
				sum += T(math.Abs(float64(u)))
				oy.expected()[place(i, n, incY)] += alpha * u
			}
			if incX < 0 {
				sum, squares = 0, 0 // gonum's answer
			}
			if got := r.dot(n, x, incX, y, incY); got != product {
				t.Fatalf("%s: dot is %v, want %v", name, got, product)
			}
			if got := r.asum(n, x, incX); got != sum {
				t.Fatalf("%s: asum is %v, want %v", name, got, sum)
			}
			if got, want := float64(r.nrm2(n, x, incX)), math.Sqrt(float64(squares)); math.Abs(got-want) > 1e-5*want {
				t.Fatalf("%s: nrm2 is %v, want %v", name, got, want)
			}
			r.axpy(n, alpha, x, incX, y, incY)
			oy.check("%s: axpy", name)
			if incX > 0 {
				for i := range n {
					ox.expected()[i*incX] *= alpha
				}
				if alpha == 0 && n > 0 {
					x[0] = T(nan) // must not be read
				}
			}
			r.scal(n, alpha, x, incX)
			ox.check("%s: scal", name)
		}
	}
}

// TestNrm2Extremes compares with gonum's norm near the ends of the range.
func TestNrm2Extremes(t *testing.T) {
	b, g := Implementation{}, gonum.Implementation{}
	scales := []float64{0, 5e-324, 1e-310, 1e-200, 1e-141, 1e-140, 1e-139, 1e-45, 1e-30, 1e-16, 1e-15, 1e-14, 1e-13,
		1, 1e16, 1e17, 1e18, 1e19, 1e38, 1e137, 1e138, 1e139, 1e140, 1e200, 1e305}
	for _, n := range []int{1, 2, 20, 100} {
		x, y := make([]float64, n), make([]float32, n)
		for _, scale := range scales {
			for i := range x {
				x[i] = scale * float64(i%7-2)
				y[i] = float32(x[i])
			}
			for _, special := range []float64{scale, nan, math.Inf(1), math.Inf(-1)} {
				x[n/2], y[n/2] = special, float32(special)
				for _, v := range [][3]float64{
					{b.Dnrm2(n, x, 1), g.Dnrm2(n, x, 1), 1e-14},
					{float64(b.Snrm2(n, y, 1)), float64(g.Snrm2(n, y, 1)), 1e-6},
				} {
					got, want, tol := v[0], v[1], v[2]
					if got != want && !(math.Abs(got-want) <= tol*want) && (got == got || want == want) {
						t.Fatalf("n=%d scale=%v special=%v: %v, gonum has %v", n, scale, special, got, want)
					}
				}
			}
		}
	}
}

func TestGemv(t *testing.T) { bothTypes(t, testGemv[float64], testGemv[float32]) }

func testGemv[T blas.Float](t *testing.T, r level12[T]) {
	oa, ox, oy := newOperands[T](t, 3, 1<<20), newOperands[T](t, 4, 1<<18), newOperands[T](t, 5, 1<<18)
	one := func(m, n int) {
		rnd := oa.rnd
		tr := pick(rnd, gblas.NoTrans, gblas.Trans, gblas.ConjTrans)
		alpha, beta := T(pick(rnd, 1, 1, -1, 2)), T(pick(rnd, 0, 1, -2))
		incX, incY := pick(rnd, increments...), pick(rnd, increments...)
		lda := max(n, 1) + rnd.IntN(4)
		name := fmt.Sprintf("%c m=%d n=%d lda=%d alpha=%v incX=%d beta=%v incY=%d", tr, m, n, lda, alpha, incX, beta, incY)
		lenX, lenY := n, m
		if tr != gblas.NoTrans {
			lenX, lenY = m, n
		}
		a, x, y := oa.matrix(m, n, lda), ox.vector(lenX, incX), oy.vector(lenY, incY)
		if m > 0 && n > 0 {
			sums := make([]T, lenY)
			for i := range m {
				for j := range n {
					p, q := i, j
					if tr != gblas.NoTrans {
						p, q = j, i
					}
					sums[p] += a[i*lda+j] * x[place(q, lenX, incX)]
				}
			}
			for i, s := range sums {
				to := &oy.expected()[place(i, lenY, incY)]
				*to = alpha*s + beta**to
				if beta == 0 {
					y[place(i, lenY, incY)] = T(nan) // must not be read
				}
			}
		}
		r.gemv(tr, m, n, alpha, a, lda, x, incX, beta, y, incY)
		oy.check("%s: y", name)
		oa.check("%s: A", name)
		ox.check("%s: x", name)
	}
	for m := range 71 {
		for range 16 {
			one(m, oa.rnd.IntN(71))
		}
	}
	for _, s := range [][2]int{
		{1, 2047}, {3, 2048}, {5, 2049}, {9, 4100}, {255, 70}, {256, 60}, {257, 66}, {519, 57}, {600, 9},
		{400, 400}, {64, 2100}, {65, 2049}, {3, 60000}, {17, 9000}, {20001, 9}, {2500, 63}, {303, 601},
	} {
		for range 3 {
			one(s[0], s[1])
		}
	}
}

func TestSymv(t *testing.T) { bothTypes(t, testSymv[float64], testSymv[float32]) }

func testSymv[T blas.Float](t *testing.T, r level12[T]) {
	oa, ox, oy := newOperands[T](t, 6, 1<<21), newOperands[T](t, 7, 1<<14), newOperands[T](t, 8, 1<<14)
	for _, n := range sizes(71, 72, 73, 95, 96, 97, 100, 119, 143, 144, 145, 150, 193, 361, 362, 363, 400, 1027) {
		for range 2 {
			for _, ul := range []gblas.Uplo{gblas.Lower, gblas.Upper} {
				rnd := oa.rnd
				alpha, beta := T(pick(rnd, 1, -1, 2)), T(pick(rnd, 0, 1, -2))
				incX, incY := pick(rnd, increments...), pick(rnd, increments...)
				lda := max(n, 1) + rnd.IntN(4)
				name := fmt.Sprintf("%c n=%d lda=%d alpha=%v incX=%d beta=%v incY=%d", ul, n, lda, alpha, incX, beta, incY)
				a, x, y := oa.matrix(n, n, lda), ox.vector(n, incX), oy.vector(n, incY)
				for i := range n {
					var s T
					for j := range n {
						p, q := max(i, j), min(i, j)
						if ul == gblas.Upper {
							p, q = q, p
						}
						s += a[p*lda+q] * x[place(j, n, incX)]
					}
					to := &oy.expected()[place(i, n, incY)]
					*to = alpha*s + beta**to
					if beta == 0 {
						y[place(i, n, incY)] = T(nan)
					}
				}
				for i := range n { // the other triangle must not be read
					for j := range n {
						if j > i && ul == gblas.Lower || j < i && ul == gblas.Upper {
							a[i*lda+j], oa.expected()[i*lda+j] = T(nan), T(nan)
						}
					}
				}
				r.symv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
				oy.check("%s: y", name)
				oa.check("%s: A", name)
				ox.check("%s: x", name)
			}
		}
	}
}

func TestGer(t *testing.T) { bothTypes(t, testGer[float64], testGer[float32]) }

func testGer[T blas.Float](t *testing.T, r level12[T]) {
	oa, ox, oy := newOperands[T](t, 9, 1<<21), newOperands[T](t, 10, 1<<18), newOperands[T](t, 11, 1<<18)
	one := func(m, n int) {
		rnd := oa.rnd
		alpha := T(pick(rnd, 0, 1, -2))
		incX, incY := pick(rnd, increments...), pick(rnd, increments...)
		lda := max(n, 1) + rnd.IntN(4)
		name := fmt.Sprintf("m=%d n=%d lda=%d alpha=%v incX=%d incY=%d", m, n, lda, alpha, incX, incY)
		a, x, y := oa.matrix(m, n, lda), ox.vector(m, incX), oy.vector(n, incY)
		for i := range m {
			for j := range n {
				oa.expected()[i*lda+j] += alpha * x[place(i, m, incX)] * y[place(j, n, incY)]
			}
		}
		r.ger(m, n, alpha, x, incX, y, incY, a, lda)
		oa.check("%s: A", name)
		ox.check("%s: x", name)
		oy.check("%s: y", name)
	}
	for m := range 71 {
		for range 8 {
			one(m, oa.rnd.IntN(71))
		}
	}
	for _, s := range [][2]int{{3, 191}, {4, 192}, {5, 193}, {7, 383}, {7, 385}, {400, 400}, {3, 60000}, {700, 193}, {20001, 7}, {1030, 1025}} {
		for range 2 {
			one(s[0], s[1])
		}
	}
}

// TestZeroAlphaReadsNothing: α = 0 leaves βy, whatever A and x hold.
func TestZeroAlphaReadsNothing(t *testing.T) {
	b := Implementation{}
	const n = 80
	bad := make([]float64, n*n)
	for i := range bad {
		bad[i] = nan
	}
	for _, beta := range []float64{0, 1, 3} {
		for name, call := range map[string]func(y []float64){
			"gemv":  func(y []float64) { b.Dgemv(gblas.NoTrans, n, n, 0, bad, n, bad, 1, beta, y, 1) },
			"gemvT": func(y []float64) { b.Dgemv(gblas.Trans, n, n, 0, bad, n, bad, 1, beta, y, 1) },
			"symv":  func(y []float64) { b.Dsymv(gblas.Upper, n, 0, bad, n, bad, 1, beta, y, 1) },
			"axpy":  func(y []float64) { b.Daxpy(n, 0, bad, 1, y, 1); b.Dscal(n, beta, y, 1) },
		} {
			y := make([]float64, n)
			for i := range y {
				y[i] = 2
			}
			call(y)
			for i, v := range y {
				if v != 2*beta {
					t.Fatalf("%s with beta=%v: element %d is %v", name, beta, i, v)
				}
			}
		}
	}
}

// TestNaNAndInfAsGonum: NaN and ∞ arrive where gonum has them.
func TestNaNAndInfAsGonum(t *testing.T) {
	t.Run("f64", testNaNAndInf[float64])
	t.Run("f32", testNaNAndInf[float32])
}

func testNaNAndInf[T blas.Float](t *testing.T) {
	rnd := rand.New(rand.NewPCG(12, 0))
	fill := func(n, bad int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(rnd.IntN(5) - 2)
		}
		for range bad {
			x[rnd.IntN(n)] = T(pick(rnd, nan, math.Inf(1), math.Inf(-1)))
		}
		return x
	}
	clone := func(x []T) []T { return append([]T(nil), x...) }
	forms := []level12[T]{level12Of[T](gonum.Implementation{}), level12Of[T](Implementation{}), kernelsAlways[T](Implementation{}, 0)}
	for range 200 {
		m, n := 1+rnd.IntN(100), 1+rnd.IntN(100)
		if rnd.IntN(20) == 0 {
			m, n = 300+rnd.IntN(100), 500
		}
		d := max(m, n)
		alpha, beta := T(rnd.IntN(4)-1), T(rnd.IntN(4)-1)
		bad := rnd.IntN(2)
		a, x, y := fill(d*d, bad), fill(d, 1-bad), fill(d, rnd.IntN(2))
		tr, ul := pick(rnd, gblas.NoTrans, gblas.Trans), pick(rnd, gblas.Lower, gblas.Upper)
		lenY := m // no longer, because gonum may clear all of y
		if tr == gblas.Trans {
			lenY = n
		}
		for name, call := range map[string]func(r level12[T]) []T{
			"dot":  func(r level12[T]) []T { return []T{r.dot(d, x, 1, y, 1)} },
			"asum": func(r level12[T]) []T { return []T{r.asum(d, x, 1)} },
			"nrm2": func(r level12[T]) []T {
				v := r.nrm2(d, x, 1)
				if v-v == 0 {
					v = 0 // TestNrm2Extremes compares numbers
				}
				return []T{v}
			},
			"axpy": func(r level12[T]) []T { z := clone(y); r.axpy(d, alpha, x, 1, z, 1); return z },
			"scal": func(r level12[T]) []T { z := clone(x); r.scal(d, alpha, z, 1); return z },
			"gemv": func(r level12[T]) []T {
				z := clone(y[:lenY])
				r.gemv(tr, m, n, alpha, a, d, x, 1, beta, z, 1)
				return z
			},
			"symv": func(r level12[T]) []T { z := clone(y); r.symv(ul, d, alpha, a, d, x, 1, beta, z, 1); return z },
			"ger":  func(r level12[T]) []T { z := clone(a); r.ger(m, n, alpha, x, 1, y, 1, z, d); return z },
		} {
			want := call(forms[0])
			for f, r := range forms[1:] {
				for i, v := range call(r) {
					if v != want[i] && (v == v || want[i] == want[i]) {
						t.Fatalf("%s, form %d, m=%d n=%d alpha=%v beta=%v: element %d is %v, gonum has %v", name, f, m, n, alpha, beta, i, v, want[i])
					}
				}
			}
		}
	}
}

// TestTransposedGemvClearsNoMore: β = 0 clears n elements of y, not all of it.
func TestTransposedGemvClearsNoMore(t *testing.T) {
	for _, n := range []int{1, 5, 70} {
		y := make([]float32, n+3)
		y[n] = 7
		a := make([]float32, n*n)
		Implementation{}.Sgemv(gblas.Trans, n, n, 1, a, n, a, 1, 0, y, 1)
		Implementation{}.Sgemv(gblas.Trans, n, n, 1, a, n, make([]float32, 2*n), 2, 0, y, 1)
		if y[n] != 7 {
			t.Errorf("n=%d: wrote behind y", n)
		}
	}
}

// TestLevel12Panics: for any arguments both panic with the same words.
func TestLevel12Panics(t *testing.T) {
	t.Run("f64", testLevel12Panics[float64])
	t.Run("f32", testLevel12Panics[float32])
}

func testLevel12Panics[T blas.Float](t *testing.T) {
	rnd := rand.New(rand.NewPCG(13, 0))
	g, b := level12Of[T](gonum.Implementation{}), level12Of[T](Implementation{})
	storage := make([]T, 2000*2000)
	seen := map[string]bool{}
	for range 6000 {
		size := func() int { return pick(rnd, -1, 0, 1, 2, 70, 200, 400) }
		inc := func() int { return pick(rnd, 1, 1, 1, 1, 2, -1, -2, 0) }
		m, n, incX, incY := size(), size(), inc(), inc()
		length := func(n, inc int) []T { // one too short at times
			return storage[:max(0, (n-1)*max(inc, -inc)+1-max(0, rnd.IntN(8)-6))]
		}
		tr, ul := pick(rnd, gblas.NoTrans, gblas.NoTrans, gblas.Trans, gblas.ConjTrans, 'x'), pick(rnd, gblas.Lower, gblas.Upper, gblas.Uplo('x'))
		alpha, beta := T(rnd.IntN(3)-1), T(rnd.IntN(3)-1)
		lda := pick(rnd, max(n, 1), max(n, 1), max(n, 1)+1, n-1, 0)
		lenX, lenY := n, m
		if tr != gblas.NoTrans {
			lenX, lenY = m, n
		}
		x, y, short := length(lenX, incX), length(lenY, incY), length(n, incY)
		a, sq := length((m-1)*lda+n, 1), length((n-1)*lda+n, 1)
		xm, xn := length(m, incX), length(n, incX)
		for name, call := range map[string]func(r level12[T]){
			"dot":  func(r level12[T]) { r.dot(n, xn, incX, short, incY) },
			"axpy": func(r level12[T]) { r.axpy(n, alpha, xn, incX, short, incY) },
			"scal": func(r level12[T]) { r.scal(n, alpha, xn, incX) },
			"nrm2": func(r level12[T]) { r.nrm2(n, xn, incX) },
			"asum": func(r level12[T]) { r.asum(n, xn, incX) },
			"gemv": func(r level12[T]) { r.gemv(tr, m, n, alpha, a, lda, x, incX, beta, y, incY) },
			"symv": func(r level12[T]) { r.symv(ul, n, alpha, sq, lda, xn, incX, beta, short, incY) },
			// α = 0 where gonum's would go astray.
			"ger": func(r level12[T]) { r.ger(m, n, T(max(0, min(incX, incY))), xm, incX, short, incY, a, lda) },
		} {
			want, got := panicked(func() { call(g) }), panicked(func() { call(b) })
			if got != want {
				t.Fatalf("%s, m=%d n=%d lda=%d incX=%d incY=%d alpha=%v beta=%v: panics with %q, gonum with %q", name, m, n, lda, incX, incY, alpha, beta, got, want)
			}
			seen[name+": "+want] = true
		}
	}
	for name, strings := range map[string][]string{
		"dot":  {"blas: n < 0", "blas: zero x index increment", "blas: zero y index increment", "blas: insufficient length of x", "blas: insufficient length of y"},
		"nrm2": {"blas: zero x index increment", "blas: insufficient length of x"},
		"gemv": {"blas: illegal transpose", "blas: m < 0", "blas: n < 0", "blas: bad leading dimension of A", "blas: insufficient length of x", "blas: insufficient length of y", "blas: insufficient length of a"},
		"symv": {"blas: illegal triangle", "blas: n < 0", "blas: bad leading dimension of A", "blas: insufficient length of x", "blas: insufficient length of y", "blas: insufficient length of a"},
		"ger":  {"blas: m < 0", "blas: n < 0", "blas: bad leading dimension of A", "blas: insufficient length of x", "blas: insufficient length of y", "blas: insufficient length of a"},
	} {
		for _, s := range strings {
			if !seen[name+": "+s] {
				t.Errorf("%s never panicked with %q", name, s)
			}
		}
	}
}

func panicked(f func()) (s string) {
	defer func() {
		if v := recover(); v != nil {
			s = fmt.Sprint(v)
		}
	}()
	f()
	return ""
}

// TestLevel12SameBitsForAnyThreads takes shapes that are cut in every way.
func TestLevel12SameBitsForAnyThreads(t *testing.T) {
	t.Run("f64", testLevel12SameBits[float64])
	t.Run("f32", testLevel12SameBits[float32])
}

func testLevel12SameBits[T blas.Float](t *testing.T) {
	rnd := rand.New(rand.NewPCG(14, 0))
	fill := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(rnd.NormFloat64())
		}
		return x
	}
	for _, s := range [][2]int{{500, 500}, {5000, 60}, {61, 6000}, {1003, 1101}} {
		m, n := s[0], s[1]
		d := max(m, n)
		a, x, y := fill(m*n), fill(d), fill(d)
		for name, call := range map[string]func(r level12[T]) []T{
			"dot":  func(r level12[T]) []T { return []T{r.dot(m*n, a, 1, a, 1), r.nrm2(m*n, a, 1)} },
			"axpy": func(r level12[T]) []T { z := make([]T, m*n); r.axpy(m*n, 3, a, 1, z, 1); return z },
			"gemv": func(r level12[T]) []T {
				z := fill(0)
				z = append(z, y...)
				r.gemv(gblas.NoTrans, m, n, 3, a, n, x, 1, 2, z, 1)
				return z
			},
			"gemvT": func(r level12[T]) []T {
				z := fill(0)
				z = append(z, y...)
				r.gemv(gblas.Trans, m, n, 3, a, n, x, 1, 2, z, 1)
				return z
			},
			"lower": func(r level12[T]) []T {
				z := make([]T, min(m, n))
				r.symv(gblas.Lower, len(z), 3, a, n, x, 1, 0, z, 1)
				return z
			},
			"upper": func(r level12[T]) []T {
				z := make([]T, min(m, n))
				r.symv(gblas.Upper, len(z), 3, a, n, x, 1, 0, z, 1)
				return z
			},
			"ger": func(r level12[T]) []T { z := make([]T, m*n); r.ger(m, n, 3, x, 1, y, 1, z, n); return z },
		} {
			want := call(level12Of[T](Implementation{Threads: 1}))
			for _, threads := range []int{2, 3, 8} {
				for i, v := range call(level12Of[T](Implementation{Threads: threads})) {
					if v != want[i] {
						t.Fatalf("%s %v: element %d is %v on %d threads and %v on one", name, s, i, v, threads, want[i])
					}
				}
			}
		}
	}
}

// TestLevel12AllocatesNothing in its steady state.
func TestLevel12AllocatesNothing(t *testing.T) {
	b := Implementation{Threads: 2}
	for _, s := range [][2]int{{3, 5}, {60, 70}, {500, 400}, {9000, 60}} {
		m, n := s[0], s[1]
		d := max(m, n)
		o := min(m, n)
		a, x, y := make([]float64, m*n), make([]float64, 2*d), make([]float64, 2*d)
		all := func() {
			b.Ddot(m*n, a, 1, a, 1)
			b.Daxpy(m*n, 0.5, a, 1, a, 1)
			b.Dscal(d, 0.5, x, 1)
			b.Dnrm2(m*n, a, 1)
			b.Dasum(d, x, 1)
			for _, inc := range []int{1, 2} {
				b.Dgemv(gblas.NoTrans, m, n, 2, a, n, x, inc, 1, y, inc)
				b.Dgemv(gblas.Trans, m, n, 2, a, n, x, inc, 1, y, inc)
				b.Dsymv(gblas.Lower, o, 2, a, n, x, inc, 0, y, inc)
				b.Dger(m, n, 2, x, inc, y, inc, a, n)
			}
		}
		for range 3 {
			all()
		}
		if got := testing.AllocsPerRun(30, all); got != 0 {
			t.Errorf("%v: %v allocations", s, got)
		}
	}
}
