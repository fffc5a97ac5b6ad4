package sensing

import (
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Ensemble is several trajectories from the same measurements: an iteration of
// all reads them once. Each has the bits that it has alone.
type Ensemble[T blas.Float] struct {
	a       operator.Measurement[T]
	solvers []*Solver[T]

	// Of those that make the step under way.
	moved       []int // their places in run
	u, gradient []blas.General[T]
	residual    [][]T
}

// NewEnsemble takes solvers, at least one, that were made with the same
// measurements and the same slice y. They may differ in start, number of
// columns and step.
func NewEnsemble[T blas.Float](members ...*Solver[T]) *Ensemble[T] {
	if len(members) == 0 {
		panic(badEnsemble)
	}
	for _, s := range members {
		if s.a != members[0].a || len(s.y) > 0 && &s.y[0] != &members[0].y[0] {
			panic(badEnsemble)
		}
	}
	return &Ensemble[T]{a: members[0].a, solvers: members}
}

// Members are the trajectories, in the order of NewEnsemble.
func (e *Ensemble[T]) Members() []solvers.Method { return solvers.MethodsOf(e.solvers) }

// StepEach makes one iteration of the members with these numbers.
func (e *Ensemble[T]) StepEach(run []int, errs []error) error {
	e.moved, e.u, e.gradient, e.residual = e.moved[:0], e.u[:0], e.gradient[:0], e.residual[:0]
	for at, i := range run {
		s := e.solvers[i]
		if errs[at] = s.move(); errs[at] != nil {
			continue
		}
		e.moved = append(e.moved, at)
		e.u, e.gradient, e.residual = append(e.u, s.u), append(e.gradient, s.gradient), append(e.residual, s.residual)
	}
	if len(e.moved) == 0 {
		return nil
	}
	if err := operator.Gradients(e.a, e.gradient, e.residual, e.u, e.solvers[0].y); err != nil {
		return err
	}
	for _, at := range e.moved {
		errs[at] = e.solvers[run[at]].checkGrowth()
	}
	return nil
}
