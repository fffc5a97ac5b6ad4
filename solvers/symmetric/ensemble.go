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
	entered []*Solver[T]      // those whose products are made
	x, y    []blas.General[T] // of those
	failed  []bool            // those that ended by their last step
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
	return &Ensemble[T]{op: members[0].op, solvers: members, failed: make([]bool, len(members))}
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
	if err := e.products(run, func(*Solver[T]) bool { return true }); err != nil {
		return err
	}
	for at, i := range run {
		errs[at] = e.solvers[i].update()
		e.failed[i] = errs[at] != nil
	}
	return e.products(run, func(s *Solver[T]) bool { return s.ahead })
}

// products makes those that are asked for and not there, in one pass.
func (e *Ensemble[T]) products(run []int, asked func(s *Solver[T]) bool) error {
	e.x, e.y, e.entered = e.x[:0], e.y[:0], e.entered[:0]
	for _, i := range run {
		if s := e.solvers[i]; !s.ready && !e.failed[i] && asked(s) {
			s.enter(s.trace())
			e.x, e.y, e.entered = append(e.x, s.x), append(e.y, s.y), append(e.entered, s)
		}
	}
	if len(e.x) == 0 {
		return nil
	}
	err := operator.MulEach(e.op, e.y, e.x)
	for _, s := range e.entered {
		s.leave()
		s.ready = err == nil
	}
	return err
}
