package deep

// Theorems and equations are numbered as in "Gradient descent for deep matrix
// factorization: dynamics and implicit bias towards low rank". "Inferred" marks
// a form or constant derived here and checked by the tests; the paper's own may
// differ.

// Params are the parameters of the dynamics of one eigenvalue: of gradient descent (18) from
// the identical start, of its flow (28), and of (40) and (41) from the perturbed start.
// What a method does not speak of may be left out.
type Params struct {
	Depth  int     // N, the number of factors
	Lambda float64 // λ, the eigenvalue of the target
	Alpha  float64 // α of the start αI
	Beta   float64 // β: the perturbed factor starts at (α − β)I
	Eta    float64 // η, the step
}

// Step is one step of gradient descent for one eigenvalue λ of the
// target, from the identical start W_j(0) = αI, where every factor has the
// same eigenvalue d (Lemma 2.1, (18)):
//
//	d ← d − η d^(N−1) (d^N − λ)
//
// The eigenvalue of the product is d^N. It starts at d = α. N ≥ 1.
func (p Params) Step(d float64) float64 {
	if p.Depth < 1 {
		panic(badScalarDepth)
	}
	q := intPower(d, p.Depth-1)
	return d - p.Eta*q*(q*d-p.Lambda)
}

// FactorPair is one eigenvalue of the factors under the perturbed start (13):
// N−1 of the factors share A, the perturbed one has B.
type FactorPair struct {
	A, B float64
}

// NewFactorPair is the perturbed start (13): A = α, B = α − β.
func NewFactorPair(alpha, beta float64) FactorPair { return FactorPair{A: alpha, B: alpha - beta} }

// Product is the eigenvalue p = A^(N−1) B of the product of depth N ≥ 2.
func (s FactorPair) Product(depth int) float64 {
	if depth < 2 {
		panic(badPairDepth)
	}
	return intPower(s.A, depth-1) * s.B
}

// Step is one step of gradient descent, N ≥ 2 (Lemma 2.8, (40) and (41)):
//
//	a ← a − η a^(N−2) b (p − λ),  b ← b − η a^(N−1) (p − λ),  p = a^(N−1) b
func (s FactorPair) Step(p Params) FactorPair {
	if p.Depth < 2 {
		panic(badPairDepth)
	}
	q := intPower(s.A, p.Depth-2)
	r := p.Eta * q * (q*s.A*s.B - p.Lambda)
	return FactorPair{A: s.A - r*s.B, B: s.B - r*s.A}
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
