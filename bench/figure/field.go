package figure

import (
	"errors"
	"fmt"
	"image"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Field is a matrix drawn in colours behind the lines: Values[i][j] fills the
// cell in row i from the bottom and column j of the rectangle. The cells are
// even on the axes, so on a logarithmic one they are even in the logarithm.
// Values without a colour are grey, as in a heat map.
type Field struct {
	X0, X1, Y0, Y1 float64
	Values         [][]float64

	Min, Max float64   // the scale; equal to take it from the values
	Log      bool      // colours by log10 of the values
	Levels   []float64 // of the contour lines; may be empty
}

func (f *Field) check(logX, logY bool) error {
	if err := checkMatrix("field", f.Values); err != nil {
		return err
	}
	for _, side := range []struct {
		name   string
		lo, hi float64
		log    bool
	}{{"x", f.X0, f.X1, logX}, {"y", f.Y0, f.Y1, logY}} {
		if !drawable(side.lo, side.log) || !drawable(side.hi, side.log) || side.lo >= side.hi {
			return fmt.Errorf("the field cannot reach from %g to %g on the %s axis", side.lo, side.hi, side.name)
		}
	}
	if slices.ContainsFunc(f.Levels, func(v float64) bool { return !finite(v) }) {
		return errors.New("a contour line of the field has a level that is not finite")
	}
	return checkScale("field", f.Min, f.Max, f.Log)
}

func (f *Field) draw(frame draw.Canvas, x, y axis) {
	s := newScale(f.Values, f.Min, f.Max, f.Log, false)
	upright := slices.Clone(f.Values)
	slices.Reverse(upright)
	picture := s.picture(upright)

	x0, _ := x.place(f.X0)
	x1, _ := x.place(f.X1)
	y0, _ := y.place(f.Y0)
	y1, _ := y.place(f.Y1)
	rows, cols := len(f.Values), len(f.Values[0])
	for _, v := range stretches(rows, y0, y1) {
		for _, h := range stretches(cols, x0, x1) {
			drawPixels(frame, vg.Rectangle{
				Min: vg.Point{X: frame.X(h.lo), Y: frame.Y(v.lo)},
				Max: vg.Point{X: frame.X(h.hi), Y: frame.Y(v.hi)},
			}, picture.SubImage(image.Rect(h.first, rows-v.end, h.end, rows-v.first)))
		}
	}
	lattice := newLattice(f.Values, f.Log)
	for _, level := range f.Levels {
		t := s.fraction(level)
		if t < 0 {
			continue
		}
		sty := stroke(contrast(s.tint(t)), 0.6, Solid)
		for _, line := range lattice.contour(level) {
			for i, p := range line {
				line[i] = vg.Point{
					X: frame.X(x0 + float64(p.X)/float64(cols)*(x1-x0)),
					Y: frame.Y(y0 + float64(p.Y)/float64(rows)*(y1-y0)),
				}
			}
			frame.StrokeLines(sty, frame.ClipLinesXY(line)...)
		}
	}
}

// stretch is the cells from first to end, drawn between lo and hi.
type stretch struct {
	first, end int
	lo, hi     float64
}

// stretches are what shows between 0 and 1 of n cells between lo and hi. Cells
// that are cut off come first and by themselves, and reach a little under
// those drawn after them, so that no seam shows.
func stretches(n int, lo, hi float64) (out []stretch) {
	edge := func(i int) float64 { return lo + (hi-lo)*float64(i)/float64(n) }
	const tiny = 1e-9
	first, end := 0, n
	for first < end && edge(first+1) <= tiny {
		first++
	}
	for end > first && edge(end-1) >= 1-tiny {
		end--
	}
	if first == end {
		return nil
	}
	const under = 1e-3
	if edge(first) < -tiny {
		out = append(out, stretch{first, first + 1, 0, min(edge(first+1)+under, 1)})
		first++
	}
	if first < end && edge(end) > 1+tiny {
		out = append(out, stretch{end - 1, end, max(edge(end-1)-under, 0), 1})
		end--
	}
	if first < end {
		out = append(out, stretch{first, end, math.Max(edge(first), 0), math.Min(edge(end), 1)})
	}
	return out
}
