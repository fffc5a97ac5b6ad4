package operator

import "lowrank/blas"

// Normal is Σ = AᵀA of a rectangular A, n×n. Σ is never formed: a product is
// one pass over A. Its eigenpairs are the squared singular values of A and its
// right singular vectors.
type Normal[T blas.Float] struct {
	a    Rectangular[T]
	zero blas.General[T] // of A·x: the factor that Alternate adds to
	ax   blas.General[T]
	none []T // Gram matrix of zeros
	gram []T
}

// NormalOf keeps a.
func NormalOf[T blas.Float](a Rectangular[T]) *Normal[T] { return &Normal[T]{a: a} }

func (o *Normal[T]) Dim() int {
	_, n := o.a.Dims()
	return n
}

func (o *Normal[T]) Held() int64         { return o.a.Held() }
func (o *Normal[T]) Bytes() int64        { return o.a.Bytes() }
func (o *Normal[T]) Flops(r int) float64 { return o.a.Flops(r) }

func (o *Normal[T]) Reserve(r int) {
	if o.zero.Cols == r {
		return
	}
	m, _ := o.a.Dims()
	o.zero, o.ax = blas.NewGeneral[T](m, r), blas.NewGeneral[T](m, r)
	o.none, o.gram = make([]T, r*r), make([]T, r*r)
	o.a.Reserve(r)
}

// Mul is an alternating step from X = 0 with η = 1: next = Ax, atx = Aᵀ(Ax).
func (o *Normal[T]) Mul(dst, x blas.General[T]) error {
	o.Reserve(x.Cols)
	_, err := o.a.Alternate(1, o.ax, dst, o.zero, x, o.none, o.gram)
	return err
}
