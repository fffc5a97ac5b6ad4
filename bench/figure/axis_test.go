package figure

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func labels(a axis, length float64) (out []string, total int) {
	ticks := a.ticks(fitAlong(vgLength(length), textStyle(tickSize)))
	for _, t := range ticks {
		if t.label != "" {
			out = append(out, t.label)
		}
	}
	return out, len(ticks)
}

func TestTickLabels(t *testing.T) {
	for name, c := range map[string]struct {
		a    axis
		want []string
	}{
		"plain":     {axis{lo: 0, hi: 1}, []string{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		"negative":  {axis{lo: -2, hi: 2}, []string{"−2", "−1", "0", "1", "2"}},
		"thousands": {axis{lo: 0, hi: 2000}, []string{"0", "500", "1000", "1500", "2000"}},
		"large":     {axis{lo: 0, hi: 3e7}, []string{"0", "1×10^{7}", "2×10^{7}", "3×10^{7}"}},
		"small":     {axis{lo: 0, hi: 2e-7}, []string{"0", "0.5×10^{−7}", "1.0×10^{−7}", "1.5×10^{−7}", "2.0×10^{−7}"}},
		"decades":   {axis{log: true, lo: -6, hi: 0}, []string{"10^{−6}", "10^{−5}", "10^{−4}", "10^{−3}", "10^{−2}", "10^{−1}", "10^{0}"}},
		"many":      {axis{log: true, lo: -300, hi: 0}, []string{"10^{−300}", "10^{−200}", "10^{−100}", "10^{0}"}},
		"deep":      {axis{log: true, lo: -30, hi: 0}, []string{"10^{−30}", "10^{−25}", "10^{−20}", "10^{−15}", "10^{−10}", "10^{−5}", "10^{0}"}},
		"short":     {axis{log: true, lo: -0.2, hi: 1.2}, []string{"10^{0}", "10^{1}"}},
		"within":    {axis{log: true, lo: math.Log10(1.5), hi: math.Log10(6)}, []string{"2×10^{0}", "3×10^{0}", "5×10^{0}"}},
		"narrow":    {axis{log: true, lo: math.Log10(3.1), hi: math.Log10(3.9)}, []string{"3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := labels(c.a, 210)
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestTicksAreFew(t *testing.T) {
	for _, log := range []bool{false, true} {
		for _, r := range []span{{1e-300, 1}, {1e-300, 1e300}, {1e-5, 1e4}, {1, 2}, {1, 1.0001}, {5e-324, math.MaxFloat64}, {1, 1e12}} {
			a := newAxis(log, nil, nil, r, 0.05)
			for _, length := range []float64{30, 100, 500} {
				got, total := labels(a, length)
				if total > 120 || len(got) > 13 || len(got) == 0 {
					t.Errorf("log %v, %v on %g points: %d ticks, labels %v", log, r, length, total, got)
				}
			}
		}
	}
}

func TestLogAxesHaveTwoLabels(t *testing.T) {
	for size := 1e-3; size < 60; size *= 1.7 {
		for lo := -31.0; lo < 3; lo += 0.83 {
			a := axis{log: true, lo: lo, hi: lo + size}
			for _, length := range []float64{70, 150, 400} {
				for name, fit := range map[string]func([]tick) bool{
					"x": fitAlong(vgLength(length), textStyle(tickSize)),
					"y": fitUpwards(vgLength(length), textStyle(tickSize)),
				} {
					if n := labelled(a.ticks(fit)); n < 2 || n > 30 {
						t.Errorf("%s from %.3f to %.3f on %g points: %d labels", name, a.lo, a.hi, length, n)
					}
				}
			}
		}
	}
}

func TestTicksStayWithinTheFrame(t *testing.T) {
	for _, log := range []bool{false, true} {
		for _, r := range []span{{0.3, 7}, {1e-12, 0.1}, {12345, 12346}, {0.1, 0.3}} {
			a := newAxis(log, nil, nil, r, 0)
			for _, ticks := range a.candidates() {
				for _, tick := range ticks {
					if tick.at < -1e-6 || tick.at > 1+1e-6 {
						t.Errorf("log %v, %v: a tick at %g", log, r, tick.at)
					}
				}
			}
		}
	}
}

func TestPlace(t *testing.T) {
	log := axis{log: true, lo: -4, hi: 0}
	for _, v := range []float64{0, -1, nan, inf, -inf} {
		if _, ok := log.place(v); ok {
			t.Errorf("%g has a place on a logarithmic axis", v)
		}
	}
	if at, ok := log.place(1e-2); !ok || math.Abs(at-0.5) > 1e-12 {
		t.Errorf("0.01 is at %g", at)
	}
	wide := axis{lo: -math.MaxFloat64, hi: math.MaxFloat64}
	if at, ok := wide.place(0); !ok || at != 0.5 {
		t.Errorf("0 is at %g", at)
	}
}

func TestFixedLimitsHold(t *testing.T) {
	lo, hi := 10.0, -10.0
	if a := newAxis(false, &lo, nil, span{0, 5}, 0.05); a.lo != 10 || a.hi <= 10 {
		t.Errorf("limits %g and %g", a.lo, a.hi)
	}
	if a := newAxis(false, nil, &hi, span{0, 5}, 0.05); a.hi != -10 || a.lo >= -10 {
		t.Errorf("limits %g and %g", a.lo, a.hi)
	}
}

func TestLabelsAreReadable(t *testing.T) {
	for _, a := range []axis{{lo: -1e-9, hi: 3e11}, {log: true, lo: -300, hi: 300}} {
		got, _ := labels(a, 300)
		if missing := MissingGlyphs(strings.Join(got, " ")); missing != nil {
			t.Errorf("no glyphs for %q", missing)
		}
	}
}
