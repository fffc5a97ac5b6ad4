package figure

import (
	"fmt"
	"html"
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// svgCanvas keeps a line of text in one element, so that its parts follow one
// another, and its middle or end stays in place, in any font.
type svgCanvas struct {
	*vgsvg.Canvas
	lines []string // what stands for the n-th empty text
}

func (c *svgCanvas) fillLine(s string, sty text.Style, base, width vg.Length) {
	anchor := "start"
	switch sty.XAlign {
	case text.XCenter:
		anchor = "middle"
	case text.XRight:
		anchor = "end"
	}
	var b strings.Builder
	fmt.Fprintf(&b, ` text-anchor="%s" textLength="%g" lengthAdjust="spacingAndGlyphs">`, anchor, round(width))
	last := vg.Length(0)
	for _, r := range runs(s) {
		face, shift := scriptFace(sty.Font, r.level)
		fmt.Fprintf(&b, `<tspan dy="%g" font-size="%gpx">%s</tspan>`,
			round(last-shift), round(face.Font.Size), html.EscapeString(r.text))
		last = shift
	}
	b.WriteString("</text>")
	c.lines = append(c.lines, b.String())
	face := fonts.Lookup(sty.Font, sty.Font.Size)
	c.FillString(face, vg.Point{Y: base}, "")
}

func round(v vg.Length) float64 { return math.Round(v.Points()*100) / 100 }
