package figure

import (
	"slices"
	"strings"
	"unicode"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var fonts = font.NewCache(liberation.Collection())

// Raised and lowered text: its size over that of the text around it, and the
// shifts of its baseline in the same unit.
const (
	scriptScale = 0.74
	raise       = 0.36
	lower       = -0.15
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

// MissingGlyphs returns the characters of s for which the PNG would show a
// box, each once and in order.
func MissingGlyphs(s string) []rune {
	face := fonts.Lookup(textStyle(labelSize).Font, labelSize).Face
	var out []rune
	for _, run := range runs(s) {
		for _, r := range run.text {
			if i, err := face.GlyphIndex(nil, r); (err != nil || i == 0) && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// script is a text handler of gonum/plot that raises and lowers.
type script struct{}

var _ text.Handler = script{}

func (script) Cache() *font.Cache { return fonts }

func (script) Extents(f font.Font) font.Extents {
	face := fonts.Lookup(f, f.Size)
	return face.Extents()
}

// Lines takes text as one line; breaking it is the work of wrap.
func (script) Lines(s string) []string { return []string{s} }

func (script) face(f font.Font, level int) (font.Face, vg.Length) {
	switch {
	case level > 0:
		return fonts.Lookup(f, f.Size*scriptScale), f.Size * raise
	case level < 0:
		return fonts.Lookup(f, f.Size*scriptScale), f.Size * lower
	}
	return fonts.Lookup(f, f.Size), 0
}

func (h script) Box(s string, f font.Font) (width, height, depth vg.Length) {
	for _, r := range runs(s) {
		face, _ := h.face(f, r.level)
		width += face.Width(r.text)
	}
	e := h.Extents(f)
	return width, e.Ascent, e.Descent
}

func (h script) Draw(c vg.Canvas, s string, sty text.Style, pt vg.Point) {
	if strings.TrimSpace(s) == "" {
		return
	}
	width, ascent, descent := h.Box(s, sty.Font)
	c.Push()
	defer c.Pop()
	c.Translate(pt)
	if sty.Rotation != 0 {
		c.Rotate(sty.Rotation)
	}
	c.SetColor(sty.Color)
	base := descent + (ascent+descent)*vg.Length(sty.YAlign)
	if svg, ok := innermost(c).(*svgCanvas); ok {
		svg.fillLine(s, sty, base, width)
		return
	}
	x := width * vg.Length(sty.XAlign)
	for _, r := range runs(s) {
		face, shift := h.face(sty.Font, r.level)
		c.FillString(face, vg.Point{X: x, Y: base + shift}, r.text)
		x += face.Width(r.text)
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

// wrap breaks s into lines no wider than width, between words where it can.
func wrap(s string, sty text.Style, width vg.Length) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		lines = append(lines, wrapParagraph(paragraph, sty, width)...)
	}
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines
}

func wrapParagraph(s string, sty text.Style, width vg.Length) []string {
	if sty.Width(s) <= width {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && sty.Width(line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; sty.Width(line) > width; {
			head := splitWord(line, sty, width)
			lines = append(lines, line[:head])
			line = line[head:]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// splitWord returns how many bytes of a word fit, at least one character.
func splitWord(s string, sty text.Style, width vg.Length) int {
	n := 0
	for i, r := range s {
		end := i + len(string(r))
		if n > 0 && (end >= len(s) || sty.Width(s[:end]) > width) {
			break
		}
		n = end
	}
	return n
}

func lineHeight(sty text.Style) vg.Length { return sty.Font.Size * leading }

// linesHeight is 0 for no lines, else their height and a gap.
func linesHeight(sty text.Style, lines []string, gap vg.Length) vg.Length {
	if len(lines) == 0 {
		return 0
	}
	return vg.Length(len(lines))*lineHeight(sty) + gap
}

// fillLines draws lines downwards from the height top. They keep the
// horizontal alignment of the style at x, but stay within the canvas.
func fillLines(c draw.Canvas, sty text.Style, lines []string, x, top vg.Length) {
	sty.YAlign = text.YCenter
	for i, line := range lines {
		w := sty.Width(line)
		left := x + w*vg.Length(sty.XAlign)
		left = max(min(left, c.Max.X-w), c.Min.X)
		at := vg.Point{X: left - w*vg.Length(sty.XAlign), Y: top - (vg.Length(i)+0.5)*lineHeight(sty)}
		c.FillText(sty, at, line)
	}
}

// fillSideways draws lines that read upwards, the first at the left, centred
// on the height y.
func fillSideways(c draw.Canvas, sty text.Style, lines []string, left, y vg.Length) {
	sty.Rotation = quarterTurn
	sty.XAlign, sty.YAlign = text.XCenter, text.YCenter
	for i, line := range lines {
		half := sty.Width(line) / 2
		at := max(min(y, c.Max.Y-half), c.Min.Y+half)
		c.FillText(sty, vg.Point{X: left + (vg.Length(i)+0.5)*lineHeight(sty), Y: at}, line)
	}
}
