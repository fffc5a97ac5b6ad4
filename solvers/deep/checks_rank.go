package deep

import (
	"fmt"
	"math"

	"lowrank/solvers"
)

// prepareRank states Lemma 3.4 and, for the windows asked for, Theorem 3.5 and
// Lemma 3.8.
func (l *ledger) prepareRank() {
	all := needs(l.needStart(IdenticalStart), l.needDepth(), l.needNonnegative(), l.needLimit())
	l.ordered = l.claim("Lemma 3.4, larger eigenvalues stay ahead", verified, all)
	l.interval = l.claim("Lemma 3.4, min(α^N, λ) ≤ z ≤ max(α^N, λ)", verified, all)
	for _, w := range l.opts.Windows {
		parameters := ""
		if all == "" {
			parameters = needs(
				needBetween("ε", w.Eps, 1), needBetween("ε'", w.EpsPrime, Inflection(l.depth)),
				needBelow(fmt.Sprintf("Theorem 3.5, (1−ε)λ_%d", w.L), "α^N", intPower(l.start.Alpha, l.depth), (1-w.Eps)*l.lambda[w.L-1]))
		}
		unmet := needs(all, parameters)
		v := window{RankWindow: w}
		v.rank = l.claim(fmt.Sprintf("Theorem 3.5, (63) and (64), L = %d", w.L), inferred, unmet)
		v.tail = l.claim(fmt.Sprintf("Lemma 3.8, L = %d", w.L), verified, unmet)
		if unmet == "" {
			v.lo, v.hi, v.bound = w.Iterations(Params{Depth: l.depth, Alpha: l.start.Alpha, Eta: l.eta}, l.lambda)
			v.height = EffectiveRank(l.lambda[:w.L])
			v.rank.remark = fmt.Sprintf("window [%d, %.0f], r(W_L) = %.6g", v.lo, math.Floor(v.hi), v.height)
			v.rank.why = fmt.Sprintf("the run has no iterate in the window [%d, %.0f]", v.lo, math.Floor(v.hi))
			v.small = w.L < len(l.lambda) && w.EpsPrime*l.lambda[w.L] > intPower(l.start.Alpha, l.depth)
			if !v.small {
				next := 0.0
				if w.L < len(l.lambda) {
					next = l.lambda[w.L]
				}
				v.tail.why = fmt.Sprintf("ε'λ_%d = %.6g; expected more than α^N = %.6g", w.L+1, w.EpsPrime*next, intPower(l.start.Alpha, l.depth))
			}
		}
		l.windows = append(l.windows, v)
	}
}

func needBetween(name string, v, limit float64) string {
	if !(v > 0 && v < limit) {
		return fmt.Sprintf("%s = %.6g; expected 0 < %s < %.6g", name, v, name, limit)
	}
	return ""
}

// wantsRank tells whether a window holds iterate k.
func (l *ledger) wantsRank(k int) bool {
	for _, w := range l.windows {
		if w.holds(k) {
			return true
		}
	}
	return false
}

func (w *window) holds(k int) bool {
	return w.rank.unmet == "" && k >= w.lo && float64(k) <= w.hi
}

func (l *ledger) observeRank(o observation) {
	round := l.productRounding()
	floor := intPower(l.start.Alpha, l.depth)
	l.beginRank(o)
	for i, v := range l.lambda {
		z := o.product[i]
		if i > 0 {
			l.ordered.observe(o.k, z, o.product[i-1], round, i)
		}
		l.interval.observe(o.k, min(floor, v), z, round, i)
		l.interval.observe(o.k, z, max(floor, v), round, i)
	}
	for _, w := range l.windows {
		if w.holds(o.k) {
			w.rank.observe(o.k, math.Abs(o.rank-w.height), w.bound, 1e4*l.unit*float64(len(l.lambda)), -1)
		}
		if w.rank.unmet == "" && w.small && float64(o.k) <= w.hi {
			for i := w.L; i < len(l.lambda); i++ {
				w.tail.observe(o.k, o.product[i], w.EpsPrime*l.lambda[w.L], round, i)
			}
		}
	}
}

// flowWindowChecks checks Theorem 3.1 for the gradient flow of depth 2 from αI
// at the given times: (61) at those in I1 ∩ I2 ∩ I3, the explicit end of I2,
// and Lemma 3.4. The arguments are those of FlowWindow.Times; At is the index of a
// time. The end points and the constants are inferred.
func flowWindowChecks(w FlowWindow, lambda []float64, alpha float64, times []float64) []solvers.Check {
	return flowWindowWith(w, lambda, alpha, times, func(lambda, alpha, t float64) float64 {
		return Params{Depth: 2, Lambda: lambda, Alpha: alpha}.FlowEigenvalue(t)
	})
}

// flowWindowWith is flowWindowChecks with the eigenvalues of the flow as z.
func flowWindowWith(w FlowWindow, lambda []float64, alpha float64, times []float64, z func(lambda, alpha, t float64) float64) []solvers.Check {
	const (
		main   = "Theorem 3.1, (61)"
		end    = "Theorem 3.1, the end of I2"
		order  = "Lemma 3.4, flow: larger eigenvalues stay ahead"
		limits = "Lemma 3.4, flow: min(α², λ) ≤ z ≤ max(α², λ)"
	)
	unmet := ""
	for i, l := range lambda {
		if l < 0 && unmet == "" {
			unmet = fmt.Sprintf("λ_%d = %.6g; expected no eigenvalue below 0", i+1, l)
		}
	}
	if unmet != "" {
		var checks []solvers.Check
		for _, name := range []string{main, end, order, limits} {
			source := inferred
			if name == order || name == limits {
				source = verified
			}
			checks = append(checks, solvers.Unmet(name, source, unmet))
		}
		return checks
	}
	L, M, delta := w.L, w.M, w.Delta
	checkSpectrum(lambda, L, M)
	unmet = needs(needBetween("δ", delta, 1), needBelow(fmt.Sprintf("λ_%d", L), "α²", alpha*alpha, lambda[L-1]))
	i1, i2, i3, bound := w.Times(lambda, alpha)
	b61, b2 := solvers.NewBound(main, inferred, 1e-12), solvers.NewBound(end, inferred, 1e-12)
	b34, b35 := solvers.NewBound(order, verified, 1e-12), solvers.NewBound(limits, verified, 1e-12)
	height := EffectiveRank(lambda[:L])
	values := make([]float64, len(lambda))
	for k, t := range times {
		for i, l := range lambda {
			values[i] = z(l, alpha, t)
			if i > 0 {
				b34.Observe(k, values[i], values[i-1])
			}
			b35.Observe(k, min(alpha*alpha, l), values[i])
			b35.Observe(k, values[i], max(alpha*alpha, l))
		}
		if unmet != "" {
			continue
		}
		// The windows are those of the theorem, whatever z is.
		if w.Holds(lambda, alpha, t) {
			b61.ObserveWithin(k, math.Abs(EffectiveRank(values)-height), bound, 1e-13*float64(len(lambda)))
		}
		if M > L && t >= max(i1, i3) && t <= i2 {
			b2.Observe(k, values[L], delta*values[0])
		}
	}
	if unmet != "" {
		return []solvers.Check{solvers.Unmet(main, inferred, unmet), solvers.Unmet(end, inferred, unmet), b34.Result(), b35.Result()}
	}
	c := b61.Result()
	c.Note = join(c.Note, fmt.Sprintf("I1 from %.6g, I2 to %.6g, I3 from %.6g", i1, i2, i3))
	return []solvers.Check{c, b2.Result(), b34.Result(), b35.Result()}
}
