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

var asymmetricFig4 = Figure{"asymmetric/fig4", "a matrix with noise", makeAsymmetricFig4}

type asymmetricFig4Config struct {
	M          int       `toml:"m"`
	N          int       `toml:"n"`
	R          int       `toml:"r" comment:"rank of A without noise"`
	D          int       `toml:"d" comment:"inferred: columns of the factors"`
	Ratio      float64   `toml:"ratio" comment:"σ_r/σ_1 of A without noise"`
	Noise      float64   `toml:"noise" comment:"Gaussian, its Frobenius norm over that of A without noise"`
	Steps      []float64 `toml:"steps" comment:"inferred: η, a panel for each"`
	Iterations int       `toml:"iterations" comment:"inferred"`
	Starts     []string  `toml:"starts" comment:"of proposed, colspan, random, random-asym"`
	Runs       int       `toml:"runs" comment:"from each start"`
	C          float64   `toml:"c" comment:"C of the proposed start"`
	Nu         float64   `toml:"nu" comment:"ν: D = Cν/9"`
	Method     string    `toml:"method" comment:"direct, or krylov: the trajectories in Krylov bases of A and their starts"`
	Seed       uint64    `toml:"seed" comment:"inferred"`
}

func (c *asymmetricFig4Config) matrix() asymmetricMatrix {
	return asymmetricMatrix{m: c.M, n: c.N, rank: c.R, ratio: c.Ratio, noise: c.Noise, form: asymmetricDense, method: c.Method, c: c.C, nu: c.Nu, seed: c.Seed}
}

func (c *asymmetricFig4Config) check() error {
	a := c.matrix()
	return firstOf(
		a.check(),
		a.columns("d", c.D),
		positive("noise", c.Noise),
		eachOf("steps", c.Steps, positive),
		atLeast("iterations", c.Iterations, 1),
		asymmetricStartsCheck(c.Starts),
		atLeast("runs", c.Runs, 1),
	)
}

// makeAsymmetricFig4 runs simultaneous descent on a matrix that has rank r only
// approximately.
func makeAsymmetricFig4(ctx context.Context, m *making) error {
	c := &asymmetricFig4Config{
		M: 100, N: 100, R: 5, D: 10, Ratio: 0.9, Noise: 0.1, Steps: []float64{0.01, 0.1}, Iterations: 10000,
		Starts: asymmetricStartNames(), Runs: 5, C: 4, Nu: 1e-10, Method: byDirect, Seed: 1,
	}
	if m.Quick {
		c.M, c.N, c.Runs, c.Iterations = 50, 50, 3, 5000
	}
	if err := m.configure(c); err != nil {
		return err
	}
	p, err := newAsymmetricProblem(ctx, m, c.matrix(), c.D, len(c.Starts)*c.Runs)
	if err != nil {
		return err
	}
	var cells []figure.Cell
	var panels asymmetricFig4Curves
	for _, eta := range c.Steps {
		curves, err := m.asymmetricCurves(ctx, p, asymmetricPanel{
			name: fmt.Sprintf("step%g", eta), order: asymmetric.Simultaneous, eta: eta, d: c.D, runs: c.Runs, iterations: c.Iterations, starts: c.Starts, seed: c.Seed, early: 200,
		})
		if err != nil {
			return err
		}
		for _, line := range curves.Ended {
			m.note("%s", line)
		}
		for name, best := range map[string]float64{"best_r": p.bestSquared(c.R), "best_d": p.bestSquared(c.D)} {
			curves.Errors.derive(name, func(func(string) float64) float64 { return best })
		}
		m.Tables = append(m.Tables, curves.Errors)
		panels = append(panels, asymmetricFig4Panel{fmt.Sprintf("η = %g", eta), eta, curves.Errors})
		bestD := curves.Errors.theory(fmt.Sprintf("best of rank d = %d", c.D), "t", "best_d", 5)
		bestR := curves.Errors.theory(fmt.Sprintf("best of rank r = %d", c.R), "t", "best_r", 4)
		bestR.Dash = figure.Dotted
		axes := &figure.Axes{
			Title: fmt.Sprintf("η = %g", eta), XLabel: asymmetricTime, YLabel: asymmetricError, LogX: true, LogY: true,
			Lines: append(asymmetricLines(curves.Errors, c.Starts, c.Runs), bestD, bestR),
		}
		cells = append(cells, figure.Cell{Panel: axes, Weight: 1})
	}
	m.Tables[0].Name = ""
	panels.verdicts(m, c.Starts, c.Runs)
	caption := fmt.Sprintf("Simultaneous gradient descent, %s, factors with d = %d columns, %d runs from each start, seed %d. %s "+
		"Thin: one run. Thick: the median. Dashed: the least error of any matrix of rank d, from the singular "+
		"values of A. Dotted: of rank r. The iterations are on a logarithmic scale.",
		c.matrix(), c.D, c.Runs, c.Seed, asymmetricStartsCaption(c.Starts, c.C, c.Nu))
	m.draw("Convergence of alternating gradient descent, Figure 4", caption, asymmetricRowsOf(cells, 2)...)
	return nil
}

// asymmetricFig4Panel is a panel of the figure.
type asymmetricFig4Panel struct {
	title  string
	eta    float64
	errors *Table
}

type asymmetricFig4Curves []asymmetricFig4Panel

// verdicts: the proposed start comes down to the least error of rank d, and near
// it first.
func (f asymmetricFig4Curves) verdicts(m *making, starts []string, runs int) {
	for _, p := range f {
		best, bestR := asymmetricEnd(p.errors, "best_d"), asymmetricEnd(p.errors, "best_r")
		least := math.Inf(1)
		for _, s := range starts {
			for _, column := range asymmetricColumns(s, runs) {
				_, e := p.errors.points("t", column)
				least = min(least, slices.Min(e))
			}
		}
		m.note("%s: the lowest error of any run is %.4g, the least of any matrix of rank d %.4g", p.title, least, best)

		end := asymmetricEnd(p.errors, "proposed")
		m.verdict(end <= 1.25*best && end < bestR, "%s: the median from the proposed start comes down to "+
			"%.4g, %.3g times the least error of rank d (at most 1.25) and below that of rank r, %.4g",
			p.title, end, end/best, bestR)

		first := asymmetricReached(p.errors, "proposed", 2*best)
		pass := first > 0 && !math.IsInf(first, 1)
		factor := 1.2 // with larger steps all starts are quick
		if p.eta <= 0.01 {
			factor = 1.5
		}
		var others []string
		for _, s := range starts {
			if s == "proposed" {
				continue
			}
			t := asymmetricReached(p.errors, s, 2*best)
			pass = pass && t >= factor*first
			others = append(others, fmt.Sprintf("%.0f from %s", t, s))
		}
		m.verdict(pass, "%s: twice the least error of rank d is reached after %.0f iterations from the "+
			"proposed start, %s (at least %g times as many), medians",
			p.title, first, strings.Join(others, ", "), factor)
	}
}
