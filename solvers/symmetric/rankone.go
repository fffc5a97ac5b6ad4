package symmetric

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// RankOne is section 2: the iteration for r = 1 and Σ = diag(λ), written for
// the signal a_t, the first entry of x_t, and the noise b_t, the others:
//
//	a_t = (1 + ηλ_1 − η(a_{t−1}² + ‖b_{t−1}‖²)) a_{t−1}             (3)
//	b_t = (I + ηΣ_res − η(a_{t−1}² + ‖b_{t−1}‖²)I) b_{t−1}          (4)
//
// with Σ_res = diag(λ_2, …, λ_d).
type RankOne struct {
	Lambda []float64 // λ_1 ≥ … ≥ λ_d, d ≥ 2
	Eta    float64
	A      float64
	B      []float64 // d−1 entries
}

// NewRankOne starts at x_0 = (a_0, b_0). It copies x0.
func NewRankOne(lambda, x0 []float64, eta float64) *RankOne {
	if len(lambda) < 2 || len(x0) != len(lambda) || !(eta > 0) {
		panic(badRankOne)
	}
	return &RankOne{Lambda: lambda, Eta: eta, A: x0[0], B: append([]float64{}, x0[1:]...)}
}

// Step makes (3) and (4).
func (p *RankOne) Step() {
	beta := p.Beta()
	size := p.A*p.A + beta*beta
	for i := range p.B {
		p.B[i] *= 1 + p.Eta*p.Lambda[i+1] - p.Eta*size
	}
	p.A *= 1 + p.Eta*p.Lambda[0] - p.Eta*size
}

// Alpha is the signal strength α_t = |a_t|.
func (p *RankOne) Alpha() float64 { return math.Abs(p.A) }

// Beta is the noise strength β_t = ‖b_t‖.
func (p *RankOne) Beta() float64 {
	var scale float64
	for _, v := range p.B {
		scale = math.Hypot(scale, v)
	}
	return scale
}

// PairStep is (5) and (6) with equality, which is exact when λ_2 = … = λ_d:
//
//	α_t = (1 + ηλ_1 − ηα_{t−1}² − ηβ_{t−1}²) α_{t−1}
//	β_t = (1 + ηλ_2 − ηα_{t−1}² − ηβ_{t−1}²) β_{t−1}
func PairStep(lambda1, lambda2, eta, alpha, beta float64) (nextAlpha, nextBeta float64) {
	size := alpha*alpha + beta*beta
	return (1 + eta*(lambda1-size)) * alpha, (1 + eta*(lambda2-size)) * beta
}

// RatioFactor is h(s) of (8), (1 − ηΔ/2 + s)/(1 + ηΔ/2 + s): the factor of β/α
// in a step with s = η(λ_1 + λ_2)/2 − ηα² − ηβ². It is at most 1 − ηΔ/3 for s
// in [−½, ½].
func RatioFactor(etaDelta, s float64) float64 { return (1 - etaDelta/2 + s) / (1 + etaDelta/2 + s) }

// RankOneTracker checks (5), (6) and (7) at every step of a rank-one run.
type RankOneTracker struct {
	lambda1, lambda2, eta, rounding float64

	t           int
	alpha, beta float64 // at t
	start       [2]float64
	outside     int // first t with s of (8) outside [−½, ½]

	signalUp, signalDown, noise, factor, ratio *solvers.Bound
}

// NewRankOneTracker needs λ_1, λ_2 and η. rounding is the relative error of
// the strengths that it will observe, such as 1e-14.
func NewRankOneTracker(lambda1, lambda2, eta, rounding float64) *RankOneTracker {
	bound := func(name, source string) *solvers.Bound { return solvers.NewBound(name, source, 8*rounding) }
	return &RankOneTracker{
		lambda1: lambda1, lambda2: lambda2, eta: eta, rounding: rounding, t: -1, outside: Unreached,
		signalUp: bound("(5), α_t from above", "paper"), signalDown: bound("(5), α_t from below", "paper"), noise: bound("(6), β_t", "paper"),
		factor: bound("(7), β_t/α_t, first inequality", "paper"),
		ratio:  bound("(7), β_t/α_t ≤ (1 − ηΔ/3)β_{t−1}/α_{t−1}", "paper"),
	}
}

// Observe takes in α_t and β_t of the next iterate, from t = 0 on: √σ_1²(u_1)
// and σ_1(K_1) when they come from Quantities.
func (tr *RankOneTracker) Observe(alpha, beta float64) {
	tr.t++
	if tr.t == 0 {
		tr.start = [2]float64{alpha, beta}
	} else {
		wantAlpha, mostBeta := PairStep(tr.lambda1, tr.lambda2, tr.eta, tr.alpha, tr.beta)
		tr.signalUp.Observe(tr.t, alpha, wantAlpha)
		tr.signalDown.Observe(tr.t, wantAlpha, alpha)
		tr.noise.Observe(tr.t, beta, mostBeta)
		etaDelta := tr.eta * (tr.lambda1 - tr.lambda2)
		s := tr.eta * ((tr.lambda1+tr.lambda2)/2 - tr.alpha*tr.alpha - tr.beta*tr.beta)
		old := tr.beta / tr.alpha
		tr.factor.Observe(tr.t, beta/alpha, RatioFactor(etaDelta, s)*old)
		if s >= -0.5 && s <= 0.5 {
			tr.ratio.Observe(tr.t, beta/alpha, (1-etaDelta/3)*old)
		} else if tr.outside == Unreached {
			tr.outside = tr.t - 1
		}
	}
	tr.alpha, tr.beta = alpha, beta
}

// Checks are (5) to (7) at the step closest to failing, and how far α and β
// are from their limits. The limit of α_t is λ_1^½ (inferred: the text has λ_1,
// and diag(1, 0, …, 0) for x_tx_tᵀ, which agree for λ_1 = 1).
func (tr *RankOneTracker) Checks() []solvers.Check {
	if tr.t < 0 {
		return []solvers.Check{solvers.Unmet("section 2", "paper", "no iterate was observed")}
	}
	var unmet []string
	if x := tr.eta * tr.lambda1; !(x <= 1.0/12*(1+tr.rounding)) {
		unmet = append(unmet, fmt.Sprintf("ηλ_1 is %.4g; expected at most 1/12", x))
	}
	if !(tr.lambda1 > tr.lambda2) {
		unmet = append(unmet, fmt.Sprintf("λ_1 is %.4g; expected above λ_2 = %.4g", tr.lambda1, tr.lambda2))
	}
	if norm := math.Hypot(tr.start[0], tr.start[1]); !(norm < 2*tr.lambda1) {
		unmet = append(unmet, fmt.Sprintf("‖x_0‖ is %.4g; expected below 2λ_1 = %.4g", norm, 2*tr.lambda1))
	}
	if !(tr.start[0] > 0) {
		unmet = append(unmet, fmt.Sprintf("α_0 is %.4g; expected above 0", tr.start[0]))
	}
	var out []solvers.Check
	for _, b := range []*solvers.Bound{tr.signalUp, tr.signalDown, tr.noise, tr.factor, tr.ratio} {
		c := b.Result()
		if b == tr.ratio && tr.outside != Unreached && c.Verdict == solvers.Holds {
			c.Note = fmt.Sprintf("(8) needs s in [−½, ½]; from t = %d on s was outside at times, and those steps are left out", tr.outside)
		}
		out = append(out, unless(unmet, c))
	}
	limit := report("section 2, |α_t² − λ_1|", "inferred", math.Abs(tr.alpha*tr.alpha-tr.lambda1), tr.lambda1, tr.t)
	noise := report("section 2, β_t", "paper", tr.beta, math.Sqrt(max(tr.lambda1, 0)), tr.t)
	return append(out, unless(unmet, limit), unless(unmet, noise))
}

// DivergentStart is a start of the example of section 4.2 on which Σ = 0
// diverges: X_0 with orthogonal columns and ησ_1²(X_0) = level.
func DivergentStart(d, r int, eta, level float64) blas.General[float64] {
	if r < 1 || d < r {
		panic(badStart)
	}
	if !(eta > 0) || !(level > 0) {
		panic(badStep)
	}
	x := blas.NewGeneral[float64](d, r)
	for k := range r {
		x.Row(k)[k] = math.Sqrt(level/eta) / float64(k+1)
	}
	return x
}

// Doubling checks the example of section 4.2, for Σ = 0 and ησ_1²(X_0) ≥ 3:
//
//	σ_1(X_{t+1}) ≥ (ησ_1²(X_t) − 1) σ_1(X_t) ≥ 2σ_1(X_t).
//
// The text has > 2σ_1(X_t), which is an equality at ησ_1² = 3: ≥ is inferred.
// Feed it σ_1 of every iterate from t = 0 on.
type Doubling struct {
	Eta float64

	t            int
	first, last  float64
	grow, double *solvers.Bound
}

// Observe takes in σ_1(X_t) of the next iterate.
func (c *Doubling) Observe(sigma float64) {
	if c.grow == nil {
		c.grow = solvers.NewBound("section 4.2, σ_1(X_{t+1}) ≥ (ησ_1²(X_t) − 1)σ_1(X_t)", "paper", 1e-12)
		c.double = solvers.NewBound("section 4.2, σ_1(X_{t+1}) ≥ 2σ_1(X_t)", "inferred", 1e-12)
		c.first, c.last = sigma, sigma
		return
	}
	c.t++
	c.grow.Observe(c.t, (c.Eta*c.last*c.last-1)*c.last, sigma)
	c.double.Observe(c.t, 2*c.last, sigma)
	c.last = sigma
}

// Checks are the two inequalities at the step closest to failing.
func (c *Doubling) Checks() []solvers.Check {
	if c.grow == nil {
		return []solvers.Check{solvers.Unmet("section 4.2, divergence", "paper", "no iterate was observed")}
	}
	var unmet []string
	if level := c.Eta * c.first * c.first; !(level >= 3*(1-1e-12)) {
		unmet = append(unmet, fmt.Sprintf("ησ_1²(X_0) is %.4g; expected at least 3", level))
	}
	return []solvers.Check{unless(unmet, c.grow.Result()), unless(unmet, c.double.Result())}
}

const badRankOne = "symmetric: rank one needs d ≥ 2 eigenvalues, d entries of x_0 and a positive step"
