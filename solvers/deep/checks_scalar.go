package deep

import (
	"fmt"
	"math"
	"slices"

	"lowrank/solvers"
)

// ScalarChecks are the claims that need no run of matrices, for a target with
// eigenvalues lambda and N, α and η of p: Lemma B.1 and, for positive
// eigenvalues, Lemma E.1, each at the eigenvalue where it is in worst standing,
// and for depth 2 and no negative eigenvalue Theorem 3.1 for every window, with
// δ = ε and M = n, on a grid of times.
func ScalarChecks(p Params, lambda []float64, windows []RankWindow) []solvers.Check {
	alpha := p.Alpha
	values := slices.Clone(lambda)
	slices.SortFunc(values, func(a, b float64) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	var all worst
	for _, l := range slices.Compact(slices.Clone(values)) {
		one := Params{Depth: p.Depth, Lambda: l, Alpha: alpha, Eta: p.Eta}
		all.add(l, instabilityChecks(one))
		if p.Depth >= 2 && l > 0 {
			all.add(l, stageChecks(one))
		}
	}
	if p.Depth != 2 || values[len(values)-1] < 0 {
		return all
	}
	for _, w := range windows {
		if w.L > len(values) || !(values[w.L-1] > alpha*alpha) {
			all = append(all, solvers.Unmet(fmt.Sprintf("Theorem 3.1, L = %d", w.L), inferred, fmt.Sprintf("λ_L is not above α² = %.6g", alpha*alpha)))
			continue
		}
		checks := flowWindowChecks(FlowWindow{L: w.L, M: len(values), Delta: w.Eps}, values, alpha, timesFor(values[w.L-1], alpha))
		for i := range checks {
			checks[i].Name += fmt.Sprintf(", L = %d", w.L)
		}
		all = append(all, checks...)
	}
	return all
}

// timesFor is a grid that reaches well behind the time at which λ is learnt.
func timesFor(lambda, alpha float64) []float64 {
	end := 4 * math.Log(lambda/(alpha*alpha)) / lambda
	times := make([]float64, 400)
	for i := range times {
		times[i] = end * float64(i+1) / float64(len(times))
	}
	return times
}

// worst keeps for each name the check in worst standing: a claim that fails
// before one that holds, that before one whose condition is not met.
type worst []solvers.Check

func (w *worst) add(lambda float64, checks []solvers.Check) {
	rank := func(c solvers.Check) int {
		return map[solvers.Verdict]int{solvers.Fails: 3, solvers.Holds: 2, solvers.Reported: 1}[c.Verdict]
	}
	for _, c := range checks {
		c.Note = join(fmt.Sprintf("λ = %.6g", lambda), c.Note)
		i := slices.IndexFunc(*w, func(o solvers.Check) bool { return o.Name == c.Name })
		switch {
		case i < 0:
			*w = append(*w, c)
		case rank(c) > rank((*w)[i]):
			(*w)[i] = c
		}
	}
}
