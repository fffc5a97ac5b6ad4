package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench/figure"
	"lowrank/solvers/deep"
)

var deepFig2 = Figure{"deep/fig2", "deeper factorizations: sharper and better separated transitions", makeDeepFig2}

type deepFig2Config struct {
	Spectrum []float64 `toml:"spectrum" comment:"inferred: λ, the positive eigenvalues of Ŵ, largest first"`
	Depths   []int     `toml:"depths" comment:"inferred: N, ascending"`
	Start    float64   `toml:"start" comment:"inferred: αᴺ, the same for all N"`
	Kappa    float64   `toml:"kappa" comment:"inferred: κ, the step over the limit (10)"`
}

func (c *deepFig2Config) check() error {
	if err := firstOf(
		positiveSpectrum("spectrum", c.Spectrum),
		atLeast("the number of values in spectrum", len(c.Spectrum), 2),
		depthsAre("depths", c.Depths),
		atLeast("the number of values in depths", len(c.Depths), 2),
		positive("start", c.Start),
		properFraction("kappa", c.Kappa),
	); err != nil {
		return err
	}
	for j := 1; j < len(c.Depths); j++ {
		if c.Depths[j] < c.Depths[j-1] {
			return fmt.Errorf("depths is %v; expected ascending numbers", c.Depths)
		}
	}
	if low := 0.1 * c.Spectrum[len(c.Spectrum)-1]; c.Start >= low {
		return fmt.Errorf("start is %g; expected less than a tenth of the smallest eigenvalue, %g, so that "+
			"its rise can be seen", c.Start, low)
	}
	return nil
}

// levels of λ between which a transition is measured.
var deepFig2Levels = []float64{0.1, 0.5, 0.9}

// makeDeepFig2 runs (18) for several depths from the same product, each with the
// same share of its largest step, and measures how sharp and how separated the
// transitions of the eigenvalues are.
func makeDeepFig2(ctx context.Context, m *making) error {
	c := &deepFig2Config{Spectrum: []float64{10, 5, 1}, Depths: []int{2, 3, 4}, Start: 1e-3, Kappa: 0.1}
	if err := m.configure(c); err != nil {
		return err
	}
	var runs []*recursion
	var iterations []int
	curves := make([]*Table, len(c.Depths))
	hits := make([][][]float64, len(c.Depths)) // the first k at each level, of each eigenvalue
	for j, n := range c.Depths {
		alpha := math.Pow(c.Start, 1/float64(n))
		eta := c.Kappa * deep.Params{Depth: n, Lambda: c.Spectrum[0], Alpha: alpha}.StepLimit()
		last := 0
		for _, l := range c.Spectrum {
			last = max(last, deep.Params{Depth: n, Lambda: l, Alpha: alpha, Eta: eta}.TimeBound(0.01*l))
		}
		if last > 1e8 {
			return ConfigError{fmt.Errorf("%s: depth %d needs about %d iterations; expected a larger start or kappa", m.Figure, n, last)}
		}
		runs = append(runs, newRecursion(n, c.Spectrum, alpha, 0, eta))
		iterations = append(iterations, last)
		curves[j] = newTable(depthName(n), append([]string{"t"}, numbered("product", len(c.Spectrum))...)...)
		for range c.Spectrum {
			hits[j] = append(hits[j], []float64{math.Inf(1), math.Inf(1), math.Inf(1)})
		}
	}
	err := m.follow(ctx, "run", runs, iterations, func(j, k int) {
		p := runs[j].products()
		for i, l := range c.Spectrum {
			for q, level := range deepFig2Levels {
				if math.IsInf(hits[j][i][q], 1) && p[i] >= level*l {
					hits[j][i][q] = float64(k)
				}
			}
		}
		if thinly(k, 128, iterations[j]) {
			curves[j].add(append([]float64{float64(k)}, p...)...)
		}
	})
	if err != nil {
		return err
	}
	times := newTable("", "depth", "eigenvalue", "k_tenth", "k_half", "k_nine_tenths", "sharpness", "separation")
	for j, n := range c.Depths {
		for i, l := range c.Spectrum {
			h := hits[j][i]
			separation := math.NaN()
			if i > 0 {
				separation = h[1] / hits[j][i-1][1]
			}
			times.add(float64(n), l, h[0], h[1], h[2], (h[2]-h[0])/h[1], separation)
			// On the axis of the lower panels the transitions lie over one another.
			curves[j].derive(fmt.Sprintf("k_over_half_%d", i+1), func(value func(string) float64) float64 { return value("t") / h[1] })
			curves[j].derive(fmt.Sprintf("relative_%d", i+1), func(value func(string) float64) float64 {
				return value(fmt.Sprintf("product_%d", i+1)) / l
			})
		}
	}
	m.Tables = append([]*Table{times}, curves...)
	c.verdicts(m, times)
	c.draw(m, runs, curves)
	return nil
}

func (c *deepFig2Config) verdicts(m *making, times *Table) {
	of := func(column string, l float64) (values []float64, text string) {
		v := times.column(column)
		for i, x := range times.column("eigenvalue") {
			if x == l {
				values = append(values, v[i])
				text += fmt.Sprintf(", %.3g", v[i])
			}
		}
		return values, text[2:]
	}
	depths := numberList(c.Depths)
	for i, l := range c.Spectrum {
		sharpness, text := of("sharpness", l)
		falls := true
		for j, s := range sharpness {
			falls = falls && s > 0 && (j == 0 || s < sharpness[j-1])
		}
		m.verdict(falls, "λ = %g: the rise from a tenth to nine tenths of λ takes a smaller share of the time "+
			"to a half, the deeper: %s for N = %s", l, text, depths)
		if i == 0 {
			continue
		}
		separation, text := of("separation", l)
		m.verdict(separation[0] > 1 && ascend(separation), "λ = %g is half learned later than λ = %g by a "+
			"factor that grows with the depth: %s for N = %s", l, c.Spectrum[i-1], text, depths)
	}
}

func (c *deepFig2Config) draw(m *making, runs []*recursion, curves []*Table) {
	var upper, lower []figure.Cell
	steps := ""
	for j, n := range c.Depths {
		a := &figure.Axes{Title: fmt.Sprintf("N = %d", n), XLabel: "iteration k", YLabel: "eigenvalues of W(k)", Horizontals: trueValues(c.Spectrum)}
		for i, l := range c.Spectrum {
			a.Lines = append(a.Lines, curves[j].line(fmt.Sprintf("of λ%s = %g", subscript(i+1), l), "t", fmt.Sprintf("product_%d", i+1), i))
		}
		upper = append(upper, figure.Cell{Panel: a, Weight: 1})
		steps += fmt.Sprintf(", η = %.3g for N = %d", runs[j].eta, n)
	}
	for i, l := range c.Spectrum {
		a := &figure.Axes{
			Title: fmt.Sprintf("λ%s = %g", subscript(i+1), l), XLabel: "k over the k at which half of λ is reached", YLabel: "eigenvalue of W(k) over λ",
			XMin: axisLimit(0), XMax: axisLimit(2),
		}
		for j, n := range c.Depths {
			line := curves[j].line(fmt.Sprintf("N = %d", n), fmt.Sprintf("k_over_half_%d", i+1), fmt.Sprintf("relative_%d", i+1), j)
			line.Dash = []figure.Dash{figure.Solid, figure.Dashed, figure.Dotted}[j%3]
			a.Lines = append(a.Lines, line)
		}
		lower = append(lower, figure.Cell{Panel: a, Weight: 1})
	}
	m.draw("Gradient descent for deep matrix factorization, Figure 2",
		fmt.Sprintf("Eigenvalues of W(k) for a Ŵ with the eigenvalues %s (dashed lines above) from identical "+
			"factors αI with αᴺ = %g and η = κ/((3N−2)‖Ŵ‖^{2−2/N}), κ = %g%s; by the recursion (18), which is exact. "+
			"Below: each eigenvalue over its limit λ, against k over the iteration at which it is half of λ.",
			numberList(c.Spectrum), c.Start, c.Kappa, steps),
		figure.Row{Height: 8, Cells: upper}, figure.Row{Height: 8, Cells: lower})
}
