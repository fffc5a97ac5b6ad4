package krylov

import (
	"math"

	"lowrank/blas"
)

// columnsOf are n columns of a matrix from the at-th on.
func columnsOf(m blas.General[float64], at, n int) blas.General[float64] {
	if n == 0 || m.Rows == 0 {
		return blas.General[float64]{Rows: m.Rows, Cols: n, Stride: m.Stride}
	}
	return blas.General[float64]{Rows: m.Rows, Cols: n, Stride: m.Stride, Data: m.Data[at:]}
}

// transpose sets dst = srcᵀ.
func transpose(dst, src blas.General[float64]) {
	const block = 256 // rows or columns whose elements stay in the nearest cache
	for i0 := 0; i0 < src.Rows; i0 += block {
		for j0 := 0; j0 < src.Cols; j0 += block {
			transposeBlock(dst, src, i0, min(i0+block, src.Rows), j0, min(j0+block, src.Cols))
		}
	}
}

// transposeBlock is transpose for rows i0 … i1−1, columns j0 … j1−1 of src.
func transposeBlock(dst, src blas.General[float64], i0, i1, j0, j1 int) {
	if i1-i0 < j1-j0 {
		for i := i0; i < i1; i++ {
			at := j0*dst.Stride + i
			for _, v := range src.Data[i*src.Stride+j0 : i*src.Stride+j1] {
				dst.Data[at] = v
				at += dst.Stride
			}
		}
		return
	}
	for j := j0; j < j1; j++ {
		at, to := i0*src.Stride+j, dst.Data[j*dst.Stride+i0:j*dst.Stride+i1]
		for i := range to {
			to[i] = src.Data[at]
			at += src.Stride
		}
	}
}

// Padded is a copy with so many rows, those beyond it zero.
func Padded[T blas.Float](z blas.General[T], rows int) blas.General[T] {
	all := blas.NewGeneral[T](rows, z.Cols)
	for i := range min(z.Rows, rows) {
		copy(all.Row(i), z.Row(i))
	}
	return all
}

// Norm is the Frobenius norm.
func Norm(m blas.General[float64]) float64 {
	if m.Rows == 0 || m.Cols == 0 {
		return 0
	}
	if m.Stride == m.Cols {
		return nrm2(m.Data[:m.Rows*m.Cols])
	}
	var squares float64
	for i := range m.Rows {
		for _, v := range m.Row(i) {
			squares += v * v
		}
	}
	if squares > 1e-280 && squares < 1e280 {
		return math.Sqrt(squares)
	}
	var norm float64 // without squares that leave the range
	for i := range m.Rows {
		norm = math.Hypot(norm, nrm2(m.Row(i)))
	}
	return norm
}

// multiplied is ab, for small matrices.
func multiplied(a, b blas.General[float64]) blas.General[float64] {
	c := blas.NewGeneral[float64](a.Rows, b.Cols)
	for i := range c.Rows {
		to := c.Row(i)
		for j, v := range a.Row(i) {
			for k, w := range b.Row(j) {
				to[k] += v * w
			}
		}
	}
	return c
}
