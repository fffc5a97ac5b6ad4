package paper

import (
	"math"
	"slices"

	"lowrank/solvers/sensing"
)

// theoremTime is t̂, the sum (6) of Theorem 3.3 that bounds the iterations of the three
// phases, its constants taken as 1: at a small multiple of it the first descent is
// over, and the test error stays nearly as it is.
func theoremTime(s sensing.Setting) float64 {
	sum := 0.0
	for _, phase := range s.Durations() {
		sum += phase
	}
	return sum
}

// figure4Run is the run of one α.
type figure4Run struct {
	alpha, that   float64 // α and its t̂
	small         bool    // α meets (4), its constant taken as 1
	t, loss, test []float64
	ruled         int // the row where f first meets the rule, or −1
}

func newFigure4Run(s sensing.Setting, recorded *Table, rule float64) figure4Run {
	r := figure4Run{alpha: s.Alpha, that: theoremTime(s), small: s.Alpha <= s.InitialScale()}
	for _, row := range recorded.Rows {
		r.t, r.loss, r.test = append(r.t, row[0]), append(r.loss, row[1]), append(r.test, row[2])
	}
	r.ruled = slices.IndexFunc(r.loss, func(f float64) bool { return f <= rule })
	return r
}

func (r figure4Run) last() int { return len(r.t) - 1 }

// reaches tells whether the run goes on to a multiple of its t̂.
func (r figure4Run) reaches(multiple float64) bool {
	return r.last() >= 0 && multiple*r.that <= r.t[r.last()]
}

// at is the test error at a multiple of t̂, between recorded iterates on the straight
// line through the logarithms.
func (r figure4Run) at(multiple float64) float64 {
	t := multiple * r.that
	i := slices.IndexFunc(r.t, func(v float64) bool { return v >= t })
	switch {
	case i < 0:
		return math.NaN()
	case i == 0 || r.t[i] == t:
		return r.test[i]
	}
	share := (t - r.t[i-1]) / (r.t[i] - r.t[i-1])
	return math.Exp((1-share)*math.Log(r.test[i-1]) + share*math.Log(r.test[i]))
}

// useful tells whether the run has found X: a test error of 1 or more is not better
// than that of U = 0.
func (r figure4Run) useful(c *sensingFig4Config) bool { return r.at(c.From) < 1 && r.at(c.To) < 1 }

// figure4Points are the runs with what is derived from them.
type figure4Points struct {
	c    *sensingFig4Config
	runs []figure4Run // by ascending α

	ends   *Table // a row for each α
	slopes *Table // a row for each stopping time

	fitted                int     // the number of useful runs
	slope, intercept, r2  float64 // at From
	leastSlope, mostSlope float64 // from From to To
	leastR2               float64
}

// fitExponent is the paper's exponent of α in (5), a bound.
const fitExponent = 21. / 16

// line fits log(test error) at a multiple of t̂ against log α, over the useful runs
// that go on to it.
func (p *figure4Points) line(multiple float64) (slope, intercept, r2 float64, count int) {
	var x, y []float64
	for _, r := range p.runs {
		if r.useful(p.c) && r.reaches(multiple) {
			x, y = append(x, r.alpha), append(y, r.at(multiple))
		}
	}
	if len(x) < 3 {
		return math.NaN(), math.NaN(), math.NaN(), len(x)
	}
	slope, intercept, r2 = fit(logs(x), logs(y))
	return slope, intercept, r2, len(x)
}

// derive makes the tables.
func (p *figure4Points) derive() {
	c, nan := p.c, math.NaN()
	p.slope, p.intercept, p.r2, p.fitted = p.line(c.From)
	p.ends = newTable("", "alpha", "t_hat", "t_plateau_from", "test_plateau_from", "test_plateau_to", "test_fitted", "test_useless", "t_by_rule", "test_by_rule",
		"iterations", "loss", "test", "test_capped", "fit", "guide")
	middle := 0.0 // of the fitted log α: the guide passes through the fit there
	for _, r := range p.runs {
		if r.useful(c) {
			middle += math.Log10(r.alpha) / float64(p.fitted)
		}
	}
	for _, r := range p.runs {
		fitted, useless, byRule, ruledAt, capped := r.at(c.From), nan, nan, nan, nan
		if !r.useful(c) && r.reaches(c.To) {
			fitted, useless = nan, fitted
		}
		last := r.last()
		if r.ruled >= 0 {
			ruledAt, byRule = r.t[r.ruled], r.test[r.ruled]
		} else {
			capped = r.test[last]
		}
		x := math.Log10(r.alpha)
		p.ends.add(r.alpha, r.that, c.From*r.that, r.at(c.From), r.at(c.To), fitted, useless, ruledAt, byRule, r.t[last], r.loss[last], r.test[last], capped,
			math.Pow(10, p.intercept+p.slope*x), math.Pow(10, p.intercept+p.slope*middle+fitExponent*(x-middle)))
	}
	p.slopes = newTable("slopes", "multiple", "slope", "r2", "runs")
	p.leastSlope, p.mostSlope, p.leastR2 = math.Inf(1), math.Inf(-1), math.Inf(1)
	for _, multiple := range p.multiples() {
		slope, _, r2, count := p.line(multiple)
		p.slopes.add(multiple, slope, r2, float64(count))
		if multiple >= c.From && multiple <= c.To {
			// min and max are NaN where one is.
			p.leastSlope, p.mostSlope, p.leastR2 = min(p.leastSlope, slope), max(p.mostSlope, slope), min(p.leastR2, r2)
		}
	}
}

// multiples are the stopping times, in t̂: From, To and what lies between them and
// around them in even steps of the logarithm, from half of From as far as all useful
// runs go that the rule has not ended.
func (p *figure4Points) multiples() []float64 {
	const steps = 16 // from From to To
	end := math.Inf(1)
	for _, r := range p.runs {
		if r.useful(p.c) && r.ruled < 0 {
			end = min(end, r.t[r.last()]/r.that)
		}
	}
	if math.IsInf(end, 1) {
		end = p.c.To
	}
	var all []float64
	ratio := math.Pow(p.c.To/p.c.From, 1./steps)
	for k := -int(math.Log(2) / math.Log(ratio)); ; k++ {
		v := p.c.From * math.Pow(ratio, float64(k))
		if k == steps {
			v = p.c.To
		}
		if k > steps && v > end {
			return all
		}
		all = append(all, v)
	}
}

func (p *figure4Points) verdicts(m *making) {
	c := p.c
	needed, short := 0.0, false
	var useless, ruled, late []float64
	for _, r := range p.runs {
		needed = max(needed, c.To*r.that)
		short = short || !r.reaches(c.To)
		switch {
		case r.ruled >= 0 && r.t[r.ruled] < c.From*r.that:
			ruled = append(ruled, r.alpha)
		case r.ruled >= 0:
			late = append(late, r.alpha)
		}
		if !r.useful(c) {
			useless = append(useless, r.alpha)
		}
	}
	if short {
		m.verdict(false, "%d iterations are too few: the test error is judged from %g t̂ to %g t̂, which takes %.0f",
			c.Iterations, c.From, c.To, math.Ceil(needed))
		return
	}
	if p.fitted < 3 {
		m.verdict(false, "%d of %d runs have a test error below 1 at %g t̂; a straight line needs at least 3",
			p.fitted, len(p.runs), c.From)
		return
	}
	alpha, test := p.ends.points("alpha", "test_fitted")
	first, last := alpha[0], alpha[len(alpha)-1]
	m.verdict(p.leastR2 > 0.98 && p.leastSlope > 1, "log–log straight once the first descent is over: over %d α "+
		"from %g to %g, stopped anywhere from %g t̂(α) to %g t̂(α), t̂ the sum (6) with constants 1, the test error "+
		"goes like α^%.3f to α^%.3f (above 1) with R² of at least %.4f (above 0.98)",
		p.fitted, first, last, c.From, c.To, p.leastSlope, p.mostSlope, p.leastR2)
	least, flat, steep := math.Inf(1), math.Inf(1), math.Inf(-1)
	for i := 1; i < len(test); i++ {
		least = min(least, test[i]/test[i-1])
		local := math.Log(test[i]/test[i-1]) / math.Log(alpha[i]/alpha[i-1])
		flat, steep = min(flat, local), max(steep, local)
	}
	m.verdict(least > 1, "the test error at %g t̂ decreases as α decreases: from %.3g at α = %g to %.3g at "+
		"α = %g, by a factor of at least %.3g from each α to the next",
		c.From, test[len(test)-1], last, test[0], first, least)
	m.note("both verdicts rest on the iterates up to t = %.0f; a longer limit of iterations does not change them", math.Ceil(needed))
	m.note("the guide drawn beside the fit has the exponent 21/16 = %.4f of (5), a bound up to a constant for "+
		"small α; the fit at %g t̂ has %.3f, from one α to the next it is %.2f to %.2f", fitExponent, c.From, p.slope, flat, steep)
	small := &figure4Points{c: c}
	for _, r := range p.runs {
		if r.small {
			small.runs = append(small.runs, r)
		}
	}
	if slope, _, r2, count := small.line(c.From); count >= 3 {
		m.note("over the %d α of them that meet (4) with the constant 1 it is %.3f, R² = %.4f", count, slope, r2)
	}
	if len(useless) > 0 {
		m.note("the test error is above 1, that of U = 0, at α = %s: not in the fit", listed(useless))
	}
	p.ruleNotes(m, ruled, late)
}

// ruleNotes say what the paper's rule and the limit of iterations do.
func (p *figure4Points) ruleNotes(m *making, ruled, late []float64) {
	c := p.c
	if len(ruled) > 0 {
		m.note("the paper's rule f ≤ %g is met before %g t̂ at α = %s: there the rule, not α, would decide the test error (crosses)",
			c.Loss, c.From, listed(ruled))
	}
	if len(late) > 0 {
		m.note("the paper's rule is met after %g t̂ at α = %s", c.From, listed(late))
	}
	var capped []float64
	low, high := math.Inf(1), 0.0
	for _, r := range p.runs {
		if r.ruled < 0 {
			capped = append(capped, r.alpha)
			low, high = min(low, r.loss[r.last()]), max(high, r.loss[r.last()])
		}
	}
	if len(capped) == 0 {
		return
	}
	m.note("not down at the paper's rule after %d iterations: α = %s, with f from %.2g to %.2g", c.Iterations, listed(capped), low, high)
	if k := len(p.slopes.Rows); k > 0 && p.slopes.Rows[k-1][0] > c.To {
		row := p.slopes.Rows[k-1]
		m.note("stopped later, the points bend from the line: at %.3g t̂ the slope is %.3f with R² = %.4f, over %.0f α that the rule has not ended",
			row[0], row[1], row[2], row[3])
	}
}
