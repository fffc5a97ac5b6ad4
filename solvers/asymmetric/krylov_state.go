package asymmetric

import (
	"fmt"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// krylovState is all that the next iterates depend on, beside A, X_0 and Y_0: the bases
// are built from these again, by as many passes, to the same bits.
type krylovState struct {
	Blocks   int    // of the bases
	Solver   []byte // of the coordinates, or of X and Y where the run left the bases
	Spent    float64
	Estimate errorsState
	Left     *krylov.LeftState
}

// errorsState are the perturbations.
type errorsState struct {
	Parts [][]float64
	Signs krylov.Signs
	Lost  bool
}

// parts are the perturbations as they are saved.
func (e *trajectoryErrors) parts() []blas.General[float64] {
	parts := []blas.General[float64]{e.cutX, e.cutY, e.farX, e.farY}
	for _, delta := range e.rnd {
		parts = append(parts, delta.x, delta.y)
	}
	return parts
}

// Save returns the state, from which a run from the same A, start and η goes on with the
// same bits.
func (k *Krylov) Save() ([]byte, error) {
	st := krylovState{Spent: k.spent, Left: k.left.State()}
	if k.left == nil {
		k.sync()
		e := k.estimate
		st.Blocks = k.blocks
		st.Estimate = errorsState{krylov.PartsOf(e.parts()), e.signs, e.lost}
	}
	var err error
	if st.Solver, err = k.Solver.Save(); err != nil {
		return nil, err
	}
	return solvers.EncodeState(st)
}

// Restore sets the state that Save returned, with the passes that the bases had taken.
// It belongs before the first step.
func (k *Krylov) Restore(data []byte) error {
	var st krylovState
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	k.spent = st.Spent
	if left := st.Left.Left(); left != nil {
		m, n := k.pair.Dims()
		k.become(blas.NewGeneral[float64](m, k.k), blas.NewGeneral[float64](n, k.k))
		k.pair.Leave()
		k.left, k.pair, k.estimate, k.split = left, nil, nil, nil
		return k.Solver.Restore(st.Solver)
	}
	for k.pair.Blocks() < st.Blocks && !k.pair.Closed() {
		if err := k.pair.Extend(); err != nil {
			return err
		}
	}
	k.sync()
	if k.pair.Blocks() != st.Blocks {
		return fmt.Errorf("the state of the solver has bases of %d blocks; expected at most %d", st.Blocks, k.pair.Blocks())
	}
	if err := k.Solver.Restore(st.Solver); err != nil {
		return err
	}
	e := k.estimate
	if err := krylov.SetParts(e.parts(), st.Estimate.Parts); err != nil {
		return err
	}
	e.signs, e.lost = st.Estimate.Signs, st.Estimate.Lost
	e.local(k.Solver)
	return nil
}

// Fingerprint is that of the direct method, with what is particular to this one. It
// belongs before the first step.
func (k *Krylov) Fingerprint(extra ...any) (string, error) {
	direct := New(k.b, k.pair.Operator(), k.X(), k.Y(), float64(k.eta), k.order)
	return direct.Fingerprint(append(extra, "krylov", k.margin, k.limits.Direct)...)
}
