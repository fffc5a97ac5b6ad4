package krylov

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// Inner is B = PᵀAQ, block tridiagonal, as the operator that A is in the coordinates
// of X in P and of Y in Q, with rows and columns of zeros behind it.
type Inner struct {
	pair             *Pair
	padRows, padCols int
	sweeps           blas.Fused[float64]
	sweep            blas.Sweep[float64]
	columns          int // that sweep is for
	height           int
}

var _ operator.Rectangular[float64] = (*Inner)(nil)

// Pad says how many rows and columns of zeros stand behind B.
func (b *Inner) Pad(rows, cols int) { b.padRows, b.padCols = rows, cols }

// Dims is the shape of B, with its padding.
func (b *Inner) Dims() (m, n int) {
	return b.pair.b.rows() + b.padRows, b.pair.bt.rows() + b.padCols
}

// At is an element of B.
func (b *Inner) At(i, j int) float64 { return b.pair.b.element(i, j) }

// Norm is a bound of ‖B‖₂: the root of the largest sums of a row and of a column.
func (b *Inner) Norm() float64 { return math.Sqrt(b.pair.b.largestSum() * b.pair.bt.largestSum()) }

// Reserve prepares for factors of k columns.
func (b *Inner) Reserve(k int) {
	if m, _ := b.Dims(); b.columns != k || b.height != m {
		b.sweep, b.columns, b.height = b.sweeps.NewSweep(m, k), k, m
	}
}

// Mul sets ay = By and atx = Bᵀx.
func (b *Inner) Mul(ay, atx, x, y blas.General[float64]) error {
	b.pair.b.multiply(ay, y)
	b.pair.bt.multiply(atx, x)
	return nil
}

// Forward sets ay = By, and Adjoint atx = Bᵀx.
func (b *Inner) Forward(ay, y blas.General[float64])  { b.pair.b.multiply(ay, y) }
func (b *Inner) Adjoint(atx, x blas.General[float64]) { b.pair.bt.multiply(atx, x) }

// LastRows sets dst to the rows of By that belong to the last block.
func (b *Inner) LastRows(dst, y blas.General[float64]) {
	b.pair.b.multiplyLast(dst, y)
}

// Alternate sets next = X + η(BY − XG) and gnext to its Gram matrix, and
// atx = Bᵀ·next.
func (b *Inner) Alternate(eta float64, next, atx, x, y blas.General[float64], g, gnext []float64) (blas.Norms, error) {
	b.Reserve(y.Cols)
	b.pair.b.multiply(next, y)
	copy(gnext, g[:y.Cols*y.Cols])
	norms := b.sweep.Update(eta, x, next, gnext)
	b.pair.bt.multiply(atx, next)
	return norms, nil
}

// Held is the same as Bytes.
func (b *Inner) Held() int64 { return b.Bytes() }

// Bytes is that of its elements, held twice.
func (b *Inner) Bytes() int64 { return 8 * int64(b.pair.b.elements()+b.pair.bt.elements()) }

// Flops is two for each element and column of a product.
func (b *Inner) Flops(k int) float64 {
	return 2 * float64(b.pair.b.elements()+b.pair.bt.elements()) * float64(k)
}

// Distance is that of the factors which x and y are coordinates of: ‖XYᵀ − A‖_F and
// ‖A‖_F. It reads A where the bases have grown since the last call. Coordinates that x
// and y lack yet, the bases having grown, are zero.
func (b *Inner) Distance(x, y blas.General[float64]) (distance, norm float64, err error) {
	distance, norm, err = b.pair.outside()
	if err != nil {
		return 0, 0, err
	}
	for i := range b.pair.b.rows() {
		for j := range b.pair.bt.rows() {
			e := b.At(i, j)
			if i < x.Rows && j < y.Rows {
				e -= dot(x.Row(i), y.Row(j))
			}
			distance = math.Hypot(distance, e)
		}
	}
	return distance, norm, nil
}
