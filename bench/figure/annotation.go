package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Mark is a red dot, or a marker of another colour, on top of the curves, with
// a label beside it. One that cannot be drawn on the axes, or lies beyond their
// limits, is left out.
type Mark struct {
	X, Y  float64
	Label string
	Shape Marker // None for the red dot
	Color int    // of the palette, for any other shape
}

// Vertical is a thin dashed grey line across the plotting area. Its label
// stands above the frame.
type Vertical struct {
	X     float64
	Label string
}

// Horizontal is a thin dashed grey line across the plotting area. Its label
// stands inside the frame, at the right end and above the line.
type Horizontal struct {
	Y     float64
	Label string
}

func verticalStyle() text.Style { return textStyle(smallestSize + 0.5) }

// tiers spreads the labels of the verticals over rows above the frame, so
// that none covers another, and returns the row of each and their number.
func tiers(verticals []Vertical, frame draw.Canvas, x axis) (tier []int, n int) {
	sty := verticalStyle()
	var taken [][]span
	tier = make([]int, len(verticals))
	for i, v := range verticals {
		t, ok := x.place(v.X)
		if v.Label == "" || !ok || t < 0 || t > 1 {
			continue
		}
		half := sty.Width(v.Label)/2 + textGap
		at := labelCentre(frame, frame.X(t), half)
		s := span{float64(at - half), float64(at + half)}
		for tier[i] < len(taken) && slices.ContainsFunc(taken[tier[i]], s.overlaps) {
			tier[i]++
		}
		if tier[i] == len(taken) {
			taken = append(taken, nil)
		}
		taken[tier[i]] = append(taken[tier[i]], s)
	}
	return tier, len(taken)
}

func (s span) overlaps(o span) bool { return s.lo < o.hi && o.lo < s.hi }

// labelCentre keeps a label above the frame from reaching past its ends.
func labelCentre(frame draw.Canvas, x, half vg.Length) vg.Length {
	return max(min(x, frame.Max.X-half+textGap), frame.Min.X+half-textGap)
}

func tiersHeight(n int) vg.Length {
	if n == 0 {
		return 0
	}
	return vg.Length(n)*lineHeight(verticalStyle()) + textGap/2
}

// drawVerticals returns the strokes.
func drawVerticals(verticals []Vertical, c, frame draw.Canvas, x axis) (drawn [][]vg.Point) {
	tier, _ := tiers(verticals, frame, x)
	sty := verticalStyle()
	sty.XAlign, sty.YAlign = text.XCenter, text.YCenter
	line := stroke(guideInk, 0.75, Dashed)
	for i, v := range verticals {
		t, ok := x.place(v.X)
		if !ok || t < 0 || t > 1 {
			continue
		}
		at := frame.X(t)
		down := []vg.Point{{X: at, Y: frame.Min.Y}, {X: at, Y: frame.Max.Y}}
		frame.StrokeLines(line, down)
		drawn = append(drawn, down)
		y := frame.Max.Y + textGap/2 + (vg.Length(tier[i])+0.5)*lineHeight(sty)
		half := sty.Width(v.Label)/2 + textGap
		c.FillText(sty, vg.Point{X: labelCentre(frame, at, half), Y: y}, v.Label)
	}
	return drawn
}

// drawHorizontals returns the strokes.
func drawHorizontals(horizontals []Horizontal, frame draw.Canvas, y axis) (drawn [][]vg.Point) {
	for _, h := range horizontals {
		if at, ok := y.within(h.Y); ok {
			across := []vg.Point{{X: frame.Min.X, Y: frame.Y(at)}, {X: frame.Max.X, Y: frame.Y(at)}}
			frame.StrokeLines(stroke(guideInk, 0.75, Dashed), across)
			drawn = append(drawn, across)
		}
	}
	return drawn
}

// within is the place of a value that the axis shows.
func (a axis) within(v float64) (t float64, ok bool) {
	t, ok = a.place(v)
	return t, ok && t >= -1e-9 && t <= 1+1e-9
}

// spot is a mark that is drawn.
type spot struct {
	Mark
	at vg.Point
}

func spots(marks []Mark, frame draw.Canvas, x, y axis) (out []spot) {
	for _, m := range marks {
		tx, okX := x.within(m.X)
		ty, okY := y.within(m.Y)
		if okX && okY {
			out = append(out, spot{m, vg.Point{X: frame.X(tx), Y: frame.Y(ty)}})
		}
	}
	return out
}

func (s spot) draw(c draw.Canvas) {
	if s.Shape != None {
		s.Shape.draw(c, paletteColor(s.Color), s.at, markRadius+0.4, 0.8)
		return
	}
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: paper, Radius: markRadius + 0.8, Shape: draw.CircleGlyph{}}, s.at)
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: markRed, Radius: markRadius, Shape: draw.CircleGlyph{}}, s.at)
}

// drawLabels draws the marks, and puts the labels of the horizontals and then
// theirs where they cover least of the lines, and nothing of one another. Where there
// are colours behind them the labels stand on white.
func drawLabels(marks []Mark, horizontals []Horizontal, colours bool, frame draw.Canvas, x, y axis, lines [][]vg.Point) {
	spots := spots(marks, frame, x, y)
	var taken []vg.Rectangle
	for _, s := range spots {
		s.draw(frame)
		r := vg.Point{X: markRadius + 1, Y: markRadius + 1}
		taken = append(taken, vg.Rectangle{Min: s.at.Sub(r), Max: s.at.Add(r)})
	}
	for _, h := range horizontals {
		if t, ok := y.within(h.Y); ok && h.Label != "" {
			box := placeAbove(frame, frame.Y(t), h.Label, verticalStyle(), lines, taken)
			taken = append(taken, box)
			fillBox(frame, box, verticalStyle(), h.Label, colours)
		}
	}
	for i, s := range spots {
		if s.Label != "" {
			box := placeLabel(frame, s.at, s.Label, boldStyle(labelSize), lines, taken, others(spots, i))
			taken = append(taken, box)
			fillBox(frame, box, boldStyle(labelSize), s.Label, colours)
		}
	}
}

// fillBox writes a label into a box, on white where there are colours behind it.
func fillBox(frame draw.Canvas, box vg.Rectangle, sty text.Style, label string, colours bool) {
	if colours {
		fillRect(frame, paper, box.Min.X-1, box.Min.Y, box.Max.X+1, box.Max.Y)
	}
	sty.XAlign, sty.YAlign = text.XCenter, text.YCenter
	frame.FillText(sty, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, label)
}

// placeAbove puts the label of a horizontal above its right end. Where that
// covers something it goes further left, or below.
func placeAbove(frame draw.Canvas, y vg.Length, label string, sty text.Style, lines [][]vg.Point, taken []vg.Rectangle) vg.Rectangle {
	w, h := sty.Width(label)+1, sty.Font.Size
	best, least := vg.Rectangle{}, vg.Length(math.Inf(1))
	right := frame.Max.X - textGap/2
	for _, low := range []vg.Length{y + 1.5, y - h - 1.5} {
		for x := right; x == right || x-w > frame.Min.X; x -= h {
			box := vg.Rectangle{Min: vg.Point{X: x - w, Y: low}, Max: vg.Point{X: x, Y: low + h}}
			cost := 4*coverage(frame, box, lines, taken) + 0.1*(right-x)
			if low < y {
				cost += h
			}
			if cost < least {
				best, least = box, cost
			}
		}
	}
	return best
}

// others are the places of all spots but the i-th.
func others(spots []spot, i int) (at []vg.Point) {
	for j, s := range spots {
		if j != i {
			at = append(at, s.at)
		}
	}
	return at
}

// placeLabel tries the places round a mark, the customary ones first. One further
// away costs a little, and one that is nearer to another mark, whose label it seems to be, as
// much as a line through it.
func placeLabel(frame draw.Canvas, p vg.Point, label string, sty text.Style, lines [][]vg.Point, taken []vg.Rectangle, others []vg.Point) vg.Rectangle {
	w, h := sty.Width(label)+1, sty.Font.Size
	best, least := vg.Rectangle{}, vg.Length(math.Inf(1))
	for _, distance := range []vg.Length{markRadius + 1.5, markRadius + 3, markRadius + 5, markRadius + 8} {
		for _, d := range []struct{ x, y vg.Length }{
			{0.8, 0.8}, {-0.8, 0.8}, {0.8, -0.8}, {-0.8, -0.8}, {1, 0}, {0, 1}, {-1, 0}, {0, -1},
		} {
			centre := vg.Point{X: p.X + d.x*(distance+w/2), Y: p.Y + d.y*(distance+h/2)}
			half := vg.Point{X: w / 2, Y: h / 2}
			box := vg.Rectangle{Min: centre.Sub(half), Max: centre.Add(half)}
			// Room about the letter: on a line's edge it is on the line.
			margin := vg.Point{X: 1, Y: 1}
			roomy := vg.Rectangle{Min: box.Min.Sub(margin), Max: box.Max.Add(margin)}
			cost := max(coverage(frame, box, lines, taken), coverage(frame, roomy, lines, nil)) + 0.05*distance
			own := gap(centre, p)
			for _, o := range others {
				if gap(centre, o) < own {
					cost += h
				}
			}
			if cost < least {
				best, least = box, cost
			}
		}
	}
	return best
}

// gap is the distance of two points.
func gap(a, b vg.Point) vg.Length {
	d := a.Sub(b)
	return vg.Length(math.Hypot(float64(d.X), float64(d.Y)))
}

// coverage is the length of line under a box; what the box must not cover
// counts as more than any line.
func coverage(frame draw.Canvas, box vg.Rectangle, lines [][]vg.Point, taken []vg.Rectangle) (cost vg.Length) {
	if box.Min.X < frame.Min.X || box.Max.X > frame.Max.X || box.Min.Y < frame.Min.Y || box.Max.Y > frame.Max.Y {
		cost += 1e6
	}
	for _, t := range taken {
		if box.Min.X < t.Max.X && t.Min.X < box.Max.X && box.Min.Y < t.Max.Y && t.Min.Y < box.Max.Y {
			cost += 1e5
		}
	}
	clip := draw.Canvas{Rectangle: box}
	for _, line := range clip.ClipLinesXY(lines...) {
		for i := 1; i < len(line); i++ {
			d := line[i].Sub(line[i-1])
			cost += vg.Length(math.Hypot(float64(d.X), float64(d.Y)))
		}
	}
	return cost
}
