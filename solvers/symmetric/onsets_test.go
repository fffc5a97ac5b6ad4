package symmetric_test

import (
	"math"
	"strings"
	"testing"

	"lowrank/solvers"
	"lowrank/solvers/symmetric"
)

// checkSince: the times from which claims hold are those found in the stored trajectory,
// and every claim from a time on has them.
func checkSince(t *testing.T, checks []solvers.Check, tm symmetric.Times, all []symmetric.Quantities, lambda []float64, eta float64) {
	t.Helper()
	r, delta := len(lambda)-1, symmetric.MinGap(lambda)
	level := func(holds func(q symmetric.Quantities) bool) int {
		first := len(all)
		for first > 0 && holds(all[first-1]) {
			first--
		}
		return first
	}
	// The least s with v_t ≤ c·q^(t−s) for all t ≥ s, from the end: s ≥ t − ln(v_t/c)/ln q.
	decay := func(c, q float64, value func(q symmetric.Quantities) float64) int {
		need, first := math.Inf(-1), len(all)
		for s := len(all) - 1; s >= 0; s-- {
			if v := value(all[s]); v > 1e-12 {
				need = max(need, float64(s)-math.Log(v/c)/math.Log(q))
			}
			if need <= float64(s) {
				first = s
			}
		}
		return first
	}
	deltaR := lambda[r-1] - lambda[r]
	inR := level(func(q symmetric.Quantities) bool {
		return q.Sigma1X*q.Sigma1X <= 2*lambda[0] && q.SigmaRU*q.SigmaRU >= deltaR/4 && q.Sigma1J*q.Sigma1J <= lambda[r-1]-deltaR/2
	})
	inS := level(func(q symmetric.Quantities) bool {
		in := q.Sigma1X*q.Sigma1X <= 2*lambda[0]
		for k := range r {
			in = in && q.SigmaK[k]*q.SigmaK[k] <= lambda[k]-3*delta/4
		}
		return in
	})
	type times struct{ claimed, first int }
	want := map[string]times{
		"Theorem 2, R is absorbing":                   {tm.EntryR, inR},
		"Lemma 8, S is absorbing":                     {tm.Init[0], inS},
		"Theorem 6, property 1, S is absorbing":       {tm.Init[0], inS},
		"Theorem 6, property 5, X_t in R from t_R on": {tm.TR, inR},
	}
	for k := range r {
		name := []string{"1", "2"}[k]
		above := times{tm.Init[k] + tm.TU[k], level(func(q symmetric.Quantities) bool { return q.Signal[k] >= delta/2 })}
		noise := times{tm.T[k], decay(1, 1-eta*delta/6, func(q symmetric.Quantities) float64 { return q.Noise[k] })}
		errors := times{tm.T[k], decay(2*lambda[0]+24*float64(r)/(eta*delta), 1-eta*delta/8, func(q symmetric.Quantities) float64 { return math.Abs(lambda[k] - q.Signal[k]) })}
		want["Theorem 6, property 3, k = "+name] = above
		want["Theorem 6, property 4, k = "+name+", σ_1(u_kK_kᵀ)"] = noise
		want["Theorem 6, property 4, k = "+name+", |p_k| (16)"] = errors
		want[map[string]string{"1": "Lemma 9", "2": "Lemma 11"}[name]+", σ_1²(u_"+name+") ≥ Δ/2"] = above
		if k == 0 {
			want["Lemma 10, σ_1(u_1K_1ᵀ)"], want["Lemma 10, |p_1|"] = noise, errors
		}
	}
	for _, c := range checks {
		w, timed := want[c.Name]
		if !timed {
			if c.Since != nil {
				t.Errorf("%v is not claimed from a time on", c)
			}
			continue
		}
		delete(want, c.Name)
		if c.Since == nil || c.Since.Claimed != w.claimed || c.Since.First < w.first-1 || c.Since.First > w.first+1 {
			t.Errorf("%v: expected the claim from %d on, true from %d on", c, w.claimed, w.first)
		}
		if strings.Contains(c.Name, "property 4, k = 1, σ") && c.Since.Slack() < 10_000 {
			t.Errorf("%v: the proof's t_1 is that late no more", c)
		}
	}
	for name := range want {
		t.Errorf("no check %q", name)
	}
}
