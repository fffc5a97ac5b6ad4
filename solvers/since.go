package solvers

import (
	"fmt"
	"math"
)

// Since is of a claim that is made from a time on: when that is, and when it began to be
// true. Many iterations between the two say that it holds with room to spare, or emptily.
type Since struct {
	Claimed int // the iterate from which on it is claimed
	First   int // the first observed iterate from which on it holds at all; after the last one if it does not there
}

// Slack is how many iterations earlier than claimed it holds; below 0 where it fails.
func (s Since) Slack() int { return s.Claimed - s.First }

func (s Since) String() string {
	return fmt.Sprintf("claimed from t = %d on, holds and stays from t = %d on, slack %d iterations", s.Claimed, s.First, s.Slack())
}

// Onset finds the first iterate from which on an inequality holds. It keeps a number: the
// earliest time that no iterate so far contradicts. The zero value has seen nothing.
type Onset struct{ First int }

// Observe takes in whether the inequality holds at iterate t; iterates come in order.
func (o *Onset) Observe(t int, holds bool) {
	if !holds {
		o.First = t + 1
	}
}

// ObserveDecay is Observe of a bound that decays from the time s at which it begins, that is
// of left ≤ c·q^(t−s), 0 < q < 1, logRate = ln q: the earliest s for all iterates from s on.
// Those before kept to an earlier s, and so to a later one.
func (o *Onset) ObserveDecay(t int, left, c, logRate float64) {
	if left <= 0 {
		return
	}
	// ln left ≤ ln c + (t − s)·ln q.
	least := float64(t) - math.Log(left/c)/logRate
	least -= 1e-9 * math.Abs(least) // rounding errors of the logarithms
	switch {
	case least <= float64(o.First):
	case least <= float64(t):
		o.First = int(math.Ceil(least))
	default: // a NaN too
		o.First = t + 1
	}
}

// Within tells whether left ≤ right, but for an absolute rounding error and a slack relative to
// the larger of the two.
func Within(left, right, rounding, slack float64) bool { return excess(left, right, rounding) <= slack }

// excess is (left − right − rounding) over the larger; +Inf where something is not a number.
func excess(left, right, rounding float64) float64 {
	scale := max(math.Abs(left), math.Abs(right))
	switch {
	case math.IsNaN(left) || math.IsNaN(right) || math.IsNaN(rounding):
		return math.Inf(1)
	case math.IsInf(right, 1) || math.IsInf(left, -1):
		return math.Inf(-1)
	case math.IsInf(scale, 1):
		return math.Inf(1)
	case scale > 0:
		return (left - right - rounding) / scale
	}
	return 0
}
