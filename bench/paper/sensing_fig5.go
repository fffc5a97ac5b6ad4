package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lowrank/bench/figure"
	"lowrank/solvers/sensing"
)

var sensingFig5 = Figure{"sensing/fig5", "train and test error of long runs from a small and a large start", makeSensingFig5}

type sensingFig5Config struct {
	N          int     `toml:"n"`
	RStar      int     `toml:"r_star" comment:"rank of X"`
	M          int     `toml:"m" comment:"measurements; 0 for 10nr_*"`
	R          int     `toml:"r" comment:"columns of U"`
	Step       float64 `toml:"step" comment:"μ"`
	Small      float64 `toml:"small" comment:"α of the small start"`
	Large      float64 `toml:"large" comment:"α of the large start"`
	Iterations int     `toml:"iterations"`
	Patience   int     `toml:"patience" comment:"inferred: a run whose train error is down at rounding ends when f has not fallen by a tenth in so many iterations"`
	Storage    string  `toml:"storage" comment:"of the measurements, f64, f32, bf16 or regenerate; all compute in f64"`
	Seed       uint64  `toml:"seed" comment:"inferred: of the problem and the starts"`
}

func (c *sensingFig5Config) size() sensingSize {
	return sensingSize{c.N, c.RStar, sensingCount(c.M, c.N, c.RStar), c.Storage, c.Seed}
}

func (c *sensingFig5Config) check() error {
	if c.Small >= c.Large {
		return fmt.Errorf("small is %g and large %g; expected a smaller one", c.Small, c.Large)
	}
	return firstOf(
		c.size().check(), c.size().columns("r", c.R), positive("step", c.Step), positive("small", c.Small), positive("large", c.Large),
		atLeast("iterations", c.Iterations, 100), atLeast("patience", c.Patience, 1),
	)
}

// figure5Iterations are the paper's 4·10⁵.
const figure5Iterations = 400_000

// makeSensingFig5 runs gradient descent long past the first descent from a small
// and from a large start on the same problem.
func makeSensingFig5(ctx context.Context, m *making) error {
	c := &sensingFig5Config{
		N: 200, RStar: 5, R: 180, Step: 0.25, Small: 1e-3, Large: 0.5, Iterations: figure5Iterations, Patience: 2000, Storage: "f32", Seed: 1,
	}
	if m.Quick {
		c.N, c.RStar, c.R, c.Iterations, c.Patience = 80, 2, 72, 10000, 500
	}
	if err := m.configure(c); err != nil {
		return err
	}
	p, err := newSensingProblem(m, c.size(), c.R, c.R)
	if err != nil {
		return err
	}
	var members []*sensing.Solver[float64]
	var recorders []*sensingLong
	var runs []trajectory
	for _, alpha := range []float64{c.Small, c.Large} {
		s, err := p.solver(c.R, alpha, c.Step, c.Seed)
		if err != nil {
			return err
		}
		rec, err := p.long(ctx, s)
		if err != nil {
			return err
		}
		members, recorders = append(members, s), append(recorders, rec)
		runs = append(runs, rec.trajectory(p, c.Iterations, func() bool { return rec.settled(c.Patience) }))
	}
	results, err := m.runEach(ctx, "run", sensing.NewEnsemble(members...), runs)
	if err != nil {
		return err
	}
	if err := m.divergence(results); err != nil {
		return err
	}
	small, err := recorders[0].table(p, "_small", true)
	if err != nil {
		return err
	}
	large, err := recorders[1].table(p, "_large", true)
	if err != nil {
		return err
	}
	m.Tables = []*Table{join("", small, large)}
	curves := newFigure5Curves(m.Tables[0], recorders[1].settled(c.Patience))
	curves.verdicts(m)
	curves.draw(m, c, p)
	return nil
}

// figure5Curves are f and the squared test error of both runs, row for row.
type figure5Curves struct {
	table        *Table
	small, large figure5Run
	settled      bool // the large run, down at rounding
}

type figure5Run struct{ t, loss, test []float64 }

func newFigure5Curves(t *Table, settled bool) *figure5Curves {
	c := &figure5Curves{table: t, settled: settled}
	c.small.t, c.small.loss = t.points("t", "loss_small")
	_, c.small.test = t.points("t", "test_small")
	c.large.t, c.large.loss = t.points("t", "loss_large")
	_, c.large.test = t.points("t", "test_large")
	c.line()
	return c
}

func (r figure5Run) last() int { return len(r.t) - 1 }

// at is the row of the first recorded iterate from t on.
func (r figure5Run) at(t float64) int {
	for i := range r.t {
		if r.t[i] >= t {
			return i
		}
	}
	return r.last()
}

// stretch is where the large run's train error falls linearly if it does: below
// a millionth of its start and above rounding.
func (r figure5Run) stretch() (from, to int) {
	const rounding = 1e-25
	for from < r.last() && r.loss[from] > 1e-6*r.loss[0] {
		from++
	}
	for to = from; to < r.last() && r.loss[to+1] > rounding*r.loss[0]; {
		to++
	}
	return from, to
}

// line adds the straight line through that stretch.
func (c *figure5Curves) line() {
	from, to := c.large.stretch()
	slope, intercept := math.NaN(), math.NaN()
	if to-from >= 2 {
		slope, intercept, _ = fit(c.large.t[from:to+1], logs(c.large.loss[from:to+1]))
	}
	c.table.derive("linear_large", func(v func(string) float64) float64 {
		if t := v("t"); t < c.large.t[from] || t > c.large.t[to] {
			return math.NaN()
		}
		return math.Pow(10, intercept+slope*v("t"))
	})
}

func (c *figure5Curves) verdicts(m *making) {
	s, l := c.small, c.large
	// The first descent is over by t = 200: (6) with these α and κ = 1 is about
	// 4 log(1/α) iterations.
	early, end := s.at(200), s.last()
	m.verdict(s.loss[early] < 1e-3*s.loss[0] && s.test[early] < 1e-3*s.test[0],
		"small start: both errors fall rapidly at first, by t = %.0f the train error by a factor of %.2g and "+
			"the squared test error by %.2g (each above 1000)",
		s.t[early], s.loss[0]/s.loss[early], s.test[0]/s.test[early])

	// What follows is judged over the last factor of ten in t, but not before
	// the first descent.
	from := max(early, s.at(s.t[end]/10))
	rate := func(v []float64) float64 {
		slope, _, _ := fit(logs(s.t[from:end+1]), logs(v[from:end+1]))
		return slope
	}
	if end-from < 2 {
		m.verdict(false, "small start: %.0f iterations are too few for what follows the first descent", s.t[end])
	} else {
		train, test := rate(s.loss), rate(s.test)
		m.verdict(train < -0.2, "small start: from t = %.0f to %.0f the train error falls on towards 0, like "+
			"t^%.2f (below −0.2), from %.2g to %.2g",
			s.t[from], s.t[end], train, s.loss[from], s.loss[end])
		// Only a nearly constant test error is said to level off.
		const margin = 0.1
		text := "small start: the squared test error falls more slowly than the train error"
		if test > -0.1 {
			text = "small start: the squared test error levels off (an exponent above −0.1)"
		}
		m.verdict(train < test-margin, "%s: like t^%.2f, from %.2g to %.2g, where the train error goes like "+
			"t^%.2f (an exponent lower by more than %g)",
			text, test, s.test[from], s.test[end], train, margin)
		seen := func(i int) float64 { return 4 * s.loss[i] / s.test[i] }
		m.note("small start: the measurements see less of the test error as it falls: 4f is %.2g of the "+
			"squared test error at t = %.0f and %.2g at t = %.0f",
			seen(early), s.t[early], seen(end), s.t[end])
	}

	// The rate differs between draws. A fall by less than 10 looks straight on
	// any scale.
	if a, b := l.stretch(); b-a < 10 || l.loss[b] > l.loss[a]/10 {
		m.note("large start: after %.0f iterations the train error is %.2g, too soon to say whether it falls linearly",
			l.t[l.last()], l.loss[l.last()])
	} else {
		slope, _, r2 := fit(l.t[a:b+1], logs(l.loss[a:b+1]))
		m.verdict(slope < 0 && r2 > 0.99, "large start: the train error falls linearly from t = %.0f to %.0f, "+
			"from %.2g to %.2g, by a factor of 10 in %.0f iterations: log f against t has R² = %.4f (above 0.99)",
			l.t[a], l.t[b], l.loss[a], l.loss[b], -1/slope, r2)
		if !c.settled {
			const rounding = 1e-30
			m.note("large start: machine precision is not reached after %.0f iterations; at this rate it is at t = %.2g",
				l.t[l.last()], l.t[b]+math.Log10(rounding*l.loss[0]/l.loss[b])/slope)
		}
	}
	if c.settled {
		fall := l.loss[0] / l.loss[l.last()]
		m.verdict(fall > 1e24, "large start: the train error reaches machine precision, %.2g of its start at "+
			"t = %.0f (f below 1e-24), where the run ends", 1/fall, l.t[l.last()])
	}
	// At first the start itself moves, whose size the measurements see.
	i := 0
	for i < l.last() && l.loss[i] > 1e-3*l.loss[0] {
		i++
	}
	low, high := slices.Min(l.test[i:]), slices.Max(l.test[i:])
	fall := l.loss[i] / l.loss[l.last()]
	m.verdict(high < 2*low && fall > 100,
		"large start: lazy, from t = %.0f on the squared test error stays between %.4g and %.4g (a factor "+
			"below 2; it is %.3g at the start) while the train error falls by a further factor of %.2g (above 100)",
		l.t[i], low, high, l.test[0], fall)
	m.verdict(s.test[end] < l.test[l.last()]/1000, "the squared test error ends at %.2g after the small start "+
		"and at %.2g after the large one (1000 times more at least)", s.test[end], l.test[l.last()])
}

func (c *figure5Curves) draw(m *making, cfg *sensingFig5Config, p *sensingProblem) {
	panel := func(title, run string) *figure.Axes {
		test, train := c.table.line("test error ‖UUᵀ − XXᵀ‖_F²", "t", "test_"+run, 0), c.table.line("train error f(U_t)", "t", "loss_"+run, 1)
		test.Width, train.Width = 2.2, 1.4
		return &figure.Axes{Title: title, XLabel: "iteration t", YLabel: "‖UUᵀ − XXᵀ‖_F² and f(U_t), log scale", LogY: true, Lines: []figure.Line{test, train}}
	}
	small, large := panel(fmt.Sprintf("a   α = %g", cfg.Small), "small"), panel(fmt.Sprintf("b   α = %g", cfg.Large), "large")
	if from, to := c.large.stretch(); to-from >= 2 {
		large.Lines = append(large.Lines, c.table.theory("straight line", "t", "linear_large", 2))
	}
	// The same small run against log t, where the two parts of the descent show.
	power := panel(fmt.Sprintf("c   α = %g, t on a logarithmic scale", cfg.Small), "small")
	power.LogX, power.XLabel = true, "iteration t, log scale"
	for i, l := range power.Lines {
		power.Lines[i].X, power.Lines[i].Y = l.X[1:], l.Y[1:]
	}
	caption := fmt.Sprintf("%s, r = %d, μ = %g, U_0 = αU with one U for both runs, seed %d, %d iterations, "+
		"recorded every iterate up to 200, every 10th up to 2000, every 100th after. "+
		"A run whose train error is down at rounding ends when f has not fallen by a tenth in %d iterations; the other goes on.",
		p, cfg.R, cfg.Step, cfg.Seed, cfg.Iterations, cfg.Patience)
	if !m.Quick && cfg.Iterations < figure5Iterations {
		caption += fmt.Sprintf(" The paper's runs have %d iterations.", figure5Iterations)
	}
	m.draw("Small random initialization, Figure 5: train and test error during long runs", caption,
		figure.Row{Height: 9.5, Cells: []figure.Cell{{Panel: small, Weight: 1}, {Panel: large, Weight: 1}}},
		figure.Row{Height: 8, Cells: []figure.Cell{{Panel: power, Weight: 1}}},
	)
}
