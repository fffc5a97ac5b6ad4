package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"lowrank/bench/figure"
	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

var sensingFig6 = Figure{"sensing/fig6", "iterations to a small test error against the number of columns", makeSensingFig6}

type sensingFig6Config struct {
	N          int     `toml:"n"`
	RStar      int     `toml:"r_star" comment:"rank of X"`
	M          int     `toml:"m" comment:"measurements; 0 for 10nr_*"`
	Columns    []int   `toml:"columns" comment:"r, columns of U"`
	Step       float64 `toml:"step" comment:"μ"`
	Alpha      float64 `toml:"alpha" comment:"α: U_0 = αU"`
	Threshold  float64 `toml:"threshold" comment:"of ‖UUᵀ − XXᵀ‖_F², at which a run ends"`
	Trials     int     `toml:"trials" comment:"each draws X, the measurements and U_0 anew; ten are the paper's"`
	Iterations int     `toml:"iterations" comment:"a run that takes more is an error"`
	Storage    string  `toml:"storage" comment:"of the measurements, f64, f32, bf16 or regenerate; all compute in f64"`
	Seed       uint64  `toml:"seed" comment:"inferred: of the first trial; the next has the next"`
}

func (c *sensingFig6Config) size(trial int) sensingSize {
	return sensingSize{c.N, c.RStar, sensingCount(c.M, c.N, c.RStar), c.Storage, c.Seed + uint64(trial)}
}

func (c *sensingFig6Config) check() error {
	size := c.size(0)
	err := firstOf(
		size.check(), eachOf("columns", c.Columns, size.columns), positive("step", c.Step), positive("alpha", c.Alpha),
		positive("threshold", c.Threshold), atLeast("trials", c.Trials, 2), atLeast("iterations", c.Iterations, 1),
	)
	switch {
	case err != nil:
		return err
	case !slices.IsSorted(c.Columns) || len(slices.Compact(slices.Clone(c.Columns))) < len(c.Columns):
		return fmt.Errorf("columns are %v; expected ascending numbers", c.Columns)
	}
	return nil
}

// makeSensingFig6 counts iterations until the test error is small, for several
// numbers of columns and several draws of the whole problem.
func makeSensingFig6(ctx context.Context, m *making) error {
	c := &sensingFig6Config{
		N: 200, RStar: 5, Step: 0.25, Alpha: 1e-3, Threshold: 1e-4, Trials: 10, Iterations: 2000, Storage: "f32", Seed: 1,
	}
	for r := 5; r <= 30; r++ {
		c.Columns = append(c.Columns, r)
	}
	if m.Quick { // more trials, for with r_* = 2 they differ more
		c.N, c.RStar, c.Columns, c.Trials = 80, 2, []int{2, 3, 4, 5, 6, 8, 10, 12}, 20
	}
	if err := m.configure(c); err != nil {
		return err
	}
	t := newTable("", "r")
	for trial := range c.Trials {
		t.Columns = append(t.Columns, fmt.Sprintf("trial_%d", trial+1))
	}
	for _, r := range c.Columns {
		t.Rows = append(t.Rows, []float64{float64(r)})
	}
	for trial := range c.Trials {
		counts, err := kept(m, fmt.Sprintf("trial %d", trial+1), func() ([]float64, error) { return c.trial(ctx, m, trial) })
		if err != nil {
			return err
		}
		for i := range t.Rows {
			t.Rows[i] = append(t.Rows[i], counts[i])
		}
	}
	m.Tables = []*Table{t}
	counts := newFigure6Counts(t, c)
	counts.verdicts(m, c)
	counts.draw(m, c)
	return nil
}

// testUntil records the test error of every iterate, which ends the run.
type testUntil struct {
	*sensing.Recorder[float64]
	test int // its column
}

func (u *testUntil) last() float64 {
	rows := u.Trace.Rows
	return rows[len(rows)-1][u.test]
}

// trial counts the iterations for each number of columns, in one pass together.
func (c *sensingFig6Config) trial(ctx context.Context, m *making, trial int) ([]float64, error) {
	p, err := newSensingProblem(m, c.size(trial), c.Columns...)
	if err != nil {
		return nil, err
	}
	// The trace has the error relative to ‖XXᵀ‖_F.
	least := math.Sqrt(c.Threshold) / p.norm()
	var members []*sensing.Solver[float64]
	var runs []trajectory
	for _, r := range c.Columns {
		s, err := p.solver(r, c.Alpha, c.Step, p.seed)
		if err != nil {
			return nil, err
		}
		rec, err := sensing.NewRecorder(ctx, s, sensing.RecorderOptions{Truth: &p.x})
		if err != nil {
			return nil, err
		}
		until := &testUntil{rec, slices.Index(rec.Trace.Columns, "test")}
		members = append(members, s)
		run := p.trajectory(s, rec, c.Iterations, 1)
		run.stop.When = func() bool { return until.last() < least }
		runs = append(runs, run)
	}
	results, err := m.runEach(ctx, fmt.Sprintf("trial %d run", trial+1), sensing.NewEnsemble(members...), runs)
	if err != nil {
		return nil, err
	}
	if err := m.divergence(results); err != nil {
		return nil, err
	}
	var counts []float64
	for i, r := range results {
		if r.Status != solvers.Stopped {
			return nil, fmt.Errorf("%s: trial %d with r = %d has not reached the threshold after %d iterations",
				m.Figure, trial+1, c.Columns[i], c.Iterations)
		}
		counts = append(counts, float64(members[i].Iteration()))
	}
	return counts, nil
}

// figure6Counts is the table of counts with their mean and spread.
type figure6Counts struct {
	*Table
	trials []string
	mean   []float64
}

func newFigure6Counts(t *Table, c *sensingFig6Config) *figure6Counts {
	f := &figure6Counts{Table: t, trials: slices.Clone(t.Columns[1:])}
	of := func(v func(string) float64) []float64 {
		var all []float64
		for _, trial := range f.trials {
			all = append(all, v(trial))
		}
		return all
	}
	t.derive("mean", func(v func(string) float64) float64 { return stat.Mean(of(v), nil) })
	t.derive("deviation", func(v func(string) float64) float64 { return stat.StdDev(of(v), nil) })
	t.derive("mean_minus_deviation", func(v func(string) float64) float64 { return v("mean") - v("deviation") })
	t.derive("mean_plus_deviation", func(v func(string) float64) float64 { return v("mean") + v("deviation") })
	f.mean = t.column("mean")
	return f
}

func (f *figure6Counts) verdicts(m *making, c *sensingFig6Config) {
	var first, double = 0, slices.Index(c.Columns, 2*c.RStar)
	last := len(c.Columns) - 1
	if c.Columns[0] != c.RStar || double < 1 || double == last {
		m.verdict(false, "columns are %v; the figure is about r_* = %d to 2r_* and beyond", c.Columns, c.RStar)
		return
	}
	// Within a trial, as its X and measurements are those of all r.
	var fall []float64
	for _, trial := range f.trials {
		counts := f.column(trial)
		fall = append(fall, counts[first]-stat.Mean(counts[double:], nil))
	}
	mean, standard := stat.Mean(fall, nil), stat.StdDev(fall, nil)/math.Sqrt(float64(len(fall)))
	m.verdict(mean > 2*standard, "falls first: r = %d takes %.1f iterations in the mean, r = %d takes %.1f; r "+
		"= %d takes %.1f more than r ≥ %d within a trial (more than twice its standard error of %.1f)",
		c.Columns[first], f.mean[first], c.Columns[double], f.mean[double], c.Columns[first], mean, c.Columns[double], standard)
	steep := (f.mean[first] - f.mean[double]) / float64(c.Columns[double]-c.Columns[first])
	var r []float64
	for _, k := range c.Columns[double:] {
		r = append(r, float64(k))
	}
	slope, _, _ := fit(r, f.mean[double:])
	low, high := slices.Min(f.mean[double:]), slices.Max(f.mean[double:])
	m.verdict(steep > 0 && math.Abs(slope) < steep/2 && high < 1.15*low,
		"then flat: from r = %d to %d the mean stays between %.1f and %.1f (within 15 %%) and changes by %.3f "+
			"a column; from r = %d to %d it is %.3f (more than twice that)",
		c.Columns[double], c.Columns[last], low, high, slope, c.Columns[first], c.Columns[double], -steep)
	spread := f.column("deviation")
	m.note("standard deviation over %d trials: %.1f iterations at r = %d, %.1f at r = %d, %.1f at r = %d",
		c.Trials, spread[first], c.Columns[first], spread[double], c.Columns[double], spread[last], c.Columns[last])
}

func (f *figure6Counts) draw(m *making, c *sensingFig6Config) {
	a := &figure.Axes{
		XLabel: "number of columns r", YLabel: fmt.Sprintf("iterations until ‖UUᵀ − XXᵀ‖_F² < %s", scientific(c.Threshold)),
	}
	for i, trial := range f.trials {
		l := f.line("one trial", "r", trial, 1)
		l.Faint, l.NoLine, l.Marker, l.HideInLegend = true, true, figure.Dot, i > 0
		a.Lines = append(a.Lines, l)
	}
	mean := f.line(fmt.Sprintf("mean of %d trials and standard deviation", c.Trials), "r", "mean", 0)
	mean.Marker, mean.Width = figure.Square, 1.8
	mean.Low, mean.High = f.column("mean_minus_deviation"), f.column("mean_plus_deviation")
	a.Lines = append(a.Lines, mean)
	a.Verticals = []figure.Vertical{{X: float64(2 * c.RStar), Label: fmt.Sprintf("2 r_{*} = %d", 2*c.RStar)}}
	caption := fmt.Sprintf("%s, α = %g, μ = %g, %d trials with seeds %d to %d. A trial draws X, the "+
		"measurements and U_0 anew (which of them the paper redraws it does not say). "+
		"Error bars: standard deviation over the trials; pale points: the trials. The vertical axis does not begin at 0.",
		&sensingProblem{sensingSize: c.size(0)}, c.Alpha, c.Step, c.Trials, c.Seed, c.Seed+uint64(c.Trials)-1)
	m.draw("Small random initialization, Figure 6: iterations against the number of columns", caption,
		figure.Row{Height: 11, Cells: []figure.Cell{{Panel: a, Weight: 1}}},
	)
}
