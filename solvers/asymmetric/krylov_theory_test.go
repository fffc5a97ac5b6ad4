package asymmetric

import (
	"errors"
	"math"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
)

// TestKrylovTheory: in coordinates the claims have the verdicts and the numbers that they
// have of X and Y, where the bases grow under them, are left, or are restored.
func TestKrylovTheory(t *testing.T) {
	for _, c := range []struct {
		name    string
		noise   float64
		order   Order
		randomX bool
		leave   bool
		restore bool
	}{
		{name: "rank 5"}, {name: "noise", noise: 1e-3}, {name: "random start", noise: 1e-4, randomX: true},
		{name: "simultaneous", order: Simultaneous, noise: 1e-3}, {name: "left", noise: 1e-2, randomX: true, leave: true},
		{name: "restored", noise: 1e-3, restore: true}, {name: "restored when left", noise: 1e-2, randomX: true, leave: true, restore: true},
	} {
		const m, n, r, k, iterations = 60, 50, 5, 10, 120
		op, u, b := problem[float64](t, m, n, r, c.noise)
		p := Parameters{Sigma1: 1, SigmaR: 0.9, Rank: r, Columns: k}.WithDefaults()
		start, err := ProposedStart(op, k, 1, p.C, p.D(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if c.randomX {
			start = RandomStart(m, n, k, 3)
		}
		direct := New(b, op, start.X, start.Y, 0.05, c.order)
		want, err := NewTheory(direct, p, &u, c.noise)
		if err != nil {
			t.Fatal(err)
		}
		make := func() (*Krylov, *Theory[float64]) {
			run, err := NewKrylov(b, op, start.X, start.Y, 0.05, c.order, 0)
			if err != nil {
				t.Fatal(err)
			}
			if c.leave {
				run.Limit(krylov.Limits{Direct: math.Inf(1), Iterations: iterations, Vectors: 45})
			}
			th, err := run.NewTheory(p, &u, c.noise)
			if err != nil {
				t.Fatal(err)
			}
			return run, th
		}
		run, got := make()
		for i := range iterations {
			if i > 0 {
				if err := errors.Join(direct.Step(), run.Step()); err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
			}
			if err := errors.Join(want.Record(i), got.Record(i)); err != nil {
				t.Fatal(err)
			}
			a, b := want.Row(), got.Row()
			for _, pair := range [][2]float64{{a.Distance, b.Distance}, {a.Half, b.Half}, {a.X1, b.X1}, {a.Xr, b.Xr}, {a.Y1, b.Y1}, {a.Yr, b.Yr}, {a.OutsideCol, b.OutsideCol}} {
				if v, g := pair[0], pair[1]; !(math.Abs(g-v) <= 1e-9*math.Abs(v)+1e-12) && v == v {
					t.Fatalf("%s, t = %d: %+v in coordinates, %+v directly", c.name, i, b, a)
				}
			}
			if c.restore && i%25 == 9 {
				state, err := run.Save()
				if err != nil {
					t.Fatal(err)
				}
				checks, err := got.Save()
				if err != nil {
					t.Fatal(err)
				}
				x, y := run.X().Clone(), run.Y().Clone()
				run, got = make()
				if err := errors.Join(run.Restore(state), got.Restore(checks)); err != nil {
					t.Fatal(err)
				}
				same(t, c.name, x, run.X())
				same(t, c.name, y, run.Y())
			}
		}
		if c.leave != (run.Left() != nil) {
			t.Errorf("%s: left is %v", c.name, run.Left())
		}
		a, g := want.Checks(), got.Checks()
		for i := range a {
			if a[i].Name != g[i].Name || a[i].Verdict != g[i].Verdict {
				t.Errorf("%s: %v in coordinates, %v directly", c.name, g[i], a[i])
			}
		}
		if held := 0; len(a) > 0 {
			for _, v := range a {
				if v.Verdict == solvers.Holds {
					held++
				}
			}
			if held == 0 && c.noise == 0 {
				t.Errorf("%s: no claim holds", c.name)
			}
		}
	}
}

func same(t *testing.T, name string, want, got blas.General[float64]) {
	t.Helper()
	for i := range want.Rows {
		for j, v := range want.Row(i) {
			if got.Row(i)[j] != v {
				t.Fatalf("%s: element %d, %d is %v after it was restored, %v before", name, i, j, got.Row(i)[j], v)
			}
		}
	}
}

// TestKrylovRuns: runs that share their passes over A follow the trajectories they have
// alone, and one without room says so.
func TestKrylovRuns(t *testing.T) {
	op, _, b := problem[float64](t, 80, 70, 5, 0.1)
	from := []Start{RandomStart(80, 70, 3, 1), RandomStart(80, 70, 3, 2), RandomStart(80, 70, 3, 1)}
	var x0, y0 []blas.General[float64]
	for _, s := range from {
		x0, y0 = append(x0, s.X), append(y0, s.Y)
	}
	eta := []float64{0.1, 0.1, 0.05}
	starts, err := krylov.NewPair(b, op, x0, y0)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range []Order{Alternating, Simultaneous} {
		var runs []*Krylov
		var direct []*Solver[float64]
		for i, s := range starts {
			runs, direct = append(runs, InBases(b, s, eta[i], order, 0)), append(direct, New(b, op, x0[i], y0[i], eta[i], order))
		}
		for range 200 {
			for i := range runs {
				if err := errors.Join(runs[i].Step(), direct[i].Step()); err != nil {
					t.Fatal(err)
				}
			}
			for i, k := range runs { // after the others have extended the bases
				got, _, err := k.Solver.Distance()
				want, _, err2 := op.Distance(direct[i].X(), direct[i].Y())
				if err := errors.Join(err, err2); err != nil || math.Abs(got-want) > 1e-11*want {
					t.Fatalf("run %d: the distance is %g, directly %g, %v", i, got, want, err)
				}
			}
		}
		for i, k := range runs {
			for _, pair := range [][2]blas.General[float64]{{k.X(), direct[i].X()}, {k.Y(), direct[i].Y()}} {
				for j, v := range pair[1].Data {
					if math.Abs(pair[0].Data[j]-v) > 1e-11 {
						t.Fatalf("order %d, run %d: element %d is %g, directly %g", order, i, j, pair[0].Data[j], v)
					}
				}
			}
			if k.Passes() != runs[0].Passes() || k.Passes() > 40 {
				t.Errorf("run %d: %d passes, the first %d", i, k.Passes(), runs[0].Passes())
			}
		}
	}
	again, err := krylov.NewPair(b, op, x0[:2], y0[:2])
	if err != nil {
		t.Fatal(err)
	}
	early, late := InBases(b, again[0], 0.1, Alternating, 0), InBases(b, again[1], 0.1, Alternating, 0)
	for _, iterations := range []int{10, 150} { // a run that has ended may go on
		if _, err := solvers.RunEach(t.Context(), solvers.SharingOf(early, late), []solvers.Stop{{Iterations: iterations}, {Iterations: iterations + 5}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	direct := New(b, op, x0[0], y0[0], 0.1, Alternating)
	for range 150 {
		if err := direct.Step(); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range direct.X().Data {
		if math.Abs(early.X().Data[i]-v) > 1e-11 {
			t.Fatalf("a run that went on: element %d is %g, directly %g", i, early.X().Data[i], v)
		}
	}
	low := operator.NewProduct(b, from[0].X, blas.NewGeneral[float64](70, 3)) // closed soon
	for _, order := range []Order{Alternating, Simultaneous} {
		k, err := NewKrylov(b, low, x0[0], y0[0], 0.1, order, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if err := k.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(50, func() { _ = k.Step() }); n != 0 {
			t.Errorf("order %d: %g allocations a step", order, n)
		}
		if k, err = NewKrylov(b, op, x0[0], y0[0], 0.1, order, 0.5); err != nil {
			t.Fatal(err)
		}
		for range 30 {
			if err := k.Step(); err != nil {
				t.Fatal(err)
			}
		}
		passes := k.Passes()
		if n := testing.AllocsPerRun(20, func() { _ = k.Step() }); n != 0 || k.Passes() != passes || k.pair.Closed() {
			t.Errorf("order %d, open bases: %g allocations a step, %d passes", order, n, k.Passes()-passes)
		}
	}
	k, err := NewKrylov(b, op, x0[0], y0[0], 0.1, Alternating, 0)
	if err != nil {
		t.Fatal(err)
	}
	k.Limit(krylov.Limits{Vectors: 20})
	for err == nil && k.Iteration() < 200 {
		err = k.Step()
	}
	if err == nil || k.Iteration() == 0 {
		t.Errorf("without room: %v after %d iterations", err, k.Iteration())
	}
	first, err := k.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewKrylov(b, operator.RectangularOf(b, blas.NewGeneral[float64](80, 70)), x0[0], y0[0], 0.1, Alternating, 0)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := other.Fingerprint(); err != nil || first == second {
		t.Errorf("fingerprints do not tell runs apart: %v", err)
	}
}
