package report

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
)

var hexColor = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// check finds what the script of the page could not draw.
func (d *document) check() error {
	if err := checkName(d.Name); err != nil {
		return err
	}
	for _, v := range d.Verdicts {
		if !slices.Contains([]string{"PASS", "FAIL", "NOTE"}, v.Status) {
			return fmt.Errorf("a verdict has the status %q; PASS, FAIL or NOTE was expected", v.Status)
		}
	}
	for i, row := range d.Rows {
		for j, p := range row {
			if err := d.checkPanel(p); err != nil {
				return fmt.Errorf("row %d, cell %d: %w", i+1, j+1, err)
			}
		}
	}
	return nil
}

// checkName keeps files inside the directory.
func checkName(name string) error {
	if path := filepath.FromSlash(name); name == "" || name == "." || !filepath.IsLocal(path) || filepath.Clean(path) != path {
		return fmt.Errorf("the figure is called %q; a name as in sensing/fig3 was expected", name)
	}
	return nil
}

func (d *document) checkPanel(p panel) error {
	if !(p.weight > 0) || math.IsInf(float64(p.weight), 0) {
		return fmt.Errorf("the weight is %g; a positive number was expected", float64(p.weight))
	}
	switch b := p.body.(type) {
	case *axes:
		return d.checkAxes(b)
	case *heatMap:
		if err := rectangular(b.Values); err != nil {
			return err
		}
		if n := len(b.RowNames); n != 0 && n != len(b.Values) {
			return fmt.Errorf("there are %d names for %d rows", n, len(b.Values))
		}
		if n := len(b.ColNames); n != 0 && n != len(b.Values[0]) {
			return fmt.Errorf("there are %d names for %d columns", n, len(b.Values[0]))
		}
	}
	return nil
}

func rectangular(rows []numbers) error {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return errors.New("there are no values")
	}
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			return fmt.Errorf("row %d has %d values but the first row has %d", i+1, len(row), len(rows[0]))
		}
	}
	return nil
}

func (d *document) checkAxes(a *axes) error {
	for i, l := range a.Lines {
		if err := d.checkLine(l); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	for i, m := range a.Marks {
		if m.Shape != "" && (!known(markers, m.Shape) || !hexColor.MatchString(m.Color)) {
			return fmt.Errorf("mark %d has the unknown shape %q or color %q", i+1, m.Shape, m.Color)
		}
	}
	for i, b := range a.Bands {
		if !hexColor.MatchString(b.Color) {
			return fmt.Errorf("band %d has the unknown color %q", i+1, b.Color)
		}
	}
	if a.Field != nil {
		if err := rectangular(a.Field.Values); err != nil {
			return fmt.Errorf("field: %w", err)
		}
	}
	return nil
}

func (d *document) checkLine(l line) error {
	length := -1
	for _, index := range []*int{&l.X, &l.Y, l.Low, l.High} {
		if index == nil {
			continue
		}
		if *index < 0 || *index >= len(d.Arrays) {
			return fmt.Errorf("there is no array %d among %d", *index, len(d.Arrays))
		}
		if n := len(d.Arrays[*index]); length >= 0 && n != length {
			return fmt.Errorf("%d numbers stand beside %d", n, length)
		}
		length = len(d.Arrays[*index])
	}
	if (l.Low == nil) != (l.High == nil) {
		return errors.New("error bars have one end only")
	}
	if !known(dashes, l.Dash) || !known(markers, l.Marker) || !hexColor.MatchString(l.Color) {
		return fmt.Errorf("the dash %q, the marker %q or the color %q is unknown", l.Dash, l.Marker, l.Color)
	}
	return nil
}

func known[K comparable](names map[K]string, name string) bool {
	return slices.Contains(slices.Collect(maps.Values(names)), name)
}
