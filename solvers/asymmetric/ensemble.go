package asymmetric

import (
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Ensemble is several trajectories on one A: an iteration of all reads A once.
// Each has the bits that it has alone.
type Ensemble[T blas.Float] struct {
	a       operator.Rectangular[T]
	order   Order
	solvers []*Solver[T]

	// Of those that make the step under way.
	x, y, nextX, nextY []blas.General[T]
	eta                []T
	gy, nextGX         [][]T
	norms              []blas.Norms
}

// NewEnsemble takes solvers, at least one, that were made with the same
// operator and order. They may differ in start, number of columns and step.
func NewEnsemble[T blas.Float](members ...*Solver[T]) *Ensemble[T] {
	if len(members) == 0 {
		panic(badEnsemble)
	}
	e := &Ensemble[T]{a: members[0].a, order: members[0].order, solvers: members}
	for _, s := range members {
		if s.a != e.a || s.order != e.order {
			panic(badEnsemble)
		}
	}
	return e
}

// Members are the trajectories, in the order of NewEnsemble.
func (e *Ensemble[T]) Members() []solvers.Method { return solvers.MethodsOf(e.solvers) }

// StepEach makes one iteration of the members with these numbers.
func (e *Ensemble[T]) StepEach(run []int, errs []error) error {
	e.x, e.y, e.nextX, e.nextY = e.x[:0], e.y[:0], e.nextX[:0], e.nextY[:0]
	e.eta, e.gy, e.nextGX, e.norms = e.eta[:0], e.gy[:0], e.nextGX[:0], e.norms[:0]
	for _, i := range run {
		s := e.solvers[i]
		s.enter()
		e.x, e.y = append(e.x, s.x), append(e.y, s.y)
		e.nextX, e.nextY = append(e.nextX, s.nextX), append(e.nextY, s.nextY)
		e.eta, e.gy, e.nextGX = append(e.eta, s.eta), append(e.gy, s.gy), append(e.nextGX, s.nextGX)
		e.norms = append(e.norms, blas.Norms{})
	}
	var err error
	if e.order == Simultaneous {
		err = operator.MulPairs(e.a, e.nextX, e.nextY, e.x, e.y)
	} else {
		err = operator.AlternatePairs(e.a, e.eta, e.nextX, e.nextY, e.x, e.y, e.gy, e.nextGX, e.norms)
	}
	if err != nil {
		for _, i := range run {
			e.solvers[i].leave()
		}
		return err
	}
	for at, i := range run {
		errs[at] = e.solvers[i].update(e.norms[at])
	}
	return nil
}
