package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of text, in points.
const (
	pageTitleSize = 13
	titleSize     = 10.5
	labelSize     = 10
	tickSize      = 9
	legendSize    = 9.5
	captionSize   = 9.5
	cellSize      = 9 // values in the cells of a heat map
	smallestSize  = 8
)

// Sizes of strokes and gaps, in points.
const (
	leading     = 1.25 // line spacing over text size
	lineWidth   = 1.5
	faintWidth  = 0.75
	frameWidth  = 0.75
	tickLength  = 3.5
	minorLength = 2
	textGap     = 4
	markRadius  = 3.4
)

// Dash tells lines apart where colour cannot.
type Dash int

// The dashes.
const (
	Solid Dash = iota
	Dashed
	Dotted
)

var dashes = [...][]vg.Length{
	Solid:  nil,
	Dashed: {6, 3},
	Dotted: {1.5, 2.5},
}

func stroke(c color.Color, width vg.Length, dash Dash) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: width, Dashes: dashes[dash]}
}

func fillRect(c draw.Canvas, fill color.Color, x0, y0, x1, y1 vg.Length) {
	c.FillPolygon(fill, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
}

func outline(c draw.Canvas, sty draw.LineStyle) {
	var p vg.Path
	p.Move(c.Min)
	p.Line(vg.Point{X: c.Max.X, Y: c.Min.Y})
	p.Line(c.Max)
	p.Line(vg.Point{X: c.Min.X, Y: c.Max.Y})
	p.Close()
	c.SetLineStyle(sty)
	c.Stroke(p)
}
