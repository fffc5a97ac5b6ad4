package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// Line is a curve. It breaks where a coordinate is not finite, or not positive
// on a logarithmic axis.
type Line struct {
	Name  string // in the legend; empty for none
	X, Y  []float64
	Color int // index into the palette, which wraps round
	// Shade, where it is not 0, is the place in (0, 1] of a colour on the ramp
	// instead: for many lines in an order, more than the palette tells apart.
	Shade float64
	Dash  Dash
	Width float64 // points; 0 for the default

	// Low and High are the ends of an error bar at each point; both nil, or as
	// long as X. There is no bar where one is NaN.
	Low, High []float64

	Marker Marker // drawn at each point
	NoLine bool   // markers alone
	Faint  bool   // one run of many: thin and pale, behind the other lines

	HideInLegend bool
}

// ink is the colour of a line.
func (l Line) ink() color.NRGBA {
	if l.Faint {
		return pale(l.hue(), 0.6)
	}
	return l.hue()
}

func (l Line) hue() color.NRGBA {
	if l.Shade > 0 {
		return rampColor(l.Shade)
	}
	return paletteColor(l.Color)
}

// Hue is the colour of a line that is not faint, as #rrggbb.
func (l Line) Hue() string { return hex(l.hue()) }

func (l Line) width() vg.Length {
	switch {
	case l.Width > 0:
		return vg.Length(l.Width)
	case l.Faint:
		return faintWidth
	}
	return lineWidth
}

func (l Line) hasBars() bool { return len(l.Low) > 0 && len(l.High) > 0 }
