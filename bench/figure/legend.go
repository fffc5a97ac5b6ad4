package figure

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	sampleLength = 24
	sampleGap    = 5
	entryGap     = 16
)

// legend names lines in columns of equal width, row by row.
type legend struct {
	lines []Line
	names [][]string // wrapped

	columns     int
	columnWidth vg.Length
}

func newLegend(lines []Line, w vg.Length) legend {
	var l legend
	sty := textStyle(legendSize)
	for _, line := range lines {
		if line.Name == "" || line.HideInLegend {
			continue
		}
		name := wrap(line.Name, sty, w-sampleLength-sampleGap)
		for _, s := range name {
			l.columnWidth = max(l.columnWidth, sampleLength+sampleGap+sty.Width(s))
		}
		l.lines = append(l.lines, line)
		l.names = append(l.names, name)
	}
	n := len(l.lines)
	if n == 0 {
		return l
	}
	l.columns = min(n, max(1, int((w+entryGap)/(l.columnWidth+entryGap))))
	rows := (n + l.columns - 1) / l.columns
	l.columns = (n + rows - 1) / rows // even out the rows
	return l
}

func (l legend) rowHeight(first int) (h vg.Length) {
	for _, name := range l.names[first:min(first+l.columns, len(l.names))] {
		h = max(h, linesHeight(textStyle(legendSize), name, 0))
	}
	return h + 1
}

func (l legend) height() vg.Length {
	if len(l.lines) == 0 {
		return 0
	}
	h := vg.Length(textGap)
	for i := 0; i < len(l.lines); i += l.columns {
		h += l.rowHeight(i)
	}
	return h
}

// draw centres the legend on x as far as the canvas allows.
func (l legend) draw(c draw.Canvas, x, top vg.Length) {
	if len(l.lines) == 0 {
		return
	}
	w := vg.Length(l.columns)*(l.columnWidth+entryGap) - entryGap
	left := max(min(x-w/2, c.Max.X-w), c.Min.X)
	sty := textStyle(legendSize)
	y := top - textGap
	for i := 0; i < len(l.lines); i += l.columns {
		for j := i; j < min(i+l.columns, len(l.lines)); j++ {
			at := left + vg.Length(j-i)*(l.columnWidth+entryGap)
			line := l.lines[j]
			width := vg.Length(line.Width)
			if width == 0 {
				width = lineWidth
			}
			middle := y - lineHeight(sty)/2
			c.StrokeLine2(stroke(paletteColor(line.Color), width, line.Dash), at, middle, at+sampleLength, middle)
			fillLines(c, sty, l.names[j], at+sampleLength+sampleGap, y)
		}
		y -= l.rowHeight(i)
	}
}
