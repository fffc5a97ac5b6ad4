package krylov

import (
	"math"

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
	op     operator.Operator[float64]
	blas   blas.Routines[float64]
	blocks []blas.General[float64] // V_1 … V_s and V_(s+1), vectors as rows
	spans  []int                   // where each block starts; len(blocks)+1
	size   int                     // vectors of V_1 … V_s
	passes int
	norm   float64 // of the projections so far, a lower bound of ‖Σ‖_F of a block row

	h        *Projection
	coupling blas.General[float64] // B: rows of V_(s+1), columns of V_s

	x, y blas.General[float64] // operands of a pass
}

// New makes the basis of the columns of X_0, d×r, with one pass over Σ, and returns
// it with Z_0, X_0 = V·Z_0. Columns of X_0 that depend on others have no vector of
// their own.
func New(b *blas.Backend, op operator.Operator[float64], x0 blas.General[float64]) (*Basis, blas.General[float64], error) {
	d, r := op.Dim(), x0.Cols
	x0.Check(d, r)
	k := &Basis{op: op, blas: blas.RoutinesOf[float64](b.BLAS), spans: []int{0}, h: &Projection{}}
	first := blas.NewGeneral[float64](r, d)
	transpose(first, x0)
	v, z := k.orthonormalize(first)
	k.push(v)
	k.coupling = blas.NewGeneral[float64](v.Rows, 0)
	if v.Rows > 0 {
		if err := k.Extend(); err != nil {
			return nil, z, err
		}
	}
	return k, z, nil
}

// push makes v the block that waits for its pass.
func (k *Basis) push(v blas.General[float64]) {
	k.blocks = append(k.blocks, v)
	k.spans = append(k.spans, k.spans[len(k.spans)-1]+v.Rows)
}

// Size is the number of vectors of V, and the order of H.
func (k *Basis) Size() int { return k.size }

// Dim is d.
func (k *Basis) Dim() int { return k.op.Dim() }

// Passes is the number of passes over Σ that were made.
func (k *Basis) Passes() int { return k.passes }

// Blocks is s.
func (k *Basis) Blocks() int { return len(k.blocks) - 1 }

// Closed says that V spans an invariant subspace: no pass adds to it.
func (k *Basis) Closed() bool { return k.blocks[len(k.blocks)-1].Rows == 0 }

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
	v := k.blocks[len(k.blocks)-1]
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
	k.size += b
	k.norm = max(k.norm, frobenius(own), frobenius(k.coupling))
	next, r := k.orthonormalize(w)
	k.push(next)
	k.coupling = r
	return nil
}

// orthonormalize makes the rows of w orthogonal to all blocks and to each other, in
// place, and returns those that are left with the coefficients R of w in them:
// wᵀ = (what the blocks span) + VᵀR. Twice is enough (Giraud, Langou, Rozložník,
// "The loss of orthogonality in the Gram-Schmidt orthogonalization process", 2005).
func (k *Basis) orthonormalize(w blas.General[float64]) (v, r blas.General[float64]) {
	b, d := w.Rows, w.Cols
	for range 2 {
		k.remove(w)
	}
	coefficients := make([][]float64, 0, b) // a row for each vector that is kept
	kept := 0
	// What is left of a direction of this size is rounding.
	scale := k.norm
	if scale == 0 {
		scale = frobenius(w)
	}
	for c := range b {
		row := w.Row(c)
		before := nrm2(row)
		column := make([]float64, b)
		for range 2 {
			for i := range kept {
				s := dot(w.Row(i), row)
				column[i] += s
				axpy(-s, w.Row(i), row)
			}
		}
		after := nrm2(row)
		for i := range kept {
			coefficients[i][c] = column[i]
		}
		if !(after > deflation*max(scale, before)) || k.spans[len(k.spans)-1]+kept >= d {
			continue
		}
		if after < 1e-3*before { // the blocks came back in
			k.remove1(row)
			for i := range kept {
				axpy(-dot(w.Row(i), row), w.Row(i), row)
			}
		}
		length := nrm2(row)
		to := w.Row(kept)
		for i, v := range row {
			to[i] = v / length
		}
		coefficients = append(coefficients, make([]float64, b))
		coefficients[kept][c] = after
		kept++
	}
	r = blas.NewGeneral[float64](kept, b)
	for i, row := range coefficients {
		copy(r.Row(i), row)
	}
	return w.RowsOf(0, kept), r
}

// deflation is the part of ‖Σ‖ under which a direction is rounding.
const deflation = 2e-15

// remove takes from the rows of w their parts in the blocks.
func (k *Basis) remove(w blas.General[float64]) {
	for _, v := range k.blocks {
		if v.Rows == 0 {
			continue
		}
		c := blas.NewGeneral[float64](w.Rows, v.Rows)
		k.blas.Gemm(gblas.NoTrans, gblas.Trans, w.Rows, v.Rows, w.Cols, 1, w.Data, w.Stride, v.Data, v.Stride, 0, c.Data, c.Stride)
		k.blas.Gemm(gblas.NoTrans, gblas.NoTrans, w.Rows, w.Cols, v.Rows, -1, c.Data, c.Stride, v.Data, v.Stride, 1, w.Data, w.Stride)
	}
}

// remove1 is remove for one row.
func (k *Basis) remove1(row []float64) {
	k.remove(blas.General[float64]{Rows: 1, Cols: len(row), Stride: len(row), Data: row})
}

// Form sets dst = V·z; dst is d×r, and the rows of z beyond Size are not used.
func (k *Basis) Form(dst, z blas.General[float64]) {
	d, r := k.Dim(), z.Cols
	dst.Check(d, r)
	for i := range d {
		clear(dst.Row(i))
	}
	for i, v := range k.blocks[:k.Blocks()] {
		if v.Rows == 0 {
			continue
		}
		part := z.RowsOf(k.spans[i], k.spans[i+1])
		k.blas.Gemm(gblas.Trans, gblas.NoTrans, d, r, v.Rows, 1, v.Data, v.Stride, part.Data, part.Stride, 1, dst.Data, dst.Stride)
	}
}

// Coordinates returns Vᵀu for a d×m matrix u.
func (k *Basis) Coordinates(u blas.General[float64]) blas.General[float64] {
	u.Check(k.Dim(), u.Cols)
	c := blas.NewGeneral[float64](k.size, u.Cols)
	for i, v := range k.blocks[:k.Blocks()] {
		if v.Rows == 0 || u.Cols == 0 {
			continue
		}
		to := c.RowsOf(k.spans[i], k.spans[i+1])
		k.blas.Gemm(gblas.NoTrans, gblas.NoTrans, v.Rows, u.Cols, k.Dim(), 1, v.Data, v.Stride, u.Data, u.Stride, 0, to.Data, to.Stride)
	}
	return c
}

// Split returns Vᵀu for a d×m matrix u, and an m×m matrix R with RᵀR that of the
// rest, u − VVᵀu: the coordinates of u in V and m vectors more that are orthonormal
// to it.
func (k *Basis) Split(u blas.General[float64]) (inside, outside blas.General[float64]) {
	inside = k.Coordinates(u)
	rest := u.Clone()
	for i, v := range k.blocks[:k.Blocks()] {
		if v.Rows == 0 || u.Cols == 0 {
			continue
		}
		part := inside.RowsOf(k.spans[i], k.spans[i+1])
		k.blas.Gemm(gblas.Trans, gblas.NoTrans, u.Rows, u.Cols, v.Rows, -1, v.Data, v.Stride, part.Data, part.Stride, 1, rest.Data, rest.Stride)
	}
	columns := blas.NewGeneral[float64](u.Cols, u.Rows)
	transpose(columns, rest)
	outside = blas.NewGeneral[float64](u.Cols, u.Cols)
	for c := range u.Cols { // Gram and Schmidt
		for i := range c {
			if outside.Row(i)[i] == 0 {
				continue
			}
			s := dot(columns.Row(i), columns.Row(c))
			outside.Row(i)[c] = s
			axpy(-s, columns.Row(i), columns.Row(c))
		}
		length := nrm2(columns.Row(c))
		if length < 1e-300 {
			continue
		}
		outside.Row(c)[c] = length
		for i := range columns.Row(c) {
			columns.Row(c)[i] /= length
		}
	}
	return inside, outside
}

func transpose(dst, src blas.General[float64]) {
	for i := range src.Rows {
		for j, v := range src.Row(i) {
			dst.Data[j*dst.Stride+i] = v
		}
	}
}

func frobenius(m blas.General[float64]) float64 {
	var s float64
	for i := range m.Rows {
		s = math.Hypot(s, nrm2(m.Row(i)))
	}
	return s
}
