package asymmetric

import (
	"math"
)

// Grams are XᵀX and YᵀY of the current iterate, k×k. They share storage with
// the solver.
func (s *Solver[T]) Grams() (gx, gy []T) { return s.gx, s.gy }

// Row is what Theory measured at one iterate.
type Row struct {
	T        int
	Distance float64 // ‖X_tY_tᵀ − A‖_F
	// Bound is the right side of (6), 2exp(−βt/4)f_0, for the square of
	// Distance. It is claimed for 1 ≤ t ≤ Parameters.Iterations.
	Bound      float64
	Half       float64 // ‖X_tY_{t−1}ᵀ − A‖_F of alternating order; NaN at t = 0
	X1, Xr     float64 // σ_1(X_t), σ_r(X_t)
	Y1, Yr     float64 // σ_1(Y_t), σ_r(Y_t)
	OutsideCol float64 // ‖(I − UUᵀ)X_t‖_F; NaN without U
}

// Row is what was measured at the iterate that was recorded last.
func (th *Theory[T]) Row() Row {
	s := th.now
	if th.seen == 0 {
		nan := math.NaN()
		return Row{T: -1, Distance: nan, Bound: nan, Half: nan, X1: nan, Xr: nan, Y1: nan, Yr: nan, OutsideCol: nan}
	}
	return Row{
		T: s.t, Distance: s.distance, Bound: th.p.RateBound(s.t), Half: s.half,
		X1: s.x1, Xr: s.xr, Y1: s.y1, Yr: s.yr, OutsideCol: s.outside,
	}
}
