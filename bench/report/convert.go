package report

import (
	"fmt"

	"lowrank/bench/figure"
)

// newDocument copies what the page shows of a figure.
func newDocument(f *Figure) (*document, error) {
	d := &document{Figure: *f}
	var arrays pool
	for i, row := range f.Page.Rows {
		var cells []panel
		for j, c := range row.Cells {
			body, err := convert(c.Panel, &arrays)
			if err != nil {
				return nil, fmt.Errorf("row %d, cell %d: %w", i+1, j+1, err)
			}
			cells = append(cells, panel{number(c.Weight), body})
		}
		d.Rows = append(d.Rows, cells)
	}
	d.Arrays = arrays.arrays
	return d, nil
}

func convert(p figure.Panel, arrays *pool) (any, error) {
	switch p := p.(type) {
	case figure.Axes:
		return convertAxes(&p, arrays)
	case *figure.Axes:
		return convertAxes(p, arrays)
	case figure.HeatMap:
		return convertHeatMap(&p), nil
	case *figure.HeatMap:
		return convertHeatMap(p), nil
	case figure.ColorBar:
		return convertColorBar(&p), nil
	case *figure.ColorBar:
		return convertColorBar(p), nil
	}
	return nil, fmt.Errorf("a %T is no panel that the page can show", p)
}

func convertAxes(a *figure.Axes, arrays *pool) (*axes, error) {
	out := &axes{
		Title: a.Title, XLabel: a.XLabel, YLabel: a.YLabel, LogX: a.LogX, LogY: a.LogY, Square: a.Square,
		XMin: (*number)(a.XMin), XMax: (*number)(a.XMax), YMin: (*number)(a.YMin), YMax: (*number)(a.YMax),
		YTicks: a.YTicks,
		Lines:  []line{},
	}
	for i, l := range a.Lines {
		dash, okDash := dashes[l.Dash]
		marker, okMarker := markers[l.Marker]
		if !okDash || !okMarker {
			return nil, fmt.Errorf("line %d has the unknown dash %d or marker %d", i+1, l.Dash, l.Marker)
		}
		out.Lines = append(out.Lines, line{
			Name: l.Name, X: arrays.add(l.X), Y: arrays.add(l.Y), Low: arrays.optional(l.Low), High: arrays.optional(l.High),
			Color: l.Hue(), Dash: dash, Width: number(l.Width), Marker: marker,
			NoLine: l.NoLine, Faint: l.Faint, Hidden: l.HideInLegend,
		})
	}
	for i, m := range a.Marks {
		shape, ok := markers[m.Shape]
		if !ok {
			return nil, fmt.Errorf("mark %d has the unknown shape %d", i+1, m.Shape)
		}
		color := ""
		if shape != "" {
			color = figure.Color(m.Color)
		}
		out.Marks = append(out.Marks, mark{X: number(m.X), Y: number(m.Y), Label: m.Label, Shape: shape, Color: color})
	}
	for _, v := range a.Verticals {
		out.Verticals = append(out.Verticals, vertical{number(v.X), v.Label})
	}
	for _, h := range a.Horizontals {
		out.Horizontals = append(out.Horizontals, horizontal{number(h.Y), h.Label})
	}
	for _, b := range a.Bands {
		out.Bands = append(out.Bands, band{number(b.X0), number(b.X1), b.Name, figure.Color(b.Color)})
	}
	if f := a.Field; f != nil {
		out.Field = &field{
			X0: number(f.X0), X1: number(f.X1), Y0: number(f.Y0), Y1: number(f.Y1),
			Values: matrix(f.Values), Min: number(f.Min), Max: number(f.Max), Log: f.Log, Levels: f.Levels,
		}
	}
	return out, nil
}

func convertHeatMap(m *figure.HeatMap) *heatMap {
	return &heatMap{
		Title: m.Title, XLabel: m.XLabel, YLabel: m.YLabel, Values: matrix(m.Values),
		RowNames: m.RowNames, ColNames: m.ColNames,
		Min: number(m.Min), Max: number(m.Max), Log: m.Log, Grey: m.Grey, ShowValues: m.ShowValues,
	}
}

func convertColorBar(b *figure.ColorBar) *colorBar {
	return &colorBar{Label: b.Label, Min: number(b.Min), Max: number(b.Max), Log: b.Log, Grey: b.Grey}
}

func matrix(rows [][]float64) (out []numbers) {
	for _, row := range rows {
		out = append(out, row)
	}
	return out
}
