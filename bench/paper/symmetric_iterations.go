package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/symmetric"
)

var symmetricIterations = Figure{"symmetric/iterations", "iterations to a given accuracy against d, ϖ, η and the gaps",
	makeSymmetricIterations}

type symmetricIterationsConfig struct {
	R          int       `toml:"r"`
	D          int       `toml:"d" comment:"where it does not vary; the paper's 4000, and quick's own"`
	Scale      float64   `toml:"scale" comment:"ϖ where it does not vary: X_0 = ϖN_0"`
	Step       float64   `toml:"step" comment:"η where it does not vary"`
	Accuracy   float64   `toml:"accuracy" comment:"ε of ‖Σ_r − XXᵀ‖_F ≤ ε‖Σ_r‖_F"`
	Coarse     float64   `toml:"coarse" comment:"a larger ε, met when all signals stand"`
	Dimensions []int     `toml:"dimensions" comment:"d that are compared"`
	Scales     []float64 `toml:"scales" comment:"ϖ that are compared"`
	Steps      []float64 `toml:"steps" comment:"η that are compared"`
	Gaps       []float64 `toml:"gaps" comment:"λ_2 − λ_3, and λ_1 − λ_2, that are compared"`
	Seeds      int       `toml:"seeds" comment:"random starts for each point"`
	Iterations int       `toml:"iterations" comment:"the most"`
	Seed       uint64    `toml:"seed" comment:"of the first start"`
}

func (c *symmetricIterationsConfig) check() error {
	value := func(name string, v float64) error { return positive(name, v) }
	gap := func(name string, v float64) error {
		if !(v > 0 && v < 0.5) {
			return fmt.Errorf("%s is %g; expected a number between 0 and 0.5", name, v)
		}
		return nil
	}
	if c.R != 2 {
		return fmt.Errorf("r is %d; the study is about rank 2", c.R)
	}
	if !(c.Accuracy >= 1e-12 && c.Accuracy < 1) {
		return fmt.Errorf("accuracy is %g; expected a number from 1e-12 to 1", c.Accuracy)
	}
	if !(c.Coarse > c.Accuracy && c.Coarse < 1) {
		return fmt.Errorf("coarse is %g; expected a number between accuracy, %g, and 1", c.Coarse, c.Accuracy)
	}
	if !slices.IsSorted(c.Dimensions) || !slices.IsSorted(c.Scales) || !slices.IsSorted(c.Steps) || !slices.IsSorted(c.Gaps) {
		return fmt.Errorf("dimensions, scales, steps and gaps must ascend")
	}
	return firstOf(
		atLeast("d", c.D, 20),
		positive("scale", c.Scale),
		positive("step", c.Step),
		eachOf("dimensions", c.Dimensions, least(20)),
		atLeast("dimensions: the number of values", len(c.Dimensions), 3),
		eachOf("scales", c.Scales, value),
		eachOf("steps", c.Steps, value),
		eachOf("gaps", c.Gaps, gap),
		once("dimensions", c.Dimensions),
		once("scales", c.Scales),
		once("steps", c.Steps),
		once("gaps", c.Gaps),
		fromTo("seeds", c.Seeds, 1, mostSeeds),
		atLeast("iterations", c.Iterations, 1),
	)
}

// makeSymmetricIterations counts iterations to a relative error, as one thing
// varies at a time from the setting of Figure 1.
func makeSymmetricIterations(ctx context.Context, m *making) error {
	c := &symmetricIterationsConfig{
		R: 2, D: 4000, Scale: 0.5, Step: 0.1, Accuracy: 1e-6, Coarse: 0.1,
		Dimensions: []int{500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000},
		Scales:     []float64{1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.3, 1},
		Steps:      []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.05},
		Gaps:       []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.4},
		Seeds:      20, Iterations: 50_000, Seed: 1,
	}
	if m.Quick {
		c.D, c.Seeds, c.Iterations = 1000, 10, 20_000
		c.Dimensions, c.Gaps = c.Dimensions[:5], c.Gaps[1:]
	}
	if err := m.configure(c); err != nil {
		return err
	}
	study := &iterationStudy{
		config: c,
		counts: newTable("", "panel", "d", "scale", "step", "gap_1", "gap_r", "seed", "iterations", "coarse", "error"),
	}
	if err := study.run(ctx, m); err != nil {
		return err
	}
	study.summarize()
	m.Tables = []*Table{study.counts, study.summary}
	study.verdicts(m)
	study.draw(m)
	return nil
}

// What varies, the number of a panel.
const (
	overD = 1 + iota
	overScale
	overStep
	overGapR
	overGap1
)

// iterationColumn is what varies in a panel.
var iterationColumn = map[float64]string{overD: "d", overScale: "scale", overStep: "step", overGapR: "gap_r", overGap1: "gap_1"}

// iterationStudy is the data: of each run a row, and their spread over the seeds.
type iterationStudy struct {
	config          *symmetricIterationsConfig
	counts, summary *Table
}

// iterationPoint is a set of runs of one problem: a scale and a step.
type iterationPoint struct{ scale, step float64 }

func (s *iterationStudy) run(ctx context.Context, m *making) error {
	c := s.config
	fixed := []iterationPoint{{c.Scale, c.Step}}
	for i, d := range c.Dimensions {
		// Other starts for each d: those of one seed share their leading rows.
		if err := s.add(ctx, m, overD, i, problem.Figure1Spectrum(d), fixed, c.Seed+uint64(i*c.Seeds)); err != nil {
			return err
		}
	}
	var scales, steps []iterationPoint
	for _, v := range c.Scales {
		scales = append(scales, iterationPoint{v, c.Step})
	}
	for _, v := range c.Steps {
		steps = append(steps, iterationPoint{c.Scale, v})
	}
	if err := s.add(ctx, m, overScale, 0, problem.Figure1Spectrum(c.D), scales, c.Seed); err != nil {
		return err
	}
	if err := s.add(ctx, m, overStep, 0, problem.Figure1Spectrum(c.D), steps, c.Seed); err != nil {
		return err
	}
	for i, gap := range c.Gaps {
		lambda := append([]float64{1, 0.5}, problem.Arithmetic(c.D-2, 0.5-gap, 0)...)
		if err := s.add(ctx, m, overGapR, i, lambda, fixed, c.Seed); err != nil {
			return err
		}
	}
	for i, gap := range c.Gaps {
		lambda := problem.Figure1Spectrum(c.D)
		lambda[0] = lambda[1] + gap
		if err := s.add(ctx, m, overGap1, i, lambda, fixed, c.Seed); err != nil {
			return err
		}
	}
	return nil
}

// add makes the runs on one Σ, as one ensemble; entry is its place in the list
// of what varies, which tells stages apart.
func (s *iterationStudy) add(ctx context.Context, m *making, panel float64, entry int, lambda []float64, points []iterationPoint, seed uint64) error {
	c, d := s.config, len(lambda)
	gap1, gapR := lambda[0]-lambda[1], lambda[1]-lambda[2]
	stage := fmt.Sprintf("panel %g, entry %d, d = %d, gaps %.4g %.4g", panel, entry+1, d, gap1, gapR)
	rows, err := kept(m, stage, func() ([][]float64, error) {
		p, err := newSymmetricProblem(m, c.R, lambda, len(points)*c.Seeds)
		if err != nil {
			return nil, err
		}
		var members []*symmetric.Solver[float64]
		var runs []trajectory
		var counts []*errorCount
		var rows [][]float64
		levels := []float64{c.Accuracy}
		if panel == overD || panel == overScale { // the others would not show the coarse one
			levels = []float64{c.Coarse, c.Accuracy}
		}
		for _, point := range points {
			for _, seed := range each64(seed, c.Seeds) {
				solver := p.run(point.scale, point.step, seed)
				count := newErrorCount(p, solver, levels...)
				members, counts = append(members, solver), append(counts, count)
				runs = append(runs, trajectory{
					stop: solvers.Stop{Iterations: c.Iterations, When: count.done}, recorder: count, every: 1,
					load: reading(bench.SymmetricLoad(p.op, solver)),
				})
				rows = append(rows, []float64{panel, float64(d), point.scale, point.step, gap1, gapR, float64(seed)})
			}
		}
		if _, err := m.runEach(ctx, stage+" run", symmetric.NewEnsemble(members...), runs); err != nil {
			return nil, err
		}
		for i, n := range counts {
			rows[i] = append(rows[i], n.reached(c.Accuracy), n.reached(c.Coarse), p.theory.Measure(members[i].X()).Error/p.norm())
		}
		return rows, nil
	})
	for _, row := range rows {
		s.counts.add(row...)
	}
	return err
}

// norm is ‖Σ_r‖_F.
func (p *symmetricProblem) norm() float64 {
	var sum float64
	for _, l := range p.lambda[:p.r] {
		sum += max(l, 0) * max(l, 0)
	}
	return math.Sqrt(sum)
}

// errorCount is the numbers of the first iterates with relative errors of at
// most each of the levels, which descend.
type errorCount struct {
	problem *symmetricProblem
	solver  *symmetric.Solver[float64]
	levels  []float64
	norm    float64
	u       []float64 // u_1 … u_r
	first   []int
}

func newErrorCount(p *symmetricProblem, s *symmetric.Solver[float64], levels ...float64) *errorCount {
	return &errorCount{problem: p, solver: s, levels: levels, norm: p.norm(), u: make([]float64, p.r*p.r)}
}

// Record looks at an iterate. The theory's sweep over X decides; it is left out
// where the Gram matrix shows that the error is twice as large.
func (n *errorCount) Record(t int) error {
	for !n.done() {
		const legible = 1e-6
		level := n.levels[len(n.first)]
		leadingRows(n.u, n.solver)
		far := 2 * max(level, legible) * n.norm
		if rough := roughError(n.problem.lambda, n.u, n.solver.Gram(), n.problem.r); !(rough <= far*far) {
			return nil
		}
		if !(n.problem.theory.Of(n.solver).Error <= level*n.norm) {
			return nil
		}
		n.first = append(n.first, t)
	}
	return nil
}

func (n *errorCount) done() bool { return len(n.first) == len(n.levels) }

// reached is the iterate for a level, NaN if there was none.
func (n *errorCount) reached(level float64) float64 {
	if i := slices.Index(n.levels, level); i >= 0 && i < len(n.first) {
		return float64(n.first[i])
	}
	return math.NaN()
}

// Save returns the state.
func (n *errorCount) Save() ([]byte, error) {
	return solvers.EncodeState(struct{ First []int }{n.first})
}

// Restore sets the state that Save returned.
func (n *errorCount) Restore(data []byte) error {
	var st struct{ First []int }
	err := solvers.DecodeState(data, &st)
	n.first = st.First
	return err
}

// summarize takes the spread over the seeds, and adds what is drawn beside it.
func (s *iterationStudy) summarize() {
	columns := []string{"panel", "d", "scale", "step", "gap_1", "gap_r", "runs", "reached"}
	columns = append(append(columns, spreadColumns("iterations")...), spreadColumns("coarse")...)
	columns = append(columns, "guide", "coarse_guide", "never")
	s.summary = newTable("summary", columns...)
	for _, panel := range distinct(s.counts, "panel") {
		ofPanel := withValue(s.counts, "panel", panel)
		part := newTable("", columns...)
		x := iterationColumn[panel]
		for _, v := range distinct(ofPanel, x) {
			of := withValue(ofPanel, x, v)
			counts := present(of, "iterations")
			row := slices.Clone(of.Rows[0][:of.at("seed")])
			row = append(row, float64(len(of.Rows)), float64(len(counts)))
			row = append(row, spreadOf(counts).values()...)
			row = append(row, spreadOf(present(of, "coarse")).values()...)
			never := math.NaN()
			if len(counts) == 0 {
				never = float64(s.config.Iterations)
			}
			part.add(append(row, math.NaN(), math.NaN(), never)...)
		}
		s.guide(panel, part)
		s.summary.Rows = append(s.summary.Rows, part.Rows...)
	}
}

// guide fills the dashed lines of a panel: fits against log d, the growth rate
// of a small second signal, and 1/η and 1/gap from the smallest.
func (s *iterationStudy) guide(panel float64, t *Table) {
	x, out, coarse := t.at(iterationColumn[panel]), t.at("guide"), t.at("coarse_guide")
	first, med := t.Rows[0], t.at("iterations_median")
	slope, intercept, _ := fitLog(t, "d", "iterations_median")
	coarseSlope, coarseIntercept, _ := fitLog(t, "d", "coarse_median")
	for _, row := range t.Rows {
		switch panel {
		case overD:
			row[out] = intercept + slope*math.Log10(row[x])
			row[coarse] = coarseIntercept + coarseSlope*math.Log10(row[x])
		case overScale:
			row[coarse] = first[t.at("coarse_median")] - s.perDecade()*math.Log10(row[x]/first[x])
		case overStep:
			if row[x] < 1 {
				row[out] = first[med] * first[x] / row[x]
			}
		case overGapR:
			row[out] = first[med] * first[x] / row[x]
		}
	}
}

const (
	smallScale = 1e-5 // up to here noise is small when the second signal stands
	smallStep  = 0.05 // up to here a step follows the gradient flow
)

// perDecade is how many iterations a decade of ϖ costs before the second signal
// stands: from a small start it grows by 1 + ηλ_2 a step.
func (s *iterationStudy) perDecade() float64 {
	return math.Ln10 / math.Log1p(s.config.Step*problem.Figure1Spectrum(3)[1])
}

func (s *iterationStudy) of(panel float64) *Table { return withValue(s.summary, "panel", panel) }

func (s *iterationStudy) verdicts(m *making) {
	c := s.config
	// Linearised at σ_1² = λ_1 a step multiplies the error by 1 − 2ηλ_1.
	var below, reached, above, late float64
	for _, row := range s.counts.Rows {
		lambda1 := 0.5 + row[s.counts.at("gap_1")]
		arrived := 1 - indicator(math.IsNaN(row[s.counts.at("iterations")]))
		if row[s.counts.at("step")]*lambda1 < 1 {
			below, reached = below+1, reached+arrived
		} else {
			above, late = above+1, late+arrived
		}
	}
	m.verdict(reached == below, "%.0f of %.0f runs with η < 1/λ₁ come to a relative error of %.0e in at most "+
		"%d iterations", reached, below, c.Accuracy, c.Iterations)
	if above > 0 {
		m.verdict(late == 0, "of %.0f runs with η > 1/λ₁, where the minimum repels, %.0f come to it", above, late)
	}

	overDim := s.of(overD)
	if slope, intercept, r2 := fitLog(overDim, "d", "iterations_median"); !math.IsNaN(slope) {
		v, d := overDim.column("iterations_median"), overDim.column("d")
		power, deviation := fitPower(overDim, "d", "iterations_median")
		m.verdict(power <= mostPower, "the count depends on d no more than weakly: the median goes from %.0f "+
			"at d = %.0f to %.0f at d = %.0f, and all of them as d^%.3f ± %.3f, the standard error (a power "+
			"of at most %.2f)",
			v[0], d[0], v[len(v)-1], d[len(d)-1], power, deviation, mostPower)
		m.note("median count ≈ %.4g + %.3g·log₁₀ d (R² = %.3f), its quartiles %.0f … %.0f at d = %.0f",
			intercept, slope, r2, overDim.column("iterations_q1")[0], overDim.column("iterations_q3")[0], d[0])
	}

	if small := within(s.of(overScale), "scale", smallScale); len(small.Rows) >= 3 {
		slope, _, r2 := fit(logs(small.column("scale")), small.column("coarse_median"))
		want := s.perDecade()
		m.verdict(math.Abs(-slope/want-1) <= 0.05, "from a small start, ϖ ≤ %g, a decade of ϖ costs %.2f "+
			"iterations until the error is %g (R² = %.5f), as ln 10/ln(1 + ηλ₂) = %.2f says (within 5 %%)",
			smallScale, -slope, c.Coarse, r2, want)
		whole := s.of(overScale)
		v := spreadOf(whole.column("iterations_median"))
		m.verdict(v.most/v.least <= 1.25, "and yet the count to %.0e hardly depends on ϖ: the medians lie "+
			"between %.0f and %.0f for ϖ from %g to %g (a ratio of at most 1.25), since noise over signal "+
			"falls as ((1 + ηλ₃)/(1 + ηλ₂))^t whatever their size",
			c.Accuracy, v.least, v.most, whole.column("scale")[0], whole.column("scale")[len(whole.Rows)-1])
	}

	slow := within(s.of(overStep), "step", smallStep)
	if len(slow.Rows) >= 2 {
		products := make([]float64, len(slow.Rows))
		for i, n := range slow.column("iterations_median") {
			products[i] = n * slow.column("step")[i]
		}
		p := spreadOf(products)
		m.verdict(p.most/p.least <= 1.05, "small steps: η times the median count is %.2f … %.2f for η ≤ %g (a "+
			"ratio of at most 1.05): the gradient flow", p.least, p.most, smallStep)
		best := s.of(overStep)
		at := 0
		for i, n := range best.column("iterations_median") {
			if n < best.column("iterations_median")[at] {
				at = i
			}
		}
		m.note("the fewest iterations, a median of %.0f, are those with η = %g",
			best.column("iterations_median")[at], best.column("step")[at])
	}

	gapR, gap1 := s.of(overGapR), s.of(overGap1)
	if len(gapR.Rows) >= 3 {
		power, _, r2 := fit(logs(gapR.column("gap_r")), logs(gapR.column("iterations_median")))
		m.verdict(power >= -1.25 && power <= -0.6, "the count goes as (λ₂ − λ₃)^%.2f (R² = %.3f; an exponent "+
			"from −1.25 to −0.6): about the reciprocal of the gap", power, r2)
		v := spreadOf(gap1.column("iterations_median"))
		w := spreadOf(gapR.column("iterations_median"))
		m.verdict(v.most/v.least <= w.most/w.least/3, "λ₁ − λ₂ matters far less, though Δ of section 4.2 is "+
			"the smaller of both: over the same gaps the median changes by a factor %.2f, and with λ₂ − λ₃ by "+
			"%.1f (at least 3 times that)",
			v.most/v.least, w.most/w.least)
	}
}

// mostPower of d is what tells a logarithm from a power: log d itself goes as
// d^0.11 on average from 500 to 100 000.
const mostPower = 0.15

// within is the rows whose value is at most a bound, and which have a median.
func within(t *Table, column string, most float64) *Table {
	out := &Table{Name: t.Name, Columns: t.Columns}
	for _, row := range t.Rows {
		if row[t.at(column)] <= most && !math.IsNaN(row[t.at("iterations_median")]) {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

func (s *iterationStudy) draw(m *making) {
	c := s.config
	panel := func(title, x string, logY bool) *figure.Axes {
		y := "iterations to relative error " + power(c.Accuracy)
		if logY {
			y += ", log scale"
		}
		return &figure.Axes{Title: title, XLabel: x, YLabel: y, LogX: true, LogY: logY}
	}
	raw := func(panel float64, of string, color int, marker figure.Marker) figure.Line {
		return dots(withValue(s.counts, "panel", panel), iterationColumn[panel], of, color, marker)
	}
	summary := func(panel float64, name, of string, color int, marker figure.Marker) figure.Line {
		return medians(s.of(panel), name, iterationColumn[panel], of, color, marker)
	}
	guide := func(panel float64, name string) figure.Line {
		return s.of(panel).theory(name, iterationColumn[panel], "guide", 5)
	}
	const name = "median and quartiles"
	both := func(a *figure.Axes, panel float64) {
		a.YLabel, a.YMin = "iterations", pointer(0)
		for i, level := range []struct {
			of     string
			value  float64
			marker figure.Marker
			open   figure.Marker
		}{{"iterations", c.Accuracy, figure.Dot, figure.Circle}, {"coarse", c.Coarse, figure.Square, figure.OpenSquare}} {
			a.Lines = append(a.Lines, raw(panel, level.of, i, level.open),
				summary(panel, fmt.Sprintf("to error %s: %s", power(level.value), name), level.of, i, level.marker))
		}
	}

	a := panel("Dimension", "dimension d, log scale", false)
	both(a, overD)
	for _, f := range []struct{ of, guide string }{{"iterations_median", "guide"}, {"coarse_median", "coarse_guide"}} {
		slope, _, r2 := fitLog(s.of(overD), "d", f.of)
		l := s.of(overD).theory(fmt.Sprintf("straight line: %.3g a decade, R² = %.3f", slope, r2), "d", f.guide, 5)
		if f.guide != "guide" {
			l.Dash = figure.Dotted
		}
		a.Lines = append(a.Lines, l)
	}

	b := panel("Scale of the start", "scale ϖ of the start, log scale", false)
	both(b, overScale)
	b.Lines = append(b.Lines, s.of(overScale).theory(fmt.Sprintf("slope ln 10/ln(1 + ηλ₂) = %.1f a decade", s.perDecade()), "scale", "coarse_guide", 5))

	e := panel("Step", "step η, log scale", true)
	e.Lines = []figure.Line{raw(overStep, "iterations", 0, figure.Circle), summary(overStep, name, "iterations", 0, figure.Dot), guide(overStep, "const/η")}
	if t := s.of(overStep); len(present(t, "never")) > 0 {
		never := t.line(fmt.Sprintf("not reached in %d iterations", c.Iterations), "step", "never", 4)
		never.NoLine, never.Marker = true, figure.Cross
		e.Lines = append(e.Lines, never)
	}
	e.Verticals = []figure.Vertical{{X: 1, Label: "η = 1/λ₁"}}

	g := panel("Gaps of the spectrum", "gap, log scale", true)
	g.Lines = []figure.Line{raw(overGapR, "iterations", 0, figure.Circle), summary(overGapR, "λ₂ − λ₃: "+name, "iterations", 0, figure.Dot), guide(overGapR, "const/(λ₂ − λ₃)"),
		raw(overGap1, "iterations", 1, figure.OpenSquare), summary(overGap1, "λ₁ − λ₂: "+name, "iterations", 1, figure.Square)}

	caption := fmt.Sprintf("A study beyond the paper. Setting of Figure 1 but for what varies: Σ = diag(1, "+
		"0.5, 0.3 … 0), r = %d, d = %d, X₀ = %g·N₀ with entries of N₀ from N(0, 1/d), η = %g. "+
		"An iteration count is the number t of the first iterate with ‖Σ_r − X_{t}X_{t}ᵀ‖ ≤ ε‖Σ_r‖ in the "+
		"Frobenius norm, every iterate being looked at; ε = %s, and %s where it is said. "+
		"%d starts for each point, pale markers; bars reach from quartile to quartile. The starts are others "+
		"for each d, and the same along the other panels. "+
		"Gaps: Σ = diag(1, 0.5, 0.5 − gap … 0) and Σ = diag(0.5 + gap, 0.5, 0.3 … 0).",
		c.R, c.D, c.Scale, c.Step, power(c.Accuracy), power(c.Coarse), c.Seeds)
	m.draw("Symmetric factorization: iterations to a given accuracy", caption,
		figure.Row{Height: 8, Cells: []figure.Cell{{Panel: a, Weight: 1}, {Panel: b, Weight: 1}}},
		figure.Row{Height: 8.5, Cells: []figure.Cell{{Panel: e, Weight: 1}, {Panel: g, Weight: 1}}},
	)
}
