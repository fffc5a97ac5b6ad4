package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

var sensingCondition = Figure{"sensing/condition", "phases, iterations and test error against κ", makeSensingCondition}

// The plain comments are of a study beyond the paper: every value is its own.
type sensingConditionConfig struct {
	N          int       `toml:"n"`
	RStar      int       `toml:"r_star" comment:"rank of X, at least 2"`
	Counts     []float64 `toml:"counts" comment:"c: m = c·n·r_* measurements, rounded"`
	Conditions []float64 `toml:"conditions" comment:"κ: singular values of X evenly from 1 to 1/κ"`
	R          int       `toml:"r" comment:"columns of U"`
	Step       float64   `toml:"step" comment:"μ"`
	Alphas     []float64 `toml:"alphas" comment:"α: U_0 = αU"`
	Threshold  float64   `toml:"threshold" comment:"of the relative test error, to count iterations"`
	Iterations int       `toml:"iterations" comment:"of a run with κ = 1; times κ², rounded, of the others"`
	Trials     int       `toml:"trials" comment:"each draws X, the measurements and U_0 anew"`
	Storage    string    `toml:"storage" comment:"of the measurements, f64, f32, bf16 or regenerate; all compute in f64"`
	Seed       uint64    `toml:"seed" comment:"of the first trial; the next has the next"`
}

func (c *sensingConditionConfig) size(count float64, trial int) sensingSize {
	m := int(math.Round(count * float64(c.N) * float64(c.RStar)))
	return sensingSize{c.N, c.RStar, m, c.Storage, c.Seed + uint64(trial)}
}

// setting is what the theory takes.
func (c *sensingConditionConfig) setting(condition, alpha float64) sensing.Setting {
	return sensing.SettingOf(problem.ConditionedTruth(c.N, c.RStar, condition, c.Seed), c.R, alpha, c.Step)
}

// timeScale is κ², rounded: 1/(μσ_min²) of (6) grows so. A run is as many times
// longer, and recorded as many times more sparsely.
func timeScale(condition float64) int { return int(math.Round(condition * condition)) }

func (c *sensingConditionConfig) check() error {
	size := c.size(1, 0)
	err := firstOf(
		size.check(), atLeast("r_star", c.RStar, 2), eachOf("counts", c.Counts, positive), eachOf("conditions", c.Conditions, atLeastOne),
		atLeast("r", c.R, 2*c.RStar), positive("step", c.Step), eachOf("alphas", c.Alphas, positive), positive("threshold", c.Threshold),
		atLeast("iterations", c.Iterations, 1), atLeast("trials", c.Trials, 1), atLeast("the number of conditions", len(c.Conditions), 3),
		once("counts", c.Counts), once("conditions", c.Conditions), once("alphas", c.Alphas),
	)
	switch {
	case err != nil:
		return err
	case !slices.IsSorted(c.Conditions) || !slices.IsSorted(c.Alphas) || !slices.IsSorted(c.Counts):
		return fmt.Errorf("counts are %v, conditions %v and alphas %v; expected ascending numbers", c.Counts, c.Conditions, c.Alphas)
	}
	return nil
}

func atLeastOne(name string, v float64) error {
	if !(v >= 1) || math.IsInf(v, 0) {
		return fmt.Errorf("%s is %g; expected a number of at least 1", name, v)
	}
	return nil
}

// makeSensingCondition runs every α for every κ and m.
func makeSensingCondition(ctx context.Context, m *making) error {
	c := &sensingConditionConfig{
		N: 40, RStar: 2, Counts: []float64{10, 80}, Conditions: []float64{1, 1.414, 2, 2.828, 4}, R: 8, Step: 0.25,
		Alphas: []float64{1e-6, 1e-5, 1e-4}, Threshold: 1e-2, Iterations: 200, Trials: 3, Storage: "f64", Seed: 1,
	}
	if m.Quick {
		c.N, c.Conditions, c.Counts, c.Trials = 30, []float64{1, 1.414, 2, 2.828}, []float64{10, 40}, 2
	}
	if err := m.configure(c); err != nil {
		return err
	}
	s := newConditionTables(c)
	for _, count := range c.Counts {
		for _, condition := range c.Conditions {
			var trials [][]conditionRun
			for trial := range c.Trials {
				stage := fmt.Sprintf("m %d condition %g trial %d", c.size(count, trial).count, condition, trial+1)
				runs, err := kept(m, stage, func() ([]conditionRun, error) { return c.trial(ctx, m, stage, count, condition, trial) })
				if err != nil {
					return err
				}
				trials = append(trials, runs)
			}
			s.add(count, condition, trials)
		}
	}
	m.Tables = []*Table{s.Table}
	s.verdicts(m)
	s.draw(m)
	return nil
}

// conditionRun is what a run is asked for: iterates, −1 of what did not happen,
// and its last relative test error.
type conditionRun struct {
	Aligned, Saddle, Settled, Reached int
	Test                              float64
}

// trial makes the runs of one draw, α by α. They share their passes.
func (c *sensingConditionConfig) trial(ctx context.Context, m *making, stage string, count, condition float64, trial int) ([]conditionRun, error) {
	columns := slices.Repeat([]int{c.R}, len(c.Alphas))
	p, err := newConditionedProblem(m, c.size(count, trial), condition, columns...)
	if err != nil {
		return nil, err
	}
	var members []*sensing.Solver[float64]
	var recorders []*sensing.Recorder[float64]
	var runs []trajectory
	for _, alpha := range c.Alphas {
		s, err := p.solver(c.R, alpha, c.Step, p.seed)
		if err != nil {
			return nil, err
		}
		rec, err := p.recorder(ctx, s, false)
		if err != nil {
			return nil, err
		}
		members, recorders = append(members, s), append(recorders, rec)
		runs = append(runs, p.trajectory(s, rec, timeScale(condition)*c.Iterations, timeScale(condition)))
	}
	results, err := m.runEach(ctx, stage+" run", sensing.NewEnsemble(members...), runs)
	if err != nil {
		return nil, err
	}
	var out []conditionRun
	for i, rec := range recorders {
		out = append(out, c.read(rec, results[i].Status == solvers.Diverged))
	}
	return out, nil
}

// read takes the marks of a run from its recorder.
func (c *sensingConditionConfig) read(rec *sensing.Recorder[float64], diverged bool) conditionRun {
	if diverged {
		return conditionRun{-1, -1, -1, -1, math.Inf(1)}
	}
	t := tableOf(&rec.Trace, "", "test")
	test, marks := t.column("test"), rec.Marks()
	run := conditionRun{marks.Aligned, marks.Saddle, marks.Settled, -1, test[len(test)-1]}
	if i := first(test, atMost(c.Threshold)); i >= 0 {
		run.Reached = int(t.Rows[i][0])
	}
	return run
}
