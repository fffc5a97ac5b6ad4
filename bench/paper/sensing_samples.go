package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

var sensingSamples = Figure{"sensing/samples", "share of successful runs over m and r_*", makeSensingSamples}

// The plain comments are of a study beyond the paper: every value is its own.
type sensingSamplesConfig struct {
	N          int       `toml:"n"`
	Ranks      []int     `toml:"r_stars" comment:"ranks of X"`
	Counts     []float64 `toml:"counts" comment:"c: m = c·n·r_* measurements, rounded"`
	Multiples  []int     `toml:"multiples" comment:"r/r_*, of the number of columns of U"`
	Step       float64   `toml:"step" comment:"μ"`
	Alpha      float64   `toml:"alpha" comment:"α: U_0 = αU"`
	Threshold  float64   `toml:"threshold" comment:"of the relative test error, below which a run succeeds and ends"`
	Iterations int       `toml:"iterations" comment:"after which a run has failed"`
	Trials     int       `toml:"trials" comment:"each draws X, the measurements and U_0 anew"`
	Storage    string    `toml:"storage" comment:"of the measurements, f64, f32, bf16 or regenerate; all compute in f64"`
	Seed       uint64    `toml:"seed" comment:"of the first trial; the next has the next"`
}

// count is m = c·n·r_*.
func (c *sensingSamplesConfig) count(perFreedom float64, rank int) int {
	return int(math.Round(perFreedom * float64(c.N) * float64(rank)))
}

func (c *sensingSamplesConfig) size(perFreedom float64, rank, trial int) sensingSize {
	return sensingSize{c.N, rank, c.count(perFreedom, rank), c.Storage, c.Seed + uint64(trial)}
}

// determined is the number of unknowns of a symmetric matrix: as many Gaussian
// measurements determine it without any low rank.
func (c *sensingSamplesConfig) determined() float64 { return float64(c.N*(c.N+1)) / 2 }

func (c *sensingSamplesConfig) check() error {
	err := firstOf(
		atLeast("n", c.N, 2), eachOf("r_stars", c.Ranks, least(1)), eachOf("counts", c.Counts, positive), eachOf("multiples", c.Multiples, least(1)),
		positive("step", c.Step), positive("alpha", c.Alpha), positive("threshold", c.Threshold), atLeast("iterations", c.Iterations, 1),
		atLeast("trials", c.Trials, 1), atLeast("the number of r_stars", len(c.Ranks), 2), atLeast("the number of counts", len(c.Counts), 2),
		once("multiples", c.Multiples),
	)
	if err != nil {
		return err
	}
	if err := firstOf(evenlySpaced("r_stars", c.Ranks), evenlySpaced("counts", c.Counts)); err != nil {
		return err
	}
	if c.count(c.Counts[0], c.Ranks[0]) < 1 {
		return fmt.Errorf("counts[0] is %g; expected at least one measurement, 1/(n·r_*)", c.Counts[0])
	}
	return c.size(c.Counts[0], slices.Max(c.Ranks), 0).check()
}

// makeSensingSamples counts the runs that find X, for many m and r_*.
func makeSensingSamples(ctx context.Context, m *making) error {
	c := &sensingSamplesConfig{
		N: 60, Ranks: []int{1, 2, 4, 8}, Multiples: []int{1, 4}, Step: 0.2, Alpha: 1e-4, Threshold: 1e-2,
		Iterations: 500, Trials: 10, Storage: "f64", Seed: 1,
	}
	finest := 4 // to a factor of two
	if m.Quick {
		c.N, c.Ranks, c.Trials = 40, []int{1, 2, 4}, 4
		finest = 2
	}
	for k := -finest / 2; k <= 5*finest/2; k++ { // c from 0.71 to 5.7
		c.Counts = append(c.Counts, exponential(float64(k)/float64(finest)*math.Log10(2)))
	}
	if err := m.configure(c); err != nil {
		return err
	}
	s := newSamplesTables(c)
	for i, rank := range c.Ranks {
		for j, count := range c.Counts {
			for trial := range c.Trials {
				stage := fmt.Sprintf("rank %d m %d trial %d", rank, c.count(count, rank), trial+1)
				tests, err := kept(m, stage, func() ([]float64, error) { return c.cell(ctx, m, stage, count, rank, trial) })
				if err != nil {
					return err
				}
				s.add(i, j, tests)
			}
		}
	}
	s.summarize()
	m.Tables = []*Table{s.cells, s.halves}
	s.verdicts(m)
	s.draw(m)
	return nil
}

// cell returns the last test errors of the runs of one draw, for each number of
// columns. They share their passes. A divergence is a failure, its error infinite.
func (c *sensingSamplesConfig) cell(ctx context.Context, m *making, stage string, count float64, rank, trial int) ([]float64, error) {
	var columns []int
	for _, k := range c.Multiples {
		columns = append(columns, k*rank)
	}
	p, err := newSensingProblem(m, c.size(count, rank, trial), columns...)
	if err != nil {
		return nil, err
	}
	var members []*sensing.Solver[float64]
	var watched []*testUntil
	var runs []trajectory
	for _, r := range columns {
		s, err := p.solver(r, c.Alpha, c.Step, p.seed)
		if err != nil {
			return nil, err
		}
		rec, err := sensing.NewRecorder(ctx, s, sensing.RecorderOptions{Truth: &p.x})
		if err != nil {
			return nil, err
		}
		until := &testUntil{rec, slices.Index(rec.Trace.Columns, "test")}
		run := p.trajectory(s, rec, c.Iterations, samplesEvery)
		run.stop.When = func() bool { return until.last() < c.Threshold }
		members, watched, runs = append(members, s), append(watched, until), append(runs, run)
	}
	results, err := m.runEach(ctx, stage+" run", sensing.NewEnsemble(members...), runs)
	if err != nil {
		return nil, err
	}
	var tests []float64
	for i, r := range results {
		if r.Status == solvers.Diverged {
			tests = append(tests, math.Inf(1))
		} else {
			tests = append(tests, watched[i].last())
		}
	}
	return tests, nil
}

// samplesEvery is how often the test error is looked at.
const samplesEvery = 10

// samplesTables are the shares of successful runs cell by cell, and for each r_*
// where half of the runs succeed.
type samplesTables struct {
	*sensingSamplesConfig
	cells, halves *Table
	tests         [][][][]float64 // by r_*, by m, by trial, by r/r_*
}

func newSamplesTables(c *sensingSamplesConfig) *samplesTables {
	s := &samplesTables{sensingSamplesConfig: c, cells: newTable("", "r_star", "m", "m_per_n_r_star", "m_per_n_r_star2"), halves: newTable("halves", "r_star", "determined")}
	for _, k := range c.Multiples {
		s.cells.Columns = append(s.cells.Columns, shareColumn(k))
		s.halves.Columns = append(s.halves.Columns, halfColumn(k))
	}
	s.tests = make([][][][]float64, len(c.Ranks))
	for i := range s.tests {
		s.tests[i] = make([][][]float64, len(c.Counts))
	}
	return s
}

func shareColumn(multiple int) string { return fmt.Sprintf("success_r%d", multiple) }
func halfColumn(multiple int) string  { return fmt.Sprintf("half_r%d", multiple) }

// add takes the test errors of a trial.
func (s *samplesTables) add(i, j int, tests []float64) { s.tests[i][j] = append(s.tests[i][j], tests) }

// summarize fills the tables.
func (s *samplesTables) summarize() {
	for i, rank := range s.Ranks {
		half := []float64{float64(rank), s.determined() / float64(s.N*rank)}
		shares := make([][]float64, len(s.Multiples))
		for j := range s.Counts {
			m := float64(s.count(s.Counts[j], rank))
			per := m / float64(s.N*rank)
			row := []float64{float64(rank), m, per, per / float64(rank)}
			for k := range s.Multiples {
				successes := 0
				for _, tests := range s.tests[i][j] {
					if tests[k] < s.Threshold {
						successes++
					}
				}
				share := float64(successes) / float64(len(s.tests[i][j]))
				shares[k] = append(shares[k], share)
				row = append(row, share)
			}
			s.cells.add(row...)
		}
		for k := range s.Multiples {
			half = append(half, halfway(s.Counts, shares[k]))
		}
		s.halves.add(half...)
	}
}

// halfway is the c from which at least half of the runs succeed, for good, by a
// straight line over log c from the value before it. It is NaN where that is at
// the first c or nowhere.
func halfway(counts, shares []float64) float64 {
	last := -1
	for i, share := range shares {
		if share < 0.5 {
			last = i
		}
	}
	if last < 0 || last == len(shares)-1 {
		return math.NaN()
	}
	part := (0.5 - shares[last]) / (shares[last+1] - shares[last])
	return counts[last] * math.Pow(counts[last+1]/counts[last], part)
}

func (s *samplesTables) verdicts(m *making) {
	for _, k := range s.Multiples {
		rank, half := s.halves.points("r_star", halfColumn(k))
		if len(half) < len(s.Ranks) {
			m.verdict(false, "r = %s: half of the runs succeed within the m shown for %d of %d r_* only", times(k, "r_*"), len(half), len(s.Ranks))
			continue
		}
		var words []string
		most := 0.0 // of the m of half against that which determines XXᵀ
		for i, c := range half {
			words = append(words, fmt.Sprintf("%.3g", c))
			most = max(most, c*float64(s.N)*rank[i]/s.determined())
		}
		slope, _, _ := fit(logs(rank), logs(half))
		m.verdict(slope < 0.5 && most < 1, "r = %s: half of the runs succeed from m = c·n·r_*, c = %s for r_* = %s, which goes like "+
			"m ∝ r_*^%.2f: r_*² in m is not needed (an exponent below 1.5; at most %.0f %% of n(n+1)/2, where any matrix is determined)",
			times(k, "r_*"), listed(words), listed(s.Ranks), 1+slope, 100*most)
		m.note("r = %s: the largest c is %.2f times the smallest; of m = c·n·r_*² it is %.2f times",
			times(k, "r_*"), quotient(half), quotient(dividedBy(half, rank)))
		c, found := s.serves(k)
		if !found {
			m.verdict(false, "r = %s: at no c do all runs of every r_* succeed with m = c·n·r_*", times(k, "r_*"))
			continue
		}
		m.verdict(c < s.Counts[len(s.Counts)-1], "r = %s: one c serves every r_*: all runs succeed from m = %.3g·n·r_* on (before the last c, %.3g)",
			times(k, "r_*"), c, s.Counts[len(s.Counts)-1])
	}
}

// serves is the least c from which on all runs of every r_* succeed.
func (s *samplesTables) serves(multiple int) (c float64, found bool) {
	at := s.cells.at(shareColumn(multiple))
	for j := len(s.Counts) - 1; j >= 0; j-- {
		for i := range s.Ranks {
			if s.cells.Rows[i*len(s.Counts)+j][at] < 1 {
				return c, found
			}
		}
		c, found = s.Counts[j], true
	}
	return c, found
}

// quotient is that of the largest by the smallest.
func quotient(v []float64) float64 { return slices.Max(v) / slices.Min(v) }

func dividedBy(v, by []float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = v[i] / by[i]
	}
	return out
}

// times is a multiple of a quantity in a sentence: r_*, 4r_*.
func times(k int, of string) string {
	if k == 1 {
		return of
	}
	return fmt.Sprintf("%d%s", k, of)
}
