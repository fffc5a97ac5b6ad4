package figure

import (
	"bytes"
	"image/png"
	"math"
	"strings"
	"sync"
	"testing"
)

func mustPNG(t *testing.T, p *Page) []byte {
	t.Helper()
	b, err := p.PNG()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustSVG(t *testing.T, p *Page) []byte {
	t.Helper()
	b, err := p.SVG()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func onePanel(p Panel) *Page {
	return &Page{Rows: []Row{{Height: 8, Cells: []Cell{{p, 1}}}}}
}

func curve(x, y []float64) Axes { return Axes{Lines: []Line{{Name: "curve", X: x, Y: y}}} }

func TestSameInputSameBytes(t *testing.T) {
	wantPNG, wantSVG := mustPNG(t, demonstration()), mustSVG(t, demonstration())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			p := demonstration()
			if b, err := p.PNG(); err != nil || !bytes.Equal(b, wantPNG) {
				t.Errorf("PNG differs or failed: %v", err)
			}
			if b, err := p.SVG(); err != nil || !bytes.Equal(b, wantSVG) {
				t.Errorf("SVG differs or failed: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestPNGSize(t *testing.T) {
	p := onePanel(curve([]float64{0, 1}, []float64{0, 1}))
	for _, width := range []float64{0, 12.7} {
		p.Width = width
		b := mustPNG(t, p)
		image, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if width == 0 {
			width = 24
		}
		size := image.Bounds().Size()
		if want := int(width/2.54*150 + 0.5); size.X != want {
			t.Errorf("%g cm are %d pixels wide, want %d", width, size.X, want)
		}
		// 8 cm and two margins of 12 points
		if want := int(math.Round((8/2.54 + 24.0/72) * 150)); size.Y != want {
			t.Errorf("the page is %d pixels high, want %d", size.Y, want)
		}
		if r, g, b, a := image.At(0, 0).RGBA(); r&g&b&a != 0xffff {
			t.Error("the background is not white")
		}
		if !bytes.Contains(b[:80], []byte("pHYs\x00\x00\x17\x12\x00\x00\x17\x12\x01")) {
			t.Error("the resolution is missing")
		}
	}
}

func TestRowOfSquaresIsTrimmed(t *testing.T) {
	m := HeatMap{Values: [][]float64{{1, 2}, {3, 4}}}
	row := Row{Height: 20, Cells: []Cell{{m, 1}, {ColorBar{Max: 1}, 1}}}
	s, err := row.layout(300)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.height-s.top-s.bottom, s.widths[0]; math.Abs(float64(got-want)) > 1e-9 {
		t.Errorf("the body is %.2f high for squares %.2f wide", got, want)
	}
}

func TestWeights(t *testing.T) {
	a := Axes{}
	s, err := Row{Height: 8, Cells: []Cell{{a, 3}, {&a, 1}}}.layout(400 + cellGap)
	if err != nil {
		t.Fatal(err)
	}
	if s.widths[0] != 300 || s.widths[1] != 100 {
		t.Errorf("widths %v, want 300 and 100", s.widths)
	}
}

func TestNonsenseIsAnError(t *testing.T) {
	ok := curve([]float64{1, 2}, []float64{1, 2})
	values := [][]float64{{1, 2}, {3, 4}}
	zero, one, nan := 0.0, 1.0, math.NaN()
	much, y, y2 := 1e6, []float64{1, 2}, []float64{nan}
	var missing *Axes
	for name, c := range map[string]struct {
		page *Page
		want string
	}{
		"nil page":       {nil, "no rows"},
		"no rows":        {&Page{}, "no rows"},
		"no cells":       {&Page{Rows: []Row{{Height: 5}}}, "no cells"},
		"no height":      {&Page{Rows: []Row{{Cells: []Cell{{ok, 1}}}}}, "height"},
		"NaN height":     {&Page{Rows: []Row{{Height: nan, Cells: []Cell{{ok, 1}}}}}, "height"},
		"low row":        {&Page{Rows: []Row{{Height: 1, Cells: []Cell{{ok, 1}}}}}, "no room"},
		"high page":      {&Page{Rows: []Row{{100, []Cell{{ok, 1}}}, {100, []Cell{{ok, 1}}}}}, "cm high"},
		"negative width": {&Page{Width: -1, Rows: onePanel(ok).Rows}, "wide"},
		"huge width":     {&Page{Width: 1e9, Rows: onePanel(ok).Rows}, "wide"},
		"narrow page":    {&Page{Width: 1, Rows: onePanel(ok).Rows}, "narrow"},
		"zero weight":    {&Page{Rows: []Row{{8, []Cell{{ok, 0}}}}}, "weight"},
		"negative":       {&Page{Rows: []Row{{8, []Cell{{ok, -1}}}}}, "weight"},
		"NaN weight":     {&Page{Rows: []Row{{8, []Cell{{ok, nan}}}}}, "weight"},
		"huge weights":   {&Page{Rows: []Row{{8, []Cell{{ok, 1.7e308}, {ok, 1.7e308}}}}}, "weights"},
		"narrow cell":    {&Page{Rows: []Row{{8, []Cell{{ok, 1}, {ok, 1e-6}}}}}, "narrow"},
		"no panel":       {onePanel(nil), "no panel"},
		"nil panel":      {onePanel(missing), "nil pointer"},
		"x and y":        {onePanel(curve([]float64{1, 2}, []float64{1})), "2 values of x but 1 of y"},
		"dash":           {onePanel(Axes{Lines: []Line{{Dash: 9}}}), "dash"},
		"line width":     {onePanel(Axes{Lines: []Line{{Width: -1}}}), "width"},
		"limits swapped": {onePanel(Axes{XMin: &one, XMax: &zero}), "range"},
		"limits equal":   {onePanel(Axes{YMin: &one, YMax: &one}), "range"},
		"limit NaN":      {onePanel(Axes{YMin: &nan}), "limit"},
		"log limit":      {onePanel(Axes{LogX: true, XMin: &zero}), "limit"},
		"no values":      {onePanel(HeatMap{}), "no values"},
		"empty row":      {onePanel(HeatMap{Values: [][]float64{{}}}), "no values"},
		"ragged":         {onePanel(HeatMap{Values: [][]float64{{1, 2}, {3}}}), "row 2"},
		"row names":      {onePanel(HeatMap{Values: values, RowNames: []string{"a"}}), "row names"},
		"column names":   {onePanel(HeatMap{Values: values, ColNames: []string{"a"}}), "column names"},
		"scale":          {onePanel(HeatMap{Values: values, Min: 2, Max: 1}), "scale"},
		"wide names": {onePanel(HeatMap{Values: values, RowNames: []string{strings.Repeat("m", 200), ""}}),
			"no room"},
		"too many cells": {onePanel(HeatMap{Values: [][]float64{make([]float64, mostCells+1)}}), "cells"},
		"bar":            {onePanel(ColorBar{}), "scale"},
		"bar NaN":        {onePanel(ColorBar{Max: nan}), "scale"},
		"marker":         {onePanel(Axes{Lines: []Line{{Marker: 99}}}), "marker"},
		"shape":          {onePanel(Axes{Marks: []Mark{{Shape: -1}}}), "shape"},
		"one end":        {onePanel(Axes{Lines: []Line{{X: y, Y: y, Low: y}}}), "0 upper ends"},
		"short ends":     {onePanel(Axes{Lines: []Line{{X: y, Y: y, Low: y[:1], High: y}}}), "1 lower"},
		"bar upside down": {onePanel(Axes{Lines: []Line{{X: y, Y: y, Low: y, High: []float64{1, 1}}}}),
			"from 2 up to 1 at point 2"},
		"band NaN":       {onePanel(Axes{Bands: []Band{{X0: 0, X1: nan}}}), "band 1"},
		"band backwards": {onePanel(Axes{Bands: []Band{{X0: 0, X1: 1}, {X0: 1, X1: 0}}}), "band 2"},
		"square log":     {onePanel(Axes{Square: true, LogY: true}), "logarithmic"},
		"unequal":        {onePanel(Axes{Square: true, XMin: &zero, XMax: &one, YMin: &zero, YMax: &much}), "no room"},
		"flat":           {onePanel(Axes{Square: true, YMin: &zero, YMax: &one, XMin: &zero, XMax: &much}), "unequal"},
		"empty field":    {onePanel(Axes{Field: &Field{X1: 1, Y1: 1}}), "field has no values"},
		"ragged field":   {onePanel(Axes{Field: &Field{X1: 1, Y1: 1, Values: [][]float64{{1}, {}}}}), "row 2 of the field"},
		"field extent":   {onePanel(Axes{Field: &Field{X1: 1, Values: values}}), "y axis"},
		"field on log":   {onePanel(Axes{LogX: true, Field: &Field{X1: 1, Y1: 1, Values: values}}), "x axis"},
		"field scale":    {onePanel(Axes{Field: &Field{X1: 1, Y1: 1, Values: values, Max: 1, Log: true}}), "logarithmic scale"},
		"field level":    {onePanel(Axes{Field: &Field{X1: 1, Y1: 1, Values: values, Levels: y2}}), "level"},
		"log heat map":   {onePanel(HeatMap{Values: values, Min: -1, Max: 1, Log: true}), "logarithmic scale"},
		"log bar":        {onePanel(ColorBar{Max: 1, Log: true}), "logarithmic scale"},
		"narrow bar":     {&Page{Rows: []Row{{8, []Cell{{ColorBar{Max: 1}, 1}, {ok, 24}}}}}, "width"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.page.PNG()
			if err == nil {
				t.Fatal("no error")
			}
			s := err.Error()
			if !strings.HasPrefix(s, "figure: ") || !strings.Contains(s, c.want) || strings.Contains(s, "\n") {
				t.Errorf("the error %q does not speak of %q", s, c.want)
			}
			if _, err := c.page.SVG(); err == nil || err.Error() != s {
				t.Errorf("SVG says %v, PNG says %s", err, s)
			}
		})
	}
}
