package operator

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
)

// Product is A = L·Rᵀ with L of shape m×p and R of shape n×p. A is never
// formed: a pass is four products with thin matrices.
type Product[T blas.Float] struct {
	twoProducts[T]
	blas.Routines[T]
	left, right blas.General[T]
	small       blas.General[T] // Rᵀy or Lᵀx
}

// NewProduct keeps left and right, which have as many columns.
func NewProduct[T blas.Float](b *blas.Backend, left, right blas.General[T]) *Product[T] {
	left.Check(left.Rows, right.Cols)
	right.Check(right.Rows, left.Cols)
	o := &Product[T]{Routines: blas.RoutinesOf[T](b.BLAS), left: left, right: right}
	o.twoProducts = twoProducts[T]{fused: blas.FusedOf[T](b), a: o}
	return o
}

func (o *Product[T]) Dims() (m, n int) { return o.left.Rows, o.right.Rows }

// RankBound is that of the rank: the number of columns of the factors.
func (o *Product[T]) RankBound() int { return o.left.Cols }

// Bytes is two readings of L and of R.
func (o *Product[T]) Bytes() int64 {
	m, n := o.Dims()
	return 2 * (int64(m) + int64(n)) * int64(o.left.Cols) * int64(blas.SizeOf[T]())
}

// Held is both factors.
func (o *Product[T]) Held() int64 { return heldBy(o.left) + heldBy(o.right) }

// Flops is 4(m+n)pk.
func (o *Product[T]) Flops(k int) float64 {
	m, n := o.Dims()
	return 4 * (float64(m) + float64(n)) * float64(o.left.Cols) * float64(k)
}

func (o *Product[T]) reserve(k int) { o.small = blas.NewGeneral[T](o.left.Cols, k) }

func (o *Product[T]) forward(dst, y blas.General[T]) { o.through(dst, o.left, o.right, y) }
func (o *Product[T]) adjoint(dst, x blas.General[T]) { o.through(dst, o.right, o.left, x) }

// through sets dst = out·(inᵀ·v).
func (o *Product[T]) through(dst, out, in, v blas.General[T]) {
	p, k := in.Cols, v.Cols
	if p == 0 { // factors without columns have no storage to check
		for i := range out.Rows {
			clear(dst.Row(i))
		}
		return
	}
	o.Gemm(gblas.Trans, gblas.NoTrans, p, k, in.Rows, 1, in.Data, in.Stride, v.Data, v.Stride, 0, o.small.Data, o.small.Stride)
	o.Gemm(gblas.NoTrans, gblas.NoTrans, out.Rows, k, p, 1, out.Data, out.Stride, o.small.Data, o.small.Stride, 0, dst.Data, dst.Stride)
}

// Distance is ‖R_1·diag(1, −1)·R_2ᵀ‖_F with Q_1R_1 = [L X] and Q_2R_2 = [R Y]:
// orthogonal transformations change no norm. O((m+n)(p+k)²).
func (o *Product[T]) Distance(x, y blas.General[float64]) (distance, norm float64, err error) {
	m, n := o.Dims()
	checkFactors(m, n, x, y)
	p := o.left.Cols
	left, right := triangle(o.left, x), triangle(o.right, y)
	signs := make([]float64, p+x.Cols)
	for i := range signs {
		signs[i] = 1
		if i >= p {
			signs[i] = -1
		}
	}
	// The leading p columns of a triangle are those of the triangle of L alone.
	return triangleNorm(left, right, signs), triangleNorm(left, right, signs[:p]), nil
}

// triangle is R of the QR factorization of [a x].
func triangle[T blas.Float](a blas.General[T], x blas.General[float64]) *mat.Dense {
	p, k := a.Cols, x.Cols
	stacked := mat.NewDense(max(a.Rows, p+k), p+k, nil) // rows of zeros below keep it tall
	for i := range a.Rows {
		row := stacked.RawRowView(i)
		for j, v := range a.Row(i) {
			row[j] = float64(v)
		}
		copy(row[p:], x.Row(i))
	}
	var qr mat.QR
	qr.Factorize(stacked)
	r := new(mat.Dense)
	qr.RTo(r)
	return r
}

// triangleNorm is ‖A·diag(w)·Bᵀ‖_F of the leading columns of two triangles.
func triangleNorm(a, b *mat.Dense, w []float64) float64 {
	n := len(w)
	var norm float64
	for i := range n {
		for j := range n {
			var s float64
			for k := max(i, j); k < n; k++ {
				s += a.At(i, k) * w[k] * b.At(j, k)
			}
			norm = math.Hypot(norm, s)
		}
	}
	return norm
}
