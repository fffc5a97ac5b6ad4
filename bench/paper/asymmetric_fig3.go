package paper

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"lowrank/bench/figure"
	"lowrank/solvers/asymmetric"
)

var asymmetricFig3 = Figure{"asymmetric/fig3", "steps from small to too large", makeAsymmetricFig3}

// asymmetricFig3Config is also that of Figure 4.
type asymmetricFig3Config struct {
	M           int       `toml:"m"`
	N           int       `toml:"n"`
	R           int       `toml:"r" comment:"rank of A"`
	D           int       `toml:"d" comment:"inferred: columns of the factors"`
	Ratio       float64   `toml:"ratio" comment:"σ_r/σ_1 of A"`
	Steps       []float64 `toml:"steps" comment:"inferred: η, a panel for each; 1 is the paper's"`
	Alternating []float64 `toml:"alternating" comment:"beyond the paper: η of further panels with alternating descent"`
	Iterations  int       `toml:"iterations" comment:"inferred"`
	Starts      []string  `toml:"starts" comment:"inferred: the paper has three of proposed, colspan, random, random-asym"`
	Runs        int       `toml:"runs" comment:"from each start"`
	C           float64   `toml:"c" comment:"C of the proposed start"`
	Nu          float64   `toml:"nu" comment:"ν: D = Cν/9"`
	Form        string    `toml:"form" comment:"dense, or product: A held as the product of its thin factors"`
	Method      string    `toml:"method" comment:"direct, or krylov: the trajectories in Krylov bases of A and their starts"`
	Seed        uint64    `toml:"seed" comment:"inferred"`
}

func (c *asymmetricFig3Config) matrix() asymmetricMatrix {
	return asymmetricMatrix{m: c.M, n: c.N, rank: c.R, ratio: c.Ratio, form: c.Form, method: c.Method, c: c.C, nu: c.Nu, seed: c.Seed}
}

func (c *asymmetricFig3Config) check() error {
	a := c.matrix()
	if len(c.Alternating) > 0 {
		if err := eachOf("alternating", c.Alternating, positive); err != nil {
			return err
		}
	}
	return firstOf(
		a.check(),
		a.columns("d", c.D),
		eachOf("steps", c.Steps, positive),
		atLeast("iterations", c.Iterations, 1),
		asymmetricStartsCheck(c.Starts),
		atLeast("runs", c.Runs, 1),
	)
}

// makeAsymmetricFig3 runs simultaneous descent from three starts with several
// steps, and alternating descent where the step is too large for it.
func makeAsymmetricFig3(ctx context.Context, m *making) error {
	c := &asymmetricFig3Config{
		M: 100, N: 100, R: 5, D: 10, Ratio: 0.9, Steps: []float64{0.001, 0.01, 0.1, 0.5, 1}, Alternating: []float64{1}, Iterations: 1000,
		Starts: []string{"proposed", "colspan", "random"}, Runs: 5, C: 4, Nu: 1e-10, Form: asymmetricDense, Method: byDirect, Seed: 1,
	}
	if m.Quick {
		c.M, c.N, c.Runs = 50, 50, 3
	}
	if err := m.configure(c); err != nil {
		return err
	}
	p, err := newAsymmetricProblem(ctx, m, c.matrix(), c.D, len(c.Starts)*c.Runs)
	if err != nil {
		return err
	}
	var cells []figure.Cell
	var panels asymmetricFig3Curves
	for i, eta := range slices.Concat(c.Steps, c.Alternating) {
		panel := asymmetricPanel{
			name: fmt.Sprintf("step%g", eta), order: asymmetric.Simultaneous, eta: eta, d: c.D, runs: c.Runs, iterations: c.Iterations, starts: c.Starts, seed: c.Seed,
		}
		title := fmt.Sprintf("η = %g", eta)
		if i >= len(c.Steps) {
			panel.order = asymmetric.Alternating
			panel.name = "alternating-" + panel.name
			title += ", alternating"
		}
		curves, err := m.asymmetricCurves(ctx, p, panel)
		if err != nil {
			return err
		}
		for _, line := range curves.Ended {
			m.note("%s", line)
		}
		m.Tables = append(m.Tables, curves.Errors)
		panels = append(panels, asymmetricFig3Panel{title, panel.order, eta, p.singular.Values[0], curves.Errors})
		axes := &figure.Axes{
			Title: title, XLabel: asymmetricTime, YLabel: asymmetricError, LogY: true,
			Lines: asymmetricLines(curves.Errors, c.Starts, c.Runs),
		}
		cells = append(cells, figure.Cell{Panel: axes, Weight: 1})
	}
	m.Tables[0].Name = ""
	low, high := 1e-33, 10.0 // one scale for all panels
	for _, cell := range cells {
		axes := cell.Panel.(*figure.Axes)
		axes.YMin, axes.YMax = &low, &high
	}
	panels.verdicts(m, c.Starts)
	caption := fmt.Sprintf("Simultaneous gradient descent, and alternating where the title says so, %s, "+
		"factors with d = %d columns, %d runs from each start, seed %d. %s "+
		"Thin: one run. Thick: the median. At a minimum the largest eigenvalue of the Hessian is σ₁²(X) + "+
		"σ₁²(Y) ≥ 2σ₁, so simultaneous descent cannot settle with ησ₁ > 1 and does so only sublinearly "+
		"with ησ₁ = 1.",
		c.matrix(), c.D, c.Runs, c.Seed, asymmetricStartsCaption(c.Starts, c.C, c.Nu))
	m.draw("Convergence of alternating gradient descent, Figure 3", caption, asymmetricRowsOf(cells, 3)...)
	return nil
}

// asymmetricRowsOf lays cells out, so many in a row.
func asymmetricRowsOf(cells []figure.Cell, width int) []figure.Row {
	var rows []figure.Row
	for row := range slices.Chunk(cells, width) {
		rows = append(rows, figure.Row{Height: 8.5, Cells: row})
	}
	return rows
}

// asymmetricFig3Panel is a panel of the figure.
type asymmetricFig3Panel struct {
	title  string
	order  asymmetric.Order
	eta    float64
	sigma1 float64
	errors *Table
}

type asymmetricFig3Curves []asymmetricFig3Panel

// quicker is the verdict on the starts that end, as the proposed one does, where
// rounding ends them: they take longer to come down.
func (p *asymmetricFig3Panel) quicker(m *making, starts []string) {
	const level, factor = 1e-20, 1.3
	if !(asymmetricEnd(p.errors, "proposed") < asymmetricFloor) {
		return
	}
	first := asymmetricReached(p.errors, "proposed", level)
	pass := first > 0 && !math.IsInf(first, 1)
	var others []string
	for _, s := range starts {
		if s == "proposed" || !(asymmetricEnd(p.errors, s) < asymmetricFloor) {
			continue
		}
		t := asymmetricReached(p.errors, s, level)
		pass = pass && t >= factor*first
		others = append(others, fmt.Sprintf("%.0f from %s", t, s))
	}
	if len(others) > 0 {
		m.verdict(pass, "%s: %.0e is reached after %.0f iterations from the proposed start and %s (at least "+
			"%g times as many), medians", p.title, level, first, strings.Join(others, ", "), factor)
	}
}

// verdicts: where the step is not too large the proposed start has the
// advantage; where it is, no start converges, but the proposed one does with
// alternating descent.
func (f asymmetricFig3Curves) verdicts(m *making, starts []string) {
	for _, p := range f {
		const slow = 1e-10 // a linear rate has passed it long before
		tooLarge := p.eta*p.sigma1 >= 1-1e-12
		if !tooLarge || p.order == asymmetric.Alternating {
			asymmetricAdvantage(m, p.errors, p.title, starts, 100)
			p.quicker(m, starts)
			if end := asymmetricEnd(p.errors, "proposed"); tooLarge {
				m.verdict(end < asymmetricFloor, "%s: converges where simultaneous descent does not: the "+
					"median from the proposed start ends at %.1e (below %.0e)", p.title, end, asymmetricFloor)
			}
			continue
		}
		least, most := math.Inf(1), 0.0
		for _, s := range starts {
			v := asymmetricEnd(p.errors, s)
			least, most = min(least, v), max(most, v)
		}
		m.verdict(least > slow, "%s: no start converges: the medians end at %.1e to %.1e (above %.0e)", p.title, least, most, slow)
	}
}
