package symmetric

import (
	"lowrank/blas"
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
type Krylov struct {
	*Solver[float64]
	b        *blas.Backend
	space    *krylov.Basis
	estimate *trajectoryErrors
	margin   float64 // part of ‖Z‖ that the basis may change it by
	pad      int     // rows of zeros behind the coordinates, for the theory
	theory   *Theory[float64]
	basis    *Basis                // of the theory, in d dimensions
	full     blas.General[float64] // X
	formed   uint64                // the version of Z that X was formed from
}

// NewKrylov prepares gradient descent on Σ with step η > 0 from X_0, d×r, such that
// keeping to the basis changes X_t by about tolerance·‖X_t‖ (0: krylov.Tolerance), as
// far as rounding errors allow. It makes the first pass.
func NewKrylov(b *blas.Backend, op operator.Operator[float64], x0 blas.General[float64], eta, tolerance float64) (*Krylov, error) {
	if x0.Rows != op.Dim() || x0.Cols < 1 || x0.Cols > x0.Rows {
		panic(badStart)
	}
	if tolerance == 0 {
		tolerance = krylov.Tolerance
	}
	space, z0, err := krylov.New(b, op, x0)
	if err != nil {
		return nil, err
	}
	k := &Krylov{b: b, space: space, margin: tolerance * krylov.Reserve}
	n := max(space.Size(), x0.Cols) // a solver has no more columns than rows
	space.Projection().Pad(n - space.Size())
	k.Solver = New(b, space.Projection(), krylov.Padded(z0, n), eta)
	k.estimate = newTrajectoryErrors(space, k.Solver)
	return k, nil
}

// Step makes one iteration in the coordinates, after a pass over Σ where one is
// needed.
func (k *Krylov) Step() error {
	if !k.space.Closed() && k.leaves() {
		if err := k.extend(); err != nil {
			return err
		}
		k.estimate.local(k.Solver) // nothing leaves the larger basis yet
	}
	k.estimate.step(k.Solver)
	if err := k.Solver.Step(); err != nil {
		return err
	}
	// What left V is part of ΣX, and of the gradient.
	outside := krylov.Norm(k.estimate.out) / k.eta
	k.norms.Gradient += outside * outside
	k.norms.Product += outside * outside
	return nil
}

// leaves says whether the part of this step that leaves V must not be neglected.
func (k *Krylov) leaves() bool {
	local := k.estimate.local(k.Solver)
	allowed := k.margin * k.estimate.normOf(k.Solver)
	return k.space.Blocks() < min(k.t+1, krylov.LeastBlocks) || local > allowed || !k.estimate.lost && local*float64(k.t+1) > allowed && k.estimate.truncation()+local > allowed
}

// extend adds a block to V and rows of zeros to Z.
func (k *Krylov) extend() error {
	if err := k.space.Extend(); err != nil {
		return err
	}
	k.enlarge()
	return nil
}

// enlarge makes room for the coordinates in the whole basis.
func (k *Krylov) enlarge() {
	n := max(k.space.Size()+k.pad, k.Solver.x.Cols)
	k.space.Projection().Pad(n - k.space.Size())
	k.Solver.enlarge(k.b, n)
	k.estimate.enlarge(n)
	if k.theory == nil {
		return
	}
	inside, outside := k.space.Split(k.basis.Vectors)
	v := blas.NewGeneral[float64](n, inside.Cols)
	v.RowsOf(0, inside.Rows).Copy(inside)
	v.RowsOf(inside.Rows, inside.Rows+outside.Rows).Copy(outside)
	k.theory.rebase(v)
}

// NewTheory prepares measurements of the coordinates: Theory.Of of the embedded
// solver, and recorders of it, say what they would of X. The part of the
// eigenvectors outside of V has coordinates of its own, in which Z is zero.
func (k *Krylov) NewTheory(basis *Basis) *Theory[float64] {
	k.pad, k.basis = basis.Vectors.Cols, basis
	k.theory = NewTheory[float64](k.b, basis)
	k.enlarge()
	return k.theory
}

// enlarge adds rows of zeros to X.
func (s *Solver[T]) enlarge(b *blas.Backend, rows int) {
	s.x, s.y = krylov.Padded(s.x, rows), blas.NewGeneral[T](rows, s.x.Cols)
	s.sweep = blas.FusedOf[T](b).NewSweep(rows, s.x.Cols)
	s.version++
}

// X is the current iterate, d×r, formed where it was not yet. The next call
// overwrites it.
func (k *Krylov) X() blas.General[float64] {
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

// Passes is the number of passes over Σ.
func (k *Krylov) Passes() int { return k.space.Passes() }

// BasisSize is the number of vectors of V.
func (k *Krylov) BasisSize() int { return k.space.Size() }

// Leading are the largest eigenvalues of Σ as the basis has them, at most count, with
// bounds of their errors.
func (k *Krylov) Leading(count int) (values, residuals []float64) { return k.space.Ritz(count) }

// Errors estimates ‖X_t − V·Z_t‖/‖X_t‖: the part that comes from keeping to V, and
// that of rounding. Both are NaN from where on the trajectory is not predictable:
// what rounding does to it has grown to its own size.
func (k *Krylov) Errors() (truncation, rounding float64) {
	return k.estimate.relative(k.estimate.normOf(k.Solver))
}

// Save fails: a trajectory in a basis is not saved.
func (k *Krylov) Save() ([]byte, error) { return nil, krylov.ErrNotSaved }

// Restore fails.
func (k *Krylov) Restore([]byte) error { return krylov.ErrNotSaved }
