package deep

import (
	"fmt"
	"math"

	"lowrank/solvers"
)

// The sources of the forms of claims, as solvers.Check has them. The
// conditions with constants that the paper's text leaves open make a claim
// inferred too.
const (
	verified = "verified"
	inferred = "inferred"
)

// StartKind is what is known of the first iterate.
type StartKind int

const (
	// IdenticalStart is (7): W_j = αI.
	IdenticalStart StartKind = iota
	// PerturbedStart is (13): W_1 = (α−β)I, the other factors αI.
	PerturbedStart
	// OtherStart is any other; none of the claims along a run is about it.
	OtherStart
)

func (k StartKind) String() string {
	switch k {
	case IdenticalStart:
		return "identical"
	case PerturbedStart:
		return "perturbed"
	case OtherStart:
		return "other"
	}
	return fmt.Sprintf("StartKind(%d)", int(k))
}

// Start describes the first iterate. Beta is read of the perturbed kind only.
type Start struct {
	Kind        StartKind
	Alpha, Beta float64
}

// TheoryOptions chooses what of the claims with parameters is checked.
type TheoryOptions struct {
	// Accuracies are the ε of Theorems 1.1, 1.3 and 2.4, absolute on the
	// product. None means 0.1, 0.01 and 0.001 times ‖Ŵ‖.
	Accuracies []float64
	// Windows are the windows of Theorem 3.5.
	Windows []RankWindow
}

// observation is one iterate as the claims see it.
type observation struct {
	k       int
	factors [][]float64 // the diagonals of VᵀW_jV
	product []float64   // the diagonal of VᵀWV
	off     float64     // the largest norm off a diagonal, relative
	rank    float64     // r(W), where a window asks for it
}

// ledger holds the claims and what they need of the iterates before.
type ledger struct {
	depth  int
	lambda []float64
	eta    float64
	unit   float64 // the distance of 1 to the next number
	start  Start
	opts   TheoryOptions
	m      float64 // max(α, ‖Ŵ‖^(1/N)), times c from the perturbed start
	norm   float64

	last   int             // the last iterate seen, −1 before the first
	began  []solvers.Onset // by eigenvalue and accuracy: from which iterate on it is within it
	hits   []int           // by eigenvalue and accuracy: the first iterate within it, or −1
	flips  []int           // by eigenvalue: the first iterate with b ≤ 0, or −1
	lost   []int           // by eigenvalue: the first iterate that rounding decides, or −1
	growth []float64       // by eigenvalue: the logarithm of how rounding errors grew
	left   int             // the first iterate of which rounding decides all, or −1
	// diagonal: rounding errors cannot make factors differ, or leave the diagonals.
	diagonal bool
	prevA    []float64
	prevB    []float64
	x, y     []float64 // (18) from α and from α − β
	pair     []FactorPair
	gap      float64 // the largest distance to a limit at the last iterate
	wrong    string  // what is not as the start was said to be
	claims   []*claim

	small        []bool    // by eigenvalue: (25) holds of it
	upper, limit []int     // by eigenvalue and accuracy: T^Id, and the time of Theorem 1.1 or 1.3
	lower        []float64 // the lower bound (27)
	windows      []window

	off, equal, recursion                        *claim // 2.1, 2.8
	monotone, between                            *claim // 2.2
	matrix, first, after                         *claim // 1.1, 2.4
	early, late                                  *claim // 2.7
	ordered, interval                            *claim // 3.4
	delta, gamma, formula                        *claim // 2.9, D.1
	nonneg, negative                             *claim // 1.3
	transition, sandwich, below, larger          *claim // 2.11, (50), (53)
	d2lower, d2upper, d2factor, d3lower, d3upper *claim
}

type window struct {
	RankWindow
	lo        int
	hi, bound float64
	height    float64       // r(W_L)
	small     bool          // Lemma 3.8 has something to say
	began     solvers.Onset // of (64)
	rank      *claim
	tail      *claim
}

// claim is a check under way.
type claim struct {
	name, source string
	unmet        string // a condition of the run that does not hold
	remark       string
	why          string // what kept it from saying anything of some eigenvalue, or of the run

	bound    *solvers.Bound
	seen     bool
	rounding float64 // of the observation closest to failing
	which    int     // its eigenvalue and accuracy, −1 for none
}

func (l *ledger) claim(name, source, unmet string) *claim {
	c := &claim{name: name, source: source, unmet: unmet, which: -1, bound: solvers.NewBound(name, source, 0)}
	l.claims = append(l.claims, c)
	return c
}

// observe is Bound.ObserveWithin; it remembers whose the closest observation is.
func (c *claim) observe(k int, left, right, rounding float64, which int) {
	if c.unmet != "" {
		return
	}
	before := c.bound.Check
	c.bound.ObserveWithin(k, left, right, rounding)
	if after := c.bound.Check; !c.seen || after.Verdict != before.Verdict || after.At != before.At ||
		after.Left != before.Left || after.Right != before.Right {
		c.seen, c.rounding, c.which = true, rounding, which
	}
}

// near observes |left − right| ≤ tolerance.
func (c *claim) near(k int, left, right, tolerance float64, which int) {
	c.observe(k, math.Abs(left-right), tolerance, 0, which)
}

func fill(n, v int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = v
	}
	return s
}

// tolerance is what errors may grow to on their way past a saddle, relative:
// half of the digits.
func (l *ledger) tolerance() float64 { return math.Sqrt(l.unit) }

// rounding is the error of a diagonal element of a factor.
func (l *ledger) rounding() float64 { return 1e4 * l.unit * l.m }

// productRounding is that of the product.
func (l *ledger) productRounding() float64 { return l.rounding() * intPower(l.m, l.depth-1) }

// needs is the first condition that does not hold; "" if all do.
func needs(conditions ...string) string {
	for _, c := range conditions {
		if c != "" {
			return c
		}
	}
	return ""
}

func (l *ledger) needStart(kind StartKind) string {
	if l.start.Kind != kind {
		return fmt.Sprintf("the start is of the kind %q; expected %q", l.start.Kind, kind)
	}
	return ""
}

func (l *ledger) needDepth() string {
	if l.depth < 2 {
		return fmt.Sprintf("N = %d; expected N ≥ 2", l.depth)
	}
	return ""
}

// needLimit is (10).
func (l *ledger) needLimit() string {
	return needBelow("(10)", "η", l.eta, Params{Depth: l.depth, Lambda: l.norm, Alpha: l.start.Alpha}.StepLimit())
}

func (l *ledger) needNonnegative() string {
	if last := l.lambda[len(l.lambda)-1]; last < 0 {
		return fmt.Sprintf("λ_%d = %.6g; expected no eigenvalue below 0", len(l.lambda), last)
	}
	return ""
}

func needBelow(condition, name string, value, limit float64) string {
	if !(value < limit) {
		return fmt.Sprintf("%s: %s = %.6g; expected %s < %.6g", condition, name, value, name, limit)
	}
	return ""
}

func (l *ledger) which(which int) string {
	if which < 0 {
		return ""
	}
	n := len(l.lambda)
	s := fmt.Sprintf("λ_%d = %.6g", which%n+1, l.lambda[which%n])
	if a := which/n - 1; a >= 0 {
		s += fmt.Sprintf(", ε = %.6g", l.opts.Accuracies[a])
	}
	return s
}

// place is where eigenvalue i and accuracy a stand in hits and bounds; withEps
// is what which reads.
func (l *ledger) place(i, a int) int { return a*len(l.lambda) + i }

func (l *ledger) withEps(i, a int) int { return (a+1)*len(l.lambda) + i }

func (l *ledger) firstLost() int {
	at := -1
	for i, k := range l.lost {
		if k >= 0 && (at < 0 || k < l.lost[at]) {
			at = i
		}
	}
	return at
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
