package symmetric

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// units are those of the pass under way, where the step or X is extreme: X' = 2^x·X with elements
// up to 1, Y' = 2^y·ΣX', G' = 2^y·G and η' = 2^−y·η, so that
//
//	X' + η'(Y' − X'G') = 2^x·(X + η(ΣX − XG))
//
// and the sums of squares stay within the range. The factors are powers of two: between
// numbers within the range no bit changes.
type units struct {
	extreme     bool    // the step is
	least, most float64 // of ‖X‖² whose passes need no other units; none for an extreme step
	other       bool    // the pass under way has units of its own
	x, y        int
}

func newUnits[T blas.Float](eta T) units {
	most := 1e60
	if blas.SizeOf[T]() == 4 {
		most = 1e12
	}
	u := units{extreme: solvers.Extreme(eta), least: 1 / most, most: most}
	if u.extreme {
		u.least = math.Inf(1)
	}
	return u
}

// enter takes X to the units of a pass. A Stepper, which multiplies Σ and makes the step at
// once, has X' = ηX: of ΣX' and X'ᵀX' one is then as far above 1 as the other below. trace
// is ‖X‖².
func (s *Solver[T]) enter(trace float64) {
	u := &s.units
	if trace >= u.least && trace <= u.most {
		if u.other {
			u.other, u.x, u.y = false, 0, 0
		}
		return
	}
	u.other, u.y = true, 0
	s.units.x = -solvers.Exponent(solvers.Largest(s.x.Data))
	if s.stepper != nil && s.units.extreme {
		s.units.x = solvers.Exponent(s.eta)
	}
	solvers.Scale(s.x.Data, s.units.x)
}

// again takes X to the units of the pass that made its product.
func (s *Solver[T]) again() {
	if s.units.other {
		solvers.Scale(s.x.Data, s.units.x)
	}
}

// scaled takes the product ΣX', in y, and G to the units, and returns η'.
func (s *Solver[T]) scaled() T {
	if !s.units.other {
		return s.eta
	}
	top := max(solvers.Largest(s.y.Data), solvers.Largest(s.g))
	s.units.y = -solvers.Exponent(top)
	solvers.Scale(s.y.Data, s.units.y)
	solvers.Scale(s.g, s.units.y)
	return solvers.Scaled(s.eta, -s.units.y)
}

// leave takes X back, all that is in other units after a product.
func (s *Solver[T]) leave() {
	if s.units.other {
		solvers.Scale(s.x.Data, -s.units.x)
	}
}

// leaveUpdate takes X, the next iterate beside it and its Gram matrix back.
func (s *Solver[T]) leaveUpdate() {
	if s.units.other {
		s.leave()
		if s.stepper == nil {
			solvers.Scale(s.y.Data, -s.units.x)
		}
		solvers.Scale(s.g, -2*s.units.x)
	}
}
