package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench/figure"
	"lowrank/solvers/deep"
)

var deepFig7 = Figure{"deep/fig7", "gradient flow and gradient descent, large and small steps", makeDeepFig7}

type deepFig7Config struct {
	N        int       `toml:"n" comment:"inferred: Ŵ is n×n"`
	Spectrum []float64 `toml:"spectrum" comment:"inferred: the positive eigenvalues of Ŵ, largest first; the others are 0"`
	Alpha    float64   `toml:"alpha" comment:"inferred: α"`
	Kappas   []float64 `toml:"kappas" comment:"inferred: κ, the step over the limit (10), descending"`
	Time     float64   `toml:"time" comment:"inferred: ηk up to which runs go"`
	Eps      float64   `toml:"eps" comment:"inferred: ε and ε' of Theorem 3.5"`
	Delta    float64   `toml:"delta" comment:"inferred: δ of Theorem 3.1"`
}

func (c *deepFig7Config) check() error {
	for i, kappa := range c.Kappas {
		if i > 0 && kappa >= c.Kappas[i-1] {
			return fmt.Errorf("kappas is %v; expected different numbers, largest first", c.Kappas)
		}
	}
	if err := firstOf(
		positiveSpectrum("spectrum", c.Spectrum),
		atLeast("n", c.N, len(c.Spectrum)),
		positive("alpha", c.Alpha),
		atLeast("the number of values in kappas", len(c.Kappas), 2),
		eachOf("kappas", c.Kappas, properFraction),
		positive("time", c.Time),
		properFraction("eps", c.Eps),
		properFraction("delta", c.Delta),
	); err != nil {
		return err
	}
	if most := deep.Inflection(2); c.Eps >= most {
		return fmt.Errorf("eps is %g; expected less than %.3g, as Theorem 3.5 asks of ε'", c.Eps, most)
	}
	if low := c.Spectrum[len(c.Spectrum)-1]; c.Alpha*c.Alpha >= low {
		return fmt.Errorf("alpha is %g; expected a square below the smallest eigenvalue, %g", c.Alpha, low)
	}
	return nil
}

// makeDeepFig7 runs (18) for N = 2 with a large and a small step, beside the
// gradient flow in closed form at t = ηk.
func makeDeepFig7(ctx context.Context, m *making) error {
	const depth = 2
	c := &deepFig7Config{N: 10, Spectrum: []float64{10, 5, 1}, Alpha: 1e-3, Kappas: []float64{0.999, 0.1}, Time: 15, Eps: 0.1, Delta: 0.1}
	if err := m.configure(c); err != nil {
		return err
	}
	lambda, rank := withZeros(c.Spectrum, c.N), len(c.Spectrum)
	var runs []*recursion
	var iterations []int
	main := newTable("", "kappa", "eta", "L", "first", "last", "height", "bound", "largest_distance", "holds_from")
	gaps := newTable("gaps", "kappa", "eta", "largest_gap", "at_time")
	curves := make([]*Table, len(c.Kappas))
	windows := make([][]rankWindow, len(c.Kappas))
	seen := make([][]windowRun, len(c.Kappas))
	for j, kappa := range c.Kappas {
		eta := kappa * deep.Params{Depth: depth, Lambda: lambda[0], Alpha: c.Alpha}.StepLimit()
		last := math.Ceil(c.Time / eta)
		if last > 1e8 {
			return ConfigError{fmt.Errorf("%s: time %g takes %.0f steps of η = %.3g; expected a shorter time", m.Figure, c.Time, last, eta)}
		}
		runs, iterations = append(runs, newRecursion(depth, lambda, c.Alpha, 0, eta)), append(iterations, int(last))
		windows[j] = descentWindows(depth, lambda, rank, c.Alpha, eta, c.Eps, c.Eps)
		seen[j] = newWindowRuns(windows[j])
		gaps.add(kappa, eta, 0, 0)
		curves[j] = newTable(fmt.Sprintf("kappa%d", j+1), "t", "time", "descent", "flow", "gap")
	}
	flow := newFlowRank(c, lambda)
	err := m.follow(ctx, "run", runs, iterations, func(j, k int) {
		t := float64(k) * runs[j].eta
		r, f := deep.EffectiveRank(runs[j].products()), flow.at(t)
		gap := math.Abs(r - f)
		if gap > gaps.Rows[j][2] {
			gaps.Rows[j][2], gaps.Rows[j][3] = gap, t
		}
		for i := range seen[j] {
			seen[j][i].see(float64(k), r)
		}
		flow.see(t, f)
		if thinly(k, 256, iterations[j]) {
			curves[j].add(float64(k), t, r, f, gap)
		}
	})
	if err != nil {
		return err
	}
	for j, kappa := range c.Kappas {
		for i, w := range windows[j] {
			main.add(kappa, runs[j].eta, float64(w.L), w.lo, w.hi, w.height, w.bound, seen[j][i].worst, seen[j][i].from)
		}
	}
	flows := newTable("flow", "L", "first", "last", "height", "bound", "largest_distance")
	for i, w := range flow.windows {
		flows.add(float64(w.L), w.lo, w.hi, w.height, w.bound, flow.worst[i])
	}
	m.Tables = append([]*Table{main, gaps, flows}, curves...)
	c.verdicts(m, main, gaps, flows)
	c.draw(m, windows, flow.windows, curves, gaps)
	return nil
}

// flowRank is the effective rank under the gradient flow of depth 2, and what
// became of the windows of Theorem 3.1.
type flowRank struct {
	lambda, z []float64
	alpha     float64
	windows   []rankWindow
	worst     []float64
}

func newFlowRank(c *deepFig7Config, lambda []float64) *flowRank {
	f := &flowRank{lambda: lambda, z: make([]float64, len(lambda)), alpha: c.Alpha}
	for L := 1; L <= len(c.Spectrum); L++ {
		i1, i2, i3, bound := deep.FlowWindow{L: L, M: len(c.Spectrum), Delta: c.Delta}.Times(lambda, c.Alpha)
		f.windows = append(f.windows, rankWindow{L, max(i1, i3), i2, deep.EffectiveRank(lambda[:L]), bound})
		f.worst = append(f.worst, math.NaN())
	}
	return f
}

func (f *flowRank) at(t float64) float64 {
	for i, l := range f.lambda {
		f.z[i] = deep.Params{Depth: 2, Lambda: l, Alpha: f.alpha}.FlowEigenvalue(t)
	}
	return deep.EffectiveRank(f.z)
}

func (f *flowRank) see(t, r float64) {
	for i, w := range f.windows {
		if w.holds(t) {
			f.worst[i] = larger(f.worst[i], math.Abs(r-w.height))
		}
	}
}

func (c *deepFig7Config) verdicts(m *making, main, gaps, flows *Table) {
	small := c.Kappas[len(c.Kappas)-1]
	first := map[int][]float64{} // the windows' beginnings as ηk, by L
	for _, row := range main.Rows {
		kappa, eta := row[0], row[1]
		w, worst := rankWindow{L: int(row[2]), lo: row[3], hi: row[4], height: row[5], bound: row[6]}, row[7]
		slack := windowRun{rankWindow: w, from: row[8]}.slack()
		first[w.L] = append(first[w.L], w.lo*eta)
		switch {
		case !(w.lo <= w.hi):
			if kappa == small {
				m.verdict(false, "κ = %g: the window (63) of L = %d is empty or not defined", kappa, w.L)
			} else {
				m.note("κ = %g: the window (63) of L = %d is empty", kappa, w.L)
			}
		case math.IsNaN(worst):
			m.verdict(false, "κ = %g: the run ends before the window (63) of %s", kappa, w)
		default:
			m.verdict(worst <= w.bound, "κ = %g, window (63) of %s: at every k in it r(W(k)) is within %.3g "+
				"of r(W%s) = %.3g, the bound (64) being %.3g%s",
				kappa, w, worst, subscript(w.L), w.height, w.bound, slack)
		}
	}
	for _, row := range flows.Rows {
		w, worst := rankWindow{L: int(row[0]), lo: row[1], hi: row[2], height: row[3], bound: row[4]}, row[5]
		m.verdict(worst <= w.bound, "flow, window of Theorem 3.1 of %s in time: r is within %.3g of r(W%s) = "+
			"%.3g, the bound (61) being %.3g", w, worst, subscript(w.L), w.height, w.bound)
	}
	for j := 1; j < len(gaps.Rows); j++ {
		a, b := gaps.Rows[j-1], gaps.Rows[j]
		ratio, steps := a[2]/b[2], a[1]/b[1]
		m.verdict(ratio >= steps/2, "gradient descent leaves the flow in proportion to the step: |r(W(k)) − "+
			"r| at t = ηk is %.3g at most for η = %.4g and %.3g for %.4g, %.1f times less for a step %.1f "+
			"times smaller (half of that is asked)",
			a[2], a[1], b[2], b[1], ratio, steps)
	}
	for L := 1; L <= len(c.Spectrum); L++ {
		text := ""
		for j, t := range first[L] {
			text += fmt.Sprintf(", %.4g for κ = %g", t, c.Kappas[j])
		}
		m.note("the window (63) of L = %d begins at ηk = %s; that of the flow at %.4g", L, text[2:], flows.Rows[L-1][1])
	}
}

func (c *deepFig7Config) draw(m *making, windows [][]rankWindow, flow []rankWindow, curves []*Table, gaps *Table) {
	lo, hi, end := axisLimit(0.9), axisLimit(1.9), axisLimit(0.75*c.Time)
	letter := func(i int) string { return string(rune('a' + i)) }
	var first, second []figure.Cell
	for j, kappa := range c.Kappas {
		eta := gaps.Rows[j][1]
		var inTime []rankWindow
		for _, w := range windows[j] {
			w.lo, w.hi = w.lo*eta, w.hi*eta
			inTime = append(inTime, w)
		}
		first = append(first, figure.Cell{Weight: 1, Panel: &figure.Axes{
			Title: fmt.Sprintf("(%s) κ = %g, η = %.3g", letter(j), kappa, eta), XLabel: "time t = ηk", YLabel: "effective rank", XMin: axisLimit(0), XMax: end, YMin: lo, YMax: hi,
			Bands: windowBands(inTime, "window (63)"), Verticals: windowStarts(inTime), Horizontals: rankHeights(c.Spectrum, len(c.Spectrum)),
			Lines: []figure.Line{curves[j].line("gradient descent", "time", "descent", 4), curves[j].theory("gradient flow", "time", "flow", 5)},
		}})
	}
	last := len(c.Kappas) - 1
	second = append(second, figure.Cell{Weight: 1, Panel: &figure.Axes{
		Title: fmt.Sprintf("(%s) gradient flow, Theorem 3.1", letter(last+1)), XLabel: "time t", YLabel: "effective rank", XMin: axisLimit(0), XMax: end, YMin: lo, YMax: hi,
		Bands: windowBands(flow, "window of Theorem 3.1"), Verticals: windowStarts(flow), Horizontals: rankHeights(c.Spectrum, len(c.Spectrum)),
		Lines: []figure.Line{curves[last].theory("gradient flow", "time", "flow", 5)},
	}})
	difference := &figure.Axes{
		Title: fmt.Sprintf("(%s) difference", letter(last+2)), XLabel: "time t = ηk", YLabel: "|r(W(k)) − r of the flow at ηk|", LogY: true, XMin: axisLimit(0), XMax: end, YMin: axisLimit(1e-6),
	}
	for j, kappa := range c.Kappas {
		l := curves[j].line(fmt.Sprintf("κ = %g", kappa), "time", "gap", j)
		l.Dash = []figure.Dash{figure.Solid, figure.Dashed, figure.Dotted}[j%3]
		difference.Lines = append(difference.Lines, l)
	}
	second = append(second, figure.Cell{Weight: 1, Panel: difference})
	m.draw("Gradient descent for deep matrix factorization, Figure 7",
		fmt.Sprintf("Effective rank under gradient descent (18) with steps of κ = %s times the limit (10), "+
			"and under the gradient flow (28) in closed form, against t = ηk. "+
			"N = 2, Ŵ %d×%d with the eigenvalues %s and else 0, α = %g. Shaded: the windows (63) of Theorem "+
			"3.5 with ε = ε' = %g, and those of Theorem 3.1 with δ = %g and M = %d. "+
			"Dashed and level: r(W_L). Runs go on to t = %g.",
			numberList(c.Kappas), c.N, c.N, numberList(c.Spectrum), c.Alpha, c.Eps, c.Delta, len(c.Spectrum), c.Time),
		figure.Row{Height: 8.5, Cells: first}, figure.Row{Height: 8.5, Cells: second})
}
