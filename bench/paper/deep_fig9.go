package paper

import (
	"context"
	"fmt"
	"math"

	"slices"

	"lowrank/bench/figure"
	"lowrank/solvers/deep"
)

var deepFig9 = Figure{"deep/fig9", "denoising of images by early stopping", makeDeepFig9}

// makeDeepFig9 draws the loss, the distance to the clean images and the
// effective rank along the runs, and one image, clean and noisy.
func makeDeepFig9(ctx context.Context, m *making) error {
	runs, err := newMNIST(ctx, m)
	if err != nil {
		return err
	}
	t := runs.curves("loss", "error", "effective_rank")
	r := deep.EffectiveRank(runs.sigma)
	t.derive("noisy_effective_rank", func(func(string) float64) float64 { return r })
	errors := runs.truncations.column("error")
	for i := range 2 {
		t.derive(fmt.Sprintf("rank_%d_truncation", i+1), func(func(string) float64) float64 { return errors[i] })
	}
	m.Tables = []*Table{t, runs.truncations, runs.newImages()}
	deepFig9Verdicts(m, t, runs.truncations, runs.norm)
	runs.ends(m)
	m.note("‖Ŵ‖_F = %.5g, ‖Ξ‖_F = %.5g; rank-1 and rank-2 truncations of the noisy matrix: errors %.4g and "+
		"%.4g; its effective rank is %.4g", runs.norm, errors[len(errors)-1], errors[0], errors[1], r)

	rows := []figure.Row{}
	for _, p := range []struct{ title, column, label string }{
		{"(a) training error", "loss", "loss ½‖W(k) − Ỹ‖_F²"},
		{"(b) generalization error", "error", "‖W(k) − Ŵ‖_F"},
		{"(c) effective rank", "effective_rank", "r(W(k)) = ‖W(k)‖_{*}/‖W(k)‖"},
	} {
		several := &figure.Axes{Title: p.title + ", N = 2, 3, 4", XLabel: "iteration k", YLabel: p.label, LogX: true, LogY: true}
		one := &figure.Axes{Title: p.title + ", N = 1", XLabel: "iteration k", YLabel: p.label, LogX: true, LogY: true}
		for n := 1; n <= mnistDepths; n++ {
			to := several
			if n == 1 {
				to = one
			}
			to.Lines = append(to.Lines, mnistLine(t, p.column, n))
		}
		for i, a := range []*figure.Axes{several, one} {
			switch p.column {
			case "error":
				a.LogY = false
				for k := range 2 {
					// Over the iterates that are drawn, not those of the longest run.
					guide := shownWith(t, a.Lines).theory(fmt.Sprintf("best rank-%d approximation of Ỹ", k+1), "t", fmt.Sprintf("rank_%d_truncation", k+1), 5+k)
					guide.Width = 1
					if k > 0 {
						guide.Dash = figure.Dotted
					}
					a.Lines = append(a.Lines, guide)
				}
			case "effective_rank":
				a.Horizontals = []figure.Horizontal{{Y: r, Label: "noisy matrix"}}
				least := float64(1 - i) // 1 on the logarithmic axis
				a.YMin, a.LogY = &least, i == 0
			}
		}
		rows = append(rows, figure.Row{Height: 7.5, Cells: []figure.Cell{{Panel: several, Weight: 1.3}, {Panel: one, Weight: 1}}})
	}
	rows = append(rows, figure.Row{Height: 6, Cells: []figure.Cell{
		{Panel: digit(fmt.Sprintf("(d) image %d", runs.config.Image), runs.clean), Weight: 1},
		{Panel: digit("the same with noise", runs.noisy), Weight: 1},
		{Panel: pixelBar(), Weight: 0.5},
	}})
	m.draw("Gradient descent for deep matrix factorization, Figure 9: denoising",
		runs.caption()+fmt.Sprintf(" Recorded %d times a decade. N = 1 has axes of its own. Dashed grey in (c): the effective rank of Ỹ. "+
			"Pixels below 0 are black and above 1 white.", runs.config.PerDecade), rows...)
	return nil
}

// shownWith is the part of a table up to the last point of the lines.
func shownWith(t *Table, lines []figure.Line) *Table {
	last := math.Inf(-1)
	for _, l := range lines {
		last = max(last, l.X[len(l.X)-1])
	}
	part := newTable("", t.Columns...)
	for _, row := range t.Rows {
		if row[0] <= last {
			part.Rows = append(part.Rows, row)
		}
	}
	return part
}

func deepFig9Verdicts(m *making, t, truncations *Table, norm float64) {
	noisyRank := t.column("noisy_effective_rank")[0]
	ranks := truncations.column("error")

	rises, where := 0, ""
	for n := 1; n <= mnistDepths; n++ {
		ks, loss := t.points("t", "loss"+suffixN(n))
		for i := 1; i < len(loss); i++ {
			if !(loss[i] < loss[i-1]) {
				rises++
				where = fmt.Sprintf(", last for N = %d at k = %.0f", n, ks[i])
			}
		}
	}
	m.verdict(rises == 0, "the training error falls from each recorded iterate to the next for all N (exceptions: %d%s)", rises, where)

	best := slices.Index(ranks, slices.Min(ranks))
	m.verdict(best == 1, "of all truncations of the noisy matrix the one of rank 2 is the closest to the "+
		"clean one: best rank %d with %.4g; rank 1 %.4g, rank 2 %.4g, rank 3 %.4g",
		best+1, ranks[best], ranks[0], ranks[1], ranks[2])

	var k, e, kr, r, end [mnistDepths + 1]float64
	for n := 1; n <= mnistDepths; n++ {
		k[n], e[n] = lowestOf(t, "error", n)
		kr[n], r[n] = lowestOf(t, "effective_rank", n)
		_, curve := t.points("t", "error"+suffixN(n))
		end[n] = curve[len(curve)-1]
	}
	low, denoised, again := true, true, end[1] > norm
	for n := 2; n <= mnistDepths; n++ {
		low = low && r[n] < 2 && kr[n] < k[n]
		denoised = denoised && e[n] < ranks[0] && ranks[0] <= e[1]
		again = again && end[n] > norm
	}
	m.verdict(low, "low-rank iterates early for N ≥ 2: least effective ranks %.3g, %.3g, %.3g at k = %.0f, "+
		"%.0f, %.0f (below 2, and before the least errors at %.0f, %.0f, %.0f) with N = 2, 3, 4",
		r[2], r[3], r[4], kr[2], kr[3], kr[4], k[2], k[3], k[4])
	// The limit of N = 1 is the noisy matrix; its start may add or take away a
	// little on the way.
	m.verdict(r[1] > 0.98*noisyRank, "no low-rank iterates for N = 1: the effective rank is never below %.4g "+
		"(the noisy matrix has %.4g; 98 %% of it are demanded)", r[1], noisyRank)
	m.verdict(denoised, "early stopping comes below the rank-1 truncation for N ≥ 2 only: least errors %.4g, "+
		"%.4g, %.4g with N = 2, 3, 4; rank-1 truncation %.4g; N = 1 %.4g", e[2], e[3], e[4], ranks[0], e[1])
	m.verdict(again, "the error rises again, at the end above ‖Ŵ‖_F = %.4g, the error of W = 0: %.4g, %.4g, %.4g, %.4g",
		norm, end[1], end[2], end[3], end[4])
	for n := 2; n <= mnistDepths; n++ {
		m.note("N = %d: least error %.4g at k = %.0f, %.3g of the best truncation's", n, e[n], k[n], e[n]/ranks[best])
	}
}
