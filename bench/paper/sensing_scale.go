package paper

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"lowrank/bench/figure"
	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

var sensingScale = Figure{"sensing/scale", "test error against scale and number of columns", makeSensingScale}

type sensingScaleConfig struct {
	N          int       `toml:"n"`
	RStar      int       `toml:"r_star" comment:"rank of X"`
	M          int       `toml:"m" comment:"measurements; 0 for 10nr_*"`
	Columns    []int     `toml:"columns" comment:"r, columns of U"`
	Alphas     []float64 `toml:"alphas" comment:"α, U_0 = αU"`
	Step       float64   `toml:"step" comment:"μ"`
	Iterations int       `toml:"iterations" comment:"of every run"`
	Trials     int       `toml:"trials" comment:"each draws X, the measurements and U_0 anew"`
	Storage    string    `toml:"storage" comment:"of the measurements, f64, f32, bf16 or regenerate; all compute in f64"`
	Seed       uint64    `toml:"seed" comment:"of the first trial; the next has the next"`
}

func (c *sensingScaleConfig) size(trial int) sensingSize {
	return sensingSize{c.N, c.RStar, sensingCount(c.M, c.N, c.RStar), c.Storage, c.Seed + uint64(trial)}
}

func (c *sensingScaleConfig) check() error {
	size := c.size(0)
	err := firstOf(
		size.check(), eachOf("columns", c.Columns, size.columns), eachOf("alphas", c.Alphas, positive), positive("step", c.Step),
		atLeast("iterations", c.Iterations, 1), atLeast("trials", c.Trials, 1), atLeast("the number of columns", len(c.Columns), 2), atLeast("the number of alphas", len(c.Alphas), 2),
	)
	if err != nil {
		return err
	}
	return firstOf(evenlySpaced("alphas", c.Alphas), evenlySpaced("columns", c.Columns))
}

// evenlySpaced checks that numbers ascend by a constant ratio: the cells of a
// field are even.
func evenlySpaced[T int | float64](name string, v []T) error {
	for i := 1; i < len(v); i++ {
		first, here := float64(v[1])/float64(v[0]), float64(v[i])/float64(v[i-1])
		if !(first > 1) || math.Abs(math.Log(here)/math.Log(first)-1) > 0.01 {
			return fmt.Errorf("%s are %v; expected numbers that ascend by a constant ratio", name, v)
		}
	}
	return nil
}

// makeSensingScale runs every α with every number of columns for the same number
// of iterations.
func makeSensingScale(ctx context.Context, m *making) error {
	c := &sensingScaleConfig{
		N: 80, RStar: 2, Columns: []int{2, 4, 8, 16, 32, 64, 128}, Step: 0.25, Iterations: 500, Trials: 3, Storage: "f64", Seed: 1,
	}
	finest := 2 // to a factor of ten
	if m.Quick {
		c.Columns, c.Iterations, c.Trials = []int{2, 8, 32, 128}, 200, 2
		finest = 1
	}
	for k := -6 * finest; k <= 0; k++ {
		c.Alphas = append(c.Alphas, exponential(float64(k)/float64(finest)))
	}
	if err := m.configure(c); err != nil {
		return err
	}
	var trials [][]float64
	for trial := range c.Trials {
		tests, err := kept(m, fmt.Sprintf("trial %d", trial+1), func() ([]float64, error) { return c.trial(ctx, m, trial) })
		if err != nil {
			return err
		}
		trials = append(trials, tests)
	}
	s := newScaleTables(c, trials)
	m.Tables = []*Table{s.cells, s.lines}
	s.verdicts(m, c)
	s.draw(m, c)
	return nil
}

// exponential is 10^k to four digits, as it is written on the picture.
func exponential(k float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(math.Pow(10, k), 'g', 4, 64), 64)
	if err != nil {
		panic(err)
	}
	return v
}

// trial returns the relative test errors at the end, α by α and in them r by r;
// NaN where a run diverges.
func (c *sensingScaleConfig) trial(ctx context.Context, m *making, trial int) ([]float64, error) {
	var columns []int
	for range c.Alphas {
		columns = append(columns, c.Columns...)
	}
	p, err := newSensingProblem(m, c.size(trial), columns...)
	if err != nil {
		return nil, err
	}
	var members []*sensing.Solver[float64]
	var recorders []*sensing.Recorder[float64]
	var runs []trajectory
	for i, r := range columns {
		s, err := p.solver(r, c.Alphas[i/len(c.Columns)], c.Step, p.seed)
		if err != nil {
			return nil, err
		}
		rec, err := sensing.NewRecorder(ctx, s, sensing.RecorderOptions{Truth: &p.x})
		if err != nil {
			return nil, err
		}
		members, recorders = append(members, s), append(recorders, rec)
		runs = append(runs, p.trajectory(s, rec, c.Iterations, c.Iterations))
	}
	results, err := m.runEach(ctx, fmt.Sprintf("trial %d run", trial+1), sensing.NewEnsemble(members...), runs)
	if err != nil {
		return nil, err
	}
	var tests []float64
	for i, r := range results {
		test := math.NaN()
		if column := recorders[i].Trace.Column("test"); r.Status != solvers.Diverged {
			test = column[len(column)-1]
		}
		tests = append(tests, test)
	}
	return tests, nil
}

// scaleTables are the errors cell by cell, and the same with a column for each r.
type scaleTables struct {
	cells, lines *Table
	trials       []string
}

func newScaleTables(c *sensingScaleConfig, trials [][]float64) *scaleTables {
	s := &scaleTables{cells: newTable("", "alpha", "r"), lines: newTable("lines", "alpha")}
	for trial := range trials {
		s.trials = append(s.trials, fmt.Sprintf("test_trial_%d", trial+1))
	}
	s.cells.Columns = append(s.cells.Columns, s.trials...)
	for i, alpha := range c.Alphas {
		for j, r := range c.Columns {
			row := []float64{alpha, float64(r)}
			for _, tests := range trials {
				row = append(row, tests[i*len(c.Columns)+j])
			}
			s.cells.add(row...)
		}
	}
	s.summarize(c)
	return s
}

// summarize adds the median of the trials, where none diverged, and its range.
func (s *scaleTables) summarize(c *sensingScaleConfig) {
	of := func(name string, f func(v []float64) float64) {
		s.cells.derive(name, func(value func(string) float64) float64 {
			var v []float64
			for _, trial := range s.trials {
				v = append(v, value(trial))
			}
			if slices.ContainsFunc(v, math.IsNaN) {
				return math.NaN()
			}
			return f(v)
		})
	}
	of("test", median)
	of("lowest", slices.Min[[]float64])
	of("highest", slices.Max[[]float64])
	for _, r := range c.Columns {
		for _, column := range []string{"test", "lowest", "highest"} {
			s.lines.Columns = append(s.lines.Columns, fmt.Sprintf("%s_r%d", column, r))
		}
	}
	at := s.cells.at("test")
	for i, alpha := range c.Alphas {
		row := []float64{alpha}
		for j := range c.Columns {
			row = append(row, s.cells.Rows[i*len(c.Columns)+j][at:at+3]...)
		}
		s.lines.add(row...)
	}
}

func (s *scaleTables) verdicts(m *making, c *sensingScaleConfig) {
	grows, wide := true, 0
	worst, where := math.Inf(1), "none"
	for _, r := range c.Columns {
		if r < 2*c.RStar {
			continue
		}
		alpha, test := s.lines.points("alpha", fmt.Sprintf("test_r%d", r))
		grows = grows && len(test) >= 3
		wide++
		// Neighbours come close where few columns leave little to fit: a factor of
		// ten in α tells.
		for i := range alpha {
			j := slices.IndexFunc(alpha, func(a float64) bool { return a > 9.9*alpha[i] })
			if j < 0 {
				break
			}
			if ratio := test[j] / test[i]; ratio < worst {
				worst, where = ratio, fmt.Sprintf("r = %d from α = %g to %g", r, alpha[i], alpha[j])
			}
		}
	}
	m.verdict(grows && wide > 0 && worst > 1 && !math.IsInf(worst, 1), "the test error grows with α for every "+
		"r ≥ 2r_* = %d: by a factor of at least %.3g from each α to the one ten times larger (%s; above 1)",
		2*c.RStar, worst, where)

	var small []float64
	for _, row := range s.cells.Rows {
		if row[0] <= 1e-4 {
			small = append(small, row[s.cells.at("highest")])
		}
	}
	if len(small) == 0 {
		m.verdict(false, "no α is at most 1e-4")
	} else {
		// NaN, a divergence, is not below.
		below := !slices.ContainsFunc(small, func(v float64) bool { return !(v < 1e-3) })
		m.verdict(below, "for α ≤ 1e-4 the test error is low for all r from %d to %d: at most %.2g in any "+
			"trial (below 1e-3)", c.Columns[0], c.Columns[len(c.Columns)-1], slices.Max(small))
	}

	if c.Columns[0] == c.RStar {
		_, exact := s.lines.points("alpha", fmt.Sprintf("highest_r%d", c.RStar))
		if len(exact) > 0 {
			m.note("r = r_* = %d: the test error is at most %.2g for the %d of %d α at which no run diverges",
				c.RStar, slices.Max(exact), len(exact), len(c.Alphas))
		}
	}
	for _, r := range c.Columns {
		x, y := s.lines.points("alpha", fmt.Sprintf("test_r%d", r))
		for len(x) > 0 && y[len(y)-1] > 0.1 { // towards the lazy regime the line bends
			x, y = x[:len(x)-1], y[:len(y)-1]
		}
		if r >= 2*c.RStar && len(x) >= 3 {
			slope, _, r2 := fit(logs(x), logs(y))
			m.note("r = %d: below a test error of 0.1 it goes like α^%.2f, R² = %.4f", r, slope, r2)
		}
	}
	if diverged := slices.IndexFunc(s.cells.column("test"), math.IsNaN); diverged >= 0 {
		m.note("grey cells diverge: the step μ = %g is too large for ‖U_0‖ there, about α(1 + √(n/r))", c.Step)
	}
}

func (s *scaleTables) draw(m *making, c *sensingScaleConfig) {
	test := s.cells.column("test")
	values := make([][]float64, len(c.Columns)) // row by row from the bottom: r
	low, high := math.Inf(1), 0.0
	for j := range c.Columns {
		for i := range c.Alphas {
			v := test[i*len(c.Columns)+j]
			values[j] = append(values[j], v)
			if v > 0 && j > 0 { // r_* alone reaches rounding
				low, high = min(low, v), max(high, v)
			}
		}
	}
	low, high = math.Pow(10, math.Floor(math.Log10(low))), math.Pow(10, math.Ceil(math.Log10(high)))
	if !(low < high) {
		low, high = 1e-16, 1
	}
	edges := func(first, second, last float64) (float64, float64) {
		half := math.Sqrt(second / first)
		return first / half, last * half
	}
	field := &figure.Field{Values: values, Min: low, Max: high, Log: true}
	field.X0, field.X1 = edges(c.Alphas[0], c.Alphas[1], c.Alphas[len(c.Alphas)-1])
	field.Y0, field.Y1 = edges(float64(c.Columns[0]), float64(c.Columns[1]), float64(c.Columns[len(c.Columns)-1]))
	colors := &figure.Axes{
		Title: "Test error", XLabel: "scale of initialization α", YLabel: "number of columns r", LogX: true, LogY: true, Field: field,
		XMin: &field.X0, XMax: &field.X1, YMin: &field.Y0, YMax: &field.Y1,
	}
	for _, r := range c.Columns {
		colors.YTicks = append(colors.YTicks, float64(r))
	}
	if n := float64(c.N); n < field.Y1 && n > field.Y0 {
		colors.Horizontals = []figure.Horizontal{{Y: n, Label: "r = n"}}
	}
	lines := &figure.Axes{
		Title: "The same against α", XLabel: "scale of initialization α", YLabel: "‖UUᵀ − XXᵀ‖_F / ‖XXᵀ‖_F", LogX: true, LogY: true, YMin: &low,
	}
	markers := []figure.Marker{figure.Dot, figure.Square, figure.Triangle, figure.Diamond, figure.Circle, figure.OpenSquare, figure.Cross}
	var below []int
	for j, r := range c.Columns {
		if _, y := s.lines.points("alpha", fmt.Sprintf("test_r%d", r)); len(y) == 0 || slices.Max(y) < low {
			below = append(below, r)
			continue
		}
		l := s.lines.line(fmt.Sprintf("r = %d", r), "alpha", fmt.Sprintf("test_r%d", r), j)
		_, l.Low = s.lines.points("alpha", fmt.Sprintf("lowest_r%d", r))
		_, l.High = s.lines.points("alpha", fmt.Sprintf("highest_r%d", r))
		l.Marker = markers[j%len(markers)]
		lines.Lines = append(lines.Lines, l)
	}
	middle := "median"
	if c.Trials == 2 { // of two it is the mean
		middle = "mean"
	}
	caption := fmt.Sprintf("A study beyond the paper. The size is its own: %s, μ = %g, every run with %d "+
		"iterations; the %s of %d trials with seeds %d to %d, each of which draws X, the measurements and U_0 "+
		"anew; bars from the least to the largest. "+
		"Relative test error ‖UUᵀ − XXᵀ‖_F/‖XXᵀ‖_F; the darkest colour is %g and less. Grey: a run diverges, "+
		"as the step is too large for so large a start.",
		&sensingProblem{sensingSize: c.size(0)}, c.Step, c.Iterations, middle, c.Trials, c.Seed, c.Seed+uint64(c.Trials)-1, low)
	if len(below) > 0 {
		caption += fmt.Sprintf(" r = %s lies below the right panel.", listed(below))
	}
	m.draw("Small random initialization: test error against scale and number of columns", caption,
		figure.Row{Height: 11, Cells: []figure.Cell{
			{Panel: colors, Weight: 1}, {Panel: &figure.ColorBar{Min: low, Max: high, Log: true, Label: "relative test error"}, Weight: 0.22}, {Panel: lines, Weight: 1},
		}},
	)
}
