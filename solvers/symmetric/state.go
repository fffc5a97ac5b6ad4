package symmetric

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
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
}

// Save returns the state, from which a solver of the same problem goes on with
// the same bits.
func (s *Solver[T]) Save() ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(state[T]{
		Iteration: s.t, X: s.x.Data, Gram: s.g,
		Gradient: math.Float64bits(s.norms.Gradient), Product: math.Float64bits(s.norms.Product),
	})
	return b.Bytes(), err
}

// Restore sets the state that Save returned.
func (s *Solver[T]) Restore(data []byte) error {
	var st state[T]
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&st); err != nil {
		return fmt.Errorf("the state of the solver cannot be read: %w", err)
	}
	if len(st.X) != len(s.x.Data) || len(st.Gram) != len(s.g) || st.Iteration < 0 {
		return fmt.Errorf("the state of the solver is of another shape: %d elements of X and %d of its Gram matrix; expected %d and %d", len(st.X), len(st.Gram), len(s.x.Data), len(s.g))
	}
	copy(s.x.Data, st.X)
	copy(s.g, st.Gram)
	s.t = st.Iteration
	s.norms = blas.Norms{Gradient: math.Float64frombits(st.Gradient), Product: math.Float64frombits(st.Product)}
	return nil
}

// Fingerprint is a hash of all that the bits of the trajectory depend on, and
// of extra: X_0, η, the element type, and Σ through its product with a fixed
// random vector, one pass. It belongs before the first step.
func (s *Solver[T]) Fingerprint(extra ...any) (string, error) {
	d := s.op.Dim()
	v, sv := blas.NewGeneral[T](d, 1), blas.NewGeneral[T](d, 1)
	rnd := solvers.Stream(0, "fingerprint")
	for i := range v.Data {
		v.Data[i] = T(rnd.NormFloat64())
	}
	s.op.Reserve(1)
	if err := s.op.Mul(sv, v); err != nil {
		return "", err
	}
	s.op.Reserve(s.x.Cols)
	h := sha256.New()
	fmt.Fprintf(h, "symmetric %T %d×%d η=%b %v\n", s.eta, s.x.Rows, s.x.Cols, float64(s.eta), extra)
	for _, data := range [][]T{s.x.Data, sv.Data} {
		if err := binary.Write(h, binary.LittleEndian, data); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
