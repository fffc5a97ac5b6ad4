package paper

import (
	"context"
	"errors"
	"fmt"
	"math"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/bench/problem"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

var symmetricMethods = Figure{"symmetric/methods", "the trajectory of Figure 1 by a pass each iteration, and in a Krylov basis", makeSymmetricMethods}

type symmetricMethodsConfig struct {
	D          int     `toml:"d"`
	R          int     `toml:"r"`
	Scale      float64 `toml:"scale" comment:"ϖ: X_0 = ϖN_0"`
	Step       float64 `toml:"step" comment:"η"`
	Iterations int     `toml:"iterations" comment:"inferred"`
	Tolerance  float64 `toml:"tolerance" comment:"inferred: part of ‖X‖ that the basis may change X by"`
	Every      int     `toml:"every" comment:"inferred: iterations between two that are compared"`
	Seed       uint64  `toml:"seed" comment:"inferred"`
}

func (c *symmetricMethodsConfig) check() error {
	if !(c.Tolerance >= 1e-15 && c.Tolerance < 1e-3) {
		return fmt.Errorf("tolerance is %g; expected a number from 1e-15 to 1e-3", c.Tolerance)
	}
	return firstOf(
		atLeast("d", c.D, 20),
		atLeast("r", c.R, 1),
		positive("scale", c.Scale),
		positive("step", c.Step),
		atLeast("iterations", c.Iterations, 1),
		atLeast("every", c.Every, 1),
	)
}

// makeSymmetricMethods runs both methods side by side from one start on a dense Σ,
// with the spectrum of Figure 1, and compares their X.
func makeSymmetricMethods(ctx context.Context, m *making) error {
	c := &symmetricMethodsConfig{D: 4000, R: 2, Scale: 0.5, Step: 0.1, Iterations: 5000, Tolerance: krylov.Tolerance, Every: 10, Seed: 1}
	if m.Quick {
		c.D, c.Iterations = 1000, 1500
	}
	if err := m.configure(c); err != nil {
		return err
	}
	if c.R >= c.D/2 {
		return fmt.Errorf("r is %d; expected less than half of d, %d", c.R, c.D)
	}
	const blocks = 100 // of the basis, more than are expected
	bytes := problem.RunBytes[float64](c.D, c.R, true) + problem.DenseBytes[float64, float64](m.Backend, c.D) + 8*blocks*float64(c.D)*float64(c.R)
	if err := problem.CheckMemory(fmt.Sprintf("symmetric/methods with d = %d", c.D), bytes); err != nil {
		return err
	}
	lambda := problem.Figure1Spectrum(c.D)
	generated := problem.NewDense(lambda, c.Seed)
	op := operator.NewDense(m.Backend, c.D, generated.Row)
	x0 := symmetric.Large(c.D, c.R, c.Scale, c.Seed)
	direct := symmetric.New(m.Backend, op, x0, c.Step)
	basis, err := symmetric.NewKrylov(m.Backend, op, x0, c.Step, c.Tolerance)
	if err != nil {
		return err
	}
	run := &methodsRun{
		direct: direct, basis: basis,
		theory: symmetric.NewTheory[float64](m.Backend, &symmetric.Basis{Values: lambda[:c.R+1], Vectors: generated.Eigenvectors(c.R)}),
		trace:  &solvers.Trace{Columns: methodsColumns},
	}
	res, err := m.run(ctx, "run", direct, trajectory{
		stop: solvers.Stop{Iterations: c.Iterations}, recorder: run, trace: run.trace, every: c.Every, load: reading(bench.SymmetricLoad(op, direct)),
	})
	if err != nil {
		return err
	}
	if res.Status == solvers.Diverged {
		return errors.New(res.Reason)
	}
	if err := run.follow(direct.Iteration()); err != nil { // where the recorder went on from a saved state
		return err
	}
	distance, norm, err := operator.Distance(op, basis.X())
	if err != nil {
		return err
	}
	distance /= norm
	end := run.theory.Measure(basis.X()).Error
	m.Error, m.Distance = &distance, &end
	table := newTable("", methodsColumns...)
	for _, row := range run.trace.Rows {
		table.add(row...)
	}
	m.Tables = []*Table{table}
	methodsVerdicts(m, c, table)
	drawMethods(m, c, table)
	return nil
}

var methodsColumns = []string{"t", "error_direct", "error_krylov", "difference", "basis_error", "rounding_error", "passes", "basis_size"}

// methodsRun takes the run in the basis along with the direct one, and compares.
type methodsRun struct {
	direct *symmetric.Solver[float64]
	basis  *symmetric.Krylov
	theory *symmetric.Theory[float64]
	trace  *solvers.Trace
}

// follow brings the run in the basis to iterate t.
func (r *methodsRun) follow(t int) error {
	for r.basis.Iteration() < t {
		if err := r.basis.Step(); err != nil {
			return err
		}
	}
	return nil
}

func (r *methodsRun) Record(t int) error {
	if err := r.follow(t); err != nil {
		return err
	}
	x, y := r.direct.X(), r.basis.X()
	var difference, norm float64
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			difference, norm = math.Hypot(difference, v-y.Row(i)[j]), math.Hypot(norm, v)
		}
	}
	basis, rounding := r.basis.Errors()
	r.trace.Rows = append(r.trace.Rows, []float64{
		float64(t), r.theory.Measure(x).Error, r.theory.Measure(y).Error, difference / norm, basis, rounding,
		float64(r.basis.Passes()), float64(r.basis.BasisSize()),
	})
	return nil
}

// directRounding is an allowance for the rounding of the direct method, which the
// estimates are not about: 2⁻⁵³ for each of many iterations, and what they amplify.
const directRounding = 1e-11

func methodsVerdicts(m *making, c *symmetricMethodsConfig, t *Table) {
	worst, at, over := 0.0, 0.0, 0.0
	for _, row := range t.Rows {
		if d := row[t.at("difference")]; !math.IsNaN(worst) && !(d <= worst) {
			worst, at = d, row[t.at("t")]
		}
		if ratio := row[t.at("difference")] / (row[t.at("basis_error")] + row[t.at("rounding_error")]); !math.IsNaN(ratio) && !math.IsInf(ratio, 0) {
			over = max(over, ratio)
		}
	}
	last := t.Rows[len(t.Rows)-1]
	passes := last[t.at("passes")]
	m.verdict(worst <= max(directRounding, 10*c.Tolerance), "both methods have the same X: they differ by at most %.1e·‖X‖, at t = %.0f (at most %.0e)", worst, at, max(directRounding, 10*c.Tolerance))
	m.verdict(passes <= mostPasses, "%d iterations take %.0f passes over Σ (at most %d), to a basis of %.0f vectors", c.Iterations, passes, mostPasses, last[t.at("basis_size")])
	m.note("the difference is at most %.2g times the estimate of the error of the basis and its rounding; it has the rounding of the direct method in it too", over)
}

// mostPasses for the spectrum and the start of Figure 1: 30 blocks give X to 1e-14.
const mostPasses = 40

func drawMethods(m *making, c *symmetricMethodsConfig, t *Table) {
	floor := &Table{Columns: t.Columns} // zeros have no place on a logarithmic axis
	for _, row := range t.Rows {
		if row[t.at("difference")] > 0 && row[0] > 0 {
			floor.Rows = append(floor.Rows, row)
		}
	}
	direct, krylov := floor.line("a pass each iteration", "t", "error_direct", 0), floor.line("in a Krylov basis", "t", "error_krylov", 1)
	krylov.Dash = figure.Dashed
	errorsOf := &figure.Axes{
		Title: "Error by both methods", XLabel: "iteration t, log scale", YLabel: "‖Σ_r − XXᵀ‖_F, log scale", LogX: true, LogY: true,
		Lines: []figure.Line{direct, krylov},
	}
	basis, rounding := floor.line("estimate: basis", "t", "basis_error", 2), floor.line("estimate: rounding", "t", "rounding_error", 3)
	basis.Dash, rounding.Dash = figure.Dashed, figure.Dotted
	difference := &figure.Axes{
		Title: "Their difference", XLabel: "iteration t, log scale", YLabel: "relative to ‖X‖_F, log scale", LogX: true, LogY: true,
		Lines: []figure.Line{floor.line("difference of X", "t", "difference", 0), basis, rounding},
	}
	passes := &figure.Axes{
		Title: "Passes over Σ", XLabel: "iteration t, log scale", YLabel: "passes, log scale", LogX: true, LogY: true,
		Lines: []figure.Line{floor.line("a pass each iteration", "t", "t", 0), floor.line("in a Krylov basis", "t", "passes", 1)},
	}
	caption := fmt.Sprintf("A study beyond the paper. Setting of Figure 1 with a dense Σ: Σ = Q·diag(1, 0.5, 0.3 … 0)·Qᵀ, Q random, d = %d, r = %d, X₀ = %g·N₀, η = %g. "+
		"Both methods follow X ← X + η(Σ − XXᵀ)X from one start; the second keeps to an orthonormal basis of the block Krylov space of (Σ, X₀), which it extends by one pass where the part of a step that leaves it would matter (tolerance %s).",
		c.D, c.R, c.Scale, c.Step, power(c.Tolerance))
	m.draw("Symmetric factorization: two methods for one trajectory", caption,
		figure.Row{Height: 8, Cells: []figure.Cell{{Panel: errorsOf, Weight: 1}, {Panel: difference, Weight: 1}, {Panel: passes, Weight: 1}}},
	)
}
