package operator

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// Dense is a symmetric matrix held in memory, in the storage that its backend
// likes best: native keeps one triangle, d(d+1)/2 elements, other backends the
// whole square.
type Dense[T blas.Float] struct {
	backend *blas.Backend
	matrix  blas.Symmetric[T]
	product blas.Product[T]
	columns int
	held    int // bytes of an element

	together denseTogether[T]
}

// NewDense stores the symmetric d×d matrix whose lower triangle row delivers:
// row(i, dst) sets dst[j] = σ_ij for j ≤ i, where len(dst) is i+1. It may be
// called from several goroutines at once.
func NewDense[T blas.Float](b *blas.Backend, d int, row func(i int, dst []T)) *Dense[T] {
	return &Dense[T]{backend: b, held: blas.SizeOf[T](), matrix: blas.FusedOf[T](b).NewSymmetric(d, row)}
}

// NewRounded is NewDense with elements held as float32, and used as T: half
// the memory and half the bytes of a pass when T is float64. Rounding changes
// each element of Σ by up to 6e-8 of itself; the trajectory is that of the
// rounded Σ, to the accuracy of T.
func NewRounded[T blas.Float](b *blas.Backend, d int, row func(i int, dst []float32)) *Dense[T] {
	return &Dense[T]{backend: b, held: blas.SizeOf[float32](), matrix: blas.FusedOf[T](b).NewRounded(d, row)}
}

// DenseOf stores a symmetric matrix given by one of its triangles: that of a gonum SymDense
// s, the upper one, is blas.Triangle[float64](s.RawSymmetric()), the lower triangle of a
// full square matrix a is a.Lower(). The other triangle is not read.
func DenseOf[T blas.Float](b *blas.Backend, a blas.Triangle[T]) *Dense[T] {
	a.Check(a.N)
	return NewDense(b, a.N, a.Row)
}

func (o *Dense[T]) Dim() int { return o.matrix.Dim() }

// Bytes is one triangle, whatever more of Σ a backend holds and reads.
func (o *Dense[T]) Bytes() int64 {
	d := int64(o.Dim())
	return d * (d + 1) / 2 * int64(o.held)
}

// Held is what the backend keeps.
func (o *Dense[T]) Held() int64 { return o.matrix.Bytes() }

// Flops is 2d²r.
func (o *Dense[T]) Flops(r int) float64 {
	d := float64(o.Dim())
	return 2 * d * d * float64(r)
}

func (o *Dense[T]) Reserve(r int) {
	if o.columns != r {
		o.product, o.columns = o.matrix.NewProduct(r), r
	}
}

func (o *Dense[T]) Mul(dst, x blas.General[T]) error {
	o.Reserve(x.Cols)
	o.product.Mul(dst, x)
	return nil
}

// denseTogether is what Dense needs for several matrices.
type denseTogether[T blas.Float] struct {
	products blas.Products[T]
	columns  widths
	buf      []int
}

func (o *Dense[T]) ReserveEach(r []int) {
	if o.together.columns.change(r) {
		o.together.products = o.matrix.NewProducts(r)
	}
}

func (o *Dense[T]) MulEach(dst, x []blas.General[T]) error {
	o.together.buf = columnsOf(o.together.buf, x)
	o.ReserveEach(o.together.buf)
	o.together.products.Mul(dst, x)
	return nil
}

// Distance takes XXᵀ from Σ element by element, in blocks of rows.
func (o *Dense[T]) Distance(x blas.General[float64]) (distance, norm float64, err error) {
	row := make([]T, o.Dim())
	distance, norm = lowerDistance(o.backend, x, func(i0, i1 int, s blas.General[float64]) {
		for i := i0; i < i1; i++ {
			o.matrix.Row(i, row[:i+1])
			to := s.Row(i - i0)
			for j, v := range row[:i+1] {
				to[j] = float64(v)
			}
		}
	})
	return distance, norm, nil
}

// rowBlock is the number of rows of Σ that lowerDistance holds at a time.
const rowBlock = 128

// lowerDistance computes ‖Σ − XXᵀ‖_F and ‖Σ‖_F from blocks of rows of the
// lower triangle: fill sets the rows i0 … i1−1 of Σ, columns up to the
// diagonal, in s; what it leaves right of the diagonal is not used.
func lowerDistance(b *blas.Backend, x blas.General[float64], fill func(i0, i1 int, s blas.General[float64])) (distance, norm float64) {
	d := x.Rows
	buf := make([]float64, rowBlock*d)
	for i0 := 0; i0 < d; i0 += rowBlock {
		i1 := min(i0+rowBlock, d)
		s := blas.General[float64]{Rows: i1 - i0, Cols: i1, Stride: i1, Data: buf[:(i1-i0)*i1]}
		fill(i0, i1, s)
		norm = math.Hypot(norm, lowerNorm(s, i0))
		xb := x.RowsOf(i0, i1)
		b.BLAS.Dgemm(gblas.NoTrans, gblas.Trans, xb.Rows, i1, x.Cols, -1, xb.Data, xb.Stride, x.Data, x.Stride, 1, s.Data, s.Stride)
		distance = math.Hypot(distance, lowerNorm(s, i0))
	}
	return distance, norm
}

// lowerNorm is the Frobenius norm of a symmetric matrix over a block of its
// rows: elements below the diagonal count twice. The squares are scaled, so
// that any range of elements will do.
func lowerNorm(s blas.General[float64], i0 int) float64 {
	var below, diagonal float64
	for i := range s.Rows {
		row := s.Row(i)[:i0+i+1]
		below = math.Hypot(below, nrm2(row[:i0+i]))
		diagonal = math.Hypot(diagonal, row[i0+i])
	}
	return math.Hypot(math.Sqrt2*below, diagonal)
}
