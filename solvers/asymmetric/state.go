package asymmetric

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// state is all that the next iterates depend on. The Gram matrices are part of
// it: formed anew they may differ in the last bit.
type state[T blas.Float] struct {
	Iteration    int
	X, Y, GX, GY []T
	Norms        [4]uint64 // bits of numbers that may be NaN
}

// Save returns the state, from which a solver of the same problem goes on with
// the same bits.
func (s *Solver[T]) Save() ([]byte, error) {
	return solvers.EncodeState(state[T]{
		Iteration: s.t, X: s.x.Data, Y: s.y.Data, GX: s.gx, GY: s.gy,
		Norms: [4]uint64{
			math.Float64bits(s.normsX.Gradient), math.Float64bits(s.normsX.Product),
			math.Float64bits(s.normsY.Gradient), math.Float64bits(s.normsY.Product),
		},
	})
}

// Restore sets the state that Save returned.
func (s *Solver[T]) Restore(data []byte) error {
	var st state[T]
	if err := solvers.DecodeState(data, &st); err != nil {
		return err
	}
	if len(st.X) != len(s.x.Data) || len(st.Y) != len(s.y.Data) || len(st.GX) != len(s.gx) || len(st.GY) != len(s.gy) || st.Iteration < 0 {
		return fmt.Errorf("the state of the solver is of another shape: %d elements of X and %d of Y; expected %d and %d", len(st.X), len(st.Y), len(s.x.Data), len(s.y.Data))
	}
	copy(s.x.Data, st.X)
	copy(s.y.Data, st.Y)
	copy(s.gx, st.GX)
	copy(s.gy, st.GY)
	s.t = st.Iteration
	s.normsX = blas.Norms{Gradient: math.Float64frombits(st.Norms[0]), Product: math.Float64frombits(st.Norms[1])}
	s.normsY = blas.Norms{Gradient: math.Float64frombits(st.Norms[2]), Product: math.Float64frombits(st.Norms[3])}
	return nil
}

// Fingerprint is a hash of all that the bits of the trajectory depend on, and
// of extra: X_0, Y_0, η, the order, the element type, and A through its
// products with fixed random vectors, one pass. It belongs before the first
// step.
func (s *Solver[T]) Fingerprint(extra ...any) (string, error) {
	x, y := solvers.Probe[T](s.m, 1), solvers.Probe[T](s.n, 1)
	ay, atx := blas.NewGeneral[T](s.m, 1), blas.NewGeneral[T](s.n, 1)
	if err := s.a.Mul(ay, atx, x, y); err != nil {
		return "", err
	}
	s.a.Reserve(s.k)
	h := solvers.NewFingerprint(fmt.Sprintf("asymmetric %T %d×%d %d η=%b order %d", s.eta, s.m, s.n, s.k, float64(s.eta), s.order), extra)
	for _, data := range [][]T{s.x.Data, s.y.Data, ay.Data, atx.Data} {
		h.Add(data)
	}
	return h.String(), nil
}
