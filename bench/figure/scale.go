package figure

import (
	"fmt"
	"image/color"
	"math"
)

// scale gives values their colours.
type scale struct {
	axis
	grey bool
}

// newScale takes equal limits from the values, and a range around a constant.
func newScale(values [][]float64, lo, hi float64, log, grey bool) scale {
	s := noSpan()
	if lo < hi {
		s = span{lo, hi}
	} else {
		for _, row := range values {
			for _, v := range row {
				if drawable(v, log) {
					s.add(v)
				}
			}
		}
	}
	if lo < hi && !log {
		return scale{axis{lo: lo, hi: hi}, grey}
	}
	return scale{newAxis(log, nil, nil, s, 0), grey}
}

// limits are values, also of a logarithmic scale.
func (s scale) limits() (lo, hi float64) {
	if s.log {
		return math.Pow(10, s.lo), math.Pow(10, s.hi)
	}
	return s.lo, s.hi
}

// fraction is where a value stands on the scale, or −1 if it has no colour.
func (s scale) fraction(v float64) float64 {
	t, ok := s.place(v)
	if !ok {
		return -1
	}
	return min(max(t, 0), 1)
}

// tint is the colour of a fraction.
func (s scale) tint(t float64) color.NRGBA {
	switch {
	case !(t >= 0) && s.grey: // no grey, which would be a value
		return color.NRGBA{0xe8, 0x9c, 0x9c, 0xff}
	case !(t >= 0):
		return color.NRGBA{undefined.Y, undefined.Y, undefined.Y, 0xff}
	case s.grey:
		y := uint8(t*0xff + 0.5)
		return color.NRGBA{y, y, y, 0xff}
	}
	return rampColor(t)
}

func (s scale) color(v float64) color.NRGBA { return s.tint(s.fraction(v)) }

func checkScale(name string, lo, hi float64, log bool) error {
	if !finite(lo) || !finite(hi) || lo > hi || log && lo < hi && lo <= 0 {
		kind := "scale"
		if log {
			kind = "logarithmic scale"
		}
		return fmt.Errorf("the %s cannot have a %s from %g to %g", name, kind, lo, hi)
	}
	return nil
}
