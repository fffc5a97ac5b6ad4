package symmetric

import (
	"fmt"
	"math"
	"strings"

	"lowrank/solvers"
)

// Checks are the claims of sections 2 (of one column) to 5 beside what was observed. Those with
// explicit constants are checked at every iterate they speak of:
//
//   - (5), (6) and (7), where r = 1;
//   - S of (13) is absorbing (Theorem 6, property 1, and Lemma 8);
//   - σ_1²(u_{k,t}) ≥ Δ/2 for t ≥ t_init,k + T_{u_k} (property 3, Lemmas 9 and 11);
//   - σ_1(u_{k,t}K_{k,t}ᵀ) ≤ (1 − ηΔ/6)^(t−t_k) and
//     |p_{k,t}| ≤ (2λ_1 + 24r/(ηΔ))(1 − ηΔ/8)^(t−t_k) for t ≥ t_k, (16)
//     (property 4, Lemma 10);
//   - X_t is in R of (10) for t ≥ t_R (property 5);
//   - R is absorbing, and σ_r²(U)/σ_1²(J) ≥ Δ/(4λ_1) within it (Theorem 2).
//
// Beside each stands from which iterate on it holds and stays: a bound that decays from
// t_k with its decay from there in place of t_k.
//
// Claims up to constants are Reported: Left is what was measured, Right the
// expression inside O(·). Finite times hold once they are reached: a finite
// run cannot refute them.
//
// Lemma 10 is taken with σ_1(X_0) ≤ 1/√(3η) and the constant 24r/(ηΔ) of
// Theorem 6, where the text of the lemma has misprints. Property 4 for k = r is
// not in the paper, which stops at k < r: it is inferred. That Σ is positive
// semi-definite is checked as far as its r+1 leading eigenvalues show.
func (tr *Tracker[T]) Checks() []solvers.Check {
	tm, r, l := &tr.times, tr.r, tr.lambda
	d := float64(tr.theory.order)
	eta, delta, on := tr.eta, tr.delta, tr.onsets
	var out []solvers.Check
	add := func(c solvers.Check) { out = append(out, c) }

	base := tr.conditions()
	third := fmt.Sprintf("Δ/(100λ_1²) = %.4g", delta/(100*l[0]*l[0]))
	lemma8 := append(tr.step(1/(12*l[0]), fmt.Sprintf("1/(12λ_1) = %.4g", 1/(12*l[0]))), base...)
	theorem6 := append(tr.step(delta/(100*l[0]*l[0]), third), base...)
	positive := append([]string{}, theorem6...)
	for k := range r {
		positive = append(positive, tr.positive(k)...)
	}

	if tr.rankOne != nil {
		out = append(out, tr.sectionTwo()...)
	}

	// Theorem 2.
	local := tr.spectrum(tr.deltaR, "λ_r − λ_{r+1}")
	local = append(tr.localStep(tr.deltaR), local...)
	noR := fmt.Sprintf("no iterate up to t = %d was in R", tm.Last)
	add(tr.from(tm.EntryR, on.inR, tr.exact("Theorem 2, R is absorbing", "paper", local, tr.inR, noR)))
	add(tr.exact("Theorem 2, SNR σ_r²(U)/σ_1²(J) ≥ Δ/(4λ_1) in R", "paper", tr.spectrum(tr.deltaR, "λ_r − λ_{r+1}"), tr.snrLeast, noR))
	growth := solvers.Unmet("Theorem 2, least growth of the SNR in a step", "inferred", "no two iterates in R with J above rounding errors")
	if tr.growthAt != Unreached {
		growth = report(growth.Name, "inferred", tr.growth, 1/(1-eta*tr.deltaR/6), tr.growthAt)
		growth.Relation = "≥"
		growth.Note += "; the paper gives no factor: 1/(1 − ηΔ/6) is that of its iteration count"
	}
	add(unless(local, growth))
	for i, e := range Epsilons {
		name := fmt.Sprintf("Theorem 2, iterations from R to ‖Σ_r − XXᵀ‖ ≤ %g", e)
		add(unless(local, tr.duration(name, "inferred", tm.EntryR, tm.Spectral[i], tr.localCount(tr.deltaR, e), noR, tr.noAccuracy(e))))
	}

	// Lemmas 8 to 11.
	toS := math.Log(1/(6*eta*l[0]))/(eta*l[0]) + math.Log(8*l[0]/delta)/(eta*delta)
	noS := tr.waiting()
	add(tr.from(tm.Init[0], on.inS, tr.exact("Lemma 8, S is absorbing", "paper", lemma8, tr.inS, noS)))
	add(unless(lemma8, tr.duration("Lemma 8, t_init,1", "paper", 0, tm.Init[0], toS, noS, noS)))
	lemma9 := append(append([]string{}, lemma8...), tr.positiveInit(0)...)
	add(tr.from(tr.risen(0), on.above[0], tr.exact("Lemma 9, σ_1²(u_1) ≥ Δ/2", "paper", lemma9, tr.above[0], noS)))
	add(unless(lemma9, tr.rise("Lemma 9, T_{u_1}", 0)))
	lemma10 := append(append([]string{}, theorem6...), tr.positive(0)...)
	add(tr.from(tm.T[0], on.noise[0], tr.exact("Lemma 10, σ_1(u_1K_1ᵀ)", "paper", lemma10, tr.noise[0], noS)))
	add(tr.from(tm.T[0], on.errors[0], tr.exact("Lemma 10, |p_1|", "paper", lemma10, tr.errors[0], noS)))
	if r > 1 {
		lemma11 := append(append([]string{}, lemma10...), tr.positiveInit(1)...)
		add(tr.from(tr.risen(1), on.above[1], tr.exact("Lemma 11, σ_1²(u_2) ≥ Δ/2", "paper", lemma11, tr.above[1], noS)))
		add(unless(lemma11, tr.rise("Lemma 11, T_{u_2}", 1)))
	}

	// Theorem 6.
	add(tr.from(tm.Init[0], on.inS, tr.exact("Theorem 6, property 1, S is absorbing", "paper", theorem6, tr.inS, noS)))
	add(unless(theorem6, tr.duration("Theorem 6, property 1, t_init,1", "paper", 0, tm.Init[0], toS, noS, noS)))
	for k := range r {
		name := fmt.Sprintf("Theorem 6, property 2, k = %d, ", k+1)
		finite := solvers.Unmet(name+"t_init,k and t_k are finite", "paper", noS)
		if tm.T[k] != Unreached {
			finite.Verdict = solvers.Holds
			finite.Note = fmt.Sprintf("t_init,%d = %d, t_%d = %d", k+1, tm.Init[k], k+1, tm.T[k])
		}
		add(unless(positive, finite))
		add(unless(positive, tr.rise(name+"T_{u_k}", k)))
	}
	for k := range r {
		add(tr.from(tr.risen(k), on.above[k], tr.exact(fmt.Sprintf("Theorem 6, property 3, k = %d", k+1), "paper", positive, tr.above[k], noS)))
	}
	for k := range r {
		source := "paper"
		if k == r-1 {
			source = "inferred"
		}
		name := fmt.Sprintf("Theorem 6, property 4, k = %d, ", k+1)
		add(tr.from(tm.T[k], on.noise[k], tr.exact(name+"σ_1(u_kK_kᵀ)", source, positive, tr.noise[k], noS)))
		add(tr.from(tm.T[k], on.errors[k], tr.exact(name+"|p_k| (16)", source, positive, tr.errors[k], noS)))
	}
	add(tr.from(tm.TR, on.inR, tr.exact("Theorem 6, property 5, X_t in R from t_R on", "paper", positive, tr.inRAfter, noS)))
	sixth := append(tr.localStep(delta), positive...)
	for i, e := range Epsilons {
		name := fmt.Sprintf("Theorem 6, property 6, iterations from t_R to ‖Σ_r − XXᵀ‖_F ≤ %g", e)
		add(unless(sixth, tr.duration(name, "inferred", tm.TR, tm.Accuracy[i], tr.localCount(delta, e), noS, tr.noAccuracy(e))))
	}
	for i, e := range Epsilons {
		name := fmt.Sprintf("Theorem 6, property 7, iterations to ‖Σ_r − XXᵀ‖_F ≤ %g", e)
		add(unless(sixth, tr.duration(name, "inferred", 0, tm.Accuracy[i], math.Log(d)+math.Log(1/e), "", tr.noAccuracy(e))))
	}
	return out
}

// sectionTwo are (5) to (7) at the step closest to failing, and how far α and β are from
// their limits. The limit of α_t is λ_1^½ (inferred: the text has λ_1, and
// diag(1, 0, …, 0) for x_tx_tᵀ, which agree for λ_1 = 1).
func (tr *Tracker[T]) sectionTwo() []solvers.Check {
	p, l := tr.rankOne, tr.lambda
	unmet := tr.step(1/(12*l[0]), fmt.Sprintf("1/(12λ_1) = %.4g", 1/(12*l[0])))
	if p.last == Unreached {
		unmet = []string{"no iterate was observed"}
	} else {
		unmet = append(unmet, tr.spectrum(tr.delta, "λ_1 − λ_2")...)
		unmet = append(unmet, tr.positive(0)...)
		if !(p.norm0 < 2*l[0]) {
			unmet = append(unmet, fmt.Sprintf("‖x_0‖ is %.4g; expected below 2λ_1 = %.4g", p.norm0, 2*l[0]))
		}
	}
	var left []string
	if p.outside != Unreached {
		left = append(left, fmt.Sprintf("from t = %d on there are steps with η‖x_t‖² above 1, or with s of (8) outside [−½, ½]; they are left out", p.outside))
	}
	if p.unresolved != Unreached {
		left = append(left, fmt.Sprintf("from t = %d on there are steps whose α_t or β_t is too near rounding errors for ηΔ/3 to show; they are left out", p.unresolved))
	}
	note := strings.Join(left, "; ")
	var out []solvers.Check
	for _, claim := range []struct {
		name string
		*allowed
	}{
		{"(5), α_t from above", p.signalUp}, {"(5), α_t from below", p.signalDown}, {"(6), β_t", p.noise},
		{"(7), β_t/α_t, first inequality", p.factor}, {"(7), β_t/α_t ≤ (1 − ηΔ/3)β_{t−1}/α_{t−1}", p.ratio},
	} {
		c := tr.exact("Section 2, "+claim.name, "paper", unmet, claim.Bound, "no step of this run can be compared: "+note)
		if c.Verdict == solvers.Holds {
			c.Note = note
		}
		out = append(out, c)
	}
	limit := report("Section 2, |α_t² − λ_1|", "inferred", math.Abs(p.alpha*p.alpha-l[0]), l[0], p.last)
	noise := report("Section 2, β_t", "paper", p.beta, math.Sqrt(max(l[0], 0)), p.last)
	return append(out, unless(unmet, limit), unless(unmet, noise))
}

// localCount is the expression of Theorem 2, (6/(ηΔ)) ln(200rλ_1³/(ηΔ²ε)).
func (tr *Tracker[T]) localCount(delta, accuracy float64) float64 {
	return 6 / (tr.eta * delta) * math.Log(200*float64(tr.r)*cube(tr.lambda[0])/(tr.eta*delta*delta*accuracy))
}

func (tr *Tracker[T]) noAccuracy(e float64) string {
	return fmt.Sprintf("the error did not reach %g in %d iterations", e, tr.times.Last)
}

// rise reports T_{u_k} beside (4/(ηΔ)) log(Δ/(2σ_1²(u_{k,t_init,k}))).
func (tr *Tracker[T]) rise(name string, k int) solvers.Check {
	tm := &tr.times
	if tm.TU[k] == Unreached {
		return solvers.Unmet(name, "paper", tr.waiting())
	}
	right := 4 / (tr.eta * tr.delta) * math.Log(tr.delta/(2*tr.signalInit[k]))
	return report(name, "paper", float64(tm.TU[k]), right, tm.Init[k]+tm.TU[k])
}

// duration reports to − from, at least 0, beside an expression.
func (tr *Tracker[T]) duration(name, source string, from, to int, expression float64, noFrom, noTo string) solvers.Check {
	switch {
	case from == Unreached:
		return solvers.Unmet(name, source, noFrom)
	case from > tr.times.Last:
		return solvers.Unmet(name, source, tr.waiting())
	case to == Unreached:
		return solvers.Unmet(name, source, noTo)
	}
	return report(name, source, float64(max(to-from, 0)), expression, to)
}

// report is a claim up to constants.
func report(name, source string, measured, expression float64, at int) solvers.Check {
	c := solvers.Check{Name: name, Source: source, Verdict: solvers.Reported, Left: measured, Relation: "≤", Right: expression, At: at}
	if expression > 0 {
		c.Note = fmt.Sprintf("measured ÷ expression = %.4g", measured/expression)
	} else {
		c.Note = "the expression is not positive: there is no ratio"
	}
	return c
}

// exact is a claim that was compared with every iterate that it speaks of.
func (tr *Tracker[T]) exact(name, source string, unmet []string, b *solvers.Bound, missing string) solvers.Check {
	c := b.Result()
	c.Name, c.Source = name, source
	if c.Verdict == solvers.NotMet {
		c.Note = missing
	}
	return unless(unmet, c)
}

// from is c, a claim that is made from a time on, with the time from which on it holds; of one
// whose time the run has not reached, what it shows so far.
func (tr *Tracker[T]) from(claimed int, o *solvers.Onset, c solvers.Check) solvers.Check {
	if c.Verdict == solvers.Holds || c.Verdict == solvers.Fails {
		c.Since = &solvers.Since{Claimed: claimed, First: o.First}
	}
	if wait := tr.waiting(); c.Verdict == solvers.NotMet && c.Note == wait && o.First <= tr.times.Last {
		c.Note += fmt.Sprintf("; so far it holds and stays from t = %d on", o.First)
	}
	return c
}

// risen is t_init,k + T_{u_k}, for k from 0.
func (tr *Tracker[T]) risen(k int) int { return tr.times.Init[k] + tr.times.TU[k] }

// unless is c, or the conditions of its claim that do not hold.
func unless(unmet []string, c solvers.Check) solvers.Check {
	if len(unmet) == 0 {
		return c
	}
	return solvers.Unmet(c.Name, c.Source, strings.Join(unmet, "; "))
}

// conditions are those of all of section 4.2 that do not hold: on Σ and X_0.
func (tr *Tracker[T]) conditions() []string {
	if tr.times.Last == Unreached {
		return []string{"no iterate was observed"}
	}
	out := tr.spectrum(tr.delta, "min_{i≤r}(λ_i − λ_{i+1})")
	if most := 1 / math.Sqrt(3*tr.eta); !(tr.sigmaX0 <= most*(1+4*tr.eps)) {
		out = append(out, fmt.Sprintf("σ_1(X_0) is %.4g; expected at most 1/√(3η) = %.4g", tr.sigmaX0, most))
	}
	return out
}

// spectrum is what does not hold of the eigenvalues.
func (tr *Tracker[T]) spectrum(delta float64, name string) []string {
	var out []string
	l, rounding := tr.lambda, 1e-12*math.Abs(tr.lambda[0])+tr.residual
	if !(delta > 2*tr.residual) {
		out = append(out, fmt.Sprintf("Δ = %s is %.4g; expected above %.4g", name, delta, 2*tr.residual))
	}
	if last := l[tr.r]; !(last >= -rounding) {
		out = append(out, fmt.Sprintf("λ_{r+1} is %.4g; expected at least 0, Σ being positive semi-definite", last))
	}
	return out
}

// step is the condition η ≤ most, if it does not hold.
func (tr *Tracker[T]) step(most float64, name string) []string {
	if tr.eta <= most*(1+4*tr.eps) {
		return nil
	}
	return []string{fmt.Sprintf("η is %.4g; expected at most %s", tr.eta, name)}
}

// localStep is the condition of Theorem 2.
func (tr *Tracker[T]) localStep(delta float64) []string {
	most := delta * delta / (36 * cube(tr.lambda[0]))
	return tr.step(most, fmt.Sprintf("Δ²/(36λ_1³) = %.4g", most))
}

func (tr *Tracker[T]) positive(k int) []string {
	if tr.signal0[k] > 0 {
		return nil
	}
	return []string{fmt.Sprintf("σ_1²(u_{%d,0}) is %.4g; expected above 0", k+1, tr.signal0[k])}
}

func (tr *Tracker[T]) positiveInit(k int) []string {
	if tr.times.Init[k] == Unreached || tr.signalInit[k] > 0 {
		return nil
	}
	return []string{fmt.Sprintf("σ_1²(u_{%d,t}) is %.4g at t = t_init,%d; expected above 0", k+1, tr.signalInit[k], k+1)}
}

// waiting names the first time that the run has not reached.
func (tr *Tracker[T]) waiting() string {
	tm := &tr.times
	unreached := func(name string) string { return fmt.Sprintf("%s was not reached in %d iterations", name, tm.Last) }
	late := func(name string, t int) string {
		return fmt.Sprintf("%s = %d is after the last iterate, %d", name, t, tm.Last)
	}
	for k := range tr.r {
		switch {
		case tm.Init[k] == Unreached && k == 0:
			return unreached("t_init,1")
		case tm.Init[k] == Unreached:
			return unreached(fmt.Sprintf("t_%d^*", k))
		case tm.TU[k] == Unreached:
			return unreached(fmt.Sprintf("T_{u_%d}", k+1))
		case tm.T[k] == Unreached:
			return "t^* of (14) is too large for this η and Δ"
		case tm.T[k] > tm.Last:
			return late(fmt.Sprintf("t_%d", k+1), tm.T[k])
		}
	}
	if tm.TR == Unreached {
		return "t^♯ of (14) is too large for this η and Δ"
	}
	if tm.TR > tm.Last {
		return late("t_R", tm.TR)
	}
	return "" // all were reached
}
