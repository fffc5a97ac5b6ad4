package report

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"lowrank/bench/figure"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

// sample is a figure with every kind of panel.
func sample(name string) *Figure {
	x := []float64{0, 1, 2, 3}
	low := 0.5
	a := &figure.Axes{
		Title: "Error", XLabel: "iteration t", YLabel: "‖A‖_F", LogX: true, XMin: &low,
		Lines: []figure.Line{
			{Name: "a", X: x, Y: []float64{1, nan, inf, -inf}, Color: 1, Dash: figure.Dashed, Width: 2},
			{Name: "b", X: x, Y: x, Low: x, High: x, Marker: figure.Cross, NoLine: true, Faint: true, HideInLegend: true},
		},
		Marks:       []figure.Mark{{X: 1, Y: 2, Label: "m"}, {X: 1, Y: 2, Shape: figure.Diamond, Color: 3}},
		Verticals:   []figure.Vertical{{X: 1, Label: "t₁"}},
		Horizontals: []figure.Horizontal{{Y: 1e-4, Label: "ε"}},
		Bands:       []figure.Band{{X0: 1, X1: inf, Name: "after"}},
		Field:       &figure.Field{X1: 1, Y1: 1, Values: [][]float64{{1, 2}, {nan, 4}}, Levels: []float64{1.5}, Log: true},
	}
	h := figure.HeatMap{Title: "XXᵀ", Values: [][]float64{{1, inf}, {nan, 1e-7}}, RowNames: []string{"u₁", "u₂"}, Max: 1, Grey: true}
	return &Figure{
		Name: name, Title: "Incremental learning", Quick: true, Caption: "d = 4000", Command: "mfbench reproduce " + name,
		Parameters: []Parameter{{Name: "seed", Value: "1", Comment: "inferred: any", Inferred: true}, {Name: "d", Value: "4000"}},
		Verdicts:   []Verdict{{"PASS", "it holds"}, {"FAIL", "it does not"}, {"NOTE", "0.5"}},
		Cost:       "1 s", Machine: "one core", Files: []string{name + ".csv", name + ".svg"},
		Page: figure.Page{Rows: []figure.Row{
			{Cells: []figure.Cell{{Panel: a, Weight: 2}, {Panel: h, Weight: 1}}},
			{Cells: []figure.Cell{{Panel: figure.ColorBar{Min: 1e-3, Max: 1, Log: true, Label: "value"}, Weight: 0.5}}},
		}},
	}
}

func mustSave(t *testing.T, dir string, figures ...*Figure) {
	t.Helper()
	for _, f := range figures {
		if _, err := Save(dir, f); err != nil {
			t.Fatal(err)
		}
	}
}

// mustIndex returns the page of the figures.
func mustIndex(t *testing.T, dir string, names ...string) string {
	t.Helper()
	path, err := WriteIndex(dir, names)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "index.html"); path != want {
		t.Errorf("wrote %s, want %s", path, want)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
