package deep

import (
	"fmt"
	"math"
	"slices"

	"lowrank/solvers"
)

// Theory is a recorder that compares every iterate of a run from the start (7)
// or (13) with the claims of the paper. It keeps O(n) numbers for each accuracy
// and no trajectory. An iterate of a Solver costs 2(N+1) products of n×n matrices,
// and inside of a window of Theorem 3.5 the singular values of one; one of an
// EigenvalueSolver O(nN).
type Theory struct {
	s     Iterates
	meter *Meter
	*ledger
}

// NewTheory prepares the checks of a run before its first step; a run that
// goes on restores the theory too. Eigenvalues within rounding of 0 count as
// 0.
func NewTheory(s Iterates, start Start, basis *Basis, opts TheoryOptions) *Theory {
	meter := NewMeter(s, basis)
	// The recursions begin where the iterates do: at rounded numbers.
	exact := start
	start.Alpha = s.rounded(exact.Alpha)
	if start.Kind == PerturbedStart {
		start.Beta = start.Alpha - s.rounded(exact.Alpha-exact.Beta)
	}
	l := newLedger(len(s.dims())-1, basis.Values, s.StepSize(), s.unit(), start, opts)
	if s.diagonal() {
		l.diagonal = true
		l.byConstruction()
	}
	return &Theory{s: s, meter: meter, ledger: l}
}

// Record takes in the current iterate. Hitting times and recursions need all
// of them: a schedule that leaves out iterates is an error.
func (th *Theory) Record(t int) error {
	if th.last >= 0 && t == th.last {
		return nil
	}
	if t != th.last+1 {
		return fmt.Errorf("the theory saw iterate %d after %d; it must be scheduled at every iterate from 0 on", t, th.last)
	}
	c := th.meter.Measure()
	o := observation{k: t, factors: c.Factors, product: c.Product, rank: math.NaN()}
	for j, off := range c.FactorsOff {
		if n := c.Norms[j]; n > 0 {
			o.off = max(o.off, off/n)
		}
	}
	// Against the product of the norms: the product itself may be tiny.
	scale := 1.0
	for _, n := range c.Norms {
		scale *= n
	}
	if scale > 0 {
		o.off = max(o.off, c.ProductOff/scale)
	}
	if th.wantsRank(t) {
		o.rank = EffectiveRank(th.meter.SingularValues())
	}
	th.observe(o)
	return nil
}

func newLedger(depth int, lambda []float64, eta, unit float64, start Start, opts TheoryOptions) *ledger {
	n := len(lambda)
	if n < 1 || depth < 1 {
		panic(badTheory)
	}
	if !(start.Alpha > 0) && start.Kind != OtherStart {
		panic(badTheoryStart)
	}
	l := &ledger{depth: depth, lambda: slices.Clone(lambda), eta: eta, unit: unit, start: start, last: -1, left: -1}
	for i, v := range lambda {
		if i > 0 && v > lambda[i-1] {
			panic(badTheory)
		}
		l.norm = max(l.norm, math.Abs(v))
	}
	for i, v := range l.lambda {
		if math.Abs(v) <= 4*float64(n)*unit*l.norm {
			l.lambda[i] = 0
		}
	}
	l.opts.Windows = slices.Clone(opts.Windows)
	l.opts.Accuracies = slices.Clone(opts.Accuracies)
	if len(opts.Accuracies) == 0 && l.norm > 0 {
		l.opts.Accuracies = []float64{0.1 * l.norm, 0.01 * l.norm, 0.001 * l.norm}
	}
	for _, e := range l.opts.Accuracies {
		if !(e > 0) {
			panic(badAccuracy)
		}
	}
	for _, w := range opts.Windows {
		if w.L < 1 || w.L > n {
			panic(badWindow)
		}
	}
	l.m = max(start.Alpha, root(l.norm, depth))
	l.began = make([]solvers.Onset, n*len(l.opts.Accuracies))
	l.hits = fill(n*len(l.opts.Accuracies), -1)
	l.flips, l.lost = fill(n, -1), fill(n, -1)
	l.growth = make([]float64, n)
	l.prevA, l.prevB = make([]float64, n), make([]float64, n)
	l.x, l.y = make([]float64, n), make([]float64, n)
	l.pair = make([]FactorPair, n)
	for i := range n {
		l.x[i], l.y[i] = start.Alpha, start.Alpha-start.Beta
		l.pair[i] = NewFactorPair(start.Alpha, start.Beta)
	}
	l.prepareIdentical()
	l.preparePerturbed()
	l.prepareRank()
	return l
}

// byConstruction takes back the claims that the iterates of an EigenvalueSolver are computed
// with: they would compare a recursion with itself.
func (l *ledger) byConstruction() {
	for _, c := range []*claim{l.off, l.equal, l.recursion, l.delta, l.gamma, l.formula} {
		if c != nil {
			c.unmet = needs(c.unmet, computedWith)
		}
	}
}

const computedWith = "not tested: a run of the eigenvalues computes with it"

// observe takes in the next iterate.
func (l *ledger) observe(o observation) {
	first := l.last < 0
	l.last = o.k
	if first {
		l.checkStart(o)
	} else {
		for i, v := range l.lambda {
			l.x[i] = Params{Depth: l.depth, Lambda: v, Eta: l.eta}.Step(l.x[i])
			if l.start.Kind == PerturbedStart {
				l.y[i] = Params{Depth: l.depth, Lambda: v, Eta: l.eta}.Step(l.y[i])
				if l.depth > 1 {
					l.pair[i] = l.pair[i].Step(Params{Depth: l.depth, Lambda: v, Eta: l.eta})
				}
			}
		}
	}
	if l.wrong != "" {
		return
	}
	switch l.start.Kind {
	case IdenticalStart:
		l.observeIdentical(o, first)
	case PerturbedStart:
		if l.depth > 1 {
			l.observePerturbed(o, first)
		}
	}
	copy(l.prevB, o.factors[0])
	copy(l.prevA, o.factors[l.depth-1])
}

// checkStart finds out whether the first iterate is the one described.
func (l *ledger) checkStart(o observation) {
	if l.start.Kind == OtherStart {
		return
	}
	for j, d := range o.factors {
		want := l.start.Alpha
		if j == 0 && l.start.Kind == PerturbedStart {
			want = l.y[0]
		}
		for i, v := range d {
			if !(math.Abs(v-want) <= 1e3*l.unit*max(l.start.Alpha, math.Abs(want))) {
				l.wrong = fmt.Sprintf("W_%d has the eigenvalue %.6g in direction %d at the start; expected %.6g", j+1, v, i+1, want)
				return
			}
		}
	}
	if !(o.off <= 1e3*l.unit) {
		l.wrong = fmt.Sprintf("the start has a part of relative norm %.3g off the diagonal; expected a multiple of the identity", o.off)
	}
}

// Checks are the claims beside the run so far. The iterates where one is
// closest to failing stand in At, the eigenvalue and accuracy in Note.
func (l *ledger) Checks() []solvers.Check {
	var checks []solvers.Check
	for _, c := range l.claims {
		switch {
		case c.unmet != "":
			checks = append(checks, solvers.Unmet(c.name, c.source, c.unmet))
			continue
		case l.wrong != "":
			checks = append(checks, solvers.Unmet(c.name, c.source, l.wrong))
			continue
		case !c.seen && c.why != "":
			checks = append(checks, solvers.Unmet(c.name, c.source, c.why))
			continue
		}
		r := c.bound.Result()
		if r.Verdict != solvers.NotMet {
			r.Note = join(l.which(c.which), c.remark)
		}
		l.since(c, &r)
		if i := l.firstLost(); i >= 0 {
			r.Note = join(r.Note, fmt.Sprintf("floating point recovers negative eigenvalues from rounding errors, so λ_%d = %.6g is observed before iterate %d only", i+1, l.lambda[i], l.lost[i]))
		}
		if l.left >= 0 {
			r.Note = join(r.Note, fmt.Sprintf("rounding errors have grown to a part off the diagonal that counts, so nothing is observed from iterate %d on", l.left))
		}
		checks = append(checks, r)
	}
	return append(checks, l.limitCheck())
}

// limitCheck reports how far the limit is: a finite run cannot decide it.
func (l *ledger) limitCheck() solvers.Check {
	c := solvers.Check{Name: "Lemma 2.2, limit λ₊^(1/N)", Source: verified, Verdict: solvers.Reported, Left: l.gap, Relation: "=", At: l.last}
	unmet := l.monotone.unmet
	c.Note = "Left is the largest distance at the last iterate"
	if l.start.Kind == PerturbedStart {
		c.Name, unmet = "Lemma 2.12, limit a^(N−1)b → λ", l.nonneg.unmet
	}
	if unmet = needs(unmet, l.wrong); unmet != "" {
		return solvers.Unmet(c.Name, c.Source, unmet)
	}
	if l.left >= 0 {
		c.At = l.left - 1
		c.Note += " before rounding errors count"
	}
	if l.last < 0 {
		return solvers.Unmet(c.Name, c.Source, "no iterate was seen")
	}
	return c
}

// Panic strings of the checks.
const (
	badTheory      = "deep: the checks need a depth of at least 1 and eigenvalues, largest first"
	badTheoryStart = "deep: the start must have α > 0"
	badAccuracy    = "deep: the accuracies must be positive"
)
