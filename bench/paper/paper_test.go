package paper

import (
	"context"
	"math"
	"slices"
	"testing"

	"lowrank/bench/figure"
	"lowrank/blas"
	_ "lowrank/blas/backends"
)

// made makes a figure with a configuration of type C changed by set, and checks
// what holds for every figure.
func made[C any](t *testing.T, f Figure, quick bool, set func(*C)) *Report {
	t.Helper()
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := f.Run(context.Background(), Request{Backend: b, Quick: quick, Configure: func(config any) error {
		if set != nil {
			set(config.(*C))
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, rep)
	return rep
}

// checkReport: everything drawn stands in a table, texts have glyphs, lines of
// the configuration have names and comments are known.
func checkReport(t *testing.T, rep *Report) {
	t.Helper()
	texts := rep.Page.Title + rep.Page.Caption
	for _, row := range rep.Page.Rows {
		for _, cell := range row.Cells {
			a, ok := cell.Panel.(*figure.Axes)
			if !ok {
				continue
			}
			texts += a.Title + a.XLabel + a.YLabel
			if a.XLabel == "" || a.YLabel == "" {
				t.Errorf("%s: an axis of %q has no name", rep.Figure, a.Title)
			}
			for _, l := range a.Lines {
				texts += l.Name
				if l.Name == "" {
					t.Errorf("%s: a line in %q has no name", rep.Figure, a.Title)
				}
				for _, ends := range [][]float64{l.Low, l.High} {
					if ends != nil && !drawnFrom(rep.Tables, figure.Line{X: l.X, Y: ends}) {
						t.Errorf("%s: the error bars of %q are in no table", rep.Figure, l.Name)
					}
				}
				if !drawnFrom(rep.Tables, l) {
					t.Errorf("%s: line %q in %q is in no table", rep.Figure, l.Name, a.Title)
				}
			}
		}
	}
	if g := figure.MissingGlyphs(texts); len(g) > 0 {
		t.Errorf("%s: the font lacks %q", rep.Figure, g)
	}
	for _, p := range rep.parameters() {
		if p.Name == "" {
			t.Errorf("%s: a parameter has no name", rep.Figure)
		}
	}
	if len(rep.Tables) == 0 || len(rep.Verdicts) == 0 || rep.Cost.Iterations > 0 && rep.Cost.Time <= 0 {
		t.Errorf("%s: %d tables, %d verdicts, %v", rep.Figure, len(rep.Tables), len(rep.Verdicts), rep.Cost.Time)
	}
	if _, err := rep.Page.SVG(); err != nil {
		t.Error(err)
	}
}

// drawnFrom tells whether the points of a line are rows of two columns of a
// table, in their order.
func drawnFrom(tables []*Table, l figure.Line) bool {
	if len(l.X) == 0 {
		return true
	}
	for _, t := range tables {
		for _, x := range t.Columns {
			for _, y := range t.Columns {
				xs, ys := t.column(x), t.column(y)
				at := 0
				for i := range xs {
					if at < len(l.X) && xs[i] == l.X[at] && (ys[i] == l.Y[at] || math.IsNaN(ys[i]) && math.IsNaN(l.Y[at])) {
						at++
					}
				}
				if at == len(l.X) {
					return true
				}
			}
		}
	}
	return false
}

// forged is a copy of a table with a column changed.
func forged(t *Table, column string, f func(v float64) float64) *Table {
	out := &Table{Name: t.Name, Columns: t.Columns}
	c := t.at(column)
	for _, row := range t.Rows {
		row = slices.Clone(row)
		row[c] = f(row[c])
		out.Rows = append(out.Rows, row)
	}
	return out
}

// TestCheck: the configuration of every figure is looked at before anything
// else, and refused in one sentence that names the figure.
func TestCheck(t *testing.T) {
	for _, f := range Figures() {
		if err := f.Check(Request{}); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if f.defaults(false) == nil || f.defaults(true) == nil {
			t.Errorf("%s has no configuration", f.Name)
		}
	}
}
