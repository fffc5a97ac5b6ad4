package krylov

import (
	"math"

	"lowrank/blas"
)

// Projection is H = VᵀΣV, symmetric and block tridiagonal, as an operator on the
// coordinates of X in V. Rows behind its size, which a caller may add with Pad, are
// zero.
type Projection struct {
	rows []band
	pad  int
	last int // vectors of the last block
}

// band is the part of a row of H that is not zero.
type band struct {
	at int // its first column
	h  []float64
}

// grow adds the rows of a block: its coupling with the last one, b×last, and its
// own part, b×b.
func (p *Projection) grow(coupling, own blas.General[float64]) {
	n, b := len(p.rows), own.Rows
	for i := range coupling.Cols { // rows of the last block
		row := &p.rows[n-coupling.Cols+i]
		for j := range b {
			row.h = append(row.h, coupling.Row(j)[i])
		}
	}
	for i := range b {
		h := append([]float64(nil), coupling.Row(i)...)
		for j := range b {
			h = append(h, (own.Row(i)[j]+own.Row(j)[i])/2)
		}
		p.rows = append(p.rows, band{n - coupling.Cols, h})
	}
	p.last = b
}

// Pad says how many rows of zeros stand behind H.
func (p *Projection) Pad(rows int) { p.pad = rows }

// Dim is the order of H, with its padding.
func (p *Projection) Dim() int { return len(p.rows) + p.pad }

// Order is the order of H.
func (p *Projection) Order() int { return len(p.rows) }

// At is an element of H.
func (p *Projection) At(i, j int) float64 {
	row := p.rows[i]
	if j < row.at || j >= row.at+len(row.h) {
		return 0
	}
	return row.h[j-row.at]
}

// Norm is a bound of ‖H‖₂: the largest sum of a row.
func (p *Projection) Norm() float64 {
	var most float64
	for _, row := range p.rows {
		var sum float64
		for _, v := range row.h {
			sum += math.Abs(v)
		}
		most = max(most, sum)
	}
	return most
}

// Reserve needs nothing.
func (p *Projection) Reserve(int) {}

// Mul sets dst = Hx.
func (p *Projection) Mul(dst, x blas.General[float64]) error {
	r := x.Cols
	if r == 1 {
		p.mul1(dst, x)
		return nil
	}
	if r == 2 {
		p.mul2(dst, x)
		return nil
	}
	for i, row := range p.rows {
		y := dst.Row(i)
		clear(y)
		for j, h := range row.h {
			for c, v := range x.Row(row.at + j) {
				y[c] += h * v
			}
		}
	}
	p.clear(dst)
	return nil
}

func (p *Projection) mul1(dst, x blas.General[float64]) {
	for i, row := range p.rows {
		var s float64
		at := row.at * x.Stride
		for _, h := range row.h {
			s += h * x.Data[at]
			at += x.Stride
		}
		dst.Data[i*dst.Stride] = s
	}
	p.clear(dst)
}

func (p *Projection) mul2(dst, x blas.General[float64]) {
	for i, row := range p.rows {
		var s, t float64
		at := row.at * x.Stride
		for _, h := range row.h {
			pair := x.Data[at : at+2]
			s += h * pair[0]
			t += h * pair[1]
			at += x.Stride
		}
		y := dst.Row(i)
		y[0], y[1] = s, t
	}
	p.clear(dst)
}

// clear sets the rows behind H to zero.
func (p *Projection) clear(dst blas.General[float64]) {
	for i := len(p.rows); i < dst.Rows; i++ {
		clear(dst.Row(i))
	}
}

// Bytes is that of its elements.
func (p *Projection) Bytes() int64 { return 8 * int64(p.elements()) }

// Flops is two for each element and column.
func (p *Projection) Flops(r int) float64 { return 2 * float64(p.elements()) * float64(r) }

func (p *Projection) elements() int {
	n := 0
	for _, row := range p.rows {
		n += len(row.h)
	}
	return n
}
