package symmetric

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// RelativeError is ‖Σ − XXᵀ‖_F/‖Σ‖_F at the current iterate, for norm = ‖Σ‖_F, from
//
//	‖Σ − XXᵀ‖² = ‖Σ‖² − 2tr(XᵀΣX) + ‖XᵀX‖²,
//
// whose products are those of the step. Their difference cancels: its square is off by at
// most about floor², and the error is NaN where it is below its floor,
//
//	floor² = ε√d(2‖X‖‖ΣX‖ + ‖XᵀX‖²)/‖Σ‖² + ε√d
//
// with the ε of the element type in the first part (sums of d terms have errors of about ε√d
// of their terms). A diagonal Σ, whose step has no product, takes its sums apart instead, and
// has no such floor.
func (s *Solver[T]) RelativeError(norm float64) (value, floor float64, err error) {
	root := math.Sqrt(float64(s.op.Dim()))
	if norm == 0 {
		norm = 1
	}
	if s.stepper != nil {
		distance, _, err := operator.Distance(s.op, blas.Convert[float64](s.x))
		return distance / norm, solvers.Epsilon[float64]() * root, err
	}
	if err := s.product(); err != nil {
		return 0, 0, err
	}
	// In units of ‖Σ‖ and ‖Σ‖^½, so that no square leaves its range.
	unit := 1 / math.Sqrt(norm)
	ofProduct := math.Ldexp(1, -s.units.x)
	var inner, xx, yy float64
	for i := range s.x.Rows {
		y := s.y.Row(i)
		for j, v := range s.x.Row(i) {
			a, b := float64(v)*unit, float64(y[j])*ofProduct/norm*unit
			inner, xx, yy = inner+a*b, xx+a*a, yy+b*b
		}
	}
	gram := solvers.Norm(s.g) / norm
	square := 1 - 2*inner + gram*gram
	floor = math.Sqrt(root * (solvers.Epsilon[T]()*(2*math.Sqrt(xx)*math.Sqrt(yy)+gram*gram) + solvers.Epsilon[float64]()))
	if !(square > floor*floor) {
		return math.NaN(), floor, nil
	}
	return math.Sqrt(square), floor, nil
}
