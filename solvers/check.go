package solvers

import (
	"fmt"
	"math"
)

// Verdict is what became of a check.
type Verdict int

const (
	// Holds: the claim's conditions are met and it is true of the run.
	Holds Verdict = iota
	// Fails: its conditions are met and it is not true of the run.
	Fails
	// NotMet: a condition of the claim does not hold, so it says nothing.
	NotMet
	// Reported: a claim up to constants; the two sides are for the reader.
	Reported
)

func (v Verdict) String() string {
	switch v {
	case Holds:
		return "holds"
	case Fails:
		return "fails"
	case NotMet:
		return "condition not met"
	case Reported:
		return "reported"
	}
	return fmt.Sprintf("Verdict(%d)", int(v))
}

// Check is a claim of a paper beside what a run did: Left Relation Right at the
// iterate where it is closest to failing.
type Check struct {
	Name     string // the paper's, such as "Theorem 6, property 3, k = 1"
	Source   string // "paper", "verified" or "inferred": where the form of the claim comes from
	Verdict  Verdict
	Left     float64
	Relation string // "≤", "<", "≥", "="
	Right    float64
	At       int    // the iterate of Left and Right, −1 where there is none
	Since    *Since // of a claim from a time on; else nil
	Note     string // the condition that is not met with its numbers, or a remark
}

// String is the check on one line.
func (c Check) String() string {
	s := fmt.Sprintf("%s: %s", c.Name, c.Verdict)
	if c.Relation != "" {
		s += fmt.Sprintf(": %.6g %s %.6g", c.Left, c.Relation, c.Right)
	}
	if c.At >= 0 {
		s += fmt.Sprintf(" at t = %d", c.At)
	}
	if c.Since != nil {
		s += "; " + c.Since.String()
	}
	if c.Note != "" {
		s += "; " + c.Note
	}
	if c.Source != "" && c.Source != "paper" {
		s += " (" + c.Source + ")"
	}
	return s
}

// Bound checks the claim left ≤ right over many iterates and keeps the one
// that is closest to failing it.
type Bound struct {
	Check
	// Slack is the rounding error of the two sides, relative to the larger:
	// the claim fails when left > right by more.
	Slack float64
	seen  bool
	worst float64 // (left − right)/scale
}

// NewBound prepares a check of left ≤ right that so far holds of nothing.
func NewBound(name, source string, slack float64) *Bound {
	return &Bound{Check: Check{Name: name, Source: source, Relation: "≤", At: -1, Left: math.NaN(), Right: math.NaN()}, Slack: slack}
}

// Observe takes in the two sides at iterate t. A NaN fails.
func (b *Bound) Observe(t int, left, right float64) { b.ObserveWithin(t, left, right, 0) }

// ObserveWithin is Observe where left − right has an absolute rounding error
// beside the relative one of the sides, as differences of larger numbers have. Where the
// rounding error is NaN nothing is known, and it fails too.
func (b *Bound) ObserveWithin(t int, left, right, rounding float64) {
	excess := excess(left, right, rounding)
	if b.seen && excess <= b.worst {
		return
	}
	b.seen, b.worst = true, excess
	b.Left, b.Right, b.At = left, right, t
	if b.Verdict == Holds && excess > b.Slack {
		b.Verdict = Fails
	}
}

// Result is the check. One that nothing was observed of is NotMet.
func (b *Bound) Result() Check {
	c := b.Check
	if !b.seen && c.Verdict == Holds {
		c.Verdict, c.Note = NotMet, "no iterate of this run falls under it"
	}
	if c.Verdict == NotMet {
		c.Relation, c.At, c.Since = "", -1, nil
	}
	return c
}

// Unmet is a check whose condition does not hold: which says what was expected
// and what was found.
func Unmet(name, source, which string) Check {
	return Check{Name: name, Source: source, Verdict: NotMet, At: -1, Note: which}
}
