package krylov

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// Basis is an orthonormal basis V of the block Krylov space
// span{X_0, ΣX_0, …, Σ^(s−1)X_0} of a symmetric d×d matrix Σ, built block by block
// (block Lanczos; Golub and Underwood, "The block Lanczos method for computing
// eigenvalues", 1977) with full reorthogonalization, so that
//
//	ΣV = VH + V_(s+1)·B·E_sᵀ,
//
// H = VᵀΣV block tridiagonal, E_s the columns of the last block. Directions that
// vanish to rounding are left out of the next block; when none is left V spans an
// invariant subspace, and B is empty.
type Basis struct {
	space
	op     operator.Operator[float64]
	passes int

	guard    int // the row of the guard, −1 where there is none
	h        *Projection
	coupling blas.General[float64] // B: rows of V_(s+1), columns of V_s

	x, y blas.General[float64] // operands of a pass
}

// New makes the basis of the columns of X_0, d×r, with one pass over Σ, and returns
// it with Z_0, X_0 = V·Z_0. Columns of X_0 that depend on others have no vector of
// their own.
//
// A random vector, the guard, is added to the start. X has no part in it, but rounding
// errors have: its Krylov space is where they meet directions that X_0 does not excite
// and in which the trajectory may be unstable.
func New(b *blas.Backend, op operator.Operator[float64], x0 blas.General[float64]) (*Basis, blas.General[float64], error) {
	d, r := op.Dim(), x0.Cols
	x0.Check(d, r)
	k := &Basis{space: newSpace(b, d), op: op, h: &Projection{}}
	v, z, guard := k.start(x0)
	k.guard = guard
	k.push(v)
	k.coupling = blas.NewGeneral[float64](v.Rows, 0)
	if v.Rows > 0 {
		if err := k.Extend(); err != nil {
			return nil, z, err
		}
	}
	return k, z, nil
}

// Guard is the row of the coordinates that belongs to the guard, −1 where X_0 spans
// everything.
func (k *Basis) Guard() int { return k.guard }

// Passes is the number of passes over Σ that were made.
func (k *Basis) Passes() int { return k.passes }

// Projection is H. It grows with the basis.
func (k *Basis) Projection() *Projection { return k.h }

// Coupling is B, with as many rows as V_(s+1) has vectors and as many columns as
// the last block of V. It is replaced by Extend.
func (k *Basis) Coupling() blas.General[float64] { return k.coupling }

// Extend adds the waiting block to V, with one pass over Σ. On a closed basis it
// does nothing.
func (k *Basis) Extend() error {
	if k.Closed() {
		return nil
	}
	v := k.waiting()
	d, b := k.Dim(), v.Rows
	if k.x.Cols != b {
		k.x, k.y = blas.NewGeneral[float64](d, b), blas.NewGeneral[float64](d, b)
	}
	transpose(k.x, v)
	k.op.Reserve(b)
	if err := k.op.Mul(k.y, k.x); err != nil {
		return err
	}
	k.passes++
	w := blas.NewGeneral[float64](b, d)
	transpose(w, k.y)
	own := blas.NewGeneral[float64](b, b) // V_(s+1)ᵀΣV_(s+1)
	k.blas.Gemm(gblas.NoTrans, gblas.Trans, b, b, d, 1, v.Data, v.Stride, w.Data, w.Stride, 0, own.Data, own.Stride)
	k.h.grow(k.coupling, own)
	k.norm = max(k.norm, frobenius(own), frobenius(k.coupling))
	next, r := k.orthonormalize(w)
	k.push(next)
	k.coupling = r
	return nil
}
