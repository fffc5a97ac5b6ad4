package solvers

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestOnset: the online times are those of a search through all iterates.
func TestOnset(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 200 {
		const c = 5.0
		logRate := -0.01 - 0.3*rng.Float64()
		n := 1 + rng.IntN(120)
		left := make([]float64, n)
		for i := range left {
			left[i] = math.Exp(4*rng.NormFloat64() - rng.Float64()*0.3*float64(i))
		}
		switch trial % 5 {
		case 0:
			left[rng.IntN(n)] = 0
		case 1:
			left[rng.IntN(n)] = math.NaN()
		case 2:
			left[n-1] = 1e9
		}
		var decay, level Onset
		for i, v := range left {
			decay.ObserveDecay(i, v, c, logRate)
			level.Observe(i, v <= 1)
		}
		first := func(holds func(s, t int) bool) int {
			for s := range n {
				all := true
				for t := s; t < n; t++ {
					all = all && holds(s, t)
				}
				if all {
					return s
				}
			}
			return n
		}
		if want := first(func(s, t int) bool { return left[t] <= c*math.Exp(logRate*float64(t-s))*(1+1e-12) }); decay.First != want {
			t.Errorf("trial %d: a decay holds from %d on; expected %d", trial, decay.First, want)
		}
		if want := first(func(_, t int) bool { return left[t] <= 1 }); level.First != want {
			t.Errorf("trial %d: a level holds from %d on; expected %d", trial, level.First, want)
		}
	}
}

func TestSince(t *testing.T) {
	c := Check{Name: "a", Relation: "≤", Left: 1, Right: 2, At: 9, Since: &Since{Claimed: 9, First: 4}}
	if s := c.String(); !strings.Contains(s, "a: holds: 1 ≤ 2 at t = 9; claimed from t = 9 on, holds and stays from t = 4 on, slack 5 iterations") {
		t.Error(s)
	}
	if !Within(1, 1, 0, 0) || Within(1.1, 1, 0.05, 0) || !Within(1.1, 1, 0.2, 0) || Within(math.NaN(), 1, 0, 1) || !Within(math.Inf(-1), 1, 0, 0) {
		t.Error("Within")
	}
}
