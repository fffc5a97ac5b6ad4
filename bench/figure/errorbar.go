package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	barStroke = 1   // width of an error bar
	barCap    = 2.5 // half the length of its ends
)

func (l Line) checkBars() error {
	if l.Low == nil && l.High == nil {
		return nil
	}
	if len(l.Low) != len(l.X) || len(l.High) != len(l.X) {
		return fmt.Errorf("has %d points but %d lower and %d upper ends of error bars", len(l.X), len(l.Low), len(l.High))
	}
	for i := range l.Low {
		if l.Low[i] > l.High[i] {
			return fmt.Errorf("has an error bar from %g up to %g at point %d", l.Low[i], l.High[i], i+1)
		}
	}
	return nil
}

// drawBars draws the error bars and returns their strokes. One that leaves the
// frame has no end there; on a logarithmic axis neither has one that reaches
// down to zero or below.
func (l Line) drawBars(frame draw.Canvas, x, y axis) (drawn [][]vg.Point) {
	if !l.hasBars() {
		return nil
	}
	sty := stroke(l.ink(), barStroke, Solid)
	for i := range l.X {
		at, ok := x.place(l.X[i])
		if !ok || at < -1e-9 || at > 1+1e-9 || !(l.Low[i] <= l.High[i]) {
			continue
		}
		low, high := y.end(l.Low[i]), y.end(l.High[i])
		if high < 0 || low > 1 {
			continue
		}
		p, q := vg.Point{X: frame.X(at), Y: frame.Y(max(low, 0))}, vg.Point{X: frame.X(at), Y: frame.Y(min(high, 1))}
		frame.StrokeLine2(sty, p.X, p.Y, q.X, q.Y)
		drawn = append(drawn, []vg.Point{p, q})
		if low >= 0 {
			drawCap(frame, sty, p)
		}
		if high <= 1 {
			drawCap(frame, sty, q)
		}
	}
	return drawn
}

func drawCap(c draw.Canvas, sty draw.LineStyle, p vg.Point) {
	c.StrokeLine2(sty, p.X-barCap, p.Y, p.X+barCap, p.Y)
}
