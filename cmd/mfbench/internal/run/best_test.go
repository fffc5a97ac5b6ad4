package run

import (
	"math"
	"testing"
)

// TestBest has spectra whose tails are Pythagorean.
func TestBest(t *testing.T) {
	nan := math.NaN()
	for _, scale := range []float64{1, 1e-150, 1e150} {
		norm := 13 * scale // of 12, 4, 3
		values := []float64{12 * scale, 4 * scale, 3 * scale}
		exact := []float64{0, 0, 0}
		for name, c := range map[string]struct{ got, want float64 }{
			"all known":                  {BestOfSpectrum(values, 1), 5.0 / 13},
			"all known, two":             {BestOfSpectrum(values, 2), 3.0 / 13},
			"full rank":                  {BestOfSpectrum(values, 3), 0},
			"more columns":               {BestOfSpectrum(values, 5), 0},
			"a negative one stays":       {BestOfSpectrum([]float64{12 * scale, 3 * scale, -4 * scale}, 3), 4.0 / 13},
			"pairs":                      {BestOfPairs(values[:2], exact, norm, 1), 5.0 / 13},
			"pairs, two":                 {BestOfPairs(values[:2], nil, norm, 2), 3.0 / 13},
			"pairs, negative":            {BestOfPairs([]float64{12 * scale, -3 * scale}, exact, norm, 2), 5.0 / 13},
			"too few":                    {BestOfPairs(values[:1], exact, norm, 2), nan},
			"of rank three":              {BestOfPairs(values, exact, norm, 3), nan}, // 0 to rounding
			"residuals of 1e-6":          {BestOfPairs(values[:2], []float64{1e-6 * scale, 1e-6 * scale}, norm, 2), 3.0 / 13},
			"residuals that tell little": {BestOfPairs(values[:2], []float64{0.1 * scale, 0.1 * scale}, norm, 2), nan},
			"a zero matrix":              {BestOfPairs(exact, exact, 0, 1), nan},
		} {
			if !(math.Abs(c.got-c.want) <= 2e-6) && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
				t.Errorf("%s, scale %g: %g; expected %g", name, scale, c.got, c.want)
			}
		}
	}
	if got := BestOfSquares([]float64{144, 16}, []float64{1e-9, 1e-9}, 13, 2); math.Abs(got-3.0/13) > 1e-9 {
		t.Errorf("of AᵀA: %g", got)
	}
	if got := BestOfSquares([]float64{144, 16}, []float64{1, 1}, 13, 2); got == got {
		t.Errorf("of AᵀA, hardly told: %g", got)
	}
}
