package operator_test

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// scrambled delivers matrices that depend on their number alone, elements in
// (−1, 1), and allocates nothing.
func scrambled[T blas.Float](i int, dst []T) {
	for k := range dst {
		x := (uint64(i)<<32 + uint64(k) + 1) * 0x9e3779b97f4a7c15
		x = (x ^ x>>31) * 0xbf58476d1ce4e5b9
		dst[k] = T(float64(int64(x^x>>29)) / (1 << 63))
	}
}

// elements lists the full matrices of a fill.
func elements[T blas.Float](n, count int, fill func(i int, dst []T)) [][]element {
	all, packed := make([][]element, count), make([]T, n*(n+1)/2)
	for e := range all {
		fill(e, packed)
		for i, at := 0, 0; i < n; i++ {
			for j := range i + 1 {
				all[e] = append(all[e], element{i, j, float64(packed[at])})
				if i != j {
					all[e] = append(all[e], element{j, i, float64(packed[at])})
				}
				at++
			}
		}
	}
	return all
}

var regeneratedShapes = func() (all [][2]int) {
	for _, n := range []int{1, 2, 17, 40} {
		for _, count := range []int{1, 3, 4, 5, 33} {
			all = append(all, [2]int{n, count})
		}
	}
	return all
}()

// TestRegenerated holds results to the definition, within rounding.
func TestRegenerated(t *testing.T) {
	t.Run("float64", testRegenerated[float64])
	t.Run("float32", testRegenerated[float32])
}

func testRegenerated[T blas.Float](t *testing.T) {
	onBackends(t, func(t *testing.T, b *blas.Backend) (results []float64) {
		rnd := solvers.Stream(11, "regenerated")
		for _, shape := range regeneratedShapes {
			n, m := shape[0], shape[1]
			c := measurementCase[T]{"regenerated", operator.NewRegenerated(b, n, m, scrambled[T]), elements(n, m, scrambled[T])}
			for _, r := range []int{1, 3} { // the second with what the first left behind
				results = append(results, checkMeasurement(t, rnd, c, r)...)
			}
		}
		return results
	})
}

// passes are the results of every method of a measurement.
func passes[T blas.Float](t *testing.T, a operator.Measurement[T], u, x blas.General[T], y, v []T) map[string][]T {
	t.Helper()
	measured, residual := make([]T, a.Count()), make([]T, a.Count())
	gradient, product := blas.NewGeneral[T](a.Dim(), u.Cols), blas.NewGeneral[T](a.Dim(), x.Cols)
	a.Reserve(u.Cols)
	adjoint, err := a.Adjoint(v)
	if err == nil {
		err = a.Measure(measured, u)
	}
	if err == nil {
		err = a.Gradient(gradient, residual, u, y)
	}
	if err == nil {
		err = adjoint.Mul(product, x) // it must not share storage with the passes
	}
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]T{"measured": measured, "residual": residual, "gradient": gradient.Data, "adjoint": product.Data}
}

// TestRegeneratedIsStored compares with stored matrices of the same fill, and
// threads with each other.
func TestRegeneratedIsStored(t *testing.T) {
	t.Run("float64", func(t *testing.T) { testRegeneratedIsStored[float64](t, 1e-13) })
	t.Run("float32", func(t *testing.T) { testRegeneratedIsStored[float32](t, 2e-5) })
}

func testRegeneratedIsStored[T blas.Float](t *testing.T, tolerance float64) {
	const r = 3
	rnd := solvers.Stream(12, "stored")
	for _, shape := range regeneratedShapes {
		n, m := shape[0], shape[1]
		what := func(result string) string { return fmt.Sprintf("n = %d, m = %d: %s", n, m, result) }
		u, x := newGuarded[T](rnd, n, r, rnd.NormFloat64), newGuarded[T](rnd, n, r, rnd.NormFloat64)
		y, v := vector[T](rnd, m, rnd.NormFloat64), vector[T](rnd, m, rnd.NormFloat64)
		stored := operator.NewMatrices(open(t, "native", 1), n, m, scrambled[T])
		want := passes(t, stored, u.General, x.General, y.Data, v.Data)
		var first map[string][]T
		for _, threads := range []int{1, 2, 3} {
			a := operator.NewRegenerated(open(t, "native", threads), n, m, scrambled[T])
			if a.Dim() != n || a.Count() != m || a.Bytes() != 0 || a.Flops(r) != stored.Flops(r) {
				t.Fatal(what("shape or costs"), a.Dim(), a.Count(), a.Bytes(), a.Flops(r))
			}
			for range 2 {
				got := passes(t, a, u.General, x.General, y.Data, v.Data)
				if first == nil {
					first = got
				}
				for name := range want {
					if !slices.Equal(got[name], first[name]) {
						t.Fatalf("%s depends on threads or on earlier passes: %d threads", what(name), threads)
					}
					var off, size float64
					for i, w := range want[name] {
						off = math.Hypot(off, float64(got[name][i])-float64(w))
						size = math.Hypot(size, float64(w))
					}
					if !(off <= tolerance*size) {
						t.Fatalf("%s is off by %.2g of its norm", what(name), off/size)
					}
				}
			}
		}
	}
}

// TestRegeneratedOncePerPass counts deliveries, and has room for exactly the
// matrix in what they are to fill.
func TestRegeneratedOncePerPass(t *testing.T) {
	const n, m = 17, 33
	var calls [m]atomic.Int32
	a := operator.NewRegenerated(open(t, "native", 2), n, m, func(i int, dst []float64) {
		if calls[i].Add(1); len(dst) != n*(n+1)/2 {
			panic("a triangle of another length")
		}
		scrambled(i, dst)
	})
	u, dst, out, y := blas.NewGeneral[float64](n, 2), blas.NewGeneral[float64](n, 2), make([]float64, m), make([]float64, m)
	for name, pass := range map[string]func() error{
		"new":      func() error { a.Reserve(2); return nil },
		"measure":  func() error { return a.Measure(out, u) },
		"gradient": func() error { return a.Gradient(dst, out, u, y) },
		"adjoint":  func() error { _, err := a.Adjoint(y); return err },
	} {
		want := int32(1)
		if name == "new" {
			want = 0
		}
		for i := range calls {
			calls[i].Store(0)
		}
		if err := pass(); err != nil {
			t.Fatal(err)
		}
		for i := range calls {
			if got := calls[i].Load(); got != want {
				t.Errorf("%s has matrix %d delivered %d times", name, i, got)
			}
		}
	}
}

// TestRegeneratedRounded is in float64 with matrices of float32.
func TestRegeneratedRounded(t *testing.T) {
	const n, m = 17, 33
	b := open(t, "native", 2)
	rounded := func(i int, dst []float64) {
		scrambled(i, dst)
		for k, v := range dst {
			dst[k] = float64(float32(v))
		}
	}
	rnd := solvers.Stream(13, "rounded")
	checkMeasurement(t, rnd, measurementCase[float64]{"rounded", operator.NewRegenerated(b, n, m, rounded), elements(n, m, rounded)}, 2)
}

func TestRegeneratedAllocatesNothing(t *testing.T) {
	t.Run("float64", testRegeneratedAllocatesNothing[float64])
	t.Run("float32", testRegeneratedAllocatesNothing[float32])
}

func testRegeneratedAllocatesNothing[T blas.Float](t *testing.T) {
	const n, m, r = 40, 33, 3
	for _, threads := range []int{1, 2} {
		a := operator.NewRegenerated(open(t, "native", threads), n, m, scrambled[T])
		a.Reserve(r)
		u, dst, out, y := blas.NewGeneral[T](n, r), blas.NewGeneral[T](n, r), make([]T, m), make([]T, m)
		if got := testing.AllocsPerRun(5, func() {
			_ = a.Measure(out, u)
			_ = a.Gradient(dst, out, u, y)
		}); got != 0 {
			t.Errorf("%d threads: the passes allocate %g times", threads, got)
		}
	}
}

// TestRegeneratedDescent follows 20 steps of gradient descent beside that with
// stored matrices.
func TestRegeneratedDescent(t *testing.T) {
	const n, m, r, steps = 17, 120, 3, 20
	rnd := solvers.Stream(14, "descent")
	truth, start := newGuarded[float64](rnd, n, r, rnd.NormFloat64), newGuarded[float64](rnd, n, r, rnd.NormFloat64)
	for i := range n {
		for k := range r {
			truth.Row(i)[k] /= math.Sqrt(n)
			start.Row(i)[k] /= 10 * math.Sqrt(n)
		}
	}
	b := open(t, "native", 2)
	stored, regenerated := operator.NewMatrices(b, n, m, scrambled[float64]), operator.NewRegenerated(b, n, m, scrambled[float64])
	y := make([]float64, m)
	if err := stored.Measure(y, truth.General); err != nil {
		t.Fatal(err)
	}
	want, err := sensing.New(stored, y, start.General, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	got, err := sensing.New(regenerated, y, start.General, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	before := want.Loss()
	for range steps {
		if err := want.Step(); err != nil {
			t.Fatal(err)
		}
		if err := got.Step(); err != nil {
			t.Fatal(err)
		}
		var off, size float64
		for i, w := range want.U().Data {
			off = math.Hypot(off, got.U().Data[i]-w)
			size = math.Hypot(size, w)
		}
		if !(off <= 1e-11*size) || !(math.Abs(got.Loss()-want.Loss()) <= 1e-11*want.Loss()) {
			t.Fatalf("step %d: off by %.2g of ‖U‖, loss %g and %g", want.Iteration(), off/size, got.Loss(), want.Loss())
		}
	}
	if !(want.Loss() < before/2) {
		t.Errorf("the descent to compare with went from %g to %g", before, want.Loss())
	}
}

func TestRegeneratedOfNaN(t *testing.T) {
	a := operator.NewRegenerated(open(t, "native", 1), 4, 6, scrambled[float64])
	v, x, dst := make([]float64, 6), blas.NewGeneral[float64](4, 1), blas.NewGeneral[float64](4, 1)
	v[1], x.Data[0] = math.NaN(), 1
	s, err := a.Adjoint(v)
	if err == nil {
		err = s.Mul(dst, x)
	}
	if err != nil || !slices.ContainsFunc(dst.Data, math.IsNaN) {
		t.Errorf("a NaN is lost in %v, %v", dst.Data, err)
	}
}

func TestRegeneratedPanics(t *testing.T) {
	const n, m = 5, 9
	b := open(t, "native", 1)
	a := operator.NewRegenerated(b, n, m, scrambled[float64])
	u, dst, out, y := blas.NewGeneral[float64](n, 2), blas.NewGeneral[float64](n, 2), make([]float64, m), make([]float64, m)
	for name, f := range map[string]func(){
		"no matrix":       func() { operator.NewRegenerated(b, 3, 0, scrambled[float64]) },
		"matrix of order": func() { operator.NewRegenerated(b, 0, 3, scrambled[float64]) },
		"dst":             func() { _ = a.Measure(out[:m-1], u) },
		"u":               func() { _ = a.Measure(out, u.RowsOf(0, n-1)) },
		"y":               func() { _ = a.Gradient(dst, out, u, y[:m-1]) },
		"no y":            func() { _ = a.Gradient(dst, out, u, nil) },
		"residual":        func() { _ = a.Gradient(dst, out[:m-1], u, y) },
		"gradient":        func() { _ = a.Gradient(dst.RowsOf(0, n-1), out, u, y) },
		"v":               func() { _, _ = a.Adjoint(y[:m-1]) },
	} {
		mustPanic(t, name, f)
	}
}
