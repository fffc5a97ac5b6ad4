package asymmetric

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Order says which X the step of Y sees.
type Order int

const (
	// Alternating: X_{t+1}.
	Alternating Order = iota
	// Simultaneous: X_t.
	Simultaneous
)

// Solver holds one trajectory. Its storage, beside A and the scratch of the
// backend, is 2(m+n)k + 4k² elements.
type Solver[T blas.Float] struct {
	a     operator.Rectangular[T]
	order Order
	eta   T
	unit  int // passes are made with 2^unit·X and 2^unit·Y; see enter
	m, n  int
	k     int

	x, y         blas.General[T]
	nextX, nextY blas.General[T] // AY and AᵀX, then the next iterate
	gx, gy       []T             // XᵀX and YᵀY
	nextGX       []T
	nextGY       []T
	sweepX       blas.Sweep[T]
	sweepY       blas.Sweep[T]
	t            int
	normsX       blas.Norms // at the iterate before the last step, of 4^unit
	normsY       blas.Norms // alternating: at (X_t, Y_{t−1})
}

// New prepares gradient descent on A with step η > 0 from X_0 and Y_0, which
// are copied and have as many columns, at least one.
func New[T blas.Float](b *blas.Backend, a operator.Rectangular[T], x0, y0 blas.General[T], eta float64, order Order) *Solver[T] {
	m, n := a.Dims()
	k := x0.Cols
	if x0.Rows != m || y0.Rows != n || y0.Cols != k || k < 1 {
		panic(badStart)
	}
	if !(T(eta) > 0) || math.IsInf(float64(T(eta)), 1) {
		panic(badStep)
	}
	f := blas.FusedOf[T](b)
	s := &Solver[T]{
		a: a, order: order, eta: T(eta), unit: unitOf(T(eta)), m: m, n: n, k: k,
		x: x0.Clone(), y: y0.Clone(), nextX: blas.NewGeneral[T](m, k), nextY: blas.NewGeneral[T](n, k),
		gx: make([]T, k*k), gy: make([]T, k*k), nextGX: make([]T, k*k), nextGY: make([]T, k*k),
		sweepX: f.NewSweep(m, k), sweepY: f.NewSweep(n, k),
		normsX: unknown, normsY: unknown,
	}
	a.Reserve(k)
	s.sweepX.Gram(s.x, s.gx)
	s.sweepY.Gram(s.y, s.gy)
	return s
}

var unknown = blas.Norms{Gradient: math.NaN(), Product: math.NaN()}

// growth is the value of η‖X‖_F² or η‖Y‖_F² past which a trajectory is called
// divergent: where ησ² of one factor exceeds 2, a step of the other overshoots
// by more than it was off.
const growth = 1e6

// Step makes one iteration: one pass over A, one sweep over each factor, which
// also forms its next Gram matrix. It allocates nothing unless it fails.
func (s *Solver[T]) Step() error {
	s.enter()
	var norms blas.Norms
	var err error
	if s.order == Simultaneous {
		err = s.a.Mul(s.nextX, s.nextY, s.x, s.y)
	} else {
		norms, err = s.a.Alternate(s.eta, s.nextX, s.nextY, s.x, s.y, s.gy, s.nextGX)
	}
	if err != nil {
		s.leave()
		return err
	}
	return s.update(norms)
}

// update makes the rest of a step that was entered, whose pass left AᵀX in nextY, and AY in
// nextX or, alternating, the next X, its Gram matrix and its norms.
func (s *Solver[T]) update(normsX blas.Norms) error {
	if s.order == Simultaneous {
		copy(s.nextGX, s.gy)
		normsX = s.sweepX.Update(s.eta, s.x, s.nextX, s.nextGX)
	}
	solvers.Scale(s.nextGX, -2*s.unit)
	if s.order == Simultaneous {
		copy(s.nextGY, s.gx)
	} else {
		copy(s.nextGY, s.nextGX)
	}
	normsY := s.sweepY.Update(s.eta, s.y, s.nextY, s.nextGY)
	solvers.Scale(s.nextGY, -2*s.unit)
	solvers.Scale(s.nextX.Data, -s.unit)
	solvers.Scale(s.nextY.Data, -s.unit)
	s.leave()
	if !(trace(s.nextGX, s.k)+trace(s.nextGY, s.k) <= math.MaxFloat64) {
		return s.diverged(fmt.Sprintf("the squares of the next iterate are not finite (‖X‖_F = %.4g, ‖Y‖_F = %.4g now)", solvers.Norm(s.x.Data), solvers.Norm(s.y.Data)))
	}
	s.x, s.nextX, s.gx, s.nextGX = s.nextX, s.x, s.nextGX, s.gx
	s.y, s.nextY, s.gy, s.nextGY = s.nextY, s.y, s.nextGY, s.gy
	s.normsX, s.normsY = normsX, normsY
	s.t++
	if grown := float64(s.eta) * max(trace(s.gx, s.k), trace(s.gy, s.k)); !(grown <= growth) {
		return s.diverged(fmt.Sprintf("η·max(‖X‖_F², ‖Y‖_F²) = %.3g and growing; a smaller step or start is needed", grown))
	}
	return nil
}

func (s *Solver[T]) diverged(reason string) error {
	return &solvers.Divergence{Iteration: s.t, Reason: reason}
}

// trace of a Gram matrix: the squared Frobenius norm of its factor.
func trace[T blas.Float](g []T, k int) float64 {
	var sum float64
	for i := 0; i < len(g); i += k + 1 {
		sum += float64(g[i])
	}
	return sum
}

// X is the current left factor, m×k. It shares storage with the solver: the
// next Step overwrites it. Y is the right one, n×k.
func (s *Solver[T]) X() blas.General[T] { return s.x }
func (s *Solver[T]) Y() blas.General[T] { return s.y }

// Distance is ‖XYᵀ − A‖_F at the current iterate, with ‖A‖_F. It reads A, in coordinates
// only where their bases have grown.
func (s *Solver[T]) Distance() (distance, norm float64, err error) {
	return s.a.Distance(blas.Convert[float64](s.x), blas.Convert[float64](s.y))
}

// GradientNorms are ‖∇_X f‖_F and ‖∇_Y f‖_F that the last step used: of
// alternating descent at (X_{t−1}, Y_{t−1}) and (X_t, Y_{t−1}). NaN before the
// first step.
func (s *Solver[T]) GradientNorms() (x, y float64) {
	return math.Ldexp(math.Sqrt(s.normsX.Gradient), -s.unit), math.Ldexp(math.Sqrt(s.normsY.Gradient), -s.unit)
}

// StepSize is η as it was rounded to the element type.
func (s *Solver[T]) StepSize() float64 { return float64(s.eta) }

// Iteration is t, the number of steps made.
func (s *Solver[T]) Iteration() int { return s.t }

// Passes is the number of readings of A: one a step.
func (s *Solver[T]) Passes() int { return s.t }

// RelativeGradient is the norm of the two gradients that the last step used,
// divided by that of (AY, AᵀX). NaN before the first step and where the
// squares of these norms leave the range of the pass, or AY and AᵀX are zero.
func (s *Solver[T]) RelativeGradient() float64 {
	n := blas.Norms{Gradient: s.normsX.Gradient + s.normsY.Gradient, Product: s.normsX.Product + s.normsY.Product}
	if n.Gradient == 0 && n.Product == 0 && trace(s.gx, s.k) == 0 && trace(s.gy, s.k) == 0 && allZero(s.x.Data) && allZero(s.y.Data) {
		return 0 // and they stay so
	}
	return solvers.RootRatio[T](n)
}

// Terms are those of the gradients of RelativeGradient, of both factors together.
func (s *Solver[T]) Terms() solvers.Terms {
	return solvers.Terms{
		Length: float64(max(s.m, s.n)), Product: math.Ldexp(math.Sqrt(s.normsX.Product+s.normsY.Product), -s.unit),
		Iterate: math.Sqrt(trace(s.gx, s.k) + trace(s.gy, s.k)), Epsilon: solvers.Epsilon[T](),
	}
}

func allZero[T blas.Float](x []T) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// Panic strings of this package, for errors of the programmer.
const (
	badStart = "asymmetric: X_0 must be m×k and Y_0 n×k with k ≥ 1"
	badStep  = "asymmetric: the step must be positive and finite"
	// badEnsemble: their passes could not be shared.
	badEnsemble = "asymmetric: an ensemble needs at least one solver, all of one operator and order"
	// lateTheory: there are no coordinates any more.
	lateTheory = "asymmetric: NewTheory belongs before the run leaves its bases"
	badRank    = "asymmetric: the recorded singular value must be one of the first k"
)
