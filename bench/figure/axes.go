package figure

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Line is a curve. It breaks where a coordinate is not finite, or not positive
// on a logarithmic axis.
type Line struct {
	Name  string // in the legend; empty for none
	X, Y  []float64
	Color int // index into the palette, which wraps round
	Dash  Dash
	Width float64 // points; 0 for the default

	HideInLegend bool
}

// Mark is a red dot on top of the curves, with a label beside it. One that
// cannot be drawn on the axes, or lies beyond their limits, is left out.
type Mark struct {
	X, Y  float64
	Label string
}

// Vertical is a thin dashed grey line across the plotting area. Its label
// stands above the frame.
type Vertical struct {
	X     float64
	Label string
}

// Axes is a panel of curves. Its legend stands below the labels of the x axis.
type Axes struct {
	Title, XLabel, YLabel string
	LogX, LogY            bool

	XMin, XMax, YMin, YMax *float64 // nil to take the limit from the data

	Lines     []Line
	Marks     []Mark
	Verticals []Vertical
}

var _ Panel = Axes{}

func (a Axes) check() error {
	for i, l := range a.Lines {
		name := fmt.Sprintf("line %d", i+1)
		if l.Name != "" {
			name += fmt.Sprintf(" (%q)", l.Name)
		}
		switch {
		case len(l.X) != len(l.Y):
			return fmt.Errorf("%s has %d values of x but %d of y", name, len(l.X), len(l.Y))
		case l.Dash < 0 || int(l.Dash) >= len(dashes):
			return fmt.Errorf("%s has the unknown dash %d", name, l.Dash)
		case !finite(l.Width) || l.Width < 0 || l.Width > 20:
			return fmt.Errorf("%s has a width of %g points, which is not between 0 and 20", name, l.Width)
		}
	}
	if err := checkLimits("x", a.LogX, a.XMin, a.XMax); err != nil {
		return err
	}
	return checkLimits("y", a.LogY, a.YMin, a.YMax)
}

func checkLimits(name string, log bool, lo, hi *float64) error {
	for _, v := range []*float64{lo, hi} {
		if v != nil && !drawable(*v, log) {
			return fmt.Errorf("the %s axis cannot have the limit %g", name, *v)
		}
	}
	if lo == nil || hi == nil {
		return nil
	}
	low, high := *lo, *hi
	if log {
		low, high = math.Log10(low), math.Log10(high)
	}
	if tooClose(low, high, log) {
		return fmt.Errorf("the limits %g and %g of the %s axis leave no range", *lo, *hi, name)
	}
	return nil
}

// axes finds the limits from everything that can be drawn.
func (a Axes) axes() (x, y axis) {
	xs, ys := noSpan(), noSpan()
	add := func(x, y float64) {
		if drawable(x, a.LogX) && drawable(y, a.LogY) {
			xs.add(x)
			ys.add(y)
		}
	}
	for _, l := range a.Lines {
		for i := range l.X {
			add(l.X[i], l.Y[i])
		}
	}
	for _, m := range a.Marks {
		add(m.X, m.Y)
	}
	for _, v := range a.Verticals {
		if drawable(v.X, a.LogX) {
			xs.add(v.X)
		}
	}
	return newAxis(a.LogX, a.XMin, a.XMax, xs, 0.02), newAxis(a.LogY, a.YMin, a.YMax, ys, 0.05)
}

func (a Axes) edges(w vg.Length) (top, bottom vg.Length) {
	guess := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 0.8 * w}}}
	x, _ := a.axes()
	_, tiers := a.tiers(guess, x)
	top = linesHeight(boldStyle(titleSize), a.titleLines(w), textGap) + a.tiersHeight(tiers)
	bottom = tickLength + textGap + lineHeight(textStyle(tickSize)) +
		linesHeight(textStyle(labelSize), wrap(a.XLabel, textStyle(labelSize), w), textGap) +
		newLegend(a.Lines, w).height()
	return max(top, textStyle(tickSize).Font.Size), bottom
}

func (Axes) body(_, h vg.Length) vg.Length { return h }

func (a Axes) titleLines(w vg.Length) []string { return wrap(a.Title, boldStyle(titleSize), w) }

// draw fixes the labels of the y axis first, for their width decides the
// frame's, then those of the x axis.
func (a Axes) draw(c draw.Canvas, top, bottom vg.Length) error {
	w := c.Max.X - c.Min.X
	x, y := a.axes()
	frame := draw.Crop(c, 0, 0, bottom, -top)
	small := textStyle(tickSize)

	yTicks := y.ticks(fitUpwards(frame.Max.Y-frame.Min.Y, small))
	yLines := wrap(a.YLabel, textStyle(labelSize), frame.Max.Y-frame.Min.Y)
	left := tickLength + textGap + widestLabel(yTicks, small) + linesHeight(textStyle(labelSize), yLines, textGap)
	right := vg.Length(markRadius + 2)
	var xTicks []tick
	for range 3 { // labels at the ends may need more room than the edges have
		fw := w - left - right
		if fw < leastBody {
			return errors.New("the labels of the y axis leave no room for the curves")
		}
		xTicks = x.ticks(fitAlong(fw, small))
		for _, t := range xTicks {
			half, at := small.Width(t.label)/2, vg.Length(t.at)*fw
			left = max(left, half-at)
			right = max(right, half+at-fw)
		}
	}
	frame = draw.Crop(frame, left, -right, 0, 0)

	a.drawGrid(frame, xTicks, yTicks)
	drawn := a.drawVerticals(c, frame, x)
	drawn = append(drawn, a.drawLines(frame, x, y)...)
	drawFrame(frame, xTicks, yTicks)
	a.drawMarks(frame, x, y, drawn)

	title := boldStyle(titleSize)
	title.XAlign = text.XCenter
	lines := a.titleLines(w)
	middle := (frame.Min.X + frame.Max.X) / 2
	fillLines(c, title, lines, middle, c.Max.Y)

	label := textStyle(labelSize)
	label.XAlign = text.XCenter
	fillSideways(c, label, yLines, c.Min.X, (frame.Min.Y+frame.Max.Y)/2)
	under := frame.Min.Y - tickLength - textGap - lineHeight(small)
	xLines := wrap(a.XLabel, label, w)
	fillLines(c, label, xLines, middle, under-textGap/2)
	under -= linesHeight(label, xLines, textGap)
	newLegend(a.Lines, w).draw(c, middle, under)
	return nil
}

func widestLabel(ticks []tick, sty text.Style) (w vg.Length) {
	for _, t := range ticks {
		w = max(w, sty.Width(t.label))
	}
	return w
}

// fitUpwards keeps labels above one another apart.
func fitUpwards(h vg.Length, sty text.Style) func([]tick) bool {
	return fits(h, func(string) vg.Length { return 0 }, 1.6*sty.Font.Size)
}

func fitAlong(w vg.Length, sty text.Style) func([]tick) bool {
	return fits(w, sty.Width, 1.2*sty.Font.Size)
}

func fits(length vg.Length, size func(string) vg.Length, gap vg.Length) func([]tick) bool {
	return func(ticks []tick) bool {
		end := vg.Length(math.Inf(-1))
		for _, t := range ticks {
			if t.label == "" {
				continue
			}
			at, half := vg.Length(t.at)*length, size(t.label)/2
			if at-half < end+gap {
				return false
			}
			end = at + half
		}
		return true
	}
}

func (Axes) drawGrid(frame draw.Canvas, xTicks, yTicks []tick) {
	sty := stroke(gridInk, 0.5, Solid)
	for _, t := range xTicks {
		if t.label != "" {
			x := frame.X(t.at)
			frame.StrokeLine2(sty, x, frame.Min.Y, x, frame.Max.Y)
		}
	}
	for _, t := range yTicks {
		if t.label != "" {
			y := frame.Y(t.at)
			frame.StrokeLine2(sty, frame.Min.X, y, frame.Max.X, y)
		}
	}
}

// drawFrame draws outward ticks, so that no curve hides them.
func drawFrame(frame draw.Canvas, xTicks, yTicks []tick) {
	sty := stroke(ink, frameWidth, Solid)
	length := func(t tick) vg.Length {
		if t.label == "" {
			return minorLength
		}
		return tickLength
	}
	label := textStyle(tickSize)
	label.XAlign, label.YAlign = text.XCenter, text.YCenter
	for _, t := range xTicks {
		x := frame.X(t.at)
		frame.StrokeLine2(sty, x, frame.Min.Y, x, frame.Min.Y-length(t))
		y := frame.Min.Y - tickLength - textGap - lineHeight(label)/2 + 1
		frame.FillText(label, vg.Point{X: x, Y: y}, t.label)
	}
	label.XAlign = text.XRight
	for _, t := range yTicks {
		y := frame.Y(t.at)
		frame.StrokeLine2(sty, frame.Min.X, y, frame.Min.X-length(t), y)
		frame.FillText(label, vg.Point{X: frame.Min.X - tickLength - textGap/2, Y: y}, t.label)
	}
	outline(frame, sty)
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

// drawLines returns the strokes, which the labels of the marks keep clear of.
func (a Axes) drawLines(frame draw.Canvas, x, y axis) (drawn [][]vg.Point) {
	for _, l := range a.Lines {
		width := vg.Length(l.Width)
		if width == 0 {
			width = lineWidth
		}
		c := paletteColor(l.Color)
		for _, piece := range pieces(frame, x, y, l) {
			if len(piece) == 1 {
				frame.DrawGlyph(draw.GlyphStyle{Color: c, Radius: width, Shape: draw.CircleGlyph{}}, piece[0])
			}
			clipped := frame.ClipLinesXY(thin(piece))
			frame.StrokeLines(stroke(c, width, l.Dash), clipped...)
			drawn = append(drawn, clipped...)
		}
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

// thin keeps of a long line what shows: within each narrow column the first
// point, the lowest, the highest and the last.
func thin(line []vg.Point) []vg.Point {
	const column, short = 0.25, 2000
	if len(line) <= short {
		return line
	}
	var out []vg.Point
	for first := 0; first < len(line); {
		low, high, last := first, first, first
		at := math.Floor(float64(line[first].X) / column)
		for i := first; i < len(line) && math.Floor(float64(line[i].X)/column) == at; i++ {
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
