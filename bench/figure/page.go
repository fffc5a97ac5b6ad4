package figure

import (
	"errors"
	"fmt"
	"math"
	"reflect"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Page is a figure: rows of panels between a title and a caption.
type Page struct {
	Title   string
	Caption string // small print, wrapped to the page's width
	Rows    []Row
	Width   float64 // centimetres; 0 for 24
}

// Row is a row of panels. One in which all panels want less height, such as
// square heat maps in narrow cells, is made as low as they want.
type Row struct {
	Height float64 // centimetres, with titles and labels
	Cells  []Cell
}

// Cell gives a panel its share of a row's width.
type Cell struct {
	Panel  Panel
	Weight float64
}

// Panel is an [Axes], a [HeatMap] or a [ColorBar].
type Panel interface {
	check() error

	// edges returns the heights a panel needs above and below its body, which
	// is its plotting area.
	edges(w vg.Length) (top, bottom vg.Length)

	// body returns the height a body of at most that size wants, or 0 if any
	// will do.
	body(w, h vg.Length) vg.Length

	// draw fills a canvas, with the body between the edges.
	draw(c draw.Canvas, top, bottom vg.Length) error
}

const (
	defaultWidth = 24  // centimetres
	longestSide  = 150 // centimetres

	pageMargin = 12
	rowGap     = 14
	cellGap    = 14
	leastBody  = 24 // a smaller plotting area shows nothing
)

// sheet is a page laid out.
type sheet struct {
	page           *Page
	width, height  vg.Length
	title, caption []string
	rows           []strip
}

// strip is a row laid out.
type strip struct {
	height, top, bottom vg.Length
	widths              []vg.Length
}

func (p *Page) layout() (*sheet, error) {
	if p == nil || len(p.Rows) == 0 {
		return nil, errors.New("figure: the page has no rows")
	}
	width := p.Width
	if width == 0 {
		width = defaultWidth
	}
	if !(width > 0 && width <= longestSide) {
		return nil, fmt.Errorf("figure: the page is %g cm wide, which is not between 0 and %d", width, longestSide)
	}
	s := &sheet{page: p, width: vg.Length(width) * vg.Centimeter}
	inner := s.width - 2*pageMargin
	if inner < leastBody {
		return nil, fmt.Errorf("figure: a page of %g cm is too narrow to draw on", width)
	}
	s.title = wrap(p.Title, boldStyle(pageTitleSize), inner)
	s.caption = wrap(p.Caption, textStyle(captionSize), inner)
	s.height = 2*pageMargin + linesHeight(boldStyle(pageTitleSize), s.title, rowGap/2) +
		linesHeight(textStyle(captionSize), s.caption, rowGap)
	for i, row := range p.Rows {
		strip, err := row.layout(inner)
		if err != nil {
			return nil, fmt.Errorf("figure: row %d: %w", i+1, err)
		}
		if i > 0 {
			s.height += rowGap
		}
		s.height += strip.height
		s.rows = append(s.rows, strip)
	}
	if s.height > longestSide*vg.Centimeter {
		return nil, fmt.Errorf("figure: the page would be %.0f cm high, and %d is the most", s.height/vg.Centimeter, longestSide)
	}
	return s, nil
}

func (r Row) layout(width vg.Length) (strip, error) {
	if len(r.Cells) == 0 {
		return strip{}, errors.New("it has no cells")
	}
	if !(r.Height > 0 && r.Height <= longestSide) {
		return strip{}, fmt.Errorf("its height of %g cm is not between 0 and %d", r.Height, longestSide)
	}
	total := 0.0
	for i, c := range r.Cells {
		if err := c.check(); err != nil {
			return strip{}, fmt.Errorf("cell %d: %w", i+1, err)
		}
		total += c.Weight
	}
	if math.IsInf(total, 0) {
		return strip{}, errors.New("its weights are too large to add")
	}
	width -= cellGap * vg.Length(len(r.Cells)-1)
	s := strip{height: vg.Length(r.Height) * vg.Centimeter}
	for i, c := range r.Cells {
		w := width * vg.Length(c.Weight/total)
		if w < leastBody {
			return strip{}, fmt.Errorf("cell %d is too narrow to draw on", i+1)
		}
		top, bottom := c.Panel.edges(w)
		s.top, s.bottom = max(s.top, top), max(s.bottom, bottom)
		s.widths = append(s.widths, w)
	}
	body := s.height - s.top - s.bottom
	if body < leastBody {
		return strip{}, fmt.Errorf("a height of %g cm leaves no room between its titles and labels", r.Height)
	}
	wanted := vg.Length(0)
	for i, c := range r.Cells {
		wanted = max(wanted, c.Panel.body(s.widths[i], body))
	}
	if wanted > 0 {
		s.height = s.top + wanted + s.bottom
	}
	return s, nil
}

func (c Cell) check() error {
	if c.Panel == nil {
		return errors.New("it has no panel")
	}
	if v := reflect.ValueOf(c.Panel); v.Kind() == reflect.Pointer && v.IsNil() {
		return errors.New("its panel is a nil pointer")
	}
	if !(c.Weight > 0) || math.IsInf(c.Weight, 0) {
		return fmt.Errorf("its weight is %g, which is not a positive number", c.Weight)
	}
	return c.Panel.check()
}

func (s *sheet) draw(canvas vg.Canvas) error {
	c := draw.NewCanvas(canvas, s.width, s.height)
	fillRect(c, paper, 0, 0, s.width, s.height)
	c = draw.Crop(c, pageMargin, -pageMargin, pageMargin, -pageMargin)

	title := boldStyle(pageTitleSize)
	title.XAlign = text.XCenter
	y := c.Max.Y
	fillLines(c, title, s.title, (c.Min.X+c.Max.X)/2, y)
	y -= linesHeight(title, s.title, rowGap/2)
	for i, row := range s.rows {
		x := c.Min.X
		for j, w := range row.widths {
			cell := c
			cell.Rectangle = vg.Rectangle{
				Min: vg.Point{X: x, Y: y - row.height},
				Max: vg.Point{X: x + w, Y: y},
			}
			if err := s.page.Rows[i].Cells[j].Panel.draw(cell, row.top, row.bottom); err != nil {
				return fmt.Errorf("figure: row %d: cell %d: %w", i+1, j+1, err)
			}
			x += w + cellGap
		}
		y -= row.height + rowGap
	}
	fillLines(c, textStyle(captionSize), s.caption, c.Min.X, y)
	return nil
}
