package deep

import "math"

// Theorems and equations are numbered as in "Gradient descent for deep matrix
// factorization: dynamics and implicit bias towards low rank". "Inferred" marks
// a form or constant derived here and checked by the tests; the paper's own may
// differ.

// ConvexTime is T⁺_N(λ, α) of (23): the flow time from α to the inflection
// point (c_N λ)^(1/N), the end of the convex phase, and 0 if α is past it.
// N ≥ 2, α > 0.
func ConvexTime(depth int, lambda, alpha float64) float64 {
	checkDeep(depth)
	c := Inflection(depth) * lambda
	if !(intPower(alpha, depth) < c) {
		return 0
	}
	return FlowTime(depth, lambda, alpha, root(c, depth))
}

// Lag is s_N(λ, α) = K_N λ^(2−2/N) T⁺_N(λ, α), the iterations by which gradient
// descent may trail the flow in the convex phase, of any step size (inferred
// from Lemma 2.7 and Appendix A).
func Lag(depth int, lambda, alpha float64) float64 {
	t := ConvexTime(depth, lambda, alpha)
	if t == 0 {
		return 0
	}
	return LargestSlope(depth) / timeScale(depth, lambda) * t
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
func TimeBound(depth int, lambda, alpha, eps, eta float64) int {
	checkTimes(depth, alpha, eps, eta)
	start := intPower(alpha, depth)
	if eps >= math.Abs(start-max(lambda, 0)) {
		return 0
	}
	if lambda < start {
		return iterations(fallTime(depth, lambda, alpha, eps) / eta)
	}
	if convexTarget(depth, lambda, eps) {
		factor := 1 + eta*LargestSlope(depth)/timeScale(depth, lambda)
		return iterations(factor * FlowTime(depth, lambda, alpha, root(lambda-eps, depth)) / eta)
	}
	l := root(lambda, depth)
	from := max(alpha, root(Inflection(depth)*lambda, depth))
	first := iterations(ConvexTime(depth, lambda, alpha)/eta + Lag(depth, lambda, alpha))
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
func LowerBound(depth int, lambda, alpha, eps, eta float64) float64 {
	checkTimes(depth, alpha, eps, eta)
	start := intPower(alpha, depth)
	switch {
	case !(lambda > start):
		return math.NaN()
	case eps >= lambda-start:
		return 0
	case convexTarget(depth, lambda, eps):
		return FlowTime(depth, lambda, alpha, root(lambda-eps, depth)) / eta
	}
	l := root(lambda, depth)
	over := alpha
	if inflection := root(Inflection(depth)*lambda, depth); alpha < inflection {
		over = ScalarStep(inflection, depth, lambda, eta)
	}
	rate := eta * float64(depth) / timeScale(depth, lambda)
	return ConvexTime(depth, lambda, alpha)/eta + contraction(l-over, l*relativeGap(depth, -eps/lambda), rate)
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
func PerturbedTimeBound(depth int, lambda, alpha, beta, eps, eta float64) int {
	checkTimes(depth, alpha, eps, eta)
	if !(beta > 0 && beta < alpha) {
		panic(badPerturbation)
	}
	switch {
	case lambda >= 0 && NewPair(alpha, beta).Product(depth) <= lambda:
		return TimeBound(depth, lambda, alpha-beta, eps, eta)
	case lambda >= 0:
		return TimeBound(depth, lambda, alpha, eps, eta)
	case intPower(alpha, depth) > -lambda:
		return math.MaxInt
	}
	dip := iterations(alpha / (eta * -lambda * intPower(beta, depth-1)))
	return saturate(dip, TimeBound(depth, -lambda, beta/2, eps, eta))
}

// TransitionBound bounds the phase transition (46), the first iteration with
// b ≤ 0, for λ < 0, 0 < β < α and η below StepLimit (Lemma 2.11; the explicit
// form is inferred):
//
//	⌈(α−β)/(η|λ|β^(N−1))⌉
//
// It is math.MaxInt for λ ≥ 0, where b stays positive.
func TransitionBound(depth int, lambda, alpha, beta, eta float64) int {
	checkDeep(depth)
	switch {
	case !(beta > 0 && beta < alpha):
		panic(badPerturbation)
	case !(lambda < 0):
		return math.MaxInt
	}
	return iterations((alpha - beta) / (eta * -lambda * intPower(beta, depth-1)))
}

// Estimate is the estimate (12) of T_N^Id for small α and ε ≪ λ with the step
// η = κ/((3N−2)‖Ŵ‖^(2−2/N)), norm = ‖Ŵ‖ (Remark 1.2; inferred):
//
//	((3N−2)/κ) (‖Ŵ‖/λ)^(2−2/N) [(λ/α^N)^((N−2)/N)/(N−2) + C_N + ln((1−b_N)Nλ/ε)/a_N]
//
// For N = 2 the first two terms are ln((λ/α²−1)/2)/2.
func Estimate(depth int, lambda, norm, alpha, eps, kappa float64) float64 {
	checkDeep(depth)
	n := float64(depth)
	first := math.Log((lambda/(alpha*alpha)-1)/2) / 2
	if depth > 2 {
		first = intPower(root(lambda, depth)/alpha, depth-2)/(n-2) + TimeConstant(depth)
	}
	second := math.Log((1-InflectionRoot(depth))*n*lambda/eps) / ContractionRate(depth)
	return (3*n - 2) / kappa * math.Pow(norm/lambda, 2-2/n) * (first + second)
}

// StepLimit is the right side of (10) and (25), M = max(α, ‖Ŵ‖^(1/N)); for one
// eigenvalue the norm is |λ|. The constant is inferred.
//
//	1/((3N−2) M^(2N−2))
func StepLimit(depth int, norm, alpha float64) float64 {
	return stepLimit(3*depth-2, depth, norm, alpha)
}

// ScalarStepLimit is the limit of Lemma 2.2 for one eigenvalue, below which
// (18) converges to λ₊^(1/N) monotonically: 2 for N = 1 (there only the distance
// is monotone), otherwise 1/((2N−1) M^(2N−2)) for λ ≥ 0 and 1/((3N−2) M^(2N−2))
// for λ < 0, M = max(α, |λ|^(1/N)). The constants are inferred.
func ScalarStepLimit(depth int, lambda, alpha float64) float64 {
	switch {
	case depth == 1:
		return 2
	case lambda < 0:
		return StepLimit(depth, -lambda, alpha)
	}
	return stepLimit(2*depth-1, depth, lambda, alpha)
}

// GrowthStepLimit is 1/(N λ^(2−2/N)): up to it (18) grows monotonically to
// λ^(1/N) from any α with 0 < α^N ≤ λ (Lemma 2.2; inferred).
func GrowthStepLimit(depth int, lambda float64) float64 {
	checkFlowDepth(depth)
	return timeScale(depth, lambda) / float64(depth)
}

// UnstableStep is the step size above which λ^(1/N) repels the iterates of (18)
// (Lemma B.1): 2/(N λ^(2−2/N)) for λ > 0, 2 for N = 1, and +Inf where the
// limit is 0.
func UnstableStep(depth int, lambda float64) float64 {
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
func DivergentStep(depth int, lambda, alpha float64) float64 {
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

// PerturbedStepLimit is the right side of (14), with c of PerturbedConstant and
// M = max(α, ‖Ŵ‖^(1/N)). The constant 9 is inferred.
//
//	1/(9N (cM)^(2N−2))
func PerturbedStepLimit(depth int, norm, alpha float64) float64 {
	return stepLimit(9*depth, depth, norm, alpha) / intPower(PerturbedConstant(depth), 2*depth-2)
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

func stepLimit(constant, depth int, norm, alpha float64) float64 {
	checkFlowDepth(depth)
	m := max(alpha, root(norm, depth))
	return 1 / (float64(constant) * intPower(m, 2*depth-2))
}

// convexTarget tells whether (λ−ε)^(1/N) lies in the convex phase.
func convexTarget(depth int, lambda, eps float64) bool {
	return eps >= float64(depth)*lambda/float64(2*depth-1)
}

// fallTime is the flow time from α down to (λ₊+ε)^(1/N), λ < α^N.
func fallTime(depth int, lambda, alpha, eps float64) float64 {
	target := root(max(lambda, 0)+eps, depth)
	if !(lambda > 0) || lambda < eps {
		return FlowTime(depth, lambda, alpha, target)
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
