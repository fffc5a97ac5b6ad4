package deep

import "math"

// Theorems and equations are numbered as in "Gradient descent for deep matrix
// factorization: dynamics and implicit bias towards low rank". "Inferred" marks
// a form or constant derived here and checked by the tests; the paper's own may
// differ.

// EffectiveRank is r(W) = ‖W‖_*/‖W‖, the sum of the singular values over the
// largest, from singular values or eigenvalues in any order; 0 for W = 0.
func EffectiveRank(sigma []float64) float64 {
	top := 0.0
	for _, s := range sigma {
		top = max(top, math.Abs(s))
	}
	if top == 0 {
		return 0
	}
	sum := 0.0
	for _, s := range sigma {
		sum += math.Abs(s) / top
	}
	return sum
}

// RankWindow is the window of Theorem 3.5 with L, ε and ε'.
type RankWindow struct {
	L             int
	Eps, EpsPrime float64
}

// Iterations gives those at which gradient descent of depth N ≥ 2 from the
// identical start αI has about the effective rank of the best rank-L
// approximation W_L (Theorem 3.5), with N, α and η of p: for lo ≤ k ≤ hi, |r(W(k)) − r(W_L)| ≤ bound,
// where η satisfies (10). lambda are all eigenvalues, largest first, none
// negative; 1 ≤ L ≤ n. With m the number of λ_i > α^N,
//
//	(63)  lo = max_{i≤L} T_N^Id(λ_i, α, ελ_i, η),  hi = τ_N(λ_{L+1}; α → (ε'λ_{L+1})^(1/N))/η
//	(64)  bound = (ε r(W_L) + [ε'(m−L)₊ λ_{L+1} + (n−m)α^N]/λ_1)/(1−ε)
//
// if ε'λ_{L+1} > α^N. Otherwise, or if L = n, hi is +Inf and the bound
//
//	(ε r(W_L) + Σ_{i>L} max(λ_i, α^N)/λ_1)/(1−ε)
//
// The constants are inferred. lo > hi is an empty window. hi and bound are NaN
// and lo is math.MaxInt unless 0 < ε < 1, 0 < ε' < c_N and α^N < (1−ε)λ_L.
func (w RankWindow) Iterations(p Params, lambda []float64) (lo int, hi, bound float64) {
	depth, alpha, eta := p.Depth, p.Alpha, p.Eta
	L, eps, epsPrime := w.L, w.Eps, w.EpsPrime
	checkDeep(depth)
	checkSpectrum(lambda, L, L)
	floor := intPower(alpha, depth)
	if !(eps > 0 && eps < 1 && epsPrime > 0 && epsPrime < Inflection(depth) && floor < (1-eps)*lambda[L-1]) {
		return math.MaxInt, math.NaN(), math.NaN()
	}
	for _, l := range lambda[:L] {
		lo = max(lo, Params{Depth: depth, Lambda: l, Alpha: alpha, Eta: eta}.TimeBound(eps*l))
	}
	hi = math.Inf(1)
	tail := 0.0
	if L < len(lambda) && epsPrime*lambda[L] > floor {
		next := lambda[L]
		hi = Params{Depth: depth, Lambda: next}.FlowTime(alpha, root(epsPrime*next, depth)) / eta
		m := 0
		for m < len(lambda) && lambda[m] > floor {
			m++
		}
		tail = epsPrime*float64(max(m-L, 0))*next + float64(len(lambda)-m)*floor
	} else {
		for _, l := range lambda[L:] {
			tail += max(l, floor)
		}
	}
	return lo, hi, (eps*EffectiveRank(lambda[:L]) + tail/lambda[0]) / (1 - eps)
}

// FlowWindow is the window of Theorem 3.1 with L, M and δ.
type FlowWindow struct {
	L, M  int
	Delta float64
}

// Times gives those at which the gradient flow of depth 2 from αI has
// about the effective rank of W_L (Theorem 3.1). lambda are all eigenvalues,
// largest first, none negative; 1 ≤ L ≤ M ≤ n, 0 < δ < 1, α² < λ_L. For
// t ≥ i1, t ≥ i3 and t ∈ I2, |r(W(t)) − r(W_L)| ≤ bound, (61). The end points
// and constants are inferred:
//
//	i1 = max_{i≤L} ln((λ_i−α²)/(δα²))/(2λ_i)   the leading L are within δ
//	i3 = ln((λ_1−α²)/α²)/(2λ_1)                z_1 ≥ λ_1/2
//	bound = (r(W_L) + M − L)δ + (2/λ_1) Σ_{i>M} max(λ_i, α²)
//
// I2 = {t: z_{L+1}(t) ≤ δ z_1(t)}, all times if M = L. After i3 the times up to
// i2 belong to it; Holds tests exactly. With q = λ_{L+1},
//
//	i2 = ln[(q/α²−1)/(2q/(δλ_1)−1)]/(2q) if 2q > δλ_1 and q > α²
//
// i2 is +Inf if M = L or max(q, α²) ≤ δλ_1/2, and otherwise NaN: then z_{L+1}
// falls from α² and no such end exists. All four are NaN unless α² < λ_L.
func (w FlowWindow) Times(lambda []float64, alpha float64) (i1, i2, i3, bound float64) {
	L, M, delta := w.L, w.M, w.Delta
	checkSpectrum(lambda, L, M)
	floor, top := alpha*alpha, lambda[0]
	if !(floor < lambda[L-1]) {
		return math.NaN(), math.NaN(), math.NaN(), math.NaN()
	}
	i1 = math.Inf(-1)
	for _, l := range lambda[:L] {
		i1 = max(i1, math.Log((l-floor)/(delta*floor))/(2*l))
	}
	i3 = math.Log((top-floor)/floor) / (2 * top)
	i2 = math.Inf(1)
	if M > L {
		q := lambda[L]
		switch {
		case max(q, floor) <= delta*top/2:
		case q > floor:
			i2 = math.Log((q/floor-1)/(2*q/(delta*top)-1)) / (2 * q)
		default:
			i2 = math.NaN()
		}
	}
	tail := 0.0
	for _, l := range lambda[M:] {
		tail += max(l, floor)
	}
	bound = (EffectiveRank(lambda[:L])+float64(M-L))*delta + 2*tail/top
	return i1, i2, i3, bound
}

// Holds tells whether t lies in I1 ∩ I2 ∩ I3 of Theorem 3.1, with the arguments of Times.
func (w FlowWindow) Holds(lambda []float64, alpha, t float64) bool {
	i1, _, i3, _ := w.Times(lambda, alpha)
	if !(t >= max(i1, i3)) {
		return false
	}
	z := func(lambda float64) float64 { return Params{Depth: 2, Lambda: lambda, Alpha: alpha}.FlowEigenvalue(t) }
	return w.M == w.L || z(lambda[w.L]) <= w.Delta*z(lambda[0])
}

// FlowEigenvalue is y(t)^N, an eigenvalue of the product under the flow from αI; for N = 2
// it is z(t) = λ/(1 + (λ/α² − 1)e^(−2λt)), (60).
func (p Params) FlowEigenvalue(t float64) float64 { return intPower(p.Flow(t), p.Depth) }

func checkSpectrum(lambda []float64, L, M int) {
	n := len(lambda)
	if !(1 <= L && L <= M && M <= n) {
		panic(badWindow)
	}
	for i := range n {
		if !(lambda[i] >= 0) || i > 0 && lambda[i] > lambda[i-1] {
			panic(badWindowSpectrum)
		}
	}
}

// Panic strings of the windows.
const (
	badWindow         = "deep: the windows need 1 ≤ L ≤ M ≤ n"
	badWindowSpectrum = "deep: the windows need eigenvalues, largest first, none negative"
)
