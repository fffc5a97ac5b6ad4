package symmetric_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// signalAndNoise is the iteration for r = 1 and Σ = diag(λ), for the first entry a of x and
// the others, b:
//
//	a_t = (1 + ηλ_1 − η(a_{t−1}² + ‖b_{t−1}‖²)) a_{t−1}             (3)
//	b_t = (I + ηΣ_res − η(a_{t−1}² + ‖b_{t−1}‖²)I) b_{t−1}          (4)
//
// with Σ_res = diag(λ_2, …, λ_d).
type signalAndNoise struct {
	lambda []float64
	eta    float64
	x      []float64 // (a, b)
}

func (p *signalAndNoise) step() {
	size := p.alpha()*p.alpha() + p.beta()*p.beta()
	for i, v := range p.x {
		p.x[i] = (1 + p.eta*p.lambda[i] - p.eta*size) * v
	}
}

func (p *signalAndNoise) alpha() float64 { return math.Abs(p.x[0]) }

func (p *signalAndNoise) beta() float64 {
	var norm float64
	for _, v := range p.x[1:] {
		norm = math.Hypot(norm, v)
	}
	return norm
}

// isSectionTwo tells the exact claims of section 2.
func isSectionTwo(c solvers.Check) bool { return strings.HasPrefix(c.Name, "Section 2, (") }

// TestRankOne: the strengths that a tracker sees are those of (3) and (4), and a run that
// meets the conditions has all of section 2, with Σ diagonal, dense with computed
// eigenpairs, in single precision and in a Krylov basis.
func TestRankOne(t *testing.T) {
	const d, eta, steps = 40, 0.08, 2000
	b := testsolvers.Open(t, "native", 1)
	lambda := make([]float64, d)
	for i := range lambda {
		lambda[i] = 1 / float64(i+1)
	}
	expect := func(name string, checks []solvers.Check, least float64) {
		t.Helper()
		holding := 0
		for _, c := range checks {
			if !isSectionTwo(c) {
				continue
			}
			if holding++; c.Verdict != solvers.Holds || c.At < 1 || !strings.Contains(c.Note, "too near rounding errors") {
				t.Errorf("%s: %v", name, c)
			}
		}
		if holding != 5 {
			t.Errorf("%s: %d claims of section 2", name, holding)
		}
		if limit := verdictOf(t, checks, "Section 2, |α"); limit.Verdict != solvers.Reported || !(limit.Left < least) {
			t.Errorf("%s: %v", name, limit)
		}
		if noise := verdictOf(t, checks, "Section 2, β"); noise.Verdict != solvers.Reported || !(noise.Left < 10*math.Sqrt(least)) {
			t.Errorf("%s: %v", name, noise)
		}
	}

	op := operator.NewDiagonal(b, lambda)
	x0 := symmetric.RandomStart(d, 1, 1, 1)
	p := &signalAndNoise{lambda, eta, x0.Clone().Data}
	s := symmetric.New(b, op, x0, eta)
	th := symmetric.NewTheory[float64](b, symmetric.DiagonalEigenbasis(op, 1))
	tr := symmetric.NewTracker(s, th)
	for i := range steps + 1 {
		q := th.Measure(s.X())
		alpha, beta := math.Sqrt(q.Signal[0]), q.SigmaK[0]
		if !(math.Abs(alpha-p.alpha()) <= 1e-13 && math.Abs(beta-p.beta()) <= 1e-13) {
			t.Fatalf("t=%d: α, β = %v, %v; by (3) and (4) %v, %v", i, alpha, beta, p.alpha(), p.beta())
		}
		tr.Observe(i, q)
		p.step()
		testsolvers.Advance(t, s, 1)
	}
	expect("diagonal", tr.Checks(), 1e-13)

	m := problem.NewDense(lambda, 3)
	dense := operator.NewDense(b, d, m.Row)
	pairs, err := eigen.Leading(context.Background(), dense, 2, eigen.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	basis := symmetric.EigenbasisOf(pairs)
	s = symmetric.New(b, dense, x0, eta)
	tr = symmetric.NewTracker(s, symmetric.NewTheory[float64](b, basis))
	run(t, s, steps, tr)
	expect("dense", tr.Checks(), 1e-10)

	narrow := operator.NewDiagonal(b, single(lambda))
	s32 := symmetric.New(b, narrow, blas.Convert[float32](x0), eta)
	tr32 := symmetric.NewTracker(s32, symmetric.NewTheory[float32](b, symmetric.DiagonalEigenbasis(narrow, 1)))
	if _, err := solvers.Run(context.Background(), s32, solvers.Stop{Iterations: steps}, solvers.Schedule{Recorder: tr32, Every: 1}); err != nil {
		t.Fatal(err)
	}
	expect("single precision", tr32.Checks(), 1e-5)

	k, err := symmetric.NewKrylov(b, dense, x0, eta, 0)
	if err != nil {
		t.Fatal(err)
	}
	tr = symmetric.NewTracker(k.Solver, k.NewTheory(basis))
	if _, err := solvers.Run(context.Background(), k, solvers.Stop{Iterations: steps}, solvers.Schedule{Recorder: tr, Every: 1}); err != nil {
		t.Fatal(err)
	}
	expect("in a basis", tr.Checks(), 1e-9)
}

func single(x []float64) []float32 {
	narrow := make([]float32, len(x))
	for i, v := range x {
		narrow[i] = float32(v)
	}
	return narrow
}

// TestRatioFactor is (8): h(s) = (1 − ηΔ/2 + s)/(1 + ηΔ/2 + s) ≤ h(½) ≤ 1 − ηΔ/3.
func TestRatioFactor(t *testing.T) {
	for _, x := range []float64{1e-6, 0.01, 1.0 / 12} {
		h := func(s float64) float64 { return (1 - x/2 + s) / (1 + x/2 + s) }
		for s := -0.5; s <= 0.5; s += 1.0 / 64 {
			if top := h(0.5); h(s) > top || top > 1-x/3 {
				t.Errorf("ηΔ = %v, s = %v: h is %v, h(½) %v, 1 − ηΔ/3 %v", x, s, h(s), top, 1-x/3)
			}
		}
	}
}

// TestDivergenceWithoutSignal is the example of section 4.2: for Σ = 0 and ησ_1²(X_0) ≥ 3,
// σ_1(X_{t+1}) ≥ (ησ_1²(X_t) − 1)σ_1(X_t) ≥ 2σ_1(X_t), and the run ends as diverged. The
// text has > 2σ_1(X_t), which is an equality at ησ_1² = 3.
func TestDivergenceWithoutSignal(t *testing.T) {
	const d, r, eta = 30, 2, 0.1
	b := testsolvers.Open(t, "native", 1)
	for _, level := range []float64{3, 3.5, 10} {
		for form, op := range zeros(d) {
			x0 := blas.NewGeneral[float64](d, r)
			for k := range r { // orthogonal columns
				x0.Row(k)[k] = math.Sqrt(level/eta) / float64(k+1)
			}
			s := symmetric.New(b, op(b), x0, eta)
			var err error
			for err == nil && s.Iteration() < 1000 {
				at, before := s.Iteration(), s.SingularValues()[0]
				if err = s.Step(); s.Iteration() == at {
					break
				}
				now := s.SingularValues()[0]
				if least := (eta*before*before - 1) * before; !(now >= least*(1-1e-12)) || !(now >= 2*before*(1-1e-12)) {
					t.Errorf("%s, level %v, t = %d: σ_1 goes from %v to %v", form, level, at, before, now)
				}
			}
			var diverged *solvers.Divergence
			if !errors.As(err, &diverged) || s.Iteration() == 0 {
				t.Errorf("%s, level %v: %v after %d steps", form, level, err, s.Iteration())
			}
		}
	}
}

// TestRankOneConditions: each condition that a run does not meet is named.
func TestRankOneConditions(t *testing.T) {
	const d = 30
	b := testsolvers.Open(t, "native", 1)
	for name, c := range map[string]struct {
		lambda1, lambda2, eta, scale float64
		signal                       bool
		note                         string
	}{
		"η":       {1, 0.5, 0.1, 0.5, true, "η is 0.1; expected at most 1/(12λ_1) = 0.08333"},
		"gap":     {1, 1, 0.05, 0.5, true, "Δ = λ_1 − λ_2 is 0"},
		"Σ":       {1, -0.5, 0.05, 0.5, true, "λ_{r+1} is -0.5"},
		"start":   {0.1, 0.05, 0.05, 5, true, "expected below 2λ_1 = 0.2"},
		"signal":  {1, 0.5, 0.05, 0.5, false, "σ_1²(u_{1,0}) is 0; expected above 0"},
		"nothing": {1, 0.5, 0.05, 0.5, true, ""},
	} {
		lambda := make([]float64, d)
		for i := range lambda {
			lambda[i] = c.lambda2
		}
		lambda[0] = c.lambda1
		op := operator.NewDiagonal(b, lambda)
		x0 := symmetric.RandomStart(d, 1, c.scale, 1)
		if !c.signal {
			x0.Data[0] = 0
		}
		s := symmetric.New(b, op, x0, c.eta)
		tr := symmetric.NewTracker(s, symmetric.NewTheory[float64](b, symmetric.DiagonalEigenbasis(op, 1)))
		run(t, s, 300, tr)
		for _, check := range tr.Checks() {
			if !strings.HasPrefix(check.Name, "Section 2") {
				continue
			}
			met := check.Verdict == solvers.Holds || check.Verdict == solvers.Reported
			if met != (c.note == "") || !strings.Contains(check.Note, c.note) {
				t.Errorf("%s: %v", name, check)
			}
		}
	}
}

// TestRankOneCanFail: one made-up iterate breaks exactly the claims that it contradicts; one
// whose strengths are too small to be compared breaks none and lets none hold.
func TestRankOneCanFail(t *testing.T) {
	const d, l1, l2, eta = 30, 1, 0.5, 0.05
	b := testsolvers.Open(t, "native", 1)
	lambda := make([]float64, d)
	for i := range lambda {
		lambda[i] = l2
	}
	lambda[0] = l1
	op := operator.NewDiagonal(b, lambda)
	th := symmetric.NewTheory[float64](b, symmetric.DiagonalEigenbasis(op, 1))
	checksOf := func(strengths ...[2]float64) []solvers.Check {
		tr := symmetric.NewTracker(symmetric.New(b, op, symmetric.RandomStart(d, 1, 0.5, 1), eta), th)
		for i, s := range strengths {
			tr.Observe(i, &symmetric.Quantities{
				Signal: []float64{s[0] * s[0]}, Noise: []float64{s[0] * s[1]}, SigmaK: []float64{s[1]}, SNR: []float64{s[0] / s[1]},
				SigmaRU: s[0], Sigma1J: s[1], Sigma1X: math.Hypot(s[0], s[1]),
			})
		}
		state, err := tr.Save()
		if err != nil {
			t.Fatal(err)
		}
		again := symmetric.NewTracker(symmetric.New(b, op, symmetric.RandomStart(d, 1, 0.5, 1), eta), th)
		if err := again.Restore(state); err != nil {
			t.Fatal(err)
		}
		sameTracker(t, tr, again)
		return tr.Checks()
	}
	// next is (5), and (6) with equality, which is exact for λ_2 = … = λ_d.
	next := func(s [2]float64) [2]float64 {
		size := s[0]*s[0] + s[1]*s[1]
		return [2]float64{(1 + eta*(l1-size)) * s[0], (1 + eta*(l2-size)) * s[1]}
	}
	from := [2]float64{0.4, 0.6}
	for _, c := range []struct {
		name                   string
		alpha, beta            float64 // factors on what (5) and (6) give
		up, down, noise, ratio solvers.Verdict
	}{
		{"true", 1, 1, solvers.Holds, solvers.Holds, solvers.Holds, solvers.Holds},
		{"large α", 1.1, 1, solvers.Fails, solvers.Holds, solvers.Holds, solvers.Holds},
		{"small α", 0.9, 1, solvers.Holds, solvers.Fails, solvers.Holds, solvers.Fails},
		{"large β", 1, 1.1, solvers.Holds, solvers.Holds, solvers.Fails, solvers.Fails},
		{"no decrease of β/α", 1, 1.025, solvers.Holds, solvers.Holds, solvers.Fails, solvers.Fails},
	} {
		to := next(from)
		to[0], to[1] = to[0]*c.alpha, to[1]*c.beta
		all := checksOf(from, to, next(to)) // a failure stays
		for name, want := range map[string]solvers.Verdict{
			"Section 2, (5), α_t from above": c.up, "Section 2, (5), α_t from below": c.down, "Section 2, (6)": c.noise,
			"Section 2, (7), β_t/α_t, first": c.ratio, "Section 2, (7), β_t/α_t ≤": c.ratio,
		} {
			if got := verdictOf(t, all, name); got.Verdict != want {
				t.Errorf("%s: %v", c.name, got)
			}
		}
	}
	small := [2]float64{0.9, 1e-14}
	for _, c := range checksOf(small, [2]float64{next(small)[0], 3e-14}) {
		want := solvers.NotMet
		if strings.HasPrefix(c.Name, "Section 2, (5)") {
			want = solvers.Holds
		}
		if isSectionTwo(c) && (c.Verdict != want || !strings.Contains(c.Note, "too near rounding errors")) {
			t.Errorf("noise of rounding errors: %v", c)
		}
	}
	if c := verdictOf(t, checksOf(from, [2]float64{0.41, math.NaN()}), "Section 2, (6)"); c.Verdict != solvers.Fails {
		t.Errorf("not a number: %v", c)
	}
}
