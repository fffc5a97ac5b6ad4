package figure

import (
	"math"
	"strings"
	"testing"
)

// TestTicksAt: the y axis of a field whose rows are r = 2, 4 … 128 labels these, at
// their places, and every second of them where they are close.
func TestTicksAt(t *testing.T) {
	a := axis{log: true, lo: math.Log10(math.Sqrt2), hi: math.Log10(128 * math.Sqrt2)}
	values := []float64{2, 4, 8, 16, 32, 64, 128, 1000}
	for _, c := range []struct {
		length float64
		want   string
	}{{200, "2 4 8 16 32 64 128"}, {70, "2 8 32 128"}, {1, "2"}} {
		ticks := a.ticksAt(values, fitUpwards(vgLength(c.length), textStyle(tickSize)))
		var labels []string
		for i, tick := range ticks {
			if want := (float64(i) + 0.5) / 7; math.Abs(tick.at-want) > 1e-12 {
				t.Errorf("tick %d is at %g; expected %g", i, tick.at, want)
			}
			if tick.label != "" {
				labels = append(labels, tick.label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want || len(ticks) != 7 {
			t.Errorf("length %g: %d ticks with the labels %s; expected 7 with %s", c.length, len(ticks), got, c.want)
		}
	}
	if err := (Axes{LogY: true, YTicks: []float64{0}}).check(); err == nil || !strings.Contains(err.Error(), "the tick 0") {
		t.Errorf("a tick at 0 of a logarithmic axis: %v", err)
	}
	axes := Axes{YTicks: []float64{1.25, 3.5}, Lines: []Line{{X: []float64{0, 1}, Y: []float64{0, 4}}}}
	r, err := axes.arrange(square())
	if err != nil || len(r.yTicks) != 2 || r.yTicks[0].label != "1.25" || r.yTicks[1].label != "3.5" {
		t.Errorf("the ticks of the axes: %v, %v", r.yTicks, err)
	}
}
