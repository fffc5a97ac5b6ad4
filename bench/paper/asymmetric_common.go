package paper

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

// asymmetricMatrix are the parameters of A = UΣVᵀ, with noise or without.
type asymmetricMatrix struct {
	m, n, rank   int
	ratio, noise float64
	form         string
	method       string
	c, nu        float64 // of the proposed start
	seed         uint64
}

// The forms of A.
const (
	asymmetricDense   = "dense"
	asymmetricProduct = "product"
)

func (a asymmetricMatrix) check() error {
	switch {
	case a.rank < 1 || a.rank > min(a.m, a.n):
		return fmt.Errorf("r is %d; a %d×%d matrix has a rank from 1 to %d", a.rank, a.m, a.n, min(a.m, a.n))
	case !(a.ratio > 0 && a.ratio <= 1):
		return fmt.Errorf("ratio is %g; expected more than 0 and at most 1", a.ratio)
	case !(a.noise >= 0) || math.IsInf(a.noise, 0):
		return fmt.Errorf("noise is %g; expected a number of at least 0", a.noise)
	case a.form != asymmetricDense && a.form != asymmetricProduct:
		return fmt.Errorf("form is %q; expected dense or product", a.form)
	case a.form == asymmetricProduct && a.noise != 0:
		return fmt.Errorf("form is product and noise %g; a matrix with noise is no product of thin factors", a.noise)
	case a.method != byDirect && a.method != byKrylov:
		return fmt.Errorf("method is %q; expected %s or %s", a.method, byDirect, byKrylov)
	}
	return firstOf(positive("c", a.c), positive("nu", a.nu))
}

// columns checks d, a number of columns of the factors.
func (a asymmetricMatrix) columns(name string, d int) error {
	if d < a.rank || d > min(a.m, a.n) {
		return fmt.Errorf("%s is %d; expected from r = %d to min(m, n) = %d", name, d, a.rank, min(a.m, a.n))
	}
	return nil
}

// String describes A in a caption.
func (a asymmetricMatrix) String() string {
	s := fmt.Sprintf("A = UΣVᵀ, %d×%d, of rank r = %d with singular values evenly from σ₁ = 1 to σ_r = %g", a.m, a.n, a.rank, a.ratio)
	if a.noise != 0 {
		s += fmt.Sprintf(", plus Gaussian noise of %g %% of its Frobenius norm", 100*a.noise)
	}
	if a.form == asymmetricProduct {
		s += ", held as the product of its thin factors"
	}
	return s
}

// asymmetricProblem is A and what is known of it.
type asymmetricProblem struct {
	asymmetricMatrix
	backend  *blas.Backend
	a        operator.Rectangular[float64]
	singular *asymmetric.Singular // leading, at least r
	norm     float64              // ‖A‖_F
}

// newAsymmetricProblem makes A, for so many runs with factors of d columns. Of
// a matrix with noise the first d singular values are computed.
func newAsymmetricProblem(ctx context.Context, m *making, c asymmetricMatrix, d, runs int) (*asymmetricProblem, error) {
	rows := float64(c.m + c.n)
	bytes := 8 * rows * (8*float64(runs*(d+8)) + 4*float64(c.rank))
	if c.method == byKrylov {
		bytes += 8 * rows * float64(runs*8*(d+1)) // some blocks for each run
	}
	if c.form == asymmetricDense {
		bytes += 16 * float64(c.m) * float64(c.n)
	}
	if err := problem.CheckMemory(fmt.Sprintf("%s with m = %d and n = %d", m.Figure, c.m, c.n), bytes); err != nil {
		return nil, err
	}
	known := problem.NewRectangular(c.m, c.n, c.rank, c.ratio, c.noise, c.seed)
	a, err := problem.OperatorOf[float64](m.Backend, known, c.form == asymmetricProduct)
	if err != nil {
		return nil, err
	}
	p := &asymmetricProblem{asymmetricMatrix: c, backend: m.Backend, a: a, singular: &asymmetric.Singular{Values: known.Singular, Right: known.Right}}
	if c.noise != 0 {
		if p.singular, err = asymmetric.LeadingSingular(ctx, a, d, c.seed); err != nil {
			return nil, fmt.Errorf("%s: leading singular values of A: %w", m.Figure, err)
		}
	}
	_, p.norm, err = a.Distance(blas.NewGeneral[float64](c.m, 1), blas.NewGeneral[float64](c.n, 1))
	return p, err
}

// bestSquared is the least squared relative error of rank k: what Eckart and
// Young leave behind the first k singular values.
func (p *asymmetricProblem) bestSquared(k int) float64 {
	rest := p.norm * p.norm
	for _, s := range p.singular.Values[:min(k, len(p.singular.Values))] {
		rest -= s * s
	}
	return rest / (p.norm * p.norm)
}

// start draws X_0 and Y_0.
func (p *asymmetricProblem) start(name string, d int, eta float64, seed uint64) (asymmetric.Start, error) {
	switch name {
	case "proposed":
		s, err := asymmetric.Proposed(p.a, d, p.singular.Values[0], p.c, p.c*p.nu/9, seed)
		if err != nil {
			return s, err
		}
		return s.Unbalanced(eta), nil
	case "colspan":
		return asymmetric.ColSpan(p.a, d, seed)
	case "random":
		return asymmetric.Random(p.m, p.n, d, seed), nil
	}
	return asymmetric.Random(p.m, p.n, d, seed).Unbalanced(eta), nil
}

// theory returns the parameters of the theory for the proposed start and step
// (8), for the draw with the largest f_0, so that it serves all. eps is
// relative to ‖A‖_F².
func (p *asymmetricProblem) theory(d, runs int, seed uint64, tau, eps float64) (asymmetric.Parameters, float64, error) {
	t := asymmetric.Parameters{
		Sigma1: p.singular.Values[0], SigmaR: p.singular.Values[p.rank-1], Rank: p.rank, Columns: d,
		C: p.c, Nu: p.nu, Tau: tau, Eps: eps * p.norm * p.norm,
	}
	for i := range runs {
		s, err := p.start("proposed", d, 1, seed+uint64(i)) // f_0 does not depend on η
		if err != nil {
			return t, 0, err
		}
		distance, _, err := p.a.Distance(s.X, s.Y)
		if err != nil {
			return t, 0, err
		}
		t.F0 = max(t.F0, distance*distance/2)
	}
	eta, err := t.Step8()
	return t, eta, err
}

// asymmetricStarts are the starts of section 6 as they are drawn.
var asymmetricStarts = []struct {
	name, label string
	color       int
	dash        figure.Dash
	marker      figure.Marker
}{
	{"proposed", "proposed", 0, figure.Solid, figure.Dot},
	{"colspan", "ColSpan(A)", 2, figure.Solid, figure.Triangle},
	{"random", "random", 1, figure.Solid, figure.Square},
	{"random-asym", "random, asymmetric", 6, figure.Solid, figure.Diamond},
}

func asymmetricStartNames() []string {
	var names []string
	for _, s := range asymmetricStarts {
		names = append(names, s.name)
	}
	return names
}

// asymmetricStartNamed checks the name of a start.
func asymmetricStartNamed(name, start string) error {
	known := asymmetricStartNames()
	if !slices.Contains(known, start) {
		return fmt.Errorf("%s is %q; expected one of %s", name, start, strings.Join(known, ", "))
	}
	return nil
}

func asymmetricStartsCheck(starts []string) error {
	if err := eachOf("starts", starts, asymmetricStartNamed); err != nil {
		return err
	}
	if slices.Contains(starts, "proposed") {
		return nil
	}
	return fmt.Errorf("starts are %s; expected proposed among them", strings.Join(starts, ", "))
}

// asymmetricPanel is a panel to be run: so many runs from each of several
// starts on one A with one step.
type asymmetricPanel struct {
	name       string // of its table
	order      asymmetric.Order
	eta        float64
	d, runs    int
	iterations int
	starts     []string
	seed       uint64 // of the first run; those of the others follow
	early      int    // iterates from 0 that are all recorded
	// claims, when not nil, has the claims of the theory checked at every
	// iterate of the runs from the proposed start.
	claims *asymmetric.Parameters
}

// asymmetricCurves are the squared relative errors of a panel: columns t, for
// each start one for each run and their median under the start's name.
type asymmetricCurves struct {
	Errors *Table
	Checks [][]solvers.Check // of the runs from the proposed start, with claims
	Ended  []string          // what diverged
}

// asymmetricRows is about how many iterates of a panel are recorded.
const asymmetricRows = 400

func (m *making) asymmetricCurves(ctx context.Context, p *asymmetricProblem, c asymmetricPanel) (*asymmetricCurves, error) {
	return kept(m, c.name, func() (*asymmetricCurves, error) { return m.runAsymmetric(ctx, p, c) })
}

func (m *making) runAsymmetric(ctx context.Context, p *asymmetricProblem, c asymmetricPanel) (*asymmetricCurves, error) {
	every := max(1, c.iterations/asymmetricRows)
	var span blas.General[float64] // of A
	var tail float64
	if c.claims != nil {
		var err error
		if span, err = asymmetric.Left(p.a, p.singular, p.rank); err != nil {
			return nil, err
		}
		if tail, err = asymmetric.Tail(p.a, span); err != nil {
			return nil, err
		}
	}
	var names []string
	var starts []asymmetric.Start
	var eta []float64
	for _, start := range c.starts {
		for i := range c.runs {
			s, err := p.start(start, c.d, c.eta, c.seed+uint64(i))
			if err != nil {
				return nil, err
			}
			starts, eta, names = append(starts, s), append(eta, c.eta), append(names, fmt.Sprintf("%s_%d", start, i+1))
		}
	}
	solversOf, ensemble, err := p.runs(starts, eta, c.order)
	if err != nil {
		return nil, err
	}
	var runs []trajectory
	var theories []*asymmetric.Theory[float64]
	for i, s := range solversOf {
		recorder := &asymmetricRecorder{solver: s.Solver, trace: &solvers.Trace{Columns: []string{"t", names[i]}}, every: every, early: c.early, last: c.iterations}
		run := trajectory{stop: solvers.Stop{Iterations: c.iterations}, recorder: recorder, trace: recorder.trace, every: 1, load: s.load}
		if c.claims != nil && c.starts[i/c.runs] == "proposed" {
			t := *c.claims
			t.F0 = 0 // that of the draw
			theory, err := s.theory(t, &span, tail)
			if err != nil {
				return nil, err
			}
			theories = append(theories, theory)
			run.recorder = &asymmetricClaims{recorder, theory}
		}
		runs = append(runs, run)
	}
	results, err := m.runEach(ctx, c.name+" run", ensemble, runs)
	if err != nil {
		return nil, err
	}
	out := &asymmetricCurves{}
	var parts []*Table
	for i, r := range results {
		parts = append(parts, tableOf(runs[i].trace, "", names[i]))
		if r.Status == solvers.Diverged {
			out.Ended = append(out.Ended, fmt.Sprintf("%s: %s diverged at iteration %d: %s", c.name, names[i], r.Iterations, r.Reason))
		}
	}
	out.Errors = join(c.name, parts...)
	for _, start := range c.starts {
		out.Errors.median(start, asymmetricColumns(start, c.runs)...)
	}
	for _, theory := range theories {
		out.Checks = append(out.Checks, theory.Checks())
	}
	return out, nil
}

// asymmetricColumns are the columns of the runs from a start.
func asymmetricColumns(start string, runs int) []string {
	var names []string
	for i := range runs {
		names = append(names, fmt.Sprintf("%s_%d", start, i+1))
	}
	return names
}

// asymmetricRecorder records ‖XYᵀ − A‖_F²/‖A‖_F².
type asymmetricRecorder struct {
	solver             *asymmetric.Solver[float64]
	trace              *solvers.Trace
	every, early, last int
}

func (r *asymmetricRecorder) Record(t int) error {
	if t >= r.early && t%r.every != 0 && t != r.last {
		return nil
	}
	distance, norm, err := r.solver.Distance()
	if err != nil {
		return err
	}
	r.trace.Rows = append(r.trace.Rows, []float64{float64(t), distance / norm * (distance / norm)})
	return nil
}

// asymmetricClaims checks the claims of the theory as well, at every iterate.
type asymmetricClaims struct {
	*asymmetricRecorder
	theory *asymmetric.Theory[float64]
}

func (r *asymmetricClaims) Record(t int) error {
	if err := r.theory.Record(t); err != nil {
		return err
	}
	return r.asymmetricRecorder.Record(t)
}

func (r *asymmetricClaims) Save() ([]byte, error)     { return r.theory.Save() }
func (r *asymmetricClaims) Restore(data []byte) error { return r.theory.Restore(data) }

// asymmetricFloor is where the squared relative error of a run in float64 may end:
// far above what rounding leaves and far below what is compared.
const asymmetricFloor = 1e-24

// asymmetricEnd is the value of a column in the last row that has one.
func asymmetricEnd(t *Table, column string) float64 {
	v := t.column(column)
	for i := len(v) - 1; i >= 0; i-- {
		if !math.IsNaN(v[i]) {
			return v[i]
		}
	}
	return math.NaN()
}

// asymmetricReached is the first recorded iterate at which a column is at most so
// much; +Inf when none is.
func asymmetricReached(errors *Table, column string, level float64) float64 {
	t, e := errors.points("t", column)
	for i := range e {
		if e[i] <= level {
			return t[i]
		}
	}
	return math.Inf(1)
}

// asymmetricLines draws the runs of a panel: thin lines, and the medians thick
// with a few markers.
func asymmetricLines(t *Table, starts []string, runs int) []figure.Line {
	var lines []figure.Line
	for _, s := range asymmetricStarts {
		if !slices.Contains(starts, s.name) {
			continue
		}
		curves := t.runs(s.label, "t", s.name, asymmetricColumns(s.name, runs), s.color)
		median := &curves[len(curves)-1]
		median.Dash = s.dash
		lines = append(lines, curves...)
		// A few markers tell the medians apart without colour.
		marks := figure.Line{Name: s.label, Color: s.color, Dash: s.dash, Marker: s.marker, NoLine: true}
		n := len(median.X)
		for k := range asymmetricMarkers {
			i := (2*k + 1) * (n - 1) / (2 * asymmetricMarkers)
			if n > 0 && (len(marks.X) == 0 || marks.X[len(marks.X)-1] != median.X[i]) {
				marks.X, marks.Y = append(marks.X, median.X[i]), append(marks.Y, median.Y[i])
			}
		}
		lines = append(lines, marks)
	}
	return lines
}

const asymmetricMarkers = 6

// labels of the axes.
const (
	asymmetricTime  = "iteration t"
	asymmetricError = "squared error ‖XYᵀ − A‖²/‖A‖²"
)

// asymmetricStartsCaption says which starts are drawn.
func asymmetricStartsCaption(starts []string, c, nu float64) string {
	formulas := map[string]string{
		"proposed":    fmt.Sprintf("proposed X₀ = AΦ/(√η√d·Cσ₁), Y₀ = √η·Dσ₁Φ/√n with C = %g, D = Cν/9, ν = %g", c, nu),
		"colspan":     "ColSpan(A) X₀ = AΦ/(10√d), Y₀ = Φ/(10√n)",
		"random":      "random X₀ = Φ/(10√m), Y₀ = Φ/(10√n)",
		"random-asym": "random, asymmetric: the same X₀ over √η and Y₀ times √η",
	}
	var parts []string
	for _, s := range asymmetricStarts {
		if slices.Contains(starts, s.name) {
			parts = append(parts, formulas[s.name])
		}
	}
	return "Starts, Φ standard normal and another one at each place: " + strings.Join(parts, "; ") + "."
}

// asymmetricAdvantage is the verdict that the median from the proposed start
// ends at least so much below that from each other start, or both where
// rounding ends them.
func asymmetricAdvantage(m *making, t *Table, where string, starts []string, factor float64) {
	proposed := asymmetricEnd(t, "proposed")
	pass := proposed >= 0 // not NaN
	var others []string
	for _, s := range starts {
		if s == "proposed" {
			continue
		}
		v := asymmetricEnd(t, s)
		pass = pass && (v >= factor*proposed || max(v, proposed) < asymmetricFloor)
		others = append(others, fmt.Sprintf("%.1e from %s", v, s))
	}
	m.verdict(pass, "%s: the median ends at %.1e from the proposed start and at %s (at least %g times as much, or both below %.0e)",
		where, proposed, strings.Join(others, ", "), factor, asymmetricFloor)
}

// asymmetricBound adds the columns bound, (6) relative to ‖A‖_F² for t ≤ T, and
// continued, the same from there on.
func asymmetricBound(p *asymmetricProblem, theory asymmetric.Parameters, step float64, t *Table) {
	last := theory.Iterations(step)
	value := func(t float64) float64 { return theory.RateBound(int(t)) / (p.norm * p.norm) }
	t.derive("bound", func(v func(string) float64) float64 {
		if v("t") > last {
			return math.NaN()
		}
		return value(v("t"))
	})
	t.derive("bound_continued", func(v func(string) float64) float64 {
		if v("t") <= last {
			return math.NaN()
		}
		return value(v("t"))
	})
}

// asymmetricBoundLines draws what asymmetricBound added. Up to a T too short to
// be seen the bound is not in the legend, and its continuation names T.
func asymmetricBoundLines(t *Table, last float64) []figure.Line {
	rows := t.column("t")
	short := len(rows) > 0 && last < rows[len(rows)-1]/100
	var lines []figure.Line
	if l := t.theory("(6)", "t", "bound", 5); len(l.X) > 1 {
		l.HideInLegend = short
		lines = append(lines, l)
	}
	if l := t.theory("(6) beyond T", "t", "bound_continued", 5); len(l.X) > 1 {
		if l.Dash = figure.Dotted; short {
			l.Name = fmt.Sprintf("(6) continued beyond T ≈ %.1g", last)
		}
		lines = append(lines, l)
	}
	return lines
}

// asymmetricEvent is 1 where the draw of a run is in the event of Proposition
// 4.3, else 0.
func asymmetricEvent(checks []solvers.Check) float64 {
	for _, c := range checks {
		if strings.HasPrefix(c.Name, "Proposition 4.3") && c.Verdict != solvers.Holds {
			return 0
		}
	}
	return 1
}
