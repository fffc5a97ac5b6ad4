package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench/figure"
	"lowrank/solvers/deep"
)

var deepFig3 = Figure{"deep/fig3", "effective rank and the windows of Theorem 3.5", makeDeepFig3}

type deepFig3Config struct {
	N          int       `toml:"n" comment:"inferred: Ŵ is n×n"`
	Spectrum   []float64 `toml:"spectrum" comment:"inferred: λ, the positive eigenvalues of Ŵ, largest first; the others are 0"`
	Depths     []int     `toml:"depths" comment:"inferred: N"`
	Alphas     []float64 `toml:"alphas" comment:"inferred: α, one for each depth"`
	Kappa      float64   `toml:"kappa" comment:"inferred: κ, the step over the limit (10)"`
	Eps        float64   `toml:"eps" comment:"inferred: ε of Theorem 3.5"`
	EpsPrime   float64   `toml:"eps_prime" comment:"inferred: ε' of Theorem 3.5"`
	Iterations []int     `toml:"iterations" comment:"inferred: one for each depth"`
}

func (c *deepFig3Config) check() error {
	if err := depthsAre("depths", c.Depths); err != nil {
		return err
	}
	for _, n := range c.Depths {
		if most := deep.Inflection(n); c.EpsPrime >= most {
			return fmt.Errorf("eps_prime is %g; expected less than %.3g, as Theorem 3.5 asks for N = %d", c.EpsPrime, most, n)
		}
	}
	return firstOf(
		positiveSpectrum("spectrum", c.Spectrum),
		atLeast("n", c.N, len(c.Spectrum)),
		perDepth("alphas", c.Alphas, c.Depths),
		properFraction("kappa", c.Kappa),
		properFraction("eps", c.Eps),
		properFraction("eps_prime", c.EpsPrime),
		countPerDepth("iterations", c.Iterations, c.Depths),
	)
}

// makeDeepFig3 runs (18) and compares the effective rank of every iterate with
// the windows (63) and the bounds (64).
func makeDeepFig3(ctx context.Context, m *making) error {
	c := &deepFig3Config{
		N: 10, Spectrum: []float64{10, 5, 1}, Depths: []int{2, 3}, Alphas: []float64{1e-3, 0.05},
		Kappa: 0.1, Eps: 0.1, EpsPrime: 0.1, Iterations: []int{6000, 45000},
	}
	if err := m.configure(c); err != nil {
		return err
	}
	lambda := withZeros(c.Spectrum, c.N)
	var runs []*recursion
	windows := make([][]rankWindow, len(c.Depths))
	curves := make([]*Table, len(c.Depths))
	seen := make([][]windowRun, len(c.Depths))
	fall := make([]struct{ least, top, drop float64 }, len(c.Depths))
	for j, n := range c.Depths {
		eta := c.Kappa * deep.Params{Depth: n, Lambda: lambda[0], Alpha: c.Alphas[j]}.StepLimit()
		runs = append(runs, newRecursion(n, lambda, c.Alphas[j], 0, eta))
		windows[j] = descentWindows(n, lambda, len(c.Spectrum), c.Alphas[j], eta, c.Eps, c.EpsPrime)
		seen[j] = newWindowRuns(windows[j])
		fall[j].least = math.Inf(1)
		curves[j] = newTable(depthName(n), "t", "effective_rank", "window_low", "window_high")
	}
	err := m.follow(ctx, "run", runs, c.Iterations, func(j, k int) {
		r := deep.EffectiveRank(runs[j].products())
		low, high := math.NaN(), math.NaN()
		for i, w := range windows[j] {
			seen[j][i].see(float64(k), r)
			if w.holds(float64(k)) {
				low, high = w.height-w.bound, w.height+w.bound
			}
		}
		switch f := &fall[j]; {
		case r < f.least:
			f.least, f.top, f.drop = r, r, 0
		default:
			f.top = max(f.top, r)
			f.drop = max(f.drop, f.top-r)
		}
		if thinly(k, 256, c.Iterations[j]) {
			curves[j].add(float64(k), r, low, high)
		}
	})
	if err != nil {
		return err
	}
	main := newTable("", "depth", "L", "first", "last", "height", "bound", "largest_distance", "holds_from")
	ranks := newTable("ranks", "depth", "start", "least", "end", "largest_fall_after")
	for j, n := range c.Depths {
		for i, w := range windows[j] {
			main.add(float64(n), float64(w.L), w.lo, w.hi, w.height, w.bound, seen[j][i].worst, seen[j][i].from)
		}
		r := curves[j].column("effective_rank")
		ranks.add(float64(n), r[0], fall[j].least, r[len(r)-1], fall[j].drop)
	}
	m.Tables = append([]*Table{main, ranks}, curves...)
	c.verdicts(m, main, ranks)
	c.draw(m, windows, curves)
	return nil
}

// larger is the larger of two, the other where one is NaN.
func larger(a, b float64) float64 {
	if math.IsNaN(a) {
		return b
	}
	return max(a, b)
}

func (c *deepFig3Config) verdicts(m *making, main, ranks *Table) {
	for _, row := range main.Rows {
		n, w, worst := int(row[0]), rankWindow{L: int(row[1]), lo: row[2], hi: row[3], height: row[4], bound: row[5]}, row[6]
		slack := windowRun{rankWindow: w, from: row[7]}.slack()
		switch {
		case !(w.lo <= w.hi):
			m.verdict(false, "N = %d: the window (63) of L = %d is empty or not defined", n, w.L)
		case math.IsNaN(worst):
			m.verdict(false, "N = %d: the run ends before the window (63) of %s", n, w)
		default:
			m.verdict(worst <= w.bound, "N = %d, window (63) of %s: at every k in it r(W(k)) is within %.3g "+
				"of r(W%s) = %.3g, the bound (64) being %.3g%s",
				n, w, worst, subscript(w.L), w.height, w.bound, slack)
		}
	}
	for _, row := range ranks.Rows {
		end := deep.EffectiveRank(c.Spectrum)
		m.verdict(math.Abs(row[1]-float64(c.N)) <= 1e-6*float64(c.N) && math.Abs(row[2]-1) <= 0.02 && row[4] <= 0.01 && math.Abs(row[3]-end) <= 0.02,
			"N = %.0f: r(W(k)) starts at %.4g (n = %d), falls to %.4f (1 ± 0.02), never falls again by more "+
				"than %.1e (0.01) and ends at %.4g (%.3g ± 0.02)",
			row[0], row[1], c.N, row[2], row[4], row[3], end)
	}
}

func (c *deepFig3Config) draw(m *making, windows [][]rankWindow, curves []*Table) {
	var whole, plateaus []figure.Cell
	text := ""
	for j, n := range c.Depths {
		t := curves[j]
		whole = append(whole, figure.Cell{Weight: 1, Panel: &figure.Axes{
			Title: fmt.Sprintf("N = %d, from the start", n), XLabel: "iteration k", YLabel: "effective rank r(W(k))", LogX: true, XMin: axisLimit(1),
			Bands: windowBands(windows[j], "window (63)"), Verticals: windowStarts(windows[j]), Lines: []figure.Line{t.line("r(W(k))", "t", "effective_rank", 5)}, YMin: axisLimit(0.5),
		}})
		low, high := t.theory("r(W_L) ± the bound (64)", "t", "window_low", 4), t.theory("upper bound", "t", "window_high", 4)
		low, high = broken(t, low, "window_low"), broken(t, high, "window_high")
		high.HideInLegend = true
		plateaus = append(plateaus, figure.Cell{Weight: 1, Panel: &figure.Axes{
			Title: fmt.Sprintf("N = %d, the plateaus", n), XLabel: "iteration k", YLabel: "effective rank r(W(k))",
			Bands: windowBands(windows[j], "window (63)"), Verticals: windowStarts(windows[j]), Lines: []figure.Line{t.line("r(W(k))", "t", "effective_rank", 5), low, high},
			Horizontals: rankHeights(c.Spectrum, len(c.Spectrum)), YMin: axisLimit(0.7), YMax: axisLimit(2.2),
		}})
		text += fmt.Sprintf("; N = %d with α = %g, η = %.3g", n, c.Alphas[j], c.Kappa*deep.Params{Depth: n, Lambda: c.Spectrum[0], Alpha: c.Alphas[j]}.StepLimit())
	}
	m.draw("Gradient descent for deep matrix factorization, Figure 3",
		fmt.Sprintf("Effective rank r(W), the nuclear over the spectral norm, of the iterates from identical "+
			"factors αI, Ŵ %d×%d with the eigenvalues %s and else 0, κ = %g%s; by the recursion (18), which is exact. "+
			"Shaded: the iterations (63) of Theorem 3.5 with ε = %g, ε' = %g for L = 1, 2, …; dashed: r(W_L) "+
			"of the best approximation of rank L, and the bound (64) around it.",
			c.N, c.N, numberList(c.Spectrum), c.Kappa, text, c.Eps, c.EpsPrime),
		figure.Row{Height: 8, Cells: whole}, figure.Row{Height: 9, Cells: plateaus})
}

// broken is a line that breaks where the table has no value.
func broken(t *Table, l figure.Line, y string) figure.Line {
	l.X, l.Y = t.column("t"), t.column(y)
	return l
}
