package figure

import (
	"math"
	"strings"
	"testing"
)

func TestRowZeroIsAtTheTop(t *testing.T) {
	svg := string(mustSVG(t, onePanel(HeatMap{Values: [][]float64{{0.25}, {0.75}}, Max: 1, ShowValues: true})))
	first, second := strings.Index(svg, ">0.25<"), strings.Index(svg, ">0.75<")
	if first < 0 || second < 0 {
		t.Fatal("the values are missing")
	}
	var x1, y1, x2, y2 float64
	scanTranslate(t, svg[:first], &x1, &y1)
	scanTranslate(t, svg[:second], &x2, &y2)
	if x1 != x2 || y1 <= y2 { // y grows upwards
		t.Errorf("row 0 at (%g, %g), row 1 at (%g, %g)", x1, y1, x2, y2)
	}
}

func TestHeatMapScale(t *testing.T) {
	for name, c := range map[string]struct {
		m      HeatMap
		lo, hi float64
	}{
		"given":    {HeatMap{Values: [][]float64{{5}}, Min: -1, Max: 1}, -1, 1},
		"values":   {HeatMap{Values: [][]float64{{2, 4, nan, inf}}}, 2, 4},
		"constant": {HeatMap{Values: [][]float64{{2, 2}}}, 1, 3},
		"none":     {HeatMap{Values: [][]float64{{nan}}}, 0, 1},
	} {
		if lo, hi := c.m.scale().limits(); lo != c.lo || hi != c.hi {
			t.Errorf("%s: the scale is %g to %g, want %g to %g", name, lo, hi, c.lo, c.hi)
		}
	}
}

func TestAwkwardHeatMaps(t *testing.T) {
	for name, values := range map[string][][]float64{
		"one cell":  {{1}},
		"undefined": {{nan, inf}, {-inf, 0}},
		"extremes":  {{-math.MaxFloat64, math.MaxFloat64}, {5e-324, 0}},
		"long row":  {make([]float64, mostCells)},
	} {
		svg := string(mustSVG(t, onePanel(HeatMap{Values: values, ShowValues: true, Title: name})))
		if strings.Contains(svg, `="NaN`) || strings.Contains(svg, ",NaN") {
			t.Errorf("%s: a coordinate is NaN", name)
		}
	}
}

func TestSignificant(t *testing.T) {
	for _, c := range []struct {
		largest float64
		digits  int
		v       float64
		want    string
	}{
		{1, 3, 0.98765, "0.99"},
		{1, 3, -1e-17, "0.00"},
		{1, 2, 0.25, "0.2"},
		{0.5, 3, 0.12345, "0.123"},
		{12.3, 3, -12.34, "−12.3"},
		{1000, 3, 999.6, "1000"},
		{2e-5, 3, 1.234e-5, "1.23e−05"},
		{1e6, 2, 123456, "1.2e+05"},
		{1, 3, nan, "NaN"},
		{0, 3, 0, "0.00"},
	} {
		if got := significant(c.largest, c.digits)(c.v); got != c.want {
			t.Errorf("%g of %g at most: %q, want %q", c.v, c.largest, got, c.want)
		}
	}
}

func TestValuesOnlyWhereTheyFit(t *testing.T) {
	m := HeatMap{Values: [][]float64{{0.123}}, Max: 1, ShowValues: true}
	if f, _ := m.format(40); f == nil || f(0.123) != "0.12" {
		t.Error("a wide cell does not show its value")
	}
	if f, sty := m.format(16); f == nil || f(0.123) != "0.1" || sty.Font.Size < smallestSize {
		t.Error("a narrow cell does not show fewer digits")
	}
	if f, _ := m.format(6); f != nil {
		t.Error("a tiny cell shows its value")
	}
}

func TestLongColumnNamesTurn(t *testing.T) {
	m := HeatMap{Values: [][]float64{{1, 2, 3}}, ColNames: []string{"a", "b", "c"}}
	if m.upright(20) {
		t.Error("short names are turned")
	}
	m.ColNames[1] = "long name"
	if !m.upright(20) || m.namesHeight(20) < 30 {
		t.Error("long names overlap")
	}
}
