package asymmetric

import (
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// parts are the perturbations as they are saved.
func (e *trajectoryErrors) parts() []blas.General[float64] {
	return []blas.General[float64]{e.ofX.All(), e.ofY.All(), e.farX, e.farY}
}

// Save returns the state, from which a run from the same A, start and η goes on with the
// same bits.
func (k *Krylov) Save() ([]byte, error) {
	if k.left != nil {
		return krylov.State{Spent: k.spent, Left: k.left.State()}.Encode(k.Solver, nil)
	}
	k.sync()
	e := k.estimate
	return krylov.State{Blocks: k.blocks, Spent: k.spent, Neglected: k.neglected, Signs: e.signs, Lost: e.lost, Room: k.limits.Vectors}.Encode(k.Solver, e.parts())
}

// Restore sets the state that Save returned, with the passes that the bases had taken.
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
		m, n := k.pair.Dims()
		k.become(blas.NewGeneral[float64](m, k.k), blas.NewGeneral[float64](n, k.k))
		k.forget(left)
		return k.Solver.Restore(st.Solver)
	}
	e := k.estimate
	if err := st.Resume(k.pair, k.sync, k.Solver, e.parts); err != nil {
		return err
	}
	e.signs, e.lost = st.Signs, st.Lost
	e.local(k.Solver)
	return nil
}

// Fingerprint is that of the direct method, with what is particular to this one. It
// belongs before the first step.
func (k *Krylov) Fingerprint(extra ...any) (string, error) {
	direct := New(k.b, k.pair.Operator(), k.X(), k.Y(), float64(k.eta), k.order)
	return direct.Fingerprint(append(extra, "krylov", k.margin)...)
}
