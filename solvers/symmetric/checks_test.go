package symmetric_test

import (
	"math"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// madeUp returns a tracker that saw a global minimum until past t_R, and the
// quantities there.
func madeUp(t *testing.T) (clone func() *symmetric.Tracker[float64], healthy func() *symmetric.Quantities) {
	const d, r = 60, 2
	b := testsolvers.Open(t, "native", 1)
	lambda := theorySpectrum(d)
	eta, err := symmetric.TheoryStep(lambda[:r+1], nil)
	if err != nil {
		t.Fatal(err)
	}
	basis := symmetric.DiagonalEigenbasis(operator.NewDiagonal(b, lambda), r)
	s := symmetric.New(b, operator.NewDiagonal(b, lambda), symmetric.RandomStart(d, r, 0.5, 3), eta)
	th := symmetric.NewTheory[float64](b, basis)
	healthy = func() *symmetric.Quantities {
		return &symmetric.Quantities{
			Signal: []float64{1, 0.6}, Noise: []float64{0, 0}, SigmaK: []float64{math.Sqrt(0.6), 0},
			SNR: []float64{1e9, 1e9}, SigmaRU: math.Sqrt(0.6), Sigma1J: 0, Sigma1X: 1, SNRBlock: 1e9, InR: true, InS: true,
		}
	}
	tr, q := symmetric.NewTracker(s, th), healthy()
	for i := 0; tr.Times().TR < 0 || i < tr.Times().TR+1000; i++ {
		tr.Observe(i, q)
	}
	state, err := tr.Save()
	if err != nil {
		t.Fatal(err)
	}
	return func() *symmetric.Tracker[float64] {
		tr := symmetric.NewTracker(s, th)
		if err := tr.Restore(state); err != nil {
			t.Fatal(err)
		}
		return tr
	}, healthy
}

// TestChecksCanFail: one bad iterate after many good ones breaks exactly the
// claims that it contradicts.
func TestChecksCanFail(t *testing.T) {
	clone, healthy := madeUp(t)
	const s, r = "S is absorbing", "R is absorbing"
	r5 := "Theorem 6, property 5"
	for _, c := range []struct {
		name  string
		spoil func(q *symmetric.Quantities)
		fails []string
	}{
		{"nothing", func(*symmetric.Quantities) {}, nil},
		{"σ_1(X)", func(q *symmetric.Quantities) { q.Sigma1X = 1.5 }, []string{"Lemma 8, " + s, "Theorem 6, property 1, " + s, "Theorem 2, " + r, r5}},
		{"σ_1(K_1)", func(q *symmetric.Quantities) { q.SigmaK[0] = 0.9 }, []string{"Lemma 8, " + s, "Theorem 6, property 1, " + s}},
		{"σ_1(K_2)", func(q *symmetric.Quantities) { q.SigmaK[1] = 0.6 }, []string{"Lemma 8, " + s, "Theorem 6, property 1, " + s}},
		{"σ_r(U)", func(q *symmetric.Quantities) { q.SigmaRU = 0.3 }, []string{"Theorem 2, " + r, r5}},
		{"σ_1(J)", func(q *symmetric.Quantities) { q.Sigma1J = 0.7 }, []string{"Theorem 2, " + r, r5}},
		{"SNR", func(q *symmetric.Quantities) { q.SNRBlock = 0.09 }, []string{"Theorem 2, SNR"}},
		{"signal 1", func(q *symmetric.Quantities) { q.Signal[0] = 0.19 }, []string{"Lemma 9, σ", "Theorem 6, property 3, k = 1", "Lemma 10, |p", "Theorem 6, property 4, k = 1, |p"}},
		{"signal 2", func(q *symmetric.Quantities) { q.Signal[1] = 0.19 }, []string{"Lemma 11, σ", "Theorem 6, property 3, k = 2"}},
		{"noise 1", func(q *symmetric.Quantities) { q.Noise[0] = 0.1 }, []string{"Lemma 10, σ", "Theorem 6, property 4, k = 1, σ"}},
		{"noise 2", func(q *symmetric.Quantities) { q.Noise[1] = 1 }, []string{"Theorem 6, property 4, k = 2, σ"}},
		{"p_1", func(q *symmetric.Quantities) { q.Signal[0] = 1e5 }, []string{"Lemma 10, |p", "Theorem 6, property 4, k = 1, |p"}},
		{"p_2", func(q *symmetric.Quantities) { q.Signal[1] = 1e5 }, []string{"Theorem 6, property 4, k = 2, |p"}},
		{"not a number", func(q *symmetric.Quantities) { q.Noise[0] = math.NaN() }, []string{"Lemma 10, σ", "Theorem 6, property 4, k = 1, σ"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr, q := clone(), healthy()
			c.spoil(q)
			tr.Observe(tr.Times().Last+1, q)
			tr.Observe(tr.Times().Last+1, healthy()) // a failure stays
			for _, check := range tr.Checks() {
				want := false
				for _, f := range c.fails {
					want = want || strings.HasPrefix(check.Name, f)
				}
				if got := check.Verdict == solvers.Fails; got != want {
					t.Errorf("%v", check)
				}
			}
		})
	}
}

// verdictOf is the check whose name begins so.
func verdictOf(t *testing.T, checks []solvers.Check, name string) solvers.Check {
	t.Helper()
	for _, c := range checks {
		if strings.HasPrefix(c.Name, name) {
			return c
		}
	}
	t.Fatalf("no check %q", name)
	return solvers.Check{}
}

func TestConditionsAreNamed(t *testing.T) {
	const d, r = 60, 2
	b := testsolvers.Open(t, "native", 1)
	checks := func(lambda []float64, x0 blas.General[float64], eta float64) []solvers.Check {
		op := operator.NewDiagonal(b, lambda)
		s := symmetric.New(b, op, x0, eta)
		tr := symmetric.NewTracker(s, symmetric.NewTheory[float64](b, symmetric.DiagonalEigenbasis(op, r)))
		run(t, s, 50, tr)
		return tr.Checks()
	}
	expect := func(all []solvers.Check, name string, notes ...string) {
		t.Helper()
		c := verdictOf(t, all, name)
		for _, n := range notes {
			if c.Verdict != solvers.NotMet || !strings.Contains(c.Note, n) {
				t.Errorf("%v; expected %q", c, n)
			}
		}
	}
	large := symmetric.RandomStart(d, r, 0.5, 1)

	all := checks(theorySpectrum(d), large, 0.1)
	for _, c := range all {
		if strings.HasPrefix(c.Name, "Theorem 2, SNR") {
			continue // has no condition on η
		}
		if c.Verdict != solvers.NotMet || !strings.Contains(c.Note, "η is 0.1; expected at most") {
			t.Errorf("η = 0.1: %v", c)
		}
	}
	expect(all, "Lemma 8, S", "1/(12λ_1) = 0.08333")
	expect(all, "Lemma 10", "Δ/(100λ_1²) = 0.004")
	expect(all, "Theorem 2, R", "Δ²/(36λ_1³) = 0.004444")
	expect(all, "Theorem 6, property 6", "Δ²/(36λ_1³)", "Δ/(100λ_1²)")

	// Between the two steps, only Theorem 6 and Lemmas 10 and 11 say nothing.
	all = checks(theorySpectrum(d), large, 0.0042)
	expect(all, "Theorem 6, property 3", "η is 0.0042; expected at most Δ/(100λ_1²) = 0.004")
	if c := verdictOf(t, all, "Lemma 8, S"); c.Verdict != solvers.Holds {
		t.Errorf("%v", c)
	}

	all = checks(theorySpectrum(d), symmetric.RandomStart(d, r, 30, 1), 0.004)
	for _, name := range []string{"Lemma 8", "Lemma 9", "Lemma 10", "Lemma 11", "Theorem 6, property 1", "Theorem 6, property 4"} {
		expect(all, name, "σ_1(X_0) is", "1/√(3η) = 9.129")
	}

	equal := theorySpectrum(d)
	equal[1] = equal[0]
	expect(checks(equal, large, 0.004), "Theorem 6, property 1", "Δ = min_{i≤r}(λ_i − λ_{i+1}) is 0")

	negative := theorySpectrum(d)
	for i := range negative {
		negative[i] -= 0.3
	}
	expect(checks(negative, large, 0.001), "Theorem 6, property 1", "λ_{r+1} is -0.1; expected at least 0")

	zero := large.Clone()
	clear(zero.Row(1))
	expect(checks(theorySpectrum(d), zero, 0.004), "Theorem 6, property 3", "σ_1²(u_{2,0}) is 0; expected above 0")
	clear(zero.Row(0))
	all = checks(theorySpectrum(d), zero, 0.004)
	expect(all, "Lemma 9", "σ_1²(u_{1,t}) is 0 at t = t_init,1")
	expect(all, "Lemma 10", "σ_1²(u_{1,0}) is 0")
}

// TestAllocation: a tracked iterate allocates nothing.
func TestAllocation(t *testing.T) {
	clone, healthy := madeUp(t)
	tr, q := clone(), healthy()
	at := tr.Times().Last
	if n := testing.AllocsPerRun(100, func() {
		at++
		tr.Observe(at, q)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
