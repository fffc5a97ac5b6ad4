package krylov

import (
	"math"
	"slices"

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
	left, right space
	*ledger
	guardX, guardY int // the rows of the guards, −1 where there is none
	group          *pairGroup
	users          int    // runs that began in it and did not leave it
	b, bt          banded // B and Bᵀ

	toLeft, toRight blas.General[float64] // C and D

	sweeps blas.Fused[float64]
	known  int     // blocks when rest was computed
	rest   float64 // ‖A − PBQᵀ‖_F
	norm   float64 // ‖A‖_F
}

// PairStart is where a trajectory begins: its bases, and X_0 and Y_0 in them.
type PairStart struct {
	Pair    *Pair
	X, Y    blas.General[float64] // coordinates
	LeftOut float64               // the norm of what of X_0 and Y_0 was left out as rounding
}

// NewPair makes the bases of starts, X_0 with m rows and Y_0 with n, with one pass over A
// for all. As New it puts those that span the same in the same bases, each with a guard
// on either side, and bases that are made together grow together.
func NewPair(b *blas.Backend, a operator.Rectangular[float64], x0, y0 []blas.General[float64]) ([]PairStart, error) {
	if len(x0) != len(y0) {
		panic(badStarts)
	}
	if err := finite(x0, y0); err != nil {
		return nil, err
	}
	m, n := a.Dims()
	for i := range x0 {
		x0[i].Check(m, x0[i].Cols)
		y0[i].Check(n, x0[i].Cols)
	}
	g := &pairGroup{op: a, ledger: &ledger{runs: len(x0)}}
	starts := make([]PairStart, len(x0))
	for _, runs := range alike(level1{b.BLAS}, x0, y0) {
		k := &Pair{left: newSpace(b, m), right: newSpace(b, n), ledger: g.ledger, group: g, users: len(runs), sweeps: blas.FusedOf[float64](b), b: newBanded(b), bt: newBanded(b), known: -1}
		var x, y []blas.General[float64]
		for _, i := range runs {
			x, y = append(x, x0[i]), append(y, y0[i])
		}
		p, ofX, guardX := k.left.start(x)
		q, ofY, guardY := k.right.start(y)
		k.guardX, k.guardY = guardX, guardY
		k.left.push(p)
		k.right.push(q)
		k.toLeft, k.toRight = blas.NewGeneral[float64](p.Rows, 0), blas.NewGeneral[float64](q.Rows, 0)
		g.pairs = append(g.pairs, k)
		for j, i := range runs {
			starts[i] = PairStart{k, ofX[j].z, ofY[j].z, math.Hypot(ofX[j].leftOut, ofY[j].leftOut)}
		}
	}
	return starts, g.extend()
}

// Operator is A.
func (k *Pair) Operator() operator.Rectangular[float64] { return k.group.op }

// NewSplitX is Basis.NewSplit of m×j vectors in P.
func (k *Pair) NewSplitX(u blas.General[float64]) *Split { return k.left.NewSplit(u) }

// FormY sets y = Q·zy.
func (k *Pair) FormY(y, zy blas.General[float64]) { k.right.Form(y, zy) }

// Sizes are the numbers of vectors of P and of Q.
func (k *Pair) Sizes() (p, q int) { return k.left.Size(), k.right.Size() }

// Join takes Leave back.
func (k *Pair) Join() {
	if k.users++; k.users == 1 {
		k.group.pairs = append(k.group.pairs, k)
	}
}

// Leave says that one of the runs in the bases needs them no more.
func (k *Pair) Leave() {
	if k.users--; k.users == 0 {
		k.group.pairs = slices.DeleteFunc(k.group.pairs, func(other *Pair) bool { return other == k })
	}
}

// Held is the number of vectors of P that are held, with those that wait, or of Q where
// there are more, of all bases that grow together; Next is how many the next pass adds to
// them, at most.
func (k *Pair) Held() int { held, _ := k.group.sizes(); return held }
func (k *Pair) Next() int { _, next := k.group.sizes(); return next }

// Dims is the shape of A.
func (k *Pair) Dims() (m, n int) { return k.group.op.Dims() }

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

// Inner is B, a view of its own for each caller. It grows with the bases.
func (k *Pair) Inner() *Inner { return &Inner{pair: k, sweeps: k.sweeps} }

// Couplings are C and D, replaced by Extend: C has as many columns as the last block
// of Q, D as that of P.
func (k *Pair) Couplings() (c, d blas.General[float64]) { return k.toLeft, k.toRight }

// Form sets x = P·zx and y = Q·zy; rows of z beyond Sizes are not used.
func (k *Pair) Form(x, y, zx, zy blas.General[float64]) {
	k.left.Form(x, zx)
	k.right.Form(y, zy)
}

// Extend adds the waiting blocks, and those of the bases that grow together, with one
// pass over A. Where both are empty it does nothing.
func (k *Pair) Extend() error {
	if k.Closed() {
		return nil
	}
	return k.group.extend()
}

// take adds the waiting blocks, whose products with A and Aᵀ are the rows of ay and atx,
// rooms of P and Q.
func (k *Pair) take(ay, atx blas.General[float64]) {
	p, q := k.left.waiting(), k.right.waiting()
	own := blas.NewGeneral[float64](p.Rows, q.Rows)
	if p.Rows > 0 && q.Rows > 0 {
		k.left.blas.Gemm(gblas.NoTrans, gblas.Trans, p.Rows, q.Rows, p.Cols, 1, p.Data, p.Stride, ay.Data, ay.Stride, 0, own.Data, own.Stride)
	}
	k.grow(own)
	norm := max(k.left.norm, Norm(own), Norm(k.toLeft), Norm(k.toRight))
	k.left.norm, k.right.norm = norm, norm
	// Both products were there first: what is orthogonalized is overwritten.
	left, c, leftOut := k.left.orthonormalize(ay)
	right, d, rightOut := k.right.orthonormalize(atx)
	k.left.left, k.right.left = math.Hypot(k.left.left, nrm2(leftOut)), math.Hypot(k.right.left, nrm2(rightOut))
	k.left.push(left)
	k.right.push(right)
	k.toLeft, k.toRight = c, d
}

// grow adds the waiting blocks to B: their couplings with the ones before, and their
// own part. The last block of P meets the new one of Q through D, that of Q the new one
// of P through C.
func (k *Pair) grow(own blas.General[float64]) {
	fromP, fromQ := k.b.rows()-k.toRight.Cols, k.bt.rows()-k.toLeft.Cols
	adjoint := blas.NewGeneral[float64](own.Cols, own.Rows)
	transpose(adjoint, own)
	k.b.grow(k.toRight, fromQ, k.toLeft, own)
	k.bt.grow(k.toLeft, fromP, k.toRight, adjoint)
}

// outside is ‖A − PBQᵀ‖_F, with ‖A‖_F, from products with the columns of Q. It reads A
// where the bases have grown since the last call.
func (k *Pair) outside() (rest, norm float64, err error) {
	if k.known == k.Blocks() {
		return k.rest, k.norm, nil
	}
	p, q := k.Sizes()
	m, n := k.Dims()
	columns := max(q, 1)
	pb, all := blas.NewGeneral[float64](m, columns), blas.NewGeneral[float64](n, columns)
	if q > 0 {
		full, one := blas.NewGeneral[float64](p, q), blas.NewGeneral[float64](q, q)
		for j := range q {
			one.Row(j)[j] = 1
			for i := range p {
				full.Row(i)[j] = k.b.element(i, j)
			}
		}
		k.Form(pb, all, full, one)
	}
	if rest, norm, err = k.group.op.Distance(pb, all); err == nil {
		k.known, k.rest, k.norm = k.Blocks(), rest, norm
	}
	return rest, norm, err
}

// badStarts is the panic of NewPair.
const badStarts = "krylov: there must be as many starts of Y as of X"

// StepCost is what a step takes in bases of A with X and Y of so many columns.
func (k *Pair) StepCost(columns int) float64 {
	p, q := k.Sizes()
	return StepCost(k.b.elements()+k.bt.elements(), p+q, columns)
}
