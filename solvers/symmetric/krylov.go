package symmetric

import (
	"context"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
)

// Krylov holds one trajectory X_t = V·Z_t in the coordinates of an orthonormal basis
// V of the block Krylov space of (Σ, X_0): Z_t follows the same iteration with the
// small matrix H = VᵀΣV, until the part of the gradient that leaves V matters. Then
// V grows by one pass over Σ. A step between two passes does not depend on d.
//
// The embedded Solver is that of Z: what it and its recorders say of norms, singular
// values and gradients is true of X too, since V is orthonormal.
//
// Several trajectories may share a basis, or have bases that grow together: where one of
// them needs it. They are stepped by one caller.
type Krylov struct {
	*Solver[float64]
	b        *blas.Backend
	space    *krylov.Basis
	estimate *trajectoryErrors
	margin   float64 // part of ‖Z‖ that the basis may change it by
	blocks   int     // of the basis, as the coordinates know it
	pad      int     // rows of zeros behind the coordinates, for the theory
	theory   *Theory[float64]
	basis    *Eigenbasis           // of the theory, in d dimensions
	split    *krylov.Split         // of its vectors
	rebased  int                   // rows of the coordinates that the theory has
	full     blas.General[float64] // X
	formed   uint64                // the version of Z that X was formed from

	limits  krylov.Limits
	perStep float64 // operations
	spent   float64 // on steps, in operations
	// neglected is the part of the last gradient that left V.
	neglected float64
	left      *krylov.Left
	finished  bool
}

// NewKrylov prepares gradient descent on Σ with step η > 0 from X_0, d×r, such that
// keeping to the basis changes X_t by about tolerance·‖X_t‖ (0: krylov.Tolerance), as
// far as rounding errors allow. It makes the first pass.
func NewKrylov(b *blas.Backend, op operator.Operator[float64], x0 blas.General[float64], eta, tolerance float64) (*Krylov, error) {
	switch {
	case x0.Rows != op.Dim() || x0.Cols < 1 || x0.Cols > x0.Rows:
		panic(badStart)
	case !(eta > 0) || math.IsInf(eta, 1):
		panic(badStep)
	}
	krylov.CheckTolerance(tolerance)
	starts, err := krylov.New(b, op, x0)
	if err != nil {
		return nil, err
	}
	return InBasis(b, starts[0], eta, tolerance), nil
}

// InBasis is NewKrylov for a start whose basis is there: for runs of one Σ that share
// their passes.
func InBasis(b *blas.Backend, start krylov.Start, eta, tolerance float64) *Krylov {
	space := start.Basis
	if r := start.Z.Cols; r < 1 || r > space.Dim() {
		panic(badStart)
	}
	k := &Krylov{b: b, space: space, margin: krylov.CheckTolerance(tolerance) * krylov.Reserve, blocks: space.Blocks()}
	n := max(space.Size(), start.Z.Cols) // a solver has no more columns than rows
	h := space.Projection()
	h.Pad(n - space.Size())
	k.Solver = New(b, h, krylov.Padded(start.Z, n), eta)
	k.estimate = newTrajectoryErrors(b, k.Solver, start)
	k.perStep = space.StepCost(start.Z.Cols)
	return k
}

// Limit says when the run does not go on in the basis. It belongs before the first step.
func (k *Krylov) Limit(l krylov.Limits) { k.limits = l }

// Step makes one iteration in the coordinates, after a pass over Σ where one is
// needed.
func (k *Krylov) Step() error {
	if k.left != nil {
		return k.Solver.Step()
	}
	if k.finished { // it goes on after all
		k.finished = false
		k.space.Join()
	}
	k.sync()
	if k.limits.TooCostly(k.space.Cost(k.spent), k.space.OfRuns(k.perStep)) {
		k.leave()
		return k.Solver.Step()
	}
	if !k.space.Closed() && k.leaves() {
		leave, err := k.limits.NoRoom(k.space.Held(), k.space.Next())
		if err != nil {
			return err
		}
		if leave {
			k.leave()
			return k.Solver.Step()
		}
		if err := k.space.Extend(); err != nil {
			return err
		}
		k.sync()
	}
	k.estimate.step(k.Solver)
	if err := k.Solver.Step(); err != nil {
		return err
	}
	k.spent += k.perStep
	// What left V is part of ΣX, and of the gradient.
	outside := krylov.Norm(k.estimate.out) / k.eta
	k.neglected = outside
	outside = math.Ldexp(outside, k.normUnit)
	k.norms.Gradient += outside * outside
	k.norms.Product += outside * outside
	return nil
}

// Terms are those of the solver, with what left V.
func (k *Krylov) Terms() solvers.Terms {
	t := k.Solver.Terms()
	if k.left == nil {
		t.Length, t.Neglected = float64(k.space.Dim()), k.neglected
	}
	return t
}

// leaves says whether the part of this step that leaves V must not be neglected.
func (k *Krylov) leaves() bool {
	local := k.estimate.local(k.Solver)
	allowed := k.margin * k.estimate.normOf(k.Solver)
	return k.space.Blocks() < min(k.t+1, krylov.LeastBlocks) || local > allowed || !k.estimate.lost && local*float64(k.t+1) > allowed && k.estimate.used()+local > allowed
}

// sync adds rows of zeros to Z where V has grown, by this run or another.
func (k *Krylov) sync() {
	if k.blocks != k.space.Blocks() {
		k.blocks, k.perStep = k.space.Blocks(), k.space.StepCost(k.Solver.x.Cols)
		k.enlarge()
		k.estimate.local(k.Solver) // nothing leaves the larger basis yet
	}
}

// enlarge makes room for the coordinates in the whole basis.
func (k *Krylov) enlarge() {
	n := max(k.space.Size()+k.pad, k.Solver.x.Cols)
	k.Solver.op.(*krylov.Projection).Pad(n - k.space.Size())
	k.Solver.enlarge(k.b, n)
	k.estimate.enlarge(n)
}

// rebase gives the theory the coordinates of its eigenvectors.
func (k *Krylov) rebase() {
	if k.left != nil {
		return
	}
	k.sync()
	if n := k.Solver.x.Rows; k.rebased != n {
		k.rebased = n
		k.theory.rebase(krylov.Padded(k.split.Coordinates(), n), 1)
	}
}

// leave goes over to the direct method. Who looks at the embedded solver sees X in it
// from now on.
func (k *Krylov) leave() {
	basis, rounding := k.Errors()
	left := &krylov.Left{At: k.t, Passes: k.space.Passes(), Sizes: []int{k.space.Size()}, Basis: basis, Rounding: rounding}
	k.become(k.X())
	k.forget(left)
}

// forget drops the basis.
func (k *Krylov) forget(left *krylov.Left) {
	k.left = left
	k.Finish()
	k.space, k.estimate, k.split, k.full = nil, nil, nil, blas.General[float64]{}
}

// Finish says that no more steps are made, until there is one: the basis grows no more for
// this run. What the run has can be looked at.
func (k *Krylov) Finish() {
	if !k.finished {
		k.finished = true
		k.space.Leave()
	}
}

// become makes the embedded solver that of X itself.
func (k *Krylov) become(x blas.General[float64]) {
	direct := New(k.b, k.space.Operator(), x, k.eta)
	direct.t, direct.version, direct.norms = k.t, k.version+1, k.norms
	direct.ahead = k.ahead
	*k.Solver = *direct
	if k.theory != nil {
		k.theory.rebase(k.basis.Vectors, parts(k.space.Dim()))
	}
}

// NewTheory prepares measurements of the coordinates: Theory.Of of the embedded
// solver, and recorders of it, say what they would of X. The part of the
// eigenvectors outside of V has coordinates of its own, in which Z is zero.
func (k *Krylov) NewTheory(basis *Eigenbasis) *Theory[float64] {
	if k.left != nil {
		panic(lateTheory)
	}
	k.rebased = 0
	k.pad, k.basis, k.split = basis.Vectors.Cols, basis, k.space.NewSplit(basis.Vectors)
	k.theory = NewTheory[float64](k.b, basis)
	k.theory.before, k.theory.leftOut = k.rebase, k.margin/krylov.Reserve
	k.blocks = k.space.Blocks()
	k.enlarge()
	k.rebase()
	return k.theory
}

// enlarge adds rows of zeros to X.
func (s *Solver[T]) enlarge(b *blas.Backend, rows int) {
	s.x, s.y = krylov.Padded(s.x, rows), blas.NewGeneral[T](rows, s.x.Cols)
	s.sweep = blas.FusedOf[T](b).NewSweep(rows, s.x.Cols)
	s.version++
	s.ready = false
}

// X is the current iterate, d×r, formed where it was not yet. The next call
// overwrites it.
func (k *Krylov) X() blas.General[float64] {
	if k.left != nil {
		return k.Solver.X()
	}
	k.sync()
	if k.full.Rows == 0 {
		k.full = blas.NewGeneral[float64](k.space.Dim(), k.Solver.x.Cols)
		k.formed = k.version + 1
	}
	if k.formed != k.version {
		k.space.Form(k.full, k.Solver.x.RowsOf(0, k.space.Size()))
		k.formed = k.version
	}
	return k.full
}

// Passes is the number of passes over Σ, of all runs in the basis.
func (k *Krylov) Passes() int {
	if k.left != nil {
		return k.left.Passes + k.t - k.left.At
	}
	return k.space.Passes()
}

// Coordinates returns Vᵀu, BasisSize×m, for a d×m matrix u: uᵀX is their product with
// the leading rows of the embedded Solver's iterate. They change as the basis grows.
// Where the run left the basis they are u itself.
func (k *Krylov) Coordinates(u blas.General[float64]) blas.General[float64] {
	if k.left != nil {
		return u
	}
	k.sync()
	return k.space.Coordinates(u)
}

// Left tells when and why the run left its basis; nil where it did not.
func (k *Krylov) Left() *krylov.Left { return k.left }

// BasisSize is the number of vectors of V, where the run left it as it was then.
func (k *Krylov) BasisSize() int {
	if k.left != nil {
		return k.left.Sizes[0]
	}
	return k.space.Size()
}

// Leading are the largest eigenvalues of Σ as the basis has them, at most count, with
// bounds of their errors; none where the run left the basis.
func (k *Krylov) Leading(count int) (values, residuals []float64) {
	if k.left != nil {
		return nil, nil
	}
	p := k.space.Ritz(count)
	return p.Values, p.Residuals
}

// Errors estimates ‖X_t − V·Z_t‖/‖X_t‖: the part that comes from keeping to V, and
// that of rounding. Both are NaN from where on the trajectory is not predictable: where
// their sum has passed krylov.Unpredictable. They are NaN too where the run
// left the basis: Left has those of that iterate.
func (k *Krylov) Errors() (truncation, rounding float64) {
	if k.left != nil {
		return math.NaN(), math.NaN()
	}
	return k.estimate.relative(k.estimate.normOf(k.Solver))
}

// LeadingIn extends a basis until it has the r+1 leading eigenpairs, r ≤ d−1, and
// returns them; nil where that would take more than so many blocks, or where the starts
// have fewer than r independent columns. The start must have a part in every direction,
// as a random one: see krylov.Basis.Leading.
func LeadingIn(ctx context.Context, space *krylov.Basis, r, blocks int) (*Eigenbasis, error) {
	p, err := space.Leading(ctx, r+1, blocks)
	if p == nil || err != nil {
		return nil, err
	}
	return EigenbasisOf(p), nil
}

var _ solvers.Method = (*Krylov)(nil)
