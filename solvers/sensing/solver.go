package sensing

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Solver holds one trajectory. Its storage, beside the measurements, their
// scratch and their adjoint at y, is 4nr + 2m elements.
type Solver[T blas.Float] struct {
	a    operator.Measurement[T]
	back operator.Operator[T] // 𝒜*(y)
	mu   T

	u        blas.General[T]
	gradient blas.General[T] // 𝒜*(𝒜(UUᵀ) − y)·U at the current iterate
	next     blas.General[T] // the next iterate
	product  blas.General[T] // 𝒜*(y)·U, where it is asked for
	residual []T             // 𝒜(UUᵀ) − y at the current iterate
	y        []T
	normY    float64
	t        int
}

// New prepares gradient descent with step μ > 0 from U_0, which is copied; y,
// one number a measurement, is kept, not copied. It makes one pass over the measurements
// for the gradient at U_0, which may fail. It takes no backend: all products of a step
// are passes, which the operator makes on its own.
func New[T blas.Float](a operator.Measurement[T], y []T, u0 blas.General[T], mu float64) (*Solver[T], error) {
	n, r := a.Dim(), u0.Cols
	if u0.Rows != n || r < 1 {
		panic(badStart)
	}
	if len(y) != a.Count() {
		panic(badData)
	}
	if !(T(mu) > 0) || math.IsInf(float64(T(mu)), 1) {
		panic(badStep)
	}
	back, err := a.Adjoint(y)
	if err != nil {
		return nil, err
	}
	s := &Solver[T]{
		a: a, back: back, mu: T(mu), u: u0.Clone(), y: y, residual: make([]T, len(y)), normY: solvers.Norm(y),
		gradient: blas.NewGeneral[T](n, r), next: blas.NewGeneral[T](n, r), product: blas.NewGeneral[T](n, r),
	}
	a.Reserve(r)
	return s, s.measure()
}

// measure makes the pass at the current iterate.
func (s *Solver[T]) measure() error { return s.a.Gradient(s.gradient, s.residual, s.u, s.y) }

// growth is the value of μ‖𝒜(UUᵀ)‖ past which a trajectory is called
// divergent.
const growth = 1e6

// Step makes one iteration: U moves along the gradient that is known, then one
// pass over the measurements gives the residual and the gradient there. It
// allocates nothing unless it fails.
func (s *Solver[T]) Step() error {
	if err := s.move(); err != nil {
		return err
	}
	if err := s.measure(); err != nil {
		return err
	}
	return s.checkGrowth()
}

// move goes to the next iterate. Gradient and residual there are to be measured.
func (s *Solver[T]) move() error {
	finite := true
	for i, v := range s.u.Data {
		w := v - s.mu*s.gradient.Data[i]
		finite = finite && w-w == 0
		s.next.Data[i] = w
	}
	if !finite {
		return s.diverged(fmt.Sprintf("the next iterate is not finite (‖U‖_F = %.4g now)", solvers.Norm(s.u.Data)))
	}
	s.u, s.next = s.next, s.u
	s.t++
	return nil
}

func (s *Solver[T]) checkGrowth() error {
	if grown := float64(s.mu) * solvers.Norm(s.residual); !(grown <= growth*max(1, float64(s.mu)*s.normY)) {
		return s.diverged(fmt.Sprintf("μ‖𝒜(UUᵀ) − y‖ = %.3g and growing; a smaller step or start is needed", grown))
	}
	return nil
}

func (s *Solver[T]) diverged(reason string) error {
	return &solvers.Divergence{Iteration: s.t, Reason: reason}
}

// U is the current iterate. It shares storage with the solver: the next Step
// overwrites it.
func (s *Solver[T]) U() blas.General[T] { return s.u }

// Residual is 𝒜(UUᵀ) − y at the current iterate. It shares storage with the
// solver.
func (s *Solver[T]) Residual() []T { return s.residual }

// Loss is f(U) = ¼‖𝒜(UUᵀ) − y‖² at the current iterate.
func (s *Solver[T]) Loss() float64 {
	n := solvers.Norm(s.residual)
	return n * n / 4
}

// TrainError is ‖𝒜(UUᵀ) − y‖/‖y‖ at the current iterate, without the division
// when y is zero.
func (s *Solver[T]) TrainError() float64 {
	if s.normY == 0 {
		return solvers.Norm(s.residual)
	}
	return solvers.Norm(s.residual) / s.normY
}

// StepSize is μ as it was rounded to the element type.
func (s *Solver[T]) StepSize() float64 { return float64(s.mu) }

// Iteration is t, the number of steps made.
func (s *Solver[T]) Iteration() int { return s.t }

// Passes is the number of readings of the measurements by steps: one each. One
// more was made for the gradient at the start.
func (s *Solver[T]) Passes() int { return s.t }

// RelativeGradient is ‖𝒜*(𝒜(UUᵀ) − y)U‖_F/‖𝒜*(y)U‖_F at the current iterate,
// NaN where 𝒜*(y)U is zero, not finite, or too small for the element type.
func (s *Solver[T]) RelativeGradient() float64 {
	if s.back.Mul(s.product, s.u) != nil {
		return math.NaN()
	}
	gradient, product := solvers.Norm(s.gradient.Data), solvers.Norm(s.product.Data)
	if gradient == 0 && product == 0 && solvers.Norm(s.u.Data) == 0 {
		return 0 // and U stays so
	}
	return solvers.Ratio[T](gradient, product, len(s.u.Data))
}

// Terms are those of the last RelativeGradient. The longest sums are those over the places of
// a matrix, and over the measurements.
func (s *Solver[T]) Terms() solvers.Terms {
	n := float64(s.u.Rows)
	return solvers.Terms{
		Length: max(n*n, float64(len(s.y))), Product: solvers.Norm(s.product.Data), Iterate: solvers.Norm(s.u.Data),
		Epsilon: solvers.Epsilon[T](),
	}
}

// Panic strings of this package, for errors of the programmer.
const (
	badStart = "sensing: U_0 must be n×r with r ≥ 1"
	badData  = "sensing: y must have one number for each measurement"
	badStep  = "sensing: the step must be positive and finite"
	// badEnsemble: their passes could not be shared.
	badEnsemble = "sensing: an ensemble needs at least one solver, all of one operator and y"
)
