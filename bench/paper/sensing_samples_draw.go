package paper

import (
	"fmt"
	"math"
	"slices"

	"lowrank/bench/figure"
)

// draw shows for each r/r_* the shares over (m/(n·r_*), r_*), and the same as
// curves over m/(n·r_*) and over m/(n·r_*²): where the curves fall together, m
// scales so.
func (s *samplesTables) draw(m *making) {
	var rows []figure.Row
	for _, k := range s.Multiples {
		rows = append(rows, figure.Row{Height: 9, Cells: []figure.Cell{
			{Panel: s.field(k), Weight: 1},
			{Panel: &figure.ColorBar{Min: 0, Max: 1, Label: "share of successful runs"}, Weight: 0.32},
			{Panel: s.curves(k, "m_per_n_r_star", "m/(n·r_{*})"), Weight: 0.9},
			{Panel: s.curves(k, "m_per_n_r_star2", "m/(n·r_{*}²)"), Weight: 0.9},
		}})
	}
	caption := fmt.Sprintf("A study beyond the paper, whose m has the square of r* in it (Theorem 3.3). n = %d, m symmetric Gaussian "+
		"measurements, X random with orthonormal columns, κ = 1; α = %g, μ = %g; %d trials with seeds %d to %d, each of which "+
		"draws X, the measurements and U_0 anew. A run succeeds where its relative test error ‖UUᵀ − XXᵀ‖_F/‖XXᵀ‖_F falls below %g "+
		"within %d iterations; a divergence is a failure. Cross: half of the runs succeed, interpolated. Dashed: m = n(n+1)/2, from where on "+
		"any symmetric matrix is determined.",
		s.N, s.Alpha, s.Step, s.Trials, s.Seed, s.Seed+uint64(s.Trials)-1, s.Threshold, s.Iterations)
	m.draw("Small random initialization: success against measurements and rank", caption, rows...)
}

func (s *samplesTables) field(multiple int) *figure.Axes {
	at := s.cells.at(shareColumn(multiple))
	values := make([][]float64, len(s.Ranks)) // row by row from the bottom: r_*
	for i := range s.Ranks {
		for j := range s.Counts {
			values[i] = append(values[i], s.cells.Rows[i*len(s.Counts)+j][at])
		}
	}
	edges := func(first, second, last float64) (float64, float64) {
		half := math.Sqrt(second / first)
		return first / half, last * half
	}
	f := &figure.Field{Values: values, Min: 0, Max: 1}
	f.X0, f.X1 = edges(s.Counts[0], s.Counts[1], s.Counts[len(s.Counts)-1])
	f.Y0, f.Y1 = edges(float64(s.Ranks[0]), float64(s.Ranks[1]), float64(s.Ranks[len(s.Ranks)-1]))
	a := &figure.Axes{
		Title: "r = " + times(multiple, "r_{*}"), XLabel: "m/(n·r_{*})", YLabel: "rank r_{*}", LogX: true, LogY: true, Field: f,
		XMin: &f.X0, XMax: &f.X1, YMin: &f.Y0, YMax: &f.Y1,
	}
	half := s.halves.line("half of the runs succeed", halfColumn(multiple), "r_star", 3)
	half.Marker = figure.Cross
	a.Lines = append(a.Lines, half)
	if l := s.halves.line("m = n(n+1)/2", "determined", "r_star", 3); slices.Min(l.X) < f.X1 {
		l.Dash = figure.Dashed
		a.Lines = append(a.Lines, l)
	}
	return a
}

func (s *samplesTables) curves(multiple int, column, label string) *figure.Axes {
	a := &figure.Axes{XLabel: label, YLabel: "share of successful runs", LogX: true}
	x, share := s.cells.column(column), s.cells.column(shareColumn(multiple))
	for i, rank := range s.Ranks {
		from, to := i*len(s.Counts), (i+1)*len(s.Counts)
		a.Lines = append(a.Lines, figure.Line{
			Name: fmt.Sprintf("r_{*} = %d", rank), X: x[from:to], Y: share[from:to],
			Color: sensingColors[i%len(sensingColors)], Marker: sensingMarkers[i%len(sensingMarkers)],
		})
	}
	return a
}
