package figure

import (
	"slices"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

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

func (h script) Box(s string, f font.Font) (width, height, depth vg.Length) {
	for _, r := range runs(s) {
		face, _ := scriptFace(f, r.level)
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
		face, shift := scriptFace(sty.Font, r.level)
		c.FillString(face, vg.Point{X: x, Y: base + shift}, r.text)
		x += face.Width(r.text)
	}
}

// bold is WeightBold of golang.org/x/image/font.
const bold = 3

// textStyle is regular text, left-aligned above its baseline.
func textStyle(size vg.Length) text.Style {
	return text.Style{
		Color:   ink,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		Handler: script{},
	}
}

func boldStyle(size vg.Length) text.Style {
	s := textStyle(size)
	s.Font.Weight = bold
	return s
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
