package deep

import (
	"math"
	"strings"
	"testing"

	"lowrank/solvers"
)

// TestTheorySince: from when on the claims hold, beside the recursion (18) alone.
func TestTheorySince(t *testing.T) {
	const depth, alpha, steps = 2, 1e-3, 6000
	lambda := []float64{10, 5, 1, 0, 0, 0, 0, 0, 0, 0}
	eta := 0.1 * Params{Depth: depth, Lambda: 10, Alpha: alpha}.StepLimit()
	opts := TheoryOptions{Accuracies: []float64{0.1, 0.01}}
	for L := 1; L <= 3; L++ {
		opts.Windows = append(opts.Windows, RankWindow{L, 0.1, 0.1})
	}
	products := make([][]float64, steps+1)
	d := make([]float64, len(lambda))
	for i := range d {
		d[i] = alpha
	}
	for k := range products {
		for i, v := range lambda {
			products[k] = append(products[k], d[i]*d[i])
			d[i] -= eta * d[i] * (d[i]*d[i] - v)
		}
	}
	// The first k from which on something holds up to last.
	from := func(last int, holds func(z []float64) bool) int {
		k := last + 1
		for k > 0 && holds(products[k-1]) {
			k--
		}
		return k
	}
	for _, rotated := range []bool{false, true} {
		checks := theoryRun[float64](t, theoryTarget(lambda, rotated), depth, Start{Alpha: alpha}, eta, opts, steps)
		for i, last := range []int{529, 2323, steps} {
			lo, _, bound := opts.Windows[i].Iterations(Params{Depth: depth, Alpha: alpha, Eta: eta}, lambda)
			height := EffectiveRank(lambda[:i+1])
			want := from(last, func(z []float64) bool { return math.Abs(EffectiveRank(z)-height) <= bound })
			c := checkNamed(t, checks, "Theorem 3.5, (63) and (64), L = "+string(rune('1'+i)))
			if c.Since == nil || c.Since.Claimed != lo || c.Since.First != want || c.Since.Slack() < 0 {
				t.Errorf("rotated %v: %v; expected from %d on", rotated, c, want)
			}
		}
		least := math.MaxInt
		for i, v := range lambda {
			for _, eps := range opts.Accuracies {
				if eps < math.Abs(alpha*alpha-v) {
					bound := Params{Depth: depth, Lambda: v, Alpha: alpha, Eta: eta}.TimeBound(eps)
					least = min(least, bound-from(steps, func(z []float64) bool { return math.Abs(z[i]-v) <= eps }))
				}
			}
		}
		c := checkNamed(t, checks, "Theorem 1.1, (11)")
		if c.Since == nil || c.Since.Slack() != least || least < 1 || !strings.Contains(c.Note, "least of all") {
			t.Errorf("rotated %v: %v; expected a slack of %d", rotated, c, least)
		}
	}
	// One late bad iterate moves the time behind it, and the claim fails.
	l := newLedger(depth, lambda, eta, solvers.Epsilon[float64](), Start{Alpha: alpha}, opts)
	for k, z := range products {
		o := observation{k: k, rank: math.NaN(), product: append([]float64(nil), z...), factors: make([][]float64, depth)}
		for j := range o.factors {
			for _, p := range z {
				o.factors[j] = append(o.factors[j], math.Sqrt(p))
			}
		}
		if k == steps-10 {
			o.product[0] = 8
		}
		l.observe(o)
	}
	c := checkNamed(t, l.Checks(), "Theorem 1.1, (11)")
	if c.Verdict != solvers.Fails || c.Since == nil || c.Since.First != steps-9 || c.Since.Slack() >= 0 {
		t.Errorf("%v; expected it to hold from %d on", c, steps-9)
	}
}
