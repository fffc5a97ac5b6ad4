package operator

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
)

// LowRank is Σ = U·diag(λ)·Uᵀ with U of shape d×k; its columns need not be
// orthonormal.
type LowRank[T blas.Float] struct {
	blas.Routines[T]
	u      blas.General[T]
	lambda []T
	small  blas.General[T] // Uᵀx
}

// NewLowRank keeps u and lambda, one λ for each column of u.
func NewLowRank[T blas.Float](b *blas.Backend, u blas.General[T], lambda []T) *LowRank[T] {
	u.Check(u.Rows, len(lambda))
	return &LowRank[T]{Routines: blas.RoutinesOf[T](b.BLAS), u: u, lambda: lambda}
}

func (o *LowRank[T]) Dim() int { return o.u.Rows }

// RankBound is that of the rank: the number of columns of u.
func (o *LowRank[T]) RankBound() int { return o.u.Cols }

// Bytes is two readings of U.
func (o *LowRank[T]) Bytes() int64 {
	return 2 * int64(o.u.Rows) * int64(o.u.Cols) * int64(blas.SizeOf[T]())
}

// Held is U and λ.
func (o *LowRank[T]) Held() int64 { return heldBy(o.u) + int64(len(o.lambda)*blas.SizeOf[T]()) }

// Flops is 4dkr.
func (o *LowRank[T]) Flops(r int) float64 {
	return 4 * float64(o.u.Rows) * float64(o.u.Cols) * float64(r)
}

func (o *LowRank[T]) Reserve(r int) {
	if o.small.Cols != r {
		o.small = blas.NewGeneral[T](o.u.Cols, r)
	}
}

func (o *LowRank[T]) Mul(dst, x blas.General[T]) error {
	d, k, r := o.u.Rows, o.u.Cols, x.Cols
	o.Reserve(r)
	x.Check(d, r)
	dst.Check(d, r)
	o.Gemm(gblas.Trans, gblas.NoTrans, k, r, d, 1, o.u.Data, o.u.Stride, x.Data, x.Stride, 0, o.small.Data, o.small.Stride)
	for i, l := range o.lambda {
		for j := range o.small.Row(i) {
			o.small.Data[i*o.small.Stride+j] *= l
		}
	}
	o.Gemm(gblas.NoTrans, gblas.NoTrans, d, r, k, 1, o.u.Data, o.u.Stride, o.small.Data, o.small.Stride, 0, dst.Data, dst.Stride)
	return nil
}

// Distance is ‖R·diag(λ, −1)·Rᵀ‖_F with QR = [U X]: orthogonal transformations
// change no norm. O(d(k+r)²).
func (o *LowRank[T]) Distance(x blas.General[float64]) (distance, norm float64, err error) {
	k := o.u.Cols
	weights := make([]float64, k+x.Cols)
	for i := range weights {
		weights[i] = -1
		if i < k {
			weights[i] = float64(o.lambda[i])
		}
	}
	stacked := mat.NewDense(max(o.Dim(), len(weights)), len(weights), nil) // rows of zeros below keep it tall
	for i := range o.Dim() {
		row := stacked.RawRowView(i)
		for j, v := range o.u.Row(i) {
			row[j] = float64(v)
		}
		copy(row[k:], x.Row(i))
	}
	return weightedNorm(stacked, weights), weightedNorm(stacked.Slice(0, max(o.Dim(), k), 0, k).(*mat.Dense), weights[:k]), nil
}

// weightedNorm is ‖A·diag(w)·Aᵀ‖_F of a tall matrix A.
func weightedNorm(a *mat.Dense, w []float64) float64 {
	var qr mat.QR
	qr.Factorize(a)
	var r mat.Dense
	qr.RTo(&r)
	n := len(w)
	top := blas64.General(r.Slice(0, n, 0, n).(*mat.Dense).RawMatrix())
	var norm float64
	for i := range n {
		for j := range n {
			var s float64
			for k, weight := range w {
				s += top.Data[i*top.Stride+k] * weight * top.Data[j*top.Stride+k]
			}
			norm = math.Hypot(norm, s)
		}
	}
	return norm
}
