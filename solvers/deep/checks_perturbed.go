package deep

import (
	"fmt"
	"math"
)

// preparePerturbed states the claims about the start (13): section 2 from
// Lemma 2.8 on, Appendix D and Theorem 1.3.
func (l *ledger) preparePerturbed() {
	depth, alpha, beta := l.depth, l.start.Alpha, l.start.Beta
	kind := needs(l.needStart(PerturbedStart), l.needDepth())
	order, small, step := "", "", ""
	if kind == "" {
		if !(beta > 0 && beta < alpha) {
			order = fmt.Sprintf("β = %.6g; expected 0 < β < α = %.6g", beta, alpha)
		}
		c := PerturbedConstant(depth)
		small = needBelow("Theorem 1.3, β < (c−1)α", "β", beta, (c-1)*alpha)
		step = needBelow("(14)", "η", l.eta, Params{Depth: depth, Lambda: l.norm, Alpha: alpha}.PerturbedStepLimit())
		l.m *= c
	}
	if l.start.Kind == PerturbedStart {
		l.off = l.claim("Lemma 2.8, VᵀW_jV is diagonal", verified, kind)
		l.equal = l.claim("Lemma 2.8, N−1 factors agree", verified, kind)
		l.recursion = l.claim("Lemma 2.8, recursions (40) and (41)", verified, kind)
	}
	l.delta = l.claim("Lemma 2.9, a−b is multiplied by 1 + ηr", verified, kind)
	l.gamma = l.claim("Lemma 2.9, a²−b² is multiplied by 1 − η²r²", verified, kind)
	l.formula = l.claim("Lemma D.1, p(k+1) = (a−ηrb)^(N−1)(b−ηra)", verified, kind)

	all := needs(kind, order, small, step)
	l.nonneg = l.claim("Theorem 1.3, (15): |E_ii(k)| ≤ ε for λ_i ≥ 0", inferred, all)
	l.negative = l.claim("Theorem 1.3, (16): |E_ii(k)| ≤ ε for λ_i < 0", inferred, all)
	l.transition = l.claim("Lemma 2.11, the phase transition (46) comes in time", inferred, needs(kind, order))
	l.sandwich = l.claim("Lemma 2.11, (50): 0 < b ≤ y ≤ x ≤ a ≤ α, a−b ≥ β", verified, needs(kind, order))
	l.below = l.claim("Lemma 2.11, (50): a and b fall", verified, needs(kind, order))
	l.larger = l.claim("(53), |b| ≤ a", verified, all)
	l.d2lower = l.claim("Lemma D.2, y^N ≤ p", inferred, all)
	l.d2upper = l.claim("Lemma D.2, p ≤ λ", inferred, all)
	l.d2factor = l.claim("Lemma D.2, a ≤ cλ^(1/N)", inferred, all)
	l.d3lower = l.claim("Lemma D.3, λ ≤ p", inferred, all)
	l.d3upper = l.claim("Lemma D.3, p ≤ x^N", inferred, all)

	if kind != "" || order != "" {
		return
	}
	for i, v := range l.lambda {
		if v < 0 {
			why := l.needScalar(i)
			for _, c := range []*claim{l.transition, l.sandwich, l.below} {
				c.why = needs(c.why, why)
			}
			if start := intPower(alpha, depth); start > -v {
				l.negative.why = fmt.Sprintf("α^N = %.6g; expected α^N ≤ |λ_%d| = %.6g", start, i+1, -v)
			}
		}
		for a, eps := range l.opts.Accuracies {
			if v < 0 && !(eps < -v) {
				continue
			}
			if bound := (Params{Depth: depth, Lambda: v, Alpha: alpha, Beta: beta, Eta: l.eta}).PerturbedTimeBound(eps); bound < math.MaxInt {
				l.limit[l.place(i, a)] = bound
			}
		}
	}
}

func (l *ledger) observePerturbed(o observation, first bool) {
	depth, eta := l.depth, l.eta
	round, tol := l.rounding(), l.tolerance()
	roundP := l.productRounding()
	l.gap = 0
	l.off.observe(o.k, o.off, tol, 0, -1)
	start := l.start0()
	for i, v := range l.lambda {
		a, b, p := o.factors[depth-1][i], o.factors[0][i], o.product[i]
		for _, f := range o.factors[1:] {
			l.equal.near(o.k, f[i], a, tol*l.m, i)
			l.recursion.near(o.k, f[i], l.pair[i].A, tol*l.m, i)
		}
		l.recursion.near(o.k, b, l.pair[i].B, tol*l.m, i)
		l.recursion.near(o.k, p, l.pair[i].Product(depth), tol*float64(depth)*intPower(l.m, depth), i)
		l.gap = max(l.gap, math.Abs(p-v))

		if !first {
			pa, pb := l.prevA[i], l.prevB[i]
			q := intPower(pa, depth-2)
			r := eta * q * (q*pa*pb - v)
			l.delta.near(o.k, a-b, (1+r)*(pa-pb), round, i)
			l.gamma.near(o.k, a*a-b*b, (1-r*r)*(pa*pa-pb*pb), round*l.m, i)
			l.formula.near(o.k, p, intPower(pa-r*pb, depth-1)*(pb-r*pa), roundP, i)
		}
		l.larger.observe(o.k, math.Abs(b), a, round, i)

		l.begin(o.k, i, math.Abs(p-v))
		for e, eps := range l.opts.Accuracies {
			if at := l.place(i, e); l.limit[at] >= 0 && o.k >= l.limit[at] {
				c := l.nonneg
				if v < 0 {
					c = l.negative
				}
				c.observe(o.k, math.Abs(p-v), eps, roundP, l.withEps(i, e))
			}
		}

		switch {
		case v < 0:
			if l.transition.unmet == "" && l.small[i] {
				l.observeDip(o.k, i, a, b, first)
			}
		case v > 0 && start <= v:
			l.d2lower.observe(o.k, intPower(l.y[i], depth), p, roundP, i)
			l.d2upper.observe(o.k, p, v, roundP, i)
			l.d2factor.observe(o.k, a, PerturbedConstant(depth)*root(v, depth), round, i)
		default:
			l.d3lower.observe(o.k, v, p, roundP, i)
			l.d3upper.observe(o.k, p, intPower(l.x[i], depth), roundP, i)
		}
	}
}

// start0 is the eigenvalue p_0 of the product.
func (l *ledger) start0() float64 { return NewFactorPair(l.start.Alpha, l.start.Beta).Product(l.depth) }

// observeDip follows Lemma 2.11 for a negative eigenvalue.
func (l *ledger) observeDip(k, i int, a, b float64, first bool) {
	if l.flips[i] >= 0 {
		return
	}
	alpha, beta, round := l.start.Alpha, l.start.Beta, l.rounding()
	bound := Params{Depth: l.depth, Lambda: l.lambda[i], Alpha: alpha, Beta: beta, Eta: l.eta}.TransitionBound()
	if b <= 0 {
		l.flips[i] = k
		l.transition.observe(k, float64(k), float64(bound), 0, i)
		return
	}
	if k >= bound && b > round {
		l.transition.observe(k, float64(k+1), float64(bound), 0, i)
	}
	l.sandwich.observe(k, b, l.y[i], round, i)
	l.sandwich.observe(k, l.y[i], l.x[i], round, i)
	l.sandwich.observe(k, l.x[i], a, round, i)
	l.sandwich.observe(k, a, alpha, round, i)
	l.sandwich.observe(k, beta, a-b, round, i)
	if !first {
		l.below.observe(k, a, l.prevA[i], round, i)
		l.below.observe(k, b, l.prevB[i], round, i)
	}
}
