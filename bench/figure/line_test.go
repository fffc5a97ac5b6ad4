package figure

import (
	"strings"
	"testing"
)

// TestShade: a line of an ordered family has the colour of the ramp, in the picture
// as in what other pages are told.
func TestShade(t *testing.T) {
	l := Line{X: []float64{0, 1}, Y: []float64{0, 1}, Shade: 0.5}
	if got := l.Hue(); got != Ramp(0.5) || got == Color(0) {
		t.Errorf("the colour is %s; expected %s", got, Ramp(0.5))
	}
	if l.Shade = 0; l.Hue() != Color(0) {
		t.Errorf("without a shade the colour is %s; expected %s", l.Hue(), Color(0))
	}
	for _, shade := range []float64{-0.1, 1.1} {
		l.Shade = shade
		if err := (Axes{Lines: []Line{l}}).check(); err == nil || !strings.Contains(err.Error(), "not between 0 and 1") {
			t.Errorf("shade %g: %v", shade, err)
		}
	}
}
