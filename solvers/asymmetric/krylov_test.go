package asymmetric_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/internal/twofold"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
)

// diagonalOf is the m×n matrix with these singular values on its diagonal.
func diagonalOf(b *blas.Backend, m, n int, sigma []float64) operator.Rectangular[float64] {
	a := blas.NewGeneral[float64](m, n)
	for i, v := range sigma {
		a.Row(i)[i] = v
	}
	return operator.RectangularOf(b, a)
}

// TestKrylovErrors: the estimate of the error is never below a tenth of the true one,
// which is taken against the iteration in 106 bits.
func TestKrylovErrors(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	const m, n = 90, 70
	spectrum := func(f func(i int) float64) []float64 {
		l := make([]float64, n)
		for i := range l {
			l[i] = f(i)
		}
		return l
	}
	for name, sigma := range map[string][]float64{
		"evenly":  spectrum(func(i int) float64 { return 1 - float64(i)/n }),
		"1/k":     spectrum(func(i int) float64 { return 1 / float64(i+1) }),
		"steps":   spectrum(func(i int) float64 { return math.Pow(0.7, float64(i)) }),
		"rank 3":  spectrum(func(i int) float64 { return max(0, 1-0.1*float64(i)-10*float64(i/3)) }),
		"plateau": spectrum(func(i int) float64 { return []float64{1, 0.5, 0.2}[min(i/5, 2)] }),
	} {
		a := diagonalOf(b, m, n, sigma)
		for _, c := range []struct {
			k          int
			scale, eta float64
			iterations int
			order      asymmetric.Order
		}{
			{1, 1, 0.1, 1500, asymmetric.Alternating}, {3, 1, 0.1, 1500, asymmetric.Simultaneous}, {4, 1e-6, 0.3, 600, asymmetric.Alternating},
			{8, 1, 0.5, 200, asymmetric.Alternating}, {2, 10, 0.02, 2000, asymmetric.Simultaneous}, {2, 1, 0.9, 400, asymmetric.Alternating},
		} {
			if testing.Short() {
				c.iterations /= 5
			}
			at := fmt.Sprintf("%s, %+v", name, c)
			start := asymmetric.RandomStart(m, n, c.k, 1)
			for _, x := range []blas.General[float64]{start.X, start.Y} {
				for i := range x.Data {
					x.Data[i] *= c.scale
				}
			}
			k, err := asymmetric.NewKrylov(b, a, start.X, start.Y, c.eta, c.order, 0)
			if err != nil {
				t.Fatal(err)
			}
			x, y := twofold.MatrixOf(start.X.Data, c.k), twofold.MatrixOf(start.Y.Data, c.k)
			for i := 1; i <= c.iterations; i++ {
				if err := k.Step(); err != nil {
					t.Fatalf("%s: %v", at, err)
				}
				next := x.Descend(c.eta, sigma, y, y.Gram())
				if c.order == asymmetric.Simultaneous {
					y = y.Descend(c.eta, sigma, x, x.Gram())
				} else {
					y = y.Descend(c.eta, sigma, next, next.Gram())
				}
				x = next
				if i > 20 && i%50 != 0 {
					continue
				}
				basis, rounding := k.Errors()
				actual := max(x.Distance(k.X().Data), y.Distance(k.Y().Data))
				if !(basis+rounding >= actual/10) {
					t.Errorf("%s, t = %d: the error is %.2g; estimated %.2g + %.2g", at, i, actual, basis, rounding)
					break
				}
			}
		}
	}
}

// TestKrylovErrorsOfRandomProblems: the same for problems of random spectra, starts,
// steps, tolerances and orders.
func TestKrylovErrorsOfRandomProblems(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	problems, iterations := 250, 400
	if testing.Short() {
		problems, iterations = 60, 200
	}
	for problem := range problems {
		r := rand.New(rand.NewPCG(9, uint64(problem)))
		decades := func(from, to float64) float64 { return math.Pow(10, from+(to-from)*r.Float64()) }
		m, n := int(decades(0.7, 1.7)), int(decades(0.7, 1.7))
		cols := min(1+r.IntN(5)*r.IntN(4), m, n)
		spectrum, count, split, size := r.IntN(6), 1+r.IntN(5), decades(-15, -3), decades(-8, 8)
		sigma := make([]float64, min(m, n))
		for i := range sigma {
			sigma[i] = size * []float64{
				1 - float64(i)/float64(len(sigma)), math.Pow(float64(i+1), -2), math.Pow(10, -16*float64(i)/float64(len(sigma))),
				math.Abs(1 - float64(i%count)/float64(count) + split*r.NormFloat64()), float64(1 - min(i, 1)), decades(-16, 0),
			}[spectrum]
		}
		start := asymmetric.RandomStart(m, n, cols, r.Uint64())
		kind, small, scale, balance := r.IntN(6), decades(-18, -2), decades(-6, 0.3), decades(-2, 2)
		for side, x := range []blas.General[float64]{start.X, start.Y} {
			for i := range x.Rows {
				row := x.Row(i)
				for c := range row {
					row[c] *= scale * math.Sqrt(size) * math.Pow(balance, float64(side)-0.5)
					switch {
					case kind == 2 && i > 2:
						row[c] *= small
					case kind == 3 && c > 0:
						row[c] = row[0] + small*row[c]
					case kind == 4:
						row[c] *= math.Pow(small, float64(c))
					case kind == 5:
						row[c] *= math.Pow(10, -16*float64(i)/float64(x.Rows))
					}
				}
			}
		}
		eta := decades(-3, 0.2) / size
		order := []asymmetric.Order{asymmetric.Alternating, asymmetric.Simultaneous}[r.IntN(2)]
		tolerance := []float64{0, 1e-6, 1e-14}[r.IntN(3)]
		k, err := asymmetric.NewKrylov(b, diagonalOf(b, m, n, sigma), start.X, start.Y, eta, order, tolerance)
		if err != nil {
			t.Fatal(err)
		}
		x, y := twofold.MatrixOf(start.X.Data, cols), twofold.MatrixOf(start.Y.Data, cols)
		for i := 1; i <= iterations && k.Step() == nil; i++ { // it may diverge
			next := x.Descend(eta, sigma, y, y.Gram())
			seen := next
			if order == asymmetric.Simultaneous {
				seen = x
			}
			y = y.Descend(eta, sigma, seen, seen.Gram())
			x = next
			if i > 10 && i%20 != 0 {
				continue
			}
			basis, rounding := k.Errors()
			if actual := max(x.Distance(k.X().Data), y.Distance(k.Y().Data)); basis+rounding < actual/10 {
				t.Errorf("problem %d: %d×%d, r = %d, spectrum %d (%d, %.0e), start %d (%.0e), scale %.2g, η = %.3g/‖A‖, order %d, tolerance %g, t = %d: the error is %.2g; estimated %.2g + %.2g",
					problem, m, n, cols, spectrum, count, split, kind, small, scale, eta*size, order, tolerance, i, actual, basis, rounding)
				break
			}
		}
	}
}

// TestKrylovRecords: recorders of the coordinates say what those of X and Y do, the
// error among it.
func TestKrylovRecords(t *testing.T) {
	b := testsolvers.Open(t, "native", 2)
	const m, n, k, eta = 60, 40, 3, 0.3
	sigma := make([]float64, n)
	for i := range sigma {
		sigma[i] = math.Pow(0.8, float64(i))
	}
	for _, order := range []asymmetric.Order{asymmetric.Alternating, asymmetric.Simultaneous} {
		start := asymmetric.RandomStart(m, n, k, 2)
		direct := asymmetric.New(b, diagonalOf(b, m, n, sigma), start.X, start.Y, eta, order)
		basis, err := asymmetric.NewKrylov(b, diagonalOf(b, m, n, sigma), start.X, start.Y, eta, order, 0)
		if err != nil {
			t.Fatal(err)
		}
		want, got := asymmetric.NewRecorder(direct, 2, nil), asymmetric.NewRecorder(basis.Solver, 2, nil)
		for i := range 200 {
			if i > 0 {
				if err := errors.Join(direct.Step(), basis.Step()); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(want.Record(i), got.Record(i)); err != nil {
				t.Fatal(err)
			}
		}
		for i, row := range want.Trace.Rows {
			for c, v := range row {
				if g := got.Trace.Rows[i][c]; !(math.Abs(g-v) <= 1e-10*math.Abs(v)+1e-13) && v == v {
					t.Fatalf("iterate %d, %s: %.17g in coordinates, %.17g directly", i, want.Trace.Columns[c], g, v)
				}
			}
		}
		if basis.Passes() > 40 {
			t.Errorf("%d passes", basis.Passes())
		}
		x, y := basis.X().Clone(), basis.Y().Clone()
		for i, v := range direct.X().Data {
			if math.Abs(v-x.Data[i]) > 1e-12 {
				t.Fatalf("X[%d] is %.17g, directly %.17g", i, x.Data[i], v)
			}
		}
		for i, v := range direct.Y().Data {
			if math.Abs(v-y.Data[i]) > 1e-12 {
				t.Fatalf("Y[%d] is %.17g, directly %.17g", i, y.Data[i], v)
			}
		}
	}
}

// TestKrylovZero: factors and matrices of zeros stay what they are.
func TestKrylovZero(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	zero := func(rows int) blas.General[float64] { return blas.NewGeneral[float64](rows, 2) }
	start := asymmetric.RandomStart(9, 7, 2, 1)
	for name, c := range map[string]struct {
		a    operator.Rectangular[float64]
		x, y blas.General[float64]
	}{
		"A":       {diagonalOf(b, 9, 7, nil), start.X, start.Y},
		"X":       {diagonalOf(b, 9, 7, []float64{1, 0.5}), zero(9), start.Y},
		"Y":       {diagonalOf(b, 9, 7, []float64{1, 0.5}), start.X, zero(7)},
		"X and Y": {diagonalOf(b, 9, 7, []float64{1, 0.5}), zero(9), zero(7)},
	} {
		for _, order := range []asymmetric.Order{asymmetric.Alternating, asymmetric.Simultaneous} {
			direct := asymmetric.New(b, c.a, c.x, c.y, 0.2, order)
			k, err := asymmetric.NewKrylov(b, c.a, c.x, c.y, 0.2, order, 0)
			if err != nil {
				t.Fatal(err)
			}
			for range 50 {
				if err := errors.Join(direct.Step(), k.Step()); err != nil {
					t.Fatalf("%s = 0: %v", name, err)
				}
			}
			for i, v := range append(append([]float64{}, direct.X().Data...), direct.Y().Data...) {
				if got := append(append([]float64{}, k.X().Data...), k.Y().Data...)[i]; math.Abs(got-v) > 1e-13 {
					t.Errorf("%s = 0, order %d: element %d is %g, directly %g", name, order, i, got, v)
				}
			}
			if basis, rounding := k.Errors(); !(basis+rounding < 1e-10) {
				t.Errorf("%s = 0: errors %g and %g", name, basis, rounding)
			}
		}
	}
}

// TestKrylovNearlyInvariant: starts in which a direction that decides the trajectory
// is missing, or as small as rounding. X and Y are right, or the estimate says that
// they are not known.
func TestKrylovNearlyInvariant(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	const m, n, eta = 50, 40, 0.3
	sigma := make([]float64, n)
	for i := range sigma {
		sigma[i] = 1 / float64(i+1)
	}
	a := diagonalOf(b, m, n, sigma)
	for _, small := range []float64{0, 1e-13, 1e-15, 1e-17, 1e-30} {
		for _, order := range []asymmetric.Order{asymmetric.Alternating, asymmetric.Simultaneous} {
			x0, y0 := blas.NewGeneral[float64](m, 1), blas.NewGeneral[float64](n, 1)
			x0.Data[1], x0.Data[0], y0.Data[1] = 0.5, small, 0.4
			k, err := asymmetric.NewKrylov(b, a, x0, y0, eta, order, 0)
			if err != nil {
				t.Fatal(err)
			}
			x, y := twofold.MatrixOf(x0.Data, 1), twofold.MatrixOf(y0.Data, 1)
			for i := 1; i <= 600; i++ {
				if err := k.Step(); err != nil {
					t.Fatal(err)
				}
				next := x.Descend(eta, sigma, y, y.Gram())
				seen := next
				if order == asymmetric.Simultaneous {
					seen = x
				}
				y = y.Descend(eta, sigma, seen, seen.Gram())
				x = next
				if i%20 != 0 {
					continue
				}
				basis, rounding := k.Errors()
				if actual := max(x.Distance(k.X().Data), y.Distance(k.Y().Data)); basis+rounding < actual/10 {
					t.Errorf("%g of the first, order %d, t = %d: the error is %.2g; estimated %.2g + %.2g", small, order, i, actual, basis, rounding)
					break
				}
			}
		}
	}
}

func TestKrylovBattery(t *testing.T) {
	const m, n, k = 90, 70, 3
	sigma := make([]float64, n)
	for i := range sigma {
		sigma[i] = math.Pow(0.9, float64(i))
	}
	of := func(order string, eta float64, limits *krylov.Limits) testsolvers.Problem[*asymmetric.Krylov] {
		return testsolvers.Problem[*asymmetric.Krylov]{
			Name: fmt.Sprintf("%s η=%g limits %v", order, eta, limits),
			Start: func(seed uint64) iterate {
				s := asymmetric.RandomStart(m, n, k, seed)
				return iterate{s.X, s.Y}
			},
			New: func(t testing.TB, b *blas.Backend, start iterate) *asymmetric.Krylov {
				run, err := asymmetric.NewKrylov(b, diagonalOf(b, m, n, sigma), start[0], start[1], eta, orders[order], 0)
				if err != nil {
					t.Fatal(err)
				}
				if limits != nil {
					run.Limit(*limits)
				}
				return run
			},
		}
	}
	b := testsolvers.Battery[*asymmetric.Krylov]{
		Iterate: func(k *asymmetric.Krylov) iterate { return iterate{k.X(), k.Y()} },
		Says: func(k *asymmetric.Krylov) [][]float64 {
			basis, rounding := k.Errors()
			return [][]float64{{float64(k.Passes()), basis, rounding}}
		},
		Fresh: true, Splits: []int{0, 1, 23, 60, 90},
		Without: map[string]string{
			"trajectories": "it makes fewer passes than steps; TestKrylovErrors compares it with the iteration in 106 bits",
			"gradients":    "as the trajectories",
			"ensemble":     "runs that share bases have their errors, not the bits that they have alone; TestKrylovRuns",
			"allocations":  "steps with a pass allocate; TestKrylovRuns has those without",
		},
	}
	made := func(p testsolvers.Problem[*asymmetric.Krylov], seed uint64) func(testing.TB, *blas.Backend) testsolvers.Method {
		return func(t testing.TB, on *blas.Backend) testsolvers.Method { return p.New(t, on, p.Start(seed)) }
	}
	for order := range orders {
		for _, limits := range []*krylov.Limits{nil, {Direct: 1e5, Iterations: 50}} {
			p := of(order, 0.3, limits)
			b.Restored = append(b.Restored, p)
			run := p.New(t, testsolvers.Open(t, "native", 1), p.Start(1))
			testsolvers.Advance(t, run, 90)
			if (run.Left() != nil) != (limits != nil) {
				t.Errorf("%s: left is %v", p.Name, run.Left())
			}
		}
		b.Threaded = append(b.Threaded, of(order, 0.3, nil))
		b.Divergent = append(b.Divergent, of(order, 50, nil))
		b.Foreign = append(b.Foreign, testsolvers.Foreign[*asymmetric.Krylov]{
			Problem: of(order, 0.3, nil), States: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
				"the direct method": func(_ testing.TB, on *blas.Backend) testsolvers.Method {
					s := asymmetric.RandomStart(m, n, k, 1)
					return asymmetric.New(on, diagonalOf(on, m, n, sigma), s.X, s.Y, 0.3, orders[order])
				},
			},
		})
	}
	b.Identities = []testsolvers.Identity[*asymmetric.Krylov]{{
		Name: "alternating",
		Of: func(t testing.TB, on *blas.Backend) *asymmetric.Krylov {
			return made(of("alternating", 0.3, nil), 1)(t, on).(*asymmetric.Krylov)
		},
		Others: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
			"start": made(of("alternating", 0.3, nil), 2), "order": made(of("simultaneous", 0.3, nil), 1), "η": made(of("alternating", 0.31, nil), 1),
		},
	}}
	testsolvers.Run(t, b)
}
