package figure

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawLines draws the faint lines behind the others. It returns the strokes,
// which the labels keep clear of.
func drawLines(lines []Line, frame draw.Canvas, x, y axis) (drawn [][]vg.Point) {
	for _, faint := range []bool{true, false} {
		for _, l := range lines {
			if l.Faint == faint {
				drawn = append(drawn, l.draw(frame, x, y)...)
			}
		}
	}
	return drawn
}

func (l Line) draw(frame draw.Canvas, x, y axis) (drawn [][]vg.Point) {
	c, width := l.ink(), l.width()
	drawn = l.drawBars(frame, x, y)
	var points []vg.Point
	for _, piece := range pieces(frame, x, y, l) {
		points = append(points, piece...)
		if l.NoLine {
			continue
		}
		if len(piece) == 1 && l.Marker == None {
			frame.DrawGlyph(draw.GlyphStyle{Color: c, Radius: width, Shape: draw.CircleGlyph{}}, piece[0])
		}
		column := vg.Length(finest)
		if l.Faint {
			column = faintWidth
		}
		clipped := frame.ClipLinesXY(thin(piece, column))
		frame.StrokeLines(stroke(c, width, l.Dash), clipped...)
		drawn = append(drawn, clipped...)
	}
	if l.Marker == None {
		return drawn
	}
	const slack = 0.01 // for points on the frame
	for _, p := range apart(points) {
		if p.X < frame.Min.X-slack || p.X > frame.Max.X+slack || p.Y < frame.Min.Y-slack || p.Y > frame.Max.Y+slack {
			continue
		}
		l.Marker.draw(frame, c, p, lineMarker, 0)
		r := vg.Point{X: lineMarker}
		drawn = append(drawn, []vg.Point{p.Sub(r), p.Add(r)})
	}
	return drawn
}

// pieces are the unbroken stretches of a line.
func pieces(frame draw.Canvas, x, y axis, l Line) (out [][]vg.Point) {
	var piece []vg.Point
	for i := range l.X {
		tx, okX := x.place(l.X[i])
		ty, okY := y.place(l.Y[i])
		if okX && okY {
			piece = append(piece, vg.Point{X: frame.X(tx), Y: frame.Y(ty)})
			continue
		}
		if len(piece) > 0 {
			out = append(out, piece)
		}
		piece = nil
	}
	if len(piece) > 0 {
		out = append(out, piece)
	}
	return out
}

// finest is the width of the columns that show of a line.
const finest = 0.25

// thin keeps of a long line what shows: within each narrow column the first
// point, the lowest, the highest and the last.
func thin(line []vg.Point, column vg.Length) []vg.Point {
	if short := 500 / column; vg.Length(len(line)) <= short {
		return line
	}
	var out []vg.Point
	for first := 0; first < len(line); {
		low, high, last := first, first, first
		at := math.Floor(float64(line[first].X / column))
		for i := first; i < len(line) && math.Floor(float64(line[i].X/column)) == at; i++ {
			if line[i].Y < line[low].Y {
				low = i
			}
			if line[i].Y > line[high].Y {
				high = i
			}
			last = i
		}
		kept := -1
		for _, i := range []int{first, min(low, high), max(low, high), last} {
			if i > kept {
				out = append(out, line[i])
				kept = i
			}
		}
		first = last + 1
	}
	return out
}
