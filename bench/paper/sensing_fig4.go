package paper

import (
	"context"
	"fmt"
	"math"

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
	Loss       float64   `toml:"loss" comment:"a run ends when f is at most this"`
	Iterations int       `toml:"iterations" comment:"inferred: or after so many"`
	Storage    string    `toml:"storage" comment:"of the measurements, f64, f32, bf16 or regenerate; all compute in f64"`
	Seed       uint64    `toml:"seed" comment:"inferred: of the problem and the starts"`
}

func (c *sensingFig4Config) size() sensingSize {
	return sensingSize{c.N, c.RStar, sensingCount(c.M, c.N, c.RStar), c.Storage, c.Seed}
}

func (c *sensingFig4Config) check() error {
	err := firstOf(
		c.size().check(), c.size().columns("r", c.R), positive("step", c.Step), positive("loss", c.Loss), atLeast("iterations", c.Iterations, 1),
		eachOf("alphas", c.Alphas, positive),
	)
	for i := 1; i < len(c.Alphas) && err == nil; i++ {
		if c.Alphas[i] <= c.Alphas[i-1] {
			err = fmt.Errorf("alphas[%d] is %g; expected more than the %g before it", i, c.Alphas[i], c.Alphas[i-1])
		}
	}
	return err
}

// makeSensingFig4 runs gradient descent from starts of several scales, the same
// direction each, until the train error meets the paper's rule.
func makeSensingFig4(ctx context.Context, m *making) error {
	c := &sensingFig4Config{
		N: 200, RStar: 5, R: 180, Step: 0.25, Loss: 0.5e-9, Iterations: 2000, Storage: "f32", Seed: 1,
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
		members, recorders = append(members, s), append(recorders, rec)
		runs = append(runs, rec.trajectory(p, c.Iterations, func() bool { return s.Loss() <= c.Loss }))
	}
	results, err := m.runEach(ctx, "run", sensing.NewEnsemble(members...), runs)
	if err != nil {
		return err
	}
	if err := m.divergence(results); err != nil {
		return err
	}
	ends := newTable("", "alpha", "iterations", "loss", "test", "test_at_half")
	var parts []*Table
	for i, rec := range recorders {
		part, err := rec.table(p, fmt.Sprintf("_%g", c.Alphas[i]), false)
		if err != nil {
			return err
		}
		last, half := part.Rows[len(part.Rows)-1], part.Rows[0]
		for _, row := range part.Rows {
			if row[0] <= last[0]/2 {
				half = row
			}
		}
		ends.add(c.Alphas[i], last[0], last[1], last[2], half[2])
		parts = append(parts, part)
	}
	m.Tables = []*Table{ends, join("runs", parts...)}
	points := newFigure4Points(ends, c, p.norm())
	points.verdicts(m)
	points.draw(m, c, p)
	return nil
}

// figure4Points is the table of the runs' ends with what is derived from it.
type figure4Points struct {
	*Table
	slope, r2 float64
	fitted    int
	alpha     []float64 // of the fitted points
	capped    []float64 // α of the runs that the limit of iterations ended
	limited   []float64 // α of those that only the stop rule determines
	useless   []float64 // α of those whose test error is above that of U = 0
}

// fitExponent is the paper's exponent of α in (5), a bound.
const fitExponent = 21. / 16

// newFigure4Points decides which points the stop rule limits. The train error is
// that part of the test error that the measurements see: 4f = ‖𝒜(UUᵀ − XXᵀ)‖².
// Where a run ends by the rule while 4f is still more than a tenth of
// ‖UUᵀ − XXᵀ‖_F², the rule has decided the test error, not α. A run from a larger
// start ends with 4f far below: more iterations would change nothing. A test
// error of 1 or more is not better than that of U = 0: that run has not found X at
// all, and is not part of the line either.
func newFigure4Points(ends *Table, c *sensingFig4Config, norm float64) *figure4Points {
	pts := &figure4Points{Table: ends}
	ends.derive("seen", func(v func(string) float64) float64 { return 4 * v("loss") / math.Pow(v("test")*norm, 2) })
	ends.derive("capped", func(v func(string) float64) float64 { return indicator(v("loss") > c.Loss) })
	ends.derive("limited", func(v func(string) float64) float64 { return indicator(v("capped") == 0 && v("seen") > 0.1) })
	only := func(name, column string, keep func(v func(string) float64) bool) {
		ends.derive(name, func(v func(string) float64) float64 {
			if keep(v) {
				return v(column)
			}
			return math.NaN()
		})
	}
	useful := func(v func(string) float64) bool { return v("limited") == 0 && v("test") < 1 }
	only("test_by_rule", "test", func(v func(string) float64) bool { return useful(v) && v("capped") == 0 })
	only("test_capped", "test", func(v func(string) float64) bool { return useful(v) && v("capped") == 1 })
	only("test_limited", "test", func(v func(string) float64) bool { return v("limited") == 1 })
	only("test_useless", "test", func(v func(string) float64) bool { return v("limited") == 0 && !useful(v) })
	only("test_fitted", "test", useful)
	only("test_at_half_fitted", "test_at_half", useful)
	for _, row := range ends.Rows {
		if row[ends.at("capped")] == 1 {
			pts.capped = append(pts.capped, row[0])
		}
		if row[ends.at("limited")] == 1 {
			pts.limited = append(pts.limited, row[0])
		} else if !(row[ends.at("test")] < 1) {
			pts.useless = append(pts.useless, row[0])
		}
	}
	x, y := ends.points("alpha", "test_fitted")
	pts.alpha, pts.fitted = x, len(x)
	var intercept float64
	pts.slope, intercept, pts.r2 = math.NaN(), math.NaN(), math.NaN()
	if len(x) >= 3 {
		pts.slope, intercept, pts.r2 = fit(logs(x), logs(y))
	}
	ends.derive("fit", func(v func(string) float64) float64 {
		return math.Pow(10, intercept+pts.slope*math.Log10(v("alpha")))
	})
	// The guide passes through the middle of the fit.
	ends.derive("guide", func(v func(string) float64) float64 {
		if len(x) < 3 {
			return math.NaN()
		}
		middle := (math.Log10(x[0]) + math.Log10(x[len(x)-1])) / 2
		return math.Pow(10, intercept+pts.slope*middle+fitExponent*(math.Log10(v("alpha"))-middle))
	})
	return pts
}

func (p *figure4Points) verdicts(m *making) {
	if p.fitted < 3 {
		m.verdict(false, "%d of %d runs have a test error below 1 that the stop rule does not limit; a "+
			"straight line needs at least 3", p.fitted, len(p.Rows))
		return
	}
	first, last := p.alpha[0], p.alpha[p.fitted-1]
	m.verdict(p.r2 > 0.98 && p.slope > 1, "log–log straight: over %d α from %g to %g, where the stop rule is "+
		"not what limits, the test error goes like α^%.3f (above 1) with R² = %.4f (above 0.98)",
		p.fitted, first, last, p.slope, p.r2)
	y := p.finite("test_fitted")
	least, flat, steep := math.Inf(1), math.Inf(1), math.Inf(-1)
	for i := 1; i < len(y); i++ {
		least = min(least, y[i]/y[i-1])
		local := math.Log(y[i]/y[i-1]) / math.Log(p.alpha[i]/p.alpha[i-1])
		flat, steep = min(flat, local), max(steep, local)
	}
	m.verdict(least > 1, "the test error decreases as α decreases: from %.3g at α = %g to %.3g at α = %g, by "+
		"a factor of at least %.3g from each α to the next",
		y[len(y)-1], last, y[0], first, least)
	m.note("the guide drawn beside the fit has the exponent 21/16 = %.4f of (5), a bound up to a constant for "+
		"small α; the fit has %.3f, from one α to the next it is %.2f to %.2f", fitExponent, p.slope, flat, steep)
	if len(p.limited) > 0 {
		m.note("the stop rule decides the test error at α = %s: they are not in the fit", listed(p.limited))
	}
	if len(p.useless) > 0 {
		m.note("the test error is above 1, that of U = 0, at α = %s: they are not in the fit", listed(p.useless))
	}
	if len(p.capped) > 0 {
		low, high := math.Inf(1), math.Inf(-1)
		for _, row := range p.Rows {
			if row[p.at("capped")] == 1 {
				fall := 1 - row[p.at("test")]/row[p.at("test_at_half")]
				low, high = min(low, fall), max(high, fall)
			}
		}
		x, y := p.points("alpha", "test_at_half_fitted")
		slope, _, r2 := fit(logs(x), logs(y))
		m.note("not down at the rule after all iterations: α = %s; over the second half of these runs the "+
			"test error %s, and at half of all runs the slope is %.3f with R² = %.4f",
			listed(p.capped), fellBy(100*low, 100*high), slope, r2)
	}
}

// fellBy words a range of falls in per cent, of which a negative one is a rise.
func fellBy(low, high float64) string {
	switch {
	case low >= 0:
		return fmt.Sprintf("fell by %.2g to %.2g %%", low, high)
	case high <= 0:
		return fmt.Sprintf("rose by %.2g to %.2g %%", -high, -low)
	}
	return fmt.Sprintf("rose by %.2g %% at most in some and fell by %.2g %% at most in others", -low, high)
}

func (p *figure4Points) finite(column string) []float64 {
	_, y := p.points("alpha", column)
	return y
}

func (p *figure4Points) draw(m *making, c *sensingFig4Config, problem *sensingProblem) {
	points := func(name, column string, color int, marker figure.Marker) figure.Line {
		l := p.line(name, "alpha", column, color)
		l.NoLine, l.Marker = true, marker
		return l
	}
	errors := &figure.Axes{
		Title: "Test error at the end", XLabel: "scale of initialization α", YLabel: "‖UUᵀ − XXᵀ‖_F / ‖XXᵀ‖_F", LogX: true, LogY: true,
	}
	if p.fitted >= 3 {
		fitted := p.line(fmt.Sprintf("fit, α^{%.2f}", p.slope), "alpha", "fit", 0)
		errors.Lines = append(errors.Lines, fitted, p.theory("guide, α^{21/16}", "alpha", "guide", 1))
	}
	for _, l := range []figure.Line{
		points("ended by the rule", "test_by_rule", 0, figure.Dot),
		points("ended by the limit of iterations", "test_capped", 0, figure.Circle),
		points("only as small as the rule asks (not in the fit)", "test_limited", 2, figure.Cross),
		points("above that of U = 0 (not in the fit)", "test_useless", 4, figure.Diamond),
	} {
		if len(l.X) > 0 {
			errors.Lines = append(errors.Lines, l)
		}
	}
	train := &figure.Axes{
		Title: "Train error on the way", XLabel: "iteration t", YLabel: "f(U_t)", LogX: true, LogY: true,
		Horizontals: []figure.Horizontal{{Y: c.Loss, Label: "stop rule"}},
	}
	low := c.Loss / 10
	train.YMin = &low
	dashes := []figure.Dash{figure.Solid, figure.Dashed, figure.Dotted}
	for i := range c.Alphas {
		alpha := c.Alphas[len(c.Alphas)-1-i]
		l := m.Tables[1].line(fmt.Sprintf("α = %g", alpha), "t", fmt.Sprintf("loss_%g", alpha), i)
		l.Dash = dashes[i%len(dashes)]
		if len(l.X) > 0 && l.X[0] == 0 {
			l.X, l.Y = l.X[1:], l.Y[1:]
		}
		train.Lines = append(train.Lines, l)
	}
	caption := fmt.Sprintf("%s, r = %d, μ = %g, U_0 = αU with one U for all α, seed %d. A run ends when f ≤ "+
		"%g, or after %d iterations (open circles). "+
		"Left: the relative test error there; a run that the rule ends while the measurements still see more "+
		"than a tenth of its squared test error (4f above a tenth of ‖UUᵀ − XXᵀ‖_F²) "+
		"is only as accurate as the rule asks; such runs, and those with a test error above 1, that of U = 0, "+
		"are left out of the straight line. With a longer limit the errors of middle α fall further and "+
		"the points bend from the line. The dashed guide has the exponent of the paper's bound (5), at "+
		"any height. Right: the train error of all runs.",
		problem, c.R, c.Step, c.Seed, c.Loss, c.Iterations)
	m.draw("Small random initialization, Figure 4: test error against the scale of initialization", caption,
		figure.Row{Height: 11, Cells: []figure.Cell{{Panel: errors, Weight: 1}, {Panel: train, Weight: 1}}},
	)
}
