package deep

import (
	"fmt"
	"math"
	"slices"

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

// Theory is a recorder that compares every iterate of a run from the start (7)
// or (13) with the claims of the paper. It keeps O(n) numbers for each accuracy
// and no trajectory. An iterate of a Solver costs 2(N+1) products of n×n matrices,
// and inside of a window of Theorem 3.5 the singular values of one; one of a
// Spectral O(nN).
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

	last   int       // the last iterate seen, −1 before the first
	hits   []int     // by eigenvalue and accuracy: the first iterate within it, or −1
	flips  []int     // by eigenvalue: the first iterate with b ≤ 0, or −1
	lost   []int     // by eigenvalue: the first iterate that rounding decides, or −1
	growth []float64 // by eigenvalue: the logarithm of how rounding errors grew
	left   int       // the first iterate of which rounding decides all, or −1
	// diagonal: rounding errors cannot make factors differ, or leave the diagonals.
	diagonal bool
	prevA    []float64
	prevB    []float64
	x, y     []float64 // (18) from α and from α − β
	pair     []PairState
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
	height    float64 // r(W_L)
	small     bool    // Lemma 3.8 has something to say
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
	l.hits = fill(n*len(l.opts.Accuracies), -1)
	l.flips, l.lost = fill(n, -1), fill(n, -1)
	l.growth = make([]float64, n)
	l.prevA, l.prevB = make([]float64, n), make([]float64, n)
	l.x, l.y = make([]float64, n), make([]float64, n)
	l.pair = make([]PairState, n)
	for i := range n {
		l.x[i], l.y[i] = start.Alpha, start.Alpha-start.Beta
		l.pair[i] = NewPair(start.Alpha, start.Beta)
	}
	l.prepareIdentical()
	l.preparePerturbed()
	l.prepareRank()
	return l
}

// byConstruction takes back the claims that the iterates of a Spectral are computed
// with: they would compare a recursion with itself.
func (l *ledger) byConstruction() {
	for _, c := range []*claim{l.off, l.equal, l.recursion, l.delta, l.gamma, l.formula} {
		if c != nil {
			c.unmet = needs(c.unmet, computedWith)
		}
	}
}

const computedWith = "not tested: a run of the eigenvalues computes with it"

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

// theoryState is what Save writes: recursions, hitting times and, of every
// claim, the observation closest to failing, from which its bound is made
// again.
type theoryState struct {
	Last, Leaves             int
	Problem                  string
	Wrong                    string
	Hits, Flips, Lost        []int
	PrevA, PrevB, X, Y, A, B []uint64
	Gap                      uint64
	Growth                   []uint64
	Seen                     []bool
	At, Which                []int
	Left, Right, Rounding    []uint64
}

// problem names what a state belongs to.
func (l *ledger) problem() string {
	return fmt.Sprintf("%d %b %b %v %b %b %b %+v", l.depth, l.lambda, l.eta, l.start.Kind, l.start.Alpha, l.start.Beta, l.opts.Accuracies, l.opts.Windows)
}

// Save returns the state of the checks.
func (l *ledger) Save() ([]byte, error) {
	st := theoryState{
		Last: l.last, Leaves: l.left, Growth: bits(l.growth), Problem: l.problem(), Wrong: l.wrong, Hits: l.hits, Flips: l.flips, Lost: l.lost,
		PrevA: bits(l.prevA), PrevB: bits(l.prevB), X: bits(l.x), Y: bits(l.y), Gap: math.Float64bits(l.gap),
	}
	for _, p := range l.pair {
		st.A, st.B = append(st.A, math.Float64bits(p.A)), append(st.B, math.Float64bits(p.B))
	}
	for _, c := range l.claims {
		st.Seen, st.At, st.Which = append(st.Seen, c.seen), append(st.At, c.bound.At), append(st.Which, c.which)
		st.Left = append(st.Left, math.Float64bits(c.bound.Left))
		st.Right = append(st.Right, math.Float64bits(c.bound.Right))
		st.Rounding = append(st.Rounding, math.Float64bits(c.rounding))
	}
	return solvers.EncodeState(st)
}

// Restore sets the state that Save returned.
func (l *ledger) Restore(data []byte) error {
	var st theoryState
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if st.Problem != l.problem() || len(st.Seen) != len(l.claims) {
		return fmt.Errorf("the state of the checks belongs to another problem; expected one of the same target, start, step and options")
	}
	l.last, l.left, l.wrong, l.gap = st.Last, st.Leaves, st.Wrong, math.Float64frombits(st.Gap)
	copy(l.hits, st.Hits)
	copy(l.flips, st.Flips)
	copy(l.lost, st.Lost)
	for dst, src := range map[*[]float64][]uint64{&l.prevA: st.PrevA, &l.prevB: st.PrevB, &l.x: st.X, &l.y: st.Y, &l.growth: st.Growth} {
		for i, v := range src {
			(*dst)[i] = math.Float64frombits(v)
		}
	}
	for i := range l.pair {
		l.pair[i] = PairState{A: math.Float64frombits(st.A[i]), B: math.Float64frombits(st.B[i])}
	}
	for i, c := range l.claims {
		c.bound, c.seen, c.which = solvers.NewBound(c.name, c.source, 0), false, -1
		if st.Seen[i] {
			c.observe(st.At[i], math.Float64frombits(st.Left[i]), math.Float64frombits(st.Right[i]), math.Float64frombits(st.Rounding[i]), st.Which[i])
		}
	}
	return nil
}

func bits(x []float64) []uint64 {
	b := make([]uint64, len(x))
	for i, v := range x {
		b[i] = math.Float64bits(v)
	}
	return b
}

// Panic strings of the checks.
const (
	badTheory      = "deep: the checks need a depth of at least 1 and eigenvalues, largest first"
	badTheoryStart = "deep: the start must have α > 0"
	badAccuracy    = "deep: the accuracies must be positive"
)
