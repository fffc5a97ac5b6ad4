package native_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	gonum "gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/blas/native"
)

// Any program that uses gonum may run on this BLAS.
func Example() {
	blas64.Use(native.Implementation{})
	var c mat.Dense
	c.Mul(mat.NewDense(1, 2, []float64{1, 2}), mat.NewDense(2, 1, []float64{3, 4}))
	fmt.Println(c.At(0, 0))
	// Output: 11
}

// TestSameBitsForAnyThreads multiplies shapes that cut C into blocks and
// shapes that cut the sums.
func TestSameBitsForAnyThreads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	fill := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = rnd.NormFloat64()
		}
		return x
	}
	for _, s := range [][3]int{{700, 300, 500}, {3, 5, 9000}, {128, 128, 2048}, {2, 3000, 600}, {3000, 2, 600}} {
		m, n, k := s[0], s[1], s[2]
		a, b := fill(m*k), fill(k*n)
		var first []float64
		for _, threads := range []int{1, 2, 3, 8} {
			c := make([]float64, m*n)
			native.Implementation{Threads: threads}.Dgemm(gblas.NoTrans, gblas.NoTrans, m, n, k, 1, a, k, b, n, 0, c, n)
			if first == nil {
				first = c
			}
			for i, v := range c {
				if v != first[i] {
					t.Fatalf("%v: element %d is %v on %d threads and %v on one", s, i, v, threads, first[i])
				}
			}
		}
	}
}

// TestConcurrentCalls: values are used from many goroutines at once.
func TestConcurrentCalls(t *testing.T) {
	const n = 90
	rnd := rand.New(rand.NewPCG(3, 4))
	a := make([]float64, n*n)
	for i := range a {
		a[i] = rnd.NormFloat64()
	}
	want := make([]float64, n*n)
	impl := native.Implementation{Threads: 2}
	impl.Dgemm(gblas.NoTrans, gblas.Trans, n, n, n, 1, a, n, a, n, 0, want, n)
	t.Run("group", func(t *testing.T) {
		for g := range 8 {
			t.Run(fmt.Sprint(g), func(t *testing.T) {
				t.Parallel()
				c := make([]float64, n*n)
				for range 50 {
					impl.Dgemm(gblas.NoTrans, gblas.Trans, n, n, n, 1, a, n, a, n, 0, c, n)
					for i, v := range c {
						if v != want[i] {
							t.Fatalf("element %d is %v, want %v", i, v, want[i])
						}
					}
				}
			})
		}
	})
}

// TestLevel3AllocatesNothing in its steady state.
func TestLevel3AllocatesNothing(t *testing.T) {
	impl := native.Implementation{Threads: 2}
	for _, s := range [][3]int{{3, 5, 7}, {200, 100, 150}, {8, 8, 5000}} {
		m, n, k := s[0], s[1], s[2]
		a, b, c := make([]float64, m*k), make([]float64, k*n), make([]float64, max(m*n, m*m))
		all := func() {
			impl.Dgemm(gblas.NoTrans, gblas.NoTrans, m, n, k, 2, a, k, b, n, 1, c, n)
			impl.Dsyrk(gblas.Lower, gblas.NoTrans, m, k, 1, a, k, 0, c, m)
		}
		for range 3 { // the second thread's buffers too
			all()
		}
		if got := testing.AllocsPerRun(50, all); got != 0 {
			t.Errorf("%v: %v allocations", s, got)
		}
	}
}

// TestNaNPropagates: 0·NaN and 0·∞ are NaN, as in the reference BLAS.
func TestNaNPropagates(t *testing.T) {
	impl := native.Implementation{}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		for _, n := range []int{1, 5, 70} {
			a, b, c := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
			b[(n-1)*n] = bad
			impl.Dgemm(gblas.NoTrans, gblas.NoTrans, n, n, n, 1, a, n, b, n, 0, c, n)
			for i := range n {
				if v := c[i*n]; v == v {
					t.Fatalf("n=%d: 0·%v gave %v in row %d", n, bad, v, i)
				}
			}
		}
	}
}

// TestPanics: the checks and their strings are gonum's.
func TestPanics(t *testing.T) {
	x := make([]float64, 100)
	for want, call := range map[string]func(b gblas.Float64){
		"blas: illegal transpose":          func(b gblas.Float64) { b.Dgemm('x', gblas.NoTrans, 1, 1, 1, 1, x, 1, x, 1, 0, x, 1) },
		"blas: m < 0":                      func(b gblas.Float64) { b.Dgemm(gblas.NoTrans, gblas.NoTrans, -1, 1, 1, 1, x, 1, x, 1, 0, x, 1) },
		"blas: n < 0":                      func(b gblas.Float64) { b.Dsyrk(gblas.Lower, gblas.NoTrans, -1, 1, 1, x, 1, 0, x, 1) },
		"blas: k < 0":                      func(b gblas.Float64) { b.Dgemm(gblas.NoTrans, gblas.NoTrans, 1, 1, -1, 1, x, 1, x, 1, 0, x, 1) },
		"blas: bad leading dimension of A": func(b gblas.Float64) { b.Dgemm(gblas.NoTrans, gblas.NoTrans, 2, 2, 3, 1, x, 2, x, 2, 0, x, 2) },
		"blas: bad leading dimension of B": func(b gblas.Float64) { b.Dsymm(gblas.Left, gblas.Lower, 2, 3, 1, x, 2, x, 2, 0, x, 3) },
		"blas: bad leading dimension of C": func(b gblas.Float64) { b.Dsyrk(gblas.Upper, gblas.Trans, 3, 2, 1, x, 3, 0, x, 2) },
		"blas: insufficient length of a":   func(b gblas.Float64) { b.Dsyrk(gblas.Upper, gblas.Trans, 3, 50, 1, x, 3, 0, x, 3) },
		"blas: insufficient length of b":   func(b gblas.Float64) { b.Dgemm(gblas.NoTrans, gblas.NoTrans, 2, 2, 3, 1, x, 3, x[:1], 2, 0, x, 2) },
		"blas: insufficient length of c":   func(b gblas.Float64) { b.Dsymm(gblas.Left, gblas.Lower, 2, 3, 1, x, 2, x, 3, 0, x[:5], 3) },
		"blas: illegal triangle":           func(b gblas.Float64) { b.Dsyrk('x', gblas.Trans, 3, 2, 1, x, 3, 0, x, 3) },
		"blas: illegal side":               func(b gblas.Float64) { b.Dsymm('x', gblas.Lower, 2, 3, 1, x, 2, x, 3, 0, x, 3) },
	} {
		for name, b := range map[string]gblas.Float64{"native": native.Implementation{}, "gonum": gonum.Implementation{}} {
			if got := panicOf(func() { call(b) }); got != want {
				t.Errorf("%s panics with %v, want %q", name, got, want)
			}
		}
	}
}

func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// TestLongSumsOfFewColumns: sums of many terms are cut also where C has few
// columns or rows.
func TestLongSumsOfFewColumns(t *testing.T) {
	impl := native.Implementation{}
	const k = 1 << 20
	for _, s := range [][2]int{{1, 1}, {2, 2}, {3, 1}, {16, 1}, {1, 16}, {50, 3}} {
		m, n := s[0], s[1]
		a, b, c := make([]float32, k*m), make([]float32, k*n), make([]float32, m*n)
		for i := range a {
			a[i] = 0.1
		}
		for i := range b {
			b[i] = 1
		}
		for _, tA := range []gblas.Transpose{gblas.NoTrans, gblas.Trans} {
			lda := map[gblas.Transpose]int{gblas.NoTrans: k, gblas.Trans: m}[tA]
			impl.Sgemm(tA, gblas.NoTrans, m, n, k, 1, a, lda, b, n, 0, c, n)
			for i, v := range c {
				if want := 0.1 * float64(k); math.Abs(float64(v)-want) > 1e-4*want {
					t.Errorf("%v×%v, %c: element %d is %v, want %v", m, n, tA, i, v, want)
					break
				}
			}
		}
	}
}

// TestMeasurementsForgetInfinities: what one pass leaves behind the last
// measurement is not read by the next.
func TestMeasurementsForgetInfinities(t *testing.T) {
	const n, count = 3, 5
	f := native.Implementation{}.Fused64()
	m := f.NewMeasurements(n, count, func(i int, dst []float64) {
		for j := range dst {
			dst[j] = 1
		}
	})
	v, ones := make([]float64, count), []float64{1, 1, 1, 1, 1}
	z, dst := blas.NewGeneral[float64](n, n), blas.NewGeneral[float64](n, n)
	z.Data[0] = math.Inf(1)
	m.Apply(v, z)
	m.Adjoint(dst, ones)
	for i, x := range dst.Data {
		if x != count {
			t.Fatalf("element %d is %v, want %d", i, x, count)
		}
	}
}
