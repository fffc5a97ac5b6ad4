package solvers

import (
	"math"
	"strings"
	"testing"
)

func TestBound(t *testing.T) {
	b := NewBound("a", "verified", 1e-12)
	if c := b.Result(); c.Verdict != NotMet || c.At != -1 {
		t.Errorf("a bound without iterates: %v", c)
	}
	b.Observe(1, 1, 2)
	b.Observe(2, 3, 4) // closest
	b.Observe(3, 0, 0.1)
	if c := b.Result(); c.Verdict != Holds || c.At != 2 || c.Left != 3 || c.Right != 4 || !strings.Contains(c.String(), "a: holds: 3 ≤ 4 at t = 2 (verified)") {
		t.Errorf("%v", c)
	}
	b.Observe(4, 1+1e-13, 1) // within the slack
	if c := b.Result(); c.Verdict != Holds || c.At != 4 {
		t.Errorf("%v", c)
	}
	b.ObserveWithin(5, 1.1, 1, 0.2)
	b.Observe(6, 1.1, 1)
	if c := b.Result(); c.Verdict != Fails || c.At != 6 {
		t.Errorf("%v", c)
	}
	c := NewBound("c", "paper", 0)
	c.ObserveWithin(0, 2, 1, math.NaN())
	c.ObserveWithin(1, 1, 2, 0)
	if c := c.Result(); c.Verdict != Fails || c.At != 0 {
		t.Errorf("a rounding error of NaN: %v", c)
	}
	for _, sides := range [][2]float64{{math.NaN(), 1}, {1, math.NaN()}, {math.Inf(1), 1}, {1, math.Inf(-1)}} {
		b := NewBound("b", "paper", 0)
		b.Observe(0, sides[0], sides[1])
		if c := b.Result(); c.Verdict != Fails {
			t.Errorf("%v: %v", sides, c)
		}
	}
	free := NewBound("c", "paper", 0)
	free.Observe(7, 1e300, math.Inf(1))
	if c := free.Result(); c.Verdict != Holds {
		t.Errorf("%v", c)
	}
	if c := Unmet("d", "inferred", "η is 1; expected at most 0.5"); !strings.Contains(c.String(), "d: condition not met; η is 1; expected at most 0.5 (inferred)") {
		t.Errorf("%v", c)
	}
}
