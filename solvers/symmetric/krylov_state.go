package symmetric

import (
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// parts are the perturbations as they are saved.
func (e *trajectoryErrors) parts() []blas.General[float64] {
	return []blas.General[float64]{e.within.All(), e.outside}
}

// Save returns the state, from which a run from the same Σ, X_0 and η goes on with the
// same bits.
func (k *Krylov) Save() ([]byte, error) {
	if k.left != nil {
		return krylov.State{Spent: k.spent, Left: k.left.State()}.Encode(k.Solver, nil)
	}
	k.sync()
	e := k.estimate
	return krylov.State{Blocks: k.blocks, Spent: k.spent, Neglected: k.neglected, Signs: e.signs, Lost: e.lost, Room: k.limits.Vectors}.Encode(k.Solver, e.parts())
}

// Restore sets the state that Save returned, with the passes that the basis had taken.
// It belongs before the first step.
func (k *Krylov) Restore(data []byte) error {
	var st krylov.State
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if err := st.Check(); err != nil {
		return err
	}
	k.spent, k.neglected, k.limits.Vectors = st.Spent, st.Neglected, st.Room
	if left := st.Left.Left(); left != nil {
		k.become(blas.NewGeneral[float64](k.space.Dim(), k.Solver.x.Cols))
		k.forget(left)
		return k.Solver.Restore(st.Solver)
	}
	e := k.estimate
	if err := st.Resume(k.space, k.sync, k.Solver, e.parts); err != nil {
		return err
	}
	e.signs, e.lost = st.Signs, st.Lost
	e.local(k.Solver)
	return nil
}

// Fingerprint is that of the direct method, with what is particular to this one. It
// belongs before the first step.
func (k *Krylov) Fingerprint(extra ...any) (string, error) {
	direct := New(k.b, k.space.Operator(), k.X(), k.eta)
	return direct.Fingerprint(append(extra, "krylov", k.margin)...)
}
