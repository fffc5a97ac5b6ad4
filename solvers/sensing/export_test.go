package sensing

import (
	"lowrank/blas"
	"lowrank/solvers/operator"
)

// Back is 𝒜*(y), the matrix whose power method a small start follows.
func (s *Solver[T]) Back() operator.Operator[T] { return s.back }

// Angle is ‖V_{L^⊥}ᵀV_{L_t}‖, the sine of the largest principal angle between
// L and L_t, L_t spanned by the leading left singular vectors of U, as many as
// L has dimensions; NaN where rounding hides L_t, as ColumnsOf says.
func Angle[T blas.Float](l *Space, u blas.General[T]) float64 {
	return Sine(l.Basis, ColumnsOf(u, l.Basis.Cols).Basis)
}

// ForgetPowers makes a recorder take the power method's angles from its iterate, as for a
// large n.
func ForgetPowers(rec *Recorder[float64]) { rec.powers = nil }
