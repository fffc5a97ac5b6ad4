package deep

import "math"

// Theorems and equations are numbered as in "Gradient descent for deep matrix
// factorization: dynamics and implicit bias towards low rank". "Inferred" marks
// a form or constant derived here and checked by the tests; the paper's own may
// differ.

// ConvexTime is T⁺_N(λ, α) of (23): the flow time from α to the inflection
// point (c_N λ)^(1/N), the end of the convex phase, and 0 if α is past it.
// N ≥ 2, α > 0.
func (p Params) ConvexTime() float64 {
	depth, lambda, alpha := p.Depth, p.Lambda, p.Alpha
	checkDeep(depth)
	c := Inflection(depth) * lambda
	if !(intPower(alpha, depth) < c) {
		return 0
	}
	return p.FlowTime(alpha, root(c, depth))
}

// Lag is s_N(λ, α) = K_N λ^(2−2/N) T⁺_N(λ, α), the iterations by which gradient
// descent may trail the flow in the convex phase, of any step size (inferred
// from Lemma 2.7 and Appendix A).
func (p Params) Lag() float64 {
	depth, lambda := p.Depth, p.Lambda
	t := p.ConvexTime()
	if t == 0 {
		return 0
	}
	return largestSlope(depth) / timeScale(depth, lambda) * t
}

// TimeBound is T_N^Id(λ, α, ε, η) of (24), N ≥ 2: under (25), the condition
// η < StepLimit, the iterates of (18) from α satisfy |d^N − λ₊| ≤ ε from this
// iteration on (Theorem 2.4, (26)). ε is absolute, on the product. The bound
// is 0 if ε ≥ |α^N − λ₊|, and math.MaxInt if it is no int. The explicit forms
// of its cases are inferred:
//
//	λ < 0:                           ⌈τ(α → ε^(1/N))/η⌉
//	0 ≤ λ < α^N:                     ⌈τ(α → (λ+ε)^(1/N))/η⌉
//	λ > α^N, ε ≥ Nλ/(2N−1):          ⌈(1 + ηK_Nλ^(2−2/N)) τ(α → (λ−ε)^(1/N))/η⌉
//	λ > α^N, otherwise, two stages:  ⌈T⁺/η + s_N⌉ + ⌈ln((l−x_s)/δ)/|ln(1−ηa)|⌉₊
//
// with l = λ^(1/N), x_s = max(α, (c_Nλ)^(1/N)), δ = l − (λ−ε)^(1/N) and
// a = x_s^(N−1)(λ − x_s^N)/(l − x_s).
func (p Params) TimeBound(eps float64) int {
	depth, lambda, alpha, eta := p.Depth, p.Lambda, p.Alpha, p.Eta
	checkTimes(depth, alpha, eps, eta)
	start := intPower(alpha, depth)
	if eps >= math.Abs(start-max(lambda, 0)) {
		return 0
	}
	if lambda < start {
		return iterations(p.fallTime(eps) / eta)
	}
	if convexTarget(depth, lambda, eps) {
		factor := 1 + eta*largestSlope(depth)/timeScale(depth, lambda)
		return iterations(factor * p.FlowTime(alpha, root(lambda-eps, depth)) / eta)
	}
	l := root(lambda, depth)
	from := max(alpha, root(Inflection(depth)*lambda, depth))
	first := iterations(p.ConvexTime()/eta + p.Lag())
	second := iterations(contraction(l-from, l*relativeGap(depth, -eps/lambda), eta*secant(depth, l, from)))
	return saturate(first, second)
}

// LowerBound is the right side of (27), a number of iterations that |d^N − λ|
// ≤ ε needs under (25), for λ > α^N; NaN for other λ, where the paper gives
// none, and 0 if ε ≥ λ − α^N. Its explicit form is inferred: τ/η to the target
// if that is in the convex phase, otherwise
//
//	T⁺/η + ln((l−x_o)/δ)₊/|ln(1−ηNλ^(2−2/N))|
//
// where x_o is one step of (18) from the inflection point, or α if that is
// further.
func (p Params) LowerBound(eps float64) float64 {
	depth, lambda, alpha, eta := p.Depth, p.Lambda, p.Alpha, p.Eta
	checkTimes(depth, alpha, eps, eta)
	start := intPower(alpha, depth)
	switch {
	case !(lambda > start):
		return math.NaN()
	case eps >= lambda-start:
		return 0
	case convexTarget(depth, lambda, eps):
		return p.FlowTime(alpha, root(lambda-eps, depth)) / eta
	}
	l := root(lambda, depth)
	over := alpha
	if inflection := root(Inflection(depth)*lambda, depth); alpha < inflection {
		over = p.Step(inflection)
	}
	rate := eta * float64(depth) / timeScale(depth, lambda)
	return p.ConvexTime()/eta + contraction(l-over, l*relativeGap(depth, -eps/lambda), rate)
}

// PerturbedTimeBound bounds the iterations until |p − λ| ≤ ε for good from the
// perturbed start, N ≥ 2 and 0 < β < α, under the step limit (14) and
// β < (c−1)α (Theorem 1.3):
//
//	(15)  λ ≥ 0:             T^Id(λ, α−β, ε, η) if α^(N−1)(α−β) ≤ λ, else T^Id(λ, α, ε, η)
//	(16)  λ < 0, α^N ≤ |λ|:  ⌈α/(η|λ|β^(N−1))⌉ + T^Id(|λ|, β/2, ε, η)
//
// The constants of (16) are inferred. It is math.MaxInt, no bound, for λ < 0
// and α^N > |λ|.
func (p Params) PerturbedTimeBound(eps float64) int {
	depth, lambda, alpha, beta, eta := p.Depth, p.Lambda, p.Alpha, p.Beta, p.Eta
	checkTimes(depth, alpha, eps, eta)
	if !(beta > 0 && beta < alpha) {
		panic(badPerturbation)
	}
	switch {
	case lambda >= 0 && NewFactorPair(alpha, beta).Product(depth) <= lambda:
		return Params{Depth: depth, Lambda: lambda, Alpha: alpha - beta, Eta: eta}.TimeBound(eps)
	case lambda >= 0:
		return p.TimeBound(eps)
	case intPower(alpha, depth) > -lambda:
		return math.MaxInt
	}
	dip := iterations(alpha / (eta * -lambda * intPower(beta, depth-1)))
	return saturate(dip, Params{Depth: depth, Lambda: -lambda, Alpha: beta / 2, Eta: eta}.TimeBound(eps))
}

// TransitionBound bounds the phase transition (46), the first iteration with
// b ≤ 0, for λ < 0, 0 < β < α and η below StepLimit (Lemma 2.11; the explicit
// form is inferred):
//
//	⌈(α−β)/(η|λ|β^(N−1))⌉
//
// It is math.MaxInt for λ ≥ 0, where b stays positive.
func (p Params) TransitionBound() int {
	depth, lambda, alpha, beta, eta := p.Depth, p.Lambda, p.Alpha, p.Beta, p.Eta
	checkDeep(depth)
	switch {
	case !(beta > 0 && beta < alpha):
		panic(badPerturbation)
	case !(lambda < 0):
		return math.MaxInt
	}
	return iterations((alpha - beta) / (eta * -lambda * intPower(beta, depth-1)))
}

// StepLimit is the right side of (25), M = max(α, |λ|^(1/N)), and with ‖Ŵ‖ as λ that of
// (10). The constant is inferred.
//
//	1/((3N−2) M^(2N−2))
func (p Params) StepLimit() float64 {
	return p.stepLimit(3*p.Depth - 2)
}

// ScalarStepLimit is the limit of Lemma 2.2 for one eigenvalue, below which
// (18) converges to λ₊^(1/N) monotonically: 2 for N = 1 (there only the distance
// is monotone), otherwise 1/((2N−1) M^(2N−2)) for λ ≥ 0 and 1/((3N−2) M^(2N−2))
// for λ < 0, M = max(α, |λ|^(1/N)). The constants are inferred.
func (p Params) ScalarStepLimit() float64 {
	switch {
	case p.Depth == 1:
		return 2
	case p.Lambda < 0:
		return p.StepLimit()
	}
	return p.stepLimit(2*p.Depth - 1)
}

// UnstableStep is the step size above which λ^(1/N) repels the iterates of (18)
// (Lemma B.1): 2/(N λ^(2−2/N)) for λ > 0, 2 for N = 1, and +Inf where the
// limit is 0.
func (p Params) UnstableStep() float64 {
	depth, lambda := p.Depth, p.Lambda
	checkFlowDepth(depth)
	switch {
	case depth == 1:
		return 2
	case lambda > 0:
		return 2 * timeScale(depth, lambda) / float64(depth)
	}
	return math.Inf(1)
}

// DivergentStep is a step size above which |d| grows without bound from α
// (Lemma B.1; the thresholds are inferred), and +Inf where none is given:
//
//	N = 1:           2
//	λ < 0, N even:   2/(α^(N−2)(α^N + |λ|)), which is sharp
//	α^N > |λ|:       2/(α^(N−2)(α^N − |λ|))
func (p Params) DivergentStep() float64 {
	depth, lambda, alpha := p.Depth, p.Lambda, p.Alpha
	checkFlowDepth(depth)
	if depth == 1 {
		return 2
	}
	distance := intPower(alpha, depth) - math.Abs(lambda)
	if lambda < 0 && depth%2 == 0 {
		distance = intPower(alpha, depth) - lambda
	}
	if !(distance > 0) {
		return math.Inf(1)
	}
	return 2 / (intPower(alpha, depth-2) * distance)
}

// PerturbedStepLimit is the right side of (14) with ‖Ŵ‖ as λ, c of PerturbedConstant and
// M = max(α, |λ|^(1/N)). The constant 9 is inferred.
//
//	1/(9N (cM)^(2N−2))
func (p Params) PerturbedStepLimit() float64 {
	return p.stepLimit(9*p.Depth) / intPower(PerturbedConstant(p.Depth), 2*p.Depth-2)
}

// PerturbedConstant is c, the largest real root of (c−1)c^(N−1) = 1, in (1, 2].
// Theorem 1.3 asks for β < (c−1)α.
func PerturbedConstant(depth int) float64 {
	checkFlowDepth(depth)
	// Newton from above on a convex increasing function falls monotonically.
	for c := 2.0; ; {
		p := intPower(c, depth-1)
		slope := p + (c-1)*float64(depth-1)*p/c
		next := c - ((c-1)*p-1)/slope
		if !(next < c) {
			return c
		}
		c = next
	}
}

// stepLimit is 1/(constant·M^(2N−2)), M = max(α, |λ|^(1/N)).
func (p Params) stepLimit(constant int) float64 {
	checkFlowDepth(p.Depth)
	m := max(p.Alpha, root(math.Abs(p.Lambda), p.Depth))
	return 1 / (float64(constant) * intPower(m, 2*p.Depth-2))
}

// convexTarget tells whether (λ−ε)^(1/N) lies in the convex phase.
func convexTarget(depth int, lambda, eps float64) bool {
	return eps >= float64(depth)*lambda/float64(2*depth-1)
}

// fallTime is the flow time from α down to (λ₊+ε)^(1/N), λ < α^N.
func (p Params) fallTime(eps float64) float64 {
	depth, lambda, alpha := p.Depth, p.Lambda, p.Alpha
	target := root(max(lambda, 0)+eps, depth)
	if !(lambda > 0) || lambda < eps {
		return p.FlowTime(alpha, target)
	}
	// The target may be next to the limit: its distance is known better from ε.
	l := root(lambda, depth)
	return flowTime(depth, lambda, alpha/l, (alpha-l)/l, target/l, relativeGap(depth, eps/lambda))
}

// relativeGap is |(1+x)^(1/N) − 1|.
func relativeGap(depth int, x float64) float64 {
	return math.Abs(math.Expm1(math.Log1p(x) / float64(depth)))
}

// contraction is the number of factors 1 − rate that take gap to target, at
// least 0.
func contraction(gap, target, rate float64) float64 {
	return max(0, math.Log(gap/target)/-math.Log1p(-rate))
}

// iterations rounds up; what is no int becomes math.MaxInt.
func iterations(x float64) int {
	if !(x < 1<<62) {
		return math.MaxInt
	}
	return int(math.Ceil(x))
}

func saturate(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

func checkTimes(depth int, alpha, eps, eta float64) {
	checkDeep(depth)
	if !(alpha > 0 && eps > 0 && eta > 0) {
		panic(badTimes)
	}
}

// Panic strings of the bounds.
const (
	badTimes        = "deep: the bounds need α > 0, ε > 0 and η > 0"
	badPerturbation = "deep: the perturbation must satisfy 0 < β < α"
)
