package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench/figure"
	"lowrank/solvers/deep"
)

var deepFig5 = Figure{"deep/fig5", "the perturbed start: factors and product for either sign of λ", makeDeepFig5}

type deepFig5Config struct {
	Depth      int     `toml:"depth" comment:"inferred: N"`
	Lambda     float64 `toml:"lambda" comment:"inferred: the eigenvalues of Ŵ are λ and −λ"`
	Alpha      float64 `toml:"alpha" comment:"inferred: α"`
	Beta       float64 `toml:"beta" comment:"inferred: β"`
	Step       float64 `toml:"step" comment:"inferred: η"`
	Iterations int     `toml:"iterations" comment:"inferred"`
}

func (c *deepFig5Config) check() error {
	if err := firstOf(
		atLeast("depth", c.Depth, 2),
		positive("lambda", c.Lambda),
		positive("alpha", c.Alpha),
		positive("step", c.Step),
		atLeast("iterations", c.Iterations, 10),
	); err != nil {
		return err
	}
	if most := (deep.PerturbedConstant(c.Depth) - 1) * c.Alpha; !(c.Beta > 0 && c.Beta < most) {
		return fmt.Errorf("beta is %g; expected a positive number below (c−1)α = %g, as Theorem 1.3 asks", c.Beta, most)
	}
	if p := math.Pow(c.Alpha, float64(c.Depth-1)) * (c.Alpha - c.Beta); p > c.Lambda {
		return fmt.Errorf("lambda is %g; expected at least the product at the start, %g", c.Lambda, p)
	}
	if most := (deep.Params{Depth: c.Depth, Lambda: c.Lambda, Alpha: c.Alpha}).StepLimit(); c.Step >= most {
		return fmt.Errorf("step is %g; expected less than %.4g, the limit of Lemma 2.11", c.Step, most)
	}
	return nil
}

// makeDeepFig5 runs (40) and (41) for λ and −λ, and (18) from α and from α−β,
// which enclose them.
func makeDeepFig5(ctx context.Context, m *making) error {
	c := &deepFig5Config{Depth: 2, Lambda: 1, Alpha: 0.5, Beta: 0.05, Step: 0.01, Iterations: 1200}
	if err := m.configure(c); err != nil {
		return err
	}
	lambda := []float64{c.Lambda, -c.Lambda}
	runs := []*recursion{
		newRecursion(c.Depth, lambda, c.Alpha, c.Beta, c.Step),
		newRecursion(c.Depth, lambda, c.Alpha, 0, c.Step),
		newRecursion(c.Depth, lambda, c.Alpha-c.Beta, 0, c.Step),
	}
	parts := []*Table{
		newTable("", "t", "a_plus", "b_plus", "product_plus", "a_minus", "b_minus", "product_minus"),
		newTable("", "t", "x_plus", "x_minus"),
		newTable("", "t", "y_plus", "y_minus"),
	}
	every := []int{c.Iterations, c.Iterations, c.Iterations}
	turn := math.Inf(1)
	err := m.follow(ctx, "run", runs, every, func(i, k int) {
		plus, minus := runs[i].pairs[0], runs[i].pairs[1]
		if i == 0 && minus.B <= 0 {
			turn = min(turn, float64(k))
		}
		if !thinly(k, 512, c.Iterations) && float64(k) != turn {
			return
		}
		if i == 0 {
			parts[0].add(float64(k), plus.A, plus.B, plus.Product(c.Depth), minus.A, minus.B, minus.Product(c.Depth))
		} else {
			parts[i].add(float64(k), plus.A, minus.A)
		}
	})
	if err != nil {
		return err
	}
	t := join("", parts...)
	bound := float64(deep.Params{Depth: c.Depth, Lambda: -c.Lambda, Alpha: c.Alpha, Beta: c.Beta, Eta: c.Step}.TransitionBound())
	times := newTable("times", "turn", "turn_bound")
	times.add(turn, bound)
	m.Tables = []*Table{t, times}
	c.verdicts(m, t, times)
	c.draw(m, t, times)
	return nil
}

func (c *deepFig5Config) verdicts(m *making, t, times *Table) {
	const rounding = 1e-12
	turn, bound := times.Rows[0][0], times.Rows[0][1]
	power := func(v float64) float64 { return math.Pow(v, float64(c.Depth)) }
	top := deep.PerturbedConstant(c.Depth) * math.Pow(c.Lambda, 1/float64(c.Depth))
	leastB, slack, highest := math.Inf(1), math.Inf(1), 0.0 // of λ > 0
	ordered, gap, signs := true, math.Inf(1), true          // of −λ
	gamma, gamma0 := 0.0, c.Beta*(2*c.Alpha-c.Beta)
	var last [2]float64
	for _, row := range t.Rows {
		v := func(column string) float64 { return row[t.at(column)] }
		a, b, p := v("a_plus"), v("b_plus"), v("product_plus")
		leastB, highest = min(leastB, b), max(highest, a)
		if y := v("y_plus"); !math.IsNaN(y) {
			slack = min(slack, p-power(y), c.Lambda-p)
		}
		gamma = max(gamma, math.Abs(a*a-b*b)/gamma0)
		last[0] = p
		a, b, p = v("a_minus"), v("b_minus"), v("product_minus")
		if row[0] < turn && !math.IsNaN(v("x_minus")) {
			ordered = ordered && 0 < b && b <= v("y_minus")+rounding && v("y_minus") <= v("x_minus") && v("x_minus") <= a+rounding && a <= c.Alpha
			gap = min(gap, a-b)
		}
		signs = signs && a > math.Abs(b) && (row[0] < turn) == (b > 0)
		gamma = max(gamma, math.Abs(a*a-b*b)/gamma0)
		last[1] = p
	}
	m.verdict(math.Abs(last[0]/c.Lambda-1) <= 1e-3 && leastB > 0, "λ = %g: the product ends at %.6f (1 ± 1e-3 "+
		"times λ), and b_k stays positive (least %.3g)", c.Lambda, last[0], leastB)
	m.verdict(slack >= -rounding && highest <= top, "λ = %g: y_k^{N} ≤ a_k^{N−1}b_k ≤ λ at every k (smallest "+
		"difference %.1e, rounding 1e-12) and a_k ≤ cλ^{1/N} (%.4f ≤ %.4f): Lemma D.2", c.Lambda, slack, highest, top)
	m.verdict(math.Abs(last[1]/c.Lambda+1) <= 1e-3, "λ = %s: the product ends at %.6f (1 ± 1e-3 times λ)", signed(-c.Lambda), last[1])
	m.verdict(turn <= bound && signs, "λ = %s: b_k changes its sign once, at T = %s, not after the bound of "+
		"Lemma 2.11, %.0f, while a_k > |b_k|", signed(-c.Lambda), iterationList([]float64{turn}), bound)
	m.verdict(ordered && gap >= c.Beta-rounding, "λ = %s: before T, 0 < b_k ≤ y_k ≤ x_k ≤ a_k ≤ α and a_k − "+
		"b_k ≥ β (least %.4f, β = %g), (50)", signed(-c.Lambda), gap, c.Beta)
	m.verdict(gamma <= 1+rounding, "|a_k² − b_k²| never exceeds its start β(2α−β): %.6f of it at most, Lemma 2.9", gamma)
}

func (c *deepFig5Config) draw(m *making, t, times *Table) {
	panel := func(title, sign string, lambda float64) *figure.Axes {
		b := t.line("b_k, of the perturbed factor", "t", "b_"+sign, 1)
		b.Dash = figure.Dashed
		product := t.line("product a_k^{N−1}b_k", "t", "product_"+sign, 5)
		product.Width = 2.2
		x, y := t.line("x_k, (18) from α", "t", "x_"+sign, 3), t.line("y_k, (18) from α − β", "t", "y_"+sign, 2)
		x.Dash, y.Dash = figure.Dotted, figure.Dotted
		return &figure.Axes{
			Title: title, XLabel: "iteration k", YLabel: "a_k, b_k and their product",
			Lines:       []figure.Line{t.line("a_k, of the other factors", "t", "a_"+sign, 0), b, product, x, y},
			Horizontals: []figure.Horizontal{{Y: lambda, Label: "λ = " + signed(lambda)}, {Y: 0}},
		}
	}
	plus, minus := panel("λ = "+signed(c.Lambda), "plus", c.Lambda), panel("λ = "+signed(-c.Lambda), "minus", -c.Lambda)
	turn, bound := times.Rows[0][0], times.Rows[0][1]
	if !math.IsInf(turn, 1) {
		minus.Verticals = append(minus.Verticals, figure.Vertical{X: turn, Label: fmt.Sprintf("T = %.0f", turn)})
	}
	if bound <= float64(c.Iterations) {
		minus.Verticals = append(minus.Verticals, figure.Vertical{X: bound, Label: fmt.Sprintf("bound of Lemma 2.11: %.0f", bound)})
	}
	m.draw("Gradient descent for deep matrix factorization, Figure 5",
		fmt.Sprintf("One eigenvalue of the factors from the perturbed start, N = %d: a_k of the factors αI, "+
			"b_k of the one that starts as (α−β)I, and the product, by (40) and (41). α = %g, β = %g, η = %g. "+
			"For λ < 0 the product first goes to 0; b_k turns negative at the phase transition T (46), and "+
			"then the product goes to λ. Dotted: (18) from α and from α − β, which for λ < 0 lie between "+
			"b_k and a_k before T.",
			c.Depth, c.Alpha, c.Beta, c.Step),
		figure.Row{Height: 9, Cells: []figure.Cell{{Panel: plus, Weight: 1}, {Panel: minus, Weight: 1}}})
}
