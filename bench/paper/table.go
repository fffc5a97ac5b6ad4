package paper

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"lowrank/solvers"
)

// Table is data of a figure: a column for each quantity, NaN where a row has no
// value. Everything drawn stands in a table.
type Table struct {
	Name    string // empty for the main one, FIGURE.csv; else FIGURE-NAME.csv
	Columns []string
	Rows    [][]float64
}

func newTable(name string, columns ...string) *Table { return &Table{Name: name, Columns: columns} }

// add appends a row.
func (t *Table) add(row ...float64) {
	if len(row) != len(t.Columns) {
		panic(fmt.Sprintf("paper: a row of %d for the columns %q", len(row), t.Columns))
	}
	t.Rows = append(t.Rows, row)
}

func (t *Table) at(column string) int {
	i := slices.Index(t.Columns, column)
	if i < 0 {
		panic(fmt.Sprintf("paper: no column %q among %q", column, t.Columns))
	}
	return i
}

// column returns the values under a name.
func (t *Table) column(name string) []float64 {
	c := t.at(name)
	v := make([]float64, len(t.Rows))
	for i, row := range t.Rows {
		v[i] = row[c]
	}
	return v
}

// points returns the values of two columns in the rows that have both.
func (t *Table) points(x, y string) (xs, ys []float64) {
	cx, cy := t.at(x), t.at(y)
	for _, row := range t.Rows {
		if !math.IsNaN(row[cx]) && !math.IsNaN(row[cy]) {
			xs, ys = append(xs, row[cx]), append(ys, row[cy])
		}
	}
	return xs, ys
}

// derive appends a column computed from each row; value gives a column's.
func (t *Table) derive(name string, f func(value func(column string) float64) float64) {
	t.Columns = append(t.Columns, name)
	for i, row := range t.Rows {
		v := f(func(column string) float64 { return row[t.at(column)] })
		t.Rows[i] = append(row, v)
	}
}

// median appends a column with the median of others, in each row of those that
// have a value.
func (t *Table) median(name string, of ...string) {
	t.derive(name, func(value func(string) float64) float64 {
		var v []float64
		for _, column := range of {
			if x := value(column); !math.IsNaN(x) {
				v = append(v, x)
			}
		}
		return median(v)
	})
}

// median returns that of v, which it leaves alone; NaN of nothing.
func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	if n%2 == 1 {
		return v[n/2]
	}
	return v[n/2-1]/2 + v[n/2]/2
}

// tableOf takes columns of a trace, renamed by a suffix but for the first, which
// is t.
func tableOf(tr *solvers.Trace, suffix string, columns ...string) *Table {
	from := &Table{Columns: tr.Columns, Rows: tr.Rows}
	t := newTable("", "t")
	at := []int{from.at("t")}
	for _, c := range columns {
		t.Columns = append(t.Columns, c+suffix)
		at = append(at, from.at(c))
	}
	for _, row := range tr.Rows {
		out := make([]float64, len(at))
		for i, c := range at {
			out[i] = row[c]
		}
		t.Rows = append(t.Rows, out)
	}
	return t
}

// join puts tables beside one another by their first column, which it sorts.
func join(name string, parts ...*Table) *Table {
	t := newTable(name, parts[0].Columns[0])
	rows := map[float64][]float64{}
	for _, p := range parts {
		start := len(t.Columns)
		t.Columns = append(t.Columns, p.Columns[1:]...)
		for _, row := range p.Rows {
			out := rows[row[0]]
			if out == nil {
				out = []float64{row[0]}
			}
			if len(out) > start {
				panic(fmt.Sprintf("paper: %q has %g twice", p.Columns[0], row[0]))
			}
			for len(out) < start {
				out = append(out, math.NaN())
			}
			rows[row[0]] = append(out, row[1:]...)
		}
	}
	for _, row := range rows {
		for len(row) < len(t.Columns) {
			row = append(row, math.NaN())
		}
		t.Rows = append(t.Rows, row)
	}
	slices.SortFunc(t.Rows, func(a, b []float64) int { return cmp.Compare(a[0], b[0]) })
	return t
}

// fit returns the straight line of least squares through the points, and its R².
func fit(x, y []float64) (slope, intercept, r2 float64) {
	intercept, slope = stat.LinearRegression(x, y, nil, false)
	return slope, intercept, stat.RSquared(x, y, nil, intercept, slope)
}

// logs returns the decimal logarithms.
func logs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Log10(x)
	}
	return out
}
