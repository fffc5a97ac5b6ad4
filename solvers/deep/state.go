package deep

import (
	"fmt"
	"slices"

	"lowrank/solvers"
)

// state is all that the next iterates depend on: the products are formed from
// the factors again, to the same bits. Start is ‖W − Ŵ‖ at iterate 0.
type state[T float32 | float64] struct {
	Iteration int
	Start     float64
	Dims      []int // shapes of equal size are not the same
	W         [][]T
}

// Save returns the state, from which a solver of the same problem goes on with
// the same bits.
func (s *Solver[T]) Save() ([]byte, error) {
	st := state[T]{Iteration: s.t, Start: s.start, Dims: Dims(s.w)}
	for _, w := range s.w {
		st.W = append(st.W, w.Data)
	}
	return solvers.EncodeState(st)
}

// Restore sets the state that Save returned.
func (s *Solver[T]) Restore(data []byte) error {
	var st state[T]
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	dims := Dims(s.w)
	fits := len(st.W) == len(s.w) && slices.Equal(st.Dims, dims) && st.Iteration >= 0
	for j, w := range s.w {
		fits = fits && len(st.W[j]) == len(w.Data)
	}
	if !fits {
		return fmt.Errorf("the state of the solver is of another shape: factors of dimensions %v; expected %v", st.Dims, dims)
	}
	for j, w := range s.w {
		copy(w.Data, st.W[j])
	}
	s.t, s.start = st.Iteration, st.Start
	s.forward()
	return nil
}

// Fingerprint is a hash of all that the bits of the trajectory depend on, and
// of extra: the factors, η, Ŵ and the element type. It belongs before the
// first step.
func (s *Solver[T]) Fingerprint(extra ...any) (string, error) {
	h := solvers.NewFingerprint(fmt.Sprintf("deep %T %v η=%b", s.eta, Dims(s.w), float64(s.eta)), extra)
	h.Add(s.target.Data)
	for _, w := range s.w {
		h.Add(w.Data)
	}
	return h.String(), nil
}
