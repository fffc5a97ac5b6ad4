package figure

import (
	"fmt"
	"html"
	"image/color"
	"math"
	"strings"
)

// raised and lowered are the characters of Unicode that stand for the markup
// of single ones.
var (
	raised = pairs(
		"0123456789+−-=()Tabcdefghijklmnoprstuvwxyz",
		"⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵀᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
	lowered = pairs(
		"0123456789+−-=()aehijklmnoprstuvx",
		"₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
)

// PlainText writes a label for places that know no raised and lowered text. It
// uses the characters of Unicode where there are such for the whole of it, and
// otherwise the signs ^ and _.
func PlainText(s string) string {
	var b strings.Builder
	for _, r := range runs(s) {
		switch r.level {
		case +1:
			b.WriteString(plainScript(r.text, raised, "^"))
		case -1:
			b.WriteString(plainScript(r.text, lowered, "_"))
		default:
			b.WriteString(r.text)
		}
	}
	return b.String()
}

func plainScript(s string, script map[rune]rune, sign string) string {
	var b strings.Builder
	word := true
	for _, r := range s {
		word = word && wordly(r)
		if to := script[r]; to != 0 {
			b.WriteRune(to)
		}
	}
	switch n := len([]rune(s)); {
	case len([]rune(b.String())) == n:
		return b.String()
	case n == 1 || word:
		return sign + s
	}
	return sign + "(" + s + ")"
}

// HTML writes a label with the elements sub and sup, and escapes the rest.
func HTML(s string) string {
	var b strings.Builder
	for _, r := range runs(s) {
		t := html.EscapeString(r.text)
		switch r.level {
		case +1:
			t = "<sup>" + t + "</sup>"
		case -1:
			t = "<sub>" + t + "</sub>"
		}
		b.WriteString(t)
	}
	return b.String()
}

// Color returns a colour of the palette, which wraps round, as #rrggbb.
func Color(i int) string { return hex(paletteColor(i)) }

// Ramp returns the colour of the ramp at t, which is clamped to [0, 1], as
// #rrggbb. NaN gives that of a cell without a value.
func Ramp(t float64) string {
	if math.IsNaN(t) {
		return hex(scale{}.tint(t))
	}
	return hex(rampColor(t))
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
