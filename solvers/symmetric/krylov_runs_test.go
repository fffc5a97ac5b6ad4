package symmetric_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// TestKrylovTogether: runs that share passes follow the trajectories they have alone.
func TestKrylovTogether(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	lambda := spectra(150)["1/k"]
	op := operator.NewDiagonal(b, lambda)
	x0 := []blas.General[float64]{
		symmetric.RandomStart(150, 2, 0.5, 1), symmetric.RandomStart(150, 2, 1e-5, 1), symmetric.RandomStart(150, 2, 0.5, 2), symmetric.RandomStart(150, 2, 0.5, 1),
	}
	eta := []float64{0.1, 0.2, 0.3, 0.05}
	starts, err := krylov.New(b, op, x0...)
	if err != nil {
		t.Fatal(err)
	}
	var runs []*symmetric.Krylov
	var direct []*symmetric.Solver[float64]
	for i, s := range starts {
		runs = append(runs, symmetric.InBasis(b, s, eta[i], 0))
		direct = append(direct, symmetric.New(b, op, x0[i], eta[i]))
	}
	for range 400 {
		for i := range runs {
			if err := errors.Join(runs[i].Step(), direct[i].Step()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, k := range runs {
		basis, rounding := k.Errors()
		if e := difference(k.X(), direct[i].X()); !(e <= 10*(basis+rounding)+1e-12) || basis+rounding > 1e-9 {
			t.Errorf("run %d: %.2g from the direct method, estimated %.2g + %.2g", i, e, basis, rounding)
		}
		if k.Passes() != runs[0].Passes() || k.Passes() > 40 {
			t.Errorf("run %d: %d passes, the first %d", i, k.Passes(), runs[0].Passes())
		}
	}
}

// TestKrylovLeaves: a basis that has cost as much as the direct method, or has no room,
// is left for it, and the same iterates and measurements go on; where a run is not to
// leave it says what is wrong and keeps its iterate.
func TestKrylovLeaves(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	lambda := spectra(120)["evenly"]
	op := operator.NewDiagonal(b, lambda)
	x0 := symmetric.RandomStart(120, 2, 0.5, 1)
	theoryBasis := symmetric.DiagonalEigenbasis(op, 2)
	for name, limits := range map[string]krylov.Limits{
		"cost": {Direct: 1e6, Iterations: 30}, "room": {Direct: math.Inf(1), Iterations: 300, Vectors: 40},
	} {
		direct := symmetric.New(b, op, x0, 0.1)
		k, err := symmetric.NewKrylov(b, op, x0, 0.1, 0)
		if err != nil {
			t.Fatal(err)
		}
		k.Limit(limits)
		want := symmetric.NewRecorder(direct, symmetric.NewTheory[float64](b, theoryBasis))
		got := symmetric.NewRecorder(k.Solver, k.NewTheory(theoryBasis))
		left := 0
		for i := range 300 {
			if i > 0 {
				if err := errors.Join(direct.Step(), k.Step()); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if err := errors.Join(want.Record(i), got.Record(i)); err != nil {
				t.Fatal(err)
			}
			if l := k.Left(); l != nil && left == 0 {
				left = i
				if l.At != i-1 || l.Sizes[0] != k.BasisSize() || !(l.Basis+l.Rounding < 1e-11) {
					t.Errorf("%s: left at %d: %+v", name, i, *l)
				}
			}
		}
		if left < 10 || left > 290 {
			t.Fatalf("%s: left at %d", name, left)
		}
		if k.Iteration() != 299 || k.Passes() != k.Left().Passes+299-k.Left().At {
			t.Errorf("%s: %d iterations, %d passes", name, k.Iteration(), k.Passes())
		}
		if e := difference(k.X(), direct.X()); e > 1e-12 {
			t.Errorf("%s: %.2g from the direct method", name, e)
		}
		if basis, rounding := k.Errors(); basis == basis || rounding == rounding {
			t.Errorf("%s: errors %g and %g of a run without a basis", name, basis, rounding)
		}
		for i, row := range want.Trace.Rows {
			for c, v := range row {
				if g := got.Trace.Rows[i][c]; !(math.Abs(g-v) <= 1e-9*math.Abs(v)+1e-12) && v == v {
					t.Fatalf("%s: iterate %d, %s: %.17g, directly %.17g", name, i, want.Trace.Columns[c], g, v)
				}
			}
		}
	}
	// Closed or not: a basis whose steps cost more is left at once.
	few := operator.NewDiagonal(b, spectra(120)["clustered"])
	dear, err := symmetric.NewKrylov(b, few, x0, 0.1, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if err := dear.Step(); err != nil {
			t.Fatal(err)
		}
	}
	dear.Limit(krylov.Limits{Direct: 1, Iterations: 1e9})
	if err := dear.Step(); err != nil || dear.Left() == nil || dear.Left().At != 20 {
		t.Errorf("a dear basis: left at %v, %v", dear.Left(), err)
	}
	panics(t, func() { dear.NewTheory(theoryBasis) })
	panics(t, func() { _, _ = symmetric.NewKrylov(b, op, x0, 0.1, math.NaN()) })
	panics(t, func() { _, _ = symmetric.NewKrylov(b, op, x0, -1, 0) })
	bad := x0.Clone()
	bad.Data[7] = math.Inf(1)
	if _, err := symmetric.NewKrylov(b, op, bad, 0.1, 0); err == nil || !strings.Contains(err.Error(), "+Inf in row 4, column 2") {
		t.Errorf("a start that is not finite: %v", err)
	}
	k, err := symmetric.NewKrylov(b, op, x0, 0.1, 0)
	if err != nil {
		t.Fatal(err)
	}
	k.Limit(krylov.Limits{Vectors: 40})
	for err == nil && k.Iteration() < 300 {
		err = k.Step()
	}
	if err == nil || !strings.Contains(err.Error(), "there is memory for 40") {
		t.Errorf("without room: %v", err)
	}
	direct := symmetric.New(b, op, x0, 0.1)
	for range k.Iteration() {
		if err := direct.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if e := difference(k.X(), direct.X()); e > 1e-12 || k.Iteration() < 10 {
		t.Errorf("without room: iterate %d is %.2g from the direct method", k.Iteration(), e)
	}
}

func panics(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if _, ok := recover().(string); !ok {
			t.Error("no panic with a named constant")
		}
	}()
	f()
}

// TestKrylovEnds: a run that has ended takes no part in the passes of the others.
func TestKrylovEnds(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	op := operator.NewDiagonal(b, spectra(150)["evenly"])
	starts, err := krylov.New(b, op, symmetric.RandomStart(150, 2, 0.5, 1), symmetric.RandomStart(150, 2, 0.5, 2))
	if err != nil {
		t.Fatal(err)
	}
	first, second := symmetric.InBasis(b, starts[0], 0.1, 0), symmetric.InBasis(b, starts[1], 0.1, 0)
	if _, err := solvers.RunEach(context.Background(), solvers.SharingOf(first, second), []solvers.Stop{{Iterations: 5}, {Iterations: 200}}, nil); err != nil {
		t.Fatal(err)
	}
	if first.Iteration() != 5 || second.Iteration() != 200 || first.BasisSize() > 18 || second.BasisSize() < 40 {
		t.Errorf("%d and %d vectors after %d and %d iterations", first.BasisSize(), second.BasisSize(), first.Iteration(), second.Iteration())
	}
	direct := symmetric.New(b, op, symmetric.RandomStart(150, 2, 0.5, 1), 0.1)
	for range 5 {
		if err := direct.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if e := difference(first.X(), direct.X()); e > 1e-13 {
		t.Errorf("the run that ended is %.2g from the direct method", e)
	}
	// Both may go on.
	if _, err := solvers.RunEach(context.Background(), solvers.SharingOf(first, second), []solvers.Stop{{Iterations: 150}, {Iterations: 210}}, nil); err != nil {
		t.Fatal(err)
	}
	for direct.Iteration() < 150 {
		if err := direct.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if e := difference(first.X(), direct.X()); e > 1e-12 || first.BasisSize() < 40 {
		t.Errorf("the run that went on is %.2g from the direct method, with %d vectors", e, first.BasisSize())
	}
}

// krylovOf is a run in a basis, which it leaves where limits say so.
func krylovOf(spectrum string, d, r int, scale, eta, tolerance float64, limits *krylov.Limits) testsolvers.Problem[*symmetric.Krylov] {
	return testsolvers.Problem[*symmetric.Krylov]{
		Name:  fmt.Sprintf("%s d=%d r=%d limits %v", spectrum, d, r, limits),
		Start: func(seed uint64) iterate { return iterate{symmetric.RandomStart(d, r, scale, seed)} },
		New: func(t testing.TB, b *blas.Backend, start iterate) *symmetric.Krylov {
			k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, spectra(d)[spectrum]), start[0], eta, tolerance)
			if err != nil {
				t.Fatal(err)
			}
			if limits != nil {
				k.Limit(*limits)
			}
			return k
		},
	}
}

func TestKrylovBattery(t *testing.T) {
	b := testsolvers.Battery[*symmetric.Krylov]{
		Iterate: func(k *symmetric.Krylov) iterate { return iterate{k.X()} },
		Says: func(k *symmetric.Krylov) [][]float64 {
			basis, rounding := k.Errors()
			return [][]float64{{float64(k.Passes()), float64(k.BasisSize()), basis, rounding}}
		},
		Fresh: true, Splits: []int{0, 23, 46, 69, 92, 115, 138, 161, 184, 200},
		StepsSay: "the basis may grow before the step fails",
		Without: map[string]string{
			"trajectories": "it makes fewer passes than steps; TestKrylovErrors compares it with the iteration in 106 bits",
			"gradients":    "as the trajectories",
			"ensemble":     "runs that share a basis have its errors, not the bits that they have alone; TestKrylovTogether",
		},
	}
	leaves := &krylov.Limits{Direct: 4e4, Iterations: 50}
	for _, limits := range []*krylov.Limits{nil, leaves} {
		p := krylovOf("indefinite", 90, 3, 1e-3, 0.2, 0, limits)
		b.Restored = append(b.Restored, p)
		k := p.New(t, testsolvers.Open(t, "native", 1), p.Start(1))
		testsolvers.Advance(t, k, 200)
		if (k.Left() != nil) != (limits != nil) {
			t.Errorf("%s: left is %v", p.Name, k.Left())
		}
	}
	for _, r := range []int{2, 5} {
		b.Threaded = append(b.Threaded, krylovOf("1/k", 1500, r, 0.5, 0.1, 0, nil))
	}
	for _, scale := range []float64{1, 1e60} {
		b.Divergent = append(b.Divergent, krylovOf("1/k", 40, 2, scale, 40, 0, nil))
	}
	// A step without a pass: of a coarse basis that is open, and of one that is closed.
	for _, p := range []testsolvers.Problem[*symmetric.Krylov]{krylovOf("1/k", 400, 3, 0.5, 0.1, 0.5, nil), krylovOf("clustered", 100, 3, 0.5, 0.1, 0, nil)} {
		fresh := p.New
		p.New = func(t testing.TB, on *blas.Backend, start iterate) *symmetric.Krylov {
			k := fresh(t, on, start)
			testsolvers.Advance(t, k, 50)
			return k
		}
		b.Allocations = append(b.Allocations, p)
	}
	two := krylovOf("indefinite", 90, 2, 1, 0.2, 0, nil)
	three := krylovOf("indefinite", 90, 3, 1e-3, 0.2, 0, nil)
	of := func(p testsolvers.Problem[*symmetric.Krylov], seed uint64) func(testing.TB, *blas.Backend) testsolvers.Method {
		return func(t testing.TB, on *blas.Backend) testsolvers.Method { return p.New(t, on, p.Start(seed)) }
	}
	b.Foreign = []testsolvers.Foreign[*symmetric.Krylov]{{
		Problem: two, States: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{"three columns": of(three, 1)},
	}}
	b.Identities = []testsolvers.Identity[*symmetric.Krylov]{{
		Name: "three columns",
		Of: func(t testing.TB, on *blas.Backend) *symmetric.Krylov {
			return of(three, 1)(t, on).(*symmetric.Krylov)
		},
		Others: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
			"start": of(three, 2), "number of columns": of(two, 1), "Σ": of(krylovOf("evenly", 90, 3, 1e-3, 0.2, 0, nil), 1),
			"η": of(krylovOf("indefinite", 90, 3, 1e-3, 0.21, 0, nil), 1),
		},
	}}
	testsolvers.Run(t, b)
}

// TestKrylovAllocates: a step without a pass allocates nothing, whether the basis is
// closed or not.
func TestKrylovAllocates(t *testing.T) {
	b := testsolvers.Open(t, "native", 1)
	for _, c := range []struct {
		d         int
		spectrum  string
		tolerance float64
		open      bool
	}{{400, "1/k", 0.5, true}, {100, "clustered", 0, false}} {
		for _, r := range []int{1, 2, 3, 5, 20} {
			k, err := symmetric.NewKrylov(b, operator.NewDiagonal(b, spectra(c.d)[c.spectrum]), symmetric.RandomStart(c.d, r, 0.5, 1), 0.1, c.tolerance)
			if err != nil {
				t.Fatal(err)
			}
			for range 50 {
				if err := k.Step(); err != nil {
					t.Fatal(err)
				}
			}
			passes := k.Passes()
			if n := testing.AllocsPerRun(50, func() { _ = k.Step() }); n != 0 || k.Passes() != passes {
				t.Errorf("%s, r = %d, a basis of %d: %g allocations a step, %d passes", c.spectrum, r, k.BasisSize(), n, k.Passes()-passes)
			}
			if full := passes*(r+1) == k.BasisSize(); c.open && !full {
				t.Errorf("%s, r = %d: a basis of %d after %d passes is not open", c.spectrum, r, k.BasisSize(), passes)
			}
		}
	}
}
