package krylov

import (
	"lowrank/blas"
)

// Projection is H = VᵀΣV, symmetric and block tridiagonal, as an operator on the
// coordinates of X in V. Rows behind its size, which a caller may add with Pad, are
// zero.
type Projection struct {
	rows []band
	pad  int
}

// grow adds the rows of a block: its coupling with the last one, b×last, and its
// own part, b×b.
func (p *Projection) grow(coupling, own blas.General[float64]) {
	n, b := len(p.rows), own.Rows
	join(p.rows[n-coupling.Cols:], coupling)
	for i := range b {
		h := append([]float64(nil), coupling.Row(i)...)
		for j := range b {
			h = append(h, (own.Row(i)[j]+own.Row(j)[i])/2)
		}
		p.rows = append(p.rows, band{n - coupling.Cols, h})
	}
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
func (p *Projection) Norm() float64 { return largestSum(p.rows) }

// Reserve needs nothing.
func (p *Projection) Reserve(int) {}

// Mul sets dst = Hx.
func (p *Projection) Mul(dst, x blas.General[float64]) error {
	multiply(p.rows, dst, x)
	return nil
}

// Bytes is that of its elements.
func (p *Projection) Bytes() int64 { return 8 * int64(elements(p.rows)) }

// Flops is two for each element and column.
func (p *Projection) Flops(r int) float64 { return 2 * float64(elements(p.rows)) * float64(r) }
