package sensing

import (
	"fmt"

	"lowrank/blas"
	"lowrank/solvers"
)

// state is all that the next iterates depend on: the residual and the gradient
// are computed from U again, to the same bits.
type state[T blas.Float] struct {
	Iteration int
	Columns   int
	U         []T
}

// Save returns the state, from which a solver of the same problem goes on with
// the same bits.
func (s *Solver[T]) Save() ([]byte, error) {
	return solvers.EncodeState(state[T]{Iteration: s.t, Columns: s.u.Cols, U: s.u.Data})
}

// Restore sets the state that Save returned; one pass over the measurements.
func (s *Solver[T]) Restore(data []byte) error {
	var st state[T]
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if len(st.U) != len(s.u.Data) || st.Columns != s.u.Cols || st.Iteration < 0 {
		return fmt.Errorf("the state of the solver is of another shape: U has %d elements in %d columns; expected %d in %d", len(st.U), st.Columns, len(s.u.Data), s.u.Cols)
	}
	copy(s.u.Data, st.U)
	s.t = st.Iteration
	return s.measure()
}

// Fingerprint is a hash of all that the bits of the trajectory depend on, and
// of extra: U_0, μ, y, the element type, and 𝒜 through its values at a fixed
// random matrix and 𝒜*(y) through its product with one. It belongs before the
// first step.
func (s *Solver[T]) Fingerprint(extra ...any) (string, error) {
	n := s.a.Dim()
	values, v, sv := make([]T, len(s.y)), solvers.Probe[T](n, 1), blas.NewGeneral[T](n, 1)
	if err := s.a.Measure(values, v); err != nil {
		return "", err
	}
	s.a.Reserve(s.u.Cols)
	if err := s.back.Mul(sv, v); err != nil {
		return "", err
	}
	h := solvers.NewFingerprint(fmt.Sprintf("sensing %T %d×%d m=%d μ=%b", s.mu, n, s.u.Cols, len(s.y), float64(s.mu)), extra)
	for _, data := range [][]T{s.u.Data, s.y, values, sv.Data} {
		h.Add(data)
	}
	return h.String(), nil
}
