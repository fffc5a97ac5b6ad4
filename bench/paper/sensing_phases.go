package paper

import (
	"context"
	"fmt"
	"math"
	"strings"

	"lowrank/bench/figure"
	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

// alignedBelow is the sine of an angle called small, as in the marks of a run; grownAbove
// is the share of σ_{r_*}(X) up to which σ_{r_*}(U_t) is called small.
const (
	alignedBelow = sensing.AlignedBelow
	grownAbove   = 0.1
)

// sensingFacts is what the theory says of all runs of a problem.
type sensingFacts struct {
	first, lambda, next float64 // λ_1, λ_{r_*} and λ_{r_*+1} of 𝒜*(y)
	plateau             float64 // the sine of the angle of span X to L, the limit of that of L_t
	mu                  float64
}

func (p *sensingProblem) facts(rec *sensing.Recorder[float64], mu float64) (sensingFacts, error) {
	if !rec.Space.Resolved() || p.rank == p.n {
		return sensingFacts{}, fmt.Errorf("the eigenvalues λ = %.4g of 𝒜*(y) do not tell its leading r* = %d "+
			"eigenvectors from the others; other sizes or another seed are needed", rec.Space.Values, p.rank)
	}
	return sensingFacts{
		first: rec.Space.Values[0], lambda: rec.Space.Values[p.rank-1], next: rec.Space.Values[p.rank],
		plateau: sensing.Sine(rec.Space.Basis, p.x), mu: mu,
	}, nil
}

// factor is that by which a step of the power method multiplies σ_{r_*}.
func (f sensingFacts) factor() float64 { return 1 + f.mu*f.lambda }

// largest is that of σ_1. A singular value that others overtake grows by a
// factor between the two.
func (f sensingFacts) largest() float64 { return 1 + f.mu*f.first }

// decay is the factor a step by which the power method's angle to L falls in
// the end.
func (f sensingFacts) decay() float64 { return (1 + f.mu*f.next) / f.factor() }

func limitAt(v float64) *float64 { return &v }

// phaseColumns are the quantities of a run that the figures of the phases draw.
var phaseColumns = []string{"angle", "sigma_rstar_U", "sigma_rstar_plus_1_U", "test", "train"}

// phaseCurves is a run as it stands in a table, and its phases. σ_{r_*}(X) = 1.
type phaseCurves struct {
	t, angle, sigma, test []float64
	ends                  sensing.Marks
}

// phasesOf reads the columns with a suffix.
func phasesOf(table *Table, suffix string) *phaseCurves {
	c := &phaseCurves{
		t: table.column("t"), angle: table.column("angle" + suffix),
		sigma: table.column("sigma_rstar_U" + suffix), test: table.column("test" + suffix),
	}
	find := sensing.NewPhases(1)
	for i, t := range c.t {
		find.Observe(int(t), c.angle[i], c.sigma[i], c.test[i])
	}
	c.ends = find.Marks()
	return c
}

func (c *phaseCurves) last() int { return len(c.t) - 1 }

// at is the row of an iterate, −1 of none.
func (c *phaseCurves) at(t int) int {
	for i, v := range c.t {
		if int(v) == t {
			return i
		}
	}
	return -1
}

// first is the row where a quantity first meets a condition, −1 where it never
// does.
func first(v []float64, meets func(float64) bool) int {
	for i, x := range v {
		if meets(x) {
			return i
		}
	}
	return -1
}

func atMost(bound float64) func(float64) bool    { return func(v float64) bool { return v <= bound } }
func atLeastBy(bound float64) func(float64) bool { return func(v float64) bool { return v >= bound } }

// when is the iterate of a row, NaN of none.
func (c *phaseCurves) when(row int) float64 {
	if row < 0 {
		return math.NaN()
	}
	return c.t[row]
}

// aligned, grown and fitted are where the angle has become small, σ_{r_*}(U_t)
// has left the small values, and the test error is below a tenth.
func (c *phaseCurves) aligned() float64 { return c.when(first(c.angle, atMost(alignedBelow))) }
func (c *phaseCurves) grown() float64   { return c.when(first(c.sigma, atLeastBy(grownAbove))) }
func (c *phaseCurves) fitted() float64  { return c.when(first(c.test, atMost(0.1))) }

// growth is the factor a step by which σ_{r_*}(U_t) grows from the row where
// the angle is small to the last where it is small itself, by least squares.
// It is NaN over fewer than five rows.
func (c *phaseCurves) growth() (factor float64, from, to int) {
	from, to = first(c.angle, atMost(alignedBelow)), first(c.sigma, atLeastBy(grownAbove))-1
	if from < 0 || to < from+4 {
		return math.NaN(), from, to
	}
	var x, y []float64
	for i := from; i <= to; i++ {
		x, y = append(x, c.t[i]), append(y, math.Log(c.sigma[i]))
	}
	slope, _, _ := fit(x, y)
	return math.Exp(slope), from, to
}

// smallest is the least value and its row, −1 of nothing but NaN.
func smallest(v []float64) (least float64, row int) {
	least, row = math.Inf(1), -1
	for i, x := range v {
		if x < least {
			least, row = x, i
		}
	}
	return least, row
}

// againstTheory sets a run beside the bounds (5) and (6), whose constants the
// paper does not give: left out here.
func againstTheory(s sensing.Setting, test float64, marks sensing.Marks) string {
	var words []string
	for _, c := range s.Checks(test, marks)[1:] {
		if c.Verdict == solvers.Reported {
			words = append(words, fmt.Sprintf("%s %.3g (expression %.3g)", c.Name, c.Left, c.Right))
		} else {
			words = append(words, fmt.Sprintf("%s: %s", c.Name, c.Note))
		}
	}
	return "beside the paper's expressions without their constants: " + strings.Join(words, "; ")
}

// marked draws a column solid, with a marker at every so many of its points,
// the first of them at the offset, so that it shows in grey and beside others.
func (t *Table) marked(name, x, y string, color int, marker figure.Marker, every, offset int) []figure.Line {
	l := t.line(name, x, y, color)
	points := l
	points.X, points.Y, points.Marker, points.NoLine = nil, nil, marker, true
	for i := offset; i < len(l.X); i += every {
		points.X, points.Y = append(points.X, l.X[i]), append(points.Y, l.Y[i])
	}
	return []figure.Line{l, points}
}

// sensingColors leaves black to the theory.
var (
	sensingColors  = []int{0, 1, 2, 6, 4, 3}
	sensingMarkers = []figure.Marker{figure.Dot, figure.Square, figure.Triangle, figure.Diamond, figure.Circle, figure.OpenSquare}
)

const theoryColor = 5

// sensingRuns makes runs of a problem with several r from small starts as one
// ensemble, and returns their recorders and what the theory says.
func (p *sensingProblem) runs(ctx context.Context, m *making, columns []int, alpha, mu float64, seed uint64, iterations, every int, power bool) ([]*sensing.Recorder[float64], sensingFacts, error) {
	var members []*sensing.Solver[float64]
	var recorders []*sensing.Recorder[float64]
	var runs []trajectory
	for _, r := range columns {
		s, err := p.solver(r, alpha, mu, seed)
		if err != nil {
			return nil, sensingFacts{}, err
		}
		rec, err := p.recorder(ctx, s, power)
		if err != nil {
			return nil, sensingFacts{}, err
		}
		members, recorders = append(members, s), append(recorders, rec)
		runs = append(runs, p.trajectory(s, rec, iterations, every))
	}
	facts, err := p.facts(recorders[0], mu)
	if err != nil {
		return nil, facts, err
	}
	results, err := m.runEach(ctx, "run", sensing.NewEnsemble(members...), runs)
	if err == nil {
		err = m.divergence(results)
	}
	return recorders, facts, err
}
