package paper

import (
	"context"
	"fmt"

	"lowrank/bench/figure"
	"lowrank/solvers/sensing"
)

var sensingFig4 = Figure{"sensing/fig4", "test error against the scale of initialization", makeSensingFig4}

type sensingFig4Config struct {
	N          int       `toml:"n"`
	RStar      int       `toml:"r_star" comment:"rank of X"`
	M          int       `toml:"m" comment:"measurements; 0 for 10nr_*"`
	R          int       `toml:"r" comment:"columns of U"`
	Step       float64   `toml:"step" comment:"μ"`
	Alphas     []float64 `toml:"alphas" comment:"inferred: α, U_0 = αU"`
	Loss       float64   `toml:"loss" comment:"a run ends when f is at most this, not before plateau_to times t̂"`
	Iterations int       `toml:"iterations" comment:"inferred: or after so many"`
	From       float64   `toml:"plateau_from" comment:"inferred: the test error is judged from so many times t̂, the sum (6) with constants 1,"`
	To         float64   `toml:"plateau_to" comment:"inferred: to so many times t̂"`
	Storage    string    `toml:"storage" comment:"of the measurements, f64, f32, bf16 or regenerate; all compute in f64"`
	Seed       uint64    `toml:"seed" comment:"inferred: of the problem and the starts"`
}

func (c *sensingFig4Config) size() sensingSize {
	return sensingSize{c.N, c.RStar, sensingCount(c.M, c.N, c.RStar), c.Storage, c.Seed}
}

func (c *sensingFig4Config) check() error {
	err := firstOf(
		c.size().check(), c.size().columns("r", c.R), positive("step", c.Step), positive("loss", c.Loss), atLeast("iterations", c.Iterations, 1),
		positive("plateau_from", c.From), eachOf("alphas", c.Alphas, positive),
	)
	if err == nil && !(c.To >= 1.1*c.From) {
		err = fmt.Errorf("plateau_to is %g; expected at least 1.1 times plateau_from = %g", c.To, c.From)
	}
	for i := 1; i < len(c.Alphas) && err == nil; i++ {
		if c.Alphas[i] <= c.Alphas[i-1] {
			err = fmt.Errorf("alphas[%d] is %g; expected more than the %g before it", i, c.Alphas[i], c.Alphas[i-1])
		}
	}
	return err
}

// makeSensingFig4 runs gradient descent from starts of several scales, the same
// direction each, until the train error meets the paper's rule, or for a limited
// number of iterations. What it judges lies long before that limit.
func makeSensingFig4(ctx context.Context, m *making) error {
	c := &sensingFig4Config{
		N: 200, RStar: 5, R: 180, Step: 0.25, Loss: 0.5e-9, Iterations: 2000, From: 2, To: 4, Storage: "f32", Seed: 1,
		Alphas: []float64{1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1},
	}
	if m.Quick {
		c.N, c.RStar, c.R, c.Iterations = 80, 2, 72, 1000
	}
	if err := m.configure(c); err != nil {
		return err
	}
	var columns []int
	for range c.Alphas {
		columns = append(columns, c.R)
	}
	p, err := newSensingProblem(m, c.size(), columns...)
	if err != nil {
		return err
	}
	var members []*sensing.Solver[float64]
	var recorders []*sensingLong
	var runs []trajectory
	for _, alpha := range c.Alphas {
		s, err := p.solver(c.R, alpha, c.Step, c.Seed)
		if err != nil {
			return err
		}
		rec, err := p.long(ctx, s)
		if err != nil {
			return err
		}
		rec.rule = c.Loss
		judged := c.To * theoremTime(sensing.SettingOf(p.x, c.R, alpha, c.Step))
		members, recorders = append(members, s), append(recorders, rec)
		runs = append(runs, rec.trajectory(p, c.Iterations, func() bool {
			return s.Loss() <= c.Loss && float64(s.Iteration()) >= judged
		}))
	}
	results, err := m.runEach(ctx, "run", sensing.NewEnsemble(members...), runs)
	if err != nil {
		return err
	}
	if err := m.divergence(results); err != nil {
		return err
	}
	points := &figure4Points{c: c}
	var parts []*Table
	for i, rec := range recorders {
		part, err := rec.table(p, fmt.Sprintf("_%g", c.Alphas[i]), false)
		if err != nil {
			return err
		}
		points.runs = append(points.runs, newFigure4Run(sensing.SettingOf(p.x, c.R, c.Alphas[i], c.Step), part, c.Loss))
		parts = append(parts, part)
	}
	points.derive()
	m.Tables = []*Table{points.ends, join("runs", parts...), points.slopes}
	points.verdicts(m)
	points.draw(m, p)
	return nil
}

// draw shows the test error on the plateau, its exponent against the stopping
// time, and both errors of all runs on the way.
func (p *figure4Points) draw(m *making, problem *sensingProblem) {
	c := p.c
	points := func(name, column string, color int, marker figure.Marker) figure.Line {
		l := p.ends.line(name, "alpha", column, color)
		l.NoLine, l.Marker = true, marker
		return l
	}
	errors := &figure.Axes{
		Title: "Test error", XLabel: "scale of initialization α", YLabel: "‖UUᵀ − XXᵀ‖_F / ‖XXᵀ‖_F", LogX: true, LogY: true,
	}
	if p.fitted >= 3 {
		fitted := p.ends.line(fmt.Sprintf("fit at %g t̂, α^{%.2f}", c.From, p.slope), "alpha", "fit", 0)
		errors.Lines = append(errors.Lines, fitted, p.ends.theory("guide, α^{21/16}", "alpha", "guide", 1))
	}
	for _, l := range []figure.Line{
		points(fmt.Sprintf("at %g t̂", c.From), "test_fitted", 0, figure.Dot),
		points("not in the fit: above 1, that of U = 0", "test_useless", 4, figure.Diamond),
		points("by the paper's rule", "test_by_rule", 2, figure.Cross),
		points(fmt.Sprintf("after %d iterations", c.Iterations), "test_capped", 5, figure.Circle),
	} {
		if len(l.X) > 0 {
			errors.Lines = append(errors.Lines, l)
		}
	}
	slope, r2 := p.slopes.line("slope s of α^s", "multiple", "slope", 0), p.slopes.line("R² of the straight line", "multiple", "r2", 2)
	slope.Width, r2.Dash = 2.2, figure.Dashed
	exponent := &figure.Axes{
		Title: "Slope against the stopping time", XLabel: "stopping time, in t̂(α)", YLabel: "slope and R²", LogX: true,
		Lines:       []figure.Line{slope, r2},
		Bands:       []figure.Band{{Name: "judged", X0: c.From, X1: c.To, Color: 0}},
		Horizontals: []figure.Horizontal{{Y: fitExponent, Label: "21/16"}},
	}
	train := &figure.Axes{
		Title: "Train error on the way", XLabel: "iteration t", YLabel: "f(U_t)", LogX: true, LogY: true,
		Horizontals: []figure.Horizontal{{Y: c.Loss, Label: "stop rule"}},
	}
	test := &figure.Axes{
		Title: "Test error on the way", XLabel: "iteration t", YLabel: "‖UUᵀ − XXᵀ‖_F / ‖XXᵀ‖_F", LogX: true, LogY: true,
	}
	stops := p.ends.line(fmt.Sprintf("at %g t̂", c.From), "t_plateau_from", "test_plateau_from", 5)
	stops.NoLine, stops.Marker = true, figure.Dot
	for i := range c.Alphas {
		at := len(c.Alphas) - 1 - i
		alpha := c.Alphas[at]
		for _, panel := range []struct {
			*figure.Axes
			column string
		}{{train, "loss"}, {test, "test"}} {
			l := m.Tables[1].line(fmt.Sprintf("α = %g", alpha), "t", fmt.Sprintf("%s_%g", panel.column, alpha), 0)
			l.Shade = shade(at, len(c.Alphas))
			if len(l.X) > 0 && l.X[0] == 0 {
				l.X, l.Y = l.X[1:], l.Y[1:]
			}
			panel.Lines = append(panel.Lines, l)
		}
	}
	test.Lines = append(test.Lines, stops)
	caption := fmt.Sprintf("%s, r = %d, μ = %g, U_0 = αU with one U for all α, seed %d. "+
		"t̂(α) is the sum (6) of Theorem 3.3, the paper's own stopping time, with its unknown constants taken as 1. "+
		"Top left: the relative test error at %g t̂, where the first descent is over (dots, and the straight line "+
		"through those below 1); where the paper's rule f ≤ %g is first met (crosses); and after %d iterations "+
		"where it is not (circles). The dashed guide has the exponent of the paper's bound (5), at any height. "+
		"Top right: the slope of that line, and how straight it is, if each run stops at a multiple of its t̂; "+
		"runs that the rule has ended before are not in it. The verdict rests on the shaded part alone and "+
		"not on the limit of %d iterations. Below: both errors of all runs; the dots are at %g t̂.",
		problem, c.R, c.Step, c.Seed, c.From, c.Loss, c.Iterations, c.Iterations, c.From)
	m.draw("Small random initialization, Figure 4: test error against the scale of initialization", caption,
		figure.Row{Height: 10, Cells: []figure.Cell{{Panel: errors, Weight: 1}, {Panel: exponent, Weight: 1}}},
		figure.Row{Height: 10, Cells: []figure.Cell{{Panel: train, Weight: 1}, {Panel: test, Weight: 1}}},
	)
}

// shade is the place of one of count ordered runs on the colour ramp, whose light
// end white paper would swallow.
func shade(i, count int) float64 { return 0.02 + 0.86*float64(i)/float64(max(count-1, 1)) }
