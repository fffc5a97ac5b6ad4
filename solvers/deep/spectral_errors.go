package deep

import (
	"math"

	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// roundoff is the largest relative error of an operation, least the largest of a
// result below the range of normal numbers.
const (
	roundoff = 1.0 / (1 << 53)
	least    = 0x1p-1074
)

// spectralErrors follows to first order what rounding errors do to each eigenvalue of
// the factors: they are moved by the derivative of the recursion, and each step adds
// its own. So is the change of an eigenvalue with λ, for errors of the decomposition.
//
// Of the identical start an error is a number, and its bound is followed. Of a pair it
// may grow in one direction and fall in the other, which a bound would not see: there
// are followed the errors that all push the product the same way, and the covariance
// of independent ones.
type spectralErrors struct {
	bound []float64 // identical: of the error of d

	sameA, sameB   []float64 // pairs: errors of a and b that push the same way
	vaa, vab, vbb  []float64 // pairs: the covariance
	slopeA, slopeB []float64 // derivatives of a and b with respect to λ
	slope          []float64 // room: the derivative of p
	lost           bool      // for good: first order says nothing any more
}

func newSpectralErrors(n int, pairs bool) *spectralErrors {
	e := &spectralErrors{slope: make([]float64, n), slopeA: make([]float64, n)}
	if !pairs {
		e.bound = make([]float64, n)
		return e
	}
	for _, x := range []*[]float64{&e.sameA, &e.sameB, &e.vaa, &e.vab, &e.vbb, &e.slopeB} {
		*x = make([]float64, n)
	}
	return e
}

// all is what a state holds.
func (e *spectralErrors) all() [][]float64 {
	return [][]float64{e.bound, e.sameA, e.sameB, e.vaa, e.vab, e.vbb, e.slopeA, e.slopeB}
}

// step moves the errors with the step that s has just made, from s.next to s.now.
func (e *spectralErrors) step(s *EigenvalueSolver) {
	if e.lost {
		return
	}
	if s.now.b == nil {
		e.single(s)
	} else {
		e.pairs(s)
	}
	squares, all := 0.0, 0.0
	for i, p := range s.now.p {
		own, of := e.error(s, i), e.derivative(s, i)*s.of.residual[i]
		squares += own*own + of*of
		all += p * p
	}
	if all > 1e-280 { // below, squares underflow, and W is far from where they matter
		e.lost = !(squares <= krylov.Unpredictable*krylov.Unpredictable*all)
	}
}

// newInStep is what rounding adds to r = η·q·(p−λ) in a step.
func newInStep(depth int, eta, q, p, diff float64) float64 {
	n := float64(depth)
	return roundoff * math.Abs(eta*q) * (n*math.Abs(p) + (n+2)*math.Abs(diff))
}

// single moves those of (18): the derivative of d − ηq(p−λ), q = d^(N−1), p = d^N, is
// 1 − η(Nq² + (N−1)d^(N−2)(p−λ)).
func (e *spectralErrors) single(s *EigenvalueSolver) {
	n := float64(s.depth)
	for i, d := range s.next.a {
		q, p := s.next.q[i], s.next.p[i]
		diff := p - s.of.Values[i]
		by := n * q * q
		if s.depth > 1 {
			by += (n - 1) * intPower(d, s.depth-2) * diff
		}
		by = 1 - s.eta*by
		e.slopeA[i] = by*e.slopeA[i] + s.eta*q
		e.bound[i] = math.Abs(by)*e.bound[i] + roundoff*math.Abs(s.now.a[i]) + newInStep(s.depth, s.eta, q, p, diff) + least
	}
}

// pairs moves those of (40) and (41), a − rb and b − ra with r = ηq(p−λ), q = a^(N−2).
func (e *spectralErrors) pairs(s *EigenvalueSolver) {
	n := float64(s.depth)
	for i, a := range s.next.a {
		b, q, p := s.next.b[i], s.next.q[i], s.next.p[i]
		diff := p - s.of.Values[i]
		r := s.eta * q * diff
		ra := s.eta * (n - 1) * q * q * b
		if s.depth > 2 {
			ra += s.eta * (n - 2) * intPower(a, s.depth-3) * diff
		}
		rb := s.eta * q * q * a
		jaa, jab, jba, jbb := 1-b*ra, -r-b*rb, -r-a*ra, 1-a*rb

		x, y := e.slopeA[i], e.slopeB[i]
		e.slopeA[i] = jaa*x + jab*y + s.eta*q*b
		e.slopeB[i] = jba*x + jbb*y + s.eta*q*a

		inR := newInStep(s.depth, s.eta, q, p, diff)
		na := roundoff*(math.Abs(s.now.a[i])+math.Abs(r*b)) + inR*math.Abs(b) + least
		nb := roundoff*(math.Abs(s.now.b[i])+math.Abs(r*a)) + inR*math.Abs(a) + least
		pa, pb := gradientOf(s, i)
		x, y = e.sameA[i], e.sameB[i]
		e.sameA[i] = jaa*x + jab*y + math.Copysign(na, pa)
		e.sameB[i] = jba*x + jbb*y + math.Copysign(nb, pb)

		vaa, vab, vbb := e.vaa[i], e.vab[i], e.vbb[i]
		e.vaa[i] = jaa*jaa*vaa + 2*jaa*jab*vab + jab*jab*vbb + na*na
		e.vab[i] = jaa*jba*vaa + (jaa*jbb+jab*jba)*vab + jab*jbb*vbb
		e.vbb[i] = jba*jba*vaa + 2*jba*jbb*vab + jbb*jbb*vbb + nb*nb
	}
}

// gradientOf are the derivatives of p = a^(N−1)b now, with respect to a and b.
func gradientOf(s *EigenvalueSolver, i int) (pa, pb float64) {
	q := s.now.q[i]
	return float64(s.depth-1) * q * s.now.b[i], q * s.now.a[i]
}

// error is that of the product's eigenvalue i.
func (e *spectralErrors) error(s *EigenvalueSolver, i int) float64 {
	forming := float64(s.depth)*roundoff*math.Abs(s.now.p[i]) + least
	if s.now.b == nil {
		return float64(s.depth)*math.Abs(s.now.q[i])*e.bound[i] + forming
	}
	pa, pb := gradientOf(s, i)
	same := math.Abs(pa*e.sameA[i]+pb*e.sameB[i]) + forming
	return same + deviation(pa, pb, e.vaa[i], e.vab[i], e.vbb[i])
}

// deviation is the square root of pa²·vaa + 2pa·pb·vab + pb²·vbb, whose terms may leave
// the range of numbers.
func deviation(pa, pb, vaa, vab, vbb float64) float64 {
	sa, sb := math.Sqrt(vaa), math.Sqrt(vbb)
	x, y := pa*sa, pb*sb
	top := max(math.Abs(x), math.Abs(y))
	if top == 0 || sa == 0 || sb == 0 {
		return top
	}
	x, y = x/top, y/top
	correlation := max(-1, min(vab/sa/sb, 1)) // a variance near the end of the range has few digits
	return top * math.Sqrt(max(x*x+2*x*y*correlation+y*y, 0))
}

// derivative is that of the product's eigenvalue i with respect to λ_i.
func (e *spectralErrors) derivative(s *EigenvalueSolver, i int) float64 {
	if s.now.b == nil {
		return float64(s.depth) * s.now.q[i] * e.slopeA[i]
	}
	pa, pb := gradientOf(s, i)
	return pa*e.slopeA[i] + pb*e.slopeB[i]
}

// relative is the norm of all errors as a part of that of W.
func (e *spectralErrors) relative(s *EigenvalueSolver) float64 {
	if e.lost {
		return math.NaN()
	}
	for i := range e.slope {
		s.room[i] = e.error(s, i)
		e.slope[i] = e.derivative(s, i)
	}
	sum := math.Hypot(solvers.Norm(s.room), s.of.sensitivity(s.now.p, e.slope))
	norm := solvers.Norm(s.now.p)
	if norm == 0 && s.t == 0 {
		return 0 // β = α, before the first step
	}
	part := sum / norm
	if !s.of.exact() {
		part += krylov.OfElements // what forms W from its eigenvalues
	}
	if !(part <= krylov.Unpredictable) {
		return math.NaN()
	}
	return part
}
