// Package figure lays panels out on a page and draws them with gonum/plot as
// SVG and PNG. It knows nothing of what is plotted: a caller fills in curves,
// matrices and text, and gets the bytes of a file back. The same page always
// gives the same bytes.
//
// It may import the standard library and gonum.org/v1/plot, and nothing of
// this module. Start reading at page.go, then axes.go and heatmap.go. A new kind of
// panel is a file beside heatmap.go with a type that implements [Panel]; style.go,
// color.go and lines.go hold what all share.
//
// # The page
//
//	Page ── title
//	  Row ── Cell Cell Cell          widths go by weight
//	  Row ── Cell Cell               plotting areas of a row share top and bottom
//	  caption, wrapped
//
// Axes are drawn from the back to the front: bands, grid, field, guides, faint
// lines, lines with their error bars and markers, marks. A field and a heat map
// of many cells are one image in the SVG.
//
// # Text
//
// Text is set in Liberation Sans. A raised or lowered character of Unicode is
// drawn as a smaller ordinary one, so that 10⁻⁶, σ₁² and XXᵀ look alike
// whether or not the font has their glyphs. Markup does the same for any
// text: X^{T}, σ_{max}, and for a single sign after a single letter or a
// symbol also Σ_r and ‖A‖_F. Names such as run_1 or n_iter are left as they
// are.
//
// Safe are ASCII, Latin with accents, Greek with ϑ ϕ ϖ ϱ ϵ, and
//
//	‖ ∥ | − ± × · ⋅ ∕ ÷ √ ∂ Σ ∑ ∏ ∫ ∞ ≈ ≠ ≡ ≤ ≥ ∼ ∩ → ← ↑ ↓ ↔ ⇔ ′ ″ ° † ‡ • … – — ℓ ½ ¼
//	⁰¹²³⁴⁵⁶⁷⁸⁹ ⁺ ⁻ ⁼ ⁽ ⁾ ᵀ ⊤ ⁿ ⁱ and the raised small letters but q
//	₀₁₂₃₄₅₆₇₈₉ ₊ ₋ ₌ ₍ ₎ ₐ ₑ ₕ ᵢ ⱼ ₖ ₗ ₘ ₙ ₒ ₚ ᵣ ₛ ₜ ᵤ ᵥ ₓ
//
// Not in the font are ∇ ∈ ∉ ∀ ∃ ∅ ⊂ ⊆ ∪ ∝ ≪ ≫ ≃ ∓ ⊗ ⊕ ∘ ∗ ⟨ ⟩ ⌈ ⌉ ⌊ ⌋ ⇒ ℝ ℕ ℤ;
// [MissingGlyphs] names them for any text, and tests of all figures ask it. [PlainText]
// and [HTML] write a label elsewhere, and [Color] and [Ramp] are the colours, for pages
// of another make.
package figure
