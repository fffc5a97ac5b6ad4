package paper

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"gonum.org/v1/gonum/floats"

	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
	"lowrank/solvers/symmetric"
)

var symmetricDimension = Figure{"symmetric/dimension", "iterations, passes and time against d up to a million", makeSymmetricDimension}

type symmetricDimensionConfig struct {
	R           int       `toml:"r"`
	Scale       float64   `toml:"scale" comment:"ϖ: X_0 = ϖN_0"`
	Step        float64   `toml:"step" comment:"η"`
	Dims        []int     `toml:"dims" comment:"d with a diagonal Σ; the paper has 4000 alone"`
	DenseDims   []int     `toml:"dense-dims" comment:"d with a dense Σ = QΛQᵀ; none: no dense Σ"`
	Accuracies  []float64 `toml:"accuracies" comment:"ε of ‖Σ_r − XXᵀ‖_F ≤ ε, descending"`
	Seeds       int       `toml:"seeds" comment:"random starts for each d"`
	FewFrom     int       `toml:"few-from" comment:"the d from which on there are fewer"`
	FewSeeds    int       `toml:"few-seeds" comment:"random starts there"`
	Iterations  int       `toml:"iterations" comment:"the most; a run ends at the smallest ε"`
	Tolerance   float64   `toml:"tolerance" comment:"part of ‖X‖ that the basis may change X by"`
	DirectSteps int       `toml:"direct-steps" comment:"steps of the direct method that are timed at each d"`
	Seed        uint64    `toml:"seed" comment:"of the first start; each d has its own, the same for both kinds of Σ"`
}

func (c *symmetricDimensionConfig) check() error {
	if c.R != 2 {
		return fmt.Errorf("r is %d; the study is about rank 2", c.R)
	}
	if !slices.IsSorted(c.Dims) || !slices.IsSorted(c.DenseDims) {
		return fmt.Errorf("dims is %v and dense-dims %v; expected ascending numbers", c.Dims, c.DenseDims)
	}
	accuracy := func(name string, v float64) error {
		if !(v >= 1e-12 && v < 1) {
			return fmt.Errorf("%s is %g; expected a number from 1e-12 to below 1", name, v)
		}
		return nil
	}
	for i, e := range c.Accuracies {
		if i > 0 && !(e < c.Accuracies[i-1]) {
			return fmt.Errorf("accuracies is %v; expected descending numbers", c.Accuracies)
		}
	}
	if len(c.DenseDims) > 0 {
		if err := firstOf(eachOf("dense-dims", c.DenseDims, least(leastD)), once("dense-dims", c.DenseDims)); err != nil {
			return err
		}
	}
	return firstOf(
		positive("scale", c.Scale),
		positive("step", c.Step),
		eachOf("dims", c.Dims, least(leastD)),
		once("dims", c.Dims),
		atLeast("dims: the number of values", len(c.Dims), 3),
		eachOf("accuracies", c.Accuracies, accuracy),
		fromTo("seeds", c.Seeds, 1, mostSeeds),
		fromTo("few-seeds", c.FewSeeds, 1, mostSeeds),
		atLeast("iterations", c.Iterations, 1),
		checkTolerance(c.Tolerance),
		fromTo("direct-steps", c.DirectSteps, 1, mostDirectSteps),
	)
}

// mostDirectSteps are more than a median needs.
const mostDirectSteps = 10_000

// leastD leaves room for a basis.
const leastD = 200

// makeSymmetricDimension follows the setting of Figure 1 in a Krylov basis for many
// d, and counts iterations to several errors.
func makeSymmetricDimension(ctx context.Context, m *making) error {
	c := &symmetricDimensionConfig{
		R: 2, Scale: 0.5, Step: 0.1,
		Dims:       []int{1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000},
		DenseDims:  []int{1000, 2000, 5000, 10_000, 20_000},
		Accuracies: []float64{1e-2, 1e-6, 1e-10},
		Seeds:      15, FewFrom: 200_000, FewSeeds: 3, Iterations: 10_000, Tolerance: krylov.Tolerance, DirectSteps: 25, Seed: 1,
	}
	if m.Quick {
		c.Dims, c.DenseDims, c.Seeds = c.Dims[:5], c.DenseDims[:2], 9
	}
	if err := m.configure(c); err != nil {
		return err
	}
	s := &dimensionStudy{config: c, runs: newTable("", c.runColumns()...)}
	for _, of := range c.problems() {
		if err := c.fits(m.Backend, of); err != nil {
			return err
		}
	}
	for _, of := range c.problems() {
		if err := s.add(ctx, m, of); err != nil {
			return err
		}
	}
	s.runs.derive("seconds_per_pass", func(value func(string) float64) float64 { return value("seconds") / value("passes") })
	s.runs.derive("direct_seconds", func(value func(string) float64) float64 {
		return value("direct_step") * value(iterationsTo(c.finest()))
	})
	s.summarize()
	m.Tables = []*Table{s.runs, s.summary}
	s.verdicts(m)
	s.draw(m)
	return nil
}

// dimensionProblem is a Σ and the seeds of its starts.
type dimensionProblem struct {
	d     int
	dense bool
	seeds []uint64
}

func (p dimensionProblem) String() string {
	if p.dense {
		return fmt.Sprintf("dense Σ with d = %d", p.d)
	}
	return fmt.Sprintf("diagonal Σ with d = %d", p.d)
}

// problems are those of the figure. Each d has seeds of its own, as starts of one
// seed share their leading rows.
func (c *symmetricDimensionConfig) problems() []dimensionProblem {
	all := slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.Dims, c.DenseDims))))
	var out []dimensionProblem
	for i, dims := range [][]int{c.Dims, c.DenseDims} {
		for _, d := range dims {
			n := c.Seeds
			if d >= c.FewFrom {
				n = min(n, c.FewSeeds)
			}
			out = append(out, dimensionProblem{d, i == 1, each64(c.Seed+uint64(slices.Index(all, d)*c.Seeds), n)})
		}
	}
	return out
}

// fits is an error where a problem needs more memory than there is. It says what fits.
func (c *symmetricDimensionConfig) fits(b *blas.Backend, p dimensionProblem) error {
	check := func(d int) error {
		bytes := 2*problem.RunBytes[float64](d, c.R, false) + basisBytes(d, c.R)
		if p.dense {
			bytes += problem.DenseBytes[float64, float64](b, d)
		}
		return problem.CheckMemory("symmetric/dimension: "+dimensionProblem{d: d, dense: p.dense}.String(), bytes)
	}
	err := check(p.d)
	if err == nil {
		return nil
	}
	most := sort.Search(p.d, func(d int) bool { return check(d) != nil }) - 1
	name := "dims"
	if p.dense {
		name = "dense-dims"
	}
	return fmt.Errorf("%w, enough for %s up to %d", err, name, max(most, 0))
}

// dimensionStudy is the data: of each run a row, and their spread over the seeds.
type dimensionStudy struct {
	config        *symmetricDimensionConfig
	runs, summary *Table
}

// finest is the smallest ε.
func (c *symmetricDimensionConfig) finest() float64 { return c.Accuracies[len(c.Accuracies)-1] }

// iterationsTo names the column of an accuracy.
func iterationsTo(accuracy float64) string { return fmt.Sprintf("iterations_%g", accuracy) }

func (c *symmetricDimensionConfig) runColumns() []string {
	columns := []string{"dense", "d", "seed"}
	for _, e := range c.Accuracies {
		columns = append(columns, iterationsTo(e))
	}
	columns = append(columns, "error")
	columns = append(columns, basisColumns...)
	return append(columns, "seconds", "direct_step")
}

// add makes the runs on one Σ.
func (s *dimensionStudy) add(ctx context.Context, m *making, of dimensionProblem) error {
	c, stage := s.config, of.String()
	rows, err := kept(m, stage, func() ([][]float64, error) {
		p := newFigure1Sigma(m.Backend, of.d, of.dense, of.seeds[0])
		step, err := p.directStep(ctx, m.Backend, c, of.seeds[0])
		if err != nil {
			return nil, err
		}
		var rows [][]float64
		for _, seed := range of.seeds {
			row, err := c.follow(ctx, m, stage+" run", p, seed)
			if err != nil {
				return nil, err
			}
			rows = append(rows, slices.Concat([]float64{indicator(of.dense), float64(of.d), float64(seed)}, row, []float64{step}))
		}
		return rows, nil
	})
	for _, row := range rows {
		s.runs.add(row...)
	}
	return err
}

// follow makes one run: the columns from the first accuracy to the seconds.
func (c *symmetricDimensionConfig) follow(ctx context.Context, m *making, stage string, p *figure1Sigma, seed uint64) ([]float64, error) {
	x0 := p.start(c.R, c.Scale, seed)
	began := time.Now()
	basis, err := symmetric.NewKrylov(m.Backend, p.op, x0, c.Step, c.Tolerance)
	if err != nil {
		return nil, err
	}
	begun := time.Since(began)
	first := &firstWithin{basis: basis, theory: basis.NewTheory(p.basis(c.R)), levels: c.Accuracies}
	res, err := m.runInBasis(ctx, stage, p.op, basis, begun, trajectory{
		stop: solvers.Stop{Iterations: c.Iterations, When: first.done}, recorder: first, every: 1,
	})
	if err == nil && res.Status == solvers.Diverged {
		err = errors.New(res.Reason)
	}
	if err != nil {
		return nil, err
	}
	row := slices.Clone(first.times)
	for len(row) < len(c.Accuracies) {
		row = append(row, math.NaN())
	}
	row = append(row, first.theory.Of(basis.Solver).Error)
	return append(append(row, basisRow(basis)...), (begun + res.Time).Seconds()), nil
}

// firstWithin is the numbers of the first iterates with errors of at most each of the
// levels, which descend.
type firstWithin struct {
	basis  *symmetric.Krylov
	theory *symmetric.Theory[float64] // of the coordinates
	levels []float64
	times  []float64
}

func (n *firstWithin) Record(t int) error {
	for !n.done() && n.theory.Of(n.basis.Solver).Error <= n.levels[len(n.times)] {
		n.times = append(n.times, float64(t))
	}
	return nil
}

func (n *firstWithin) done() bool { return len(n.times) == len(n.levels) }

// directStep is the seconds that a step of the direct method takes, the median of some
// after one that is not counted.
func (p *figure1Sigma) directStep(ctx context.Context, b *blas.Backend, c *symmetricDimensionConfig, seed uint64) (float64, error) {
	s := symmetric.New(b, p.op, p.start(c.R, c.Scale, seed), c.Step)
	var seconds []float64
	for range c.DirectSteps + 1 {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("cancelled while steps of the direct method were timed: %w", err)
		}
		began := time.Now()
		if err := s.Step(); err != nil {
			return 0, err
		}
		seconds = append(seconds, time.Since(began).Seconds())
	}
	return median(seconds[1:]), nil
}

// summarize takes the spread over the seeds of one Σ, and the straight lines of the
// medians of diagonal Σ against log d.
func (s *dimensionStudy) summarize() {
	var quantities []string
	for _, e := range s.config.Accuracies {
		quantities = append(quantities, iterationsTo(e))
	}
	lines := len(quantities)
	quantities = append(quantities, "passes", "basis_size", "basis_error", "rounding_error", "seconds", "direct_seconds")
	columns := []string{"dense", "d", "runs"}
	for _, q := range quantities {
		columns = append(columns, spreadColumns(q)...)
	}
	for _, q := range quantities[:lines] {
		columns = append(columns, q+"_fit")
	}
	s.summary = newTable("summary", columns...)
	for _, dense := range distinct(s.runs, "dense") {
		ofForm := withValue(s.runs, "dense", dense)
		part := newTable("", columns...)
		for _, d := range distinct(ofForm, "d") {
			of := withValue(ofForm, "d", d)
			row := []float64{dense, d, float64(len(of.Rows))}
			for _, q := range quantities {
				row = append(row, spreadOf(present(of, q)).values()...)
			}
			part.add(append(row, slices.Repeat([]float64{math.NaN()}, lines)...)...)
		}
		for _, q := range quantities[:lines] {
			slope, intercept, _ := fitLog(part, "d", q+"_median")
			for _, row := range part.Rows {
				if dense == 0 {
					row[part.at(q+"_fit")] = intercept + slope*math.Log10(row[part.at("d")])
				}
			}
		}
		s.summary.Rows = append(s.summary.Rows, part.Rows...)
	}
}

// of is the summary of diagonal Σ, or of dense.
func (s *dimensionStudy) of(dense float64) *Table { return withValue(s.summary, "dense", dense) }

func naturalLogs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Log(x)
	}
	return out
}

// curvature is the coefficient of x² in the parabola of least squares through the
// points, and its standard error, which is infinite for three of them.
func curvature(x, y []float64) (bend, deviation float64) {
	squares := make([]float64, len(x))
	for i, v := range x {
		squares[i] = v * v
	}
	// What a straight line leaves of x² and of y.
	rest := func(of []float64) []float64 {
		slope, intercept, _ := fit(x, of)
		out := make([]float64, len(of))
		for i, v := range of {
			out[i] = v - intercept - slope*x[i]
		}
		return out
	}
	p, left := rest(squares), rest(y)
	bend = floats.Dot(p, left) / floats.Dot(p, p)
	floats.AddScaled(left, -bend, p)
	if len(x) <= 3 {
		return bend, math.Inf(1)
	}
	return bend, math.Sqrt(floats.Dot(left, left) / float64(len(x)-3) / floats.Dot(p, p))
}

// mostBend is how many standard errors an upward bend may have that is by chance: one in
// 700 of normal numbers has more.
const mostBend = 3

// mostExcess is how far a median may stand above the straight line, as a part of it:
// those of few starts scatter.
const mostExcess = 0.15

// settled is an error from which on the slowest noise decides: both signals stand.
const settled = 1e-2

// rateSpread is what the many eigenvalues below λ_3 add to a rate that λ_3 alone would
// give.
const rateSpread = 0.1

func (s *dimensionStudy) verdicts(m *making) {
	c := s.config
	finest := c.finest()
	arrived := len(present(s.runs, iterationsTo(finest)))
	m.verdict(arrived == len(s.runs.Rows), "%d of %d runs come to ‖Σ_r − XXᵀ‖ ≤ %.0e in at most %d iterations",
		arrived, len(s.runs.Rows), finest, c.Iterations)

	diagonal, starts := s.of(0), withValue(s.runs, "dense", 0)
	d := diagonal.column("d")
	logPower := powerOfLog(d)
	for _, e := range c.Accuracies {
		q := iterationsTo(e)
		v := diagonal.column(q + "_median")
		if slices.ContainsFunc(v, math.IsNaN) {
			m.verdict(false, "ε = %.0e takes O(ln d) iterations: for some d no run comes to it in %d "+
				"iterations; more are needed to say", e, c.Iterations)
			continue
		}
		excess := 0.0
		for i, f := range diagonal.column(q + "_fit") {
			if x := v[i]/f - 1; !math.IsNaN(excess) && !(x <= excess) {
				excess = x
			}
		}
		power, scatter := fitPower(diagonal, "d", q+"_median")
		x, y := starts.points("d", q)
		bend, deviation := curvature(naturalLogs(x), y)
		bends := fmt.Sprintf(", from which single starts bend by %.2g ± %.2g times its square (upward by at "+
			"most %d standard errors)", bend, deviation, mostBend)
		if math.IsInf(deviation, 1) {
			bends = "; of three runs nothing is said of a bend"
		}
		m.verdict(power-scatter <= logPower && bend <= mostBend*deviation && excess <= mostExcess,
			"ε = %.0e takes O(ln d) iterations: the medians, from %.0f at d = %.0f to %.0f at d = %.0f, go as "+
				"d^%.3f ± %.3f, the standard error (as log d itself, d^%.3f there, or slower, by one standard "+
				"error); none is more than %.1f %% above their straight line in ln d (at most %.0f %%)%s",
			e, v[0], d[0], v[len(v)-1], d[len(d)-1], power, scatter, logPower, 100*excess, 100*mostExcess, bends)
	}

	lambda := problem.Figure1Spectrum(4)
	rate := -math.Log1p(-c.Step * (lambda[1] - lambda[2]))
	for i := 1; i < len(c.Accuracies); i++ {
		if c.Accuracies[i-1] > settled {
			continue
		}
		before, after := s.runs.column(iterationsTo(c.Accuracies[i-1])), s.runs.column(iterationsTo(c.Accuracies[i]))
		var ratios []float64
		want := math.Log(c.Accuracies[i-1]/c.Accuracies[i]) / rate
		for j := range before {
			ratios = append(ratios, (after[j]-before[j])/want)
		}
		if slices.ContainsFunc(ratios, math.IsNaN) {
			m.verdict(false, "O(ln 1/ε): from ε = %.0e to %.0e: not every run comes to it in %d iterations; "+
				"more are needed to say", c.Accuracies[i-1], c.Accuracies[i], c.Iterations)
			continue
		}
		r := spreadOf(ratios)
		m.verdict(r.least >= 1-rateSpread && r.most <= 1+rateSpread,
			"O(ln 1/ε): from ε = %.0e to %.0e every run takes %.3f to %.3f times the ln(ε/ε')/−ln(1 − η(λ₂ − "+
				"λ₃)) = %.0f iterations of the slowest noise, whatever d (within %.0f %%)",
			c.Accuracies[i-1], c.Accuracies[i], r.least, r.most, want, 100*rateSpread)
	}

	passes := spreadOf(s.runs.column("passes"))
	m.verdict(passes.most <= mostPasses, "every run takes %.0f to %.0f passes over Σ (at most %d), whatever d",
		passes.least, passes.most, mostPasses)

	worst := 0.0
	for i, v := range s.runs.column("basis_error") {
		if e := v + s.runs.column("rounding_error")[i]; !math.IsNaN(worst) && !(e <= worst) {
			worst = e
		}
	}
	m.verdict(worst <= finest/10, "the estimated error of X at the end is at most %.1e·‖X‖ (at most a tenth of the smallest ε)", worst)

	s.compareForms(m)
	for _, e := range c.Accuracies {
		slope, intercept, r2 := fitLog(diagonal, "d", iterationsTo(e)+"_median")
		if math.IsNaN(slope) {
			continue // too few come to it
		}
		m.note("iterations to ε = %.0e ≈ %.4g + %.3g·ln d (R² = %.3f)", e, intercept, slope/math.Ln10, r2)
	}
	for dense, name := range []string{"diagonal", "dense"} {
		if t := s.of(float64(dense)); len(t.Rows) > 0 {
			last := t.Rows[len(t.Rows)-1]
			value := func(column string) float64 { return last[t.at(column)] }
			if direct := value("direct_seconds_median"); !math.IsNaN(direct) {
				m.note("%s Σ, d = %.0f: %.3g s in the basis, %.3g s directly, from %d steps × iterations",
					name, value("d"), value("seconds_median"), direct, c.DirectSteps)
			}
		}
	}
}

// compareForms: a run on QΛQᵀ is that on Λ in other coordinates.
func (s *dimensionStudy) compareForms(m *making) {
	pairs, worst := 0, 0.0
	diagonal := withValue(s.runs, "dense", 0)
	for _, row := range withValue(s.runs, "dense", 1).Rows {
		same := withValue(withValue(diagonal, "d", row[s.runs.at("d")]), "seed", row[s.runs.at("seed")])
		if len(same.Rows) == 0 {
			continue
		}
		pairs++
		for _, e := range s.config.Accuracies {
			if off := math.Abs(row[s.runs.at(iterationsTo(e))] - same.column(iterationsTo(e))[0]); !math.IsNaN(worst) && !(off <= worst) {
				worst = off
			}
		}
	}
	switch {
	case pairs == 0:
	case math.IsNaN(worst):
		m.verdict(false, "dense Σ = QΛQᵀ takes the iterations of Λ from the same start in its eigenbasis: in "+
			"%d iterations not every run comes to every ε; more are needed to say", s.config.Iterations)
	default:
		m.verdict(worst <= 1, "dense Σ = QΛQᵀ takes the iterations of Λ from the same start in its "+
			"eigenbasis: in %d runs of both the counts differ by at most %.0f (at most 1, where an error crosses ε)",
			pairs, worst)
	}
}

func (s *dimensionStudy) draw(m *making) {
	c := s.config
	diagonal, dense := s.of(0), s.of(1)
	const dLabel = "dimension d, log scale"
	markers := []figure.Marker{figure.Dot, figure.Square, figure.Triangle, figure.Diamond}
	open := []figure.Marker{figure.Circle, figure.OpenSquare}

	counts := &figure.Axes{Title: "Iterations to ‖Σ_r − XXᵀ‖_F ≤ ε", XLabel: dLabel, YLabel: "iterations", LogX: true, YMin: pointer(0)}
	for i, e := range c.Accuracies {
		q := iterationsTo(e)
		slope, _, _ := fitLog(diagonal, "d", q+"_median")
		counts.Lines = append(counts.Lines,
			dots(withValue(s.runs, "dense", 0), "d", q, i, open[i%len(open)]),
			without(medians(diagonal, "ε = "+power(e), "d", q, i, markers[i%len(markers)])))
		if !math.IsNaN(slope) {
			counts.Lines = append(counts.Lines, diagonal.theory(fmt.Sprintf("straight line: %.3g·ln d", slope/math.Ln10), "d", q+"_fit", i))
		}
	}
	for i, e := range c.Accuracies {
		if len(dense.Rows) > 0 {
			l := without(dense.line("dense Σ", "d", iterationsTo(e)+"_median", 5))
			l.Marker, l.HideInLegend = figure.Cross, i > 0
			counts.Lines = append(counts.Lines, l)
		}
	}

	// both draws a quantity of both kinds of Σ.
	both := func(name, column string, color int, marker figure.Marker, dashes ...figure.Dash) []figure.Line {
		var lines []figure.Line
		for i, t := range []*Table{diagonal, dense} {
			if len(t.Rows) > 0 {
				l := medians(t, fmt.Sprintf("%s, %s Σ", name, []string{"diagonal", "dense"}[i]), "d", column, color+i, marker)
				l.Dash = dashes[min(i, len(dashes)-1)]
				lines = append(lines, l)
			}
		}
		return lines
	}
	sizes := &figure.Axes{Title: "Passes over Σ and size of the basis", XLabel: dLabel, YLabel: "number", LogX: true, YMin: pointer(0)}
	sizes.Lines = append(both("passes", "passes", 0, figure.Dot, figure.Solid, figure.Dashed), both("vectors", "basis_size", 2, figure.Square, figure.Solid, figure.Dashed)...)

	seconds := &figure.Axes{Title: "Time to ε = " + power(c.finest()), XLabel: dLabel, YLabel: "seconds, log scale", LogX: true, LogY: true}
	seconds.Lines = append(both("in a basis", "seconds", 0, figure.Dot, figure.Solid),
		both(fmt.Sprintf("direct, from %d steps × iterations", c.DirectSteps), "direct_seconds", 0, figure.Circle, figure.Dashed)...)

	estimates := &figure.Axes{Title: "Estimated error of X at the end", XLabel: dLabel, YLabel: "relative to ‖X‖_F, log scale", LogX: true, LogY: true}
	estimates.Lines = append(both("basis", "basis_error", 0, figure.Dot, figure.Solid), both("rounding", "rounding_error", 2, figure.Square, figure.Dotted)...)

	allowed, err := symmetric.TheoryStep(problem.Figure1Spectrum(leastD)[:c.R+1], nil)
	if err != nil {
		panic(err) // of a spectrum without gaps
	}
	starts := fmt.Sprintf("%d starts X₀ = %g·N₀ for each d", c.Seeds, c.Scale)
	if few := min(c.Seeds, c.FewSeeds); few < c.Seeds && c.Dims[len(c.Dims)-1] >= c.FewFrom {
		starts += fmt.Sprintf(", %d from d = %d on", few, c.FewFrom)
	}
	caption := fmt.Sprintf("A study beyond the paper, of property 7 of Theorem 6. Setting of Figure 1: Σ = "+
		"diag(1, 0.5, 0.3 … 0), and dense Σ = QΛQᵀ with the same Λ, r = 2, %s, entries of N₀ from N(0, 1/d), "+
		"η = %g (Theorem 6 allows %.3g). "+
		"Each run makes no pass over Σ in most iterations: %s"+
		"It ends at the smallest ε. Pale markers are single starts, bars reach from quartile to quartile, "+
		"straight lines are fitted to the medians by least squares. "+
		"Times depend on the machine and on what else it does, and no verdict rests on them; that of the "+
		"direct method is the median of %d of its steps, measured at each d, times the number of iterations.",
		starts, c.Step, allowed, basisCaption(c.Tolerance), c.DirectSteps)
	m.draw("Symmetric factorization in a Krylov basis: iterations, passes and time against d", strings.TrimSpace(caption),
		figure.Row{Height: 9.5, Cells: []figure.Cell{{Panel: counts, Weight: 1}, {Panel: sizes, Weight: 1}}},
		figure.Row{Height: 9, Cells: []figure.Cell{{Panel: seconds, Weight: 1}, {Panel: estimates, Weight: 1}}})
}

// without is markers and error bars alone.
func without(l figure.Line) figure.Line {
	l.NoLine = true
	return l
}
