package deep

import "math"

// Theorems and equations are numbered as in "Gradient descent for deep matrix
// factorization: dynamics and implicit bias towards low rank". "Inferred" marks
// a form or constant derived here and checked by the tests; the paper's own may
// differ.

// ScalarStep is one step of gradient descent for one eigenvalue λ of the
// target, from the identical start W_j(0) = αI, where every factor has the
// same eigenvalue d (Lemma 2.1, (18)):
//
//	d ← d − η d^(N−1) (d^N − λ)
//
// The eigenvalue of the product is d^N. It starts at d = α. depth is N ≥ 1.
func ScalarStep(d float64, depth int, lambda, eta float64) float64 {
	if depth < 1 {
		panic(badScalarDepth)
	}
	q := intPower(d, depth-1)
	return d - eta*q*(q*d-lambda)
}

// FirstWithin counts the steps of (18) from d0 until |d^N − λ₊| ≤ ε, the T of
// Theorem 2.4. Depth 1 converges to λ of either sign, so there λ₊ is λ. ok is
// false if limit steps do not suffice or the iterates leave the finite numbers.
func FirstWithin(d0 float64, depth int, lambda, eta, eps float64, limit int) (k int, ok bool) {
	if depth < 1 {
		panic(badScalarDepth)
	}
	target := lambda
	if depth > 1 {
		target = max(lambda, 0)
	}
	d := d0
	for k = 0; ; k++ {
		q := intPower(d, depth-1)
		p := q * d
		switch {
		case math.Abs(p-target) <= eps:
			return k, true
		case k >= limit || math.IsNaN(p) || math.IsInf(p, 0):
			return k, false
		}
		d -= eta * q * (p - lambda)
	}
}

// PairState is one eigenvalue of the factors under the perturbed start (13):
// N−1 of the factors share A, the perturbed one has B.
type PairState struct {
	A, B float64
}

// NewPair is the perturbed start (13): A = α, B = α − β.
func NewPair(alpha, beta float64) PairState { return PairState{A: alpha, B: alpha - beta} }

// Product is the eigenvalue p = A^(N−1) B of the product of depth N ≥ 2.
func (p PairState) Product(depth int) float64 {
	if depth < 2 {
		panic(badPairDepth)
	}
	return intPower(p.A, depth-1) * p.B
}

// Step is one step of gradient descent, N ≥ 2 (Lemma 2.8, (40) and (41)):
//
//	a ← a − η a^(N−2) b (p − λ),  b ← b − η a^(N−1) (p − λ),  p = a^(N−1) b
func (p PairState) Step(depth int, lambda, eta float64) PairState {
	if depth < 2 {
		panic(badPairDepth)
	}
	q := intPower(p.A, depth-2)
	r := eta * q * (q*p.A*p.B - lambda)
	return PairState{A: p.A - r*p.B, B: p.B - r*p.A}
}

// Transition counts the steps of (40) and (41) from the perturbed start until
// b ≤ 0, the phase transition (46). ok is false if it does not happen in limit
// steps.
func Transition(depth int, lambda, alpha, beta, eta float64, limit int) (k int, ok bool) {
	for p := NewPair(alpha, beta); ; k++ {
		switch {
		case p.B <= 0:
			return k, true
		case k >= limit:
			return k, false
		}
		p = p.Step(depth, lambda, eta)
	}
}

// intPower is x^n by repeated multiplication, n ≥ 0: math.Pow rounds
// differently, and the recursions should agree with products of factors.
func intPower(x float64, n int) float64 {
	p := 1.0
	for range n {
		p *= x
	}
	return p
}

// Panic strings of the scalar recursions.
const (
	badScalarDepth = "deep: the depth must be at least 1"
	badPairDepth   = "deep: the perturbed recursion needs a depth of at least 2"
)
