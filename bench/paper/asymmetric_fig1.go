package paper

import (
	"context"
	"fmt"
	"math"
	"strings"

	"lowrank/bench/figure"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
)

var asymmetricFig1 = Figure{"asymmetric/fig1", "alternating descent from the proposed and a random start, " +
	"with the theory", makeAsymmetricFig1}

type asymmetricFig1Config struct {
	M          int       `toml:"m"`
	N          int       `toml:"n"`
	R          int       `toml:"r" comment:"rank of A"`
	D          int       `toml:"d" comment:"columns of the factors"`
	Ratios     []float64 `toml:"ratios" comment:"inferred: σ_r/σ_1 of A, a row of panels for each"`
	Steps      []float64 `toml:"steps" comment:"inferred: η beside the theoretical step (8)"`
	Iterations int       `toml:"iterations" comment:"inferred: with these steps; with the theoretical one as far as (6) is claimed"`
	Runs       int       `toml:"runs" comment:"from each start"`
	C          float64   `toml:"c" comment:"C of the proposed start"`
	Nu         float64   `toml:"nu" comment:"ν: D = Cν/9"`
	Tau        float64   `toml:"tau" comment:"inferred: τ of ρ = τ(1 − √(r−1)/√d)"`
	Eps        float64   `toml:"eps" comment:"inferred: ε of (8), relative to ‖A‖_F²"`
	Form       string    `toml:"form" comment:"dense, or product: A held as the product of its thin factors"`
	Method     string    `toml:"method" comment:"direct, or krylov: the trajectories in Krylov bases of A and their starts"`
	Seed       uint64    `toml:"seed" comment:"inferred"`
}

func (c *asymmetricFig1Config) matrix(ratio float64) asymmetricMatrix {
	return asymmetricMatrix{m: c.M, n: c.N, rank: c.R, ratio: ratio, form: c.Form, method: c.Method, c: c.C, nu: c.Nu, seed: c.Seed}
}

func (c *asymmetricFig1Config) check() error {
	if err := eachOf("ratios", c.Ratios, func(_ string, v float64) error { return c.matrix(v).check() }); err != nil {
		return err
	}
	if len(c.Steps) > 0 {
		if err := eachOf("steps", c.Steps, positive); err != nil {
			return err
		}
	}
	return firstOf(
		c.matrix(1).columns("d", c.D),
		atLeast("iterations", c.Iterations, 1),
		atLeast("runs", c.Runs, 1),
		positive("tau", c.Tau),
		positive("eps", c.Eps),
	)
}

// makeAsymmetricFig1 runs alternating descent from the proposed and the random
// start: for each condition of A a row of panels, one with the theoretical step
// and one for each other. (6) is drawn and, with all other claims of the theory,
// checked at every iterate of the runs from the proposed start.
func makeAsymmetricFig1(ctx context.Context, m *making) error {
	c := &asymmetricFig1Config{
		M: 100, N: 100, R: 5, D: 10, Ratios: []float64{0.9, 0.5}, Steps: []float64{0.01, 0.1}, Iterations: 1000, Runs: 5,
		C: 4, Nu: 1e-10, Tau: 1, Eps: 1e-6, Form: asymmetricDense, Method: byDirect, Seed: 1,
	}
	if m.Quick {
		c.M, c.N, c.Runs, c.Ratios, c.Eps = 50, 50, 3, []float64{0.9, 0.7}, 1e-3
	}
	if err := m.configure(c); err != nil {
		return err
	}
	starts := []string{"proposed", "random"}
	claims := newTable("claims", "ratio", "step", "run", "in_event", "hold", "fail", "not_met", "T", "eps_from")
	var rows []figure.Row
	for _, ratio := range c.Ratios {
		p, err := newAsymmetricProblem(ctx, m, c.matrix(ratio), c.D, len(starts)*c.Runs)
		if err != nil {
			return err
		}
		theory, eta, err := p.theory(c.D, c.Runs, c.Seed, c.Tau, c.Eps)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Figure, err)
		}
		var cells []figure.Cell
		for i, step := range append([]float64{eta}, c.Steps...) {
			run := asymmetricPanel{
				name: fmt.Sprintf("ratio%g-step%g", ratio, step), order: asymmetric.Alternating, eta: step, d: c.D, runs: c.Runs,
				iterations: c.Iterations, starts: starts, seed: c.Seed, claims: &theory,
			}
			if i == 0 {
				run.name = fmt.Sprintf("ratio%g-theory", ratio)
				if run.iterations, err = asymmetricIterations(theory, eta); err != nil {
					return fmt.Errorf("%s: %w", m.Figure, err)
				}
			}
			curves, err := m.asymmetricCurves(ctx, p, run)
			if err != nil {
				return err
			}
			f := newAsymmetricFig1Panel(p, theory, ratio, step, i == 0, curves)
			m.Tables = append(m.Tables, curves.Errors)
			f.judge(claims, curves.Checks)
			f.verdicts(m, claims)
			for _, line := range curves.Ended {
				m.note("%s", line)
			}
			cells = append(cells, figure.Cell{Panel: f.axes(starts, c.Runs), Weight: 1})
		}
		rows = append(rows, figure.Row{Height: 9, Cells: cells})
	}
	m.Tables = append(m.Tables, claims)
	m.Tables[0].Name = ""
	asymmetricClaimsVerdict(m, claims)
	caption := fmt.Sprintf("Alternating gradient descent, %s (titles), factors with d = %d columns, %d runs from each start, seed %d. %s "+
		"Left: the theoretical step (8) with τ = %g and ε = %g‖A‖_F², run up to T = β/(8η²f₀), as far as (6) "+
		"is claimed; step and T are those of the draw with the largest f₀. "+
		"Thin: one run. Thick: the median. Dashed: the bound (6), 2exp(−βt/4)f₀ over ‖A‖_F², claimed up to T; "+
		"dotted: its continuation, which the theory does not claim.",
		strings.Replace(c.matrix(c.Ratios[0]).String(), fmt.Sprintf("σ_r = %g", c.Ratios[0]), "σ_r", 1), c.D, c.Runs, c.Seed, asymmetricStartsCaption(starts, c.C, c.Nu), c.Tau, c.Eps)
	m.draw("Convergence of alternating gradient descent, Figure 1", caption, rows...)
	return nil
}

// asymmetricIterations is T of Theorem 5.1 as a number of iterations to run.
func asymmetricIterations(p asymmetric.Parameters, eta float64) (int, error) {
	t := p.Iterations(eta)
	if !(t >= 1 && t <= 1e9) {
		return 0, fmt.Errorf("with step (8), %.3g, T = β/(8η²f_0) is %.3g iterations; expected from 1 to 1e9", eta, t)
	}
	return int(t), nil
}

// asymmetricFig1Panel is a panel of the figure: its curves and bound.
type asymmetricFig1Panel struct {
	ratio, step float64
	theoretical bool
	last        float64 // T
	beta        float64
	errors      *Table
}

// newAsymmetricFig1Panel adds the bound (6) to the table of errors: up to T, and
// its continuation.
func newAsymmetricFig1Panel(p *asymmetricProblem, theory asymmetric.Parameters, ratio, step float64, theoretical bool, curves *asymmetricCurves) *asymmetricFig1Panel {
	f := &asymmetricFig1Panel{ratio: ratio, step: step, theoretical: theoretical, last: theory.Iterations(step), beta: theory.Beta(), errors: curves.Errors}
	asymmetricBound(p, theory, step, f.errors)
	return f
}

// judge adds a row for each run from the proposed start: how many of the
// paper's claims hold, and from when on that of Corollary 5.2, which is claimed at T.
func (f *asymmetricFig1Panel) judge(claims *Table, checks [][]solvers.Check) {
	for i, run := range checks {
		count := map[solvers.Verdict]float64{}
		from := math.NaN()
		for _, c := range run {
			count[c.Verdict]++
			if c.Since != nil && strings.HasPrefix(c.Name, "Corollary 5.2") {
				from = float64(c.Since.First)
			}
		}
		claims.add(f.ratio, f.step, float64(i+1), asymmetricEvent(run), count[solvers.Holds], count[solvers.Fails], count[solvers.NotMet], f.last, from)
	}
}

// title names the panel.
func (f *asymmetricFig1Panel) title() string {
	s := fmt.Sprintf("σ_r/σ₁ = %g, η = %.3g", f.ratio, f.step)
	if f.theoretical {
		s += ", step (8)"
	}
	return s
}

// verdicts: (6) in the runs whose draw is in the event, and the advantage of
// the proposed start.
func (f *asymmetricFig1Panel) verdicts(m *making, claims *Table) {
	if f.theoretical {
		f.bound(m, claims)
	}
	// Between the medians lie four orders of magnitude and more.
	asymmetricAdvantage(m, f.errors, f.title(), []string{"proposed", "random"}, 1e3)
}

// bound compares the recorded errors of each run in the event with (6).
func (f *asymmetricFig1Panel) bound(m *making, claims *Table) {
	in, of, worst, at, latest := 0, 0, 0.0, 0.0, math.NaN()
	for _, row := range claims.Rows {
		if row[claims.at("ratio")] != f.ratio || row[claims.at("step")] != f.step {
			continue
		}
		of++
		if row[claims.at("in_event")] == 0 {
			continue
		}
		in++
		latest = larger(latest, row[claims.at("eps_from")])
		name := fmt.Sprintf("proposed_%d", int(row[claims.at("run")]))
		t, e := f.errors.points("t", name)
		_, b := f.errors.points("t", "bound")
		for i := range min(len(e), len(b)) {
			if t[i] < 1 {
				continue
			}
			if r := e[i] / b[i]; !(r <= worst) {
				worst, at = r, t[i]
			}
		}
	}
	if in == 0 {
		m.note("%s: condition not met: no draw of %d is in the event of Proposition 4.3, so (6) is not claimed", f.title(), of)
		return
	}
	if latest == latest {
		m.note("%s: Corollary 5.2, error at most ε at T = %.0f: in these runs it holds and stays from t = %.0f on at the "+
			"latest, slack %.0f iterations", f.title(), f.last, latest, f.last-latest)
	}
	m.verdict(worst <= 1 && worst > 0, "%s: (6) holds up to T = %.0f in the %d of %d runs whose draw is in "+
		"the event of Proposition 4.3: the error is at most %.3g of the bound, at t = %.0f",
		f.title(), f.last, in, of, worst, at)
}

// asymmetricClaimsVerdict: no claim whose conditions hold fails.
func asymmetricClaimsVerdict(m *making, claims *Table) {
	sum := func(column string) (s float64) {
		for _, v := range claims.column(column) {
			s += v
		}
		return s
	}
	hold, fail := sum("hold"), sum("fail")
	m.verdict(fail == 0 && hold > 0, "the paper's claims on the runs from the proposed start, checked at "+
		"every iterate: %.0f hold, %.0f fail (none may), of %.0f a condition is not met", hold, fail, sum("not_met"))
}

// axes draws the panel.
func (f *asymmetricFig1Panel) axes(starts []string, runs int) *figure.Axes {
	return &figure.Axes{
		Title: f.title(), XLabel: asymmetricTime, YLabel: asymmetricError, LogY: true,
		Lines: append(asymmetricLines(f.errors, starts, runs), asymmetricBoundLines(f.errors, f.last)...),
	}
}
