package krylov

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// Split follows d×m vectors u in a basis that grows: their coordinates in V, and in m
// vectors more that are orthonormal to it.
type Split struct {
	of   *space
	rest blas.General[float64] // u − VVᵀu
	in   blas.General[float64] // Vᵀu, so far
}

// NewSplit takes u, which must not be changed any more.
func (k *space) NewSplit(u blas.General[float64]) *Split {
	return &Split{of: k, rest: u.Clone(), in: blas.NewGeneral[float64](0, u.Cols)}
}

// Coordinates are Vᵀu, and below it an m×m matrix R with RᵀR that of the rest. Their bits
// do not depend on how often they were asked for before: the blocks are taken one by one.
func (s *Split) Coordinates() blas.General[float64] {
	k, m, n := s.of, s.rest.Cols, s.of.Size()
	all := blas.NewGeneral[float64](n+m, m)
	in := all.RowsOf(0, n)
	in.RowsOf(0, s.in.Rows).Copy(s.in)
	for i, v := range k.blocks[:k.Blocks()] {
		if k.spans[i] < s.in.Rows || m == 0 || v.Rows == 0 {
			continue
		}
		c := in.RowsOf(k.spans[i], k.spans[i+1])
		k.blas.Gemm(gblas.NoTrans, gblas.NoTrans, v.Rows, m, k.d, 1, v.Data, v.Stride, s.rest.Data, s.rest.Stride, 0, c.Data, c.Stride)
		k.blas.Gemm(gblas.Trans, gblas.NoTrans, k.d, m, v.Rows, -1, v.Data, v.Stride, c.Data, c.Stride, 1, s.rest.Data, s.rest.Stride)
	}
	s.in = in
	triangle(k.level1, all.RowsOf(n, n+m), s.rest)
	return all
}

// triangle sets r, m×m, to an R with RᵀR = uᵀu (Gram and Schmidt).
func triangle(b level1, r, u blas.General[float64]) {
	columns := blas.NewGeneral[float64](u.Cols, u.Rows)
	transpose(columns, u)
	least := make([]float64, u.Cols)
	for c := range least {
		least[c] = 1e-300
	}
	_, coefficients, _, _ := emptySpace(b, u.Rows).within(columns, least)
	r.RowsOf(0, coefficients.Rows).Copy(coefficients)
}
