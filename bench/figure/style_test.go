package figure

import (
	"image/color"
	"math"
	"testing"
)

// lightness is L* of CIELAB.
func lightness(c color.NRGBA) float64 {
	y := luminance(c)
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

func TestRampSurvivesGreyPrint(t *testing.T) {
	last := -1.0
	for i := range 101 {
		l := lightness(rampColor(float64(i) / 100))
		if l <= last {
			t.Fatalf("the lightness falls at %d %%", i)
		}
		last = l
	}
	if rampColor(-3) != ramp[0] || rampColor(3) != ramp[len(ramp)-1] {
		t.Error("values beyond the scale do not take the colour of its end")
	}
}

func TestValuesContrastWithTheirCell(t *testing.T) {
	for i := range 101 {
		cell := rampColor(float64(i) / 100)
		r, _, _, _ := contrast(cell).RGBA()
		if ratio := contrastRatio(luminance(cell), float64(r)/0xffff); ratio < 4.5 {
			t.Errorf("at %d %% the contrast is %.1f", i, ratio)
		}
	}
}

func TestPaletteNeighboursDifferInLightness(t *testing.T) {
	for i := range palette {
		if d := math.Abs(lightness(paletteColor(i)) - lightness(paletteColor(i+1))); d < 10 {
			t.Errorf("colours %d and %d differ by %.1f", i, i+1, d)
		}
	}
	if paletteColor(-1) != paletteColor(len(palette)-1) {
		t.Error("the palette does not wrap round")
	}
}
