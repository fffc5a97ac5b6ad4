package blas

import "gonum.org/v1/gonum/blas"

func (c composed[T]) NewMeasurements(n, count int, fill func(i int, dst []T)) Measurements[T] {
	a := &composedMeasurements[T]{composed: c, n: n, a: NewGeneral[T](count, n*(n+1)/2), z: make([]T, n*(n+1)/2)}
	for i := range count {
		fill(i, a.a.Row(i))
	}
	return a
}

// NewRoundedMeasurements holds the rounded elements as T: other libraries
// multiply no matrices of two types.
func (c composed[T]) NewRoundedMeasurements(n, count int, as Storage, fill func(i int, dst []T)) Measurements[T] {
	return c.NewMeasurements(n, count, func(i int, dst []T) {
		fill(i, dst)
		for j, v := range dst {
			dst[j] = T(as.Round(float64(v)))
		}
	})
}

// composedMeasurements holds the matrices as the rows of one matrix: a pass is
// a product with a vector.
type composedMeasurements[T Float] struct {
	composed[T]
	n int
	a General[T]
	z []T
}

func (a *composedMeasurements[T]) Dim() int   { return a.n }
func (a *composedMeasurements[T]) Count() int { return a.a.Rows }

func (a *composedMeasurements[T]) Bytes() int64 {
	return int64(len(a.a.Data)) * int64(SizeOf[T]())
}

func (a *composedMeasurements[T]) Matrix(i int, dst []T) { copy(dst, a.a.Row(i)) }

func (a *composedMeasurements[T]) Apply(dst []T, z General[T]) {
	a.check(len(dst), z)
	at := 0
	for i := range a.n {
		row := z.Row(i)[:i+1]
		for _, v := range row[:i] {
			a.z[at] = 2 * v
			at++
		}
		a.z[at] = row[i]
		at++
	}
	if len(dst) > 0 && at > 0 {
		a.Gemm(blas.NoTrans, blas.NoTrans, len(dst), 1, at, 1, a.a.Data, a.a.Stride, a.z, 1, 0, dst, 1)
	}
}

func (a *composedMeasurements[T]) Adjoint(dst General[T], v []T) {
	a.check(len(v), dst)
	clear(a.z)
	if len(v) > 0 && len(a.z) > 0 {
		a.Gemm(blas.Trans, blas.NoTrans, len(a.z), 1, len(v), 1, a.a.Data, a.a.Stride, v, 1, 0, a.z, 1)
	}
	at := 0
	for i := range a.n {
		for j := range i + 1 {
			dst.Data[i*dst.Stride+j] = a.z[at]
			dst.Data[j*dst.Stride+i] = a.z[at]
			at++
		}
	}
}

func (a *composedMeasurements[T]) Normal(dst General[T], residual []T, s T, z General[T], y []T) {
	if len(y) != a.a.Rows {
		panic(badShape)
	}
	a.Apply(residual, z)
	for i, v := range y {
		residual[i] = s*residual[i] - v
	}
	a.Adjoint(dst, residual)
}

func (a *composedMeasurements[T]) check(length int, m General[T]) {
	m.Check(a.n, a.n)
	if length != a.a.Rows {
		panic(badShape)
	}
}

func (a *composedMeasurements[T]) NewNormals(count int) Normals[T] {
	return &composedNormals[T]{a, count}
}

// composedNormals makes one pass after the other.
type composedNormals[T Float] struct {
	a     *composedMeasurements[T]
	count int
}

func (p *composedNormals[T]) Normal(dst []General[T], residual [][]T, s T, z []General[T], y []T) {
	checkCount(p.count, len(dst), len(residual), len(z))
	for i := range p.count {
		p.a.Normal(dst[i], residual[i], s, z[i], y)
	}
}
