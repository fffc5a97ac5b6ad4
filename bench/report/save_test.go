package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"lowrank/bench/figure"
)

// TestSaveKeepsEverything: what is read is what was saved.
func TestSaveKeepsEverything(t *testing.T) {
	dir := t.TempDir()
	f := sample("sensing/fig3")
	path, err := Save(dir, f)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "sensing", "fig3.json"); path != want {
		t.Errorf("wrote %s, want %s", path, want)
	}
	want, err := newDocument(f)
	if err != nil {
		t.Fatal(err)
	}
	got, err := load(dir, f.Name)
	if err != nil {
		t.Fatal(err)
	}
	want.Page = figure.Page{}
	a, _ := json.Marshal(want)
	b, _ := json.Marshal(got)
	if !bytes.Equal(a, b) {
		t.Errorf("saved\n%s\nread\n%s", a, b)
	}
	if !reflect.DeepEqual(got.Verdicts, f.Verdicts) || !reflect.DeepEqual(got.Parameters, f.Parameters) {
		t.Error("verdicts or parameters have changed")
	}
}

// TestFileIsForOtherPrograms names what they rely on.
func TestFileIsForOtherPrograms(t *testing.T) {
	dir := t.TempDir()
	mustSave(t, dir, sample("sensing/fig3"))
	b, err := os.ReadFile(filepath.Join(dir, "sensing", "fig3.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, want := range []string{
		`"name":"sensing/fig3"`, `"rows":[[{"weight":2,"type":"axes","title":"Error","xlabel":"iteration t","ylabel":"‖A‖_F","logx":true,"logy":false,"xmin":0.5`,
		`"lines":[{"name":"a","x":0,"y":1,"color":"#`, `"dash":"dashed","width":2`,
		`{"name":"b","x":0,"y":0,"low":0,"high":0,`, `"marker":"cross","noline":true,"faint":true,"unlisted":true`,
		`"verticals":[{"x":1,"label":"t₁"}]`, `"x1":"inf"`, `"type":"heatmap"`, `"values":[[1,"inf"],[null,1e-07]]`, `"grey":true`,
		`"type":"colorbar"`, `"arrays":[[0,1,2,3],[1,null,"inf","-inf"]]`, `"status":"NOTE"`, `"inferred":true`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
}

func TestWhatCannotBeSaved(t *testing.T) {
	one := func(p figure.Panel) func(*Figure) {
		return func(f *Figure) { f.Page.Rows = []figure.Row{{Cells: []figure.Cell{{Panel: p, Weight: 1}}}} }
	}
	for want, change := range map[string]func(*Figure){
		`the figure is called "../x"`:        func(f *Figure) { f.Name = "../x" },
		`the figure is called ""`:            func(f *Figure) { f.Name = "" },
		`the figure is called "/etc/x"`:      func(f *Figure) { f.Name = "/etc/x" },
		`a verdict has the status "MAYBE"`:   func(f *Figure) { f.Verdicts[0].Status = "MAYBE" },
		`2 numbers stand beside 1`:           one(figure.Axes{Lines: []figure.Line{{X: []float64{1}, Y: []float64{1, 2}}}}),
		`error bars have one end only`:       one(figure.Axes{Lines: []figure.Line{{X: []float64{1}, Y: []float64{1}, Low: []float64{1}}}}),
		`the unknown dash 9`:                 one(figure.Axes{Lines: []figure.Line{{Dash: 9}}}),
		`mark 1 has the unknown shape 99`:    one(figure.Axes{Marks: []figure.Mark{{Shape: 99}}}),
		`there are no values`:                one(figure.HeatMap{}),
		`row 2 has 1 values`:                 one(figure.HeatMap{Values: [][]float64{{1, 2}, {1}}}),
		`there are 1 names for 2 columns`:    one(figure.HeatMap{Values: [][]float64{{1, 2}}, ColNames: []string{"a"}}),
		`a <nil> is no panel`:                one(nil),
		`the weight is 0`:                    func(f *Figure) { f.Page.Rows[0].Cells[0].Weight = 0 },
		`row 1, cell 1: field: there are no`: one(figure.Axes{Field: &figure.Field{}}),
	} {
		dir := t.TempDir()
		f := sample("a/b")
		change(f)
		if _, err := Save(dir, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: files are left", want)
		}
	}
}
