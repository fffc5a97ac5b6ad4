package operator

import "lowrank/blas"

// SparseSymmetric is a symmetric d×d matrix held by its nonzero elements, both
// triangles.
type SparseSymmetric[T blas.Float] struct {
	backend *blas.Backend
	rows    compressed[T]
}

// NewSparseSymmetric builds the d×d matrix with the elements value[e] at
// (row[e], col[e]), numbered from 0, both triangles given. Elements at the
// same place are added. It panics unless the matrix is symmetric.
func NewSparseSymmetric[T blas.Float](b *blas.Backend, d int, row, col []int, value []T) *SparseSymmetric[T] {
	s := NewSparse(b, d, d, row, col, value)
	for e, v := range s.rows.value {
		w := s.cols.value[e]
		bothNaN := v != v && w != w // as from a run that diverged
		if s.rows.index[e] != s.cols.index[e] || v != w && !bothNaN {
			panic(notSymmetric)
		}
	}
	return &SparseSymmetric[T]{backend: b, rows: s.rows}
}

func (o *SparseSymmetric[T]) Dim() int { return len(o.rows.start) - 1 }

// Bytes is the elements with their indices.
func (o *SparseSymmetric[T]) Bytes() int64 {
	return int64(len(o.rows.value)) * int64(4+blas.SizeOf[T]())
}

func (o *SparseSymmetric[T]) Held() int64 { return o.rows.held() }

// Elements is the number of stored elements, of both triangles.
func (o *SparseSymmetric[T]) Elements() int { return len(o.rows.value) }

// Flops is 2r for each element.
func (o *SparseSymmetric[T]) Flops(r int) float64 { return 2 * float64(len(o.rows.value)) * float64(r) }

func (o *SparseSymmetric[T]) Reserve(int) {}

func (o *SparseSymmetric[T]) Mul(dst, x blas.General[T]) error {
	dst.Check(o.Dim(), x.Cols)
	x.Check(o.Dim(), x.Cols)
	o.rows.mul(o.backend.Threads, dst, x)
	return nil
}

// Distance costs O(nnz·r + dr²).
func (o *SparseSymmetric[T]) Distance(x blas.General[float64]) (distance, norm float64, err error) {
	x.Check(o.Dim(), x.Cols)
	distance, norm = o.rows.distance(o.backend.Threads, x, x)
	return distance, norm, nil
}
