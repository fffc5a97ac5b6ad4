package figure

import (
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

func square() draw.Canvas { return draw.NewCanvas(new(recorder.Canvas), 100, 100) }

func TestAwkwardData(t *testing.T) {
	for name, l := range map[string]Line{
		"empty":         {},
		"single point":  {X: []float64{3}, Y: []float64{4}},
		"constant":      {X: []float64{1, 2, 3}, Y: []float64{5, 5, 5}},
		"zeros":         {X: []float64{0, 0, 0}, Y: []float64{0, 0, 0}},
		"negative":      {X: []float64{-1, -2}, Y: []float64{-1, -2}},
		"all NaN":       {X: []float64{nan, nan}, Y: []float64{nan, nan}},
		"gaps":          {X: []float64{1, 2, 3, 4, 5}, Y: []float64{1, nan, inf, -inf, 2}},
		"zero between":  {X: []float64{1, 2, 3}, Y: []float64{1, 0, 1e-8}},
		"600 decades":   {X: []float64{1, 2}, Y: []float64{1e-300, 1e300}},
		"extremes":      {X: []float64{-math.MaxFloat64, math.MaxFloat64}, Y: []float64{5e-324, math.MaxFloat64}},
		"smallest":      {X: []float64{0, 5e-324}, Y: []float64{5e-324, 1e-323}},
		"nearly equal":  {X: []float64{1, 2}, Y: []float64{1, 1 + 1e-15}},
		"narrow":        {X: []float64{3.1, 3.9}, Y: []float64{3.1, 3.9}},
		"far from zero": {X: []float64{1e15, 1e15 + 1e8}, Y: []float64{-1e15, -1e15 + 1e8}},
		"thin range":    {X: []float64{1, 1 + 3e-8}, Y: []float64{1e300, 1e300 * (1 + 3e-8)}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, log := range []struct{ x, y bool }{{}, {y: true}, {x: true}, {x: true, y: true}} {
				l.Name = name
				a := Axes{Title: name, LogX: log.x, LogY: log.y, Lines: []Line{l}}
				a.Horizontals = []Horizontal{{0, "zero"}, {inf, "no"}, {1, "one"}}
				a.Bands = []Band{{-inf, 0, "left", 1}, {2, inf, "right", 2}}
				a.Lines = append(a.Lines, Line{Name: "bars", X: l.X, Y: l.Y, Low: l.Y, High: l.Y, Marker: Square})
				if len(l.X) > 0 {
					a.Marks = []Mark{{X: l.X[0], Y: l.Y[0], Label: "a"}}
					a.Verticals = []Vertical{{l.X[0], "start"}}
				}
				p := onePanel(a)
				p.Width = 8
				if log.y && !log.x {
					mustPNG(t, p)
				}
				svg := string(mustSVG(t, p))
				for _, bad := range []string{"NaN", "Inf", "e+"} {
					if strings.Contains(strings.ReplaceAll(svg, name, ""), bad) {
						t.Errorf("log %v: the SVG holds %s", log, bad)
					}
				}
				if n := strings.Count(svg, "<path"); n > 400 {
					t.Errorf("log %v: %d strokes", log, n)
				}
			}
		})
	}
}

func TestLinesBreak(t *testing.T) {
	frame := square()
	l := Line{X: []float64{1, 2, 3, 4, 5, 6, 7}, Y: []float64{1, 2, 0, 3, nan, 4, 5}}
	a := Axes{LogY: true, Lines: []Line{l}}
	x, y := a.axes()
	var got []int
	for _, p := range pieces(frame, x, y, l) {
		got = append(got, len(p))
	}
	if len(got) != 3 || got[0] != 2 || got[1] != 1 || got[2] != 2 {
		t.Errorf("pieces of %v points, want 2, 1 and 2", got)
	}
	linear := Axes{Lines: []Line{l}}
	x, y = linear.axes()
	if got := pieces(frame, x, y, l); len(got) != 2 {
		t.Errorf("%d pieces on a linear axis, want 2", len(got))
	}
}

func TestPointsThatCannotBeDrawnSetNoLimit(t *testing.T) {
	a := Axes{LogY: true, Lines: []Line{{X: []float64{1, 2, 1e9}, Y: []float64{1, 10, -1}}}}
	if x, _ := a.axes(); x.hi > 3 {
		t.Errorf("the x axis reaches to %g", x.hi)
	}
}

func TestThinKeepsSpikes(t *testing.T) {
	var line []vg.Point
	for i := range 100000 {
		line = append(line, vg.Point{X: vg.Length(i) / 1000, Y: vg.Length(i%7) / 7})
	}
	line[54321].Y, line[77777].Y = 50, -50
	got := thin(line, finest)
	if len(got) > 4*401 {
		t.Errorf("%d points are left", len(got))
	}
	high, low := false, false
	for i, p := range got {
		high, low = high || p.Y == 50, low || p.Y == -50
		if i > 0 && p.X < got[i-1].X {
			t.Fatal("the order of the points changed")
		}
	}
	if !high || !low || got[0] != line[0] || got[len(got)-1] != line[len(line)-1] {
		t.Error("a spike or an end is lost")
	}
}

func TestLegendLeavesOut(t *testing.T) {
	l := newLegend([]Line{{Name: "a"}, {}, {Name: "b", HideInLegend: true}, {Name: "c"}}, nil, 300)
	if len(l.entries) != 2 || l.entries[1].name != "c" {
		t.Errorf("the legend holds %v", l.names)
	}
	if newLegend([]Line{{}}, nil, 300).height() != 0 {
		t.Error("an empty legend takes room")
	}
}

func TestLegendNamesOnce(t *testing.T) {
	lines := []Line{{Name: "a", Faint: true}, {Name: "a"}, {Name: "a", Color: 3}, {Name: "b", Faint: true}, {Name: "b", Faint: true}}
	bands := []Band{{Name: "c"}, {}, {Name: "c", Color: 1}, {Name: "a"}}
	var got []string
	for _, e := range entries(lines, bands) {
		got = append(got, e.name)
		if e.band == nil && e.line.Faint != (e.name == "b") {
			t.Errorf("the entry of %s is faint: %v", e.name, e.line.Faint)
		}
	}
	if want := []string{"a", "b", "c", "a"}; !slices.Equal(got, want) {
		t.Errorf("entries %v, want %v", got, want)
	}
}

func TestLegendWrapsIntoRows(t *testing.T) {
	var lines []Line
	for i := range 9 {
		lines = append(lines, Line{Name: strings.Repeat("m", 1+i%3*4) + string(rune('a'+i))})
	}
	for _, w := range []vg.Length{60, 200, 400, 2000} {
		l := newLegend(lines, []Band{{Name: "a band"}}, w)
		if l.width() > w {
			t.Errorf("%g points: the legend is %g wide", w, l.width())
		}
		rows := (len(l.entries) + len(l.widths) - 1) / len(l.widths)
		if l.height() < vg.Length(rows)*legendSize {
			t.Errorf("%g points: %d rows in %g points of height", w, rows, l.height())
		}
		if (rows == 1) != (w == 2000) {
			t.Errorf("%g points: %d rows", w, rows)
		}
	}
}

func TestLimitsHoldEverything(t *testing.T) {
	a := Axes{
		Lines:       []Line{{X: []float64{1, 2}, Y: []float64{1, 2}, Low: []float64{-3, nan}, High: []float64{1, nan}}},
		Bands:       []Band{{X0: -4, X1: 0}, {X0: 3, X1: inf}},
		Horizontals: []Horizontal{{Y: 7}, {Y: nan}},
	}
	x, y := a.axes()
	if x.lo > -4 || x.hi < 3 || x.hi > 4 || y.lo > -3 || y.hi < 7 || y.hi > 8 {
		t.Errorf("limits %v and %v", x, y)
	}
	a = Axes{Field: &Field{X0: 1, X1: 2, Y0: 3, Y1: 5, Values: [][]float64{{1}}}}
	if x, y := a.axes(); x.lo != 1 || x.hi != 2 || y.lo != 3 || y.hi != 5 {
		t.Errorf("with a field the limits are %v and %v", x, y)
	}
}

func TestFaintLinesLieBehind(t *testing.T) {
	a := Axes{Lines: []Line{
		{X: []float64{0, 1}, Y: []float64{0, 1}},
		{X: []float64{0, 1}, Y: []float64{1, 0}, Color: 1, Faint: true},
	}}
	svg := string(mustSVG(t, onePanel(a)))
	front := strings.Index(svg, "stroke:"+strings.ToUpper(Color(0)))
	back := strings.Index(svg, "stroke:"+strings.ToUpper(hex(a.Lines[1].ink())))
	if front < 0 || back < 0 || back > front {
		t.Errorf("the faint line is at %d, the other at %d", back, front)
	}
}

func TestSquareUnits(t *testing.T) {
	for name, a := range map[string]Axes{
		"wide":  curve([]float64{0, 4}, []float64{0, 3}),
		"high":  curve([]float64{0, 1}, []float64{0, 2}),
		"flat":  curve([]float64{0, 5}, []float64{2, 2}),
		"field": {Field: &Field{X0: -2, X1: 2, Y0: 0, Y1: 1, Values: [][]float64{{1}}}, XLabel: "x", YLabel: "y"},
	} {
		a.Square = true
		r, err := a.arrange(draw.NewCanvas(new(recorder.Canvas), 300, 200))
		if err != nil {
			t.Fatal(err)
		}
		w, h := r.frame.Max.X-r.frame.Min.X, r.frame.Max.Y-r.frame.Min.Y
		if got, want := float64(w/h), r.x.size()/r.y.size(); math.Abs(got-want) > 1e-6*want {
			t.Errorf("%s: the frame is %.1f × %.1f for %g × %g units", name, w, h, r.x.size(), r.y.size())
		}
		if w > 300 || h > 200 || max(w/300, h/200) < 0.7 {
			t.Errorf("%s: the frame of %.1f × %.1f does not fill its room", name, w, h)
		}
	}
}

func TestHorizontalLabelsKeepClear(t *testing.T) {
	frame := square()
	sty := verticalStyle()
	var taken []vg.Rectangle
	for range 3 {
		box := placeAbove(frame, 50, "lab", sty, nil, taken)
		if cost := coverage(frame, box, nil, taken); cost > 0 {
			t.Errorf("label %d covers something: %g", len(taken), cost)
		}
		if len(taken) == 0 && (box.Max.X < 90 || box.Min.Y < 50) {
			t.Errorf("a free label stands at %v", box)
		}
		taken = append(taken, box)
	}
	if box := placeAbove(frame, 98, "lab", sty, nil, nil); box.Max.Y > 98 {
		t.Error("the label of a line at the top leaves the frame")
	}
}

func TestMarkLabelsKeepClear(t *testing.T) {
	frame := square()
	p := vg.Point{X: 50, Y: 50}
	var taken []vg.Rectangle
	line := [][]vg.Point{{{X: 0, Y: 100}, {X: 50, Y: 50}, {X: 100, Y: 100}}}
	for range 3 {
		box := placeLabel(frame, p, "b", boldStyle(labelSize), line, taken, nil)
		if cost := coverage(frame, box, line, taken); cost > 0 {
			t.Errorf("label %d covers something: %g", len(taken), cost)
		}
		taken = append(taken, box)
	}
	corner := placeLabel(frame, vg.Point{X: 100, Y: 100}, "b", boldStyle(labelSize), nil, nil, nil)
	if corner.Max.X > 100 || corner.Max.Y > 100 {
		t.Error("the label in the corner leaves the frame")
	}
}

func TestMarksAreRedAndOnTop(t *testing.T) {
	a := curve([]float64{0, 1}, []float64{0, 1})
	a.Marks = []Mark{{X: 0.5, Y: 0.5, Label: "a"}, {X: 7, Y: nan, Label: "no"}}
	svg := string(mustSVG(t, onePanel(a)))
	r, g, b, _ := color.Color(markRed).RGBA()
	if r <= 2*g || r <= 2*b {
		t.Error("marks are not red")
	}
	dot, line := strings.LastIndex(svg, "#D01020"), strings.Index(svg, "stroke:#0072B2")
	if line < 0 || dot < line {
		t.Error("the mark is not drawn after the line")
	}
	if strings.Contains(svg, ">no<") {
		t.Error("a mark without a place has a label")
	}
}

func TestVerticalLabelsShareNoRow(t *testing.T) {
	frame := square()
	one := 1.0
	zero := 0.0
	a := Axes{XMin: &zero, XMax: &one, Verticals: []Vertical{{0.4, "label"}, {0.5, "label"}, {0.9, "l"}, {5, "out"}}}
	x, _ := a.axes()
	tier, n := tiers(a.Verticals, frame, x)
	if n != 2 || tier[0] != 0 || tier[1] != 1 || tier[2] != 0 {
		t.Errorf("rows %v of %d", tier, n)
	}
}

// TestLegendJoinsMarkers: sparse markers and the curve of their name are one entry.
func TestLegendJoinsMarkers(t *testing.T) {
	curve, dots := Line{Name: "a", Width: 2}, Line{Name: "a", Marker: Square, NoLine: true}
	for _, lines := range [][]Line{{curve, dots}, {dots, curve}} {
		got := entries(lines, nil)
		if len(got) != 1 || got[0].line.Marker != Square || got[0].line.NoLine || got[0].line.Width != 2 {
			t.Errorf("%+v", got)
		}
	}
}
