package asymmetric

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers"
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
//
// Several trajectories may share the bases, or have bases that grow together: where one
// of them needs it. They are stepped by one caller.
type Krylov struct {
	*Solver[float64]
	b            *blas.Backend
	pair         *krylov.Pair
	neglected    float64 // part of the last gradients that left the bases
	estimate     *trajectoryErrors
	margin       float64 // part of ‖X‖ and of ‖Y‖ that the bases may change them by
	blocks       int     // of the bases, as the coordinates know them
	theory       *Theory[float64]
	span         blas.General[float64] // of the theory, in m dimensions; empty for none
	split        *krylov.Split         // of it
	fullX, fullY blas.General[float64]
	formed       int // the iteration whose factors are formed

	limits   krylov.Limits
	perStep  float64 // operations
	spent    float64 // on steps, in operations
	left     *krylov.Left
	finished bool
}

// NewKrylov prepares gradient descent on A with step η > 0 from X_0 and Y_0, such
// that keeping to the bases changes X_t by about tolerance·‖X_t‖ and Y_t by about
// tolerance·‖Y_t‖ (0: krylov.Tolerance), as far as rounding errors allow. It makes the
// first pass.
func NewKrylov(b *blas.Backend, a operator.Rectangular[float64], x0, y0 blas.General[float64], eta float64, order Order, tolerance float64) (*Krylov, error) {
	m, n := a.Dims()
	switch {
	case x0.Rows != m || y0.Rows != n || y0.Cols != x0.Cols || x0.Cols < 1:
		panic(badStart)
	case !(eta > 0) || math.IsInf(eta, 1):
		panic(badStep)
	}
	krylov.CheckTolerance(tolerance)
	starts, err := krylov.NewPair(b, a, []blas.General[float64]{x0}, []blas.General[float64]{y0})
	if err != nil {
		return nil, err
	}
	return InBases(b, starts[0], eta, order, tolerance), nil
}

// InBases is NewKrylov for a start whose bases are there: for runs of one A that share
// their passes.
func InBases(b *blas.Backend, start krylov.PairStart, eta float64, order Order, tolerance float64) *Krylov {
	pair := start.Pair
	if start.X.Cols < 1 {
		panic(badStart)
	}
	k := &Krylov{b: b, pair: pair, margin: krylov.CheckTolerance(tolerance) * krylov.Reserve, blocks: pair.Blocks(), formed: -1}
	inner := pair.Inner()
	p, q := sizes(pair, inner)
	k.Solver = New(b, inner, krylov.Padded(start.X, p), krylov.Padded(start.Y, q), eta, order)
	k.estimate = newTrajectoryErrors(b, k.Solver, start)
	k.perStep = pair.StepCost(k.k)
	return k
}

// sizes are those of the bases, at least one each, with as many rows of zeros.
func sizes(pair *krylov.Pair, inner *krylov.Inner) (p, q int) {
	p, q = pair.Sizes()
	inner.Pad(max(1-p, 0), max(1-q, 0))
	return max(p, 1), max(q, 1)
}

// Limit says when the run does not go on in the bases. It belongs before the first step.
func (k *Krylov) Limit(l krylov.Limits) { k.limits = l }

// Step makes one iteration in the coordinates, after passes over A where they are
// needed.
func (k *Krylov) Step() error {
	if k.left != nil {
		return k.Solver.Step()
	}
	if k.finished { // it goes on after all
		k.finished = false
		k.pair.Join()
	}
	k.sync()
	if k.limits.TooCostly(k.pair.Cost(k.spent), k.pair.OfRuns(k.perStep)) {
		k.leave()
		return k.Solver.Step()
	}
	for !k.pair.Closed() && k.leaves() {
		leave, err := k.limits.NoRoom(k.pair.Held(), k.pair.Next())
		if err != nil {
			return err
		}
		if leave {
			k.leave()
			return k.Solver.Step()
		}
		if err := k.pair.Extend(); err != nil {
			return err
		}
		k.sync()
	}
	t := k.t
	err := k.Solver.Step()
	if k.t == t {
		return err
	}
	k.spent += k.perStep
	k.estimate.step(k.Solver)
	// What left the bases is part of AY and AᵀX, and of the gradients.
	x, y := krylov.Norm(k.estimate.outX)/k.eta, krylov.Norm(k.estimate.outY)/k.eta
	k.neglected = math.Hypot(x, y)
	x, y = math.Ldexp(x, k.unit), math.Ldexp(y, k.unit)
	k.normsX.Gradient, k.normsX.Product = k.normsX.Gradient+x*x, k.normsX.Product+x*x
	k.normsY.Gradient, k.normsY.Product = k.normsY.Gradient+y*y, k.normsY.Product+y*y
	return err // of a divergence, which the iterate shows
}

// Terms are those of the solver, with what left the bases.
func (k *Krylov) Terms() solvers.Terms {
	t := k.Solver.Terms()
	if k.left == nil {
		m, n := k.pair.Dims()
		t.Length, t.Neglected = float64(max(m, n)), k.neglected
	}
	return t
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
	cutX, cutY := k.estimate.used()
	return x*age > ofX && cutX+x > ofX || y*age > ofY && cutY+y > ofY
}

// sync adds rows of zeros to the coordinates where the bases have grown, by this run
// or another.
func (k *Krylov) sync() {
	if k.blocks == k.pair.Blocks() {
		return
	}
	k.blocks, k.perStep = k.pair.Blocks(), k.pair.StepCost(k.k)
	p, q := sizes(k.pair, k.Solver.a.(*krylov.Inner))
	k.Solver.enlarge(k.b, p, q)
	k.estimate.enlarge(p, q)
	k.estimate.local(k.Solver)
	k.rebase()
}

// enlarge adds rows of zeros to X and Y.
func (s *Solver[T]) enlarge(b *blas.Backend, m, n int) {
	f := blas.FusedOf[T](b)
	s.x, s.nextX, s.sweepX = krylov.Padded(s.x, m), blas.NewGeneral[T](m, s.k), f.NewSweep(m, s.k)
	s.y, s.nextY, s.sweepY = krylov.Padded(s.y, n), blas.NewGeneral[T](n, s.k), f.NewSweep(n, s.k)
	s.m, s.n = m, n
	s.a.Reserve(s.k)
}

// leave goes over to the direct method. Who looks at the embedded solver sees X and Y in
// it from now on.
func (k *Krylov) leave() {
	basis, rounding := k.Errors()
	p, q := k.pair.Sizes()
	left := &krylov.Left{At: k.t, Passes: k.pair.Passes(), Sizes: []int{p, q}, Basis: basis, Rounding: rounding}
	k.form()
	k.become(k.fullX, k.fullY)
	k.forget(left)
}

// forget drops the bases.
func (k *Krylov) forget(left *krylov.Left) {
	k.left = left
	k.Finish()
	k.pair, k.estimate, k.split = nil, nil, nil
	k.fullX, k.fullY = blas.General[float64]{}, blas.General[float64]{}
}

// Finish says that no more steps are made, until there is one: the bases grow no more for
// this run. What the run has can be looked at.
func (k *Krylov) Finish() {
	if !k.finished {
		k.finished = true
		k.pair.Leave()
	}
}

// become makes the embedded solver that of X and Y themselves.
func (k *Krylov) become(x, y blas.General[float64]) {
	direct := New(k.b, k.pair.Operator(), x, y, float64(k.eta), k.order)
	direct.t, direct.normsX, direct.normsY = k.t, k.normsX, k.normsY
	if th := k.theory; th != nil {
		if th.seen > 0 {
			previous := blas.NewGeneral[float64](direct.n, k.k)
			k.pair.FormY(previous, th.previousY)
			th.previousY = previous
		}
		if th.span != nil {
			th.span = &k.span
		}
	}
	*k.Solver = *direct
}

// NewTheory prepares the checks of the package's NewTheory on the coordinates.
func (k *Krylov) NewTheory(p Parameters, span *blas.General[float64], tail float64) (*Theory[float64], error) {
	if k.left != nil {
		panic(lateTheory)
	}
	m, n := k.pair.Dims()
	th, err := newTheory(k.Solver, m, n, p, span, tail)
	if err != nil {
		return nil, err
	}
	if k.theory = th; span != nil {
		k.span, k.split = *span, k.pair.NewSplitX(*span)
	}
	k.rebase()
	return th, nil
}

// rebase gives the theory the coordinates of its matrices.
func (k *Krylov) rebase() {
	if k.theory == nil {
		return
	}
	if th := k.theory; th.seen > 0 {
		th.previousY = krylov.Padded(th.previousY, k.Solver.n)
	}
	if k.split != nil {
		inP := k.split.Coordinates()
		k.theory.span = &inP
	}
}

// X is the left factor, m×k, formed where it was not yet; Y the right one, n×k. The
// next call after a step overwrites them.
func (k *Krylov) X() blas.General[float64] {
	if k.left != nil {
		return k.Solver.X()
	}
	k.form()
	return k.fullX
}

func (k *Krylov) Y() blas.General[float64] {
	if k.left != nil {
		return k.Solver.Y()
	}
	k.form()
	return k.fullY
}

func (k *Krylov) form() {
	k.sync()
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

// Passes is the number of passes over A, of all runs in the bases.
func (k *Krylov) Passes() int {
	if k.left != nil {
		return k.left.Passes + k.t - k.left.At
	}
	return k.pair.Passes()
}

// Left tells when and how the run left its bases; nil where it did not.
func (k *Krylov) Left() *krylov.Left { return k.left }

// BasisSizes are the numbers of vectors of P and Q, where the run left them as they were
// then.
func (k *Krylov) BasisSizes() (p, q int) {
	if k.left != nil {
		return k.left.Sizes[0], k.left.Sizes[1]
	}
	return k.pair.Sizes()
}

// Errors estimates the relative error of X or that of Y, whichever is larger: the
// part that comes from keeping to the bases, and that of rounding. Both are NaN from
// where on the trajectory is not predictable: where their sum has passed
// krylov.Unpredictable. They are NaN too where the run left the bases: Left has those of that
// iterate.
func (k *Krylov) Errors() (basis, rounding float64) {
	if k.left != nil {
		return math.NaN(), math.NaN()
	}
	return k.estimate.relative(krylov.Norm(k.Solver.x), krylov.Norm(k.Solver.y))
}

var _ solvers.Method = (*Krylov)(nil)
