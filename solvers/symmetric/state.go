package symmetric

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// state is all that the next iterates depend on. The Gram matrix is part of
// it: formed anew from X it may differ in the last bit.
type state[T blas.Float] struct {
	Iteration         int
	X, Gram           []T
	Gradient, Product uint64 // bits of the norms, which may be NaN
	NormUnit          int
}

// Save returns the state, from which a solver of the same problem goes on with
// the same bits.
func (s *Solver[T]) Save() ([]byte, error) {
	return solvers.EncodeState(state[T]{
		Iteration: s.t, X: s.x.Data, Gram: s.g,
		Gradient: math.Float64bits(s.norms.Gradient), Product: math.Float64bits(s.norms.Product), NormUnit: s.normUnit,
	})
}

// Restore sets the state that Save returned.
func (s *Solver[T]) Restore(data []byte) error {
	var st state[T]
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if len(st.X) != len(s.x.Data) || len(st.Gram) != len(s.g) || st.Iteration < 0 {
		return fmt.Errorf("the state of the solver is of another shape: %d elements of X and %d of its Gram matrix; expected %d and %d", len(st.X), len(st.Gram), len(s.x.Data), len(s.g))
	}
	copy(s.x.Data, st.X)
	copy(s.g, st.Gram)
	s.t = st.Iteration
	s.version++
	s.ready = false
	s.norms = blas.Norms{Gradient: math.Float64frombits(st.Gradient), Product: math.Float64frombits(st.Product)}
	s.normUnit = st.NormUnit
	return nil
}

// Fingerprint is a hash of all that the bits of the trajectory depend on, and
// of extra: X_0, η, the element type, and Σ through its product with a fixed
// random vector, one pass. It belongs before the first step.
func (s *Solver[T]) Fingerprint(extra ...any) (string, error) {
	d := s.op.Dim()
	v, sv := solvers.Probe[T](d, 1), blas.NewGeneral[T](d, 1)
	s.op.Reserve(1)
	if err := s.op.Mul(sv, v); err != nil {
		return "", err
	}
	s.op.Reserve(s.x.Cols)
	h := solvers.NewFingerprint(fmt.Sprintf("symmetric %T %d×%d η=%b", s.eta, s.x.Rows, s.x.Cols, float64(s.eta)), extra)
	h.Add(s.x.Data)
	h.Add(sv.Data)
	return h.String(), nil
}
