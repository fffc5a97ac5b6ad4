package paper

import (
	"fmt"
	"math"

	"lowrank/bench/figure"
)

// draw shows the phases of the smallest α, the iterations to the threshold and
// the last test error, all against κ.
func (s *conditionTables) draw(m *making) {
	caption := fmt.Sprintf("A study beyond the paper. n = %d, r* = %d, m symmetric Gaussian measurements, X random with orthogonal columns of singular values "+
		"evenly from 1 to 1/κ; r = %d, μ = %g; a run has %d·κ² iterations, every κ²-th recorded; the median of %d trials with seeds %d to %d, each of which "+
		"draws X, the measurements and U_0 anew%s. Phases: the end of I is the first angle to L of at most 0.1 (missing where it does not fall so low), "+
		"of II where the r*-th singular value of U_t reaches half of that of X, of III a test error within a factor of about 2 of its smallest. "+
		"Dashed: the paper's (6), its terms summed up, and (5) for the least α, without their constants.",
		s.N, s.RStar, s.R, s.Step, s.Iterations, s.Trials, s.Seed, s.Seed+uint64(s.Trials)-1, s.barsNote())
	m.draw("Small random initialization: against the condition κ of X", caption,
		figure.Row{Height: 11, Cells: []figure.Cell{{Panel: s.phases(), Weight: 1}, {Panel: s.reached(), Weight: 1}, {Panel: s.tests(), Weight: 1}}},
	)
}

func (s *conditionTables) barsNote() string {
	if s.Trials < 2 {
		return ""
	}
	return ", bars from the least to the largest"
}

// phases are those with the most measurements.
func (s *conditionTables) phases() *figure.Axes {
	count, alpha := s.Counts[len(s.Counts)-1], s.Alphas[0]
	t := s.series(count, alpha)
	a := &figure.Axes{
		Title: fmt.Sprintf("Phases, m = %g n r_{*}, α = %g", count, alpha), XLabel: "κ", YLabel: "iterations", LogX: true, LogY: true,
	}
	for i, phase := range []struct{ column, name string }{{"aligned", "end of phase I"}, {"saddle", "end of phase II"}, {"settled", "end of phase III"}} {
		l := t.line(phase.name, "kappa", phase.column, sensingColors[i])
		l.Marker = sensingMarkers[i]
		theory := t.theory("the same by (6)", "kappa", "theory_"+phase.column, sensingColors[i])
		theory.HideInLegend = true
		a.Lines = append(a.Lines, l, theory)
	}
	return a
}

func (s *conditionTables) reached() *figure.Axes {
	a := &figure.Axes{
		Title: "Iterations to a test error", XLabel: "κ", YLabel: fmt.Sprintf("iterations until the relative test error is %g", s.Threshold), LogX: true, LogY: true,
	}
	i := 0
	s.eachSeries(func(count, alpha float64, t *Table) {
		l := t.line(s.seriesName(count, alpha), "kappa", "reached", sensingColors[i%len(sensingColors)])
		l.Marker = sensingMarkers[i%len(sensingMarkers)]
		a.Lines = append(a.Lines, l)
		i++
	})
	return a
}

func (s *conditionTables) tests() *figure.Axes {
	a := &figure.Axes{Title: "Last test error", XLabel: "κ", YLabel: "‖UUᵀ − XXᵀ‖_F / ‖XXᵀ‖_F", LogX: true, LogY: true}
	i := 0
	s.eachSeries(func(count, alpha float64, t *Table) {
		l := t.line(s.seriesName(count, alpha), "kappa", "test", sensingColors[i%len(sensingColors)])
		l.Marker = sensingMarkers[i%len(sensingMarkers)]
		_, low := t.points("kappa", "test_lowest")
		_, high := t.points("kappa", "test_highest")
		if len(low) == len(l.X) && !math.IsInf(high[len(high)-1], 0) {
			l.Low, l.High = low, high
		}
		a.Lines = append(a.Lines, l)
		i++
	})
	bound := s.series(s.Counts[0], s.Alphas[0]).theory(fmt.Sprintf("(5), α = %g", s.Alphas[0]), "kappa", "theory_test", theoryColor)
	a.Lines = append(a.Lines, bound)
	return a
}

func (s *conditionTables) seriesName(count, alpha float64) string {
	return fmt.Sprintf("m = %g n r_{*}, α = %g", count, alpha)
}
