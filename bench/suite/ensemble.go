package suite

import (
	"slices"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/sensing"
	"lowrank/solvers/symmetric"
)

// runsTogether is the number of runs of an ensemble.
const runsTogether = 10

// ensemble is an iteration of ten runs from ten seeds, float64, together and one
// after the other. Together they need one reading of the data, or ten times the
// operations of one run, whichever takes longer.
func ensemble(g Grid) []Operation {
	var list []Operation
	for _, backend := range g.backends() {
		if !slices.Contains(g.dtypes(), "f64") {
			continue
		}
		for _, system := range []struct {
			name              string
			make              func(b *blas.Backend, d, r int) (solvers.Ensemble, bench.Load, error)
			small, usual, big []int
		}{
			{"symmetric", symmetricRuns, []int{200}, []int{4000}, []int{4000}},
			{"asymmetric", asymmetricRuns, []int{200}, []int{4000}, []int{4000}},
			{"sensing", sensingRuns, []int{30}, []int{200}, []int{200}},
		} {
			for _, d := range g.d(system.small, system.usual, system.big) {
				for _, r := range g.r([]int{2}, []int{2}, []int{1, 2, 8}) {
					if r > d {
						continue
					}
					for _, together := range []bool{true, false} {
						list = append(list, g.operation("Ensemble", backend, "f64", func(b *blas.Backend) (Work, error) {
							e, load, err := system.make(b, d, r)
							if err != nil {
								return Work{}, err
							}
							return ensembleWork(e, load, together), nil
						}, "system", system.name, "d", d, "r", r, "runs", runsTogether, "together", together))
					}
				}
			}
		}
	}
	return list
}

func ensembleWork(e solvers.Ensemble, load bench.Load, together bool) Work {
	members, readings := e.Members(), 1
	run, errs := make([]int, len(members)), make([]error, len(members))
	for i := range run {
		run[i] = i
	}
	step := func() error { return e.StepEach(run, errs) }
	if !together {
		readings = len(members)
		step = func() error {
			for _, m := range members {
				if err := m.Step(); err != nil {
					return err
				}
			}
			return nil
		}
	}
	n := float64(len(members))
	return Work{Step: step, Bytes: float64(readings)*load.Pass + n*load.Bytes, Flops: n * load.Flops}
}

func symmetricRuns(b *blas.Backend, d, r int) (solvers.Ensemble, bench.Load, error) {
	op, err := sigmaOf[float64](b, "dense", d, runsTogether*r)
	if err != nil {
		return nil, bench.Load{}, err
	}
	var members []*symmetric.Solver[float64]
	for i := range runsTogether {
		members = append(members, symmetric.New(b, op, symmetric.RandomStart(d, r, 0.5, uint64(i)), still))
	}
	return symmetric.NewEnsemble(members...), bench.SymmetricLoad(op, members[0]), nil
}

func asymmetricRuns(b *blas.Backend, d, r int) (solvers.Ensemble, bench.Load, error) {
	a, err := squareOf[float64](b, d)
	if err != nil {
		return nil, bench.Load{}, err
	}
	var members []*asymmetric.Solver[float64]
	for i := range runsTogether {
		start := asymmetric.RandomStart(d, d, r, uint64(i))
		members = append(members, asymmetric.New(b, a, start.X, start.Y, 0.1, asymmetric.Alternating))
	}
	return asymmetric.NewEnsemble(members...), bench.AsymmetricLoad(a, members[0]), nil
}

func sensingRuns(b *blas.Backend, d, r int) (solvers.Ensemble, bench.Load, error) {
	a, err := measurementsOf[float64](b, "wide", d, 25*d)
	if err != nil {
		return nil, bench.Load{}, err
	}
	y := make([]float64, a.Count())
	if err := a.Measure(y, problem.Truth(d, 1, 1)); err != nil {
		return nil, bench.Load{}, err
	}
	var members []*sensing.Solver[float64]
	for i := range runsTogether {
		s, err := sensing.New(a, y, sensing.RandomStart(d, r, 1e-3, uint64(i)), 0.1)
		if err != nil {
			return nil, bench.Load{}, err
		}
		members = append(members, s)
	}
	return sensing.NewEnsemble(members...), bench.SensingLoad(a, members[0]), nil
}
