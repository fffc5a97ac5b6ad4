package symmetric_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/internal/testsolvers"
	"lowrank/internal/twofold"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

func spectra(d int) map[string][]float64 {
	s := map[string][]float64{}
	add := func(name string, f func(i int) float64) {
		l := make([]float64, d)
		for i := range l {
			l[i] = f(i)
		}
		s[name] = l
	}
	add("evenly", func(i int) float64 { return 1 - float64(i)/float64(d-1) })
	add("1/k", func(i int) float64 { return 1 / float64(i+1) })
	add("indefinite", func(i int) float64 {
		if i < 3 {
			return 1 - 0.02*float64(i)
		}
		return 0.9 - 1.4*float64(i)/float64(d)
	})
	add("clustered", func(i int) float64 { return []float64{1, 0.7, 0.3, -0.2}[i%4] })
	add("steps", func(i int) float64 { return math.Pow(0.6, float64(i)) })
	return s
}

// krylovCase is a problem of the grid on which the error estimate is tried.
type krylovCase struct {
	spectrum   string
	r          int
	scale, eta float64
	iterations int
}

func krylovCases(short bool) []krylovCase {
	var list []krylovCase
	for _, spectrum := range []string{"evenly", "1/k", "indefinite", "clustered", "steps"} {
		for _, c := range []krylovCase{
			{r: 1, scale: 0.5, eta: 0.1, iterations: 3000}, {r: 2, scale: 0.5, eta: 0.95, iterations: 1000},
			{r: 4, scale: 1e-6, eta: 0.1, iterations: 2000}, {r: 8, scale: 1e-3, eta: 0.3, iterations: 500},
			{r: 2, scale: 1e-3, eta: 0.01, iterations: 10000}, {r: 16, scale: 0.1, eta: 0.2, iterations: 100},
			{r: 1, scale: 0.5, eta: 1.3, iterations: 1000}, {r: 3, scale: 0.5, eta: 1.7, iterations: 300},
			{r: 2, scale: 1e-12, eta: 0.2, iterations: 1500},
		} {
			if short {
				c.iterations /= 5
			}
			c.spectrum = spectrum
			list = append(list, c)
		}
	}
	return list
}

// TestKrylovErrors: the estimate of the error is never below a tenth of the true
// one, which is taken against the iteration in 106 bits, and where no saddle
// amplifies what came before it, is itself as small as promised.
func TestKrylovErrors(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	all := spectra(200)
	for _, c := range krylovCases(testing.Short()) {
		lambda := all[c.spectrum]
		x0 := symmetric.RandomStart(len(lambda), c.r, c.scale, 1)
		k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, lambda), x0, c.eta, 0)
		if err != nil {
			t.Fatal(err)
		}
		x := twofold.MatrixOf(x0.Data, c.r)
		predictable := 0
		for i := 1; i <= c.iterations; i++ {
			if err := k.Step(); err != nil {
				t.Fatalf("%+v: %v", c, err)
			}
			x = x.Descend(c.eta, lambda, x, x.Gram())
			if i > 20 && i%50 != 0 {
				continue
			}
			basis, rounding := k.Errors()
			if math.IsNaN(basis) {
				continue
			}
			predictable = i
			actual := x.Distance(k.X().Data)
			if !(basis+rounding >= actual/10) {
				t.Errorf("%+v, t = %d: the error is %.2g; estimated %.2g + %.2g", c, i, actual, basis, rounding)
				break
			}
		}
		if chaotic := c.eta > 1.5; chaotic != (predictable < c.iterations) && !testing.Short() {
			t.Errorf("%+v: predictable to t = %d", c, predictable)
		}
	}
}

// randomProblem draws a spectrum, a start and a step of the kinds that differ in what
// errors do: with gaps and without, clustered, indefinite, of low rank, over many
// decades; in and near invariant subspaces, with columns that depend on each other or
// differ in size; slow and chaotic.
func randomProblem(r *rand.Rand) (at string, lambda []float64, x0 blas.General[float64], eta, tolerance float64) {
	decades := func(from, to float64) float64 { return math.Pow(10, from+(to-from)*r.Float64()) }
	d := int(decades(0.7, 1.8))
	cols := min(1+r.IntN(5)*r.IntN(4), d)
	spectrum, count, split := r.IntN(8), 1+r.IntN(5), decades(-15, -3)
	lambda = make([]float64, d)
	for i := range lambda {
		lambda[i] = []float64{
			1 - float64(i)/float64(d), math.Pow(float64(i+1), -2), math.Pow(10, -16*float64(i)/float64(d)),
			1 - float64(i%count)/float64(count) + split*r.NormFloat64(), 2*r.Float64() - 1, -r.Float64(), float64(min(i, 1) - 1), decades(-16, 0),
		}[spectrum]
	}
	if spectrum == 6 {
		lambda[0] = 1
	}
	size := decades(-8, 8)
	for i := range lambda {
		lambda[i] *= size
	}
	kind, small, scale := r.IntN(6), decades(-18, -2), 0.1+1.5*r.Float64()
	if r.IntN(2) == 0 {
		scale = decades(-12, -1)
	}
	x0 = symmetric.RandomStart(d, cols, scale*math.Sqrt(size), r.Uint64())
	for i := range d {
		row := x0.Row(i)
		for c := range row {
			switch {
			case kind == 2 && i%d > 2: // near the span of some eigenvectors
				row[c] *= small
			case kind == 3 && c > 0: // columns that nearly depend on each other
				row[c] = row[0] + small*row[c]
			case kind == 4: // of different sizes
				row[c] *= math.Pow(small, float64(c))
			case kind == 5: // rows of different sizes
				row[c] *= math.Pow(10, -16*float64(i)/float64(d))
			}
		}
	}
	step := decades(-3, 0)
	if r.IntN(3) == 0 {
		step = 0.5 + 1.4*r.Float64()
	}
	tolerance = []float64{0, 1e-6, 1e-14}[r.IntN(3)]
	return fmt.Sprintf("spectrum %d (%d, %.0e), d = %d, start %d (%.0e), r = %d, scale %.2g, η = %.3g/‖Σ‖, tolerance %g", spectrum, count, split, d, kind, small, cols, scale, step, tolerance),
		lambda, x0, step / size, tolerance
}

// TestKrylovErrorsOfRandomProblems: the estimate is not below a tenth of the error of
// any of them, and not above a thousand errors of more than one in ten; a trajectory of
// which the error stays small is nearly always called predictable.
func TestKrylovErrorsOfRandomProblems(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	problems, iterations := 400, 400
	if testing.Short() {
		problems, iterations = 100, 200
	}
	checks, far, early := 0, 0, 0
	for n := range problems {
		at, lambda, x0, eta, tolerance := randomProblem(rand.New(rand.NewPCG(7, uint64(n))))
		k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, lambda), x0, eta, tolerance)
		if err != nil {
			t.Fatal(err)
		}
		x := twofold.MatrixOf(x0.Data, x0.Cols)
		var actual float64
		lost := false
		for i := 1; i <= iterations && k.Step() == nil; i++ { // it may diverge
			x = x.Descend(eta, lambda, x, x.Gram())
			if i > 10 && i%20 != 0 {
				continue
			}
			basis, rounding := k.Errors()
			actual = x.Distance(k.X().Data)
			if lost = math.IsNaN(basis); lost || !(actual < math.Inf(1)) {
				continue
			}
			if !(basis+rounding >= actual/10) {
				t.Errorf("problem %d: %s, t = %d: the error is %.2g; estimated %.2g + %.2g", n, at, i, actual, basis, rounding)
				break
			}
			if checks++; basis+rounding > 1e3*max(actual, 1e-17) {
				far++
			}
		}
		if lost && actual < 1e-8 {
			early++
		}
	}
	t.Logf("of %d estimates %d are above a thousand errors; %d of %d problems were given up with an error below 1e-8", checks, far, early, problems)
	if far > checks/5 || early > problems/20 {
		t.Errorf("%d of %d estimates are above a thousand errors, and %d of %d problems were given up early", far, checks, early, problems)
	}
}

// TestKrylovErrorsOfLongRuns: so many iterations do not wear the estimate out, a million
// of some.
func TestKrylovErrorsOfLongRuns(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	for name, lambda := range spectra(10) {
		for _, r := range []int{1, 2} {
			const eta = 0.05
			iterations := 100000
			switch long := map[string]int{"evenly": 2, "indefinite": 1}; {
			case testing.Short():
				iterations = 10000
			case r == long[name]:
				iterations = 1000000
			}
			x0 := symmetric.RandomStart(len(lambda), r, 0.3, 2)
			k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, lambda), x0, eta, 0)
			if err != nil {
				t.Fatal(err)
			}
			x := twofold.MatrixOf(x0.Data, r)
			for i := 1; i <= iterations; i++ {
				if err := k.Step(); err != nil {
					t.Fatal(err)
				}
				x = x.Descend(eta, lambda, x, x.Gram())
				if i&(i-1) != 0 && i != iterations {
					continue
				}
				basis, rounding := k.Errors()
				if actual := x.Distance(k.X().Data); !(basis+rounding >= actual/10) || basis+rounding > 1e-9 {
					t.Errorf("%s, r = %d, t = %d: the error is %.2g; estimated %.2g + %.2g", name, r, i, actual, basis, rounding)
					break
				}
			}
		}
	}
}

// TestKrylovPasses: no more than twice the passes of the smallest basis that gives
// all iterates within the tolerance, had it been known before.
func TestKrylovPasses(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	all := spectra(200)
	for _, c := range []krylovCase{
		{"evenly", 2, 0.5, 0.1, 1000}, {"evenly", 1, 0.5, 0.3, 1000}, {"1/k", 2, 0.5, 0.1, 2000}, {"indefinite", 4, 0.5, 0.2, 500},
		{"evenly", 2, 1e-3, 0.05, 1000}, {"steps", 2, 0.5, 0.1, 500},
	} {
		lambda := all[c.spectrum]
		op := operator.NewDiagonal(b, lambda)
		x0 := symmetric.RandomStart(len(lambda), c.r, c.scale, 1)
		adaptive, err := symmetric.NewKrylov(b, op, x0, c.eta, 0)
		if err != nil {
			t.Fatal(err)
		}
		direct := symmetric.New(b, op, x0, c.eta)
		var want []blas.General[float64]
		for i := range c.iterations {
			if err := errors.Join(adaptive.Step(), direct.Step()); err != nil {
				t.Fatal(err)
			}
			if (i+1)%100 == 0 {
				want = append(want, direct.X().Clone())
			}
		}
		if e := difference(adaptive.X(), direct.X()); e > 1e-12 {
			t.Errorf("%+v: %.2g from the direct method", c, e)
		}
		// The smallest basis of blocks that are fixed.
		fixed := 1 + sort.Search(adaptive.Passes(), func(i int) bool {
			starts, err := krylov.New(b, op, x0)
			if err != nil {
				t.Fatal(err)
			}
			k := starts[0].Basis
			for range i {
				if err := k.Extend(); err != nil {
					t.Fatal(err)
				}
			}
			start := blas.NewGeneral[float64](k.Size(), c.r)
			start.RowsOf(0, starts[0].Z.Rows).Copy(starts[0].Z)
			small := symmetric.New(b, k.Projection(), start, c.eta)
			x := blas.NewGeneral[float64](len(lambda), c.r)
			for t := range c.iterations {
				if small.Step() != nil {
					return false
				}
				if (t+1)%100 == 0 {
					if k.Form(x, small.X()); difference(x, want[t/100]) > krylov.Tolerance {
						return false
					}
				}
			}
			return true
		})
		if adaptive.Passes() > 2*fixed {
			t.Errorf("%+v: %d passes; a fixed basis needs %d", c, adaptive.Passes(), fixed)
		}
		t.Logf("%+v: %d passes; a fixed basis needs %d", c, adaptive.Passes(), fixed)
	}
}

func difference(x, y blas.General[float64]) float64 {
	var d, n float64
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			d, n = math.Hypot(d, v-y.Row(i)[j]), math.Hypot(n, v)
		}
	}
	return d / n
}

func TestKrylovTheory(t *testing.T) {
	b, err := testsolvers.Open(t, "native", 1), error(nil)
	if err != nil {
		t.Fatal(err)
	}
	lambda := spectra(120)["indefinite"]
	op := operator.NewDiagonal(b, lambda)
	const r, eta = 3, 0.2
	x0 := symmetric.RandomStart(len(lambda), r, 1e-4, 3)
	basis := symmetric.DiagonalEigenbasis(op, r)
	direct := symmetric.New(b, op, x0, eta)
	th := symmetric.NewTheory[float64](b, basis)
	rec := symmetric.NewRecorder(direct, th)
	k, err := symmetric.NewKrylov(b, op, x0, eta, 0)
	if err != nil {
		t.Fatal(err)
	}
	krec := symmetric.NewRecorder(k.Solver, k.NewTheory(basis))
	for i := range 400 {
		if i > 0 {
			if err := k.Step(); err != nil {
				t.Fatal(err)
			}
			if err := direct.Step(); err != nil {
				t.Fatal(err)
			}
		}
		rec.Record(i)
		krec.Record(i)
	}
	for i, row := range rec.Trace.Rows {
		for c, v := range row {
			got := krec.Trace.Rows[i][c]
			if !(math.Abs(got-v) <= 1e-10*math.Abs(v)+1e-13) && v == v {
				t.Fatalf("iterate %d, %s: %.17g in coordinates, %.17g directly", i, rec.Trace.Columns[c], got, v)
			}
		}
	}
}

// TestKrylovNearlyInvariant: starts in which a direction that decides the trajectory
// is missing, or as small as rounding. X is right, or the estimate says that it is
// not known.
func TestKrylovNearlyInvariant(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	const d, eta = 60, 0.3
	lambda := spectra(d)["1/k"]
	type start func(i int) []float64
	unit := func(i, k int, v float64) float64 {
		if i == k {
			return v
		}
		return 0
	}
	noise := symmetric.RandomStart(d, 2, 1, 5)
	cases := map[string]start{
		"the second eigenvector": func(i int) []float64 { return []float64{unit(i, 1, 0.6)} },
		"two of them":            func(i int) []float64 { return []float64{unit(i, 1, 0.6), unit(i, 2, 0.5)} },
		"no part in the first":   func(i int) []float64 { return []float64{unit(i, 1, 0.5) + unit(i, 4, 0.2) + unit(i, 7, 0.1)} },
	}
	for _, small := range []float64{1e-13, 1e-15, 1e-17, 1e-30, 1e-100} {
		cases[fmt.Sprintf("%.0e of the first", small)] = func(i int) []float64 { return []float64{unit(i, 1, 0.5) + unit(i, 0, small)} }
		cases[fmt.Sprintf("a column of size %.0e", small)] = func(i int) []float64 {
			return []float64{noise.Row(i)[0], small * noise.Row(i)[1]}
		}
		cases[fmt.Sprintf("columns %.0e apart", small)] = func(i int) []float64 {
			return []float64{noise.Row(i)[0], noise.Row(i)[0] + small*noise.Row(i)[1]}
		}
	}
	for name, of := range cases {
		x0 := blas.NewGeneral[float64](d, len(of(0)))
		for i := range d {
			copy(x0.Row(i), of(i))
		}
		k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, lambda), x0, eta, 0)
		if err != nil {
			t.Fatal(err)
		}
		x := twofold.MatrixOf(x0.Data, x0.Cols)
		for i := 1; i <= 800; i++ {
			if err := k.Step(); err != nil {
				t.Fatal(err)
			}
			x = x.Descend(eta, lambda, x, x.Gram())
			if i%20 != 0 {
				continue
			}
			basis, rounding := k.Errors()
			if actual := x.Distance(k.X().Data); basis+rounding < actual/10 {
				t.Errorf("%s, t = %d: the error is %.2g; estimated %.2g + %.2g", name, i, actual, basis, rounding)
				break
			}
		}
	}
}

// TestKrylovGradient: the gradient has what left the basis in it, however coarse that
// is.
func TestKrylovGradient(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	lambda := spectra(50)["1/k"]
	x0 := blas.NewGeneral[float64](50, 1)
	x0.Data[0], x0.Data[1] = 1, 2e-3
	op := operator.NewDiagonal(b, lambda)
	direct := symmetric.New(b, op, x0, 1e-4)
	k, err := symmetric.NewKrylov(b, op, x0, 1e-4, 1e-3)
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if err := errors.Join(direct.Step(), k.Step()); err != nil {
			t.Fatal(err)
		}
		if want, got := direct.RelativeGradient(), k.RelativeGradient(); !(math.Abs(got-want) <= 0.05*want) {
			t.Fatalf("t = %d: the gradient is %g in the basis, %g directly", k.Iteration(), got, want)
		}
	}
}

// TestKrylovTiny: where squares of X underflow the estimate is neither zero nor
// infinite, and no pass is made for it.
func TestKrylovTiny(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	lambda := spectra(100)["1/k"]
	for _, scale := range []float64{1e-150, 1e-170, 1e-300} {
		k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, lambda), symmetric.RandomStart(100, 2, scale, 1), 0.1, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			if err := k.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if basis, rounding := k.Errors(); !(basis+rounding > 1e-17 && basis+rounding < 1e-11) || k.Passes() > 30 {
			t.Errorf("scale %g: errors %g and %g, %d passes", scale, basis, rounding, k.Passes())
		}
	}
}

// TestKrylovCoordinates: what the coordinates of vectors say of the iterate is what the
// vectors say of X, as the basis grows.
func TestKrylovCoordinates(t *testing.T) {
	const d, r, m = 60, 2, 3
	b := testsolvers.Open(t, "native", 1)
	k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, spectra(d)["evenly"]), symmetric.RandomStart(d, r, 0.5, 1), 0.1, 0)
	if err != nil {
		t.Fatal(err)
	}
	u := symmetric.RandomStart(d, m, 1, 2)
	product := func(u, x blas.General[float64]) []float64 {
		out := make([]float64, 0, m*r)
		for a := range m {
			for c := range r {
				sum := 0.0
				for i := range u.Rows {
					sum += u.Row(i)[a] * x.Row(i)[c]
				}
				out = append(out, sum)
			}
		}
		return out
	}
	sizes := map[int]bool{}
	for range 20 {
		c := k.Coordinates(u)
		if c.Rows != k.BasisSize() || c.Cols != m {
			t.Fatalf("%d×%d coordinates in a basis of %d", c.Rows, c.Cols, k.BasisSize())
		}
		sizes[c.Rows] = true
		got, want := product(c, k.Solver.X()), product(u, k.X())
		for i, v := range want {
			if math.Abs(got[i]-v) > 1e-14 {
				t.Fatalf("t = %d: element %d is %v, of X %v", k.Iteration(), i, got[i], v)
			}
		}
		if err := k.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if len(sizes) < 5 {
		t.Errorf("the basis had sizes %v", sizes)
	}
}

// TestKrylovGuard: a start without a part in the leading direction stays without one in
// exact arithmetic and in its basis; that rounding leads away from it is in the estimate.
func TestKrylovGuard(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	lambda := make([]float64, 20)
	for i := range lambda {
		lambda[i] = 1 - float64(i)/20
	}
	x0 := blas.NewGeneral[float64](20, 1)
	x0.Data[3] = 0.5
	k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, lambda), x0, 0.1, 0)
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for i := 1; i <= 3000; i++ {
		if err := k.Step(); err != nil {
			t.Fatal(err)
		}
		basis, rounding := k.Errors()
		switch {
		case i == 10 && !(basis+rounding < 1e-13):
			t.Errorf("t = %d: estimated %g + %g", i, basis, rounding)
		case i == 1500: // (1 + η(1 − 0.85))^1500 = 5e9
			last = basis + rounding
		}
	}
	if basis, rounding := k.Errors(); !(last > 1e-9) || basis+rounding <= 0.01 {
		t.Errorf("estimated %g after 1500 steps and %g + %g after 3000: what leads away is not in it", last, basis, rounding)
	}
}

// TestKrylovOfSubnormalColumns: columns whose elements have few bits are made orthogonal
// as others are.
func TestKrylovOfSubnormalColumns(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	lambda := make([]float64, 60)
	for i := range lambda {
		lambda[i] = 1 - float64(i)/60
	}
	op := operator.NewDiagonal(b, lambda)
	for _, size := range []float64{1e-300, 1e-312, 1e-316, 1e-321} {
		x0 := symmetric.RandomStart(60, 2, 0.5, 3)
		for i := range 60 {
			x0.Row(i)[1] *= size
		}
		direct := symmetric.New(b, op, x0, 0.1)
		k, err := symmetric.NewKrylov(b, op, x0, 0.1, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 300 {
			if err := errors.Join(direct.Step(), k.Step()); err != nil {
				t.Fatal(err)
			}
		}
		if e := difference(k.X(), direct.X()); e > 1e-13 {
			t.Errorf("column of size %g: X is off by %g", size, e)
		}
	}
}
