package asymmetric_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/internal/testsolvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// A trajectory ends at the first iterate at which η‖X‖² or η‖Y‖² is above 10⁶, whichever grows.
func TestGrowth(t *testing.T) {
	const m, n, eta = 20, 15, 0.5
	for _, large := range []string{"X", "Y"} {
		p := problemOf("dense", "alternating", m, n, 2, eta)
		x := p.Start(1)
		which := 0
		if large == "Y" {
			which = 1
		}
		for i := range x[which].Data {
			x[which].Data[i] *= 100
		}
		for i := range x[1-which].Data {
			x[1-which].Data[i] *= 1e-3
		}
		s := p.New(t, testsolvers.Open(t, "native", 1), x)
		grown := func() float64 {
			a, b := testsolvers.Norm(s.X()), testsolvers.Norm(s.Y())
			return eta * max(a*a, b*b)
		}
		for range 1000 {
			if g := grown(); g > 1e6 {
				t.Fatalf("%s large: η‖·‖² was %g at an iterate that was left", large, g)
			}
			err := s.Step()
			if err == nil {
				continue
			}
			if g := grown(); !(g > 1e6) || !strings.Contains(err.Error(), "growing") {
				t.Errorf("%s large: %v at η‖·‖² = %g", large, err, g)
			}
			break
		}
		if g := grown(); !(g > 1e6) {
			t.Errorf("%s large: after a thousand steps η‖·‖² is %g", large, g)
		}

		// Of A = 0 the other factor stays small.
		zero := operator.RectangularOf(testsolvers.Open(t, "native", 1), blas.NewGeneral[float64](m, n))
		for i := range x[which].Data {
			x[which].Data[i] = 300
			if i < len(x[1-which].Data) {
				x[1-which].Data[i] = 1e-9
			}
		}
		if err := asymmetric.New(testsolvers.Open(t, "native", 1), zero, x[0], x[1], eta, asymmetric.Simultaneous).Step(); err == nil || !strings.Contains(err.Error(), "growing") {
			t.Errorf("%s large beside zeros: %v", large, err)
		}
	}
}

// TestStartScales compares squared norms of the starts with their
// expectations.
func TestStartScales(t *testing.T) {
	const m, n, k = 400, 900, 20
	b := testsolvers.Open(t, "native", 2)
	c := operators(b, m, n, 6)["dense"]
	const sigma1, constant, d = 1.7, 3.0, 0.2
	proposed, err := asymmetric.ProposedStart(c.op, k, sigma1, constant, d, 1)
	if err != nil {
		t.Fatal(err)
	}
	colspan, err := asymmetric.ColumnSpaceStart(c.op, k, 2)
	if err != nil {
		t.Fatal(err)
	}
	random := asymmetric.RandomStart(m, n, k, 3)
	a2 := testsolvers.Norm(c.a) * testsolvers.Norm(c.a)
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
		testsolvers.Near(t, "‖"+check.name+"‖²", testsolvers.Norm(check.m)*testsolvers.Norm(check.m), check.want, 0.05)
	}
}

// TestStartFormulas: for A = I the start shows Φ_1, and with it the start of
// another A is what its formula says.
func TestStartFormulas(t *testing.T) {
	const m, n, k, seed = 14, 9, 3, 5
	b := testsolvers.Open(t, "native", 1)
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
	shown := must(asymmetric.ColumnSpaceStart(operator.RectangularOf(b, identity), k, seed))
	phi1, phi2 := scaled(shown.X, 10*math.Sqrt(k)), scaled(shown.Y, 10*math.Sqrt(n))
	for form, c := range operators(b, m, n, 7) {
		const sigma1, constant, d = 1.7, 3.0, 0.2
		aphi := testsolvers.Times(c.a, phi1)
		proposed := must(asymmetric.ProposedStart(c.op, k, sigma1, constant, d, seed))
		testsolvers.Compare(t, form+" Proposed X", proposed.X, scaled(aphi, 1/(math.Sqrt(k)*constant*sigma1)), 1e-14)
		testsolvers.Compare(t, form+" Proposed Y", proposed.Y, scaled(phi2, d*sigma1/math.Sqrt(n)), 1e-14)
		colspan := must(asymmetric.ColumnSpaceStart(c.op, k, seed))
		testsolvers.Compare(t, form+" ColSpan X", colspan.X, scaled(aphi, 1/(10*math.Sqrt(k))), 1e-14)
		testsolvers.Compare(t, form+" ColSpan Y", colspan.Y, scaled(phi2, 1/(10*math.Sqrt(n))), 1e-14)

		const eta = 0.01
		before := proposed.X.Clone()
		u := proposed.Unbalanced(eta)
		testsolvers.Compare(t, form+" unbalanced X", u.X, scaled(proposed.X, 10), 1e-14)
		testsolvers.Compare(t, form+" unbalanced product", testsolvers.Times(u.X, testsolvers.Transposed(u.Y)), testsolvers.Times(proposed.X, testsolvers.Transposed(proposed.Y)), 1e-14)
		if !slices.Equal(before.Data, proposed.X.Data) {
			t.Error("Unbalanced changed its start")
		}
	}
	// The two matrices of a start are not the same numbers.
	if r := asymmetric.RandomStart(n, n, k, seed); slices.Equal(r.X.Data, r.Y.Data) {
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
	testsolvers.Near(t, "D", p.D(), 4e-10/9, 1e-15)
	testsolvers.Near(t, "ρ", p.Rho(), 0.5, 0)
	testsolvers.Near(t, "β", p.Beta(), 1./256, 0)
	testsolvers.Near(t, "T", p.Iterations(1./256), 64, 0)
	testsolvers.Near(t, "T of a larger step", p.Iterations(1./300), 87, 0) // ⌊90000/1024⌋
	testsolvers.Near(t, "the bound at 0", p.RateBound(0), 1, 0)
	testsolvers.Near(t, "the bound at 1024", p.RateBound(1024), math.Exp(-1), 1e-15)
	p.Eps = math.Exp(-1)
	eta, err := p.Step8()
	testsolvers.Near(t, "step (8)", eta, 1./1024, 1e-15)
	if err != nil {
		t.Error(err)
	}
	if _, err := p.Step9(); err == nil {
		t.Error("step (9) for ε > 1/16")
	}
	p.Eps = math.Exp(-4)
	eta, err = p.Step9()
	testsolvers.Near(t, "step (9)", eta, 1./2048, 1e-15)
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
	b := testsolvers.Open(t, "native", 1)
	a := blas.NewGeneral[float64](m, n)
	a.Row(3)[4], a.Row(10)[2] = 2, -1.5
	op := operator.RectangularOf(b, a)
	p := asymmetric.Parameters{Sigma1: 2, SigmaR: 1.5, Rank: 2, Columns: k}.WithDefaults()
	start, err := asymmetric.ProposedStart(op, k, p.Sigma1, p.C, p.D(), 1)
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
		testsolvers.Advance(t, s, 100)
		distance, _, err := op.Distance(s.X(), s.Y())
		if err != nil {
			t.Fatal(err)
		}
		if !(distance*distance <= p.RateBound(s.Iteration())) {
			t.Fatalf("‖A − XYᵀ‖² = %v at t = %d of %d, the bound is %v", distance*distance, s.Iteration(), steps, p.RateBound(s.Iteration()))
		}
	}
}

// TestLeft: the singular triplets of every form on every backend, the vectors that Left takes
// of them and what Tail finds behind them, against a full decomposition.
func TestLeft(t *testing.T) {
	const r = 4
	for _, backend := range testsolvers.Backends() {
		b := testsolvers.Open(t, backend, 2)
		for _, shape := range [][2]int{{60, 45}, {45, 60}, {9, 4}, {4, 9}} {
			for form, c := range operators(b, shape[0], shape[1], 8) {
				var svd mat.SVD
				if !svd.Factorize(mat.NewDense(shape[0], shape[1], slices.Clone(c.a.Data)), mat.SVDNone) {
					t.Fatal("no singular values")
				}
				want := svd.Values(nil)
				got, err := eigen.Singular(context.Background(), c.op, r, eigen.Options{Seed: 1})
				if err != nil || !got.Converged {
					t.Fatalf("%s %s %v: %+v, %v", backend, form, shape, got, err)
				}
				rank := 0 // what is resolved
				for i, v := range got.Values {
					if !(math.Abs(v-want[i]) <= 1e-14*want[0]) || !(got.Residuals[i] <= 2e-14*want[0]) {
						t.Errorf("%s %s %v: σ_%d is %v, want %v; its residual is %v", backend, form, shape, i+1, v, want[i], got.Residuals[i])
					}
					if want[i] > 1e-12*want[0] {
						rank = i + 1
					}
				}
				u, err := asymmetric.Left[float64](got, rank)
				if err != nil {
					t.Fatal(err)
				}
				tail, err := asymmetric.Tail(c.op, u)
				if err != nil {
					t.Fatal(err)
				}
				if behind := testsolvers.Norm(blas.General[float64]{Rows: 1, Cols: len(want) - rank, Data: want[rank:], Stride: len(want)}); !(math.Abs(tail-behind) <= 1e-13*want[0]) {
					t.Errorf("%s %s %v: the tail is %v, want %v", backend, form, shape, tail, behind)
				}
				if rank < r {
					if _, err := asymmetric.Left[float64](got, rank+1); err == nil {
						t.Errorf("%s %s %v: σ_%d = %v has vectors", backend, form, shape, rank+1, got.Values[rank])
					}
				}
			}
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
	b := testsolvers.Open(t, "native", 1)
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
	if _, err := asymmetric.ColumnSpaceStart(unreadable{op}, k, 1); err != errRead {
		t.Errorf("a start without A gives %v", err)
	}
	if _, err := asymmetric.ProposedStart(unreadable{op}, k, 1, 4, 1, 1); err != errRead {
		t.Errorf("a start without A gives %v", err)
	}
	testsolvers.Panics(t, map[string]func(){
		"X_0":   func() { asymmetric.New(b, op, y0, y0, 0.1, asymmetric.Alternating) },
		"Y_0":   func() { asymmetric.New(b, op, x0, x0, 0.1, asymmetric.Alternating) },
		"k":     func() { asymmetric.New(b, op, asymmetric.RandomStart(m, n, 3, 1).X, y0, 0.1, asymmetric.Alternating) },
		"no k":  func() { asymmetric.New(b, op, blas.NewGeneral[float64](m, 0), blas.NewGeneral[float64](n, 0), 0.1, 0) },
		"η = 0": func() { asymmetric.New(b, op, x0, y0, 0, asymmetric.Alternating) },
		"η NaN": func() { asymmetric.New(b, op, x0, y0, math.NaN(), asymmetric.Alternating) },
		"η = ∞": func() { asymmetric.New(b, op, x0, y0, math.Inf(1), asymmetric.Alternating) },
	})
}
