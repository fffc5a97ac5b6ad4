package asymmetric

import (
	"lowrank/blas"
	"lowrank/solvers"
)

// unitOf is the exponent of the units of passes: 0, but log2 η for an extreme step. With
// X' = ηX and Y' = ηY, of the products AY' and the Gram matrices Y'ᵀY' one is then as far
// above 1 as the other below: A ~ c has η ~ 1/c, Y ~ √c, AY' ~ √c, Y'ᵀY' ~ 1/c. A pass reads
// A and makes the step at once, so that A itself stays as it is.
func unitOf[T blas.Float](eta T) int {
	if !solvers.Extreme(eta) {
		return 0
	}
	k, most := solvers.Exponent(eta), 1000
	if blas.SizeOf[T]() == 4 {
		most = 100
		if k > 0 {
			// Products are below 1. They are squared, and again relative to the tolerance, so
			// that they leave float32 before the Gram matrices above 1 do.
			k += 16
		}
	}
	return min(max(k, -most), most)
}

// enter takes X and Y to the units of a pass, whose Gram matrices stay those of X and Y:
//
//	X' + η(AY' − X'G) = 2^unit·(X + η(AY − XG))
//
// and leave takes them back.
func (s *Solver[T]) enter() { s.scale(s.unit) }
func (s *Solver[T]) leave() { s.scale(-s.unit) }

func (s *Solver[T]) scale(k int) {
	solvers.Scale(s.x.Data, k)
	solvers.Scale(s.y.Data, k)
}
