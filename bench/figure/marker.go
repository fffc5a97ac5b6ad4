package figure

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Marker is a shape drawn at a point.
type Marker int

// The markers. Circle and OpenSquare are open.
const (
	None Marker = iota
	Dot
	Circle
	Square
	OpenSquare
	Triangle
	Diamond
	Cross
)

const (
	lineMarker  = 2.9 // radius of the markers of a line
	markerWidth = 1.1 // of the strokes of a marker
)

func (m Marker) known() bool { return m >= None && m <= Cross }

func (m Marker) open() bool { return m == Circle || m == OpenSquare }

// outline is the shape round a point. All shapes look about equally large.
func (m Marker) outline(at vg.Point, r vg.Length) (p vg.Path) {
	polygon := func(corners ...vg.Point) {
		for i, c := range corners {
			c = at.Add(c.Scale(r))
			if i == 0 {
				p.Move(c)
			} else {
				p.Line(c)
			}
		}
		p.Close()
	}
	switch m {
	case Dot, Circle:
		p.Move(vg.Point{X: at.X + r, Y: at.Y})
		p.Arc(at, r, 0, 2*math.Pi)
		p.Close()
	case Square, OpenSquare:
		const s = 0.88
		polygon(vg.Point{X: -s, Y: -s}, vg.Point{X: s, Y: -s}, vg.Point{X: s, Y: s}, vg.Point{X: -s, Y: s})
	case Triangle:
		polygon(vg.Point{X: -1.1, Y: -0.75}, vg.Point{X: 1.1, Y: -0.75}, vg.Point{X: 0, Y: 1.2})
	case Diamond:
		polygon(vg.Point{X: -1.2}, vg.Point{Y: -1.2}, vg.Point{X: 1.2}, vg.Point{Y: 1.2})
	case Cross:
		d := 0.85 * r
		p.Move(vg.Point{X: at.X - d, Y: at.Y - d})
		p.Line(vg.Point{X: at.X + d, Y: at.Y + d})
		p.Move(vg.Point{X: at.X - d, Y: at.Y + d})
		p.Line(vg.Point{X: at.X + d, Y: at.Y - d})
	}
	return p
}

// draw leaves open shapes white, so that no line shows through them. A halo
// is a white edge round the shape.
func (m Marker) draw(c draw.Canvas, ink color.Color, at vg.Point, r, halo vg.Length) {
	if m == None {
		return
	}
	width := vg.Length(markerWidth)
	if m == Cross {
		width *= 1.4
	}
	p := m.outline(at, r)
	if halo > 0 {
		c.SetLineStyle(stroke(paper, width+2*halo, Solid))
		c.Stroke(p)
	}
	switch {
	case m.open():
		c.SetColor(paper)
		c.Fill(p)
	case m != Cross:
		c.SetColor(ink)
		c.Fill(p)
		return
	}
	c.SetLineStyle(stroke(ink, width, Solid))
	c.Stroke(p)
}

// apart drops points that would lie on one kept before, for a line of many
// points has many markers in one place.
func apart(points []vg.Point) (out []vg.Point) {
	const grid = 0.5
	type cell struct{ x, y int }
	seen := map[cell]bool{}
	for _, p := range points {
		at := cell{int(math.Floor(float64(p.X) / grid)), int(math.Floor(float64(p.Y) / grid))}
		if !seen[at] {
			seen[at] = true
			out = append(out, p)
		}
	}
	return out
}
