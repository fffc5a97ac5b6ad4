package browser

import (
	"math"
	"strconv"

	"lowrank/bench/figure"
)

// madeNumbers is what a row of a read-out of a made-up figure must say.
func madeNumbers(name string, row, cell int, r readout) (out []string) {
	for _, f := range figures() {
		if f.Name != name {
			continue
		}
		var a figure.Axes
		switch p := f.Page.Rows[row].Cells[cell].Panel.(type) {
		case figure.Axes:
			a = p
		case *figure.Axes:
			a = *p
		}
		l := a.Lines[r.Line]
		for _, v := range [][]float64{l.X, l.Y, l.Low, l.High} {
			if v != nil {
				out = append(out, format(v[r.Point]))
			}
		}
	}
	return out
}

// format writes a number as the CSV files do.
func format(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func sameNumber(a, b string) bool {
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && (x == y || math.IsNaN(x) && math.IsNaN(y))
}
