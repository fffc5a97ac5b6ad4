package figure

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

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

// innermost is the canvas that the drawing areas of gonum/plot wrap.
func innermost(c vg.Canvas) vg.Canvas {
	for {
		switch area := c.(type) {
		case *draw.Canvas:
			c = area.Canvas
		case draw.Canvas:
			c = area.Canvas
		default:
			return c
		}
	}
}
