package blas

import gblas "gonum.org/v1/gonum/blas"

// Triangle is a symmetric matrix of which one triangle is stored, in row-major storage:
// element (i, j) is Data[i*Stride+j], where j ≥ i when Uplo is gonum's blas.Upper and
// j ≤ i when it is blas.Lower. The other triangle of Data is not read. It has the fields
// of gonum's blas64.Symmetric and blas32.Symmetric, so that Triangle[float64](m) converts
// one into the other; gonum's mat.SymDense stores the upper triangle.
type Triangle[T Float] struct {
	Uplo   gblas.Uplo
	N      int
	Data   []T
	Stride int
}

// Lower is the lower triangle of a square matrix. It shares storage with m.
func (m General[T]) Lower() Triangle[T] {
	m.Check(m.Rows, m.Rows)
	return Triangle[T]{N: m.Rows, Stride: m.Stride, Data: m.Data, Uplo: gblas.Lower}
}

// Row sets dst[j] = a_ij for j ≤ i, where len(dst) is i+1.
func (t Triangle[T]) Row(i int, dst []T) {
	if t.Uplo == gblas.Lower {
		copy(dst, t.Data[i*t.Stride:i*t.Stride+i+1])
		return
	}
	for j := range dst {
		dst[j] = t.Data[j*t.Stride+i]
	}
}

// Check panics unless t is a well-formed triangle of order n.
func (t Triangle[T]) Check(n int) {
	switch {
	case t.N != n || n < 0:
		panic(badShape)
	case t.Uplo != gblas.Upper && t.Uplo != gblas.Lower:
		panic(badUplo)
	case t.Stride < max(1, n):
		panic(badStride)
	case n > 0 && len(t.Data) < (n-1)*t.Stride+n:
		panic(shortData)
	}
}
