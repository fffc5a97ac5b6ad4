package paper

import (
	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/krylov"
)

// asymmetricRun is a run by either method.
type asymmetricRun struct {
	*asymmetric.Solver[float64] // of X and Y, or of their coordinates
	theory                      func(p asymmetric.Parameters, span *blas.General[float64], tail float64) (*asymmetric.Theory[float64], error)
	load                        load
}

// runs are runs from the starts with a step for each, and what steps them all.
func (p *asymmetricProblem) runs(starts []asymmetric.Start, eta []float64, order asymmetric.Order) ([]asymmetricRun, solvers.Ensemble, error) {
	if p.method == byKrylov {
		return p.runsInBases(starts, eta, order)
	}
	var runs []asymmetricRun
	var members []*asymmetric.Solver[float64]
	for i, start := range starts {
		s := asymmetric.New(p.backend, p.a, start.X, start.Y, eta[i], order)
		members = append(members, s)
		theory := func(t asymmetric.Parameters, span *blas.General[float64], tail float64) (*asymmetric.Theory[float64], error) {
			return asymmetric.NewTheory(s, t, span, tail)
		}
		runs = append(runs, asymmetricRun{s, theory, reading(bench.AsymmetricLoad(p.a, s))})
	}
	return runs, asymmetric.NewEnsemble(members...), nil
}

// runsInBases share the passes that their Krylov bases take.
func (p *asymmetricProblem) runsInBases(starts []asymmetric.Start, eta []float64, order asymmetric.Order) ([]asymmetricRun, solvers.Ensemble, error) {
	var x0, y0 []blas.General[float64]
	for _, s := range starts {
		x0, y0 = append(x0, s.X), append(y0, s.Y)
	}
	in, err := krylov.NewPair(p.backend, p.a, x0, y0)
	if err != nil {
		return nil, nil, err
	}
	var runs []asymmetricRun
	var members []*asymmetric.Krylov
	for i, start := range in {
		k := asymmetric.InBases(p.backend, start, eta[i], order, 0)
		members = append(members, k)
		runs = append(runs, asymmetricRun{k.Solver, k.NewTheory, reading(bench.Load{Pass: float64(p.a.Bytes())})})
	}
	return runs, solvers.SharingOf(members...), nil
}
