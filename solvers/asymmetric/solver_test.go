package asymmetric_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

var orders = map[string]asymmetric.Order{"alternating": asymmetric.Alternating, "simultaneous": asymmetric.Simultaneous}

// matrix is an operator and the matrix that it stands for.
type matrix struct {
	op operator.Rectangular[float64]
	a  blas.General[float64]
}

// gaussian is an m×n matrix of normal entries.
func gaussian(rnd *rand.Rand, m, n int, deviation float64) blas.General[float64] {
	a := blas.NewGeneral[float64](m, n)
	for i := range a.Data {
		a.Data[i] = deviation * rnd.NormFloat64()
	}
	return a
}

// operators returns an m×n matrix in every form, of norms about 1.
func operators(b *blas.Backend, m, n int, seed uint64) map[string]matrix {
	rnd := rand.New(rand.NewPCG(seed, 1))
	all := map[string]matrix{}

	dense := gaussian(rnd, m, n, 1/math.Sqrt(float64(m+n)))
	all["dense"] = matrix{operator.RectangularOf(b, dense), dense}

	sparse := blas.NewGeneral[float64](m, n)
	var row, col []int
	var value []float64
	for range m*n/5 + 2 { // some places twice
		i, j, v := rnd.IntN(m), rnd.IntN(n), rnd.NormFloat64()/math.Sqrt(float64(m+n))
		row, col, value = append(row, i), append(col, j), append(value, v)
		sparse.Row(i)[j] += v
	}
	all["sparse"] = matrix{operator.NewSparse(b, m, n, row, col, value), sparse}

	const p = 4
	left, right := gaussian(rnd, m, p, 1/math.Sqrt(float64(m))), gaussian(rnd, n, p, 1/math.Sqrt(float64(n)))
	all["product"] = matrix{operator.NewProduct(b, left, right), times(left, right, false, true)}
	return all
}

// times is op(a)·op(b) with plain loops.
func times(a, b blas.General[float64], ta, tb bool) blas.General[float64] {
	at := func(m blas.General[float64], trans bool, i, j int) float64 {
		if trans {
			i, j = j, i
		}
		return m.Row(i)[j]
	}
	rows, depth, cols := a.Rows, a.Cols, b.Cols
	if ta {
		rows, depth = depth, rows
	}
	if tb {
		cols = b.Rows
	}
	c := blas.NewGeneral[float64](rows, cols)
	for i := range rows {
		for j := range cols {
			for l := range depth {
				c.Row(i)[j] += at(a, ta, i, l) * at(b, tb, l, j)
			}
		}
	}
	return c
}

// gradients are (XYᵀ − A)Y and (XYᵀ − A)ᵀX.
func gradients(a, x, y blas.General[float64]) (gx, gy blas.General[float64]) {
	e := times(x, y, false, true)
	for i, v := range a.Data {
		e.Data[i] -= v
	}
	return times(e, y, false, false), times(e, x, true, false)
}

func less(x, g blas.General[float64], eta float64) blas.General[float64] {
	next := x.Clone()
	for i, v := range g.Data {
		next.Data[i] -= eta * v
	}
	return next
}

// step is (A1a) and (A1b) as they stand in the paper.
func step(a, x, y blas.General[float64], eta float64, order asymmetric.Order) (nextX, nextY blas.General[float64]) {
	gx, gy := gradients(a, x, y)
	nextX = less(x, gx, eta)
	if order == asymmetric.Alternating {
		_, gy = gradients(a, nextX, y)
	}
	return nextX, less(y, gy, eta)
}

func norm(m blas.General[float64]) float64 {
	var sum float64
	for _, v := range m.Data {
		sum += v * v
	}
	return math.Sqrt(sum)
}

func compare(t *testing.T, name string, got, want blas.General[float64], tol float64) {
	t.Helper()
	if d := norm(less(got, want, 1)); !(d <= tol*norm(want)) {
		t.Errorf("%s: relative difference %v", name, d/norm(want))
	}
}

func near(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol*math.Abs(want)) {
		t.Errorf("%s is %.17g, want %.17g", name, got, want)
	}
}

func open(t testing.TB, name string, threads int) *blas.Backend {
	t.Helper()
	b, err := blas.Open(name, threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compiledBackends() []string {
	var names []string
	for _, b := range kernel.Backends() {
		if b.HowToBuild == "" {
			names = append(names, b.Name)
		}
	}
	return names
}

func run(t *testing.T, s solvers.Method, steps int) {
	t.Helper()
	for range steps {
		if err := s.Step(); err != nil {
			t.Fatal(err)
		}
	}
}

// start is larger than the starts of the paper, so that few steps do much.
func start(m, n, k int, seed uint64) (x, y blas.General[float64]) {
	s := asymmetric.Random(m, n, k, seed)
	for i := range s.X.Data {
		s.X.Data[i] *= 5
	}
	for i := range s.Y.Data {
		s.Y.Data[i] *= 3
	}
	return s.X, s.Y
}

// TestTrajectories compares 150 iterations with the reference: every operator
// and order on every backend.
func TestTrajectories(t *testing.T) {
	const eta, steps = 0.2, 150
	b := open(t, "native", 1)
	for _, shape := range [][3]int{{1, 1, 1}, {1, 9, 2}, {31, 18, 1}, {18, 31, 2}, {40, 23, 3}, {17, 29, 10}, {5, 70, 10}} {
		m, n, k := shape[0], shape[1], shape[2]
		x0, y0 := start(m, n, k, 7)
		for form, c := range operators(b, m, n, uint64(m)) {
			for name, order := range orders {
				x, y := x0, y0
				for range steps {
					x, y = step(c.a, x, y, eta, order)
				}
				for _, backend := range compiledBackends() {
					t.Run(fmt.Sprintf("%s/%s/%s/%d×%d k=%d", backend, form, name, m, n, k), func(t *testing.T) {
						b := open(t, backend, 2)
						s := asymmetric.New(b, operators(b, m, n, uint64(m))[form].op, x0, y0, eta, order)
						run(t, s, steps)
						compare(t, "X", s.X(), x, 1e-12)
						compare(t, "Y", s.Y(), y, 1e-12)
						if s.Iteration() != steps || s.Passes() != steps {
							t.Errorf("iteration %d, passes %d", s.Iteration(), s.Passes())
						}
						gx, gy := s.Grams()
						compare(t, "XᵀX", blas.General[float64]{Rows: k, Cols: k, Stride: k, Data: gx}, times(s.X(), s.X(), true, false), 1e-12)
						compare(t, "YᵀY", blas.General[float64]{Rows: k, Cols: k, Stride: k, Data: gy}, times(s.Y(), s.Y(), true, false), 1e-12)
					})
				}
			}
		}
	}
}

// TestFloat32 follows the float64 trajectory to single precision.
func TestFloat32(t *testing.T) {
	const m, n, k, eta, steps = 90, 140, 3, 0.2, 60
	x0, y0 := start(m, n, k, 1)
	for _, backend := range compiledBackends() {
		b := open(t, backend, 2)
		c := operators(b, m, n, 1)["dense"]
		for name, order := range orders {
			s64 := asymmetric.New(b, c.op, x0, y0, eta, order)
			s32 := asymmetric.New(b, operator.RectangularOf(b, blas.Convert[float32](c.a)), blas.Convert[float32](x0), blas.Convert[float32](y0), eta, order)
			run(t, s64, steps)
			run(t, s32, steps)
			compare(t, backend+" "+name+" X", blas.Convert[float64](s32.X()), s64.X(), 1e-4)
			compare(t, backend+" "+name+" Y", blas.Convert[float64](s32.Y()), s64.Y(), 1e-4)
		}
	}
}

func TestSameBitsForAnyThreads(t *testing.T) {
	const m, n, eta = 700, 530, 0.2
	for _, k := range []int{2, 5, 33} {
		x0, y0 := start(m, n, k, 1)
		for name, order := range orders {
			one, two := open(t, "native", 1), open(t, "native", 2)
			on2 := operators(two, m, n, 3)
			for form, c := range operators(one, m, n, 3) {
				s1, s2 := asymmetric.New(one, c.op, x0, y0, eta, order), asymmetric.New(two, on2[form].op, x0, y0, eta, order)
				run(t, s1, 10)
				run(t, s2, 10)
				sameBits(t, fmt.Sprintf("%s %s k=%d", form, name, k), s1, s2)
			}
		}
	}
}

func sameBits(t *testing.T, name string, a, b *asymmetric.Solver[float64]) {
	t.Helper()
	gxa, gya := a.Grams()
	gxb, gyb := b.Grams()
	if !slices.Equal(a.X().Data, b.X().Data) || !slices.Equal(a.Y().Data, b.Y().Data) || !slices.Equal(gxa, gxb) || !slices.Equal(gya, gyb) ||
		a.Iteration() != b.Iteration() || a.RelativeGradient() != b.RelativeGradient() {
		t.Errorf("%s: not the same bits", name)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	const m, n = 500, 400
	b := open(t, "native", 2)
	for form, c := range operators(b, m, n, 2) {
		for name, order := range orders {
			for _, k := range []int{1, 3, 40} {
				x0, y0 := start(m, n, k, 1)
				s := asymmetric.New(b, c.op, x0, y0, 0.01, order)
				run(t, s, 1)
				if allocations := testing.AllocsPerRun(10, func() { _ = s.Step() }); allocations != 0 {
					t.Errorf("%s %s k=%d: %v allocations a step", form, name, k, allocations)
				}
			}
		}
	}
}

// elements counts those of all slices of numbers that a value holds, not those
// behind interfaces.
func elements(v reflect.Value) (count int) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			count += elements(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Float64 {
			return v.Len()
		}
		for i := range v.Len() {
			count += elements(v.Index(i))
		}
	}
	return count
}

func TestStorage(t *testing.T) {
	const m, n, k = 50, 30, 7
	b := open(t, "native", 1)
	x0, y0 := start(m, n, k, 1)
	s := asymmetric.New(b, operators(b, m, n, 1)["dense"].op, x0, y0, 0.1, asymmetric.Alternating)
	if got, want := elements(reflect.ValueOf(s).Elem()), 2*(m+n)*k+4*k*k; got != want {
		t.Errorf("a solver holds %d elements, want %d", got, want)
	}
}

// TestRestore: a run that goes on from a saved state has the bits of one that
// was not interrupted.
func TestRestore(t *testing.T) {
	const m, n, k, eta = 260, 145, 5, 0.2 // Gram matrices formed anew have other bits
	for _, backend := range compiledBackends() {
		b := open(t, backend, 1)
		for form, c := range operators(b, m, n, 1) {
			for name, order := range orders {
				x0, y0 := start(m, n, k, 1)
				whole := asymmetric.New(b, c.op, x0, y0, eta, order)
				run(t, whole, 23)
				data, err := whole.Save()
				if err != nil {
					t.Fatal(err)
				}
				x1, y1 := start(m, n, k, 2)
				resumed := asymmetric.New(b, c.op, x1, y1, eta, order)
				run(t, resumed, 3)
				if err := resumed.Restore(data); err != nil {
					t.Fatal(err)
				}
				where := fmt.Sprintf("%s %s %s", backend, form, name)
				sameBits(t, where+" restored", whole, resumed)
				run(t, whole, 30)
				run(t, resumed, 30)
				sameBits(t, where+" 30 steps later", whole, resumed)
			}
		}
	}

	// States of other shapes change nothing.
	b := open(t, "native", 1)
	x0, y0 := start(m, n, k, 1)
	s := asymmetric.New(b, operators(b, m, n, 1)["dense"].op, x0, y0, eta, asymmetric.Alternating)
	same := asymmetric.New(b, operators(b, m, n, 1)["dense"].op, x0, y0, eta, asymmetric.Alternating)
	run(t, s, 5)
	run(t, same, 5)
	for _, shape := range [][3]int{{m, n, k + 1}, {m + 1, n, k}, {m, n + 1, k}, {n, m, k}, {m * k, n * k, 1}} {
		x1, y1 := start(shape[0], shape[1], shape[2], 1)
		foreign := asymmetric.New(b, operators(b, shape[0], shape[1], 1)["product"].op, x1, y1, eta, asymmetric.Alternating)
		data, err := foreign.Save()
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range [][]byte{data, data[:len(data)/2], nil, []byte("hello")} {
			if err := s.Restore(bad); err == nil {
				t.Errorf("%d bytes of the state of a solver of shape %v were taken", len(bad), shape)
			}
			sameBits(t, fmt.Sprint("after a foreign state of shape ", shape), s, same)
		}
	}
}

func TestFingerprint(t *testing.T) {
	const m, n, k = 20, 15, 2
	b := open(t, "native", 1)
	x0, y0 := start(m, n, k, 1)
	otherX, otherY := x0.Clone(), y0.Clone()
	otherX.Data[7] = math.Nextafter(otherX.Data[7], 2)
	otherY.Data[7] = math.Nextafter(otherY.Data[7], 2)
	c := operators(b, m, n, 1)["dense"]
	otherA := c.a.Clone()
	otherA.Data[17] += 1e-12
	of := func(a operator.Rectangular[float64], x, y blas.General[float64], eta float64, order asymmetric.Order, extra ...any) string {
		s := asymmetric.New(b, a, x, y, eta, order)
		h, err := s.Fingerprint(extra...)
		if err != nil {
			t.Fatal(err)
		}
		// The solver is still good for steps.
		run(t, s, 1)
		return h
	}
	first := of(c.op, x0, y0, 0.1, asymmetric.Alternating)
	if again := of(operators(b, m, n, 1)["dense"].op, x0, y0, 0.1, asymmetric.Alternating); again != first {
		t.Errorf("the same problem has the fingerprints %s and %s", first, again)
	}
	seen := map[string]string{first: "the first"}
	for name, h := range map[string]string{
		"η":     of(c.op, x0, y0, math.Nextafter(0.1, 1), asymmetric.Alternating),
		"order": of(c.op, x0, y0, 0.1, asymmetric.Simultaneous),
		"X_0":   of(c.op, otherX, y0, 0.1, asymmetric.Alternating),
		"Y_0":   of(c.op, x0, otherY, 0.1, asymmetric.Alternating),
		"A":     of(operator.RectangularOf(b, otherA), x0, y0, 0.1, asymmetric.Alternating),
		"extra": of(c.op, x0, y0, 0.1, asymmetric.Alternating, "native"),
	} {
		if other, ok := seen[h]; ok {
			t.Errorf("another %s has the fingerprint of %s", name, other)
		}
		seen[h] = name
	}
}

func TestDivergence(t *testing.T) {
	const m, n, k = 40, 30, 2
	for _, backend := range compiledBackends() {
		b := open(t, backend, 1)
		for form, c := range operators(b, m, n, 1) {
			for name, order := range orders {
				for _, scale := range []float64{1, 10, 1e60, 1e120} {
					x0, y0 := start(m, n, k, 1)
					for i := range x0.Data {
						x0.Data[i] *= scale
					}
					where := fmt.Sprintf("%s %s %s from %g", backend, form, name, scale)
					s := asymmetric.New(b, c.op, x0, y0, 50, order)
					var err error
					for range 1000 {
						if err = s.Step(); err != nil {
							break
						}
					}
					var d *solvers.Divergence
					if !errors.As(err, &d) {
						t.Errorf("%s: %v", where, err)
						continue
					}
					if d.Iteration != s.Iteration() || d.Reason == "" {
						t.Errorf("%s: %v at iteration %d", where, err, s.Iteration())
					}
					for _, v := range slices.Concat(s.X().Data, s.Y().Data) {
						if v-v != 0 {
							t.Fatalf("%s: the last iterate has the element %v", where, v)
						}
					}
				}
			}
		}
	}
}

// TestGradient compares a step with finite differences of ½‖XYᵀ − A‖_F².
func TestGradient(t *testing.T) {
	const m, n, k, eta, h = 12, 9, 3, 0.01, 1e-5
	b := open(t, "native", 1)
	for form, c := range operators(b, m, n, 3) {
		for name, order := range orders {
			x0, y0 := start(m, n, k, 4)
			s := asymmetric.New(b, c.op, x0, y0, eta, order)
			run(t, s, 1)
			f := func(x, y blas.General[float64]) float64 {
				e := norm(less(times(x, y, false, true), c.a, 1))
				return e * e / 2
			}
			slope := func(f func() float64, at *float64) float64 {
				was := *at
				*at = was + h
				up := f()
				*at = was - h
				down := f()
				*at = was
				return (up - down) / (2 * h)
			}
			seenX := x0 // by the step of Y
			if order == asymmetric.Alternating {
				seenX = s.X().Clone()
			}
			var normX, normY float64
			for i := range x0.Data {
				want := slope(func() float64 { return f(x0, y0) }, &x0.Data[i])
				got := (x0.Data[i] - s.X().Data[i]) / eta
				if normX = math.Hypot(normX, want); !(math.Abs(got-want) <= 1e-8) {
					t.Fatalf("%s %s: element %d of the gradient of X is %v, finite difference %v", form, name, i, got, want)
				}
			}
			for i := range y0.Data {
				want := slope(func() float64 { return f(seenX, y0) }, &y0.Data[i])
				got := (y0.Data[i] - s.Y().Data[i]) / eta
				if normY = math.Hypot(normY, want); !(math.Abs(got-want) <= 1e-8) {
					t.Fatalf("%s %s: element %d of the gradient of Y is %v, finite difference %v", form, name, i, got, want)
				}
			}
			gx, gy := s.GradientNorms()
			near(t, "‖∇_X f‖", gx, normX, 1e-7)
			near(t, "‖∇_Y f‖", gy, normY, 1e-7)
		}
	}
}

func TestRelativeGradient(t *testing.T) {
	const m, n, k, eta = 25, 14, 3, 0.2
	b := open(t, "native", 1)
	for form, c := range operators(b, m, n, 5) {
		for name, order := range orders {
			x, y := start(m, n, k, 4)
			s := asymmetric.New(b, c.op, x, y, eta, order)
			if !math.IsNaN(s.RelativeGradient()) {
				t.Errorf("before the first step: %v", s.RelativeGradient())
			}
			for range 20 {
				run(t, s, 1)
				nextX, nextY := step(c.a, x, y, eta, order)
				seenX := x
				if order == asymmetric.Alternating {
					seenX = nextX
				}
				gx, _ := gradients(c.a, x, y)
				_, gy := gradients(c.a, seenX, y)
				want := math.Hypot(norm(gx), norm(gy)) / math.Hypot(norm(times(c.a, y, false, false)), norm(times(c.a, seenX, true, false)))
				near(t, form+" "+name, s.RelativeGradient(), want, 1e-10)
				x, y = nextX, nextY
			}
		}
		zero := asymmetric.New(b, c.op, blas.NewGeneral[float64](m, k), blas.NewGeneral[float64](n, k), eta, asymmetric.Alternating)
		run(t, zero, 1)
		if got := zero.RelativeGradient(); got != 0 {
			t.Errorf("%s: the relative gradient at 0 is %v", form, got)
		}
	}
}

// TestStartScales compares squared norms of the starts with their
// expectations.
func TestStartScales(t *testing.T) {
	const m, n, k = 400, 900, 20
	b := open(t, "native", 2)
	c := operators(b, m, n, 6)["dense"]
	const sigma1, constant, d = 1.7, 3.0, 0.2
	proposed, err := asymmetric.Proposed(c.op, k, sigma1, constant, d, 1)
	if err != nil {
		t.Fatal(err)
	}
	colspan, err := asymmetric.ColSpan(c.op, k, 2)
	if err != nil {
		t.Fatal(err)
	}
	random := asymmetric.Random(m, n, k, 3)
	a2 := norm(c.a) * norm(c.a)
	for _, check := range []struct {
		name string
		m    blas.General[float64]
		want float64
	}{
		{"Proposed X", proposed.X, a2 / (constant * constant * sigma1 * sigma1)},
		{"Proposed Y", proposed.Y, d * d * sigma1 * sigma1 * k},
		{"ColSpan X", colspan.X, a2 / 100},
		{"ColSpan Y", colspan.Y, k / 100.},
		{"Random X", random.X, k / 100.},
		{"Random Y", random.Y, k / 100.},
	} {
		near(t, "‖"+check.name+"‖²", norm(check.m)*norm(check.m), check.want, 0.05)
	}
}

// TestStartFormulas: for A = I the start shows Φ_1, and with it the start of
// another A is what its formula says.
func TestStartFormulas(t *testing.T) {
	const m, n, k, seed = 14, 9, 3, 5
	b := open(t, "native", 1)
	identity := blas.NewGeneral[float64](n, n)
	for i := range n {
		identity.Row(i)[i] = 1
	}
	must := func(s asymmetric.Start, err error) asymmetric.Start {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	scaled := func(m blas.General[float64], by float64) blas.General[float64] {
		m = m.Clone()
		for i := range m.Data {
			m.Data[i] *= by
		}
		return m
	}
	shown := must(asymmetric.ColSpan(operator.RectangularOf(b, identity), k, seed))
	phi1, phi2 := scaled(shown.X, 10*math.Sqrt(k)), scaled(shown.Y, 10*math.Sqrt(n))
	for form, c := range operators(b, m, n, 7) {
		const sigma1, constant, d = 1.7, 3.0, 0.2
		aphi := times(c.a, phi1, false, false)
		proposed := must(asymmetric.Proposed(c.op, k, sigma1, constant, d, seed))
		compare(t, form+" Proposed X", proposed.X, scaled(aphi, 1/(math.Sqrt(k)*constant*sigma1)), 1e-14)
		compare(t, form+" Proposed Y", proposed.Y, scaled(phi2, d*sigma1/math.Sqrt(n)), 1e-14)
		colspan := must(asymmetric.ColSpan(c.op, k, seed))
		compare(t, form+" ColSpan X", colspan.X, scaled(aphi, 1/(10*math.Sqrt(k))), 1e-14)
		compare(t, form+" ColSpan Y", colspan.Y, scaled(phi2, 1/(10*math.Sqrt(n))), 1e-14)

		const eta = 0.01
		before := proposed.X.Clone()
		u := proposed.Unbalanced(eta)
		compare(t, form+" unbalanced X", u.X, scaled(proposed.X, 10), 1e-14)
		compare(t, form+" unbalanced product", times(u.X, u.Y, false, true), times(proposed.X, proposed.Y, false, true), 1e-14)
		if !slices.Equal(before.Data, proposed.X.Data) {
			t.Error("Unbalanced changed its start")
		}
	}
	// The two matrices of a start are not the same numbers.
	if r := asymmetric.Random(n, n, k, seed); slices.Equal(r.X.Data, r.Y.Data) {
		t.Error("X_0 and Y_0 are the same")
	}
}

func TestTheory(t *testing.T) {
	p := asymmetric.Parameters{Sigma1: 2, SigmaR: 1, Rank: 2, Columns: 4, F0: 0.5}.WithDefaults()
	if p.C != 4 || p.Nu != 1e-10 || p.Tau != 1 || p.Eps != 1e-6 {
		t.Errorf("the defaults are %+v", p)
	}
	if q := (asymmetric.Parameters{C: 5, Nu: 6, Tau: 7, Eps: 8}); q.WithDefaults() != q {
		t.Errorf("%+v became %+v", q, q.WithDefaults())
	}
	near(t, "D", p.D(), 4e-10/9, 1e-15)
	near(t, "ρ", p.Rho(), 0.5, 0)
	near(t, "β", p.Beta(), 1./256, 0)
	near(t, "T", p.Iterations(1./256), 64, 0)
	near(t, "T of a larger step", p.Iterations(1./300), 87, 0) // ⌊90000/1024⌋
	near(t, "the bound at 0", p.RateBound(0), 1, 0)
	near(t, "the bound at 1024", p.RateBound(1024), math.Exp(-1), 1e-15)
	p.Eps = math.Exp(-1)
	eta, err := p.Step8()
	near(t, "step (8)", eta, 1./1024, 1e-15)
	if err != nil {
		t.Error(err)
	}
	if _, err := p.Step9(); err == nil {
		t.Error("step (9) for ε > 1/16")
	}
	p.Eps = math.Exp(-4)
	eta, err = p.Step9()
	near(t, "step (9)", eta, 1./2048, 1e-15)
	if err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*asymmetric.Parameters){
		"rank 0":         func(p *asymmetric.Parameters) { p.Rank = 0 },
		"rank above k":   func(p *asymmetric.Parameters) { p.Rank = 5 },
		"σ_r = 0":        func(p *asymmetric.Parameters) { p.SigmaR = 0 },
		"σ_r > σ_1":      func(p *asymmetric.Parameters) { p.SigmaR = 2.1 },
		"σ_1 not finite": func(p *asymmetric.Parameters) { p.Sigma1 = math.NaN() },
		"f_0 = 0":        func(p *asymmetric.Parameters) { p.F0 = 0 },
		"f_0 infinite":   func(p *asymmetric.Parameters) { p.F0 = math.Inf(1) },
	} {
		bad := p
		spoil(&bad)
		if _, err := bad.Step8(); err == nil {
			t.Errorf("%s: step (8) does not fail", name)
		}
		if _, err := bad.Step9(); err == nil {
			t.Errorf("%s: step (9) does not fail", name)
		}
	}
	small := p
	small.F0, small.Eps = 1e-3, 2e-3
	if _, err := small.Step8(); err == nil {
		t.Error("step (8) from a start within ε")
	}
}

// TestRate runs the start and the step of Corollary 5.3 and looks for (6).
func TestRate(t *testing.T) {
	const m, n, k = 30, 20, 8
	b := open(t, "native", 1)
	a := blas.NewGeneral[float64](m, n)
	a.Row(3)[4], a.Row(10)[2] = 2, -1.5
	op := operator.RectangularOf(b, a)
	p := asymmetric.Parameters{Sigma1: 2, SigmaR: 1.5, Rank: 2, Columns: k}.WithDefaults()
	start, err := asymmetric.Proposed(op, k, p.Sigma1, p.C, p.D(), 1)
	if err != nil {
		t.Fatal(err)
	}
	distance, _, err := op.Distance(start.X, start.Y)
	if err != nil {
		t.Fatal(err)
	}
	p.F0 = distance * distance / 2
	eta, err := p.Step9()
	if err != nil {
		t.Fatal(err)
	}
	u := start.Unbalanced(eta)
	s := asymmetric.New(b, op, u.X, u.Y, eta, asymmetric.Alternating)
	steps := int(p.Iterations(eta))
	if steps < 1000 {
		t.Fatalf("the theorem speaks of %d iterations only", steps)
	}
	for s.Iteration()+100 <= steps {
		run(t, s, 100)
		distance, _, err := op.Distance(s.X(), s.Y())
		if err != nil {
			t.Fatal(err)
		}
		if !(distance*distance <= p.RateBound(s.Iteration())) {
			t.Fatalf("‖A − XYᵀ‖² = %v at t = %d of %d, the bound is %v", distance*distance, s.Iteration(), steps, p.RateBound(s.Iteration()))
		}
	}
}

func TestLeadingSingular(t *testing.T) {
	const r = 4
	for _, backend := range compiledBackends() {
		b := open(t, backend, 2)
		for _, shape := range [][2]int{{60, 45}, {45, 60}, {9, 4}, {4, 9}} {
			for form, c := range operators(b, shape[0], shape[1], 8) {
				var svd mat.SVD
				if !svd.Factorize(mat.NewDense(shape[0], shape[1], slices.Clone(c.a.Data)), mat.SVDNone) {
					t.Fatal("no singular values")
				}
				want := svd.Values(nil)
				got, err := asymmetric.LeadingSingular(context.Background(), c.op, r, 1)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Values) != r || len(got.Residuals) != r || got.Passes < 1 {
					t.Fatalf("%s %s: %+v", backend, form, got)
				}
				for i, v := range got.Values {
					tol := 1e-10
					if want[i] < 1e-6*want[0] {
						tol = 1e-7 // of AᵀA it is the square
					}
					if !(math.Abs(v-want[i]) <= tol*want[0]) {
						t.Errorf("%s %s %v: σ_%d is %v, want %v", backend, form, shape, i+1, v, want[i])
					}
					if want[i] > 1e-3*want[0] && !(got.Residuals[i] <= 1e-9*want[0]) {
						t.Errorf("%s %s %v: the residual of σ_%d is %v", backend, form, shape, i+1, got.Residuals[i])
					}
				}
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := asymmetric.LeadingSingular(ctx, operators(b, 60, 45, 8)["dense"].op, r, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled context gives %v", err)
		}
	}
}

// unreadable fails as a matrix on a disk may.
type unreadable struct{ operator.Rectangular[float64] }

var errRead = errors.New("read error")

func (unreadable) Mul(ay, atx, x, y blas.General[float64]) error { return errRead }
func (unreadable) Alternate(eta float64, next, atx, x, y blas.General[float64], g, gnext []float64) (blas.Norms, error) {
	return blas.Norms{}, errRead
}

func TestErrors(t *testing.T) {
	const m, n, k = 8, 6, 2
	b := open(t, "native", 1)
	op := operators(b, m, n, 1)["dense"].op
	x0, y0 := start(m, n, k, 1)
	for name, order := range orders {
		s := asymmetric.New(b, unreadable{op}, x0, y0, 0.1, order)
		if err := s.Step(); err != errRead || s.Iteration() != 0 || !slices.Equal(s.X().Data, x0.Data) || !slices.Equal(s.Y().Data, y0.Data) {
			t.Errorf("%s: a step without A gives %v", name, err)
		}
		if _, err := s.Fingerprint(); err != errRead {
			t.Errorf("a fingerprint without A gives %v", err)
		}
	}
	if _, err := asymmetric.ColSpan(unreadable{op}, k, 1); err != errRead {
		t.Errorf("a start without A gives %v", err)
	}
	if _, err := asymmetric.Proposed(unreadable{op}, k, 1, 4, 1, 1); err != errRead {
		t.Errorf("a start without A gives %v", err)
	}
	for name, f := range map[string]func(){
		"X_0":   func() { asymmetric.New(b, op, y0, y0, 0.1, asymmetric.Alternating) },
		"Y_0":   func() { asymmetric.New(b, op, x0, x0, 0.1, asymmetric.Alternating) },
		"k":     func() { asymmetric.New(b, op, asymmetric.Random(m, n, 3, 1).X, y0, 0.1, asymmetric.Alternating) },
		"no k":  func() { asymmetric.New(b, op, blas.NewGeneral[float64](m, 0), blas.NewGeneral[float64](n, 0), 0.1, 0) },
		"η = 0": func() { asymmetric.New(b, op, x0, y0, 0, asymmetric.Alternating) },
		"η NaN": func() { asymmetric.New(b, op, x0, y0, math.NaN(), asymmetric.Alternating) },
		"η = ∞": func() { asymmetric.New(b, op, x0, y0, math.Inf(1), asymmetric.Alternating) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a bad %s does not panic", name)
				}
			}()
			f()
		}()
	}
}
