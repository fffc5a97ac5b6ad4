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
	triangle(all.RowsOf(n, n+m), s.rest)
	return all
}

// triangle sets r, m×m, to the R of u = QR (Gram and Schmidt).
func triangle(r, u blas.General[float64]) {
	columns := blas.NewGeneral[float64](u.Cols, u.Rows)
	transpose(columns, u)
	for c := range u.Cols {
		for i := range c {
			if r.Row(i)[i] == 0 {
				continue
			}
			s := dot(columns.Row(i), columns.Row(c))
			r.Row(i)[c] = s
			axpy(-s, columns.Row(i), columns.Row(c))
		}
		length := nrm2(columns.Row(c))
		if length < 1e-300 {
			continue
		}
		r.Row(c)[c] = length
		for i := range columns.Row(c) {
			columns.Row(c)[i] /= length
		}
	}
}
