package asymmetric

import (
	"lowrank/blas"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
)

// Krylov holds one trajectory X_t = P·U_t, Y_t = Q·W_t in the coordinates of
// orthonormal bases of the block Krylov spaces of (A, X_0, Y_0): U and W follow the
// same iteration with the small matrix B = PᵀAQ, until what leaves the bases
// matters. Then both grow by one pass over A. A step between two passes does not
// depend on m and n. An A of low rank is exhausted by a few passes.
//
// The embedded Solver is that of U and W: what it and its recorders say of norms,
// singular values, gradients and the error is true of X and Y too. To say the error
// they read A where the bases have grown.
type Krylov struct {
	*Solver[float64]
	b            *blas.Backend
	pair         *krylov.Pair
	estimate     *trajectoryErrors
	margin       float64 // part of ‖X‖ and of ‖Y‖ that the bases may change them by
	fullX, fullY blas.General[float64]
	formed       int // the iteration whose factors are formed
}

// NewKrylov prepares gradient descent on A with step η > 0 from X_0 and Y_0, such
// that keeping to the bases changes X_t by about tolerance·‖X_t‖ and Y_t by about
// tolerance·‖Y_t‖ (0: krylov.Tolerance), as far as rounding errors allow. It makes the
// first pass.
func NewKrylov(b *blas.Backend, a operator.Rectangular[float64], x0, y0 blas.General[float64], eta float64, order Order, tolerance float64) (*Krylov, error) {
	m, n := a.Dims()
	columns := x0.Cols
	if x0.Rows != m || y0.Rows != n || y0.Cols != columns || columns < 1 {
		panic(badStart)
	}
	if tolerance == 0 {
		tolerance = krylov.Tolerance
	}
	pair, u, w, err := krylov.NewPair(b, a, x0, y0)
	if err != nil {
		return nil, err
	}
	k := &Krylov{b: b, pair: pair, margin: tolerance * krylov.Reserve, formed: -1}
	p, q := k.sizes()
	k.Solver = New(b, pair.Inner(), krylov.Padded(u, p), krylov.Padded(w, q), eta, order)
	k.estimate = newTrajectoryErrors(pair, k.Solver)
	return k, nil
}

// sizes are those of the bases, at least one each, with as many rows of zeros.
func (k *Krylov) sizes() (p, q int) {
	p, q = k.pair.Sizes()
	k.pair.Inner().Pad(max(1-p, 0), max(1-q, 0))
	return max(p, 1), max(q, 1)
}

// Step makes one iteration in the coordinates, after passes over A where they are
// needed.
func (k *Krylov) Step() error {
	for !k.pair.Closed() && k.leaves() {
		if err := k.extend(); err != nil {
			return err
		}
	}
	if err := k.Solver.Step(); err != nil {
		return err
	}
	k.estimate.step(k.Solver)
	// What left the bases is part of AY and AᵀX, and of the gradients.
	x, y := krylov.Norm(k.estimate.outX)/k.eta, krylov.Norm(k.estimate.outY)/k.eta
	k.normsX.Gradient, k.normsX.Product = k.normsX.Gradient+x*x, k.normsX.Product+x*x
	k.normsY.Gradient, k.normsY.Product = k.normsY.Gradient+y*y, k.normsY.Product+y*y
	return nil
}

// leaves says whether the part of this step that leaves the bases must not be
// neglected.
func (k *Krylov) leaves() bool {
	x, y := k.estimate.local(k.Solver)
	ofX, ofY := k.margin*krylov.Norm(k.Solver.x), k.margin*krylov.Norm(k.Solver.y)
	if x > ofX || y > ofY || k.pair.Blocks() < min(k.t+1, krylov.LeastBlocks) {
		return true
	}
	age := float64(k.t + 1)
	if k.estimate.lost || x*age <= ofX && y*age <= ofY {
		return false
	}
	cutX, cutY := krylov.Norm(k.estimate.cutX), krylov.Norm(k.estimate.cutY)
	return x*age > ofX && cutX+x > ofX || y*age > ofY && cutY+y > ofY
}

// extend adds a block to each basis and rows of zeros to the coordinates.
func (k *Krylov) extend() error {
	if err := k.pair.Extend(); err != nil {
		return err
	}
	p, q := k.sizes()
	k.Solver.enlarge(k.b, p, q)
	k.estimate.enlarge(p, q)
	k.estimate.local(k.Solver)
	return nil
}

// enlarge adds rows of zeros to X and Y.
func (s *Solver[T]) enlarge(b *blas.Backend, m, n int) {
	f := blas.FusedOf[T](b)
	s.x, s.nextX, s.sweepX = krylov.Padded(s.x, m), blas.NewGeneral[T](m, s.k), f.NewSweep(m, s.k)
	s.y, s.nextY, s.sweepY = krylov.Padded(s.y, n), blas.NewGeneral[T](n, s.k), f.NewSweep(n, s.k)
	s.m, s.n = m, n
	s.a.Reserve(s.k)
}

// X is the left factor, m×k, formed where it was not yet; Y the right one, n×k. The
// next call after a step overwrites them.
func (k *Krylov) X() blas.General[float64] { k.form(); return k.fullX }
func (k *Krylov) Y() blas.General[float64] { k.form(); return k.fullY }

func (k *Krylov) form() {
	if k.formed == k.t {
		return
	}
	if k.formed < 0 {
		m, n := k.pair.Dims()
		k.fullX, k.fullY = blas.NewGeneral[float64](m, k.k), blas.NewGeneral[float64](n, k.k)
	}
	k.pair.Form(k.fullX, k.fullY, k.Solver.x, k.Solver.y)
	k.formed = k.t
}

// Passes is the number of passes over A.
func (k *Krylov) Passes() int { return k.pair.Passes() }

// BasisSizes are the numbers of vectors of P and Q.
func (k *Krylov) BasisSizes() (p, q int) { return k.pair.Sizes() }

// Errors estimates the relative error of X or that of Y, whichever is larger: the
// part that comes from keeping to the bases, and that of rounding. Both are NaN from
// where on the trajectory is not predictable: what rounding does to it has grown to
// its own size.
func (k *Krylov) Errors() (basis, rounding float64) {
	return k.estimate.relative(krylov.Norm(k.Solver.x), krylov.Norm(k.Solver.y))
}

// Save fails: a trajectory in a basis is not saved.
func (k *Krylov) Save() ([]byte, error) { return nil, krylov.ErrNotSaved }

// Restore fails.
func (k *Krylov) Restore([]byte) error { return krylov.ErrNotSaved }
