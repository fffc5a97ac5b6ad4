// Package twofold is arithmetic of 106 bits: sums for results that nearly cancel, and numbers
// and matrices for tests that need the true result of an iteration. It imports the standard
// library alone.
package twofold

import "math"

// Number is an unevaluated sum Hi + Lo (Dekker, "A floating-point technique for
// extending the available precision", 1971).
type Number struct{ Hi, Lo float64 }

// Of is a number of 53 bits.
func Of(x float64) Number { return Number{Hi: x} }

// Plus is a + b.
func (a Number) Plus(b Number) Number {
	s := a.Hi + b.Hi
	v := s - a.Hi
	e := (a.Hi - (s - v)) + (b.Hi - v)
	e += a.Lo + b.Lo
	hi := s + e
	return Number{hi, e - (hi - s)}
}

// Times is a·b.
func (a Number) Times(b Number) Number {
	p := a.Hi * b.Hi
	e := math.FMA(a.Hi, b.Hi, -p) + (a.Hi*b.Lo + a.Lo*b.Hi)
	hi := p + e
	return Number{hi, e - (hi - p)}
}

// Minus is a − b.
func (a Number) Minus(b Number) Number { return a.Plus(Number{-b.Hi, -b.Lo}) }

// Matrix is a matrix of so many columns.
type Matrix struct {
	Cols int
	Data []Number
}

// MatrixOf is one of 53 bits, without gaps between its rows.
func MatrixOf(data []float64, cols int) Matrix {
	m := Matrix{Cols: cols, Data: make([]Number, len(data))}
	for i, v := range data {
		m.Data[i] = Of(v)
	}
	return m
}

// Row returns row i.
func (m Matrix) Row(i int) []Number { return m.Data[i*m.Cols : (i+1)*m.Cols] }

// Gram is mᵀm, square.
func (m Matrix) Gram() Matrix {
	k := m.Cols
	g := Matrix{k, make([]Number, k*k)}
	for i := range len(m.Data) / k {
		row := m.Row(i)
		for a := range k {
			for c := range a + 1 {
				g.Data[a*k+c] = g.Data[a*k+c].Plus(row[a].Times(row[c]))
			}
		}
	}
	for a := range k {
		for c := range a {
			g.Data[c*k+a] = g.Data[a*k+c]
		}
	}
	return g
}

// Descend returns m + η(diag(λ)·other − m·g), where diag(λ) is as high as m and as
// wide as other, and zero beyond λ.
func (m Matrix) Descend(eta float64, lambda []float64, other, g Matrix) Matrix {
	next := Matrix{m.Cols, make([]Number, len(m.Data))}
	for i := range len(m.Data) / m.Cols {
		row := m.Row(i)
		for c := range row {
			var d Number
			if i < len(lambda) {
				d = other.Row(i)[c].Times(Of(lambda[i]))
			}
			for a, v := range row {
				d = d.Minus(v.Times(g.Data[a*m.Cols+c]))
			}
			next.Row(i)[c] = row[c].Plus(d.Times(Of(eta)))
		}
	}
	return next
}

// Distance is ‖x − m‖_F/‖m‖_F.
func (m Matrix) Distance(x []float64) float64 {
	var d, n float64
	for i, v := range m.Data {
		d, n = math.Hypot(d, (v.Hi-x[i])+v.Lo), math.Hypot(n, v.Hi)
	}
	return d / n
}

// Power is a^n by repeated multiplication, n ≥ 0.
func (a Number) Power(n int) Number {
	p := Of(1)
	for range n {
		p = p.Times(a)
	}
	return p
}

// Times is m·o.
func (m Matrix) Times(o Matrix) Matrix {
	rows := len(m.Data) / m.Cols
	p := Matrix{o.Cols, make([]Number, rows*o.Cols)}
	for i := range rows {
		to := p.Row(i)
		for l, v := range m.Row(i) {
			for j, w := range o.Row(l) {
				to[j] = to[j].Plus(v.Times(w))
			}
		}
	}
	return p
}

// Less is m − by·o.
func (m Matrix) Less(by float64, o Matrix) Matrix {
	d := Matrix{m.Cols, make([]Number, len(m.Data))}
	for i, v := range m.Data {
		d.Data[i] = v.Minus(o.Data[i].Times(Of(by)))
	}
	return d
}
