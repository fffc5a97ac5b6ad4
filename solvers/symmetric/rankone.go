package symmetric

import (
	"math"

	"lowrank/solvers"
)

// rankOne is section 2 beside a run of one column: with the signal strength α_t = |v_1ᵀx_t|
// and the noise strength β_t = ‖x_t − v_1v_1ᵀx_t‖, Δ = λ_1 − λ_2 and
// s_t = η(λ_1 + λ_2)/2 − ηα_t² − ηβ_t²,
//
//	α_t = (1 + ηλ_1 − ηα_{t−1}² − ηβ_{t−1}²) α_{t−1}                             (5)
//	β_t ≤ (1 + ηλ_2 − ηα_{t−1}² − ηβ_{t−1}²) β_{t−1}                             (6)
//	β_t/α_t ≤ h(s_{t−1}) β_{t−1}/α_{t−1} ≤ (1 − ηΔ/3) β_{t−1}/α_{t−1}            (7)
//	h(s) = (1 − ηΔ/2 + s)/(1 + ηΔ/2 + s) ≤ 1 − ηΔ/3 for s in [−½, ½]             (8)
//
// (5) and (6) are of strengths and need η‖x_{t−1}‖² ≤ 1, so that no factor is negative
// (inferred: the text has ηλ_1 ≤ 1/12 and ‖x_0‖ < 2λ_1, which give it for λ_1 = 1).
//
// Strengths have rounding errors of the whole x. A step is compared while both are so far
// above them that a decrease by ηΔ/3 would show; later ones say nothing.
type rankOne struct {
	lambda1, lambda2, eta float64
	relative              float64 // rounding errors of α_t and β_t in a step, relative to ‖x_t‖

	last        int // the last iterate observed
	alpha, beta float64
	norm0       float64 // ‖x_0‖
	outside     int     // first t whose step is not one of (5) and (6), or of (8)
	unresolved  int     // first t whose strengths are too small

	signalUp, signalDown, noise, factor, ratio *allowed
}

// allowed is a bound that knows the rounding error of what it keeps.
type allowed struct {
	*solvers.Bound
	rounding float64
}

func (b *allowed) observe(t int, left, right, rounding float64) {
	if b.ObserveWithin(t, left, right, rounding); b.At == t {
		b.rounding = rounding
	}
}

// newRankOne needs the relative rounding error of a step and of what measures it.
func newRankOne(lambda1, lambda2, eta, relative, slack float64) *rankOne {
	bound := func() *allowed { return &allowed{Bound: solvers.NewBound("", "paper", slack)} }
	return &rankOne{
		lambda1: lambda1, lambda2: lambda2, eta: eta, relative: relative, last: Unreached, outside: Unreached, unresolved: Unreached,
		signalUp: bound(), signalDown: bound(), noise: bound(), factor: bound(), ratio: bound(),
	}
}

// observe takes in the strengths of iterate t, in order from t = 0.
func (p *rankOne) observe(t int, alpha, beta float64) {
	if t == 0 {
		p.norm0 = math.Hypot(alpha, beta)
	} else {
		p.step(t, alpha, beta)
	}
	p.last, p.alpha, p.beta = t, alpha, beta
}

// step compares iterate t with the one before it.
func (p *rankOne) step(t int, alpha, beta float64) {
	etaDelta := p.eta * (p.lambda1 - p.lambda2)
	size := p.alpha*p.alpha + p.beta*p.beta
	rounding := p.relative * max(math.Hypot(alpha, beta), math.Sqrt(size))
	if p.eta*size > 1 {
		p.outside = first(p.outside, t-1)
		return
	}
	least := 8 * rounding / (etaDelta / 3)
	signal, noise := !(p.alpha < least), !(p.beta < least) // a NaN is compared, and fails
	if !signal || !noise {
		p.unresolved = first(p.unresolved, t-1)
	}
	if signal {
		want := (1 + p.eta*(p.lambda1-size)) * p.alpha
		p.signalUp.observe(t, alpha, want, rounding)
		p.signalDown.observe(t, want, alpha, rounding)
	}
	if noise {
		p.noise.observe(t, beta, (1+p.eta*(p.lambda2-size))*p.beta, rounding)
	}
	if !signal || !noise {
		return
	}
	old, now := p.beta/p.alpha, beta/alpha
	wrong := 2 * (1 + old) * rounding / p.alpha
	s := p.eta * ((p.lambda1+p.lambda2)/2 - size)
	p.factor.observe(t, now, (1-etaDelta/2+s)/(1+etaDelta/2+s)*old, wrong)
	if s < -0.5 || s > 0.5 {
		p.outside = first(p.outside, t-1)
		return
	}
	p.ratio.observe(t, now, (1-etaDelta/3)*old, wrong)
}

// first is the earlier of two times, of which the first may be unreached.
func first(known, t int) int {
	if known == Unreached {
		return t
	}
	return known
}

// rankOneState is a rankOne under way. Floats are bits.
type rankOneState struct {
	Outside, Unresolved int
	Numbers             []uint64 // α_t, β_t, ‖x_0‖
	Bounds              []boundState
	Roundings           []uint64
}

func (p *rankOne) bounds() []*allowed {
	return []*allowed{p.signalUp, p.signalDown, p.noise, p.factor, p.ratio}
}

// save returns the state, nil of nil.
func (p *rankOne) save() *rankOneState {
	if p == nil {
		return nil
	}
	st := &rankOneState{Outside: p.outside, Unresolved: p.unresolved, Numbers: bits(p.alpha, p.beta, p.norm0)}
	for _, b := range p.bounds() {
		st.Bounds = append(st.Bounds, boundState{b.At, math.Float64bits(b.Left), math.Float64bits(b.Right)})
		st.Roundings = append(st.Roundings, math.Float64bits(b.rounding))
	}
	return st
}

// fits tells whether the state is one of p.
func (p *rankOne) fits(st *rankOneState) bool {
	if p == nil || st == nil {
		return p == nil && st == nil
	}
	return len(st.Numbers) == 3 && len(st.Bounds) == len(p.bounds()) && len(st.Roundings) == len(st.Bounds)
}

// restore sets a state that fits, after iterate last, of a p that has observed nothing.
func (p *rankOne) restore(st *rankOneState, last int) {
	if p == nil {
		return
	}
	p.last, p.outside, p.unresolved = last, st.Outside, st.Unresolved
	var numbers [3]float64
	setBits(numbers[:], st.Numbers)
	p.alpha, p.beta, p.norm0 = numbers[0], numbers[1], numbers[2]
	for i, b := range p.bounds() {
		if kept := st.Bounds[i]; kept.At >= 0 {
			b.observe(kept.At, math.Float64frombits(kept.Left), math.Float64frombits(kept.Right), math.Float64frombits(st.Roundings[i]))
		}
	}
}
