package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lowrank/bench/figure"
	"lowrank/solvers/deep"
)

// Figures 10 to 12 show an image of W(k) for N = 1 … 4 in three regimes of the
// effective rank: while it is low, as it rises, and when the noise is fitted.
var (
	deepFig10 = Figure{"deep/fig10", "an image of W(k) while the effective rank falls", makeDeepFig10}
	deepFig11 = Figure{"deep/fig11", "an image of W(k) as the effective rank rises", makeDeepFig11}
	deepFig12 = Figure{"deep/fig12", "an image of W(k) when the noise is fitted", makeDeepFig12}
)

func makeDeepFig10(ctx context.Context, m *making) error {
	return makeRegime(ctx, m, regime{
		title: "Figure 10: an image of W(k) while the effective rank falls",
		text:  "the effective rank half-way down on a logarithmic scale; at twice its least value; at its least value.",
		choose: func(c regimeCurves) []int {
			least := c.leastRank()
			falls := func(rank float64) (i int) {
				for i < least && c.rank[i] > rank {
					i++
				}
				return i
			}
			return []int{falls(math.Sqrt(c.rank[0] * c.rank[least])), falls(2 * c.rank[least]), least}
		},
		verdicts: fig10Verdicts,
		ownScale: true,
	})
}

func makeDeepFig11(ctx context.Context, m *making) error {
	return makeRegime(ctx, m, regime{
		title: "Figure 11: an image of W(k) as the effective rank rises",
		text:  "the least ‖W(k) − Ŵ‖_F; the effective rank risen to an eighth and to a quarter of Ỹ's.",
		choose: func(c regimeCurves) []int {
			r := deep.EffectiveRank(c.sigma)
			return []int{slices.Index(c.error, slices.Min(c.error)), c.rises(r / 8), c.rises(r / 4)}
		},
		verdicts: fig11Verdicts,
	})
}

func makeDeepFig12(ctx context.Context, m *making) error {
	return makeRegime(ctx, m, regime{
		title: "Figure 12: an image of W(k) when the noise is fitted",
		text:  "the effective rank risen to a third and to half of Ỹ's; the last iterate.",
		choose: func(c regimeCurves) []int {
			r := deep.EffectiveRank(c.sigma)
			return []int{c.rises(r / 3), c.rises(r / 2), len(c.rank) - 1}
		},
		verdicts: fig12Verdicts,
	})
}

// regime is a stretch of the effective rank and three iterates in it.
type regime struct {
	title, text string
	choose      func(c regimeCurves) []int // of N ≥ 2: rows of a trace
	verdicts    func(m *making, chosen *Table, r *mnist)
	ownScale    bool // each image of W(k) has a grey range of its own
}

// regimePanels is the number of iterates.
const regimePanels = 3

// regimeCurves are recorded of one run.
type regimeCurves struct {
	loss, error, rank []float64
	sigma             []float64 // singular values of Ỹ
}

func (c regimeCurves) leastRank() int { return slices.Index(c.rank, slices.Min(c.rank)) }

// rises is the first row after the least effective rank that has this one, or
// the last.
func (c regimeCurves) rises(rank float64) int {
	for i := c.leastRank(); i < len(c.rank); i++ {
		if c.rank[i] >= rank {
			return i
		}
	}
	return len(c.rank) - 1
}

// makeRegime draws, for each depth, the effective rank with the three iterates
// and the image in each.
func makeRegime(ctx context.Context, m *making, g regime) error {
	runs, err := newMNIST(ctx, m)
	if err != nil {
		return err
	}
	curves := make([]regimeCurves, mnistDepths+1)
	for n := 1; n <= mnistDepths; n++ {
		tr := runs.traces[n-1]
		curves[n] = regimeCurves{tr.Column("loss"), tr.Column("error"), tr.Column("effective_rank"), runs.sigma}
	}
	rows := make([][]int, mnistDepths+1)
	for n := 2; n <= mnistDepths; n++ {
		rows[n] = g.choose(curves[n])
	}
	// N = 1 has no such regimes: it is shown where it has fitted as much as N = 2.
	for _, row := range rows[2] {
		same := 0
		for same+1 < len(curves[1].loss) && curves[1].loss[same] > curves[2].loss[row] {
			same++
		}
		rows[1] = append(rows[1], same)
	}

	t := runs.curves("effective_rank")
	chosen := newTable("chosen", "N", "panel", "t", "loss", "error", "effective_rank", "image_to_clean", "image_to_noisy", "correlation_clean", "noisy_correlation_clean")
	images := runs.newImages()
	for n := 1; n <= mnistDepths; n++ {
		for i, row := range rows[n] {
			v := runs.traces[n-1].Rows[row]
			pixels := runs.pixels(n, row)
			chosen.add(float64(n), float64(i+1), v[0], v[1], v[2], v[3], distanceOf(pixels, runs.clean), distanceOf(pixels, runs.noisy),
				correlation(pixels, runs.clean), correlation(runs.noisy, runs.clean))
			runs.addImage(images, fmt.Sprintf("N%d_%d", n, i+1), n, row)
		}
	}
	m.Tables = []*Table{t, chosen, images}
	g.verdicts(m, chosen, runs)

	page := []figure.Row{{Height: 4.6, Cells: []figure.Cell{
		{Panel: digit(fmt.Sprintf("image %d of Ŵ", runs.config.Image), runs.clean), Weight: 1},
		{Panel: digit("of Ỹ, noisy", runs.noisy), Weight: 1},
		{Panel: pixelBar(), Weight: 0.5},
	}}}
	for n := 1; n <= mnistDepths; n++ {
		curve := mnistLine(t, "effective_rank", n)
		curve.HideInLegend = true
		lowest, highest := 0.4, 100.0 // 1 to 100 are those of all matrices with 100 rows; room for labels below
		axes := &figure.Axes{
			Title: mnistDepthName(n), XLabel: "iteration k", YLabel: "r(W(k))", LogX: true, LogY: true, YMin: &lowest, YMax: &highest, Lines: []figure.Line{curve},
		}
		cells := []figure.Cell{{Panel: axes, Weight: 1.7}}
		for i := range regimePanels {
			at := chosen.Rows[(n-1)*regimePanels+i]
			label := string(rune('a' + i))
			axes.Marks = append(axes.Marks, figure.Mark{X: at[2], Y: at[5], Label: label})
			picture := digit(fmt.Sprintf("%s: k = %.0f, r = %.3g", label, at[2], at[5]), runs.pixels(n, rows[n][i]))
			if g.ownScale || n == 1 {
				scaleToMax(picture, runs.pixels(n, rows[n][i]))
			}
			cells = append(cells, figure.Cell{Weight: 1, Panel: picture})
		}
		page = append(page, figure.Row{Height: 5.4, Cells: cells})
	}
	greys := "Pixels below 0 are black and above 1 white; N = 1 has not fitted much yet, and each of its images has a grey range of its own, " +
		"up to its largest pixel, which its title gives. "
	if g.ownScale {
		greys = "Each image of W(k) has a grey range of its own, from 0, black, to its largest pixel, which " +
			"its title gives; the clean and the noisy one have the range of the bar. Pixels below 0 are black. "
	}
	m.draw("Gradient descent for deep matrix factorization, "+g.title,
		fmt.Sprintf("Row %d of W(k) as an image of 28×28 pixels, for N = 1 … 4, at iterates a, b, c that are "+
			"marked on the effective rank r(W(k)). For N ≥ 2 they are the run's own: %s "+
			"N = 1 has no such regimes and is shown where its loss is that of N = 2. "+greys+
			"That each of Figures 10 to 12 shows one stretch of the effective rank, and which iterates, is inferred. ",
			runs.config.Image, g.text)+runs.caption(), page...)
	return nil
}

// chosenRow is a panel of depth n.
type chosenRow struct {
	k, error, rank, clean, noisy  float64
	correlation, correlationNoisy float64 // with the clean image, also of the noisy one
}

func chosenAt(chosen *Table, n, panel int) chosenRow {
	for i, depth := range chosen.column("N") {
		if depth == float64(n) && chosen.column("panel")[i] == float64(panel) {
			v := chosen.Rows[i]
			return chosenRow{v[chosen.at("t")], v[chosen.at("error")], v[chosen.at("effective_rank")], v[chosen.at("image_to_clean")], v[chosen.at("image_to_noisy")], v[chosen.at("correlation_clean")], v[chosen.at("noisy_correlation_clean")]}
		}
	}
	panic("paper: no such panel")
}

// blackDistance is that of a black image from the clean one.
func (r *mnist) blackDistance() float64 { return distanceOf(r.clean, make([]float64, len(r.clean))) }

// closestOfOne is the least distance of an image of N = 1 from the clean one.
func (r *mnist) closestOfOne() float64 {
	least := math.Inf(1)
	for i := range r.traces[0].Rows {
		least = min(least, distanceOf(r.pixels(1, i), r.clean))
	}
	return least
}

// An image resembles the clean one if it is closer than this part of a black
// image's distance; correlationMargin is how much better than the noisy one it
// must be correlated with the clean one.
const (
	fig10Part, fig11Part = 0.75, 0.7
	correlationMargin    = 0.25
)

func fig10Verdicts(m *making, chosen *Table, r *mnist) {
	noise, black, least := distanceOf(r.clean, r.noisy), r.blackDistance(), r.closestOfOne()
	var c [mnistDepths + 1]chosenRow
	for n := range c[1:] {
		c[n+1] = chosenAt(chosen, n+1, 3)
	}
	rank := deep.EffectiveRank(r.sigma)
	low, closer := true, true
	for _, v := range c[2:] {
		low = low && v.rank < 2
		closer = closer && v.clean <= fig10Part*black && v.clean < least
	}
	m.verdict(low, "the least effective rank is below 2 for N ≥ 2: %.3g, %.3g, %.3g at k = %.0f, %.0f, %.0f "+
		"with N = 2, 3, 4", c[2].rank, c[3].rank, c[4].rank, c[2].k, c[3].k, c[4].k)
	m.verdict(c[1].rank > 0.98*rank, "N = 1 with the loss that N = 2 has there, at k = %.0f, has the "+
		"effective rank %.4g (the noisy matrix %.4g; 98 %% of it are demanded)", c[1].k, c[1].rank, rank)
	m.verdict(closer, "an image of nearly rank one resembles the clean one: in panels c distances %.3g, %.3g, "+
		"%.3g with N = 2, 3, 4, at most %g of a black image's, %.3g, and below those of all iterates with N = "+
		"1, %.3g or more (the noisy image: %.3g)",
		c[2].clean, c[3].clean, c[4].clean, fig10Part, black, least, noise)
}

func fig11Verdicts(m *making, chosen *Table, r *mnist) {
	noise, black, least := distanceOf(r.clean, r.noisy), r.blackDistance(), r.closestOfOne()
	var c [mnistDepths + 1]chosenRow
	closer, alike, better := true, true, true
	for n := 2; n <= mnistDepths; n++ {
		c[n] = chosenAt(chosen, n, 1)
		closer = closer && c[n].clean <= fig11Part*black
		alike = alike && c[n].correlation >= c[n].correlationNoisy+correlationMargin
		better = better && c[n].clean <= fig11Part*least
	}
	m.verdict(closer, "at the least error the image resembles the clean one: distances %.3g, %.3g, %.3g at k "+
		"= %.0f, %.0f, %.0f with N = 2, 3, 4, at most %g of a black image's, %.3g (the noisy image: %.3g)",
		c[2].clean, c[3].clean, c[4].clean, c[2].k, c[3].k, c[4].k, fig11Part, black, noise)
	m.verdict(alike, "its correlation with the clean image is %.3f, %.3f, %.3f, above the noisy one's, %.3f, "+
		"by %g at least",
		c[2].correlation, c[3].correlation, c[4].correlation, c[2].correlationNoisy, correlationMargin)
	m.verdict(better, "no iterate with N = 1 has as good an image: its closest is at a distance of %.3g from "+
		"the clean one, of which the others have %g at most", least, fig11Part)
}

func fig12Verdicts(m *making, chosen *Table, r *mnist) {
	var c, first [mnistDepths + 1]chosenRow
	fitted, worse := true, true
	for n := 1; n <= mnistDepths; n++ {
		first[n], c[n] = chosenAt(chosen, n, 1), chosenAt(chosen, n, 3)
		fitted = fitted && c[n].noisy < c[n].clean
		worse = worse && c[n].clean > first[n].clean
	}
	m.verdict(fitted, "at the last iterate the image is closer to the noisy than to the clean one: %.3g, "+
		"%.3g, %.3g, %.3g against %.3g, %.3g, %.3g, %.3g with N = 1, 2, 3, 4",
		c[1].noisy, c[2].noisy, c[3].noisy, c[4].noisy, c[1].clean, c[2].clean, c[3].clean, c[4].clean)
	m.verdict(worse, "the noise grows in it: in panels a its distance from the clean one is %.3g, %.3g, %.3g, "+
		"%.3g, less than at the end", first[1].clean, first[2].clean, first[3].clean, first[4].clean)
}
