package figure

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

// drawn is what f draws, as text.
func drawn(f func(draw.Canvas)) string {
	var r recorder.Canvas
	f(draw.NewCanvas(&r, 100, 100))
	var b strings.Builder
	for _, a := range r.Actions {
		b.WriteString(a.Call() + "\n")
	}
	return b.String()
}

func TestMarkersDiffer(t *testing.T) {
	seen := map[string]Marker{}
	for m := None; m.known(); m++ {
		got := drawn(func(c draw.Canvas) { m.draw(c, ink, vg.Point{X: 50, Y: 50}, lineMarker, 0) })
		if (got == "") != (m == None) {
			t.Errorf("marker %d draws %q", m, got)
		}
		if other, ok := seen[got]; ok {
			t.Errorf("markers %d and %d look alike", m, other)
		}
		seen[got] = m
	}
	if len(seen) != 8 {
		t.Errorf("%d markers", len(seen))
	}
}

func TestMarkersOfPoints(t *testing.T) {
	zero, one := 0.0, 1.0
	a := Axes{XMin: &zero, XMax: &one, YMin: &zero, YMax: &one}
	l := Line{X: []float64{0, 0.5, 1, 3, nan}, Y: []float64{0, 0.5, 1, 0.5, 0.5}, Marker: Dot, NoLine: true}
	x, y := a.axes()
	got := drawn(func(c draw.Canvas) { l.draw(c, x, y) })
	if n := strings.Count(got, "Fill("); n != 3 || strings.Contains(got, "Stroke(") {
		t.Errorf("%d markers, want 3:\n%s", n, got)
	}
	l.NoLine = false
	if got := drawn(func(c draw.Canvas) { l.draw(c, x, y) }); !strings.Contains(got, "Stroke(") {
		t.Error("the line is missing")
	}
}

func TestMarkersInOnePlaceAreOne(t *testing.T) {
	var points []vg.Point
	for i := range 100000 {
		points = append(points, vg.Point{X: vg.Length(math.Sin(float64(i))), Y: 1})
	}
	if got := apart(points); len(got) > 5 || len(got) < 4 || got[0] != points[0] {
		t.Errorf("%d markers are left", len(got))
	}
}

func TestErrorBars(t *testing.T) {
	lo, hi := 0.1, 10.0
	a := Axes{LogY: true, YMin: &lo, YMax: &hi}
	for name, c := range map[string]struct {
		low, high float64
		strokes   int // the bar and its ends
	}{
		"whole":      {0.5, 2, 3},
		"no length":  {1, 1, 3},
		"to zero":    {0, 2, 2},
		"negative":   {-1, 2, 2},
		"cut":        {0.01, 100, 1},
		"to ∞":       {1, inf, 2},
		"no low":     {nan, 2, 0},
		"no high":    {1, nan, 0},
		"below":      {-2, -1, 0},
		"above":      {20, 30, 0},
		"everything": {-inf, inf, 1},
	} {
		l := Line{X: []float64{1}, Y: []float64{1}, Low: []float64{c.low}, High: []float64{c.high}}
		x, y := a.axes()
		got := drawn(func(c draw.Canvas) { l.drawBars(c, x, y) })
		if n := strings.Count(got, "Stroke("); n != c.strokes {
			t.Errorf("%s: %d strokes, want %d", name, n, c.strokes)
		}
	}
}

func TestBands(t *testing.T) {
	lo, hi := 1.0, 101.0
	for name, c := range map[string]struct {
		log    bool
		b      Band
		x0, x1 float64 // −1 for none
	}{
		"within":   {false, Band{X0: 11, X1: 51}, 10, 50},
		"to ∞":     {false, Band{X0: 51, X1: inf}, 50, 100},
		"from −∞":  {false, Band{X0: -inf, X1: 51}, 0, 50},
		"cut":      {false, Band{X0: -5, X1: 500}, 0, 100},
		"outside":  {false, Band{X0: 200, X1: 500}, -1, 0},
		"no width": {false, Band{X0: 5, X1: 5}, -1, 0},
		"log":      {true, Band{X0: 0, X1: inf}, 0, 100},
		"log left": {true, Band{X0: -1, X1: 0}, -1, 0},
	} {
		x, _ := Axes{LogX: c.log, XMin: &lo, XMax: &hi}.axes()
		got := drawn(func(canvas draw.Canvas) { c.b.draw(canvas, x) })
		want := ""
		if c.x0 >= 0 {
			want = drawn(func(canvas draw.Canvas) {
				fillRect(canvas, c.b.ink(), vg.Length(c.x0), 0, vg.Length(c.x1), 100)
			})
		}
		if got != want {
			t.Errorf("%s: %s want %s", name, got, want)
		}
	}
}

func TestLegendSamples(t *testing.T) {
	seen := map[string]string{}
	for name, e := range map[string]entry{
		"line":       {},
		"dashed":     {line: Line{Dash: Dashed}},
		"faint":      {line: Line{Faint: true}},
		"marker":     {line: Line{Marker: Square}},
		"alone":      {line: Line{Marker: Square, NoLine: true}},
		"error bars": {line: Line{X: []float64{1}, Low: []float64{1}, High: []float64{1}}},
		"band":       {band: &Band{}},
	} {
		got := drawn(func(c draw.Canvas) { e.drawSample(c, vg.Point{X: 10, Y: 10}) })
		if other, ok := seen[got]; ok || got == "" {
			t.Errorf("%s and %s have the same sample", name, other)
		}
		seen[got] = name
		if name == "band" && !strings.Contains(got, "Fill(") {
			t.Error("the sample of a band is not filled")
		}
	}
}

func TestMarkShapes(t *testing.T) {
	for m := None; m.known(); m++ {
		a := curve([]float64{0, 1}, []float64{0, 1})
		a.Marks = []Mark{{X: 0.5, Y: 0.5, Label: "a", Shape: m, Color: 4}}
		svg := string(mustSVG(t, onePanel(a)))
		if red := strings.Contains(svg, "#D01020"); red != (m == None) {
			t.Errorf("shape %d is red: %v", m, red)
		}
		if shaped := strings.Contains(svg, strings.ToUpper(Color(4))); shaped != (m != None) {
			t.Errorf("shape %d has its colour: %v", m, shaped)
		}
	}
}
