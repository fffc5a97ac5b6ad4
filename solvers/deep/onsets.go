package deep

import (
	"fmt"
	"math"

	"lowrank/solvers"
)

// begin takes in whether eigenvalue i of the product is within the accuracies at iterate k.
func (l *ledger) begin(k, i int, distance float64) {
	for a, eps := range l.opts.Accuracies {
		l.began[l.place(i, a)].Observe(k, solvers.Within(distance, eps, l.productRounding(), 0))
	}
}

// beginRank takes in whether the effective rank is as in the windows that have not ended
// at iterate k. Before them it is that of the eigenvalues, which have no part off the diagonal
// that counts.
func (l *ledger) beginRank(o observation) {
	for i := range l.windows {
		w := &l.windows[i]
		if w.rank.unmet != "" || float64(o.k) > w.hi {
			continue
		}
		rank := o.rank
		if !w.holds(o.k) || math.IsNaN(rank) {
			sum, most := 0.0, 0.0
			for _, z := range o.product {
				sum, most = sum+math.Abs(z), max(most, math.Abs(z))
			}
			rank = sum / most
		}
		w.began.Observe(o.k, solvers.Within(math.Abs(rank-w.height), w.bound, 1e4*l.unit*float64(len(l.lambda)), 0))
	}
}

// observedTo is the last iterate at which eigenvalue i was compared.
func (l *ledger) observedTo(i int) int {
	last := l.last
	if l.left >= 0 {
		last = min(last, l.left-1)
	}
	if l.lost[i] >= 0 {
		last = min(last, l.lost[i]-1)
	}
	return last
}

// since adds to a claim from a time on when it began to hold: that of the eigenvalue and
// accuracy with the least slack, or of the window.
func (l *ledger) since(c *claim, r *solvers.Check) {
	if r.Verdict != solvers.Holds && r.Verdict != solvers.Fails {
		return
	}
	for _, w := range l.windows {
		if w.rank == c {
			r.Since = &solvers.Since{Claimed: w.lo, First: w.began.First}
		}
	}
	if c != l.matrix && c != l.nonneg && c != l.negative {
		return
	}
	which := -1
	for i, v := range l.lambda {
		if c == l.nonneg && v < 0 || c == l.negative && v >= 0 {
			continue
		}
		for a := range l.opts.Accuracies {
			at := l.place(i, a)
			if l.limit[at] < 0 || l.limit[at] > l.observedTo(i) {
				continue
			}
			s := solvers.Since{Claimed: l.limit[at], First: l.began[at].First}
			if r.Since == nil || s.Slack() < r.Since.Slack() {
				r.Since, which = &s, l.withEps(i, a)
			}
		}
	}
	if r.Since != nil {
		r.Note = join(r.Note, fmt.Sprintf("the slack is the least of all, with %s", l.which(which)))
	}
}

// firsts are the numbers of the onsets, to be saved.
func (l *ledger) firsts() (out []*int) {
	for i := range l.began {
		out = append(out, &l.began[i].First)
	}
	for i := range l.windows {
		out = append(out, &l.windows[i].began.First)
	}
	return out
}
