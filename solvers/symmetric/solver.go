package symmetric

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Solver holds one trajectory. Its storage, beside Σ and the scratch of the
// backend, is 2dr + r² elements (dr + r² for an operator that makes the step
// itself, such as diagonal Σ).
type Solver[T blas.Float] struct {
	op      operator.Operator[T]
	stepper operator.Stepper[T] // op, when it makes whole steps
	sweep   blas.Sweep[T]
	eta     T
	units   units

	x blas.General[T]
	y blas.General[T] // ΣX; the next iterate is written over it
	g []T             // XᵀX, r×r
	t int
	// version tells iterates apart, also across Restore.
	version  uint64
	norms    blas.Norms // at the iterate before the last step, of 2^normUnit times its terms
	bound    float64    // ‖Σ‖, for a stepper
	normUnit int
	ahead    bool // the product is made at the end of a step
	ready    bool // y is ΣX, of 2^units.x·X
}

// New prepares gradient descent on Σ with step η > 0 from X_0, which is
// copied. X_0 must have Σ's dimension as rows and at least one column.
func New[T blas.Float](b *blas.Backend, op operator.Operator[T], x0 blas.General[T], eta float64) *Solver[T] {
	if x0.Rows != op.Dim() || x0.Cols < 1 || x0.Cols > x0.Rows {
		panic(badStart)
	}
	if !(T(eta) > 0) || math.IsInf(float64(T(eta)), 1) {
		panic(badStep)
	}
	d, r := x0.Rows, x0.Cols
	s := &Solver[T]{
		op: op, eta: T(eta), units: newUnits(T(eta)), x: x0.Clone(), g: make([]T, r*r),
		sweep: blas.FusedOf[T](b).NewSweep(d, r),
		norms: blas.Norms{Gradient: math.NaN(), Product: math.NaN()},
	}
	op.Reserve(r)
	if st, ok := op.(operator.Stepper[T]); ok {
		s.stepper, s.bound = st, st.Norm()
	} else {
		s.y = blas.NewGeneral[T](d, r)
	}
	s.sweep.Gram(s.x, s.g)
	return s
}

// growth is the value of η·tr(XᵀX) past which a trajectory is called
// divergent. Every bounded one stays below r(2 + η|λ|): where ησ² exceeds
// that, the next σ is larger again.
const growth = 1e6

// Step makes one iteration: one pass over Σ and one sweep over X, which also
// forms the next Gram matrix. It allocates nothing unless it fails.
func (s *Solver[T]) Step() error {
	if s.stepper != nil {
		return s.stepInPlace()
	}
	if err := s.product(); err != nil {
		return err
	}
	if err := s.update(); err != nil || !s.ahead {
		return err
	}
	return s.product()
}

// Ahead makes the product ΣX of an iterate at the end of the step that leads there, not at
// the beginning of the next. The iterates have the same bits, and there is one pass more in
// all; what follows from the product is then known of each iterate.
func (s *Solver[T]) Ahead() { s.ahead = true }

// product makes sure that y is ΣX, in the units of its pass.
func (s *Solver[T]) product() error {
	if s.ready {
		return nil
	}
	s.enter(s.trace())
	err := s.op.Mul(s.y, s.x)
	s.leave()
	if err != nil {
		return err
	}
	s.ready = true
	return nil
}

// update makes the rest of a step whose product ΣX stands in y.
func (s *Solver[T]) update() error {
	s.ready = false
	s.again()
	norms := s.sweep.Update(s.scaled(), s.x, s.y, s.g)
	s.leaveUpdate()
	if trace := s.trace(); !(trace <= math.MaxFloat64) {
		s.sweep.Gram(s.x, s.g)
		return s.diverged(fmt.Sprintf("the next iterate is not finite (‖X‖_F = %.4g now)", math.Sqrt(s.trace())))
	}
	s.x, s.y = s.y, s.x
	s.norms, s.normUnit = norms, s.units.x+s.units.y
	s.t++
	s.version++
	return s.checkGrowth()
}

// stepInPlace has no second copy of X to fall back on, so it first makes sure
// that the step cannot overflow: ‖X_{t+1}‖ ≤ (1 + η‖Σ‖ + η‖X‖²)‖X‖.
func (s *Solver[T]) stepInPlace() error {
	eta, trace := float64(s.eta), s.trace()
	factor := 1 + eta*s.bound + eta*trace
	if !(float64(T(factor*factor*trace)) <= math.MaxFloat64) {
		return s.diverged(fmt.Sprintf("the next iterate would not be finite (‖X‖_F = %.4g now)", math.Sqrt(trace)))
	}
	s.enter(trace)
	norms, err := s.stepper.Step(s.eta, s.x, s.g)
	if err != nil {
		s.leave()
		return err
	}
	s.leaveUpdate()
	s.norms, s.normUnit = norms, s.units.x+s.units.y
	s.t++
	s.version++
	return s.checkGrowth()
}

func (s *Solver[T]) checkGrowth() error {
	if grown := float64(s.eta) * s.trace(); !(grown <= growth) {
		return s.diverged(fmt.Sprintf("η‖X‖_F² = %.3g and growing; a smaller step or start is needed", grown))
	}
	return nil
}

func (s *Solver[T]) diverged(reason string) error {
	return &solvers.Divergence{Iteration: s.t, Reason: reason}
}

// trace is tr(XᵀX) = ‖X‖_F².
func (s *Solver[T]) trace() float64 {
	var sum float64
	for i := 0; i < len(s.g); i += s.x.Cols + 1 {
		sum += float64(s.g[i])
	}
	return sum
}

// X is the current iterate. It shares storage with the solver: the next Step
// overwrites it.
func (s *Solver[T]) X() blas.General[T] { return s.x }

// Gram is XᵀX of the current iterate, r×r. It shares storage with the solver.
func (s *Solver[T]) Gram() []T { return s.g }

func allZero[T blas.Float](x []T) bool {
	for _, v := range x {
		if v != 0 {
			return false
		}
	}
	return true
}

// StepSize is η as it was rounded to the element type.
func (s *Solver[T]) StepSize() float64 { return float64(s.eta) }

// Iteration is t, the number of steps made.
func (s *Solver[T]) Iteration() int { return s.t }

// Passes is the number of readings of Σ: one a step, and one for a product that is made
// ahead.
func (s *Solver[T]) Passes() int {
	if s.ahead && s.ready {
		return s.t + 1
	}
	return s.t
}

// RelativeGradient is ‖(Σ − XXᵀ)X‖_F/‖ΣX‖_F at the iterate before the last
// step, NaN before the first, where the squares of these norms leave the range
// of the pass, or ΣX is zero.
func (s *Solver[T]) RelativeGradient() float64 {
	if n := s.norms; n.Product == 0 && n.Gradient == 0 && s.trace() == 0 && allZero(s.x.Data) {
		return 0 // and X stays so
	}
	return solvers.RootRatio[T](s.norms)
}

// Terms are those of the gradient of RelativeGradient. ‖X‖_F is that of the next iterate,
// which differs where the gradient is not small.
func (s *Solver[T]) Terms() solvers.Terms {
	return solvers.Terms{
		Length: float64(s.op.Dim()), Product: math.Ldexp(math.Sqrt(s.norms.Product), -s.normUnit), Iterate: math.Sqrt(s.trace()),
		Epsilon: solvers.Epsilon[T](),
	}
}

// TheoryStep is the largest step that Theorem 6 allows: η = Δ/(100λ_1²), with
// Δ = min_{i≤r}(λ_i − λ_{i+1}) of the r+1 leading eigenvalues. It fails when
// they are not positive and strictly decreasing.
//
// residuals, which may be nil, bound the errors of computed eigenvalues: a gap
// that they do not resolve is an error too.
func TheoryStep(leading, residuals []float64) (float64, error) {
	delta := MinGap(leading)
	var uncertain float64
	for _, r := range residuals {
		uncertain = max(uncertain, 2*r)
	}
	switch {
	case len(leading) < 2:
		return 0, fmt.Errorf("step theory needs the r+1 leading eigenvalues, so r must be less than d")
	case !(leading[0] > 0):
		return 0, fmt.Errorf("step theory needs λ_1 > 0; it is %.6g", leading[0])
	case !(delta > 1e-12*leading[0]): // what computed eigenvalues resolve
		return 0, fmt.Errorf("step theory needs r+1 strictly decreasing leading eigenvalues; the smallest gap is %.3g·λ_1", delta/leading[0])
	case uncertain > 0.1*delta:
		return 0, fmt.Errorf("step theory needs the gaps of the leading eigenvalues; the smallest is %.3g, and their residuals are up to %.3g", delta, uncertain/2)
	}
	return delta / (100 * leading[0] * leading[0]), nil
}

// MinGap is Δ of section 4.2: the smallest gap between neighbours.
func MinGap(leading []float64) float64 {
	delta := math.Inf(1)
	for i := 1; i < len(leading); i++ {
		delta = min(delta, leading[i-1]-leading[i])
	}
	return delta
}

// Panic strings of this package, for errors of the programmer.
const (
	badStart = "symmetric: X_0 must be d×r with 1 ≤ r ≤ d"
	badStep  = "symmetric: the step must be positive and finite"
	badBasis = "symmetric: the basis needs r+1 eigenvalues and d×r vectors"
	// lateTheory: there are no coordinates any more.
	lateTheory = "symmetric: NewTheory belongs before the run leaves its basis"
	// badEnsemble: their passes could not be shared.
	badEnsemble = "symmetric: an ensemble needs at least one solver, all of one operator"
)
