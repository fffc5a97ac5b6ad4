package deep

import (
	"lowrank/blas"
	"lowrank/solvers"
)

// Iterates is a run as its recorders and checks see it: a Solver, or an EigenvalueSolver.
type Iterates interface {
	// Loss, Error and StepSize are those of Solver.
	Loss() float64
	Error() float64
	StepSize() float64

	dims() []int // d_0 … d_N
	// rounded is a number in the element type of the run, unit the distance there
	// from 1 to the next number.
	rounded(x float64) float64
	unit() float64
	// sigma are the singular values of the product, sigmaOf those of W_{j+1}, largest
	// first.
	sigma() []float64
	sigmaOf(j int) []float64
	balances() []float64 // Balancedness of the factors
	// distanceTo returns what measures ‖W − truth‖_F at the current iterate.
	distanceTo(truth blas.General[float64]) func() float64
	// coordinatesIn returns what measures the current iterate in a basis of all
	// directions; it overwrites what it returned before.
	coordinatesIn(basis *Basis) func() *Coordinates
	// diagonal tells that nothing but the diagonals of VᵀW_jV is computed, by (18) or by
	// (40) and (41), so that rounding errors cannot leave them.
	diagonal() bool
}

func (s *Solver[T]) dims() []int               { return Dims(s.w) }
func (s *Solver[T]) rounded(x float64) float64 { return float64(T(x)) }
func (s *Solver[T]) unit() float64             { return solvers.Epsilon[T]() }
func (s *Solver[T]) sigma() []float64          { return SingularValues(blas.Convert[float64](s.Product())) }
func (s *Solver[T]) sigmaOf(j int) []float64   { return SingularValues(s.w[j]) }
func (s *Solver[T]) balances() []float64       { return Balancedness(s.w) }
func (s *Solver[T]) diagonal() bool            { return false }

func (s *Solver[T]) distanceTo(truth blas.General[float64]) func() float64 {
	return func() float64 { return distance(blas.Convert[float64](s.Product()), truth) }
}

func (s *Solver[T]) coordinatesIn(basis *Basis) func() *Coordinates {
	return newRotation(s, basis).measure
}
