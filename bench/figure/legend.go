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

// entry is a line or a band in a legend.
type entry struct {
	name string
	line Line
	band *Band
}

// legend names lines, then bands, in columns, row by row.
type legend struct {
	entries []entry
	names   [][]string  // wrapped
	widths  []vg.Length // of the columns
}

// entries has each name once, for a line that is not faint where there is one.
// Sparse markers drawn as a line of their own join the curve of their name.
func entries(lines []Line, bands []Band) (out []entry) {
	at := map[string]int{}
	for _, l := range lines {
		if l.Name == "" || l.HideInLegend {
			continue
		}
		i, known := at[l.Name]
		switch {
		case !known:
			at[l.Name] = len(out)
			out = append(out, entry{name: l.Name, line: l})
		case out[i].line.Faint && !l.Faint:
			out[i].line = l
		case out[i].line.NoLine && !l.NoLine && l.Marker == None:
			l.Marker = out[i].line.Marker
			out[i].line = l
		case l.NoLine && out[i].line.Marker == None:
			out[i].line.Marker = l.Marker
		}
	}
	named := map[string]bool{}
	for _, b := range bands {
		if b.Name != "" && !named[b.Name] {
			named[b.Name] = true
			out = append(out, entry{name: b.Name, band: &b})
		}
	}
	return out
}

func newLegend(lines []Line, bands []Band, w vg.Length) legend {
	l := legend{entries: entries(lines, bands)}
	sty := textStyle(legendSize)
	for _, e := range l.entries {
		l.names = append(l.names, wrap(e.name, sty, w-sampleLength-sampleGap))
	}
	n := len(l.entries)
	for rows := 1; rows <= n; rows++ {
		if l.widths = l.columns((n + rows - 1) / rows); l.width() <= w {
			break
		}
	}
	return l
}

// columns returns the widths of so many columns.
func (l legend) columns(n int) []vg.Length {
	widths := make([]vg.Length, n)
	for i, name := range l.names {
		for _, s := range name {
			widths[i%n] = max(widths[i%n], sampleLength+sampleGap+textStyle(legendSize).Width(s))
		}
	}
	return widths
}

func (l legend) width() (w vg.Length) {
	for _, column := range l.widths {
		w += column + entryGap
	}
	return w - entryGap
}

func (l legend) rowHeight(first int) (h vg.Length) {
	for _, name := range l.names[first:min(first+len(l.widths), len(l.names))] {
		h = max(h, linesHeight(textStyle(legendSize), name, 0))
	}
	return h + 1
}

func (l legend) height() vg.Length {
	if len(l.entries) == 0 {
		return 0
	}
	h := vg.Length(textGap)
	for i := 0; i < len(l.entries); i += len(l.widths) {
		h += l.rowHeight(i)
	}
	return h
}

// draw centres the legend on x as far as the canvas allows.
func (l legend) draw(c draw.Canvas, x, top vg.Length) {
	if len(l.entries) == 0 {
		return
	}
	w := l.width()
	left := max(min(x-w/2, c.Max.X-w), c.Min.X)
	sty := textStyle(legendSize)
	y := top - textGap
	for i := 0; i < len(l.entries); i += len(l.widths) {
		at := left
		for j := i; j < min(i+len(l.widths), len(l.entries)); j++ {
			l.entries[j].drawSample(c, vg.Point{X: at, Y: y - lineHeight(sty)/2})
			fillLines(c, sty, l.names[j], at+sampleLength+sampleGap, y)
			at += l.widths[j-i] + entryGap
		}
		y -= l.rowHeight(i)
	}
}

// drawSample draws what stands left of a name, from its left end.
func (e entry) drawSample(c draw.Canvas, at vg.Point) {
	const high = 4 // half the height
	end, middle := at.X+sampleLength, at.X+sampleLength/2
	if e.band != nil {
		box := c
		box.Min, box.Max = vg.Point{X: at.X, Y: at.Y - high}, vg.Point{X: end, Y: at.Y + high}
		fillRect(box, e.band.ink(), box.Min.X, box.Min.Y, box.Max.X, box.Max.Y)
		outline(box, stroke(guideInk, 0.5, Solid))
		return
	}
	l := e.line
	if !l.NoLine {
		c.StrokeLine2(stroke(l.ink(), l.width(), l.Dash), at.X, at.Y, end, at.Y)
	}
	if l.hasBars() {
		sty := stroke(l.ink(), barStroke, Solid)
		c.StrokeLine2(sty, middle, at.Y-high-0.5, middle, at.Y+high+0.5)
		drawCap(c, sty, vg.Point{X: middle, Y: at.Y - high - 0.5})
		drawCap(c, sty, vg.Point{X: middle, Y: at.Y + high + 0.5})
	}
	l.Marker.draw(c, l.ink(), vg.Point{X: middle, Y: at.Y}, lineMarker, 0)
}
