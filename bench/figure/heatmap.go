package figure

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HeatMap is a panel that shows a matrix in square cells, the first row at the
// top. Values beyond the scale take the colour of its end; those that are not
// finite are grey, and in an image pink.
type HeatMap struct {
	Title              string
	Values             [][]float64 // Values[i][j] stands in row i and column j
	RowNames, ColNames []string    // empty or one for each

	Min, Max float64 // the scale; equal to take it from the values
	Log      bool    // colours by log10 of the values; those not positive have none
	Grey     bool    // black to white instead of the ramp: an image

	XLabel, YLabel string // names of the columns' and rows' axes; optional

	// ShowValues prints the values where they fit, with as many decimals as
	// give the largest of the scale three significant digits, or two. On a
	// logarithmic scale each value has two, or one.
	ShowValues bool
}

var _ Panel = HeatMap{}

// mostBoxes is the number of cells beyond which they are drawn as a picture.
const mostBoxes = 500

func (m HeatMap) check() error {
	if err := checkMatrix("heat map", m.Values); err != nil {
		return err
	}
	switch rows, cols := len(m.Values), len(m.Values[0]); {
	case len(m.RowNames) != 0 && len(m.RowNames) != rows:
		return fmt.Errorf("the heat map has %d rows but %d row names", rows, len(m.RowNames))
	case len(m.ColNames) != 0 && len(m.ColNames) != cols:
		return fmt.Errorf("the heat map has %d columns but %d column names", cols, len(m.ColNames))
	}
	return checkScale("heat map", m.Min, m.Max, m.Log)
}

func (m HeatMap) edges(w vg.Length) (top, bottom vg.Length) {
	title := boldStyle(titleSize)
	return linesHeight(title, wrap(m.Title, title, w), textGap),
		m.namesHeight(m.cell(w, math.MaxFloat32)) + linesHeight(textStyle(labelSize), m.xLines(w), textGap)
}

// cell is the side of a cell in a body of the given size.
func (m HeatMap) cell(w, h vg.Length) vg.Length {
	return min((w-m.namesWidth())/vg.Length(len(m.Values[0])), h/vg.Length(len(m.Values)))
}

func (m HeatMap) xLines(w vg.Length) []string { return wrap(m.XLabel, textStyle(labelSize), w) }

func (m HeatMap) body(w, h vg.Length) vg.Length {
	return m.cell(w, h) * vg.Length(len(m.Values))
}

func widest(names []string, sty text.Style) (w vg.Length) {
	for _, s := range names {
		w = max(w, sty.Width(s))
	}
	return w
}

// namesWidth is the room left of the matrix.
func (m HeatMap) namesWidth() (w vg.Length) {
	if w = widest(m.RowNames, textStyle(tickSize)); w > 0 {
		w += textGap
	}
	if m.YLabel != "" {
		w += lineHeight(textStyle(labelSize)) + textGap
	}
	return w
}

// upright tells whether the names of the columns must be turned to fit.
func (m HeatMap) upright(cell vg.Length) bool {
	return widest(m.ColNames, textStyle(tickSize)) > cell-2
}

func (m HeatMap) namesHeight(cell vg.Length) vg.Length {
	sty := textStyle(tickSize)
	switch w := widest(m.ColNames, sty); {
	case w == 0:
		return 0
	case m.upright(cell):
		return w + textGap
	}
	return lineHeight(sty) + textGap
}

func (m HeatMap) scale() scale { return newScale(m.Values, m.Min, m.Max, m.Log, m.Grey) }

func (m HeatMap) draw(c draw.Canvas, top, bottom vg.Length) error {
	w := c.Max.X - c.Min.X
	rows, cols := len(m.Values), len(m.Values[0])
	cell := m.cell(w, c.Max.Y-c.Min.Y-top-bottom)
	if cell < 1 {
		return errors.New("the names of the rows leave no room for the heat map")
	}
	left := c.Min.X + (w-cell*vg.Length(cols)+m.namesWidth())/2
	high := c.Max.Y - top
	matrix := c
	matrix.Rectangle = vg.Rectangle{
		Min: vg.Point{X: left, Y: high - cell*vg.Length(rows)},
		Max: vg.Point{X: left + cell*vg.Length(cols), Y: high},
	}

	m.drawCells(matrix, cell)
	m.drawNames(c, matrix, cell)
	title := boldStyle(titleSize)
	title.XAlign = text.XCenter
	middle := (matrix.Min.X + matrix.Max.X) / 2
	fillLines(c, title, wrap(m.Title, title, w), middle, c.Max.Y)

	label := textStyle(labelSize)
	label.XAlign = text.XCenter
	fillLines(c, label, m.xLines(w), middle, matrix.Min.Y-m.namesHeight(cell)-textGap/2)
	if m.YLabel != "" {
		fillSideways(c, label, []string{m.YLabel}, matrix.Min.X-m.namesWidth(), (matrix.Min.Y+matrix.Max.Y)/2)
	}
	return nil
}

func (m HeatMap) drawCells(matrix draw.Canvas, cell vg.Length) {
	scale := m.scale()
	if len(m.Values)*len(m.Values[0]) > mostBoxes {
		drawPixels(matrix, matrix.Rectangle, scale.picture(m.Values))
	} else {
		m.drawBoxes(matrix, cell)
	}
	if cell > 12 && !m.Grey {
		gaps := stroke(paper, 0.75, Solid)
		for i := 1; i < len(m.Values); i++ {
			y := matrix.Max.Y - vg.Length(i)*cell
			matrix.StrokeLine2(gaps, matrix.Min.X, y, matrix.Max.X, y)
		}
		for j := 1; j < len(m.Values[0]); j++ {
			x := matrix.Min.X + vg.Length(j)*cell
			matrix.StrokeLine2(gaps, x, matrix.Min.Y, x, matrix.Max.Y)
		}
	}
	outline(matrix, stroke(ink, frameWidth, Solid))
	format, sty := m.format(cell)
	if format == nil {
		return
	}
	sty.XAlign, sty.YAlign = text.XCenter, text.YCenter
	for i, row := range m.Values {
		for j, v := range row {
			sty.Color = ink
			if finite(v) {
				sty.Color = contrast(scale.color(v))
			}
			at := vg.Point{
				X: matrix.Min.X + (vg.Length(j)+0.5)*cell,
				Y: matrix.Max.Y - (vg.Length(i)+0.5)*cell,
			}
			matrix.FillText(sty, at, format(v))
		}
	}
}

func (m HeatMap) drawBoxes(matrix draw.Canvas, cell vg.Length) {
	const overlap = 0.3 // so that no white shows between cells
	scale := m.scale()
	for i, row := range m.Values {
		y := matrix.Max.Y - vg.Length(i)*cell
		for j, v := range row {
			x := matrix.Min.X + vg.Length(j)*cell
			fillRect(matrix, scale.color(v), x, max(y-cell-overlap, matrix.Min.Y), min(x+cell+overlap, matrix.Max.X), y)
		}
	}
}

// format returns how to print the values, or nil where they do not fit.
func (m HeatMap) format(cell vg.Length) (func(float64) string, text.Style) {
	if !m.ShowValues {
		return nil, text.Style{}
	}
	lo, hi := m.scale().limits()
	for _, digits := range []int{3, 2} {
		format := significant(max(math.Abs(lo), math.Abs(hi)), digits)
		if m.Log {
			format = func(v float64) string { return minus(strconv.FormatFloat(v, 'g', digits-1, 64)) }
		}
		for _, size := range []vg.Length{cellSize, smallestSize} {
			sty := textStyle(size)
			var w vg.Length
			for _, row := range m.Values {
				for _, v := range row {
					w = max(w, sty.Width(format(v)))
				}
			}
			if w+2 <= cell && lineHeight(sty) <= cell {
				return format, sty
			}
		}
	}
	return nil, text.Style{}
}

// significant prints numbers with the decimals that give the largest so many
// digits. Very large or small ones get an exponent each.
func significant(largest float64, digits int) func(float64) string {
	top := 0
	if largest > 0 {
		top = int(math.Floor(math.Log10(largest)*(1+1e-15) + 1e-12))
	}
	if top >= 4 || top < -3 {
		return func(v float64) string { return minus(strconv.FormatFloat(v, 'e', digits-1, 64)) }
	}
	decimals := max(0, digits-1-top)
	if top < 0 {
		decimals = digits - 1 - top
	}
	return func(v float64) string {
		if !finite(v) {
			return minus(strconv.FormatFloat(v, 'g', -1, 64))
		}
		s := strconv.FormatFloat(v, 'f', decimals, 64)
		if zero, _ := strconv.ParseFloat(s, 64); zero == 0 {
			s = strconv.FormatFloat(0, 'f', decimals, 64) // not −0
		}
		return minus(s)
	}
}

func (m HeatMap) drawNames(c, matrix draw.Canvas, cell vg.Length) {
	sty := textStyle(tickSize)
	sty.XAlign, sty.YAlign = text.XRight, text.YCenter
	for i, s := range m.RowNames {
		at := vg.Point{X: matrix.Min.X - textGap, Y: matrix.Max.Y - (vg.Length(i)+0.5)*cell}
		c.FillText(sty, at, s)
	}
	for j, s := range m.ColNames {
		x := matrix.Min.X + (vg.Length(j)+0.5)*cell
		if m.upright(cell) {
			turned := textStyle(tickSize)
			turned.Rotation = quarterTurn
			turned.XAlign, turned.YAlign = text.XRight, text.YCenter
			c.FillText(turned, vg.Point{X: x, Y: matrix.Min.Y - textGap}, s)
			continue
		}
		sty.XAlign = text.XCenter
		c.FillText(sty, vg.Point{X: x, Y: matrix.Min.Y - textGap - lineHeight(sty)/2 + 1}, s)
	}
}
