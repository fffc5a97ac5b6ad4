package paper

import (
	"fmt"
	"math"
	"slices"

	"lowrank/solvers/sensing"
)

// conditionTables are the medians of the trials for every m, κ and α, beside the
// paper's expressions without their constants.
type conditionTables struct {
	*sensingConditionConfig
	*Table
}

// The quantities of a run, in the order of conditionTables' columns.
var conditionQuantities = []string{"aligned", "saddle", "settled", "reached", "test"}

func newConditionTables(c *sensingConditionConfig) *conditionTables {
	t := newTable("", "m_per_n_r_star", "kappa", "alpha")
	t.Columns = append(t.Columns, conditionQuantities...)
	t.Columns = append(t.Columns, "test_lowest", "test_highest",
		"theory_aligned", "theory_saddle", "theory_settled", "theory_test", "theory_alpha")
	return &conditionTables{c, t}
}

// add takes the runs of a problem, trial by trial and in them α by α. A median
// is NaN where one of the trials has no value.
func (s *conditionTables) add(count, condition float64, trials [][]conditionRun) {
	for i, alpha := range s.Alphas {
		values := make([][]float64, len(conditionQuantities))
		for _, runs := range trials {
			r := runs[i]
			for k, v := range []float64{iterate(r.Aligned), iterate(r.Saddle), iterate(r.Settled), iterate(r.Reached), r.Test} {
				values[k] = append(values[k], v)
			}
		}
		row := []float64{count, condition, alpha}
		for _, v := range values {
			if slices.ContainsFunc(v, math.IsNaN) {
				row = append(row, math.NaN())
			} else {
				row = append(row, median(v))
			}
		}
		tests := values[len(values)-1]
		row = append(row, slices.Min(tests), slices.Max(tests))
		s.Table.add(append(row, theoryOf(s.setting(condition, alpha))...)...)
	}
}

// iterate is NaN for what has not happened.
func iterate(t int) float64 {
	if t < 0 {
		return math.NaN()
	}
	return float64(t)
}

// theoryOf are the ends of the phases by the sums of (6), the right side of (5)
// relative to ‖XXᵀ‖_F, and that of (4); without their constants.
func theoryOf(s sensing.Setting) []float64 {
	d := s.Durations()
	return []float64{d[0], d[0] + d[1], d[0] + d[1] + d[2], s.TestError() * s.NormX * s.NormX / s.NormXX, s.InitialScale()}
}

// series are the rows of an m and an α.
func (s *conditionTables) series(count, alpha float64) *Table {
	t := newTable("", s.Columns...)
	for _, row := range s.Rows {
		if row[s.at("m_per_n_r_star")] == count && row[s.at("alpha")] == alpha {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// eachSeries calls f for every m and α.
func (s *conditionTables) eachSeries(f func(count, alpha float64, t *Table)) {
	for _, count := range s.Counts {
		for _, alpha := range s.Alphas {
			f(count, alpha, s.series(count, alpha))
		}
	}
}

// The bounds of the verdicts. κ² is the time scale of (6); its logarithms take a
// little from the exponent, and other constants may. A bound that holds up to a
// constant is not outgrown by a quantity in any factor.
const (
	leastExponent, mostExponent = 1.5, 2.1
	outgrown                    = 1.5
)

func (s *conditionTables) verdicts(m *making) {
	s.timeVerdicts(m)
	s.testVerdict(m)
	for _, count := range s.Counts {
		reach := math.NaN()
		for _, row := range s.series(count, s.Alphas[0]).Rows {
			if math.IsNaN(row[s.at("aligned")]) {
				break
			}
			reach = row[s.at("kappa")]
		}
		where := fmt.Sprintf("for κ up to %g", reach)
		if math.IsNaN(reach) {
			where = "for no κ"
		}
		m.note("m = %g·n·r_*, α = %g: the angle to L falls to %g, the end of phase I, %s", count, s.Alphas[0], sensing.AlignedBelow, where)
	}
	rows := s.series(s.Counts[0], s.Alphas[0]).Rows
	expression := s.at("theory_alpha")
	small := 0
	for _, row := range rows {
		if s.Alphas[0] <= row[expression] {
			small++
		}
	}
	m.note("(4) asks for α below a constant times %.2g at κ = %g and %.2g at κ = %g; without the constant the least α, %g, is so at %d of %d κ",
		rows[0][expression], s.Conditions[0], rows[len(rows)-1][expression], s.Conditions[len(s.Conditions)-1], s.Alphas[0], small, len(rows))
}

// timeVerdicts are about the end of phase II and the iterations to the threshold.
func (s *conditionTables) timeVerdicts(m *making) {
	for _, q := range []struct{ column, theory, name string }{
		{"saddle", "theory_saddle", "the end of phase II"},
		{"reached", "theory_settled", fmt.Sprintf("a test error of %g", s.Threshold)},
	} {
		low, high, ratio := math.Inf(1), math.Inf(-1), 0.0
		whole := true
		s.eachSeries(func(_, _ float64, t *Table) {
			kappa, times := t.points("kappa", q.column)
			if len(times) < len(s.Conditions) {
				whole = false
				return
			}
			exponent, _, _ := fit(logs(kappa), logs(times))
			low, high = min(low, exponent), max(high, exponent)
			ratio = max(ratio, growthOf(times, t.column(q.theory)))
		})
		if !whole {
			m.verdict(false, "%s is not reached by every run", q.name)
			continue
		}
		m.verdict(low >= leastExponent && high <= mostExponent, "the iterations to %s go like κ^%.2f to κ^%.2f over all m and α "+
			"(from %g to %g; (6) has κ² and logarithms)", q.name, low, high, leastExponent, mostExponent)
		m.verdict(ratio <= outgrown, "the iterations to %s do not outgrow (6): measured ÷ expression is at most %.2f times that at κ = %g (at most %g)",
			q.name, ratio, s.Conditions[0], outgrown)
	}
}

// testVerdict is about the last test error and (5).
func (s *conditionTables) testVerdict(m *making) {
	low, high, ratio := math.Inf(1), math.Inf(-1), 0.0
	s.eachSeries(func(_, _ float64, t *Table) {
		kappa, test := t.points("kappa", "test")
		exponent, _, _ := fit(logs(kappa), logs(test))
		low, high = min(low, exponent), max(high, exponent)
		ratio = max(ratio, growthOf(test, t.column("theory_test")))
	})
	// NaN, of a divergence, is not below.
	m.verdict(ratio <= outgrown && !math.IsNaN(low+high), "the last test error does not outgrow (5): it goes like κ^%.2f to κ^%.2f, "+
		"(5) like κ^(81/16) over ‖XXᵀ‖_F; measured ÷ expression is at most %.2f times that at κ = %g (at most %g)",
		low, high, ratio, s.Conditions[0], outgrown)
}

// growthOf is the largest of measured ÷ expression against the first, +Inf
// where a number is missing.
func growthOf(measured, expression []float64) float64 {
	most := 0.0
	for i := range measured {
		g := measured[i] / expression[i] / (measured[0] / expression[0])
		if math.IsNaN(g) {
			return math.Inf(1)
		}
		most = max(most, g)
	}
	return most
}
