package paper

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// symmetricProblem is a diagonal Σ, largest eigenvalue first, and its theory.
type symmetricProblem struct {
	lambda []float64
	op     *operator.Diagonal[float64]
	theory *symmetric.Theory[float64] // shared by the runs, which measure in turn
	b      *blas.Backend
	r      int
}

// newSymmetricProblem checks first that so many runs have the memory they need.
func newSymmetricProblem(m *making, r int, lambda []float64, runs int) (*symmetricProblem, error) {
	d := len(lambda)
	bytes := problem.RunBytes[float64](d, r, true) * float64(runs)
	if err := problem.CheckMemory(fmt.Sprintf("%s with %d runs of d = %d", m.Figure, runs, d), bytes); err != nil {
		return nil, err
	}
	op := operator.NewDiagonal(m.Backend, lambda)
	basis := symmetric.DiagonalEigenbasis(op, r)
	return &symmetricProblem{lambda, op, symmetric.NewTheory[float64](m.Backend, basis), m.Backend, r}, nil
}

// run is a solver from the large start X_0 = scale·N_0.
func (p *symmetricProblem) run(scale, step float64, seed uint64) *symmetric.Solver[float64] {
	return symmetric.New(p.b, p.op, symmetric.RandomStart(len(p.lambda), p.r, scale, seed), step)
}

// roughNoise is σ_1(u_kK_kᵀ), k from 0, of an iterate with leading rows u, from
// its Gram matrix: nothing below 1e-7 can be read from it, but it costs no sweep
// over X and tells when one is worth it.
func roughNoise(u, g []float64, k, r int) float64 {
	var sum float64
	uk := u[k*r : (k+1)*r]
	for a := range r {
		for b := range r {
			sum += uk[a] * g[a*r+b] * uk[b]
		}
	}
	for i := range k + 1 {
		var c float64
		for a, v := range uk {
			c += v * u[i*r+a]
		}
		sum -= c * c
	}
	return math.Sqrt(max(sum, 0))
}

// roughError is ‖Σ_r − XXᵀ‖_F² for a diagonal Σ from the Gram matrix, with the
// same reservation: its rounding errors are some 1e-16 of ‖Σ_r‖_F².
func roughError(lambda, u, g []float64, r int) float64 {
	var sum float64
	for k := range r {
		l := max(lambda[k], 0)
		sum += l * l
		for _, v := range u[k*r : (k+1)*r] {
			sum -= 2 * l * v * v
		}
	}
	for _, v := range g {
		sum += v * v
	}
	return max(sum, 0)
}

// leadingRows copies u_1 … u_r of an iterate for a diagonal Σ.
func leadingRows(dst []float64, s *symmetric.Solver[float64]) {
	x := s.X()
	for k := range x.Cols {
		copy(dst[k*x.Cols:(k+1)*x.Cols], x.Row(k))
	}
}

// spread is how the values of several seeds lie. Of none it is NaN.
type spread struct{ median, low, high, least, most float64 }

func spreadOf(v []float64) spread {
	if len(v) == 0 {
		nan := math.NaN()
		return spread{nan, nan, nan, nan, nan}
	}
	v = slices.Sorted(slices.Values(v))
	quantile := func(p float64) float64 { return stat.Quantile(p, stat.LinInterp, v, nil) }
	return spread{median(v), min(quantile(0.25), median(v)), max(quantile(0.75), median(v)), v[0], v[len(v)-1]}
}

// spreadColumns are the names of a spread's values in a table.
func spreadColumns(of string) []string {
	return []string{of + "_median", of + "_q1", of + "_q3", of + "_min", of + "_max"}
}

func (s spread) values() []float64 { return []float64{s.median, s.low, s.high, s.least, s.most} }

// withValue is the rows in which a column has a value.
func withValue(t *Table, column string, value float64) *Table {
	c := t.at(column)
	out := &Table{Name: t.Name, Columns: t.Columns}
	for _, row := range t.Rows {
		if row[c] == value {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// distinct is the values of a column, each once, in their order.
func distinct(t *Table, column string) []float64 {
	var out []float64
	for _, v := range t.column(column) {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// present is the values of a column but for NaN.
func present(t *Table, column string) []float64 {
	return slices.DeleteFunc(t.column(column), math.IsNaN)
}

// dots draws single runs: a pale marker each.
func dots(t *Table, x, y string, color int, marker figure.Marker) figure.Line {
	l := t.line("single starts", x, y, color)
	l.NoLine, l.Marker, l.Faint, l.HideInLegend = true, marker, true, true
	return l
}

// medians draws the medians of a summary, with bars from quartile to quartile.
func medians(t *Table, name, x, of string, color int, marker figure.Marker) figure.Line {
	l := t.line(name, x, of+"_median", color)
	l.Marker = marker
	_, l.Low = t.points(x, of+"_q1")
	_, l.High = t.points(x, of+"_q3")
	return l
}

// fitLog is the straight line of a column against log10 d; NaN of fewer than
// three points.
func fitLog(t *Table, d, y string) (slope, intercept, r2 float64) {
	xs, ys := t.points(d, y)
	if len(xs) < 3 {
		return math.NaN(), math.NaN(), math.NaN()
	}
	return fit(logs(xs), ys)
}

// fitPower is the power of d in a column, fitted to the logarithms, and its
// standard error; NaN of fewer than three points.
func fitPower(t *Table, d, y string) (power, deviation float64) {
	xs, ys := t.points(d, y)
	if len(xs) < 3 {
		return math.NaN(), math.NaN()
	}
	xs, ys = logs(xs), logs(ys)
	power, intercept, _ := fit(xs, ys)
	var rest float64
	for i, x := range xs {
		e := ys[i] - intercept - power*x
		rest += e * e
	}
	n := float64(len(xs))
	return power, math.Sqrt(rest / (n - 2) / ((n - 1) * stat.Variance(xs, nil)))
}

// once checks that no value stands twice in a list.
func once[T comparable](name string, values []T) error {
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			return fmt.Errorf("%s has %v twice; expected each value once", name, v)
		}
	}
	return nil
}

// each64 is n seeds in a row.
func each64(first uint64, n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = first + uint64(i)
	}
	return out
}

// power writes a small power of ten as one.
func power(v float64) string {
	if e := math.Round(math.Log10(v)); v < 0.01 && math.Abs(v/math.Pow(10, e)-1) < 1e-9 {
		return fmt.Sprintf("10^{−%.0f}", -e)
	}
	return fmt.Sprintf("%.3g", v)
}

func pointer(v float64) *float64 { return &v }
