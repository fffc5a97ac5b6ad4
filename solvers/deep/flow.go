package deep

import "math"

// Theorems and equations are numbered as in "Gradient descent for deep matrix
// factorization: dynamics and implicit bias towards low rank". "Inferred" marks
// a form or constant derived here and checked by the tests; the paper's own may
// differ.

// Inflection is c_N = (N−1)/(2N−1): the right side of the flow (28) grows in y
// while y^N < c_N λ and falls afterwards.
func Inflection(depth int) float64 {
	checkFlowDepth(depth)
	return float64(depth-1) / float64(2*depth-1)
}

// inflectionRoot is b_N = c_N^(1/N), the inflection point of the flow for λ = 1.
func inflectionRoot(depth int) float64 { return root(Inflection(depth), depth) }

// largestSlope is K_N = (N/2) ((N−2)/(4N−2))^((N−2)/N), the largest derivative
// of u^(N−1)(1 − u^N) over u ≥ 0; K_2 = 1. N ≥ 2; inferred.
func largestSlope(depth int) float64 {
	checkDeep(depth)
	n := float64(depth)
	return n / 2 * math.Pow((n-2)/(4*n-2), (n-2)/n)
}

// timeConstant is the constant C_N of the first stage, N ≥ 3 (inferred,
// Remark 1.2 and Lemma E.1). With u = α/λ^(1/N) → 0,
//
//	T⁺_N = λ^(−2+2/N) (u^(−(N−2))/(N−2) + C_N + O(u²))
//	C_N  = Σ_{m≥0} b_N^(mN+2)/(mN+2) − b_N^(−(N−2))/(N−2)
func timeConstant(depth int) float64 {
	if depth < 3 {
		panic(badConstantDepth)
	}
	b, c := inflectionRoot(depth), Inflection(depth)
	sum, power := 0.0, b*b
	for m := 0; power > 1e-18; m++ {
		sum += power / float64(m*depth+2)
		power *= c
	}
	return sum - 1/(float64(depth-2)*intPower(b, depth-2))
}

// FlowTime is τ_N(λ; x0 → x1), the time the gradient flow of one eigenvalue
//
//	y' = −y^(N−1) (y^N − λ)
//
// of (28) takes from x0 to x1, both positive if N ≥ 2. It is negative if x1
// comes before x0, infinite if x1 is the limit, and NaN if no solution passes
// through both. The form is the real one of Lemma 2.5 (inferred): with
// u = x/|λ|^(1/N),
//
//	τ = ±|λ|^(−2+2/N) (Φ(u1) − Φ(u0)), + for λ > 0, − for λ < 0
//
// where Φ sums logarithms and arctangents over the N complex roots of λ. It is
// a difference: its error is a few roundings of the Φ, however small τ is.
func (p Params) FlowTime(x0, x1 float64) float64 {
	depth, lambda := p.Depth, p.Lambda
	checkFlowDepth(depth)
	if depth == 1 {
		return nanUnlessOneSide(x0-lambda, x1-lambda, math.Log((x0-lambda)/(x1-lambda)))
	}
	if !(x0 > 0 && x1 > 0) {
		return math.NaN()
	}
	if x0 == x1 {
		return 0
	}
	// Below this λ changes the time by less than its rounding, and its own
	// unit of time may overflow.
	if math.Abs(lambda) <= 1e-17*intPower(min(x0, x1), depth) {
		n := 2*depth - 2
		return (1/intPower(x1, n) - 1/intPower(x0, n)) / float64(n)
	}
	l := root(math.Abs(lambda), depth)
	return flowTime(depth, lambda, x0/l, (x0-l)/l, x1/l, (x1-l)/l)
}

// flowTime is FlowTime in units of l = |λ|^(1/N). A gap is u − 1: it comes
// apart from u because callers know it better than the difference tells.
func flowTime(depth int, lambda, u0, gap0, u1, gap1 float64) float64 {
	scale := timeScale(depth, lambda)
	if lambda < 0 {
		return scale * (phi(depth, -1, u0, gap0) - phi(depth, -1, u1, gap1))
	}
	return nanUnlessOneSide(gap0, gap1, scale*(phi(depth, 1, u1, gap1)-phi(depth, 1, u0, gap0)))
}

// nanUnlessOneSide is t if the two distances from the limit have one sign and
// the first is not zero.
func nanUnlessOneSide(gap0, gap1, t float64) float64 {
	switch {
	case gap0 == 0 && gap1 == 0:
		return 0
	case gap0 > 0 && gap1 == 0, gap0 < 0 && gap1 == 0:
		return math.Inf(1)
	case gap0 > 0 && gap1 > 0, gap0 < 0 && gap1 < 0:
		return t
	}
	return math.NaN()
}

// timeScale is |λ|^(−2+2/N), the unit of time.
func timeScale(depth int, lambda float64) float64 {
	return math.Pow(math.Abs(lambda), -2+2/float64(depth))
}

// phi is Φ⁺ for sign 1, Φ⁻ for sign −1: antiderivatives of
// 1/(u^(N−1)(1 ∓ u^N)) that vanish at infinity. N ≥ 2.
func phi(depth int, sign, u, gap float64) float64 {
	if depth == 2 {
		if sign < 0 {
			return -math.Log1p(1/(u*u)) / 2
		}
		if u*u >= 2 {
			return -math.Log1p(-1/(u*u)) / 2
		}
		return math.Log(u) - math.Log(math.Abs(gap)*(1+u))/2
	}
	// Far out the terms of the closed form cancel; the series in 1/u does not.
	if v := intPower(u, depth); v >= 4 {
		power := sign / intPower(u, 2*depth-2)
		sum := 0.0
		for m := 0; ; m++ {
			next := sum + power/float64(2*depth-2+m*depth)
			if next == sum {
				return sum
			}
			sum = next
			power *= sign / v
		}
	}
	sum := 0.0
	for l := range depth {
		if l == 0 && sign > 0 {
			sum += math.Log(math.Abs(gap))
			continue
		}
		angle := 2 * math.Pi * float64(l) / float64(depth)
		if sign < 0 {
			angle = math.Pi * float64(2*l+1) / float64(depth)
		}
		s, c := math.Sincos(angle)
		// (u − cos)² + sin² keeps the digits that u² − 2u cos + 1 loses near 1.
		re := u - c
		sum += (c*c-s*s)*math.Log(re*re+s*s)/2 + 2*s*c*math.Atan2(s, re)
	}
	return -1/(float64(depth-2)*intPower(u, depth-2)) - sign*sum/float64(depth)
}

// Flow is y(t), t ≥ 0, of the gradient flow (28) y' = −y^(N−1)(y^N − λ) with
// y(0) = α, α > 0 if N ≥ 2 (Lemma 2.5, Remark 2.6). Depths 1 and 2 and λ = 0
// have closed forms; otherwise it is the root of FlowTime(α → y) = t, found to
// rounding. It is NaN for t < 0 and, if N ≥ 2, for α ≤ 0.
func (p Params) Flow(t float64) float64 {
	depth, lambda, alpha := p.Depth, p.Lambda, p.Alpha
	checkFlowDepth(depth)
	if !(t >= 0) || depth > 1 && !(alpha > 0) {
		return math.NaN()
	}
	switch {
	case t == 0:
		return alpha
	case depth == 1:
		return lambda + (alpha-lambda)*math.Exp(-t)
	case depth == 2:
		// y² = λα²/(α² + (λ−α²)e^(−2λt)), without a quotient 0/0 at λ = 0;
		// for λ < 0 the growing exponential is divided out.
		if lambda < 0 {
			return alpha * math.Exp(lambda*t) / math.Hypot(1, alpha*math.Sqrt(math.Expm1(2*lambda*t)/lambda))
		}
		rise := 2 * t
		if lambda > 0 {
			rise = -math.Expm1(-2*lambda*t) / lambda
		}
		return alpha / math.Hypot(math.Exp(-lambda*t), alpha*math.Sqrt(rise))
	}
	n := float64(2*depth - 2)
	free := alpha * math.Pow(1+n*t*intPower(alpha, 2*depth-2), -1/n)
	if math.Abs(lambda) <= 1e-17*intPower(free, depth) {
		return free
	}
	l := root(math.Abs(lambda), depth)
	return l * flowRoot(depth, lambda, alpha/l, (alpha-l)/l, t)
}

// flowRoot is the u with flowTime(u0 → u) = t, N ≥ 3, λ ≠ 0: Newton steps in a
// variable in which the time is nearly linear, kept inside a bracket.
func flowRoot(depth int, lambda, u0, gap0, t float64) float64 {
	scale := timeScale(depth, lambda)
	s := t / scale
	n2 := float64(depth - 2)
	sign := 1.0
	h := math.Pow(u0, -n2) // h = u^(−(N−2)) has h' = (N−2)(u^N ∓ 1)
	var early, late float64
	switch {
	case lambda < 0:
		sign = -1
		early = min(u0, math.Pow(h+n2*s, -1/n2))
		late = math.Pow(h+n2*(1+intPower(u0, depth))*s, -1/n2)
	case gap0 == 0:
		return u0
	default:
		early, late = u0, 1
	}
	start := phi(depth, sign, u0, gap0)
	u := early
	for range 200 {
		gap := u - 1
		excess := sign*(phi(depth, sign, u, gap)-start) - s
		if sign > 0 && gap == 0 {
			excess = math.Inf(1)
		}
		switch {
		case excess == 0:
			return u
		case excess > 0:
			late = u
		default:
			early = u
		}
		var next float64
		if sign > 0 && math.Abs(gap) < 0.5 {
			// Near the limit the time is linear in the logarithm of the gap.
			next = 1 + gap*math.Exp(excess*secant(depth, 1, u))
		} else {
			next = math.Pow(math.Pow(u, -n2)+n2*(sign-intPower(u, depth))*excess, -1/n2)
		}
		if !(next > min(early, late) && next < max(early, late)) {
			next = early + (late-early)/2
			if lambda < 0 {
				next = math.Sqrt(early) * math.Sqrt(late)
			}
		}
		if math.Abs(next-u) <= 2e-16*u || next == early || next == late {
			return next
		}
		u = next
	}
	return u
}

// secant is x^(N−1)(l^N − x^N)/(l − x), written as x^(N−1) Σ l^(N−1−j) x^j so
// that it does not cancel.
func secant(depth int, l, x float64) float64 {
	sum, power := 0.0, 1.0
	for range depth {
		sum = sum*l + power
		power *= x
	}
	return power / x * sum
}

// root is x^(1/N) for x ≥ 0.
func root(x float64, depth int) float64 {
	switch depth {
	case 1:
		return x
	case 2:
		return math.Sqrt(x)
	case 3:
		return math.Cbrt(x)
	}
	return math.Pow(x, 1/float64(depth))
}

func checkFlowDepth(depth int) {
	if depth < 1 {
		panic(badFlowDepth)
	}
}

func checkDeep(depth int) {
	if depth < 2 {
		panic(badDeepDepth)
	}
}

// Panic strings of the flow.
const (
	badFlowDepth     = "deep: the flow needs a depth of at least 1"
	badDeepDepth     = "deep: the bounds need a depth of at least 2"
	badConstantDepth = "deep: the constant of the first stage needs a depth of at least 3"
)
