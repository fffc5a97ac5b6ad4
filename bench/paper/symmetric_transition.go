package paper

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/symmetric"
)

var symmetricTransition = Figure{"symmetric/transition", "the transition times of Assumption 5 against log d", makeSymmetricTransition}

type symmetricTransitionConfig struct {
	D           []int   `toml:"d" comment:"the paper has d = 4000 alone"`
	Scale       float64 `toml:"scale" comment:"ϖ: X_0 = ϖN_0"`
	Step        float64 `toml:"step" comment:"η"`
	Seeds       int     `toml:"seeds" comment:"random starts for each d"`
	HigherRanks []int   `toml:"higher-ranks" comment:"r beside 2, with equal gaps"`
	HigherD     []int   `toml:"higher-d" comment:"their d"`
	HigherSeeds int     `toml:"higher-seeds" comment:"their random starts"`
	Gap         float64 `toml:"gap" comment:"of their leading eigenvalues 1, 1 − gap, …; then evenly to 0"`
	Iterations  int     `toml:"iterations" comment:"the most; runs end when all times are known"`
	Seed        uint64  `toml:"seed" comment:"of the first start; each of all runs has its own"`
}

func (c *symmetricTransitionConfig) check() error {
	for _, r := range c.HigherRanks {
		if r < 3 || !(1-float64(r)*c.Gap > 0) {
			return fmt.Errorf("higher-ranks has %d; expected at least 3, and 1 − r·gap above 0", r)
		}
	}
	if len(c.HigherRanks) > 0 {
		if err := firstOf(eachOf("higher-d", c.HigherD, least(20)), fromTo("higher-seeds", c.HigherSeeds, 1, mostSeeds)); err != nil {
			return err
		}
	}
	if !slices.IsSorted(c.D) || !slices.IsSorted(c.HigherD) {
		return fmt.Errorf("d is %v and higher-d %v; expected ascending numbers", c.D, c.HigherD)
	}
	return firstOf(
		once("d", c.D),
		once("higher-d", c.HigherD),
		once("higher-ranks", c.HigherRanks),
		eachOf("d", c.D, least(20)),
		atLeast("d: the number of values", len(c.D), 3),
		positive("scale", c.Scale),
		positive("step", c.Step),
		positive("gap", c.Gap),
		fromTo("seeds", c.Seeds, 2, mostSeeds),
		atLeast("iterations", c.Iterations, 1),
	)
}

// makeSymmetricTransition finds the times t_k^* of (15) from random starts for
// many d, and the same times with what (15) compares measured, not bounded.
func makeSymmetricTransition(ctx context.Context, m *making) error {
	c := &symmetricTransitionConfig{
		D: []int{500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000}, Scale: 0.5, Step: 0.1, Seeds: 20,
		HigherRanks: []int{3, 4}, HigherD: []int{500, 1000, 2000, 5000, 10_000, 20_000}, HigherSeeds: 10, Gap: 0.2,
		Iterations: 60_000, Seed: 1,
	}
	if m.Quick {
		c.D, c.HigherD = c.D[:5], c.HigherD[:3]
		c.HigherSeeds = 5
	}
	if err := m.configure(c); err != nil {
		return err
	}
	study := &transitionStudy{times: newTable("", "r", "k", "d", "step", "seed", "t_init", "T_u", "t", "t_star", "reached", "settled", "observed")}
	seed := c.Seed
	for i, d := range c.D {
		if err := study.add(ctx, m, 2, i, problem.Figure1Spectrum(d), c.Step, each64(seed, c.Seeds)); err != nil {
			return err
		}
		seed += uint64(c.Seeds)
	}
	// Some of the smallest again, with the step of Theorem 6.
	smallest := problem.Figure1Spectrum(c.D[0])
	step, err := symmetric.TheoryStep(smallest[:3], nil)
	if err != nil {
		return err
	}
	study.theoryStep = step
	if step < c.Step {
		if err := study.add(ctx, m, 2, 0, smallest, step, each64(c.Seed, min(c.Seeds, pairs))); err != nil {
			return err
		}
	}
	for _, r := range c.HigherRanks {
		for i, d := range c.HigherD {
			if err := study.add(ctx, m, r, i, equalGaps(d, r, c.Gap), c.Step, each64(seed, c.HigherSeeds)); err != nil {
				return err
			}
			seed += uint64(c.HigherSeeds)
		}
	}
	study.summarize(c)
	m.Tables = []*Table{study.times, study.summary}
	study.verdicts(m, c)
	study.draw(m, c)
	return nil
}

// equalGaps is a spectrum with r+1 leading eigenvalues 1, 1 − gap, …, and then
// evenly to 0.
func equalGaps(d, r int, gap float64) []float64 {
	var l []float64
	for k := range r {
		l = append(l, 1-gap*float64(k))
	}
	return append(l, problem.Arithmetic(d-r, 1-gap*float64(r), 0)...)
}

// transitionStudy is the data: of each run and k a row of times, and their
// spread over the seeds.
type transitionStudy struct {
	times, summary *Table
	theoryStep     float64
}

// add makes the runs of one problem, as one ensemble; entry is the place of its
// d in its list, which tells stages apart.
func (s *transitionStudy) add(ctx context.Context, m *making, r, entry int, lambda []float64, step float64, seeds []uint64) error {
	d := len(lambda)
	c := m.Config.(*symmetricTransitionConfig)
	stage := fmt.Sprintf("r = %d, entry %d, d = %d, step %g", r, entry+1, d, step)
	rows, err := kept(m, stage, func() ([][]float64, error) {
		p, err := newSymmetricProblem(m, r, lambda, len(seeds))
		if err != nil {
			return nil, err
		}
		// A smaller step needs as many iterations more.
		most := int(math.Ceil(float64(c.Iterations) * max(c.Step/step, 1)))
		var members []*symmetric.Solver[float64]
		var runs []trajectory
		var observers []*transitionRun
		for _, seed := range seeds {
			solver := p.run(c.Scale, step, seed)
			o := newTransitionRun(p, solver)
			members, observers = append(members, solver), append(observers, o)
			runs = append(runs, trajectory{
				stop: solvers.Stop{Iterations: most, When: o.done}, recorder: o, every: 1, load: reading(bench.SymmetricLoad(p.op, solver)),
			})
		}
		if _, err := m.runEach(ctx, stage+" run", symmetric.NewEnsemble(members...), runs); err != nil {
			return nil, err
		}
		var rows [][]float64
		for i, o := range observers {
			rows = append(rows, o.rows(float64(d), step, float64(seeds[i]))...)
		}
		return rows, nil
	})
	for _, row := range rows {
		s.times.add(row...)
	}
	return err
}

// transitionRun finds the times of one run: those of section 4.2, and the
// observed ones, in which (15) has rσ_1(u_kK_kᵀ) where it has the bound
// r(1 − ηΔ/6)^t of it, so that there is no t^* to wait for.
type transitionRun struct {
	solver  *symmetric.Solver[float64]
	theory  *symmetric.Theory[float64]
	tracker *symmetric.Tracker[float64]
	delta   float64
	r       int
	u       []float64            // u_1 … u_r
	signals symmetric.Quantities // nothing but σ_1²(u_k)
	seen    transitionTimes
	ended   bool
}

type transitionTimes struct {
	InS     bool
	Reached []int // first t with σ_1²(u_k) ≥ Δ/2, from Settled of k − 1 on
	Settled []int // first t from there on with the observed (15), k < r
}

func newTransitionRun(p *symmetricProblem, s *symmetric.Solver[float64]) *transitionRun {
	r := p.r
	// What is not measured is NaN, so that no claim is called true.
	empty := func() []float64 { return slices.Repeat([]float64{math.NaN()}, r) }
	return &transitionRun{
		solver: s, theory: p.theory, tracker: symmetric.NewTracker(s, p.theory), delta: symmetric.MinGap(p.lambda[:r+1]), r: r, u: make([]float64, r*r),
		signals: symmetric.Quantities{Error: math.NaN(), Signal: empty(), Noise: empty(), SigmaK: empty(), SNR: empty()},
	}
}

// Record takes the signals from the leading rows of X, and measures the rest
// while X_t may enter S, and where the noise is near what the observed (15)
// allows.
func (o *transitionRun) Record(t int) error {
	seen, q := &o.seen, &o.signals
	leadingRows(o.u, o.solver)
	for k := range q.Signal {
		q.Signal[k] = 0
		for _, v := range o.u[k*o.r : (k+1)*o.r] {
			q.Signal[k] += v * v
		}
	}
	if !seen.InS {
		q = o.theory.Of(o.solver)
		seen.InS = q.InS
	}
	o.tracker.Observe(t, q)
	for seen.InS && len(seen.Reached) < o.r {
		k := len(seen.Settled) // the signal that is waited for
		if len(seen.Reached) == k {
			if !(q.Signal[k] >= o.delta/2) {
				return nil
			}
			seen.Reached = append(seen.Reached, t)
			continue
		}
		allowed := math.Sqrt(o.delta/8) * math.Sqrt(min(q.Signal[k+1], o.delta/2)) / float64(o.r)
		const legible = 1e-6
		if rough := roughNoise(o.u, o.solver.Gram(), k, o.r); rough > 2*max(allowed, legible) || !(o.theory.Of(o.solver).Noise[k] <= allowed) {
			return nil
		}
		seen.Settled = append(seen.Settled, t)
	}
	if t%64 == 0 {
		o.ended = len(seen.Reached) == o.r && o.tracker.Times().TU[o.r-1] != symmetric.Unreached
	}
	return nil
}

func (o *transitionRun) done() bool { return o.ended }

// rows has one row for each signal.
func (o *transitionRun) rows(d, step, seed float64) [][]float64 {
	tm := o.tracker.Times()
	at := func(times []int, k int) float64 {
		if k >= len(times) || times[k] == symmetric.Unreached {
			return math.NaN()
		}
		return float64(times[k])
	}
	var rows [][]float64
	for k := range o.r {
		reached, settled := at(o.seen.Reached, k), at(o.seen.Settled, k)
		rows = append(rows, []float64{
			float64(o.r), float64(k + 1), d, step, seed,
			at(tm.Init, k), at(tm.TU, k), at(tm.T, k), at(tm.Trans, k), reached, settled, settled - reached,
		})
	}
	return rows
}

type transitionState struct {
	Tracker []byte
	Seen    transitionTimes
	Ended   bool
}

// Save returns the state.
func (o *transitionRun) Save() ([]byte, error) {
	tracker, err := o.tracker.Save()
	if err != nil {
		return nil, err
	}
	return solvers.EncodeState(transitionState{tracker, o.seen, o.ended})
}

// Restore sets the state that Save returned.
func (o *transitionRun) Restore(data []byte) error {
	var st transitionState
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	o.seen, o.ended = st.Seen, st.Ended
	return o.tracker.Restore(st.Tracker)
}

// sharp is t^♯ of (14), the least that (15) allows t_k^* to be, for a rank.
func (s *transitionStudy) sharp(c *symmetricTransitionConfig, r int, step float64) float64 {
	delta := symmetric.MinGap(problem.Figure1Spectrum(4)[:3])
	if r > 2 {
		delta = symmetric.MinGap(equalGaps(r+2, r, c.Gap)[:r+1])
	}
	return math.Ceil(math.Log(delta/(4*float64(r))) / math.Log1p(-step*delta/6))
}

// summarize takes the spread over the seeds of one problem, and for the step of
// the figure the straight lines of their medians against log d.
func (s *transitionStudy) summarize(c *symmetricTransitionConfig) {
	quantities := []string{"t_star", "observed", "reached"}
	columns := []string{"r", "k", "d", "step", "t_sharp"}
	for _, q := range quantities {
		columns = append(columns, spreadColumns(q)...)
	}
	for _, q := range quantities {
		columns = append(columns, q+"_fit")
	}
	s.summary = newTable("summary", columns...)
	for _, r := range distinct(s.times, "r") {
		ofR := withValue(s.times, "r", r)
		for _, k := range distinct(ofR, "k") {
			ofK := withValue(ofR, "k", k)
			for _, step := range distinct(ofK, "step") {
				part := newTable("", columns...)
				ofStep := withValue(ofK, "step", step)
				for _, d := range distinct(ofStep, "d") {
					of := withValue(ofStep, "d", d)
					row := []float64{r, k, d, step, s.sharp(c, int(r), step)}
					for _, q := range quantities {
						row = append(row, spreadOf(present(of, q)).values()...)
					}
					part.add(append(row, slices.Repeat([]float64{math.NaN()}, len(quantities))...)...)
				}
				for _, q := range quantities {
					slope, intercept, _ := fitLog(part, "d", q+"_median")
					for _, row := range part.Rows {
						row[part.at(q+"_fit")] = intercept + slope*math.Log10(row[part.at("d")])
					}
				}
				s.summary.Rows = append(s.summary.Rows, part.Rows...)
			}
		}
	}
}

// of is the summary of one signal.
func (s *transitionStudy) of(r, k int, step float64) *Table {
	return withValue(withValue(withValue(s.summary, "r", float64(r)), "k", float64(k)), "step", step)
}

func (s *transitionStudy) verdicts(m *making, c *symmetricTransitionConfig) {
	// Assumption 4 asks for a finite t_k^*; so do all times here.
	known := 0
	for _, row := range s.times.Rows {
		value := func(column string) float64 { return row[s.times.at(column)] }
		if value("k") == value("r") {
			continue
		}
		if !math.IsNaN(value("t_star")) {
			known++
		}
	}
	equal, of, late := s.least(c)
	m.verdict(known == of, "Assumption 4: t_k* is finite in %d of %d cases (run and k < r)", known, of)

	sum := s.of(2, 1, c.Step)
	exponent, deviation := fitPower(sum, "d", "observed_median")
	logPower := powerOfLog(sum.column("d"))
	m.verdict(exponent-2*deviation <= logPower && exponent+2*deviation < 0.5,
		"with the noise measured in place of its bound: from d = %d to %d the medians of the observed "+
			"transition grow as d^%.3f ± %.3f, the standard error; log d itself goes as d^%.3f there (the "+
			"power is at most that, and below 0.5, by two standard errors)",
		c.D[0], c.D[len(c.D)-1], exponent, deviation, logPower)

	second := s.of(2, 2, c.Step)
	slope, _, r2 := fitLog(second, "d", "reached_median")
	m.verdict(slope > 0, "the second signal takes longer in higher dimension: the median of the t with "+
		"σ₁²(u₂) ≥ Δ/2 rises by %.3g for each decade of d (straight line with R² = %.3f)",
		slope, r2)

	if s.theoryStep < c.Step {
		worst, text := 0.0, []string{}
		for _, q := range []struct {
			name string
			k    int
		}{{"t_star", 1}, {"observed", 1}, {"reached", 2}} {
			ratio := s.pairRatio(c, q.name, q.k)
			if !(math.Abs(ratio-1) <= worst) { // a NaN too
				worst = math.Abs(ratio - 1)
			}
			text = append(text, fmt.Sprintf("%.3f", ratio))
		}
		m.verdict(worst <= stepAgreement, "η = %g, above the %.3g that Theorem 6 allows, shows the same: at d "+
			"= %d η times t_1*, the observed transition and the time of the second signal are, in the median "+
			"of %d starts, %s times those with η = %.3g (within %.0f %%)",
			c.Step, s.theoryStep, c.D[0], min(c.Seeds, pairs), strings.Join(text, ", "), s.theoryStep, 100*stepAgreement)
	}

	stars := sum.column("t_star_median")
	m.note("Assumption 5 as the paper defines its time: from d = %d to %d the median of t_1* goes from %g to %g",
		c.D[0], c.D[len(c.D)-1], stars[0], stars[len(stars)-1])
	m.note("t_k* equals its least value t♯ = log(Δ/(4r))/log(1 − ηΔ/6), rounded up, in %d of %d cases; the "+
		"largest t_k*/t♯ is %.4g: (15) is asked only after t*, and by t_k + t♯ the next signal has reached Δ/2",
		equal, of, late)
	for _, f := range []struct {
		name, column string
		r, k         int
	}{
		{"t_1*", "t_star", 2, 1}, {"observed transition", "observed", 2, 1},
		{"t with σ₁²(u₁) ≥ Δ/2", "reached", 2, 1}, {"t with σ₁²(u₂) ≥ Δ/2", "reached", 2, 2},
	} {
		t := s.of(f.r, f.k, c.Step)
		slope, intercept, r2 := fitLog(t, "d", f.column+"_median")
		fitted := fmt.Sprintf("R² = %.3f", r2)
		if math.Abs(slope) < 1e-9 {
			fitted = "constant"
		}
		m.note("%s, r = 2: median ≈ %.4g + %.3g·log₁₀ d (%s)", f.name, intercept, slope, fitted)
	}
	for _, r := range c.HigherRanks {
		for k := 1; k < r; k++ {
			t := s.of(r, k, c.Step)
			slope, intercept, r2 := fitLog(t, "d", "observed_median")
			m.note("observed transition, r = %d, k = %d: median ≈ %.3g + %.3g·log₁₀ d (R² = %.3f)", r, k, intercept, slope, r2)
		}
	}
	s.margin(m, c)
}

// stepAgreement is what a step η does to growth at rates up to λ_1: (1 + η)^t
// for exp(ηt), 5 % at η = 0.1, and an iterate of rounding.
const stepAgreement = 0.1

// pairs is the most starts that run with the step of Theorem 6 too.
const pairs = 5

// pairRatio is the median over starts of η times a time with the figure's step,
// over that with the step of Theorem 6.
func (s *transitionStudy) pairRatio(c *symmetricTransitionConfig, of string, k int) float64 {
	two := withValue(withValue(withValue(s.times, "r", 2), "k", float64(k)), "d", float64(c.D[0]))
	var ratios []float64
	for _, seed := range distinct(withValue(two, "step", s.theoryStep), "seed") {
		start := withValue(two, "seed", seed)
		time := func(step float64) float64 { return step * withValue(start, "step", step).column(of)[0] }
		ratios = append(ratios, time(c.Step)/time(s.theoryStep))
	}
	return median(ratios)
}

// least tells in how many of all cases, run and k < r, t_k^* is its least value
// t^♯, and the largest ratio of the two.
func (s *transitionStudy) least(c *symmetricTransitionConfig) (equal, of int, late float64) {
	for _, row := range s.times.Rows {
		value := func(column string) float64 { return row[s.times.at(column)] }
		if value("k") == value("r") {
			continue
		}
		of++
		star, sharp := value("t_star"), s.sharp(c, int(value("r")), value("step"))
		if star == sharp {
			equal++
		}
		if star > sharp*late { // not of NaN
			late = star / sharp
		}
	}
	return equal, of, late
}

// powerOfLog is the power of d that fits log d best at these d.
func powerOfLog(d []float64) float64 {
	log := logs(d)
	power, _, _ := fit(log, logs(log))
	return power
}

// margin notes for which d the second signal would come too late for
// t_1^* = t^♯, if it went on with log d.
func (s *transitionStudy) margin(m *making, c *symmetricTransitionConfig) {
	slope, intercept, _ := fitLog(s.of(2, 2, c.Step), "d", "reached_median")
	first := spreadOf(present(withValue(withValue(withValue(s.times, "r", 2), "k", 1), "step", c.Step), "t"))
	worst := spreadOf(present(withValue(withValue(withValue(s.times, "r", 2), "k", 2), "step", c.Step), "reached"))
	until := first.least + s.sharp(c, 2, c.Step)
	m.note("r = 2: t_1* is t♯ as long as σ₁²(u₂) ≥ Δ/2 by t_1 + t♯ ≥ %.0f; the latest of all starts is %.0f, "+
		"and at %.3g a decade the median would come there at d = 10^%.0f",
		until, worst.most, slope, (until-intercept)/slope)
}

func (s *transitionStudy) draw(m *making, c *symmetricTransitionConfig) {
	rank := func(r int) *Table { return withValue(withValue(s.times, "r", float64(r)), "step", c.Step) }
	two := func(k int) *Table { return withValue(rank(2), "k", float64(k)) }
	dLabel := "dimension d, log scale"
	fitName := func(t *Table, column string) string {
		slope, _, r2 := fitLog(t, "d", column)
		if math.Abs(slope) < 1e-9 {
			return "straight line: constant"
		}
		return fmt.Sprintf("straight line: %.3g a decade, R² = %.3f", slope, r2)
	}
	panel := func(title, y string) *figure.Axes {
		return &figure.Axes{Title: title, XLabel: dLabel, YLabel: y, LogX: true, YMin: pointer(0)}
	}

	a := panel("Transition times as Assumption 5 has them", "t_{k}^{*} of (15), iterations")
	a.Lines = append(a.Lines, dots(two(1), "d", "t_star", 0, figure.Circle),
		medians(s.of(2, 1, c.Step), "t_{1}^{*}, r = 2: median and quartiles", "d", "t_star", 0, figure.Dot),
		s.of(2, 1, c.Step).theory("least possible, t^{♯} of (14)", "d", "t_sharp", 5))
	for i, r := range c.HigherRanks {
		color, marker := 1+i, transitionMarkers[i%len(transitionMarkers)]
		l := dots(rank(r), "d", "t_star", color, marker)
		l.Name, l.HideInLegend, l.Faint = fmt.Sprintf("r = %d, every start and k < r", r), false, false
		g := s.of(r, 1, c.Step).theory("least possible, t^{♯} of (14)", "d", "t_sharp", 5)
		a.Lines = append(a.Lines, l, g)
	}

	o := panel("The same with the noise measured", "observed transition, iterations")
	sum := s.of(2, 1, c.Step)
	o.Lines = []figure.Line{
		dots(two(1), "d", "observed", 0, figure.Circle),
		medians(sum, "r = 2: median and quartiles", "d", "observed", 0, figure.Dot),
		sum.theory(fitName(sum, "observed_median"), "d", "observed_fit", 5),
	}

	u := panel("When each signal has reached Δ/2, r = 2", "iteration t")
	for k := 1; k <= 2; k++ {
		sum := s.of(2, k, c.Step)
		marker := []figure.Marker{figure.Dot, figure.Square}[k-1]
		open := []figure.Marker{figure.Circle, figure.OpenSquare}[k-1]
		fitted := sum.theory(fitName(sum, "reached_median"), "d", "reached_fit", 5)
		if k == 2 {
			fitted.Dash = figure.Dotted
		}
		u.Lines = append(u.Lines, dots(two(k), "d", "reached", k-1, open),
			medians(sum, fmt.Sprintf("σ₁²(u_{%d}): median and quartiles", k), "d", "reached", k-1, marker), fitted)
	}

	rows := []figure.Row{{Height: 8.5, Cells: []figure.Cell{{Panel: a, Weight: 1}, {Panel: o, Weight: 1}}}}
	cells := []figure.Cell{{Panel: u, Weight: 1}}
	if len(c.HigherRanks) > 0 {
		h := panel("Higher ranks, equal gaps: observed", "observed transition, iterations")
		n := 0
		for _, r := range c.HigherRanks {
			for k := 1; k < r; k++ {
				l := medians(s.of(r, k, c.Step), fmt.Sprintf("r = %d, k = %d", r, k), "d", "observed", n, transitionMarkers[n%len(transitionMarkers)])
				if r%2 == 1 {
					l.Dash = figure.Dashed
				}
				h.Lines = append(h.Lines, l)
				n++
			}
		}
		cells = append(cells, figure.Cell{Panel: h, Weight: 1})
	}
	rows = append(rows, figure.Row{Height: 8.5, Cells: cells})

	caption := fmt.Sprintf("A study beyond the paper. r = 2: Σ = diag(1, 0.5, 0.3 … 0) as in Figure 1, %d "+
		"starts X₀ = %g·N₀ for each d, entries of N₀ from N(0, 1/d), η = %g (Theorem 6 allows %.3g). ",
		c.Seeds, c.Scale, c.Step, s.theoryStep)
	if len(c.HigherRanks) > 0 {
		caption += fmt.Sprintf("Higher ranks: Σ = diag(1, %.2g, …, 1 − %gr, evenly to 0), %d starts. ", 1-c.Gap, c.Gap, c.HigherSeeds)
	}
	said := "it equals its least value t^{♯} everywhere, so it says nothing of d"
	if equal, of, _ := s.least(c); equal < of {
		said = fmt.Sprintf("it equals its least value t^{♯} in %d of %d cases, which say nothing of d", equal, of)
	}
	caption += "Pale markers are single starts, bars reach from quartile to quartile, straight lines are " +
		"fitted to the medians by least squares. " +
		"Upper left: t_{k}^{*} as (15) defines it, counted from t_{k}, which waits t* iterations after the " +
		"signal has reached Δ/2; " + said + ". " +
		"Upper right: iterations from there, without that wait, until r·σ₁(u_{k}K_{k}ᵀ) ≤ " +
		"√(Δ/8)·min(σ₁(u_{k+1}), √(Δ/2)): (15) with the noise itself in place of its bound r(1 − ηΔ/6)^{t}."
	m.draw("Symmetric factorization: the transition between signals against log d", caption, rows...)
}

var transitionMarkers = []figure.Marker{figure.Triangle, figure.Diamond, figure.Square, figure.Dot, figure.Cross, figure.Circle, figure.OpenSquare}
