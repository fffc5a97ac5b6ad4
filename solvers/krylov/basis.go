package krylov

import (
	"math"
	"slices"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/solvers/operator"
)

// Basis is an orthonormal basis V of the block Krylov space
// span{X_0, ΣX_0, …, Σ^(s−1)X_0} of a symmetric d×d matrix Σ, built block by block
// (block Lanczos; Golub and Underwood, "The block Lanczos method for computing
// eigenvalues", 1977) with full reorthogonalization, so that
//
//	ΣV = VH + V_(s+1)·B·E_sᵀ,
//
// H = VᵀΣV block tridiagonal, E_s the columns of the last block. Directions that
// vanish to rounding are left out of the next block; when none is left V spans an
// invariant subspace, and B is empty.
type Basis struct {
	space
	*ledger
	group *group
	users int // runs that began in it and did not leave it

	guard    int                   // the row of the guard, −1 where there is none
	h        banded                // H
	coupling blas.General[float64] // B: rows of V_(s+1), columns of V_s
	beyond   float64               // of Beyond, for a basis of
	beyondOf int                   // so many vectors
}

// Start is where a trajectory begins: its basis, and X_0 in it.
type Start struct {
	Basis   *Basis
	Z       blas.General[float64] // the coordinates of X_0
	LeftOut float64               // the norm of what of X_0 was left out as rounding
}

// New makes the bases of starts X_0, each of d rows, with one pass over Σ for all. A
// start whose columns the columns of one before it span, as that of another scale,
// begins in the basis of that. Bases that are made together grow together: a pass for
// one of them extends all. Columns of a start that depend on others have no vector of
// their own.
//
// A random vector, the guard, is added to each basis. No X has a part in it, but rounding
// errors have: its Krylov space is where they meet directions that X_0 does not excite
// and in which the trajectory may be unstable.
func New(b *blas.Backend, op operator.Operator[float64], x0 ...blas.General[float64]) ([]Start, error) {
	if err := finite(x0); err != nil {
		return nil, err
	}
	d := op.Dim()
	for _, x := range x0 {
		x.Check(d, x.Cols)
	}
	g := &group{op: op, ledger: &ledger{runs: len(x0)}}
	starts := make([]Start, len(x0))
	for _, runs := range alike(level1{b.BLAS}, x0) {
		var from []blas.General[float64]
		for _, i := range runs {
			from = append(from, x0[i])
		}
		k := &Basis{space: newSpace(b, d), ledger: g.ledger, group: g, users: len(runs), h: newBanded(b)}
		v, of, guard := k.start(from)
		k.guard = guard
		k.push(v)
		k.coupling = blas.NewGeneral[float64](v.Rows, 0)
		g.bases = append(g.bases, k)
		for j, i := range runs {
			starts[i] = Start{k, of[j].z, of[j].leftOut}
		}
	}
	return starts, g.extend()
}

// Operator is Σ.
func (k *Basis) Operator() operator.Operator[float64] { return k.group.op }

// Guard is the row of the coordinates that belongs to the guard, −1 where the starts
// span everything.
func (k *Basis) Guard() int { return k.guard }

// Join takes Leave back.
func (k *Basis) Join() {
	if k.users++; k.users == 1 {
		k.group.bases = append(k.group.bases, k)
	}
}

// Leave says that one of the runs in the basis needs it no more.
func (k *Basis) Leave() {
	if k.users--; k.users == 0 {
		k.group.bases = slices.DeleteFunc(k.group.bases, func(other *Basis) bool { return other == k })
	}
}

// Held is the number of vectors that are held, V and the block that waits, of all bases
// that grow together; Next is how many the next pass adds to them, at most.
func (k *Basis) Held() int { held, _ := k.group.sizes(); return held }
func (k *Basis) Next() int { _, next := k.group.sizes(); return next }

// Projection is H, a view of its own for each caller. It grows with the basis.
func (k *Basis) Projection() *Projection { return &Projection{basis: k} }

// Coupling is B, with as many rows as V_(s+1) has vectors and as many columns as
// the last block of V. It is replaced by Extend.
func (k *Basis) Coupling() blas.General[float64] { return k.coupling }

// Extend adds the waiting block to V, and those of the bases that grow together to
// theirs, with one pass over Σ. On a closed basis it does nothing.
func (k *Basis) Extend() error {
	if k.Closed() {
		return nil
	}
	return k.group.extend()
}

// take adds the waiting block, whose product with Σ are the rows of w, a room.
func (k *Basis) take(w blas.General[float64]) {
	v := k.waiting()
	d, b := k.Dim(), v.Rows
	own := blas.NewGeneral[float64](b, b) // V_(s+1)ᵀΣV_(s+1)
	k.blas.Gemm(gblas.NoTrans, gblas.Trans, b, b, d, 1, v.Data, v.Stride, w.Data, w.Stride, 0, own.Data, own.Stride)
	k.grow(own)
	k.norm = max(k.norm, Norm(own), Norm(k.coupling))
	next, r, leftOut := k.orthonormalize(w)
	k.left = math.Hypot(k.left, nrm2(leftOut))
	k.push(next)
	k.coupling = r
}

// grow adds the rows of a block to H: its coupling with the last one and its own part.
func (k *Basis) grow(own blas.General[float64]) {
	symmetric := blas.NewGeneral[float64](own.Rows, own.Cols)
	for i := range own.Rows {
		for j := range own.Cols {
			symmetric.Row(i)[j] = (own.Row(i)[j] + own.Row(j)[i]) / 2
		}
	}
	k.h.grow(k.coupling, k.h.rows()-k.coupling.Cols, k.coupling, symmetric)
}

// StepCost is what a step takes in a basis of Σ with X of r columns.
func (k *Basis) StepCost(r int) float64 { return StepCost(k.h.elements(), k.Size(), r) }
