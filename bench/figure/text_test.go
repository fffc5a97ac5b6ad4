package figure

import (
	"slices"
	"strings"
	"testing"
)

func TestRuns(t *testing.T) {
	for in, want := range map[string][]run{
		"10⁻⁶":        {{"10", 0}, {"−6", 1}},
		"XXᵀ":         {{"XX", 0}, {"T", 1}},
		"X^{-1}":      {{"X", 0}, {"-1", 1}},
		"‖A‖_F":       {{"‖A‖", 0}, {"F", -1}},
		"Σ_r − 1":     {{"Σ", 0}, {"r", -1}, {" − 1", 0}},
		"ησ_r":        {{"ησ", 0}, {"r", -1}},
		"u_iᵀx_j":     {{"u", 0}, {"i", -1}, {"T", 1}, {"x", 0}, {"j", -1}},
		"σ₁²(u₁)":     {{"σ", 0}, {"1", -1}, {"2", 1}, {"(u", 0}, {"1", -1}, {")", 0}},
		"σ_{max,₁}":   {{"σ", 0}, {"max,1", -1}},
		"run_1":       {{"run_1", 0}},
		"n_iter":      {{"n_iter", 0}},
		"a_b_c":       {{"a_b_c", 0}},
		"_x x_ _ ^":   {{"_x x_ _ ^", 0}},
		"x_{open":     {{"x_{open", 0}},
		"a\tb\x00c":   {{"a b c", 0}},
		"bad \xff":    {{"bad \ufffd", 0}},
		"a ∼ b∥c":     {{"a ~ b‖c", 0}},
		"":            nil,
		"plain words": {{"plain words", 0}},
	} {
		if got := runs(in); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func TestDocumentedGlyphs(t *testing.T) {
	const safe = `‖ ∥ | − ± × · ⋅ ∕ ÷ √ ∂ Σ ∑ ∏ ∫ ∞ ≈ ≠ ≡ ≤ ≥ ∼ ∩ → ← ↑ ↓ ↔ ⇔ ′ ″ ° † ‡ • … – — ℓ ½ ¼
		⁰¹²³⁴⁵⁶⁷⁸⁹ ⁺ ⁻ ⁼ ⁽ ⁾ ᵀ ⊤ ⁿ ⁱ ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ
		₀₁₂₃₄₅₆₇₈₉ ₊ ₋ ₌ ₍ ₎ ₐ ₑ ₕ ᵢ ⱼ ₖ ₗ ₘ ₙ ₒ ₚ ᵣ ₛ ₜ ᵤ ᵥ ₓ
		αβγδεζηθικλμνξοπρςστυφχψωϑϕϖϱϵ ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ äöüßéñçøåŁő`
	if got := MissingGlyphs(safe); got != nil {
		t.Errorf("the font lacks %q", got)
	}
	for _, r := range "∇∈∉∀∃∅⊂⊆∪∝≪≫≃∓⊗⊕∘∗⟨⟩⌈⌉⌊⌋⇒ℝℕℤ" {
		if got := MissingGlyphs(string(r) + string(r)); len(got) != 1 || got[0] != r {
			t.Errorf("%q is said to be missing, but got %q", r, got)
		}
	}
}

func TestTestsUseGlyphsOfTheFont(t *testing.T) {
	p := demonstration()
	texts := []string{p.Title, p.Caption}
	for _, row := range p.Rows {
		for _, c := range row.Cells {
			switch v := c.Panel.(type) {
			case Axes:
				texts = append(texts, v.Title, v.XLabel, v.YLabel)
				for _, l := range v.Lines {
					texts = append(texts, l.Name)
				}
				for _, h := range v.Horizontals {
					texts = append(texts, h.Label)
				}
			case HeatMap:
				texts = append(texts, v.Title, v.XLabel, v.YLabel)
				texts = append(texts, v.ColNames...)
			case ColorBar:
				texts = append(texts, v.Label)
			}
		}
	}
	if got := MissingGlyphs(strings.Join(texts, " ")); got != nil {
		t.Errorf("the font lacks %q", got)
	}
}

func TestWrap(t *testing.T) {
	sty := textStyle(captionSize)
	const s = "Several words, a superscript 10⁻⁶, and aVeryLongWordThatFitsNowhereAtAll in a caption."
	for _, width := range []vgLength{1, 30, 60, 100} {
		lines := wrap(s, sty, width)
		for _, line := range lines {
			if sty.Width(line) > width && len([]rune(line)) > 1 {
				t.Errorf("%q is wider than %g", line, width)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(lines, "")) != squeeze(s) {
			t.Errorf("text was lost: %q", lines)
		}
	}
	if got := wrap("a\nb", sty, 100); len(got) != 2 {
		t.Errorf("paragraphs are not kept: %q", got)
	}
	if len(wrap(" \n ", sty, 100)) != 0 || len(wrap("", sty, 100)) != 0 {
		t.Error("no text makes lines")
	}
	if got := wrap("a  t = 0", sty, 100); len(got) != 1 || got[0] != "a  t = 0" {
		t.Errorf("spaces are lost: %q", got)
	}
}
