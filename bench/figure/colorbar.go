package figure

import (
	"fmt"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ColorBar is a panel that shows the scale of the heat maps beside it.
type ColorBar struct {
	Min, Max float64
	Label    string

	Grey, Log bool // as in the heat maps
}

var _ Panel = ColorBar{}

const barWidth = 12

func (b ColorBar) check() error {
	if b.Min >= b.Max || !b.Log && tooClose(b.Min, b.Max, false) {
		return fmt.Errorf("the colour bar cannot have a scale from %g to %g", b.Min, b.Max)
	}
	return checkScale("colour bar", b.Min, b.Max, b.Log)
}

// edges leaves room for half a label at either end.
func (ColorBar) edges(vg.Length) (top, bottom vg.Length) { return tickSize / 2, tickSize / 2 }

// body is as high as the panels beside it.
func (ColorBar) body(_, _ vg.Length) vg.Length { return 0 }

func (b ColorBar) draw(c draw.Canvas, top, bottom vg.Length) error {
	bar := draw.Crop(c, 0, 0, bottom, -top)
	height := bar.Max.Y - bar.Min.Y
	small, label := textStyle(tickSize), textStyle(labelSize)
	scale := newScale(nil, b.Min, b.Max, b.Log, b.Grey)
	ticks := scale.ticks(fitUpwards(height, small))
	lines := wrap(b.Label, label, height)
	beside := tickLength + textGap + widestLabel(ticks, small)
	need := barWidth + beside + linesHeight(label, lines, textGap)
	if have := c.Max.X - c.Min.X; need > have {
		return fmt.Errorf("the colour bar and its labels need %.1f cm of width but have %.1f", need/vg.Centimeter, have/vg.Centimeter)
	}
	bar.Max.X = bar.Min.X + barWidth

	const steps = 128
	for i := range steps { // each reaches to the top, so that no seam shows
		y := bar.Min.Y + height*vg.Length(i)/steps
		fillRect(bar, scale.tint((float64(i)+0.5)/steps), bar.Min.X, y, bar.Max.X, bar.Max.Y)
	}
	frame := stroke(ink, frameWidth, Solid)
	outline(bar, frame)
	small.YAlign = text.YCenter
	for _, t := range ticks {
		y := bar.Y(t.at)
		bar.StrokeLine2(frame, bar.Max.X, y, bar.Max.X+tickLength, y)
		bar.FillText(small, vg.Point{X: bar.Max.X + tickLength + textGap/2, Y: y}, t.label)
	}
	fillSideways(c, label, lines, bar.Max.X+beside+textGap/2, (bar.Min.Y+bar.Max.Y)/2)
	return nil
}
