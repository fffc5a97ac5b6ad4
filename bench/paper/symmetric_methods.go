package paper

import (
	"context"
	"fmt"
	"math"
	"time"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// The methods that follow one trajectory.
const (
	byDirect = "direct" // a pass over Σ each iteration
	byKrylov = "krylov" // in a basis of the Krylov space of (Σ, X_0)
	byBoth   = "both"   // side by side
)

func checkMethod(method string, tolerance float64) error {
	switch method {
	case byDirect, byKrylov, byBoth:
		return checkTolerance(tolerance)
	}
	return fmt.Errorf("method is %q; expected direct, krylov or both", method)
}

func checkTolerance(tolerance float64) error {
	if !(tolerance >= 1e-15 && tolerance < 1e-3) {
		return fmt.Errorf("tolerance is %g; expected a number from 1e-15 to below 1e-3", tolerance)
	}
	return nil
}

// mostPasses for the spectrum and the start of Figure 1: 30 blocks give X to 1e-14.
const mostPasses = 40

// basisBytes bounds the memory of a Krylov basis that takes mostPasses, with the
// operands of a pass and X.
func basisBytes(d, r int) float64 {
	const room = 32 // vectors that a basis makes room for at a time
	vectors := ((mostPasses+1)*(r+1)/room + 1) * room
	return 8 * float64(d) * float64(vectors+6*(r+1)+2*r)
}

// runInBasis makes the steps of a run in a basis, which was begun with a pass that
// took so long. Its cost is that of its passes and of making each block orthogonal to
// those before it, twice, each time with two readings of them. The iterations go over
// small matrices, of which nothing is counted.
func (m *making) runInBasis(ctx context.Context, stage string, op operator.Operator[float64], k *symmetric.Krylov, begun time.Duration, r trajectory) (solvers.Result, error) {
	r.load = reading(bench.Load{Pass: float64(op.Bytes())})
	res, err := m.run(ctx, stage, k, r)
	first := k.Passes() - res.Passes
	columns := k.Solver.X().Cols + 1 // of a block
	squares := float64(k.BasisSize()) * float64(k.BasisSize()) * float64(op.Dim())
	m.Cost.plus(Cost{
		Passes: first, Time: begun,
		Bytes: float64(first)*float64(op.Bytes()) + 16*squares/float64(columns),
		Flops: float64(k.Passes())*op.Flops(columns) + 4*squares,
	})
	return res, err
}

// basisColumns say how a run in a basis stands at an iterate.
var basisColumns = []string{"basis_error", "rounding_error", "passes", "basis_size"}

func basisRow(k *symmetric.Krylov) []float64 {
	basis, rounding := k.Errors()
	return []float64{basis, rounding, float64(k.Passes()), float64(k.BasisSize())}
}

// comparisonColumns are those of a run in a basis beside the direct one.
var comparisonColumns = append([]string{"error_krylov", "difference"}, basisColumns...)

// compareEvery is how many iterations lie between two that are compared.
const compareEvery = 10

// comparison takes a run in a basis along with the direct one.
type comparison struct {
	direct *symmetric.Solver[float64]
	basis  *symmetric.Krylov
	theory *symmetric.Theory[float64]
}

// row has the comparisonColumns of the direct run's iterate, to which it brings the
// run in the basis: also where the direct one went on from a saved state.
func (c *comparison) row() ([]float64, error) {
	for c.basis.Iteration() < c.direct.Iteration() {
		if err := c.basis.Step(); err != nil {
			return nil, err
		}
	}
	x, y := c.direct.X(), c.basis.X()
	return append([]float64{c.theory.Measure(y).Error, relativeDifference(x, y)}, basisRow(c.basis)...), nil
}

// relativeDifference is ‖X − Y‖_F/‖X‖_F.
func relativeDifference(x, y blas.General[float64]) float64 {
	var difference, norm float64
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			difference, norm = math.Hypot(difference, v-y.Row(i)[j]), math.Hypot(norm, v)
		}
	}
	return difference / norm
}

// inBasis is the rows that say something of a run in a basis.
func inBasis(t *Table) *Table {
	out := &Table{Name: t.Name, Columns: t.Columns}
	for _, row := range t.Rows {
		if !math.IsNaN(row[t.at("passes")]) {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// directRounding is an allowance for the rounding of the direct method, which the
// estimates are not about: 2⁻⁵³ for each of many iterations, and what they amplify.
const directRounding = 1e-11

// comparisonVerdict: both methods have the same X, in the rows of inBasis.
func comparisonVerdict(m *making, tolerance float64, t *Table) {
	worst, at, over := 0.0, 0.0, 0.0
	for _, row := range t.Rows {
		if d := row[t.at("difference")]; !math.IsNaN(worst) && !(d <= worst) {
			worst, at = d, row[t.at("t")]
		}
		if ratio := row[t.at("difference")] / (row[t.at("basis_error")] + row[t.at("rounding_error")]); !math.IsNaN(ratio) && !math.IsInf(ratio, 0) {
			over = max(over, ratio)
		}
	}
	allowed := max(directRounding, 10*tolerance)
	m.verdict(worst <= allowed, "both methods have the same X: they differ by at most %.1e·‖X‖, at t = %.0f "+
		"(at most %.0e)", worst, at, allowed)
	m.note("the difference is at most %.2g times the estimate of the error of the basis and its rounding; it "+
		"has the rounding of the direct method in it too", over)
}

// passesVerdict: the run in the basis takes few passes, in the rows of inBasis.
func passesVerdict(m *making, t *Table) {
	last := t.Rows[len(t.Rows)-1]
	value := func(column string) float64 { return last[t.at(column)] }
	m.verdict(value("passes") <= mostPasses, "%.0f iterations take %.0f passes over Σ (at most %d), to a "+
		"basis of %.0f vectors", value("t"), value("passes"), mostPasses, value("basis_size"))
	m.note("estimates at the end, relative to ‖X‖: %.1e of keeping to the basis, %.1e of rounding",
		value("basis_error"), value("rounding_error"))
}

// basisCaption says what a run in a basis is.
func basisCaption(tolerance float64) string {
	return fmt.Sprintf("it keeps to an orthonormal basis of the block Krylov space of (Σ, X₀), which it "+
		"extends by one pass where the part of a step that leaves it would matter (tolerance %s). ", power(tolerance))
}

// comparisonPanels show both methods: their errors, their difference and their
// passes.
func comparisonPanels(t *Table) figure.Row {
	shown := &Table{Columns: t.Columns} // zeros have no place on a logarithmic axis
	for _, row := range t.Rows {
		if row[t.at("difference")] > 0 && row[t.at("t")] > 0 {
			shown.Rows = append(shown.Rows, row)
		}
	}
	const each, basis = "a pass each iteration", "in a Krylov basis"
	panel := func(title, y string, lines ...figure.Line) figure.Cell {
		return figure.Cell{Weight: 1, Panel: &figure.Axes{Title: title, XLabel: "iteration t, log scale", YLabel: y + ", log scale", LogX: true, LogY: true, Lines: lines}}
	}
	estimate := shown.theory("estimate: basis", "t", "basis_error", 2)
	rounding := shown.line("estimate: rounding", "t", "rounding_error", 3)
	rounding.Dash = figure.Dotted
	return figure.Row{Height: 8, Cells: []figure.Cell{
		panel("Error by both methods", "‖Σ_r − XXᵀ‖_F", shown.line(each, "t", "error", 0), shown.theory(basis, "t", "error_krylov", 1)),
		panel("Their difference", "relative to ‖X‖_F", shown.line("difference of X", "t", "difference", 0), estimate, rounding),
		panel("Passes over Σ", "passes", shown.line(each, "t", "t", 0), shown.line(basis, "t", "passes", 1)),
	}}
}
