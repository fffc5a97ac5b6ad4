package figure

import (
	"slices"
	"strings"
	"unicode"
)

// pairs maps the runes of from to those of to, one by one.
func pairs(from, to string) map[rune]rune {
	m := map[rune]rune{}
	target := []rune(to)
	for i, r := range []rune(from) {
		m[r] = target[i]
	}
	return m
}

var (
	superscripts = pairs(
		"⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵀ⊤ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ",
		"0123456789+−=()TTabcdefghijklmnoprstuvwxyz")
	subscripts = pairs(
		"₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ",
		"0123456789+−=()aehijklmnoprstuvx")
	substitutes = pairs("∥⋅∼∕", "‖·~/")
)

// run is text on one baseline: raised (+1), lowered (−1) or neither.
type run struct {
	text  string
	level int
}

// clean drops what neither a font nor XML can hold.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case r == 0xfffe || r == 0xffff:
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

func runs(s string) []run {
	var out []run
	put := func(level int, s string) {
		if n := len(out); n > 0 && out[n-1].level == level {
			out[n-1].text += s
		} else {
			out = append(out, run{s, level})
		}
	}
	in := []rune(clean(s))
	for i := 0; i < len(in); i++ {
		r := in[i]
		if r == '_' || r == '^' {
			if body, n := markup(in, i); n > 0 {
				level := +1
				if r == '_' {
					level = -1
				}
				put(level, strings.Map(plain, body))
				i += n - 1
				continue
			}
		}
		switch {
		case superscripts[r] != 0:
			put(+1, string(superscripts[r]))
		case subscripts[r] != 0:
			put(-1, string(subscripts[r]))
		default:
			put(0, string(plain(r)))
		}
	}
	return out
}

func plain(r rune) rune {
	for _, m := range []map[rune]rune{superscripts, subscripts, substitutes} {
		if to := m[r]; to != 0 {
			return to
		}
	}
	return r
}

// wordly runes make up names; other letters, such as Greek ones, stand alone.
func wordly(r rune) bool {
	return (unicode.Is(unicode.Latin, r) || unicode.IsDigit(r)) && superscripts[r] == 0 && subscripts[r] == 0
}

// markup returns what the sign at in[i] raises or lowers, and how many runes
// the sign and it take. Without braces it is one rune, and only where the
// whole cannot be part of a longer name.
func markup(in []rune, i int) (string, int) {
	at := func(j int) rune {
		if j < 0 || j >= len(in) {
			return ' '
		}
		return in[j]
	}
	if at(i+1) == '{' {
		if n := slices.Index(in[i:], '}'); n > 0 {
			return string(in[i+2 : i+n]), n + 1
		}
		return "", 0
	}
	longer := at(i+1) == '_' || wordly(at(i+2)) || at(i+2) == '_'
	longer = longer || wordly(at(i-1)) && (wordly(at(i-2)) || at(i-2) == '_')
	if longer || unicode.IsSpace(at(i-1)) || !unicode.IsLetter(at(i+1)) && !unicode.IsDigit(at(i+1)) {
		return "", 0
	}
	return string(in[i+1]), 2
}
