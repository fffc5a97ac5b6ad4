package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func verticalStyle() text.Style { return textStyle(smallestSize + 0.5) }

// tiers spreads the labels of the verticals over rows above the frame, so
// that none covers another, and returns the row of each and their number.
func (a Axes) tiers(frame draw.Canvas, x axis) (tier []int, n int) {
	sty := verticalStyle()
	var taken [][]span
	tier = make([]int, len(a.Verticals))
	for i, v := range a.Verticals {
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

func (Axes) tiersHeight(n int) vg.Length {
	if n == 0 {
		return 0
	}
	return vg.Length(n)*lineHeight(verticalStyle()) + textGap/2
}

// drawVerticals returns the strokes.
func (a Axes) drawVerticals(c, frame draw.Canvas, x axis) (drawn [][]vg.Point) {
	tier, _ := a.tiers(frame, x)
	sty := verticalStyle()
	sty.XAlign, sty.YAlign = text.XCenter, text.YCenter
	line := stroke(guideInk, 0.75, Dashed)
	for i, v := range a.Verticals {
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

// drawMarks puts each label where it covers least of the lines, and nothing
// of other marks.
func (a Axes) drawMarks(frame draw.Canvas, x, y axis, lines [][]vg.Point) {
	sty := boldStyle(labelSize)
	var at []vg.Point
	var labels []string
	var taken []vg.Rectangle
	for _, m := range a.Marks {
		tx, okX := x.place(m.X)
		ty, okY := y.place(m.Y)
		if !okX || !okY || tx < -1e-9 || tx > 1+1e-9 || ty < -1e-9 || ty > 1+1e-9 {
			continue
		}
		p := vg.Point{X: frame.X(tx), Y: frame.Y(ty)}
		at, labels = append(at, p), append(labels, m.Label)
		r := vg.Point{X: markRadius + 1, Y: markRadius + 1}
		taken = append(taken, vg.Rectangle{Min: p.Sub(r), Max: p.Add(r)})
	}
	for _, p := range at {
		frame.DrawGlyphNoClip(draw.GlyphStyle{Color: paper, Radius: markRadius + 0.8, Shape: draw.CircleGlyph{}}, p)
		frame.DrawGlyphNoClip(draw.GlyphStyle{Color: markRed, Radius: markRadius, Shape: draw.CircleGlyph{}}, p)
	}
	for i, p := range at {
		if labels[i] == "" {
			continue
		}
		box := placeLabel(frame, p, labels[i], sty, lines, taken)
		taken = append(taken, box)
		s := sty
		s.XAlign, s.YAlign = text.XCenter, text.YCenter
		frame.FillText(s, vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}, labels[i])
	}
}

// placeLabel tries the places round a mark, the customary ones first.
func placeLabel(frame draw.Canvas, p vg.Point, label string, sty text.Style, lines [][]vg.Point, taken []vg.Rectangle) vg.Rectangle {
	w, h := sty.Width(label)+1, sty.Font.Size
	best, least := vg.Rectangle{}, vg.Length(math.Inf(1))
	for _, distance := range []vg.Length{markRadius + 1.5, markRadius + 3, markRadius + 5} {
		for _, d := range []struct{ x, y vg.Length }{
			{0.8, 0.8}, {-0.8, 0.8}, {0.8, -0.8}, {-0.8, -0.8}, {1, 0}, {0, 1}, {-1, 0}, {0, -1},
		} {
			centre := vg.Point{X: p.X + d.x*(distance+w/2), Y: p.Y + d.y*(distance+h/2)}
			half := vg.Point{X: w / 2, Y: h / 2}
			box := vg.Rectangle{Min: centre.Sub(half), Max: centre.Add(half)}
			if cost := coverage(frame, box, lines, taken); cost < least {
				best, least = box, cost
			}
		}
	}
	return best
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
