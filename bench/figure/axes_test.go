package figure

import (
	"image/color"
	"math"
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

func TestMarkLabelsKeepClear(t *testing.T) {
	frame := square()
	p := vg.Point{X: 50, Y: 50}
	var taken []vg.Rectangle
	line := [][]vg.Point{{{X: 0, Y: 100}, {X: 50, Y: 50}, {X: 100, Y: 100}}}
	for range 3 {
		box := placeLabel(frame, p, "b", boldStyle(labelSize), line, taken)
		if cost := coverage(frame, box, line, taken); cost > 0 {
			t.Errorf("label %d covers something: %g", len(taken), cost)
		}
		taken = append(taken, box)
	}
	corner := placeLabel(frame, vg.Point{X: 100, Y: 100}, "b", boldStyle(labelSize), nil, nil)
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
	tier, n := a.tiers(frame, x)
	if n != 2 || tier[0] != 0 || tier[1] != 1 || tier[2] != 0 {
		t.Errorf("rows %v of %d", tier, n)
	}
}
