package figure

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Axes is a panel of curves. Its legend stands below the labels of the x axis
// and has each name once.
type Axes struct {
	Title, XLabel, YLabel string
	LogX, LogY            bool

	XMin, XMax, YMin, YMax *float64 // nil to take the limit from the data

	// YTicks are the values that the y axis labels; nil for round numbers. Rows of a
	// field want their own.
	YTicks []float64

	// Square makes a unit of x as long as one of y, as planes want it. Both
	// axes must be linear.
	Square bool

	Field       *Field
	Bands       []Band
	Lines       []Line
	Marks       []Mark
	Verticals   []Vertical
	Horizontals []Horizontal
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
		case !l.Marker.known():
			return fmt.Errorf("%s has the unknown marker %d", name, l.Marker)
		case !(l.Shade >= 0 && l.Shade <= 1):
			return fmt.Errorf("%s has the shade %g, which is not between 0 and 1", name, l.Shade)
		}
		if err := l.checkBars(); err != nil {
			return fmt.Errorf("%s %w", name, err)
		}
	}
	for i, m := range a.Marks {
		if !m.Shape.known() {
			return fmt.Errorf("mark %d has the unknown shape %d", i+1, m.Shape)
		}
	}
	for i, b := range a.Bands {
		if err := b.check(); err != nil {
			return fmt.Errorf("band %d %w", i+1, err)
		}
	}
	if a.Field != nil {
		if err := a.Field.check(a.LogX, a.LogY); err != nil {
			return err
		}
	}
	if a.Square && (a.LogX || a.LogY) {
		return errors.New("a logarithmic axis cannot have the scale of the other")
	}
	if err := checkLimits("x", a.LogX, a.XMin, a.XMax); err != nil {
		return err
	}
	for _, v := range a.YTicks {
		if !drawable(v, a.LogY) {
			return fmt.Errorf("the y axis cannot have the tick %g", v)
		}
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

// mostOblong bounds the sides of a plane whose limits are taken from the data.
const mostOblong = 3

// axes finds the limits from everything that can be drawn. A field leaves no
// margin.
func (a Axes) axes() (x, y axis) {
	xs, ys := noSpan(), noSpan()
	addX := func(v float64) {
		if drawable(v, a.LogX) {
			xs.add(v)
		}
	}
	addY := func(v float64) {
		if drawable(v, a.LogY) {
			ys.add(v)
		}
	}
	add := func(x, y float64) {
		if drawable(x, a.LogX) && drawable(y, a.LogY) {
			xs.add(x)
			ys.add(y)
		}
	}
	for _, l := range a.Lines {
		for i := range l.X {
			add(l.X[i], l.Y[i])
			if l.hasBars() && !math.IsNaN(l.Low[i]+l.High[i]) {
				add(l.X[i], l.Low[i])
				add(l.X[i], l.High[i])
			}
		}
	}
	for _, m := range a.Marks {
		add(m.X, m.Y)
	}
	for _, v := range a.Verticals {
		addX(v.X)
	}
	for _, h := range a.Horizontals {
		addY(h.Y)
	}
	for _, b := range a.Bands {
		addX(b.X0)
		addX(b.X1)
	}
	padX, padY := 0.02, 0.05
	if f := a.Field; f != nil {
		add(f.X0, f.Y0)
		add(f.X1, f.Y1)
		padX, padY = 0, 0
	}
	x, y = newAxis(a.LogX, a.XMin, a.XMax, xs, padX), newAxis(a.LogY, a.YMin, a.YMax, ys, padY)
	if a.Square && a.Field == nil {
		if a.XMin == nil && a.XMax == nil {
			x.atLeast(y.size() / mostOblong)
		}
		if a.YMin == nil && a.YMax == nil {
			y.atLeast(x.size() / mostOblong)
		}
	}
	return x, y
}

func (a Axes) edges(w vg.Length) (top, bottom vg.Length) {
	guess := draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: 0.8 * w}}}
	if a.Square {
		guess.Max.X = 0.5 * w
	}
	x, _ := a.axes()
	_, rows := tiers(a.Verticals, guess, x)
	top = linesHeight(boldStyle(titleSize), a.titleLines(w), textGap) + tiersHeight(rows)
	bottom = tickLength + textGap + lineHeight(textStyle(tickSize)) +
		linesHeight(textStyle(labelSize), wrap(a.XLabel, textStyle(labelSize), w), textGap) +
		newLegend(a.Lines, a.Bands, w).height()
	return max(top, textStyle(tickSize).Font.Size), bottom
}

func (a Axes) body(w, h vg.Length) vg.Length {
	if !a.Square {
		return h
	}
	r, err := a.arrange(draw.Canvas{Rectangle: vg.Rectangle{Max: vg.Point{X: w, Y: h}}})
	if err != nil {
		return h // draw says why
	}
	return r.frame.Max.Y - r.frame.Min.Y
}

func (a Axes) titleLines(w vg.Length) []string { return wrap(a.Title, boldStyle(titleSize), w) }

// arrangement is a frame within a canvas, and what stands along its sides.
type arrangement struct {
	frame          draw.Canvas
	x, y           axis
	xTicks, yTicks []tick
	yLines         []string
	left           vg.Length // the room beside the frame
}

// arrange fixes the labels of the y axis first, for their width decides the
// frame's, then those of the x axis.
func (a Axes) arrange(c draw.Canvas) (arrangement, error) {
	x, y := a.axes()
	r := arrangement{x: x, y: y}
	small := textStyle(tickSize)
	w, fh := c.Max.X-c.Min.X, c.Max.Y-c.Min.Y
	right := vg.Length(markRadius + 2)
	fit := func() (fw vg.Length) {
		fw, fh = w-r.left-right, c.Max.Y-c.Min.Y
		if a.Square {
			aspect := vg.Length(y.size() / x.size())
			fw = min(fw, fh/aspect)
			fh = fw * aspect
		}
		return fw
	}
	for range 3 { // labels at the ends may need more room than the edges have
		if fit := fitUpwards(fh, small); a.YTicks != nil {
			r.yTicks = y.ticksAt(a.YTicks, fit)
		} else {
			r.yTicks = y.ticks(fit)
		}
		r.yLines = wrap(a.YLabel, textStyle(labelSize), fh)
		r.left = max(r.left, tickLength+textGap+widestLabel(r.yTicks, small)+linesHeight(textStyle(labelSize), r.yLines, textGap))
		fw := fit()
		if fw < leastBody {
			return r, errors.New("the labels of the y axis leave no room for the curves")
		}
		if fh < leastBody {
			return r, errors.New("the limits of the axes are too unequal for one scale")
		}
		r.xTicks = x.ticks(fitAlong(fw, small))
		for _, t := range r.xTicks {
			half, at := small.Width(t.label)/2, vg.Length(t.at)*fw
			r.left = max(r.left, half-at)
			right = max(right, half+at-fw)
		}
	}
	fw := fit()
	r.frame = c
	r.frame.Min.X = c.Min.X + r.left + (w-r.left-right-fw)/2
	r.frame.Max.X = r.frame.Min.X + fw
	r.frame.Min.Y = c.Max.Y - fh
	return r, nil
}

func (a Axes) draw(c draw.Canvas, top, bottom vg.Length) error {
	r, err := a.arrange(draw.Crop(c, 0, 0, bottom, -top))
	if err != nil {
		return err
	}
	frame, x, y := r.frame, r.x, r.y
	for _, b := range a.Bands {
		b.draw(frame, x)
	}
	drawGrid(frame, r.xTicks, r.yTicks)
	if a.Field != nil {
		a.Field.draw(frame, x, y)
	}
	drawn := drawVerticals(a.Verticals, c, frame, x)
	drawn = append(drawn, drawHorizontals(a.Horizontals, frame, y)...)
	drawn = append(drawn, drawLines(a.Lines, frame, x, y)...)
	drawFrame(frame, r.xTicks, r.yTicks)
	drawLabels(a.Marks, a.Horizontals, a.Field != nil, frame, x, y, drawn)

	title := boldStyle(titleSize)
	title.XAlign = text.XCenter
	w := c.Max.X - c.Min.X
	middle := (frame.Min.X + frame.Max.X) / 2
	fillLines(c, title, a.titleLines(w), middle, c.Max.Y)

	label := textStyle(labelSize)
	label.XAlign = text.XCenter
	fillSideways(c, label, r.yLines, frame.Min.X-r.left, (frame.Min.Y+frame.Max.Y)/2)
	under := frame.Min.Y - tickLength - textGap - lineHeight(textStyle(tickSize))
	xLines := wrap(a.XLabel, label, w)
	fillLines(c, label, xLines, middle, under-textGap/2)
	under -= linesHeight(label, xLines, textGap)
	newLegend(a.Lines, a.Bands, w).draw(c, middle, under)
	return nil
}

func drawGrid(frame draw.Canvas, xTicks, yTicks []tick) {
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
