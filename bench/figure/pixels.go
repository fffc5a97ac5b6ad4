package figure

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
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

// picture has a pixel for each value, the first row at the top. It holds as
// many shades as a byte can number.
func (s scale) picture(values [][]float64) *image.Paletted {
	const shades = 255
	colors := color.Palette{s.tint(-1)}
	for i := range shades {
		colors = append(colors, s.tint(float64(i)/(shades-1)))
	}
	m := image.NewPaletted(image.Rect(0, 0, len(values[0]), len(values)), colors)
	for i, row := range values {
		for j, v := range row {
			if t := s.fraction(v); t >= 0 {
				m.SetColorIndex(j, i, uint8(1+t*(shades-1)+0.5))
			}
		}
	}
	return m
}

// drawPixels draws a picture with sharp edges between its pixels, which a
// canvas of pixels would blur.
func drawPixels(c draw.Canvas, r vg.Rectangle, m image.Image) {
	canvas, ok := innermost(c).(*vgimg.Canvas)
	if !ok {
		c.DrawImage(r, m)
		return
	}
	to, from, dots := canvas.Image(), m.Bounds(), canvas.DPI()
	high := float64(to.Bounds().Dy())
	x0, x1 := r.Min.X.Dots(dots), r.Max.X.Dots(dots)
	y0, y1 := high-r.Max.Y.Dots(dots), high-r.Min.Y.Dots(dots)
	// source is the pixel of the picture under the middle of one of the canvas
	source := func(at int, lo, hi float64, n int) int {
		return min(max(int((float64(at)+0.5-lo)/(hi-lo)*float64(n)), 0), n-1)
	}
	first := func(v float64) int { return int(math.Ceil(v - 0.5)) }
	for y := first(y0); y < first(y1); y++ {
		i := source(y, y0, y1, from.Dy())
		for x := first(x0); x < first(x1); x++ {
			to.Set(x, y, m.At(from.Min.X+source(x, x0, x1, from.Dx()), from.Min.Y+i))
		}
	}
}
