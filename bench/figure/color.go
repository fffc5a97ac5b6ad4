package figure

import (
	"image/color"
	"math"
)

var (
	ink       = color.Gray{0x1a}
	paper     = color.Gray{0xff}
	gridInk   = color.Gray{0xe4}
	guideInk  = color.Gray{0x80} // guides
	undefined = color.Gray{0xd0} // cells without a value
	markRed   = color.NRGBA{0xd0, 0x10, 0x20, 0xff}
)

// palette is that of Okabe and Ito without its yellow, which white paper
// swallows. Neighbours differ in lightness.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x00, 0x9e, 0x73, 0xff}, // bluish green
	{0x56, 0xb4, 0xe9, 0xff}, // sky blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermillion
	{0x00, 0x00, 0x00, 0xff}, // black
	{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
}

// paletteColor wraps round.
func paletteColor(i int) color.NRGBA {
	n := len(palette)
	return palette[(i%n+n)%n]
}

// pale mixes a colour with so much white.
func pale(c color.NRGBA, white float64) color.NRGBA {
	mix := func(v uint8) uint8 { return uint8(float64(v)*(1-white) + 0xff*white + 0.5) }
	return color.NRGBA{mix(c.R), mix(c.G), mix(c.B), 0xff}
}

// ramp is viridis at even steps; its lightness only grows.
var ramp = []color.NRGBA{
	{0x44, 0x01, 0x54, 0xff},
	{0x48, 0x24, 0x75, 0xff},
	{0x41, 0x44, 0x87, 0xff},
	{0x35, 0x5f, 0x8d, 0xff},
	{0x2a, 0x78, 0x8e, 0xff},
	{0x21, 0x91, 0x8c, 0xff},
	{0x22, 0xa8, 0x84, 0xff},
	{0x44, 0xbf, 0x70, 0xff},
	{0x7a, 0xd1, 0x51, 0xff},
	{0xbd, 0xdf, 0x26, 0xff},
	{0xfd, 0xe7, 0x25, 0xff},
}

// rampColor interpolates the ramp at t, which is clamped to [0, 1].
func rampColor(t float64) color.NRGBA {
	t = min(max(t, 0), 1) * float64(len(ramp)-1)
	i := min(int(t), len(ramp)-2)
	f := t - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(float64(a)*(1-f) + float64(b)*f + 0.5) }
	a, b := ramp[i], ramp[i+1]
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

// contrast picks black or white, whichever stands out more.
func contrast(c color.NRGBA) color.Color {
	if contrastRatio(luminance(c), 0) >= contrastRatio(luminance(c), 1) {
		return color.Gray{0}
	}
	return color.Gray{0xff}
}

// luminance and contrastRatio are those of the guidelines for accessible web
// content.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func contrastRatio(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
