package figure

import (
	"regexp"
	"testing"
)

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"10^{-6} or 10⁻⁶": "10⁻⁶ or 10⁻⁶",
		"XXᵀ, X^{T}":      "XXᵀ, Xᵀ",
		"‖A‖_F":           "‖A‖_F",
		"σ_{max}":         "σₘₐₓ",
		"σ_{big}":         "σ_big",
		"σ_{n}":           "σₙ",
		"Σ_r":             "Σᵣ",
		"x^{a/b}":         "x^(a/b)",
		"x^{*}":           "x^*",
		"u_iᵀx_j":         "uᵢᵀxⱼ",
		"n_iter":          "n_iter",
		"a\x00b":          "a b",
		"":                "",
	} {
		if got := PlainText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestHTML(t *testing.T) {
	for in, want := range map[string]string{
		"a < b & \"c\"": "a &lt; b &amp; &#34;c&#34;",
		"10⁻⁶":          "10<sup>−6</sup>",
		"‖A‖_F":         "‖A‖<sub>F</sub>",
		"x^{<b>}":       "x<sup>&lt;b&gt;</sup>",
		"\xff\x1b":      "\ufffd ",
	} {
		if got := HTML(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestColorsForPages(t *testing.T) {
	form := regexp.MustCompile(`^#[0-9a-f]{6}$`)
	for i := -10; i < 20; i++ {
		if got := Color(i); !form.MatchString(got) || got != Color(i+len(palette)) {
			t.Errorf("colour %d is %q", i, got)
		}
	}
	for _, v := range []float64{-inf, -1, 0, 0.3, 1, 7, inf, nan} {
		if got := Ramp(v); !form.MatchString(got) {
			t.Errorf("the ramp is %q at %g", got, v)
		}
	}
	if Color(0) != "#0072b2" || Ramp(0) != "#440154" || Ramp(1) != "#fde725" || Ramp(nan) != "#d0d0d0" {
		t.Error("the colours are not those of the figures")
	}
}
