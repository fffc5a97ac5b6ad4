package krylov

import (
	"lowrank/blas"
)

// Projection is H = VᵀΣV, symmetric and block tridiagonal, as an operator on the
// coordinates of X in V. Rows behind its size, which a caller may add with Pad, are
// zero.
type Projection struct {
	basis *Basis
	pad   int
}

// Pad says how many rows of zeros stand behind H.
func (p *Projection) Pad(rows int) { p.pad = rows }

// Dim is the order of H, with its padding.
func (p *Projection) Dim() int { return p.basis.h.rows() + p.pad }

// At is an element of H.
func (p *Projection) At(i, j int) float64 { return p.basis.h.element(i, j) }

// Norm is a bound of ‖H‖₂: the largest sum of a row.
func (p *Projection) Norm() float64 { return p.basis.h.largestSum() }

// Reserve needs nothing.
func (p *Projection) Reserve(int) {}

// Mul sets dst = Hx.
func (p *Projection) Mul(dst, x blas.General[float64]) error {
	p.basis.h.multiply(dst, x)
	return nil
}

// Held is the same as Bytes.
func (p *Projection) Held() int64 { return p.Bytes() }

// Bytes is that of its elements.
func (p *Projection) Bytes() int64 { return 8 * int64(p.basis.h.elements()) }

// Flops is two for each element and column.
func (p *Projection) Flops(r int) float64 { return 2 * float64(p.basis.h.elements()) * float64(r) }
