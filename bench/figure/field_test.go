package figure

import (
	"bytes"
	"encoding/base64"
	"image/color"
	"image/png"
	"math"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// pictures are the images that an SVG embeds.
func pictures(t *testing.T, svg string) (out [][][]color.NRGBA) {
	t.Helper()
	re := regexp.MustCompile(`<image [^>]*image-rendering:pixelated[^>]*xlink:href="data:image/png;base64,([^"]*)"[^>]*/>`)
	found := re.FindAllStringSubmatch(svg, -1)
	if len(found) != strings.Count(svg, "<image ") {
		t.Fatal("an image of the SVG is not as it should be")
	}
	for _, f := range found {
		b, err := base64.StdEncoding.DecodeString(f[1])
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]color.NRGBA
		for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
			var row []color.NRGBA
			for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
				row = append(row, color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA))
			}
			rows = append(rows, row)
		}
		out = append(out, rows)
	}
	return out
}

func TestFieldIsOneImage(t *testing.T) {
	a := Axes{Field: &Field{X1: 1, Y1: 1, Values: [][]float64{{0, 1, nan}, {1, 1, 0}}, Max: 1}}
	got := pictures(t, string(mustSVG(t, onePanel(a))))
	if len(got) != 1 || len(got[0]) != 2 || len(got[0][0]) != 3 {
		t.Fatalf("%d images", len(got))
	}
	low, high, none := ramp[0], ramp[len(ramp)-1], scale{}.tint(-1)
	want := [][]color.NRGBA{{high, high, low}, {low, high, none}} // row 0 is at the bottom
	for i := range want {
		for j := range want[i] {
			if got[0][i][j] != want[i][j] {
				t.Errorf("pixel %d of row %d is %v, want %v", j, i, got[0][i][j], want[i][j])
			}
		}
	}
}

func TestFieldInPixels(t *testing.T) {
	a := Axes{Field: &Field{X1: 1, Y1: 1, Values: [][]float64{{0, 1}, {1, 1}}, Max: 1}}
	m, err := png.Decode(bytes.NewReader(mustPNG(t, onePanel(a))))
	if err != nil {
		t.Fatal(err)
	}
	size := m.Bounds().Size()
	counts := map[color.NRGBA]int{}
	var left, bottom int
	for y := range size.Y {
		for x := range size.X {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			counts[c]++
			if c == ramp[0] {
				left, bottom = left+x, bottom+y
			}
		}
	}
	low, high := counts[ramp[0]], counts[ramp[len(ramp)-1]]
	if low == 0 || math.Abs(float64(high)/float64(low)-3) > 0.05 {
		t.Fatalf("%d pixels are low and %d high", low, high)
	}
	if left/low > size.X/2 || bottom/low < size.Y/2 {
		t.Error("the first value is not in the lower left corner")
	}
}

func TestManyCellsStaySmall(t *testing.T) {
	for name, p := range map[string]Panel{
		"field":    Axes{Field: &Field{X1: 1, Y1: 1, Values: bowl(200), Log: true}},
		"heat map": HeatMap{Values: bowl(200)},
		"image":    HeatMap{Values: bowl(28), Grey: true},
	} {
		svg := string(mustSVG(t, onePanel(p)))
		if len(svg) > 80000 || len(pictures(t, svg)) != 1 {
			t.Errorf("%s: %d bytes and %d images", name, len(svg), strings.Count(svg, "<image "))
		}
	}
	few := string(mustSVG(t, onePanel(HeatMap{Values: bowl(5)})))
	if strings.Contains(few, "<image ") {
		t.Error("few cells are an image")
	}
}

func TestStretches(t *testing.T) {
	for name, c := range map[string]struct {
		n      int
		lo, hi float64
		want   []stretch
	}{
		"whole":  {4, 0, 1, []stretch{{0, 4, 0, 1}}},
		"inside": {4, 0.25, 0.75, []stretch{{0, 4, 0.25, 0.75}}},
		"beyond": {4, 2, 3, nil},
		"below":  {4, -2, -1, nil},
		"edges":  {4, -1, 1, []stretch{{2, 4, 0, 1}}},
		"cut":    {4, -0.75, 1.25, []stretch{{1, 2, 0, 0.251}, {3, 4, 0.749, 1}, {2, 3, 0.25, 0.75}}},
		"one":    {1, -1, 2, []stretch{{0, 1, 0, 1}}},
	} {
		got := stretches(c.n, c.lo, c.hi)
		same := len(got) == len(c.want)
		for i := 0; same && i < len(got); i++ {
			g, w := got[i], c.want[i]
			same = g.first == w.first && g.end == w.end && math.Abs(g.lo-w.lo)+math.Abs(g.hi-w.hi) < 1e-9
		}
		if !same {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestContoursOfACircle(t *testing.T) {
	const n = 50
	f := Field{}
	for i := range n {
		var row []float64
		for j := range n {
			row = append(row, math.Hypot(float64(i)+0.5-n/2, float64(j)+0.5-n/2))
		}
		f.Values = append(f.Values, row)
	}
	lines := newLattice(f.Values, f.Log).contour(15)
	if len(lines) != 1 || lines[0][0] != lines[0][len(lines[0])-1] {
		t.Fatalf("%d lines, or an open one", len(lines))
	}
	for _, p := range lines[0] {
		if r := math.Hypot(float64(p.X)-n/2, float64(p.Y)-n/2); math.Abs(r-15) > 0.05 {
			t.Fatalf("a point of the contour has the radius %g", r)
		}
	}
	if got := newLattice(f.Values, f.Log).contour(30); len(got) != 4 { // the corners
		t.Errorf("%d lines round the corners, want 4", len(got))
	}
	if got := newLattice(f.Values, f.Log).contour(1000); got != nil {
		t.Errorf("a level that is nowhere has %d lines", len(got))
	}
}

func TestContoursOfOddFields(t *testing.T) {
	for name, c := range map[string]struct {
		f     Field
		level float64
		lines int
	}{
		"step":         {Field{Values: [][]float64{{0, 2}, {0, 2}}}, 1, 1},
		"saddle":       {Field{Values: [][]float64{{0, 2}, {2, 0}}}, 1, 2},
		"peak":         {Field{Values: [][]float64{{0, 0, 0}, {0, 2, 0}, {0, 0, 0}}}, 1, 1},
		"NaN":          {Field{Values: [][]float64{{nan, nan}, {nan, nan}}}, 1, 0},
		"one cell":     {Field{Values: [][]float64{{1}}}, 1, 0},
		"extremes":     {Field{Values: [][]float64{{-math.MaxFloat64, math.MaxFloat64}}}, 0, 1},
		"log":          {Field{Values: [][]float64{{1, 100}}, Log: true}, 10, 1},
		"log negative": {Field{Values: [][]float64{{-1, 100}}, Log: true}, 10, 0},
	} {
		lines := newLattice(c.f.Values, c.f.Log).contour(c.level)
		if len(lines) != c.lines {
			t.Errorf("%s: %d lines, want %d", name, len(lines), c.lines)
		}
		for _, p := range lines {
			for _, q := range p {
				if !finite(float64(q.X)) || !finite(float64(q.Y)) {
					t.Errorf("%s: a point at %v", name, q)
				}
			}
		}
	}
	f := Field{Values: [][]float64{{1, 100}}, Log: true}
	if got := newLattice(f.Values, f.Log).contour(10)[0][0].X; math.Abs(float64(got)-1) > 1e-9 {
		t.Errorf("halfway between two powers of ten is at %g", got)
	}
}

func TestScales(t *testing.T) {
	values := [][]float64{{1e-4, 1, 0, -3, nan, inf}}
	s := newScale(values, 0, 0, true, false)
	if lo, hi := s.limits(); math.Abs(lo-1e-4) > 1e-12 || hi != 1 {
		t.Errorf("the scale is %g to %g", lo, hi)
	}
	for v, want := range map[float64]float64{1e-2: 0.5, 1e-9: 0, 5: 1, 0: -1, -3: -1, inf: -1} {
		if got := s.fraction(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("%g is at %g, want %g", v, got, want)
		}
	}
	grey := newScale(nil, 0, 1, false, true)
	for v, want := range map[float64]uint8{0: 0, 1: 0xff, 0.5: 0x80, -2: 0} {
		if got := grey.color(v); got != (color.NRGBA{want, want, want, 0xff}) {
			t.Errorf("%g is %v", v, got)
		}
	}
	if c := grey.color(nan); c.R == c.G {
		t.Error("what has no value looks like a grey one")
	}
}

func TestFieldBeyondTheLimits(t *testing.T) {
	a := Axes{LogX: true, Field: &Field{X0: 1e-3, X1: 10, Y0: -1, Y1: 1, Values: bowl(9), Levels: []float64{1}}}
	lo, hi := 2e-3, 5.0
	a.XMin, a.XMax = &lo, &hi
	svg := string(mustSVG(t, onePanel(a)))
	if n := len(pictures(t, svg)); n != 3 {
		t.Errorf("%d images, want the whole cells and those cut off on either side", n)
	}
	a.XMin, a.XMax, a.LogX = nil, nil, false
	x, _ := a.axes()
	if at, ok := x.within(10); !ok || vg.Length(at) != 1 {
		t.Errorf("the end of the field is at %g", at)
	}
}

func TestHeatMapLabels(t *testing.T) {
	m := HeatMap{Values: bowl(3), XLabel: "columns", YLabel: "rows"}
	svg := string(mustSVG(t, onePanel(m)))
	for _, label := range []string{">columns<", ">rows<"} {
		if !strings.Contains(svg, label) {
			t.Errorf("%s is missing", label)
		}
	}
	_, with := m.edges(200)
	width := m.namesWidth()
	m.XLabel, m.YLabel = "", ""
	if _, without := m.edges(200); without >= with || m.namesWidth() >= width {
		t.Error("the labels take no room")
	}
}

func TestLogValuesHaveTheirOwnDigits(t *testing.T) {
	m := HeatMap{Values: [][]float64{{123, 0.00123}}, Log: true, ShowValues: true}
	if f, _ := m.format(100); f == nil || f(0.00123) != "0.0012" || f(1e-12) != "1e−12" {
		t.Error("a small value is printed without its digits")
	}
}
