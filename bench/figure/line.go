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
		return pale(paletteColor(l.Color), 0.6)
	}
	return paletteColor(l.Color)
}

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
