package operator

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// Rectangular is an m×n matrix A as gradient descent on ½‖XYᵀ − A‖_F² sees it,
// X m×k and Y n×k. Its methods serve one caller at a time; operands must not
// overlap; k ≥ 1 may differ from call to call. An error means that A could not
// be read; what was to be set is then undefined.
type Rectangular[T blas.Float] interface {
	// Dims is the shape of A.
	Dims() (m, n int)
	// Reserve allocates what the passes need for factors of k columns. They
	// call it; while k stays the same it allocates nothing.
	Reserve(k int)
	// Mul sets ay = A·y, m×k, and atx = Aᵀ·x, n×k, in one pass over A.
	Mul(ay, atx, x, y blas.General[T]) error
	// Alternate sets next = X + η(AY − XG), m×k, with the Gram matrix G = YᵀY,
	// gnext to the Gram matrix of next, and atx = Aᵀ·next, in one pass over A.
	// x stays as it was. The norms are those of AY − XG and of AY.
	Alternate(eta T, next, atx, x, y blas.General[T], g, gnext []T) (blas.Norms, error)
	// Bytes is what one pass must read of A.
	Bytes() int64
	// Held is the bytes that A takes in memory, without what Reserve allocates.
	Held() int64
	// Flops is what one pass computes for k columns.
	Flops(k int) float64
	// Distance is ‖XYᵀ − A‖_F and ‖A‖_F, accurate to a rounding error of the
	// elements of A also where XYᵀ is close to A.
	Distance(x, y blas.General[float64]) (distance, norm float64, err error)
}

// DenseRectangular is an m×n matrix held in memory, in the storage that its
// backend likes best.
type DenseRectangular[T blas.Float] struct {
	backend *blas.Backend
	matrix  blas.Rectangular[T]
	pair    blas.Pair[T]
	columns int

	together pairsTogether[T]
}

// NewDenseRectangular stores the m×n matrix whose rows row delivers: it sets
// dst[j] = a_ij for j < n. It may be called from several goroutines at once.
func NewDenseRectangular[T blas.Float](b *blas.Backend, m, n int, row func(i int, dst []T)) *DenseRectangular[T] {
	return &DenseRectangular[T]{backend: b, matrix: blas.FusedOf[T](b).NewRectangular(m, n, row)}
}

// RectangularOf stores a matrix.
func RectangularOf[T blas.Float](b *blas.Backend, a blas.General[T]) *DenseRectangular[T] {
	a.Check(a.Rows, a.Cols)
	return NewDenseRectangular(b, a.Rows, a.Cols, func(i int, dst []T) { copy(dst, a.Row(i)) })
}

func (o *DenseRectangular[T]) Dims() (m, n int) { return o.matrix.Dims() }

func (o *DenseRectangular[T]) Bytes() int64 {
	m, n := o.Dims()
	return int64(m) * int64(n) * int64(blas.SizeOf[T]())
}

// Held is what the backend keeps.
func (o *DenseRectangular[T]) Held() int64 { return o.matrix.Bytes() }

// Flops is 4mnk.
func (o *DenseRectangular[T]) Flops(k int) float64 {
	m, n := o.Dims()
	return 4 * float64(m) * float64(n) * float64(k)
}

func (o *DenseRectangular[T]) Reserve(k int) {
	if o.columns != k {
		o.pair, o.columns = o.matrix.NewPair(k), k
	}
}

func (o *DenseRectangular[T]) Mul(ay, atx, x, y blas.General[T]) error {
	o.Reserve(y.Cols)
	o.pair.Mul(ay, atx, x, y)
	return nil
}

func (o *DenseRectangular[T]) Alternate(eta T, next, atx, x, y blas.General[T], g, gnext []T) (blas.Norms, error) {
	o.Reserve(y.Cols)
	return o.pair.Alternate(eta, next, atx, x, y, g, gnext), nil
}

// pairsTogether is what DenseRectangular needs for several pairs.
type pairsTogether[T blas.Float] struct {
	pairs   blas.Pairs[T]
	columns widths
	buf     []int
}

func (o *DenseRectangular[T]) reserveEach(y []blas.General[T]) {
	o.together.buf = columnsOf(o.together.buf, y)
	if o.together.columns.change(o.together.buf) {
		o.together.pairs = o.matrix.NewPairs(o.together.buf)
	}
}

func (o *DenseRectangular[T]) MulEach(ay, atx, x, y []blas.General[T]) error {
	o.reserveEach(y)
	o.together.pairs.Mul(ay, atx, x, y)
	return nil
}

func (o *DenseRectangular[T]) AlternateEach(eta []T, next, atx, x, y []blas.General[T], g, gnext [][]T, norms []blas.Norms) error {
	o.reserveEach(y)
	o.together.pairs.Alternate(eta, next, atx, x, y, g, gnext, norms)
	return nil
}

// Distance takes XYᵀ from A element by element, in blocks of rows.
func (o *DenseRectangular[T]) Distance(x, y blas.General[float64]) (distance, norm float64, err error) {
	m, n := o.Dims()
	checkFactors(m, n, x, y)
	row := make([]T, n)
	distance, norm = blockDistance(o.backend, x, y, func(i0, i1 int, a blas.General[float64]) {
		for i := i0; i < i1; i++ {
			o.matrix.Row(i, row)
			to := a.Row(i - i0)
			for j, v := range row {
				to[j] = float64(v)
			}
		}
	})
	return distance, norm, nil
}

// checkFactors panics unless XYᵀ is an m×n matrix.
func checkFactors(m, n int, x, y blas.General[float64]) {
	x.Check(m, x.Cols)
	y.Check(n, x.Cols)
}

// blockDistance computes ‖XYᵀ − A‖_F and ‖A‖_F from blocks of rows of A: fill
// sets the rows i0 … i1−1 of A in a.
func blockDistance(b *blas.Backend, x, y blas.General[float64], fill func(i0, i1 int, a blas.General[float64])) (distance, norm float64) {
	m, n := x.Rows, y.Rows
	buf := make([]float64, min(rowBlock, m)*n)
	for i0 := 0; i0 < m; i0 += rowBlock {
		i1 := min(i0+rowBlock, m)
		a := blas.General[float64]{Rows: i1 - i0, Cols: n, Stride: max(n, 1), Data: buf[:(i1-i0)*n]}
		fill(i0, i1, a)
		norm = math.Hypot(norm, nrm2(a.Data))
		xb := x.RowsOf(i0, i1)
		b.BLAS.Dgemm(gblas.NoTrans, gblas.Trans, xb.Rows, n, x.Cols, -1, xb.Data, xb.Stride, y.Data, y.Stride, 1, a.Data, a.Stride)
		distance = math.Hypot(distance, nrm2(a.Data))
	}
	return distance, norm
}

// twoProducts makes the passes of an operator that multiplies with A and with
// Aᵀ apart.
type twoProducts[T blas.Float] struct {
	fused   blas.Fused[T]
	a       products[T]
	sweep   blas.Sweep[T]
	columns int
}

// products are the two products of an operator. They do not fail.
type products[T blas.Float] interface {
	Dims() (m, n int)
	reserve(k int)
	forward(dst, y blas.General[T]) // dst = A·y
	adjoint(dst, x blas.General[T]) // dst = Aᵀ·x
}

func (p *twoProducts[T]) Reserve(k int) {
	if p.columns != k {
		m, _ := p.a.Dims()
		p.sweep, p.columns = p.fused.NewSweep(m, k), k
		p.a.reserve(k)
	}
}

func (p *twoProducts[T]) Mul(ay, atx, x, y blas.General[T]) error {
	p.check(ay, atx, x, y)
	p.a.forward(ay, y)
	p.a.adjoint(atx, x)
	return nil
}

func (p *twoProducts[T]) Alternate(eta T, next, atx, x, y blas.General[T], g, gnext []T) (blas.Norms, error) {
	p.check(next, atx, x, y)
	size := y.Cols * y.Cols
	if len(g) < size || len(gnext) < size {
		panic(badShape)
	}
	p.a.forward(next, y)
	copy(gnext[:size], g)
	norms := p.sweep.Update(eta, x, next, gnext)
	p.a.adjoint(atx, next)
	return norms, nil
}

func (p *twoProducts[T]) check(ay, atx, x, y blas.General[T]) {
	m, n := p.a.Dims()
	k := y.Cols
	p.Reserve(k)
	ay.Check(m, k)
	x.Check(m, k)
	atx.Check(n, k)
	y.Check(n, k)
}
