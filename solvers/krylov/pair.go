package krylov

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// Pair is two orthonormal bases, P of span{X_0, AY_0, AAᵀX_0, …} and Q of
// span{Y_0, AᵀX_0, AᵀAY_0, …}, of an m×n matrix A: the block Krylov space of the
// symmetric matrix that has A and Aᵀ beside its diagonal (block Golub-Kahan; Golub,
// Luk and Overton, "A block Lanczos method for computing the singular values and
// corresponding singular vectors of a matrix", 1981), so that
//
//	AQ = PB + P_(s+1)·C·E_sᵀ,   AᵀP = QBᵀ + Q_(s+1)·D·F_sᵀ,
//
// B = PᵀAQ block tridiagonal, E_s and F_s the columns of the last blocks of Q and P.
type Pair struct {
	left, right    space
	guardX, guardY int // the rows of the guards, −1 where there is none
	op             operator.Rectangular[float64]
	passes         int
	inner          *Inner

	toLeft, toRight blas.General[float64] // C and D
	x, y, ay, atx   blas.General[float64] // operands of a pass
}

// NewPair makes the bases of the columns of X_0, m×k, and Y_0, n×k, with one pass
// over A, and returns them with the coordinates of X_0 and Y_0. Each start has a guard,
// as that of New.
func NewPair(b *blas.Backend, a operator.Rectangular[float64], x0, y0 blas.General[float64]) (k *Pair, zx, zy blas.General[float64], err error) {
	m, n := a.Dims()
	x0.Check(m, x0.Cols)
	y0.Check(n, x0.Cols)
	k = &Pair{left: newSpace(b, m), right: newSpace(b, n), op: a}
	k.inner = &Inner{sweeps: blas.FusedOf[float64](b), pair: k}
	for _, side := range []struct {
		*space
		from  blas.General[float64]
		z     *blas.General[float64]
		guard *int
	}{{&k.left, x0, &zx, &k.guardX}, {&k.right, y0, &zy, &k.guardY}} {
		var v blas.General[float64]
		v, *side.z, *side.guard = side.start(side.from)
		side.push(v)
	}
	k.toLeft = blas.NewGeneral[float64](k.left.waiting().Rows, 0)
	k.toRight = blas.NewGeneral[float64](k.right.waiting().Rows, 0)
	if !k.Closed() {
		err = k.Extend()
	}
	return k, zx, zy, err
}

// Sizes are the numbers of vectors of P and of Q.
func (k *Pair) Sizes() (p, q int) { return k.left.Size(), k.right.Size() }

// Dims is the shape of A.
func (k *Pair) Dims() (m, n int) { return k.op.Dims() }

// Passes is the number of passes over A that were made.
func (k *Pair) Passes() int { return k.passes }

// Blocks is s.
func (k *Pair) Blocks() int { return k.left.Blocks() }

// Closed says that A and Aᵀ lead from each basis into the other: no pass adds to
// them.
func (k *Pair) Closed() bool { return k.left.Closed() && k.right.Closed() }

// Guards are the rows of the coordinates that belong to the guards of P and Q, −1
// where a start spans everything.
func (k *Pair) Guards() (x, y int) { return k.guardX, k.guardY }

// LeftOut is the norm of the parts of AQ and AᵀP that were left out as rounding.
func (k *Pair) LeftOut() float64 { return math.Hypot(k.left.left, k.right.left) }

// LeftOutOfStart is the norm of what was left out of X_0 and Y_0.
func (k *Pair) LeftOutOfStart() float64 { return math.Hypot(k.left.leftOfStart, k.right.leftOfStart) }

// Inner is B. It grows with the bases.
func (k *Pair) Inner() *Inner { return k.inner }

// Couplings are C and D, replaced by Extend: C has as many columns as the last block
// of Q, D as that of P.
func (k *Pair) Couplings() (c, d blas.General[float64]) { return k.toLeft, k.toRight }

// Form sets x = P·zx and y = Q·zy; rows of z beyond Sizes are not used.
func (k *Pair) Form(x, y, zx, zy blas.General[float64]) {
	k.left.Form(x, zx)
	k.right.Form(y, zy)
}

// Extend adds the waiting blocks, with one pass over A. Where both are empty it does
// nothing.
func (k *Pair) Extend() error {
	if k.Closed() {
		return nil
	}
	p, q := k.left.waiting(), k.right.waiting()
	m, n := k.op.Dims()
	columns := max(p.Rows, q.Rows)
	if k.x.Cols != columns {
		k.x, k.ay = blas.NewGeneral[float64](m, columns), blas.NewGeneral[float64](m, columns)
		k.y, k.atx = blas.NewGeneral[float64](n, columns), blas.NewGeneral[float64](n, columns)
	}
	clear(k.x.Data) // of fewer vectors the other columns are zero
	clear(k.y.Data)
	transpose(k.x, p)
	transpose(k.y, q)
	k.op.Reserve(columns)
	if err := k.op.Mul(k.ay, k.atx, k.x, k.y); err != nil {
		return err
	}
	k.passes++
	ay, atx := rowsOf(k.ay, q.Rows), rowsOf(k.atx, p.Rows)
	own := blas.NewGeneral[float64](p.Rows, q.Rows) // of the waiting blocks
	if p.Rows > 0 && q.Rows > 0 {
		k.left.blas.Gemm(gblas.NoTrans, gblas.Trans, p.Rows, q.Rows, m, 1, p.Data, p.Stride, ay.Data, ay.Stride, 0, own.Data, own.Stride)
	}
	k.inner.grow(k.toLeft, k.toRight, own)
	norm := max(k.left.norm, frobenius(own), frobenius(k.toLeft), frobenius(k.toRight))
	k.left.norm, k.right.norm = norm, norm
	// Both products first: what is orthogonalized is overwritten.
	left, c := k.left.orthonormalize(ay)
	right, d := k.right.orthonormalize(atx)
	k.left.push(left)
	k.right.push(right)
	k.toLeft, k.toRight = c, d
	return nil
}

// rowsOf are the first columns of a matrix as rows.
func rowsOf(m blas.General[float64], columns int) blas.General[float64] {
	w := blas.NewGeneral[float64](columns, m.Rows)
	for i := range m.Rows {
		for j, v := range m.Row(i)[:columns] {
			w.Data[j*w.Stride+i] = v
		}
	}
	return w
}
