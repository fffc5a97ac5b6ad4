package krylov

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// space is a growing set of orthonormal vectors of d elements, in blocks: those of V
// and the block that waits for its pass.
type space struct {
	d      int
	blas   blas.Routines[float64]
	blocks []blas.General[float64] // V_1 … V_s and V_(s+1), vectors as rows
	spans  []int                   // where each block starts; len(blocks)+1
	norm   float64                 // the largest ‖·‖_F of a block of the projection so far
	left   float64                 // the norm of what was left out as rounding
}

func newSpace(b *blas.Backend, d int) space {
	return space{d: d, blas: blas.RoutinesOf[float64](b.BLAS), spans: []int{0}}
}

// LeftOut is the norm of the parts of ΣV that were left out as rounding.
func (k *space) LeftOut() float64 { return k.left }

// push makes v the block that waits.
func (k *space) push(v blas.General[float64]) {
	k.blocks = append(k.blocks, v)
	k.spans = append(k.spans, k.spans[len(k.spans)-1]+v.Rows)
}

// waiting is the block that waits.
func (k *space) waiting() blas.General[float64] { return k.blocks[len(k.blocks)-1] }

// Size is the number of vectors of V.
func (k *space) Size() int { return k.spans[k.Blocks()] }

// Dim is d.
func (k *space) Dim() int { return k.d }

// Blocks is s.
func (k *space) Blocks() int { return len(k.blocks) - 1 }

// Closed says that V spans an invariant subspace: no pass adds to it.
func (k *space) Closed() bool { return k.waiting().Rows == 0 }

// orthonormalize makes the rows of w orthogonal to all blocks and to each other, in
// place, and returns those that are left with the coefficients R of w in them:
// wᵀ = (what the blocks span) + VᵀR. Twice is enough (Giraud, Langou, Rozložník,
// "The loss of orthogonality in the Gram-Schmidt orthogonalization process", 2005).
func (k *space) orthonormalize(w blas.General[float64]) (v, r blas.General[float64]) {
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
			k.left = math.Hypot(k.left, after)
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
const deflation = 1e-14

// remove takes from the rows of w their parts in the blocks.
func (k *space) remove(w blas.General[float64]) {
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
func (k *space) remove1(row []float64) {
	k.remove(blas.General[float64]{Rows: 1, Cols: len(row), Stride: len(row), Data: row})
}

// Form sets dst = V·z; dst is d×r, and the rows of z beyond Size are not used.
func (k *space) Form(dst, z blas.General[float64]) {
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
func (k *space) Coordinates(u blas.General[float64]) blas.General[float64] {
	u.Check(k.Dim(), u.Cols)
	c := blas.NewGeneral[float64](k.Size(), u.Cols)
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
func (k *space) Split(u blas.General[float64]) (inside, outside blas.General[float64]) {
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
