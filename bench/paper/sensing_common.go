package paper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// sensingSize is a generated problem: that of mfbench solve sensing --generate
// gaussian with the same numbers and --problem-seed.
type sensingSize struct {
	n, rank, count int // n, r_*, m
	storage        string
	seed           uint64
}

// sensingStorages are the ways to hold the measurements. All compute in float64.
var sensingStorages = map[string]problem.Held{
	"f64": problem.HeldWide, "f32": problem.HeldFloat32, "bf16": problem.HeldBFloat16, "regenerate": problem.HeldRegenerated,
}

// check is for configurations, which name the numbers n, r_star, m and storage.
func (s sensingSize) check() error {
	if err := firstOf(atLeast("n", s.n, 2), atLeast("r_star", s.rank, 1), atLeast("m", s.count, 0)); err != nil {
		return err
	}
	if s.rank > s.n {
		return fmt.Errorf("r_star is %d; a matrix of order %d has rank at most %d", s.rank, s.n, s.n)
	}
	if _, ok := sensingStorages[s.storage]; !ok {
		return fmt.Errorf("storage is %q; expected f64, f32, bf16 or regenerate", s.storage)
	}
	return nil
}

// columns checks r, the number of columns of U.
func (s sensingSize) columns(name string, r int) error {
	if r < s.rank {
		return fmt.Errorf("%s is %d; expected at least r_star = %d", name, r, s.rank)
	}
	return nil
}

// positiveOrZero checks a scale that 0 leaves to a default.
func positiveOrZero(name string, v float64) error {
	if v == 0 {
		return nil
	}
	return positive(name, v)
}

// sensingCount is the paper's m = 10nr_*, where none is set.
func sensingCount(m, n, rank int) int {
	if m > 0 {
		return m
	}
	return 10 * n * rank
}

// sensingAlpha is the paper's α = 1/(70n²), where none is set.
func sensingAlpha(alpha float64, n int) float64 {
	if alpha > 0 {
		return alpha
	}
	return 1 / (70 * float64(n) * float64(n))
}

// sensingProblem is 𝒜, y = 𝒜(XXᵀ) and X, n×r_* with orthogonal columns and
// singular values evenly from 1 to 1/κ.
type sensingProblem struct {
	sensingSize
	condition float64 // κ
	a         operator.Measurement[float64]
	y         []float64
	x         blas.General[float64]
}

// newSensingProblem generates a problem with κ = 1 for runs with so many columns,
// which decide with it what memory is needed.
func newSensingProblem(m *making, s sensingSize, columns ...int) (*sensingProblem, error) {
	return newConditionedProblem(m, s, 1, columns...)
}

// newConditionedProblem generates one of any κ.
func newConditionedProblem(m *making, s sensingSize, condition float64, columns ...int) (*sensingProblem, error) {
	n, triangle := float64(s.n), float64(s.n)*float64(s.n+1)/2
	size := map[string]float64{"f64": 8, "f32": 4, "bf16": 2}[s.storage]
	bytes := float64(s.count)*triangle*size + 20*triangle*8
	for _, r := range columns {
		bytes += (14*n*float64(r) + 3*n*n + 4*float64(s.count)) * 8 // solver, recorder, power method, a decomposition
	}
	if err := problem.CheckMemory(fmt.Sprintf("%s with n = %d, m = %d and storage %s", m.Figure, s.n, s.count, s.storage), bytes); err != nil {
		return nil, err
	}
	a, err := problem.GenerateMeasurements[float64](m.Backend, "gaussian", s.n, s.count, sensingStorages[s.storage], s.seed)
	if err != nil {
		return nil, err
	}
	p := &sensingProblem{
		sensingSize: s, condition: condition, a: a, y: make([]float64, s.count),
		x: problem.ConditionedTruth(s.n, s.rank, condition, s.seed),
	}
	return p, a.Measure(p.y, p.x)
}

// solver starts at αU, entries of U, n×r, from N(0, 1/r): the command's start
// with --rank, --scale and --seed.
func (p *sensingProblem) solver(r int, alpha, mu float64, seed uint64) (*sensing.Solver[float64], error) {
	return sensing.New(p.a, p.y, sensing.RandomStart(p.n, r, alpha, seed), mu)
}

// recorder records all quantities, with the power method where it is asked for.
func (p *sensingProblem) recorder(ctx context.Context, s *sensing.Solver[float64], power bool) (*sensing.Recorder[float64], error) {
	return sensing.NewRecorder(ctx, s, sensing.RecorderOptions{Truth: &p.x, Rank: p.rank, Power: power, Seed: p.seed})
}

// trajectory runs a solver for so many iterations, recorded every so many.
func (p *sensingProblem) trajectory(s *sensing.Solver[float64], rec *sensing.Recorder[float64], iterations, every int) trajectory {
	return trajectory{stop: solvers.Stop{Iterations: iterations}, recorder: rec, trace: &rec.Trace, every: every, load: reading(bench.SensingLoad(p.a, s))}
}

// String is the problem in a caption.
func (p *sensingProblem) String() string {
	s := fmt.Sprintf("n = %d, r* = %d, m = %d symmetric Gaussian measurements (variance 1 on the diagonal, ½ "+
		"off it), X random with orthonormal columns", p.n, p.rank, p.count)
	switch p.storage {
	case "f32", "bf16":
		s += ", matrices rounded to " + p.storage
	case "regenerate":
		s += ", matrices drawn again in every pass"
	}
	return s
}

// divergence is an error where one of the runs diverged.
func (m *making) divergence(results []solvers.Result) error {
	if i := slices.IndexFunc(results, func(r solvers.Result) bool { return r.Status == solvers.Diverged }); i >= 0 {
		return fmt.Errorf("%s: run %d of %d diverged: %s", m.Figure, i+1, len(results), results[i].Reason)
	}
	return nil
}

// listed writes numbers for a sentence: 5, 10 and 20.
func listed[T any](v []T) string {
	words := make([]string, len(v))
	for i, x := range v {
		words[i] = fmt.Sprint(x)
	}
	if k := len(words) - 1; k > 0 {
		return strings.Join(words[:k], ", ") + " and " + words[k]
	}
	return strings.Join(words, "")
}
