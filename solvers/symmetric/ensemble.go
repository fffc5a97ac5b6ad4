package symmetric

import (
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Ensemble is several trajectories on one Σ: an iteration of all reads Σ once.
// Each has the bits that it has alone.
type Ensemble[T blas.Float] struct {
	op      operator.Operator[T]
	solvers []*Solver[T]
	x, y    []blas.General[T] // of those that make the step under way
}

// NewEnsemble takes solvers, at least one, that were made with the same
// operator. They may differ in start, number of columns and step.
func NewEnsemble[T blas.Float](members ...*Solver[T]) *Ensemble[T] {
	if len(members) == 0 {
		panic(badEnsemble)
	}
	for _, s := range members {
		if s.op != members[0].op {
			panic(badEnsemble)
		}
	}
	return &Ensemble[T]{op: members[0].op, solvers: members}
}

// Members are the trajectories, in the order of NewEnsemble.
func (e *Ensemble[T]) Members() []solvers.Method { return solvers.MethodsOf(e.solvers) }

// StepEach makes one iteration of the members with these numbers. Where Σ is a
// Stepper, as a diagonal one, whose pass is one over X, each makes its own.
func (e *Ensemble[T]) StepEach(run []int, errs []error) error {
	if e.solvers[0].stepper != nil {
		for at, i := range run {
			errs[at] = e.solvers[i].Step()
		}
		return nil
	}
	e.x, e.y = e.x[:0], e.y[:0]
	for _, i := range run {
		e.solvers[i].enter()
		e.x, e.y = append(e.x, e.solvers[i].x), append(e.y, e.solvers[i].y)
	}
	if err := operator.MulEach(e.op, e.y, e.x); err != nil {
		for _, i := range run {
			e.solvers[i].leave()
		}
		return err
	}
	for at, i := range run {
		errs[at] = e.solvers[i].update()
	}
	return nil
}
