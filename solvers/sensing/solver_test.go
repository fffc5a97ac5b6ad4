package sensing_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// measurement is an operator, its matrices and a step that suits it.
type measurement struct {
	op operator.Measurement[float64]
	a  []blas.General[float64]
	mu float64
}

func gaussian(rnd *rand.Rand, rows, cols int, deviation float64) blas.General[float64] {
	a := blas.NewGeneral[float64](rows, cols)
	for i := range a.Data {
		a.Data[i] = deviation * rnd.NormFloat64()
	}
	return a
}

// wigner is a symmetric matrix of normal entries, of variance 1 on the
// diagonal and ½ off it, so that 𝒜*𝒜 is the identity in expectation.
func wigner(rnd *rand.Rand, n int) blas.General[float64] {
	a := blas.NewGeneral[float64](n, n)
	for i := range n {
		for j := range i {
			v := rnd.NormFloat64() * math.Sqrt(0.5)
			a.Row(i)[j], a.Row(j)[i] = v, v
		}
		a.Row(i)[i] = rnd.NormFloat64()
	}
	return a
}

func matricesOf(b *blas.Backend, n int, a []blas.General[float64]) *operator.Matrices[float64] {
	return operator.NewMatrices(b, n, len(a), func(i int, dst []float64) {
		for r := range n {
			copy(dst[r*(r+1)/2:], a[i].Row(r)[:r+1])
		}
	})
}

// vectors returns m vectors as rows and the matrices a_ia_iᵀ.
func vectors(rnd *rand.Rand, m, n int) (rows blas.General[float64], a []blas.General[float64]) {
	rows = gaussian(rnd, m, n, 1)
	for i := range m {
		v := rows.RowsOf(i, i+1)
		a = append(a, times(v, v, true, false))
	}
	return rows, a
}

// places returns m places, some on the diagonal and some twice, and the
// matrices that measure them.
func places(rnd *rand.Rand, m, n int) (row, col []int, a []blas.General[float64]) {
	for e := range m {
		i, j := rnd.IntN(n), rnd.IntN(n)
		if e%7 == 0 {
			j = i
		}
		one := blas.NewGeneral[float64](n, n)
		one.Row(i)[j] += 0.5
		one.Row(j)[i] += 0.5
		row, col, a = append(row, i), append(col, j), append(a, one)
	}
	return row, col, a
}

func measurements(b *blas.Backend, n, m int, seed uint64) map[string]measurement {
	rnd := rand.New(rand.NewPCG(seed, 1))
	all := map[string]measurement{}
	var symmetric []blas.General[float64]
	for range m {
		symmetric = append(symmetric, wigner(rnd, n))
	}
	all["matrices"] = measurement{matricesOf(b, n, symmetric), symmetric, 0.02}
	rows, a := vectors(rnd, m, n)
	all["rank one"] = measurement{operator.NewRankOne(b, rows), a, 0.005}
	row, col, a := places(rnd, m, n)
	all["entries"] = measurement{operator.NewEntries[float64](b, n, row, col), a, 2}
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

// measured is 𝒜(UUᵀ).
func measured(a []blas.General[float64], u blas.General[float64]) []float64 {
	z := times(u, u, false, true)
	y := make([]float64, len(a))
	for i, ai := range a {
		for e, v := range ai.Data {
			y[i] += v * z.Data[e] / math.Sqrt(float64(len(a)))
		}
	}
	return y
}

// adjoint is 𝒜*(v).
func adjoint(a []blas.General[float64], v []float64) blas.General[float64] {
	s := blas.NewGeneral[float64](a[0].Rows, a[0].Cols)
	for i, ai := range a {
		for e, x := range ai.Data {
			s.Data[e] += v[i] * x / math.Sqrt(float64(len(a)))
		}
	}
	return s
}

func residual(a []blas.General[float64], y []float64, u blas.General[float64]) []float64 {
	r := measured(a, u)
	for i, v := range y {
		r[i] -= v
	}
	return r
}

// step is U − μ𝒜*(𝒜(UUᵀ) − y)U.
func step(a []blas.General[float64], y []float64, u blas.General[float64], mu float64) blas.General[float64] {
	return less(u, times(adjoint(a, residual(a, y, u)), u, false, false), mu)
}

func less(x, g blas.General[float64], by float64) blas.General[float64] {
	next := x.Clone()
	for i, v := range g.Data {
		next.Data[i] -= by * v
	}
	return next
}

func norm(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	return math.Sqrt(sum)
}

func compare(t *testing.T, name string, got, want blas.General[float64], tol float64) {
	t.Helper()
	if d := norm(less(got, want, 1).Data); !(d <= tol*norm(want.Data)) {
		t.Errorf("%s: relative difference %v", name, d/norm(want.Data))
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

func solver(t *testing.T, a operator.Measurement[float64], y []float64, u0 blas.General[float64], mu float64) *sensing.Solver[float64] {
	t.Helper()
	s, err := sensing.New(a, y, u0, mu)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// truth is n×r with a product of norm about 1.
func truth(n, r int) blas.General[float64] {
	return gaussian(rand.New(rand.NewPCG(9, uint64(r))), n, r, 1/math.Sqrt(float64(n)))
}

// TestTrajectories compares 150 iterations with the reference: every form on
// every backend.
func TestTrajectories(t *testing.T) {
	const steps = 150
	for _, shape := range [][3]int{{1, 3, 1}, {9, 1, 2}, {18, 80, 1}, {21, 60, 2}, {16, 70, 3}, {13, 90, 13}} {
		n, m, r := shape[0], shape[1], shape[2]
		u0 := sensing.Small(n, r, 0.3/math.Sqrt(float64(n)), 1)
		for form, c := range measurements(open(t, "native", 1), n, m, 1) {
			y := measured(c.a, truth(n, 2))
			want := u0
			for range steps {
				want = step(c.a, y, want, c.mu)
			}
			for _, backend := range compiledBackends() {
				t.Run(fmt.Sprintf("%s/%s/n=%d m=%d r=%d", backend, form, n, m, r), func(t *testing.T) {
					s := solver(t, measurements(open(t, backend, 2), n, m, 1)[form].op, y, u0, c.mu)
					run(t, s, steps)
					compare(t, "U", s.U(), want, 1e-11)
					if s.Iteration() != steps || s.Passes() != steps {
						t.Errorf("iteration %d, passes %d", s.Iteration(), s.Passes())
					}
					e := residual(c.a, y, s.U())
					for i, v := range s.Residual() {
						if !(math.Abs(v-e[i]) <= 1e-13) {
							t.Fatalf("residual %d is %v, want %v", i, v, e[i])
						}
					}
					if !(math.Abs(s.TrainError()-norm(e)/norm(y)) <= 1e-13) {
						t.Errorf("the training error is %v, want %v", s.TrainError(), norm(e)/norm(y))
					}
					near(t, "the loss", s.Loss(), norm(s.Residual())*norm(s.Residual())/4, 1e-12)
				})
			}
		}
	}
}

// TestFloat32 follows the float64 trajectory to single precision.
func TestFloat32(t *testing.T) {
	const n, m, r, steps = 25, 120, 3, 60
	rnd := rand.New(rand.NewPCG(2, 2))
	rows, a := vectors(rnd, m, n)
	row, col, one := places(rnd, m, n)
	var all []blas.General[float64]
	for range m {
		all = append(all, wigner(rnd, n))
	}
	u0 := sensing.Small(n, r, 0.1, 1)
	for _, backend := range compiledBackends() {
		b := open(t, backend, 2)
		for form, c := range map[string]struct {
			measurement
			single operator.Measurement[float32]
		}{
			"matrices": {measurement{matricesOf(b, n, all), all, 0.02}, operator.NewMatrices(b, n, m, func(i int, dst []float32) {
				for p, at := 0, 0; p < n; p++ {
					for q := 0; q <= p; q, at = q+1, at+1 {
						dst[at] = float32(all[i].Row(p)[q])
					}
				}
			})},
			"rank one": {measurement{operator.NewRankOne(b, rows), a, 0.005}, operator.NewRankOne(b, blas.Convert[float32](rows))},
			"entries":  {measurement{operator.NewEntries[float64](b, n, row, col), one, 2}, operator.NewEntries[float32](b, n, row, col)},
		} {
			y := measured(c.a, truth(n, 2))
			y32 := make([]float32, m)
			for i, v := range y {
				y32[i] = float32(v)
			}
			s64 := solver(t, c.op, y, u0, c.mu)
			s32, err := sensing.New(c.single, y32, blas.Convert[float32](u0), c.mu)
			if err != nil {
				t.Fatal(err)
			}
			run(t, s64, steps)
			run(t, s32, steps)
			compare(t, backend+" "+form, blas.Convert[float64](s32.U()), s64.U(), 1e-4)
		}
	}
}

// large returns measurements of which a pass is shared among threads, without
// their matrices.
func large(b *blas.Backend, n int) map[string]measurement {
	rnd := rand.New(rand.NewPCG(3, 3))
	var row, col []int
	for range 40000 {
		row, col = append(row, rnd.IntN(n)), append(col, rnd.IntN(n))
	}
	var symmetric []blas.General[float64]
	for range 150 {
		symmetric = append(symmetric, wigner(rnd, n))
	}
	return map[string]measurement{
		"matrices": {matricesOf(b, n, symmetric), nil, 0.02},
		"rank one": {operator.NewRankOne(b, gaussian(rnd, 5000, n, 1)), nil, 0.001},
		"entries":  {operator.NewEntries[float64](b, n, row, col), nil, 2},
	}
}

func TestSameBitsForAnyThreads(t *testing.T) {
	const n = 90
	one, two := open(t, "native", 1), open(t, "native", 2)
	on2 := large(two, n)
	for form, c := range large(one, n) {
		for _, r := range []int{2, 5, 33} {
			y := make([]float64, c.op.Count())
			if err := c.op.Measure(y, truth(n, 2)); err != nil {
				t.Fatal(err)
			}
			u0 := sensing.Small(n, r, 0.1, 1)
			s1, s2 := solver(t, c.op, y, u0, c.mu), solver(t, on2[form].op, y, u0, c.mu)
			run(t, s1, 10)
			run(t, s2, 10)
			sameBits(t, fmt.Sprintf("%s r=%d", form, r), s1, s2)
		}
	}
}

func sameBits(t *testing.T, name string, a, b *sensing.Solver[float64]) {
	t.Helper()
	if !slices.Equal(a.U().Data, b.U().Data) || !slices.Equal(a.Residual(), b.Residual()) || a.Iteration() != b.Iteration() {
		t.Errorf("%s: not the same bits", name)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	const n = 90
	for form, c := range large(open(t, "native", 2), n) {
		for _, r := range []int{1, 5, 33} {
			s := solver(t, c.op, make([]float64, c.op.Count()), sensing.Small(n, r, 0.01, 1), 1e-3)
			run(t, s, 1)
			if allocations := testing.AllocsPerRun(10, func() { _ = s.Step() }); allocations != 0 {
				t.Errorf("%s r=%d: %v allocations a step", form, r, allocations)
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
	const n, m, r = 12, 30, 5
	for form, c := range measurements(open(t, "native", 1), n, m, 1) {
		s := solver(t, c.op, make([]float64, m), sensing.Small(n, r, 1, 1), 0.1)
		if got, want := elements(reflect.ValueOf(s).Elem()), 4*n*r+2*m; got != want {
			t.Errorf("%s: a solver holds %d elements, want %d", form, got, want)
		}
	}
}

// TestRestore: a run that goes on from a saved state has the bits of one that
// was not interrupted.
func TestRestore(t *testing.T) {
	const n, m, r = 16, 60, 3
	for _, backend := range compiledBackends() {
		for form, c := range measurements(open(t, backend, 1), n, m, 1) {
			y := measured(c.a, truth(n, 2))
			whole := solver(t, c.op, y, sensing.Small(n, r, 0.1, 1), c.mu)
			run(t, whole, 23)
			data, err := whole.Save()
			if err != nil {
				t.Fatal(err)
			}
			resumed := solver(t, c.op, y, sensing.Small(n, r, 0.1, 2), c.mu)
			run(t, resumed, 3)
			if err := resumed.Restore(data); err != nil {
				t.Fatal(err)
			}
			sameBits(t, backend+" "+form+" restored", whole, resumed)
			run(t, whole, 30)
			run(t, resumed, 30)
			sameBits(t, backend+" "+form+" 30 steps later", whole, resumed)

			// States of other shapes change nothing; one has a U of equal size.
			for _, shape := range [][2]int{{n, r + 1}, {n + 1, r}, {r, n}} {
				other := measurements(open(t, backend, 1), shape[0], m, 1)[form]
				data, err := solver(t, other.op, y, sensing.Small(shape[0], shape[1], 0.1, 1), c.mu).Save()
				if err != nil {
					t.Fatal(err)
				}
				for _, bad := range [][]byte{data, data[:len(data)/2], nil, []byte("hello")} {
					if err := resumed.Restore(bad); err == nil {
						t.Errorf("%d bytes of the state of a solver of shape %v were taken", len(bad), shape)
					}
					sameBits(t, fmt.Sprint(backend, " ", form, " after a foreign state of shape ", shape), whole, resumed)
				}
			}
		}
	}
}

func TestFingerprint(t *testing.T) {
	const n, m, r = 10, 25, 2
	b := open(t, "native", 1)
	u0 := sensing.Small(n, r, 0.1, 1)
	for form, c := range measurements(b, n, m, 1) {
		y := measured(c.a, truth(n, 2))
		of := func(op operator.Measurement[float64], y []float64, u0 blas.General[float64], mu float64, extra ...any) string {
			s := solver(t, op, y, u0, mu)
			h, err := s.Fingerprint(extra...)
			if err != nil {
				t.Fatal(err)
			}
			run(t, s, 1) // the solver is still good for steps
			return h
		}
		otherY, otherU := slices.Clone(y), u0.Clone()
		otherY[3] = math.Nextafter(otherY[3], 9)
		otherU.Data[3] = math.Nextafter(otherU.Data[3], 9)
		seen := map[string]string{of(c.op, y, u0, 0.01): "the first"}
		if _, ok := seen[of(measurements(b, n, m, 1)[form].op, y, u0, 0.01)]; !ok {
			t.Errorf("%s: the same problem has two fingerprints", form)
		}
		for name, h := range map[string]string{
			"μ":     of(c.op, y, u0, math.Nextafter(0.01, 1)),
			"y":     of(c.op, otherY, u0, 0.01),
			"U_0":   of(c.op, y, otherU, 0.01),
			"𝒜":     of(measurements(b, n, m, 2)[form].op, y, u0, 0.01),
			"extra": of(c.op, y, u0, 0.01, "native"),
		} {
			if other, ok := seen[h]; ok {
				t.Errorf("%s: another %s has the fingerprint of %s", form, name, other)
			}
			seen[h] = name
		}
	}
}

func TestDivergence(t *testing.T) {
	const n, m, r = 14, 50, 2
	for _, backend := range compiledBackends() {
		for form, c := range measurements(open(t, backend, 1), n, m, 1) {
			for _, scale := range []float64{1, 10, 1e60, 1e120} {
				where := fmt.Sprintf("%s %s from %g", backend, form, scale)
				y := measured(c.a, truth(n, 2))
				s := solver(t, c.op, y, sensing.Small(n, r, scale, 1), 500)
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
				for _, v := range s.U().Data {
					if v-v != 0 {
						t.Fatalf("%s: the last iterate has the element %v", where, v)
					}
				}
			}
		}
	}
}

// TestGradient compares a step with finite differences of ¼‖𝒜(UUᵀ) − y‖².
func TestGradient(t *testing.T) {
	const n, m, r, mu, h = 9, 25, 3, 0.01, 1e-5
	for form, c := range measurements(open(t, "native", 1), n, m, 3) {
		y := gaussian(rand.New(rand.NewPCG(4, 4)), m, 1, 1).Data
		u0 := sensing.Small(n, r, 0.7, 1)
		s := solver(t, c.op, y, u0, mu)
		f := func() float64 {
			e := norm(residual(c.a, y, u0))
			return e * e / 4
		}
		near(t, form+" the loss", s.Loss(), f(), 1e-13)
		near(t, form+" the training error", s.TrainError(), norm(residual(c.a, y, u0))/norm(y), 1e-13)
		run(t, s, 1)
		for i := range u0.Data {
			was := u0.Data[i]
			u0.Data[i] = was + h
			up := f()
			u0.Data[i] = was - h
			down := f()
			u0.Data[i] = was
			want, got := (up-down)/(2*h), (was-s.U().Data[i])/mu
			if !(math.Abs(got-want) <= 1e-8) {
				t.Fatalf("%s: element %d of the gradient is %v, finite difference %v", form, i, got, want)
			}
		}
	}
}

func TestRelativeGradient(t *testing.T) {
	const n, m, r = 11, 40, 3
	for form, c := range measurements(open(t, "native", 1), n, m, 5) {
		y := measured(c.a, truth(n, 2))
		s := solver(t, c.op, y, sensing.Small(n, r, 0.2, 1), c.mu)
		back := adjoint(c.a, y)
		for range 10 {
			gradient := times(adjoint(c.a, residual(c.a, y, s.U())), s.U(), false, false)
			near(t, form, s.RelativeGradient(), norm(gradient.Data)/norm(times(back, s.U(), false, false).Data), 1e-10)
			run(t, s, 1)
		}
		zero := solver(t, c.op, y, blas.NewGeneral[float64](n, r), c.mu)
		if got := zero.RelativeGradient(); got != 0 {
			t.Errorf("%s: the relative gradient at U = 0 is %v", form, got)
		}
		nothing := solver(t, c.op, make([]float64, m), sensing.Small(n, r, 0.2, 1), c.mu)
		if got := nothing.RelativeGradient(); !math.IsNaN(got) {
			t.Errorf("%s: the relative gradient for y = 0 is %v", form, got)
		}
		near(t, form+" the training error for y = 0", nothing.TrainError(), norm(measured(c.a, nothing.U())), 1e-12)
	}
}

// TestRecovery: from a small start, also of more columns than the rank, the
// trajectory finds the matrix that was measured.
func TestRecovery(t *testing.T) {
	const n, rank, m = 20, 2, 200
	rnd := rand.New(rand.NewPCG(6, 6))
	var a []blas.General[float64]
	for range m {
		a = append(a, wigner(rnd, n))
	}
	x := truth(n, rank)
	want := times(x, x, false, true)
	for _, backend := range compiledBackends() {
		op := matricesOf(open(t, backend, 1), n, a)
		y := make([]float64, m)
		if err := op.Measure(y, x); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			r          int
			alpha, tol float64
		}{{rank, 1e-3, 1e-9}, {n, 1e-5, 1e-3}} {
			s := solver(t, op, y, sensing.Small(n, c.r, c.alpha, 1), 0.2)
			run(t, s, 3000)
			name := fmt.Sprintf("%s r=%d", backend, c.r)
			compare(t, name, times(s.U(), s.U(), false, true), want, c.tol)
			if !(s.TrainError() <= c.tol) {
				t.Errorf("%s: the training error is %v", name, s.TrainError())
			}
		}
	}
}

// TestSpectral: where all elements are measured, 𝒜*(y) is a multiple of the
// matrix, and the start is its best approximation of that rank.
func TestSpectral(t *testing.T) {
	const n = 12
	var row, col []int
	for i := range n {
		for j := range n {
			row, col = append(row, i), append(col, j)
		}
	}
	for _, backend := range compiledBackends() {
		op := operator.NewEntries[float64](open(t, backend, 1), n, row, col)
		m := float64(op.Count())
		x := truth(n, 3)
		want := times(x, x, false, true)
		y := make([]float64, op.Count())
		if err := op.Measure(y, x); err != nil {
			t.Fatal(err)
		}
		back, err := op.Adjoint(y)
		if err != nil {
			t.Fatal(err)
		}
		u, _, err := sensing.Spectral(context.Background(), back, 3, math.Sqrt(m), 1)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, backend, times(u, u, false, true), want, 1e-10)
		if s := solver(t, op, y, u, 1); !(s.TrainError() <= 1e-10 && s.RelativeGradient() <= 1e-10) {
			t.Errorf("%s: the start has a training error of %v and a relative gradient of %v", backend, s.TrainError(), s.RelativeGradient())
		}
		// Eigenvalues below 0 give columns of 0, and scale scales.
		for e := range y {
			y[e] = -y[e]
		}
		if back, err = op.Adjoint(y); err != nil {
			t.Fatal(err)
		}
		u, pairs, err := sensing.Spectral(context.Background(), back, n, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !(pairs.Values[n-1] < -0.01/m) || !(norm(u.Data) <= 1e-7) {
			t.Errorf("%s: the start for a negative matrix has the norm %v, eigenvalues %v", backend, norm(u.Data), pairs.Values)
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := solver(t, measurements(open(t, "native", 1), n, 30, 1)["matrices"].op, make([]float64, 30), truth(n, 1), 1)
	if _, _, err := sensing.Spectral(ctx, s.Back(), 1, 1, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}

// TestBack compares 𝒜*(y) with its definition.
func TestBack(t *testing.T) {
	const n, m, r = 13, 40, 4
	for _, backend := range compiledBackends() {
		for form, c := range measurements(open(t, backend, 1), n, m, 7) {
			y := gaussian(rand.New(rand.NewPCG(8, 8)), m, 1, 1).Data
			s := solver(t, c.op, y, truth(n, r), 1)
			got := blas.NewGeneral[float64](n, r)
			if err := s.Back().Mul(got, truth(n, r)); err != nil {
				t.Fatal(err)
			}
			compare(t, backend+" "+form, got, times(adjoint(c.a, y), truth(n, r), false, false), 1e-13)
		}
	}
}

func TestSmall(t *testing.T) {
	for _, r := range []int{1, 20} {
		const n, alpha = 20000, 0.3
		u := sensing.Small(n, r, alpha, 1)
		near(t, "‖U_0‖²", norm(u.Data)*norm(u.Data), alpha*alpha*n, 0.04)
	}
}

// unreadable fails as measurements on a disk may.
type unreadable struct{ operator.Measurement[float64] }

var errRead = errors.New("read error")

func (unreadable) Measure(dst []float64, u blas.General[float64]) error { return errRead }
func (unreadable) Gradient(dst blas.General[float64], residual []float64, u blas.General[float64], y []float64) error {
	return errRead
}

func TestErrors(t *testing.T) {
	const n, m, r = 8, 20, 2
	op := measurements(open(t, "native", 1), n, m, 1)["matrices"].op
	y, u0 := make([]float64, m), truth(n, r)
	if _, err := sensing.New(unreadable{op}, y, u0, 0.1); err != errRead {
		t.Errorf("a solver without measurements gives %v", err)
	}
	for name, f := range map[string]func(){
		"U_0":   func() { _, _ = sensing.New(op, y, truth(n+1, r), 0.1) },
		"r = 0": func() { _, _ = sensing.New(op, y, blas.NewGeneral[float64](n, 0), 0.1) },
		"y":     func() { _, _ = sensing.New(op, y[:m-1], u0, 0.1) },
		"μ = 0": func() { _, _ = sensing.New(op, y, u0, 0) },
		"μ NaN": func() { _, _ = sensing.New(op, y, u0, math.NaN()) },
		"μ = ∞": func() { _, _ = sensing.New(op, y, u0, math.Inf(1)) },
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
