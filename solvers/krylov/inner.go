package krylov

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// Inner is B = PᵀAQ, block tridiagonal, as the operator that A is in the coordinates
// of X in P and of Y in Q, with rows and columns of zeros behind it.
type Inner struct {
	rows, cols       []band // of B
	padRows, padCols int
	sweeps           blas.Fused[float64]
	sweep            blas.Sweep[float64]
	columns          int // that sweep is for
	height           int

	pair  *Pair
	known int     // passes of the pair when rest was computed
	rest  float64 // ‖A − PBQᵀ‖_F
	norm  float64 // ‖A‖_F
}

var _ operator.Rectangular[float64] = (*Inner)(nil)

// grow adds the blocks P_s and Q_s: their couplings with the ones before, and
// P_sᵀAQ_s.
func (b *Inner) grow(toLeft, toRight, own blas.General[float64]) {
	n, m := len(b.rows), len(b.cols)
	// The last block of P meets Q_s through D, that of Q meets P_s through C.
	join(b.rows[n-toRight.Cols:], toRight)
	join(b.cols[m-toLeft.Cols:], toLeft)
	for i := range own.Rows {
		h := append([]float64(nil), toLeft.Row(i)...)
		b.rows = append(b.rows, band{m - toLeft.Cols, append(h, own.Row(i)...)})
	}
	for j := range own.Cols {
		h := append([]float64(nil), toRight.Row(j)...)
		for i := range own.Rows {
			h = append(h, own.Row(i)[j])
		}
		b.cols = append(b.cols, band{n - toRight.Cols, h})
	}
}

// Pad says how many rows and columns of zeros stand behind B.
func (b *Inner) Pad(rows, cols int) { b.padRows, b.padCols = rows, cols }

// Dims is the shape of B, with its padding.
func (b *Inner) Dims() (m, n int) { return len(b.rows) + b.padRows, len(b.cols) + b.padCols }

// At is an element of B.
func (b *Inner) At(i, j int) float64 {
	row := b.rows[i]
	if j < row.at || j >= row.at+len(row.h) {
		return 0
	}
	return row.h[j-row.at]
}

// Norm is a bound of ‖B‖₂: the root of the largest sums of a row and of a column.
func (b *Inner) Norm() float64 { return math.Sqrt(largestSum(b.rows) * largestSum(b.cols)) }

// Reserve prepares for factors of k columns.
func (b *Inner) Reserve(k int) {
	if m, _ := b.Dims(); b.columns != k || b.height != m {
		b.sweep, b.columns, b.height = b.sweeps.NewSweep(m, k), k, m
	}
}

// Mul sets ay = By and atx = Bᵀx.
func (b *Inner) Mul(ay, atx, x, y blas.General[float64]) error {
	multiply(b.rows, ay, y)
	multiply(b.cols, atx, x)
	return nil
}

// Forward sets ay = By, and Adjoint atx = Bᵀx.
func (b *Inner) Forward(ay, y blas.General[float64])  { multiply(b.rows, ay, y) }
func (b *Inner) Adjoint(atx, x blas.General[float64]) { multiply(b.cols, atx, x) }

// Rows sets dst to the rows of By from the i0-th on.
func (b *Inner) Rows(dst, y blas.General[float64], i0 int) { multiply(b.rows[i0:i0+dst.Rows], dst, y) }

// Alternate sets next = X + η(BY − XG) and gnext to its Gram matrix, and
// atx = Bᵀ·next.
func (b *Inner) Alternate(eta float64, next, atx, x, y blas.General[float64], g, gnext []float64) (blas.Norms, error) {
	b.Reserve(y.Cols)
	multiply(b.rows, next, y)
	copy(gnext, g[:y.Cols*y.Cols])
	norms := b.sweep.Update(eta, x, next, gnext)
	multiply(b.cols, atx, next)
	return norms, nil
}

// Bytes is that of its elements, held twice.
func (b *Inner) Bytes() int64 { return 8 * int64(elements(b.rows)+elements(b.cols)) }

// Flops is two for each element and column of a product.
func (b *Inner) Flops(k int) float64 {
	return 2 * float64(elements(b.rows)+elements(b.cols)) * float64(k)
}

// Distance is that of the factors which x and y are coordinates of: ‖XYᵀ − A‖_F and
// ‖A‖_F. It reads A where the bases have grown since the last call.
func (b *Inner) Distance(x, y blas.General[float64]) (distance, norm float64, err error) {
	if b.known != b.pair.passes {
		if err := b.measure(); err != nil {
			return 0, 0, err
		}
	}
	distance = b.rest
	for i := range b.rows {
		for j := range b.cols {
			distance = math.Hypot(distance, dot(x.Row(i), y.Row(j))-b.At(i, j))
		}
	}
	return distance, b.norm, nil
}

// measure computes ‖A − PBQᵀ‖_F and ‖A‖_F, from products with the columns of Q.
func (b *Inner) measure() error {
	k := b.pair
	p, q := k.Sizes()
	m, n := k.op.Dims()
	columns := max(q, 1)
	pb, all := blas.NewGeneral[float64](m, columns), blas.NewGeneral[float64](n, columns)
	if q > 0 {
		full, one := blas.NewGeneral[float64](p, q), blas.NewGeneral[float64](q, q)
		for j := range q {
			one.Row(j)[j] = 1
			for i := range p {
				full.Row(i)[j] = b.At(i, j)
			}
		}
		k.Form(pb, all, full, one)
	}
	var err error
	b.rest, b.norm, err = k.op.Distance(pb, all)
	k.op.Reserve(max(k.x.Cols, 1))
	b.known = k.passes
	return err
}
