package deep

import (
	"fmt"
	"math"

	"lowrank/solvers"
)

// prepareIdentical states the claims of section 2 before the perturbed start,
// Theorem 1.1 and Theorem 2.4.
func (l *ledger) prepareIdentical() {
	kind := l.needStart(IdenticalStart)
	if l.start.Kind != PerturbedStart {
		l.off = l.claim("Lemma 2.1, VᵀW_jV is diagonal", verified, kind)
		l.equal = l.claim("Lemma 2.1, one D(k) for all factors", verified, kind)
		l.recursion = l.claim("Lemma 2.1, recursion (18)", verified, kind)
	}

	scalar := ""
	for i, v := range l.lambda {
		if scalar == "" {
			scalar = needBelow(fmt.Sprintf("Lemma 2.2, λ_%d = %.6g", i+1, v), "η", l.eta, Params{Depth: l.depth, Lambda: v, Alpha: l.start.Alpha}.ScalarStepLimit())
		}
	}
	l.monotone = l.claim("Lemma 2.2, |d − λ₊^(1/N)| does not grow", inferred, needs(kind, scalar))
	l.between = l.claim("Lemma 2.2, d between α and λ₊^(1/N)", inferred, needs(kind, l.needDepth(), scalar))

	l.matrix = l.claim("Theorem 1.1, (11): |E_ii(k)| ≤ ε from T^Id on", inferred, needs(kind, l.needDepth(), l.needLimit()))
	l.first = l.claim("Theorem 2.4, (26): T ≤ T^Id", inferred, needs(kind, l.needDepth()))
	l.after = l.claim("Theorem 2.4, (27): the lower bound ≤ T", inferred, needs(kind, l.needDepth()))
	l.early = l.claim("Lemma 2.7: d(k) ≤ y(ηk)", verified, needs(kind, l.needDepth()))
	l.late = l.claim("Lemma 2.7: y(ηk/(1+ηK)) ≤ d(k)", inferred, needs(kind, l.needDepth()))

	if l.depth < 2 || l.start.Kind == OtherStart {
		return
	}
	l.upper = make([]int, len(l.hits))
	l.lower = make([]float64, len(l.hits))
	l.small = make([]bool, len(l.lambda))
	l.limit = make([]int, len(l.hits))
	for i, v := range l.lambda {
		why := l.needScalar(i)
		l.small[i] = why == ""
		for _, c := range []*claim{l.first, l.after, l.early, l.late} {
			c.why = needs(c.why, why)
		}
		for a, eps := range l.opts.Accuracies {
			p := l.place(i, a)
			l.upper[p], l.lower[p], l.limit[p] = -1, math.NaN(), -1
			if l.start.Kind != IdenticalStart || !(eps < math.Abs(intPower(l.start.Alpha, l.depth)-max(v, 0))) {
				continue
			}
			bound := Params{Depth: l.depth, Lambda: v, Alpha: l.start.Alpha, Eta: l.eta}.TimeBound(eps)
			l.limit[p] = bound
			if why == "" {
				l.upper[p] = bound
				l.lower[p] = Params{Depth: l.depth, Lambda: v, Alpha: l.start.Alpha, Eta: l.eta}.LowerBound(eps)
			}
		}
	}
}

// needScalar is (25) for one eigenvalue.
func (l *ledger) needScalar(i int) string {
	return needBelow(fmt.Sprintf("(25), λ_%d = %.6g", i+1, l.lambda[i]), "η", l.eta, Params{Depth: l.depth, Lambda: math.Abs(l.lambda[i]), Alpha: l.start.Alpha}.StepLimit())
}

// target is the limit of the product's eigenvalue.
func (l *ledger) target(i int) float64 {
	if l.depth == 1 || l.start.Kind == PerturbedStart {
		return l.lambda[i]
	}
	return max(l.lambda[i], 0)
}

func (l *ledger) observeIdentical(o observation, first bool) {
	depth, alpha, eta := l.depth, l.start.Alpha, l.eta
	round, tol := l.rounding(), l.tolerance()
	if l.left < 0 && l.leaves(o.off) {
		l.left = o.k
	}
	if l.left >= 0 {
		return
	}
	l.gap = 0
	for i, v := range l.lambda {
		// Where λ < 0 differences of the factors, which rounding makes, grow
		// like 1/d and decide once d is small.
		if v < 0 && depth > 1 && !l.diagonal && l.lost[i] < 0 && !(l.x[i] >= 10*math.Sqrt(tol)*alpha) {
			l.lost[i] = o.k
		}
	}
	l.off.observe(o.k, o.off, tol, 0, -1)
	for i, v := range l.lambda {
		if l.lost[i] >= 0 {
			continue
		}
		d := o.factors[0][i]
		p := o.product[i]
		for _, f := range o.factors {
			l.equal.near(o.k, f[i], d, tol*l.m, i)
			l.recursion.near(o.k, f[i], l.x[i], tol*l.m, i)
		}
		l.recursion.near(o.k, p, intPower(l.x[i], depth), tol*float64(depth)*intPower(l.m, depth), i)

		end := l.target(i)
		if depth > 1 {
			end = root(end, depth)
		}
		l.gap = max(l.gap, math.Abs(d-end))
		if !first {
			l.monotone.observe(o.k, math.Abs(d-end), math.Abs(l.prevB[i]-end), round, i)
		}
		l.between.observe(o.k, min(alpha, end), d, round, i)
		l.between.observe(o.k, d, max(alpha, end), round, i)
		if depth < 2 {
			continue
		}
		l.observeTimes(o.k, i, p)
		l.observeFlow(o.k, i, d, v, eta, round)
	}
	l.observeRank(o)
}

// leaves tells whether the iterates leave the diagonal because of rounding.
// Where λ_i < 0 the limit of the identical start is a saddle: an entry between
// the directions i and l of one factor, and its negative in another, grow at
// the rate d_l^(N−2)(|λ_i| − d_l^N) (inferred; l = i with the other sign). A
// deviation that this growth does not explain is left to Lemma 2.1.
func (l *ledger) leaves(off float64) bool {
	explained := 0.0
	for i, v := range l.lambda {
		if !(v < 0) || l.depth < 2 {
			continue
		}
		explained = max(explained, 1e6*l.unit*math.Exp(l.growth[i]))
		rate := 0.0
		for j, d := range l.x {
			p := -intPower(d, l.depth)
			if j == i {
				p = -p
			}
			rate = max(rate, intPower(d, l.depth-2)*(p-v))
		}
		l.growth[i] += l.eta * rate
	}
	return explained >= off && off > l.tolerance()/4
}

// observeTimes follows Theorems 1.1 and 2.4 for one eigenvalue.
func (l *ledger) observeTimes(k, i int, p float64) {
	distance := math.Abs(p - max(l.lambda[i], 0))
	l.begin(k, i, distance)
	for a, eps := range l.opts.Accuracies {
		at := l.place(i, a)
		if bound := l.limit[at]; bound >= 0 && k >= bound {
			l.matrix.observe(k, distance, eps, l.productRounding(), l.withEps(i, a))
		}
		if l.upper[at] < 0 || l.hits[at] >= 0 {
			continue
		}
		allowed := eps
		if k >= l.upper[at] {
			allowed += l.productRounding()
		}
		switch {
		case distance <= allowed:
			l.hits[at] = k
			l.first.observe(k, float64(k), float64(l.upper[at]), 0, l.withEps(i, a))
			if lower := l.lower[at]; lower == lower {
				// The lower bound is a real number with rounding errors.
				l.after.observe(k, lower, float64(k), 1e-9*lower, l.withEps(i, a))
			}
		case k >= l.upper[at]:
			l.first.observe(k, float64(k+1), float64(l.upper[at]), 0, l.withEps(i, a))
		}
	}
}

// observeFlow follows Lemma 2.7 while the flow of an eigenvalue is convex: to
// the inflection point from below, and for ever from above the limit.
func (l *ledger) observeFlow(k, i int, d, v, eta, round float64) {
	if !l.small[i] {
		return
	}
	depth, alpha := l.depth, l.start.Alpha
	t := eta * float64(k)
	start := intPower(alpha, depth)
	switch {
	case start > v:
		l.early.observe(k, d, Params{Depth: depth, Lambda: v, Alpha: alpha}.Flow(t), round, i)
	case start < Inflection(depth)*v:
		convex := Params{Depth: depth, Lambda: v, Alpha: alpha}.ConvexTime()
		slope := eta * largestSlope(depth) / timeScale(depth, v)
		if t <= convex {
			l.early.observe(k, d, Params{Depth: depth, Lambda: v, Alpha: alpha}.Flow(t), round, i)
		}
		if slow := t / (1 + slope); slope <= 1 && slow <= convex {
			l.late.observe(k, Params{Depth: depth, Lambda: v, Alpha: alpha}.Flow(slow), d, round, i)
		}
	}
}

// instabilityChecks runs (18) from α and checks Lemma B.1 on it:
//
//	(i)    N = 1, η > 2: |d − λ| grows without bound
//	(ii)   N ≥ 2, λ > 0: |g'(λ^(1/N))| = |1 − ηNλ^(2−2/N)|, so that λ^(1/N) repels
//	       if η > 2/(Nλ^(2−2/N)) and attracts if η < that
//	(iii)  N ≥ 2: |d| grows without bound if η > DivergentStep (inferred)
//
// At counts the steps of (18).
func instabilityChecks(p Params) []solvers.Check {
	depth, lambda, alpha, eta := p.Depth, p.Lambda, p.Alpha, p.Eta
	checkFlowDepth(depth)
	if !(alpha > 0 && eta > 0) {
		panic(badTimes)
	}
	const (
		one   = "Lemma B.1 (i), |d − λ| grows"
		two   = "Lemma B.1 (ii), λ^(1/N) repels"
		not   = "Lemma B.1 (ii), λ^(1/N) attracts"
		three = "Lemma B.1 (iii), |d| grows without bound"
	)
	above := func(limit float64) string {
		if !(eta > limit) {
			return fmt.Sprintf("η = %.6g; expected η > %.6g", eta, limit)
		}
		return ""
	}
	var checks []solvers.Check
	add := func(name, source, unmet string, center float64, runs bool) {
		if unmet != "" {
			checks = append(checks, solvers.Unmet(name, source, unmet))
			return
		}
		if runs {
			checks = append(checks, growthCheck(name, source, scalarRun(alpha, depth, lambda, eta), center))
		}
	}
	deep := ""
	if depth < 2 {
		deep = fmt.Sprintf("N = %d; expected N ≥ 2", depth)
	}
	positive := ""
	if !(lambda > 0) {
		positive = fmt.Sprintf("λ = %.6g; expected λ > 0", lambda)
	}

	single := ""
	if depth > 1 {
		single = fmt.Sprintf("N = %d; expected N = 1", depth)
	} else if alpha == lambda {
		single = fmt.Sprintf("α = λ = %.6g; expected another start", alpha)
	}
	add(one, verified, needs(single, above(2)), lambda, true)

	limit := p.UnstableStep()
	repels := needs(deep, positive, above(limit))
	attracts := needs(deep, positive, needBelow("stability", "η", eta, limit))
	add(two, verified, repels, 0, false)
	if repels == "" {
		checks = append(checks, fixedPointCheck(two, depth, lambda, eta, true))
	}
	add(not, verified, attracts, 0, false)
	if attracts == "" {
		checks = append(checks, fixedPointCheck(not, depth, lambda, eta, false))
	}

	add(three, inferred, needs(deep, above(p.DivergentStep())), 0, true)
	return checks
}

// scalarRun is (18) until it leaves 1e100 or for 10⁴ steps.
func scalarRun(d float64, depth int, lambda, eta float64) []float64 {
	run := []float64{d}
	for range 10000 {
		d = Params{Depth: depth, Lambda: lambda, Eta: eta}.Step(d)
		if d-d != 0 {
			break
		}
		run = append(run, d)
		if math.Abs(d) > 1e100 {
			break
		}
	}
	return run
}

// growthCheck checks that the distance of a run from center grows in every
// step. How far it comes stands in the note.
func growthCheck(name, source string, run []float64, center float64) solvers.Check {
	b := solvers.NewBound(name, source, 0)
	b.Relation = "<"
	for k := 1; k < len(run); k++ {
		before, now := math.Abs(run[k-1]-center), math.Abs(run[k]-center)
		if now == before {
			now = math.NaN()
		}
		b.Observe(k, before, now)
	}
	c := b.Result()
	if c.Verdict == solvers.Holds {
		c.Note = fmt.Sprintf("%.3g is reached after %d steps", math.Abs(run[len(run)-1]), len(run)-1)
	}
	return c
}

// fixedPointCheck makes one step from beside λ^(1/N).
func fixedPointCheck(name string, depth int, lambda, eta float64, repels bool) solvers.Check {
	l := root(lambda, depth)
	before := 1e-7 * l
	now := math.Abs(Params{Depth: depth, Lambda: lambda, Eta: eta}.Step(l+before) - l)
	return stepCheck(name, before, now, repels, math.Abs(1-eta*float64(depth)/timeScale(depth, lambda)))
}

// stepCheck compares the distances before and after a step. Too close to the
// threshold the curvature decides, and the two sides are for the reader.
func stepCheck(name string, before, now float64, repels bool, slope float64) solvers.Check {
	c := solvers.Check{Name: name, Source: verified, Left: before, Relation: "<", Right: now, At: 1, Note: fmt.Sprintf("|g'| = %.6g", slope)}
	if !repels {
		c.Left, c.Right = now, before
	}
	switch {
	case math.Abs(slope-1) < 1e-4:
		c.Verdict = solvers.Reported
	case !(c.Left < c.Right):
		c.Verdict = solvers.Fails
	}
	return c
}

// stageChecks checks Lemma E.1 for one eigenvalue, α^N < c_Nλ. With
// u = α/λ^(1/N),
//
//	N ≥ 3: λ^(2−2/N) T⁺_N = u^(−(N−2))/(N−2) + C_N − ρ,  u²/2 ≤ ρ ≤ u²/(2(1−u^N))
//	N = 2: T⁺_2 = ln((λ−α²)/(2α²))/(2λ)
func stageChecks(p Params) []solvers.Check {
	depth, lambda, alpha := p.Depth, p.Lambda, p.Alpha
	checkDeep(depth)
	names := []string{"Lemma E.1, u²/2 ≤ ρ(u)", "Lemma E.1, ρ(u) ≤ u²/(2(1−u^N))"}
	if depth == 2 {
		names = []string{"Lemma E.1, N = 2: T⁺"}
	}
	unmet := ""
	if !(alpha > 0) {
		unmet = fmt.Sprintf("α = %.6g; expected α > 0", alpha)
	}
	unmet = needs(unmet, needBelow("convex phase", "α^N", intPower(alpha, depth), Inflection(depth)*lambda))
	var checks []solvers.Check
	if unmet != "" {
		for _, name := range names {
			checks = append(checks, solvers.Unmet(name, verified, unmet))
		}
		return checks
	}
	return stageOfLength(names, depth, lambda, alpha, p.ConvexTime())
}

// stageOfLength compares a first stage of the length time.
func stageOfLength(names []string, depth int, lambda, alpha, time float64) []solvers.Check {
	if depth == 2 {
		want := math.Log((lambda-alpha*alpha)/(2*alpha*alpha)) / (2 * lambda)
		b := solvers.NewBound(names[0], verified, 0)
		b.Relation = "="
		b.Left, b.Right = time, want
		c := b.Check
		if !(math.Abs(time-want) <= 1e-12*max(math.Abs(want), 1/lambda)) {
			c.Verdict = solvers.Fails
		}
		return []solvers.Check{c}
	}
	u := alpha / root(lambda, depth)
	lead := 1 / (float64(depth-2) * intPower(u, depth-2))
	rho := lead + timeConstant(depth) - time/timeScale(depth, lambda)
	lower := solvers.NewBound(names[0], verified, 0)
	lower.ObserveWithin(-1, u*u/2, rho, 1e-13*(1+lead))
	upper := solvers.NewBound(names[1], verified, 0)
	upper.ObserveWithin(-1, rho, u*u/(2*(1-intPower(u, depth))), 1e-13*(1+lead))
	return []solvers.Check{lower.Result(), upper.Result()}
}
