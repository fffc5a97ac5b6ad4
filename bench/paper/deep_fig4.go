package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench/figure"
	"lowrank/solvers/deep"
)

var deepFig4 = Figure{"deep/fig4", "iterations to an accuracy, predicted and counted", makeDeepFig4}

type deepFig4Config struct {
	Lambda    float64 `toml:"lambda" comment:"inferred: λ, the eigenvalue of Ŵ"`
	Depths    []int   `toml:"depths" comment:"inferred: N"`
	Alpha     float64 `toml:"alpha" comment:"inferred: α"`
	Kappa     float64 `toml:"kappa" comment:"inferred: κ, the step over the limit (25)"`
	Decades   int     `toml:"decades" comment:"inferred: ε goes down to 10 to the power of minus this, relative to λ"`
	PerDecade int     `toml:"per_decade" comment:"accuracies in a decade"`
}

func (c *deepFig4Config) check() error {
	if err := firstOf(
		positive("lambda", c.Lambda),
		depthsAre("depths", c.Depths),
		positive("alpha", c.Alpha),
		properFraction("kappa", c.Kappa),
		atLeast("decades", c.Decades, 3),
		atLeast("per_decade", c.PerDecade, 2),
	); err != nil {
		return err
	}
	if c.Decades > 10 {
		return fmt.Errorf("decades is %d; expected at most 10, where rounding begins to matter", c.Decades)
	}
	for _, n := range c.Depths {
		if math.Pow(c.Alpha, float64(n)) > 0.1*c.Lambda {
			return fmt.Errorf("alpha is %g; expected αᴺ below a tenth of lambda, %g, so that there are two stages", c.Alpha, c.Lambda)
		}
	}
	return nil
}

// makeDeepFig4 counts the iterations of (18) to each accuracy and sets them
// beside the bounds (26) and (27).
func makeDeepFig4(ctx context.Context, m *making) error {
	c := &deepFig4Config{Lambda: 1, Depths: []int{2, 3}, Alpha: 0.1, Kappa: 0.5, Decades: 6, PerDecade: 4}
	if err := m.configure(c); err != nil {
		return err
	}
	var runs []*recursion
	var iterations []int
	tables := make([]*Table, len(c.Depths))
	for j, n := range c.Depths {
		p := deep.Params{Depth: n, Lambda: c.Lambda, Alpha: c.Alpha}
		p.Eta = c.Kappa * p.StepLimit()
		t := newTable("", "eps", "lower_"+depthName(n), "counted_"+depthName(n), "upper_"+depthName(n), "first_stage_"+depthName(n))
		stage := math.Ceil(p.ConvexTime()/p.Eta + p.Lag())
		last := 0
		for i := 1; i <= c.Decades*c.PerDecade; i++ {
			eps := c.Lambda * math.Pow(10, -float64(i)/float64(c.PerDecade))
			upper := p.TimeBound(eps)
			last = max(last, upper)
			t.add(eps, p.LowerBound(eps), math.Inf(1), float64(upper), stage)
		}
		if last > 1e8 {
			return ConfigError{fmt.Errorf("%s: depth %d needs about %d iterations; expected a larger alpha or kappa", m.Figure, n, last)}
		}
		runs = append(runs, newRecursion(n, []float64{c.Lambda}, c.Alpha, 0, p.Eta))
		// Some more, so that a count beyond the bound is seen as one.
		iterations = append(iterations, last+last/10+10)
		tables[j] = t
	}
	reached := make([]int, len(runs)) // accuracies, largest first
	err := m.follow(ctx, "run", runs, iterations, func(j, k int) {
		gap := math.Abs(runs[j].pairs[0].Product(runs[j].depth) - c.Lambda)
		for t := tables[j]; reached[j] < len(t.Rows) && gap <= t.Rows[reached[j]][0]; reached[j]++ {
			t.Rows[reached[j]][2] = float64(k)
		}
	})
	if err != nil {
		return err
	}
	main := join("", tables...)
	main.derive("digits", func(value func(string) float64) float64 { return -math.Log10(value("eps")) })
	m.Tables = []*Table{main}
	c.verdicts(m, main)
	c.draw(m, main)
	return nil
}

func (c *deepFig4Config) verdicts(m *making, main *Table) {
	for _, n := range c.Depths {
		name := depthName(n)
		lower, counted, upper := main.column("lower_"+name), main.column("counted_"+name), main.column("upper_"+name)
		inside := 0
		tightUp, tightLow := 0.0, 0.0
		var x, y []float64
		for i, eps := range main.column("eps") {
			if lower[i] <= counted[i] && counted[i] <= upper[i] {
				inside++
			}
			tightUp, tightLow = max(tightUp, upper[i]/counted[i]), max(tightLow, counted[i]/lower[i])
			if eps <= 0.01*c.Lambda {
				x, y = append(x, -math.Log10(eps)), append(y, counted[i])
			}
		}
		m.verdict(inside == len(counted), "N = %d: at %d of %d accuracies the count lies between the lower "+
			"bound (27) and T_N^{Id} (24)", n, inside, len(counted))

		eta := c.Kappa * deep.Params{Depth: n, Lambda: c.Lambda, Alpha: c.Alpha}.StepLimit()
		rate := math.Ln10 / -math.Log1p(-eta*float64(n)*math.Pow(c.Lambda, 2-2/float64(n)))
		slope, _, r2 := fit(x, y)
		m.verdict(r2 > 0.998 && math.Abs(slope/rate-1) <= 0.05,
			"N = %d: two stages: below ε = 0.01 λ the count grows by %.2f a decade of ε (R² %.5f); the last "+
				"steps shrink the error by 1 − ηNλ^{2−2/N}, which makes %.2f ± 5 %%", n, slope, r2, rate)
		m.note("N = %d: η = %.4g; T_N^{Id} is at most %.3g times the count, which is at most %.3g times the lower bound",
			n, eta, tightUp, tightLow)
	}
}

func (c *deepFig4Config) draw(m *making, main *Table) {
	var cells []figure.Cell
	steps := ""
	for _, n := range c.Depths {
		name := depthName(n)
		counted := main.line("counted", "digits", "counted_"+name, 5)
		counted.Marker = figure.Dot
		lower := main.theory("lower bound (27)", "digits", "lower_"+name, 2)
		lower.Dash = figure.Dotted
		cells = append(cells, figure.Cell{Weight: 1, Panel: &figure.Axes{
			Title: fmt.Sprintf("N = %d", n), XLabel: "accuracy, −log₁₀ ε", YLabel: "iterations k until |d_k^{N} − λ| ≤ ε", YMin: axisLimit(0),
			Lines: []figure.Line{
				main.theory("T_N^{Id}, upper bound (24)", "digits", "upper_"+name, 4), counted, lower,
				main.theory("T_N^{Id}, first stage", "digits", "first_stage_"+name, 0),
			},
			Verticals: []figure.Vertical{{X: -math.Log10(float64(n) * c.Lambda / float64(2*n-1)), Label: "ε at the inflection point"}},
		}})
		steps += fmt.Sprintf(", η = %.4g for N = %d", c.Kappa*deep.Params{Depth: n, Lambda: c.Lambda, Alpha: c.Alpha}.StepLimit(), n)
	}
	m.draw("Gradient descent for deep matrix factorization, Figure 4",
		fmt.Sprintf("Iterations of (18) until the product is within ε of one eigenvalue λ = %g, from α = %g "+
			"with κ = %g%s. T_N^{Id} (24) has two stages: "+
			"a fixed number of iterations up to the inflection point λ(N−1)/(2N−1), and from there on a number that grows with log 1/ε.",
			c.Lambda, c.Alpha, c.Kappa, steps),
		figure.Row{Height: 9, Cells: cells})
}
