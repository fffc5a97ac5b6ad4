package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lowrank/bench/figure"
)

var deepFig8 = Figure{"deep/fig8", "singular values while noisy images are fitted", makeDeepFig8}

// makeDeepFig8 draws the leading singular values of W(k), a panel for each
// number of factors.
func makeDeepFig8(ctx context.Context, m *making) error {
	runs, err := newMNIST(ctx, m)
	if err != nil {
		return err
	}
	t := runs.curves(append(singularNames(""), "loss")...)
	for i := range mnistGuides {
		t.derive(fmt.Sprintf("noisy_sigma_%d", i+1), func(func(string) float64) float64 { return runs.sigma[i] })
		t.derive(fmt.Sprintf("clean_sigma_%d", i+1), func(func(string) float64) float64 { return runs.sigmaTruth[i] })
	}
	m.Tables = []*Table{t}
	deepFig8Verdicts(m, t)
	deepFig8Sooner(m, t, runs.config.Loss)
	runs.ends(m)

	panels := make([]figure.Cell, mnistDepths)
	for n := 1; n <= mnistDepths; n++ {
		panels[n-1] = figure.Cell{Weight: 1, Panel: deepFig8Panel(t, n)}
	}
	m.draw("Gradient descent for deep matrix factorization, Figure 8: singular values of W(k)",
		runs.caption()+fmt.Sprintf(" Lines: the leading %d singular values of W(k), recorded %d times a "+
			"decade. Dashed: those of the noisy matrix, %.4g, %.4g, %.4g; dotted: of the clean one, %.4g, %.4g, %.4g.",
			mnistValues, runs.config.PerDecade, runs.sigma[0], runs.sigma[1], runs.sigma[2], runs.sigmaTruth[0], runs.sigmaTruth[1], runs.sigmaTruth[2]),
		figure.Row{Height: 9, Cells: panels[:2]}, figure.Row{Height: 9, Cells: panels[2:]})
	return nil
}

// mnistGuides is the number of singular values of Ỹ and Ŵ that are drawn.
const mnistGuides = 3

func deepFig8Panel(t *Table, n int) *figure.Axes {
	a := &figure.Axes{
		Title: mnistDepthName(n), LogX: true,
		XLabel: "iteration k", YLabel: "singular values of W(k)",
	}
	for i := 1; i <= mnistValues; i++ {
		l := t.line(fmt.Sprintf("σ_%d", i), "t", fmt.Sprintf("sigma_%d%s", i, suffixN(n)), i-1)
		l.Width = 3.2 - 0.7*float64(i) // tells them apart in grey
		if i > 3 {
			l.Name, l.Color, l.Width = fmt.Sprintf("σ₄ … σ_{%d}", mnistValues), 5, 0.6
			l.HideInLegend = i != 4
		}
		a.Lines = append(a.Lines, l)
	}
	// What comes earlier is too small to be seen.
	ks, _ := t.points("t", "sigma_1"+suffixN(n))
	last := ks[len(ks)-1]
	first := max(1, last/300)
	if last > first {
		a.XMin, a.XMax = &first, &last
	}
	for i := range mnistGuides {
		for _, of := range []struct {
			name string
			dash figure.Dash
		}{{"noisy", figure.Dashed}, {"clean", figure.Dotted}} {
			l := t.line(fmt.Sprintf("σ₁, σ₂, σ₃ of the %s matrix", of.name), "t", fmt.Sprintf("%s_sigma_%d", of.name, i+1), 6)
			l.Dash, l.Width, l.HideInLegend = of.dash, 1, i > 0
			a.Lines = append(a.Lines, l)
		}
	}
	return a
}

func deepFig8Verdicts(m *making, t *Table) {
	top, second := t.column("noisy_sigma_1")[0], t.column("noisy_sigma_2")[0]
	const low, high = 0.1, 0.9
	var from, to, rise, behind []float64
	for n := 1; n <= mnistDepths; n++ {
		x, y := t.points("t", "sigma_1"+suffixN(n))
		from, to = append(from, firstRise(x, y, low*top)), append(to, firstRise(x, y, high*top))
		rise = append(rise, to[n-1]-from[n-1])
		share := math.NaN()
		if x2, y2 := t.points("t", "sigma_2"+suffixN(n)); !math.IsNaN(to[n-1]) {
			share = interpolated(x2, y2, to[n-1]) / second
		}
		behind = append(behind, share)
	}
	m.verdict(decreasing(rise), "sharper transitions with more factors: σ₁ takes %.4g, %.4g, %.4g, %.4g "+
		"iterations from %g %% to %g %% of σ₁(Ỹ) with N = 1, 2, 3, 4",
		rise[0], rise[1], rise[2], rise[3], 100*low, 100*high)
	m.verdict(decreasing(to), "more factors find the leading direction sooner: σ₁ reaches %g %% of σ₁(Ỹ) at k "+
		"= %.4g, %.4g, %.4g, %.4g", 100*high, to[0], to[1], to[2], to[3])
	// W − Ỹ shrinks by the same factor in all directions for N = 1, so that σ₂
	// is as far as σ₁ there but for what the start adds.
	m.verdict(behind[0] > 0.8 && behind[1] < 0.5 && behind[2] < 0.5 && behind[3] < 0.5,
		"one after another for N ≥ 2, together for N = 1: when σ₁ has %g %% of its final value, σ₂ has %.3g "+
			"%%, %.3g %%, %.3g %%, %.3g %% (above 80 %% for N = 1, below 50 %% for the others)",
		100*high, 100*behind[0], 100*behind[1], 100*behind[2], 100*behind[3])
}

// deepFig8Sooner is the paper's sentence that deeper factorization converges faster: the
// iterations until the loss is a tenth of its start, and until it is below that at which
// runs end.
func deepFig8Sooner(m *making, losses *Table, end float64) {
	var tenth, done []float64
	for n := 1; n <= mnistDepths; n++ {
		k, loss := losses.points("t", "loss"+suffixN(n))
		tenth = append(tenth, firstFall(k, loss, loss[0]/10))
		done = append(done, firstFall(k, loss, end))
	}
	m.verdict(decreasing(tenth) && decreasing(done), "more factors converge sooner: the loss is a tenth of that at the start at "+
		"k = %s, and %g at %s, with N = 1, 2, 3, 4", iterationList(tenth), end, iterationList(done))
}

// firstFall returns where a curve first is at most a level; NaN if it does not get there.
func firstFall(x, y []float64, level float64) float64 {
	i := slices.IndexFunc(y, func(v float64) bool { return v <= level })
	if i < 0 {
		return math.NaN()
	}
	return x[i]
}

// interpolated is a curve at x, between two points by the straight line.
func interpolated(xs, ys []float64, x float64) float64 {
	for i := range xs {
		switch {
		case xs[i] == x:
			return ys[i]
		case xs[i] > x && i > 0:
			return ys[i-1] + (ys[i]-ys[i-1])*(x-xs[i-1])/(xs[i]-xs[i-1])
		}
	}
	return math.NaN()
}
