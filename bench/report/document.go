package report

import (
	"encoding/json"
	"fmt"

	"lowrank/bench/figure"
)

// document is a figure's file. Lines and error bars name their numbers by
// indices into Arrays, for many share them.
type document struct {
	Figure
	Rows   [][]panel `json:"rows"`
	Arrays []numbers `json:"arrays"`
}

// panel is a cell of the page: body is *axes, *heatMap or *colorBar.
type panel struct {
	weight number
	body   any
}

// The types of panels in a file.
const (
	typeAxes     = "axes"
	typeHeatMap  = "heatmap"
	typeColorBar = "colorbar"
)

type axes struct {
	Title  string `json:"title"`
	XLabel string `json:"xlabel"`
	YLabel string `json:"ylabel"`
	LogX   bool   `json:"logx"`
	LogY   bool   `json:"logy"`

	XMin *number `json:"xmin,omitempty"` // absent to take the limit from the data
	XMax *number `json:"xmax,omitempty"`
	YMin *number `json:"ymin,omitempty"`
	YMax *number `json:"ymax,omitempty"`

	YTicks numbers `json:"yticks,omitempty"` // absent for round numbers

	Square bool `json:"square,omitempty"`

	Lines       []line       `json:"lines"`
	Marks       []mark       `json:"marks,omitempty"`
	Verticals   []vertical   `json:"verticals,omitempty"`
	Horizontals []horizontal `json:"horizontals,omitempty"`
	Bands       []band       `json:"bands,omitempty"`
	Field       *field       `json:"field,omitempty"`
}

type line struct {
	Name   string `json:"name"`
	X      int    `json:"x"` // into the arrays of the document, as are Y, Low and High
	Y      int    `json:"y"`
	Low    *int   `json:"low,omitempty"`
	High   *int   `json:"high,omitempty"`
	Color  string `json:"color"`
	Dash   string `json:"dash,omitempty"` // dashed or dotted
	Width  number `json:"width,omitempty"`
	Marker string `json:"marker,omitempty"`
	NoLine bool   `json:"noline,omitempty"`
	Faint  bool   `json:"faint,omitempty"`
	Hidden bool   `json:"unlisted,omitempty"` // not in the legend
}

type mark struct {
	X     number `json:"x"`
	Y     number `json:"y"`
	Label string `json:"label"`
	Shape string `json:"shape,omitempty"` // absent for the red dot
	Color string `json:"color,omitempty"`
}

type vertical struct {
	X     number `json:"x"`
	Label string `json:"label"`
}

type horizontal struct {
	Y     number `json:"y"`
	Label string `json:"label"`
}

type band struct {
	X0    number `json:"x0"`
	X1    number `json:"x1"`
	Name  string `json:"name"`
	Color string `json:"color"`
}

type field struct {
	X0     number    `json:"x0"`
	X1     number    `json:"x1"`
	Y0     number    `json:"y0"`
	Y1     number    `json:"y1"`
	Values []numbers `json:"values"` // rows, from the bottom
	Min    number    `json:"min"`    // equal to Max to take the scale from the values
	Max    number    `json:"max"`
	Log    bool      `json:"log,omitempty"`
	Levels numbers   `json:"levels,omitempty"`
}

type heatMap struct {
	Title      string    `json:"title"`
	XLabel     string    `json:"xlabel"`
	YLabel     string    `json:"ylabel"`
	Values     []numbers `json:"values"` // rows, from the top
	RowNames   []string  `json:"rownames,omitempty"`
	ColNames   []string  `json:"colnames,omitempty"`
	Min        number    `json:"min"` // equal to Max to take the scale from the values
	Max        number    `json:"max"`
	Log        bool      `json:"log,omitempty"`
	Grey       bool      `json:"grey,omitempty"`
	ShowValues bool      `json:"showvalues,omitempty"`
}

type colorBar struct {
	Label string `json:"label"`
	Min   number `json:"min"`
	Max   number `json:"max"`
	Log   bool   `json:"log,omitempty"`
	Grey  bool   `json:"grey,omitempty"`
}

type panelHead struct {
	Weight number `json:"weight"`
	Type   string `json:"type"`
}

func (p panel) MarshalJSON() ([]byte, error) {
	switch b := p.body.(type) {
	case *axes:
		return json.Marshal(struct {
			panelHead
			*axes
		}{panelHead{p.weight, typeAxes}, b})
	case *heatMap:
		return json.Marshal(struct {
			panelHead
			*heatMap
		}{panelHead{p.weight, typeHeatMap}, b})
	case *colorBar:
		return json.Marshal(struct {
			panelHead
			*colorBar
		}{panelHead{p.weight, typeColorBar}, b})
	}
	return nil, fmt.Errorf("a %T is no panel", p.body)
}

func (p *panel) UnmarshalJSON(b []byte) error {
	var head panelHead
	if err := json.Unmarshal(b, &head); err != nil {
		return err
	}
	p.weight = head.Weight
	switch head.Type {
	case typeAxes:
		p.body = new(axes)
	case typeHeatMap:
		p.body = new(heatMap)
	case typeColorBar:
		p.body = new(colorBar)
	default:
		return fmt.Errorf("there is no panel of type %q", head.Type)
	}
	return json.Unmarshal(b, p.body)
}

var dashes = map[figure.Dash]string{figure.Solid: "", figure.Dashed: "dashed", figure.Dotted: "dotted"}

var markers = map[figure.Marker]string{
	figure.None: "", figure.Dot: "dot", figure.Circle: "circle", figure.Square: "square",
	figure.OpenSquare: "opensquare", figure.Triangle: "triangle", figure.Diamond: "diamond", figure.Cross: "cross",
}
