package symmetric

import "lowrank/solvers"

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
