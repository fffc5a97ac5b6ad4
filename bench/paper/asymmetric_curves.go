package paper

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"lowrank/bench/figure"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
)

// asymmetricFloor is where the squared relative error of a run in float64 may end:
// far above what rounding leaves and far below what is compared.
const asymmetricFloor = 1e-24

// asymmetricEnd is the value of a column in the last row that has one.
func asymmetricEnd(t *Table, column string) float64 {
	v := t.column(column)
	for i := len(v) - 1; i >= 0; i-- {
		if !math.IsNaN(v[i]) {
			return v[i]
		}
	}
	return math.NaN()
}

// asymmetricReached is the first recorded iterate at which a column is at most so
// much; +Inf when none is.
func asymmetricReached(errors *Table, column string, level float64) float64 {
	t, e := errors.points("t", column)
	for i := range e {
		if e[i] <= level {
			return t[i]
		}
	}
	return math.Inf(1)
}

// asymmetricLines draws the runs of a panel: thin lines, and the medians thick
// with a few markers.
func asymmetricLines(t *Table, starts []string, runs int) []figure.Line {
	var lines []figure.Line
	for _, s := range asymmetricStarts {
		if !slices.Contains(starts, s.name) {
			continue
		}
		curves := t.runs(s.label, "t", s.name, asymmetricColumns(s.name, runs), s.color)
		median := &curves[len(curves)-1]
		median.Dash = s.dash
		lines = append(lines, curves...)
		// A few markers tell the medians apart without colour.
		marks := figure.Line{Name: s.label, Color: s.color, Dash: s.dash, Marker: s.marker, NoLine: true}
		n := len(median.X)
		for k := range asymmetricMarkers {
			i := (2*k + 1) * (n - 1) / (2 * asymmetricMarkers)
			if n > 0 && (len(marks.X) == 0 || marks.X[len(marks.X)-1] != median.X[i]) {
				marks.X, marks.Y = append(marks.X, median.X[i]), append(marks.Y, median.Y[i])
			}
		}
		lines = append(lines, marks)
	}
	return lines
}

const asymmetricMarkers = 6

// labels of the axes.
const (
	asymmetricTime  = "iteration t"
	asymmetricError = "squared error ‖XYᵀ − A‖²/‖A‖²"
)

// asymmetricAdvantage is the verdict that the median from the proposed start
// ends at least so much below that from each other start, or both where
// rounding ends them.
func asymmetricAdvantage(m *making, t *Table, where string, starts []string, factor float64) {
	proposed := asymmetricEnd(t, "proposed")
	pass := proposed >= 0 // not NaN
	var others []string
	for _, s := range starts {
		if s == "proposed" {
			continue
		}
		v := asymmetricEnd(t, s)
		pass = pass && (v >= factor*proposed || max(v, proposed) < asymmetricFloor)
		others = append(others, fmt.Sprintf("%.1e from %s", v, s))
	}
	m.verdict(pass, "%s: the median ends at %.1e from the proposed start and at %s (at least %g times as much, or both below %.0e)",
		where, proposed, strings.Join(others, ", "), factor, asymmetricFloor)
}

// asymmetricBound adds the columns bound, (6) relative to ‖A‖_F² for t ≤ T, and
// continued, the same from there on.
func asymmetricBound(p *asymmetricProblem, theory asymmetric.Parameters, step float64, t *Table) {
	last := theory.Iterations(step)
	value := func(t float64) float64 { return theory.RateBound(int(t)) / (p.norm * p.norm) }
	t.derive("bound", func(v func(string) float64) float64 {
		if v("t") > last {
			return math.NaN()
		}
		return value(v("t"))
	})
	t.derive("bound_continued", func(v func(string) float64) float64 {
		if v("t") <= last {
			return math.NaN()
		}
		return value(v("t"))
	})
}

// asymmetricBoundLines draws what asymmetricBound added. Up to a T too short to
// be seen the bound is not in the legend, and its continuation names T.
func asymmetricBoundLines(t *Table, last float64) []figure.Line {
	rows := t.column("t")
	short := len(rows) > 0 && last < rows[len(rows)-1]/100
	var lines []figure.Line
	if l := t.theory("(6)", "t", "bound", 5); len(l.X) > 1 {
		l.HideInLegend = short
		lines = append(lines, l)
	}
	if l := t.theory("(6) beyond T", "t", "bound_continued", 5); len(l.X) > 1 {
		if l.Dash = figure.Dotted; short {
			l.Name = fmt.Sprintf("(6) continued beyond T ≈ %.1g", last)
		}
		lines = append(lines, l)
	}
	return lines
}

// asymmetricEvent is 1 where the draw of a run is in the event of Proposition
// 4.3, else 0.
func asymmetricEvent(checks []solvers.Check) float64 {
	for _, c := range checks {
		if strings.HasPrefix(c.Name, "Proposition 4.3") && c.Verdict != solvers.Holds {
			return 0
		}
	}
	return 1
}
