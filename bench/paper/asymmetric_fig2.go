package paper

import (
	"context"
	"fmt"
	"math"
	"strings"

	"lowrank/bench/figure"
	"lowrank/solvers/asymmetric"
)

var asymmetricFig2 = Figure{"asymmetric/fig2", "four starts with the theoretical step", makeAsymmetricFig2}

type asymmetricFig2Config struct {
	M          int      `toml:"m" comment:"rows of A; thousands go beyond the paper"`
	N          int      `toml:"n" comment:"columns of A"`
	R          int      `toml:"r" comment:"rank of A"`
	D          []int    `toml:"d" comment:"columns of the factors, a panel for each"`
	Ratio      float64  `toml:"ratio" comment:"σ_r/σ_1 of A"`
	Iterations int      `toml:"iterations" comment:"inferred"`
	Starts     []string `toml:"starts" comment:"proposed, colspan, random, random-asym"`
	Runs       int      `toml:"runs" comment:"from each start"`
	C          float64  `toml:"c" comment:"C of the proposed start"`
	Nu         float64  `toml:"nu" comment:"ν: D = Cν/9"`
	Tau        float64  `toml:"tau" comment:"inferred: τ of ρ = τ(1 − √(r−1)/√d)"`
	Eps        float64  `toml:"eps" comment:"inferred: ε of (8), relative to ‖A‖_F²"`
	Form       string   `toml:"form" comment:"dense, or product: A held as the product of its thin factors"`
	Seed       uint64   `toml:"seed" comment:"inferred"`
}

func (c *asymmetricFig2Config) matrix() asymmetricMatrix {
	return asymmetricMatrix{m: c.M, n: c.N, rank: c.R, ratio: c.Ratio, form: c.Form, c: c.C, nu: c.Nu, seed: c.Seed}
}

func (c *asymmetricFig2Config) check() error {
	a := c.matrix()
	return firstOf(
		a.check(),
		eachOf("d", c.D, a.columns),
		atLeast("iterations", c.Iterations, 1),
		asymmetricStartsCheck(c.Starts),
		atLeast("runs", c.Runs, 1),
		positive("tau", c.Tau),
		positive("eps", c.Eps),
	)
}

// makeAsymmetricFig2 runs simultaneous descent from each start with the
// theoretical step, for each number of columns.
func makeAsymmetricFig2(ctx context.Context, m *making) error {
	c := &asymmetricFig2Config{
		M: 100, N: 100, R: 5, D: []int{10, 6}, Ratio: 0.9, Iterations: 10000, Starts: asymmetricStartNames(), Runs: 5,
		C: 4, Nu: 1e-10, Tau: 1, Eps: 1e-6, Form: asymmetricDense, Seed: 1,
	}
	if m.Quick {
		c.M, c.N, c.Runs, c.Iterations = 50, 50, 3, 5000
	}
	if err := m.configure(c); err != nil {
		return err
	}
	f := asymmetricFig2Curves{}
	var cells []figure.Cell
	for _, d := range c.D {
		p, err := newAsymmetricProblem(ctx, m, c.matrix(), d, len(c.Starts)*c.Runs)
		if err != nil {
			return err
		}
		theory, eta, err := p.theory(d, c.Runs, c.Seed, c.Tau, c.Eps)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Figure, err)
		}
		curves, err := m.asymmetricCurves(ctx, p, asymmetricPanel{
			name: fmt.Sprintf("d%d", d), order: asymmetric.Simultaneous, eta: eta, d: d, runs: c.Runs, iterations: c.Iterations, starts: c.Starts, seed: c.Seed,
		})
		if err != nil {
			return err
		}
		for _, line := range curves.Ended {
			m.note("%s", line)
		}
		asymmetricBound(p, theory, eta, curves.Errors)
		m.Tables = append(m.Tables, curves.Errors)
		f = append(f, asymmetricFig2Panel{d, eta, theory.Iterations(eta), curves.Errors})
		axes := &figure.Axes{
			Title:  fmt.Sprintf("d = %d, step (8): η = %.3g", d, eta),
			XLabel: asymmetricTime, YLabel: asymmetricError, LogY: true,
			Lines: append(asymmetricLines(curves.Errors, c.Starts, c.Runs), asymmetricBoundLines(curves.Errors)...),
		}
		cells = append(cells, figure.Cell{Panel: axes, Weight: 1})
	}
	m.Tables[0].Name = ""
	f.verdicts(m, c.Starts)
	caption := fmt.Sprintf("Simultaneous gradient descent, %s, factors with d columns, %d runs from each start, seed %d. %s "+
		"The step is (8) with τ = %g and ε = %g‖A‖_F², the same for all starts. Thin: one run. Thick: the median. "+
		"Dashed: the bound (6), 2exp(−βt/4)f₀ over ‖A‖_F², up to T = β/(8η²f₀), dotted from there on; it is claimed for alternating descent from the proposed start and stands here for comparison.",
		c.matrix(), c.Runs, c.Seed, asymmetricStartsCaption(c.Starts, c.C, c.Nu), c.Tau, c.Eps)
	m.draw("Convergence of alternating gradient descent, Figure 2", caption, figure.Row{Height: 11, Cells: cells})
	return nil
}

// asymmetricFig2Panel is a panel of the figure.
type asymmetricFig2Panel struct {
	d      int
	eta    float64
	last   float64 // T
	errors *Table
}

type asymmetricFig2Curves []asymmetricFig2Panel

func (f asymmetricFig2Curves) verdicts(m *making, starts []string) {
	for _, p := range f {
		// A poor draw with few columns leaves one of the r directions for long, a
		// fifth of the squared error with r = 5; with d = r + 1 half of the draws
		// may be poor.
		asymmetricAdvantage(m, p.errors, fmt.Sprintf("d = %d", p.d), starts, 3)
		worst := 0.0
		for _, row := range p.errors.Rows {
			bound := row[p.errors.at("bound")]
			if math.IsNaN(bound) {
				bound = row[p.errors.at("bound_continued")]
			}
			if row[0] >= 1 {
				worst = max(worst, row[p.errors.at("proposed")]/bound)
			}
		}
		m.note("d = %d: with simultaneous descent, for which (6) is not claimed, the median from the proposed start is at most %.3g of it; T = %.0f", p.d, worst, p.last)
	}
	for i, p := range f {
		for _, q := range f[i+1:] {
			if p.d == q.d {
				continue
			}
			if p.d < q.d {
				p, q = q, p
			}
			pass, numbers := true, []string{}
			for _, start := range starts {
				more, fewer := asymmetricEnd(p.errors, start), asymmetricEnd(q.errors, start)
				// A start that has hardly moved may be a hair worse.
				pass = pass && (more < 1.01*fewer || max(more, fewer) < asymmetricFloor)
				numbers = append(numbers, fmt.Sprintf("%.1e and %.1e from %s", more, fewer, start))
			}
			m.verdict(pass, "more columns do better: the medians end with d = %d and d = %d at %s", p.d, q.d, strings.Join(numbers, ", "))
		}
	}
}
