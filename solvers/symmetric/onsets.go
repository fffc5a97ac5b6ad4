package symmetric

import (
	"math"

	"lowrank/solvers"
)

// onsets find from which iterate on the inequalities of the claims hold and stay, whenever
// the paper claims them.
type onsets struct {
	inS, inR             *solvers.Onset
	above, noise, errors []*solvers.Onset // of the k-th signal: properties 3 and 4
}

func newOnsets(r int) onsets {
	o := onsets{inS: &solvers.Onset{}, inR: &solvers.Onset{}}
	for range r {
		o.above = append(o.above, &solvers.Onset{})
		o.noise = append(o.noise, &solvers.Onset{})
		o.errors = append(o.errors, &solvers.Onset{})
	}
	return o
}

func (o *onsets) all() []*solvers.Onset {
	out := append([]*solvers.Onset{o.inS, o.inR}, o.above...)
	return append(append(out, o.noise...), o.errors...)
}

// begin compares iterate t with the inequalities, with the rounding errors that claims
// allows them.
func (tr *Tracker[T]) begin(t int, q *Quantities) {
	l, o, slack := tr.lambda, tr.onsets, 64*tr.eps
	within := func(left, right float64) bool { return solvers.Within(left, right, tr.angle, slack) }
	bounded := within(q.Sigma1X*q.Sigma1X, 2*l[0])
	inS := bounded
	for k, s := range q.SigmaK {
		inS = inS && within(s*s, l[k]-3*tr.delta/4)
	}
	o.inS.Observe(t, inS)
	o.inR.Observe(t, bounded && within(tr.deltaR/4, q.SigmaRU*q.SigmaRU) && within(q.Sigma1J*q.Sigma1J, l[tr.r-1]-tr.deltaR/2))
	for k := range tr.r {
		o.above[k].Observe(t, within(tr.delta/2, q.Signal[k]))
		o.noise[k].ObserveDecay(t, q.Noise[k]-tr.floor, 1, math.Log1p(-tr.eta*tr.delta/6))
		limit := 2*l[0] + 24*float64(tr.r)/(tr.eta*tr.delta)
		o.errors[k].ObserveDecay(t, math.Abs(tr.times.P[k])-tr.floor, limit, math.Log1p(-tr.eta*tr.delta/8))
	}
}

// risen is t_init,k + T_{u_k}, for k from 0.
func (tr *Tracker[T]) risen(k int) int { return tr.times.Init[k] + tr.times.TU[k] }

// from is c, a claim that is made from a time on, with the time from which on it holds.
func (tr *Tracker[T]) from(claimed int, o *solvers.Onset, c solvers.Check) solvers.Check {
	if c.Verdict == solvers.Holds || c.Verdict == solvers.Fails {
		c.Since = &solvers.Since{Claimed: claimed, First: o.First}
	}
	return c
}
