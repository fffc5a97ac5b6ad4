package figure

import (
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// wrap breaks s into lines no wider than width, between words where it can.
func wrap(s string, sty text.Style, width vg.Length) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimSpace(s), "\n") {
		lines = append(lines, wrapParagraph(paragraph, sty, width)...)
	}
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines
}

func wrapParagraph(s string, sty text.Style, width vg.Length) []string {
	if sty.Width(s) <= width {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && sty.Width(line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; sty.Width(line) > width; {
			head := splitWord(line, sty, width)
			lines = append(lines, line[:head])
			line = line[head:]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// splitWord returns how many bytes of a word fit, at least one character.
func splitWord(s string, sty text.Style, width vg.Length) int {
	n := 0
	for i, r := range s {
		end := i + len(string(r))
		if n > 0 && (end >= len(s) || sty.Width(s[:end]) > width) {
			break
		}
		n = end
	}
	return n
}

func lineHeight(sty text.Style) vg.Length { return sty.Font.Size * leading }

// linesHeight is 0 for no lines, else their height and a gap.
func linesHeight(sty text.Style, lines []string, gap vg.Length) vg.Length {
	if len(lines) == 0 {
		return 0
	}
	return vg.Length(len(lines))*lineHeight(sty) + gap
}

// fillLines draws lines downwards from the height top. They keep the
// horizontal alignment of the style at x, but stay within the canvas.
func fillLines(c draw.Canvas, sty text.Style, lines []string, x, top vg.Length) {
	sty.YAlign = text.YCenter
	for i, line := range lines {
		w := sty.Width(line)
		left := x + w*vg.Length(sty.XAlign)
		left = max(min(left, c.Max.X-w), c.Min.X)
		at := vg.Point{X: left - w*vg.Length(sty.XAlign), Y: top - (vg.Length(i)+0.5)*lineHeight(sty)}
		c.FillText(sty, at, line)
	}
}

// fillSideways draws lines that read upwards, the first at the left, centred
// on the height y.
func fillSideways(c draw.Canvas, sty text.Style, lines []string, left, y vg.Length) {
	sty.Rotation = quarterTurn
	sty.XAlign, sty.YAlign = text.XCenter, text.YCenter
	for i, line := range lines {
		half := sty.Width(line) / 2
		at := max(min(y, c.Max.Y-half), c.Min.Y+half)
		c.FillText(sty, vg.Point{X: left + (vg.Length(i)+0.5)*lineHeight(sty), Y: at}, line)
	}
}

const quarterTurn = math.Pi / 2
