package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench/figure"
	"lowrank/solvers/sensing"
)

var sensingFig3 = Figure{"sensing/fig3", "angle, smallest signal and test error for several numbers of columns", makeSensingFig3}

type sensingFig3Config struct {
	N          int     `toml:"n"`
	RStar      int     `toml:"r_star" comment:"r_*, the rank of XXᵀ"`
	M          int     `toml:"m" comment:"number of measurements; 0 for 10nr_*"`
	Step       float64 `toml:"step" comment:"μ"`
	Alpha      float64 `toml:"alpha" comment:"U_0 = αU; 0 for 1/(70n²)"`
	Columns    []int   `toml:"columns" comment:"inferred: r of the runs; the paper goes from r_* to beyond n"`
	Iterations int     `toml:"iterations" comment:"inferred"`
	Every      int     `toml:"every" comment:"iterates from one row of the data to the next"`
	Storage    string  `toml:"storage" comment:"of the measurements: f64, f32, bf16 or regenerate"`
	Seed       uint64  `toml:"seed" comment:"inferred"`
}

func (c *sensingFig3Config) size() sensingSize {
	return sensingSize{n: c.N, rank: c.RStar, count: c.M, storage: c.Storage, seed: c.Seed}
}

func (c *sensingFig3Config) check() error {
	return firstOf(
		c.size().check(),
		positive("step", c.Step),
		positiveOrZero("alpha", c.Alpha),
		eachOf("columns", c.Columns, c.size().columns),
		c.increasing(),
		atLeast("iterations", c.Iterations, 1),
		atLeast("every", c.Every, 1),
	)
}

// increasing: a run is known by its r.
func (c *sensingFig3Config) increasing() error {
	for i := 1; i < len(c.Columns); i++ {
		if c.Columns[i-1] >= c.Columns[i] {
			return fmt.Errorf("columns has %d before %d; expected increasing numbers", c.Columns[i-1], c.Columns[i])
		}
	}
	return nil
}

// makeSensingFig3 runs several r from the same scale of the start on one problem.
func makeSensingFig3(ctx context.Context, m *making) error {
	c := &sensingFig3Config{N: 200, RStar: 5, Step: 0.25, Columns: []int{5, 10, 50, 100, 200, 400}, Iterations: 400, Every: 1, Storage: "f64", Seed: 1}
	if m.Quick {
		c.N, c.RStar, c.Columns, c.Iterations = 80, 2, []int{2, 4, 10, 20, 80, 160}, 320
	}
	if err := m.configure(c); err != nil {
		return err
	}
	c.M, c.Alpha = sensingCount(c.M, c.N, c.RStar), sensingAlpha(c.Alpha, c.N)
	f, err := newSensingFig3Data(ctx, m, c)
	if err != nil {
		return err
	}
	m.Tables = []*Table{f.curves, f.summary}
	f.verdicts(m)
	for _, i := range f.columnsFrom(2 * c.RStar) {
		floor := f.summary.column("floor")[i]
		m.note("r = %d: %s", c.Columns[i], againstTheory(sensing.SettingOf(f.problem.x, c.Columns[i], c.Alpha, c.Step), floor, f.runs[i].ends))
	}
	f.draw(m)
	return nil
}

// fig3Suffix ends the names of the columns of run i.
func fig3Suffix(c *sensingFig3Config, i int) string { return fmt.Sprintf("_r%d", c.Columns[i]) }

// sensingFig3Data is all that verdicts and picture rest on.
type sensingFig3Data struct {
	cfg             *sensingFig3Config
	problem         *sensingProblem
	facts           sensingFacts
	curves, summary *Table
	runs            []*phaseCurves
}

func newSensingFig3Data(ctx context.Context, m *making, c *sensingFig3Config) (*sensingFig3Data, error) {
	p, err := newSensingProblem(m, c.size(), c.Columns...)
	if err != nil {
		return nil, err
	}
	recorders, facts, err := p.runs(ctx, m, c.Columns, c.Alpha, c.Step, c.Seed, c.Iterations, c.Every, false)
	if err != nil {
		return nil, err
	}
	var parts []*Table
	for i, rec := range recorders {
		parts = append(parts, tableOf(&rec.Trace, fig3Suffix(c, i), phaseColumns...))
	}
	f := &sensingFig3Data{cfg: c, problem: p, facts: facts, curves: join("", parts...)}
	f.measure()
	f.curves.derive("angle_X", func(func(string) float64) float64 { return facts.plateau })
	f.guide()
	return f, nil
}

// measure reads the runs from the table and sums each up in a row.
func (f *sensingFig3Data) measure() {
	f.runs = nil
	f.summary = newTable("times", "r", "t_aligned", "t_grown", "t_fitted", "least_angle", "growth", "floor", "last_test")
	for i, r := range f.cfg.Columns {
		c := phasesOf(f.curves, fig3Suffix(f.cfg, i))
		f.runs = append(f.runs, c)
		least, _ := smallest(c.angle)
		factor, _, _ := c.growth()
		floor, _ := smallest(c.test)
		f.summary.add(float64(r), c.aligned(), c.grown(), c.fitted(), least, factor, floor, c.test[c.last()])
	}
}

// guide adds the growth of the power method, from where the last run aligns.
func (f *sensingFig3Data) guide() {
	c := f.runs[len(f.runs)-1]
	from := first(c.angle, atMost(alignedBelow))
	f.curves.derive("sigma_power", func(value func(string) float64) float64 {
		if from < 0 || value("t") < c.t[from] {
			return math.NaN()
		}
		v := c.sigma[from] * math.Pow(f.facts.factor(), value("t")-c.t[from])
		if v > 2 {
			return math.NaN()
		}
		return v
	})
}

// columnsFrom are the runs with at least so many columns.
func (f *sensingFig3Data) columnsFrom(least int) (at []int) {
	for i, r := range f.cfg.Columns {
		if r >= least {
			at = append(at, i)
		}
	}
	return at
}

// verdicts: the thresholds of the angle and of the floor were found on sixteen
// seeds at the quick size, with room of at least a factor of 5.
func (f *sensingFig3Data) verdicts(m *making) {
	c := f.cfg
	wide := f.columnsFrom(2 * c.RStar) // those that the theorem is about
	f.verdictAngle(m, wide)
	f.verdictOrder(m)
	f.verdictGrowth(m)
	f.verdictPlateau(m)
	f.verdictFloor(m, wide)
	m.note("σ_{r*}(U_t) reaches %g at t = %s for r = %s", grownAbove, iterates(f.summary.column("t_grown")), listed(c.Columns))
	m.note("the test error falls below 0.1 at t = %s for r = %s", iterates(f.summary.column("t_fitted")), listed(c.Columns))
}

// verdictAngle: the angle falls in phase I, and on in II.
func (f *sensingFig3Data) verdictAngle(m *making, wide []int) {
	const bound = 0.05
	if len(wide) == 0 {
		return
	}
	worst, small := 0.0, true
	for _, i := range wide {
		run := f.runs[i]
		at := run.at(run.ends.Closest)
		if at < 0 {
			m.verdict(false, "phases I and II: with r = %d σ_{r*}(U_t) does not reach half of σ_{r*}(X) in "+
				"%.0f iterations", f.cfg.Columns[i], run.t[run.last()])
			return
		}
		worst = max(worst, run.angle[at])
		small = small && run.angle[at] <= bound && run.sigma[at] <= 0.25
	}
	m.verdict(small, "phases I and II: for r ≥ 2r* = %d the angle to L falls to %.2g or less (at most %g) "+
		"while σ_{r*}(U_t) is still small (at most 0.25)", 2*f.cfg.RStar, worst, bound)
}

// verdictOrder: more columns align earlier.
func (f *sensingFig3Data) verdictOrder(m *making) {
	t, r := f.summary.column("t_aligned"), f.cfg.Columns
	if len(r) < 3 {
		return
	}
	text := fmt.Sprintf("the angle is first at most %g at t = %s for r = %s", alignedBelow, iterates(t), listed(r))
	last := len(r) - 1
	earlier, pairs := 0.0, 0.0
	for j := range r {
		for i := range j {
			pairs++
			switch {
			case t[j] < t[i]:
				earlier++
			case t[j] == t[i]:
				earlier += 0.5
			}
		}
	}
	m.verdict(earlier >= 0.8*pairs && t[last] < t[0],
		"more columns align earlier: %s, the earlier the larger r in %g of %g pairs (at least 80 %%, an equal "+
			"t being half)", text, earlier, pairs)
	if n := f.cfg.N; r[last] > n && r[0] <= n {
		best := math.Inf(1)
		for i := range r {
			if r[i] <= n && !(t[i] >= best) {
				best = t[i]
			}
		}
		m.verdict(t[last] <= best, "beyond r = n = %d too: r = %d aligns at t = %.0f, the best r ≤ n at t = %.0f",
			n, r[last], t[last], best)
	}
}

// verdictGrowth: σ_{r_*}(U_t) grows geometrically and ends at σ_{r_*}(X).
func (f *sensingFig3Data) verdictGrowth(m *making) {
	low, high, off := math.Inf(1), 0.0, 0.0
	for _, run := range f.runs {
		factor, _, _ := run.growth()
		low, high = min(low, factor), max(high, factor) // a NaN stays
		off = max(off, math.Abs(run.sigma[run.last()]-1))
	}
	from, to := f.facts.factor(), f.facts.largest()
	m.verdict(low >= 0.97*from && high <= 1.03*to,
		"saddle avoidance: once aligned, σ_{r*}(U_t) grows up to %g by a factor of %.4f to %.4f a step; 1 + "+
			"μλ of the r* leading eigenvalues is %.4f to %.4f (within 3 %%)", grownAbove, low, high, from, to)
	m.verdict(off <= 0.01, "σ_{r*}(U_t) ends within %.1e of σ_{r*}(X) = 1 for all r (within 0.01)", off)
}

// verdictPlateau: the angle rises again, to that of span X.
func (f *sensingFig3Data) verdictPlateau(m *making) {
	off, rise := 0.0, math.Inf(1)
	for _, run := range f.runs {
		end := run.angle[run.last()]
		least, _ := smallest(run.angle)
		off, rise = max(off, math.Abs(end/f.facts.plateau-1)), min(rise, end/least)
	}
	m.verdict(off <= 0.01 && rise >= 2,
		"refinement: the angle rises again, by a factor of %.3g or more (at least 2), to that of span X to L, "+
			"%.4f, for all r (off by %.1e; at most 1 %%)", rise, f.facts.plateau, off)
}

// verdictFloor: the small start leaves a test error of its own order, unless
// U has no columns too many.
func (f *sensingFig3Data) verdictFloor(m *making, wide []int) {
	alpha := f.cfg.Alpha
	if len(wide) > 0 {
		low, high, still := math.Inf(1), 0.0, 0.0
		for _, i := range wide {
			run := f.runs[i]
			end := run.test[run.last()]
			low, high = min(low, end), max(high, end)
			still = max(still, run.test[3*len(run.test)/4]/end)
		}
		m.verdict(low >= 0.005*alpha && high <= 5*alpha && still <= 1.5,
			"for r ≥ 2r* the test error stops falling at %.2g to %.2g (α/200 to 5α is %.2g to %.2g); in the "+
				"last quarter of the run it falls by a factor of at most %.2f (1.5)",
			low, high, 0.005*alpha, 5*alpha, still)
	}
	for _, i := range f.columnsFrom(f.cfg.RStar) {
		if r := f.cfg.Columns[i]; r == f.cfg.RStar {
			end := f.runs[i].test[f.runs[i].last()]
			m.verdict(end <= 1e-4*alpha, "for r = r* it does not: %.1e at the end (at most α/10⁴ = %.1e)", end, 1e-4*alpha)
		}
	}
}

// iterates writes iterate numbers for a sentence, NaN as a dash.
func iterates(t []float64) string {
	words := make([]string, len(t))
	for i, v := range t {
		if words[i] = fmt.Sprintf("%.0f", v); math.IsNaN(v) {
			words[i] = "–"
		}
	}
	return listed(words)
}

func (f *sensingFig3Data) draw(m *making) {
	c := f.cfg
	latest := 0.0
	end := float64(c.Iterations)
	for _, run := range f.runs { // the curves of (a) and (b) are still after this
		if s := float64(run.ends.Saddle); s > 0 {
			latest = max(latest, s)
		}
	}
	if shown := math.Ceil(1.8*latest/10) * 10; shown > 0 && shown < end {
		end = shown
	}
	angle := &figure.Axes{
		Title: "(a) Angle to the spectral space L", XLabel: "iteration t", YLabel: "sine of the angle of L_t to L, log scale", LogY: true, XMax: limitAt(end), XMin: limitAt(0),
	}
	sigma := &figure.Axes{
		Title: "(b) Smallest signal", XLabel: "iteration t", YLabel: "singular value σ_{r*}(U_t), log scale", LogY: true, XMax: limitAt(end), XMin: limitAt(0),
	}
	test := &figure.Axes{
		Title: "(c) Test error", XLabel: "iteration t", YLabel: "‖UUᵀ − XXᵀ‖_F / ‖XXᵀ‖_F, log scale", LogY: true,
	}
	times := &figure.Axes{
		Title: "(d) When each stage begins", XLabel: "number of columns r, log scale", YLabel: "iteration t", LogX: true, YMin: limitAt(0),
		Verticals: []figure.Vertical{{X: float64(c.N), Label: "r = n"}},
	}
	spacing := max(c.Iterations/c.Every/14, 1)
	for i, r := range c.Columns {
		s, color, marker := fig3Suffix(c, i), sensingColors[i%len(sensingColors)], sensingMarkers[i%len(sensingMarkers)]
		name := fmt.Sprintf("r = %d", r)
		near, offset := max(spacing/3, 1), i*spacing/len(c.Columns)
		angle.Lines = append(angle.Lines, f.curves.marked(name, "t", "angle"+s, color, marker, near, offset%near)...)
		sigma.Lines = append(sigma.Lines, f.curves.marked(name, "t", "sigma_rstar_U"+s, color, marker, near, offset%near)...)
		test.Lines = append(test.Lines, f.curves.marked(name, "t", "test"+s, color, marker, spacing, offset)...)
	}
	angle.Lines = append(angle.Lines, f.curves.theory("span X to L", "t", "angle_X", theoryColor))
	sigma.Lines = append(sigma.Lines, f.curves.theory("growth (1 + μλ_{r*})^{t}", "t", "sigma_power", theoryColor))
	for i, l := range []struct{ name, column string }{
		{fmt.Sprintf("angle below %g", alignedBelow), "t_aligned"},
		{fmt.Sprintf("σ_{r*} above %g", grownAbove), "t_grown"},
		{"test error below 0.1", "t_fitted"},
	} {
		line := f.summary.line(l.name, "r", l.column, sensingColors[i])
		line.Marker, line.Dash = sensingMarkers[i], figure.Dash(i)
		times.Lines = append(times.Lines, line)
	}
	caption := fmt.Sprintf("%s; U_0 = αU with entries of U from N(0, 1/r), α = %.4g, μ = %g, seed %d. "+
		"L is spanned by the r* leading eigenvectors of A*(y), L_t by the r* leading left singular vectors of U_t. "+
		"Dashed: the sine of the angle of the columns of X to L, and the growth of the power method from "+
		"where r = %d is aligned, λ_{r*} = %.4f being the eigenvalue of A*(y). "+
		"A curve has a marker at one iterate in %d of (c) and in %d of (a) and (b).",
		f.problem, c.Alpha, c.Step, c.Seed, c.Columns[len(c.Columns)-1], f.facts.lambda, spacing*c.Every, max(spacing/3, 1)*c.Every)
	m.draw("Small random initialization is akin to spectral learning, Figure 3", caption,
		figure.Row{Height: 9.5, Cells: []figure.Cell{{Panel: angle, Weight: 1}, {Panel: sigma, Weight: 1}}},
		figure.Row{Height: 9.5, Cells: []figure.Cell{{Panel: test, Weight: 1}, {Panel: times, Weight: 1}}},
	)
}
