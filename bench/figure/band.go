package figure

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Band shades the stretch from X0 to X1 of the x axis. X1 = +Inf reaches the
// right end of the frame; what cannot be drawn on a logarithmic axis, its left
// end. A field hides the bands.
type Band struct {
	X0, X1 float64
	Name   string // in the legend; empty for none
	Color  int    // index into the palette
}

func (b Band) check() error {
	if !(b.X0 <= b.X1) {
		return fmt.Errorf("cannot reach from %g to %g", b.X0, b.X1)
	}
	return nil
}

func (b Band) ink() color.NRGBA { return pale(paletteColor(b.Color), 0.8) }

func (b Band) draw(frame draw.Canvas, x axis) {
	within := func(t float64) vg.Length { return frame.X(min(max(t, 0), 1)) }
	if x0, x1 := within(x.end(b.X0)), within(x.end(b.X1)); x0 < x1 {
		fillRect(frame, b.ink(), x0, frame.Min.Y, x1, frame.Max.Y)
	}
}
