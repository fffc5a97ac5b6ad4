package paper

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

var symmetricFig1 = Figure{"symmetric/fig1", "incremental learning from a large random start", makeSymmetricFig1}

type symmetricFig1Config struct {
	D          int     `toml:"d"`
	R          int     `toml:"r"`
	Scale      float64 `toml:"scale" comment:"ϖ: X_0 = ϖN_0"`
	Step       float64 `toml:"step" comment:"η"`
	Iterations int     `toml:"iterations" comment:"inferred: the paper shows 300 and more"`
	Sigma      string  `toml:"sigma" comment:"diagonal, as in the paper, or dense: QΛQᵀ"`
	Method     string  `toml:"method" comment:"direct: a pass over Σ each iteration; krylov: the same trajectory in a basis of its Krylov space, of few passes; both: side by side"`
	Tolerance  float64 `toml:"tolerance,omitempty" comment:"part of ‖X‖ that a Krylov basis may change X by"`
	Marks      []int   `toml:"marks" comment:"iterations with heat maps; the paper's are 0, 37, 80, 140, 300; none: the run's own"`
	Seed       uint64  `toml:"seed" comment:"inferred"`
}

func (c *symmetricFig1Config) check() error {
	switch {
	case c.D < 4:
		return fmt.Errorf("d is %d; expected at least 4", c.D)
	case c.R != 2:
		return fmt.Errorf("r is %d; the figure is about rank 2", c.R)
	case c.Sigma != "diagonal" && c.Sigma != "dense":
		return fmt.Errorf("sigma is %q; expected diagonal or dense", c.Sigma)
	}
	if len(c.Marks) > mostMarks {
		return fmt.Errorf("marks has %d values; expected at most %d", len(c.Marks), mostMarks)
	}
	for i, t := range c.Marks {
		if t < 0 || t > c.Iterations || i > 0 && t <= c.Marks[i-1] {
			return fmt.Errorf("marks is %v; expected ascending iterations from 0 to %d", c.Marks, c.Iterations)
		}
	}
	return firstOf(
		checkMethod(c.Method, c.Tolerance),
		positive("scale", c.Scale),
		positive("step", c.Step),
		atLeast("iterations", c.Iterations, 1),
	)
}

// settle: a run without a Krylov basis has no tolerance of one.
func (c *symmetricFig1Config) settle() {
	if c.Method == byDirect {
		c.Tolerance = 0
	}
}

// mostMarks is how many heat maps have room side by side.
const mostMarks = 8

// makeSymmetricFig1 runs X ← X + η(Σ − XXᵀ)X with Σ = diag(1, 0.5, 0.3 … 0) from
// a large random start, and draws the error with five marks, the signals, and
// heat maps of the leading 3×3 block of XXᵀ in the eigenbasis at the marks. Run by
// both methods it draws their difference too.
func makeSymmetricFig1(ctx context.Context, m *making) error {
	c := &symmetricFig1Config{D: 4000, R: 2, Scale: 0.5, Step: 0.1, Iterations: 1500, Sigma: "diagonal", Method: byDirect, Tolerance: krylov.Tolerance, Marks: []int{}, Seed: 1}
	if m.Quick {
		c.D = 2000
	}
	if err := m.configure(c); err != nil {
		return err
	}
	run, trace, err := runFigure1(ctx, m, c)
	if err != nil {
		return err
	}
	distance, norm, err := operator.Distance(run.op, run.x())
	if err != nil {
		return err
	}
	curves := newFigure1Curves(trace)
	distance, end := distance/norm, curves.errors[len(curves.errors)-1]
	m.Error, m.Distance = &distance, &end
	table := curves.table(trace, c)
	m.Tables = []*Table{table}
	curves.verdicts(m, c)
	curves.draw(m, c, table)
	return nil
}

// runFigure1 makes the run and records every iterate.
func runFigure1(ctx context.Context, m *making, c *symmetricFig1Config) (*figure1Run, *solvers.Trace, error) {
	run, err := newFigure1Run(m.Backend, c)
	if err != nil {
		return nil, nil, err
	}
	trace := &solvers.Trace{Columns: run.columns}
	run.trace = trace
	follow := trajectory{stop: solvers.Stop{Iterations: c.Iterations}, recorder: run, trace: trace, every: 1}
	var res solvers.Result
	if run.basis != nil {
		res, err = m.runInBasis(ctx, "run", run.op, run.basis, run.begun, follow)
	} else {
		follow.load = reading(bench.SymmetricLoad(run.op, run.iterates))
		res, err = m.run(ctx, "run", run.iterates, follow)
	}
	if err == nil && res.Status == solvers.Diverged {
		err = errors.New(res.Reason)
	}
	return run, trace, err
}

// figure1Run records the theory's quantities and the leading block of XXᵀ in
// the eigenbasis, of the iterates or, in a Krylov basis, of their coordinates.
type figure1Run struct {
	iterates *symmetric.Solver[float64] // of X, or of its coordinates in basis
	basis    *symmetric.Krylov          // nil where the iterates are X
	beside   *comparison                // nil but for both methods
	theory   *symmetric.Theory[float64] // of the iterates
	vectors  blas.General[float64]      // d×3, leading eigenvectors of Σ
	leading  blas.General[float64]      // their coordinates
	op       operator.Operator[float64]
	columns  []string
	trace    *solvers.Trace
	last     int           // the iterate that ends the run
	begun    time.Duration // that the first pass of a basis took
}

// block is the side of the heat maps.
const block = 3

func newFigure1Run(b *blas.Backend, c *symmetricFig1Config) (*figure1Run, error) {
	bytes := problem.RunBytes[float64](c.D, c.R, true) + 8*32*float64(c.Iterations)
	if c.Sigma == "dense" {
		bytes += problem.DenseBytes[float64, float64](b, c.D)
	}
	if c.Method != byDirect {
		bytes += basisBytes(c.D, c.R)
	}
	if err := problem.CheckMemory(fmt.Sprintf("symmetric/fig1 with d = %d", c.D), bytes); err != nil {
		return nil, err
	}
	p := newFigure1Sigma(b, c.D, c.Sigma == "dense", c.Seed)
	x0 := p.start(c.R, c.Scale, c.Seed)
	run := &figure1Run{
		vectors: p.vectors(block),
		op:      p.op,
		columns: []string{"t", "error", "signal_1", "signal_2", "noise_1", "noise_2", "sigma1_K_1", "sigma1_K_2", "snr_1", "snr_2", "sigma_r_U", "sigma1_J", "sigma1_X", "in_R", "in_S"},
		last:    c.Iterations,
	}
	for i := range block {
		for j := range block {
			run.columns = append(run.columns, fmt.Sprintf("xxt_%d%d", i+1, j+1))
		}
	}
	var basis *symmetric.Krylov
	began := time.Now()
	if c.Method != byDirect {
		var err error
		if basis, err = symmetric.NewKrylov(b, p.op, x0, c.Step, c.Tolerance); err != nil {
			return nil, err
		}
	}
	run.begun = time.Since(began)
	if c.Method == byKrylov {
		run.basis, run.iterates, run.theory = basis, basis.Solver, basis.NewTheory(p.basis(c.R))
		run.columns = append(run.columns, basisColumns...)
		return run, nil
	}
	run.iterates, run.theory, run.leading = symmetric.New(b, p.op, x0, c.Step), symmetric.NewTheory[float64](b, p.basis(c.R)), run.vectors
	if c.Method == byBoth {
		run.beside = &comparison{run.iterates, basis, symmetric.NewTheory[float64](b, p.basis(c.R))}
		run.columns = append(run.columns, comparisonColumns...)
	}
	return run, nil
}

// x is the current iterate.
func (f *figure1Run) x() blas.General[float64] {
	if f.basis != nil {
		return f.basis.X()
	}
	return f.iterates.X()
}

// Record adds a row: one sweep for the quantities, one for the block.
func (f *figure1Run) Record(t int) error {
	if f.basis != nil && f.leading.Rows != f.basis.BasisSize() {
		f.leading = f.basis.Coordinates(f.vectors)
	}
	q, x := f.theory.Of(f.iterates), f.iterates.X()
	row := []float64{
		float64(t), q.Error, q.Signal[0], q.Signal[1], q.Noise[0], q.Noise[1], q.SigmaK[0], q.SigmaK[1], q.SNR[0], q.SNR[1],
		q.SigmaRU, q.Sigma1J, q.Sigma1X, indicator(q.InR), indicator(q.InS),
	}
	var top [block][2]float64 // the leading rows of VᵀX
	for i := range f.leading.Rows {
		xi := x.Row(i)
		for k, v := range f.leading.Row(i) {
			top[k][0] += v * xi[0]
			top[k][1] += v * xi[1]
		}
	}
	for i := range top {
		for j := range top {
			row = append(row, top[i][0]*top[j][0]+top[i][1]*top[j][1])
		}
	}
	switch {
	case f.basis != nil:
		row = append(row, basisRow(f.basis)...)
	case f.beside != nil && (t%compareEvery == 0 || t == f.last):
		both, err := f.beside.row()
		if err != nil {
			return err
		}
		row = append(row, both...)
	case f.beside != nil:
		for range comparisonColumns {
			row = append(row, math.NaN())
		}
	}
	f.trace.Rows = append(f.trace.Rows, row)
	return nil
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// figure1Curves are the columns that picture and verdicts rest on, and the
// run's own times.
type figure1Curves struct {
	trace                                   *Table
	maps                                    [][]float64 // the blocks of XXᵀ, row by row
	t, errors, signal1, signal2, noise1     []float64
	rise1, learned1, rise2, learned2, final int // marks: see times
}

func newFigure1Curves(tr *solvers.Trace) *figure1Curves {
	c := &figure1Curves{
		trace: &Table{Columns: tr.Columns, Rows: tr.Rows}, t: tr.Column("t"), errors: tr.Column("error"),
		signal1: tr.Column("signal_1"), signal2: tr.Column("signal_2"), noise1: tr.Column("noise_1"),
	}
	first := c.trace.at("xxt_11")
	for _, row := range tr.Rows {
		c.maps = append(c.maps, row[first:first+block*block])
	}
	c.times()
	return c
}

// times finds where this run's flat and steep stretches meet: a signal begins
// to rise at a tenth of its eigenvalue and is learned at nine tenths. The
// paper's own marks are at 0, 37, 80, 140 and 300.
func (c *figure1Curves) times() {
	last := len(c.t) - 1
	first := func(v []float64, from int, bound float64) int {
		for i := from; i < len(v); i++ {
			if v[i] >= bound {
				return i
			}
		}
		return last
	}
	c.rise1 = first(c.signal1, 0, 0.1)
	c.learned1 = first(c.signal1, c.rise1, 0.9)
	c.rise2 = first(c.signal2, c.learned1, 0.05)
	c.learned2 = first(c.signal2, c.rise2, 0.45)
	c.final = last
	for i := c.learned2; i <= last; i++ {
		if c.errors[i] <= 0.01*c.errors[0] {
			c.final = i
			break
		}
	}
}

func (c *figure1Curves) marks(cfg *symmetricFig1Config) []int {
	if len(cfg.Marks) > 0 {
		return cfg.Marks
	}
	return []int{0, c.rise1, c.learned1, c.rise2, c.final}
}

func (c *figure1Curves) verdicts(m *making, cfg *symmetricFig1Config) {
	verdict := m.verdict

	want, spread := startError(cfg)
	verdict(math.Abs(c.errors[0]-want) <= spread, "the error starts at %.4f (%.4f ± %.4f, from the moments of N₀)",
		c.errors[0], want, spread)

	if c.signal1[c.learned1] < 0.9 {
		verdict(false, "incremental learning: σ₁²(u₁) does not reach 0.9 in %d iterations", len(c.t)-1)
	} else {
		verdict(c.signal2[c.learned1] < 0.2, "incremental learning: when σ₁²(u₁) reaches 0.9, at t = %d, "+
			"σ₁²(u₂) is %.3g (below 0.2)", c.learned1, c.signal2[c.learned1])
	}

	start, peak1, dip, peak2 := c.stretches()
	v0, v1, v2, v3 := c.decline(start), c.decline(peak1), c.decline(dip), c.decline(peak2)
	if v1 > 0 && v3 > 0 {
		verdict(v0 <= mostStart*v1 && v2 <= mostDip*v3 && v2 <= mostDipOfFirst*v1,
			"two flat and two steep stretches: the error falls by %.2g a step at t = %d, %.2g at %d, %.2g at "+
				"%d, %.2g at %d; the first is %.2g of the second (at most %g), the third %.2g of the fourth "+
				"(at most %g) and %.2g of the second (at most %g)",
			v0, start, v1, peak1, v2, dip, v3, peak2, v0/v1, mostStart, v2/v3, mostDip, v2/v1, mostDipOfFirst)
	} else {
		verdict(false, "two flat and two steep stretches: the error does not fall twice in %d iterations", len(c.t)-1)
	}

	// Once σ_1²(u_1) is λ_1, no row i of X keeps more along u_1 than
	// 1 − η(λ_1 − λ_2) a step; a fifth of that rate is left for the way there.
	window := max(1, int(math.Round(2.5/cfg.Step)))
	peak, until, slowest := c.noiseDecay(window)
	lambda := problem.Figure1Spectrum(cfg.D)
	theory, linear := 1-cfg.Step*symmetric.MinGap(lambda[:cfg.R+1])/6, 1-0.8*cfg.Step*(lambda[0]-lambda[1])
	if slowest > 0 {
		verdict(slowest <= min(theory, linear),
			"σ₁(u₁K₁ᵀ) decays geometrically after its peak at t = %d: over any %d steps up to t = %d, where "+
				"it is %.1e, by a factor of at most %.4f a step (at most 1 − ηΔ/6 = %.4f of the theory and 1 "+
				"− 0.8η(λ₁ − λ₂) = %.4f)",
			peak, window, until, c.noise1[until], slowest, theory, linear)
	} else {
		verdict(false, "σ₁(u₁K₁ᵀ) decays geometrically after its peak at t = %d: %d iterations hold no %d "+
			"steps after it; more are needed to say", peak, len(c.t)-1, window)
	}

	last := len(c.t) - 1
	if rel := c.errors[last] / math.Sqrt(1.25); cfg.Iterations >= 1500 {
		verdict(rel < 1e-6, "the relative error at t = %d is %.1e (below 1e-6)", last, rel)
	}

	if cfg.Method == byBoth {
		comparisonVerdict(m, cfg.Tolerance, inBasis(c.trace))
	}
	if cfg.Method != byDirect {
		passesVerdict(m, inBasis(c.trace))
	}
}

// What makes a stretch flat: of 41 random starts the first decline is at most
// 0.05 of the second, and the third at most 0.60 of the fourth.
const (
	mostStart      = 0.1
	mostDip        = 0.7
	mostDipOfFirst = 0.3
)

// startError is ‖Σ_r − X_0X_0ᵀ‖ as the moments of N_0 have it, and a spread.
//
// With G = N_0ᵀN_0 the square is λ_1² + λ_2² − 2Σ λ_k‖u_k‖² + ϖ⁴‖G‖². Its mean
// is λ_1² + λ_2² − 2(λ_1 + λ_2)rϖ²/d + rϖ⁴(1 + (r + 1)/d). The variances are
// 8rϖ⁸/d of the last term, to leading order, and 8r(λ_1² + λ_2²)ϖ⁴/d² of the one
// before; that one has an exponential tail, so 10 of its deviations are allowed
// and 4 of the other.
func startError(cfg *symmetricFig1Config) (want, spread float64) {
	lambda := problem.Figure1Spectrum(cfg.D)
	d, r, s2 := float64(cfg.D), float64(cfg.R), cfg.Scale*cfg.Scale
	sum, squares := lambda[0]+lambda[1], lambda[0]*lambda[0]+lambda[1]*lambda[1]
	want = math.Sqrt(squares - 2*sum*r*s2/d + r*s2*s2*(1+(r+1)/d))
	gram, signals := s2*s2*math.Sqrt(8*r/d), s2*math.Sqrt(8*r*squares)/d
	return want, math.Hypot(4*gram, 10*signals) / (2 * want)
}

// decline is how much the error falls a step about t, over five steps.
func (c *figure1Curves) decline(t int) float64 {
	a, b := max(t-2, 0), min(t+3, len(c.errors)-1)
	if a >= b {
		return 0
	}
	return (c.errors[a] - c.errors[b]) / float64(b-a)
}

// stretches returns where the error falls least and most: at the start, on its
// way to the first signal, between the signals, on its way to the second.
func (c *figure1Curves) stretches() (start, peak1, dip, peak2 int) {
	extreme := func(from, to int, sign float64) int {
		at := from
		for i := from; i <= to; i++ {
			if sign*c.decline(i) > sign*c.decline(at) {
				at = i
			}
		}
		return at
	}
	half := c.rise2 // σ_1²(u_2) at half of λ_2: the middle of the second fall
	for half < c.learned2 && c.signal2[half] < 0.25 {
		half++
	}
	peak1 = extreme(0, c.learned1, 1)
	dip = extreme(peak1, half, -1)
	return extreme(0, peak1, -1), peak1, dip, extreme(dip, c.learned2, 1)
}

// noiseDecay returns the peak of σ_1(u_1K_1ᵀ), the time up to which it stands
// above rounding, and the slowest decay between, as a factor a step over a window.
func (c *figure1Curves) noiseDecay(window int) (peak, until int, slowest float64) {
	const floor = 1e-14
	for i, v := range c.noise1 {
		if v > c.noise1[peak] {
			peak = i
		}
	}
	until = peak
	for until+1 < len(c.noise1) && c.noise1[until+1] > floor {
		until++
	}
	// The decay begins as the signal that drives it settles.
	for i := max(peak, c.learned1); i+window <= until; i++ {
		slowest = max(slowest, math.Pow(c.noise1[i+window]/c.noise1[i], 1/float64(window)))
	}
	return peak, until, slowest
}

// noiseGuide is what σ_1(u_1K_1ᵀ) comes to: with u_1 learned, the part of a row
// i of X along u_1 is multiplied by 1 − η(λ_1 − λ_i) a step, and λ_3 is the
// slowest of them once the second signal stands too.
const noiseGuide = "noise_guide"

// table is what is kept of a run: the iterates up to the end of the steep
// stretches of most starts, then every fifth, and the marks.
func (c *figure1Curves) table(tr *solvers.Trace, cfg *symmetricFig1Config) *Table {
	const whole, every = 400, 5
	out := newTable("", tr.Columns...)
	marks, last := c.marks(cfg), len(tr.Rows)-1
	for i, row := range tr.Rows {
		if i <= whole || i%every == 0 || i == last || slices.Contains(marks, i) {
			out.add(row...)
		}
	}
	const above = 5 // beside the curve, not on it
	lambda := problem.Figure1Spectrum(cfg.D)
	start := c.learned1
	out.derive(noiseGuide, func(value func(string) float64) float64 {
		v := above * c.noise1[start] * math.Pow(1-cfg.Step*(lambda[0]-lambda[2]), value("t")-float64(start))
		if value("t") < float64(start) || v < 1e-14 {
			return math.NaN()
		}
		return v
	})
	return out
}

// mapScale is the range of the heat maps: from the smallest element at the marks, or the
// floor where it is smaller, to the largest, at least λ_1 = 1. The signals are of size 1, and
// the elements off the diagonal, whose decay the maps show, far smaller.
func (c *figure1Curves) mapScale(marks []int) (lo, hi float64) {
	const floor = 1e-6
	lo, hi = 1, 1
	for _, at := range marks {
		for _, v := range c.maps[at] {
			lo, hi = min(lo, max(math.Abs(v), floor)), max(hi, math.Abs(v))
		}
	}
	return math.Pow(10, math.Floor(math.Log10(lo))), hi
}

func (c *figure1Curves) draw(m *making, cfg *symmetricFig1Config, t *Table) {
	marks := c.marks(cfg)
	end := float64(max(300, (max(c.final, marks[len(marks)-1])+50)/50*50+50))
	shown := &Table{Columns: t.Columns}
	for _, row := range t.Rows {
		if row[0] <= end {
			shown.Rows = append(shown.Rows, row)
		}
	}
	line := shown.line("error", "t", "error", 0)
	line.HideInLegend = true
	errors := &figure.Axes{
		Title: "Error", XLabel: "iteration t", YLabel: "‖Σ_r − XXᵀ‖_F", Lines: []figure.Line{line},
	}
	noise := shown.line("noise σ₁(u₁K₁ᵀ)", "t", "noise_1", 2)
	noise.Dash = figure.Dotted
	signals := &figure.Axes{
		Title: "Signals and noise", XLabel: "iteration t", YLabel: "σ₁² of signals, σ₁ of noise, log scale", LogY: true,
		Lines: []figure.Line{
			shown.line("signal σ₁²(u₁)", "t", "signal_1", 0),
			shown.line("signal σ₁²(u₂)", "t", "signal_2", 1),
			noise,
			shown.theory("factor 1 − η(λ₁ − λ₃) a step", "t", noiseGuide, 5),
		},
	}
	var maps []figure.Cell
	lo, hi := c.mapScale(marks)
	names := []string{"1", "2", "3"}
	for k, at := range marks {
		label := string(rune('a' + k))
		signals.Verticals = append(signals.Verticals, figure.Vertical{X: c.t[at], Label: label})
		errors.Marks = append(errors.Marks, figure.Mark{X: c.t[at], Y: c.errors[at], Label: label})
		flat := make([]float64, block*block)
		for i, v := range c.maps[at] {
			flat[i] = math.Abs(v)
		}
		values := [][]float64{flat[0:3], flat[3:6], flat[6:9]}
		maps = append(maps, figure.Cell{Weight: 1, Panel: &figure.HeatMap{
			Title: fmt.Sprintf("%s   t = %d", label, at), Values: values, RowNames: names, ColNames: names, Min: lo, Max: hi, Log: true, ShowValues: true,
		}})
	}
	maps = append(maps, figure.Cell{Weight: 0.75, Panel: &figure.ColorBar{Min: lo, Max: hi, Log: true, Label: "|element of XXᵀ|"}})

	size := "Σ = diag(1, 0.5, 0.3 … 0)"
	if cfg.Sigma == "dense" {
		size = "Σ = QΛQᵀ, dense, Λ = diag(1, 0.5, 0.3 … 0)"
	}
	which := "which are this run's own: the start, σ₁²(u₁) at a tenth and at nine tenths of λ₁, σ₁²(u₂) at a " +
		"tenth of λ₂, error at 1 % of its start. The paper marks t = 0, 37, 80, 140, 300 of its own start."
	switch {
	case slices.Equal(cfg.Marks, []int{0, 37, 80, 140, 300}):
		which = "which are the paper's; its random start is another."
	case len(cfg.Marks) > 0:
		which = "which are given. The paper marks t = 0, 37, 80, 140, 300 of its own start."
	}
	caption := fmt.Sprintf("%s, d = %d, r = %d, X₀ = %g·N₀ with entries of N₀ from N(0, 1/d), η = %g, seed %d. "+
		"Heat maps: the sizes of the elements of the leading 3×3 block of XXᵀ in the eigenbasis of Σ, on a logarithmic scale that ends at %.1g, "+
		"at the marked iterations, %s "+
		"The dashed black line shows a rate: it is drawn five times above the noise.",
		size, cfg.D, cfg.R, cfg.Scale, cfg.Step, cfg.Seed, lo, which)
	rows := []figure.Row{
		{Height: 9, Cells: []figure.Cell{{Panel: errors, Weight: 1}, {Panel: signals, Weight: 1}}},
		{Height: 5.5, Cells: maps},
	}
	switch cfg.Method {
	case byKrylov:
		caption += " The run makes no pass over Σ in most iterations: " + basisCaption(cfg.Tolerance)
	case byBoth:
		rows = append(rows, comparisonPanels(inBasis(t)))
		caption += " Above: the run that makes a pass over Σ in each iteration. The last row compares it with " +
			"one from the same start that does not: " + basisCaption(cfg.Tolerance)
	}
	m.draw("Gradient descent for matrix factorization, Figure 1", strings.TrimSpace(caption), rows...)
}
