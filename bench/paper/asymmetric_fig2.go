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
	Method     string   `toml:"method" comment:"direct, or krylov: the trajectories in Krylov bases of A and their starts"`
	Seed       uint64   `toml:"seed" comment:"inferred"`
}

func (c *asymmetricFig2Config) matrix() asymmetricMatrix {
	return asymmetricMatrix{m: c.M, n: c.N, rank: c.R, ratio: c.Ratio, form: c.Form, method: c.Method, c: c.C, nu: c.Nu, seed: c.Seed}
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
		C: 4, Nu: 1e-10, Tau: 1, Eps: 1e-6, Form: asymmetricDense, Method: byDirect, Seed: 1,
	}
	if m.Quick {
		c.M, c.N, c.Iterations = 50, 50, 5000
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
		in, err := p.inEvent(d, c.Runs, c.Seed, eta, theory)
		if err != nil {
			return err
		}
		f = append(f, asymmetricFig2Panel{d, eta, theory.Iterations(eta), in, curves.Errors})
		axes := &figure.Axes{
			Title:  fmt.Sprintf("d = %d, step (8): η = %.3g", d, eta),
			XLabel: asymmetricTime, YLabel: asymmetricError + ", log scale", LogY: true,
			Lines: append(asymmetricLines(curves.Errors, c.Starts, c.Runs), asymmetricBoundLines(curves.Errors, theory.Iterations(eta))...),
		}
		cells = append(cells, figure.Cell{Panel: axes, Weight: 1})
	}
	m.Tables[0].Name = ""
	f.verdicts(m, c)
	others := ""
	if lines := f.others(c.Starts, c.Runs); len(lines) > 0 {
		axes := &figure.Axes{Title: "the other starts", XLabel: asymmetricTime, YLabel: asymmetricError, Lines: lines}
		cells = append(cells, figure.Cell{Panel: axes, Weight: 1})
		others = " Last: the medians from the starts other than the proposed one, on a linear scale."
	}
	caption := fmt.Sprintf("Simultaneous gradient descent, %s, factors with d columns, %d runs from each start, seed %d. %s "+
		"The step is (8) with τ = %g and ε = %g‖A‖_F², the same for all starts. Thin: one run. Thick: the median. "+
		"Dashed: the bound (6), 2exp(−βt/4)f₀ over ‖A‖_F², up to T = β/(8η²f₀), dotted from there on; it is "+
		"claimed for alternating descent from the proposed start and stands here for comparison.%s",
		c.matrix(), c.Runs, c.Seed, asymmetricStartsCaption(c.Starts, c.C, c.Nu), c.Tau, c.Eps, others)
	m.draw("Convergence of alternating gradient descent, Figure 2", caption, figure.Row{Height: 11, Cells: cells})
	return nil
}

// asymmetricFig2Panel is a panel of the figure.
type asymmetricFig2Panel struct {
	d      int
	eta    float64
	last   float64 // T
	in     int     // draws of the proposed start in the event of Proposition 4.3
	errors *Table
}

type asymmetricFig2Curves []asymmetricFig2Panel

// inEvent counts the draws of the proposed start in the event of Proposition
// 4.3.
func (p *asymmetricProblem) inEvent(d, runs int, seed uint64, eta float64, theory asymmetric.Parameters) (int, error) {
	count := 0
	for i := range runs {
		s, err := p.start("proposed", d, eta, seed+uint64(i))
		if err != nil {
			return 0, err
		}
		in, err := p.inEventOf(s, eta, theory)
		if err != nil {
			return 0, err
		}
		count += int(in)
	}
	return count, nil
}

// others draws the medians from the starts other than the proposed one, for
// each number of columns.
func (f asymmetricFig2Curves) others(starts []string, runs int) []figure.Line {
	rest := slices.DeleteFunc(slices.Clone(starts), func(s string) bool { return s == "proposed" })
	dashes := []figure.Dash{figure.Solid, figure.Dashed, figure.Dotted}
	var lines []figure.Line
	for i, p := range f {
		for _, l := range asymmetricLines(p.errors, rest, runs) {
			if l.Faint {
				continue
			}
			l.Name += fmt.Sprintf(", d = %d", p.d)
			l.Dash = dashes[min(i, len(dashes)-1)]
			lines = append(lines, l)
		}
	}
	return lines
}

// best is the verdict that the best run from the proposed start ends at least so
// much below the best one from each other start.
func (p *asymmetricFig2Panel) best(m *making, starts []string, runs int, factor float64) {
	least := func(start string) float64 {
		v := math.Inf(1)
		for _, column := range asymmetricColumns(start, runs) {
			if e := asymmetricEnd(p.errors, column); e < v { // not NaN
				v = e
			}
		}
		return v
	}
	proposed := least("proposed")
	pass := !math.IsInf(proposed, 1)
	var bests, medians []string
	for _, s := range starts {
		if s == "proposed" {
			continue
		}
		v := least(s)
		pass = pass && v >= factor*proposed
		bests = append(bests, fmt.Sprintf("%.2g from %s", v, s))
		medians = append(medians, fmt.Sprintf("%.2g", asymmetricEnd(p.errors, s)))
	}
	m.verdict(pass, "d = %d, fewer than 2r columns: the best of %d runs ends at %.1e from the proposed start "+
		"and at %s (at least %g times as much); the medians end at %.1e and at %s",
		p.d, runs, proposed, strings.Join(bests, ", "), factor, asymmetricEnd(p.errors, "proposed"), strings.Join(medians, ", "))
}

func (f asymmetricFig2Curves) verdicts(m *making, c *asymmetricFig2Config) {
	starts := c.Starts
	for _, p := range f {
		// A poor draw with few columns leaves one of the r directions for long, a
		// fifth of the squared error with r = 5; with d = r + 1 half of the draws
		// may be poor, so that the median says little.
		if p.d >= 2*c.R {
			asymmetricAdvantage(m, p.errors, fmt.Sprintf("d = %d", p.d), starts, 1e6)
		} else {
			p.best(m, starts, c.Runs, 100)
		}
		m.note("d = %d: %d of %d draws of the proposed start are in the event of Proposition 4.3", p.d, p.in, c.Runs)
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
		m.note("d = %d: with simultaneous descent, for which (6) is not claimed, the median from the proposed "+
			"start is at most %.3g of it; T = %.0f", p.d, worst, p.last)
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
