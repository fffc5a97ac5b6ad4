package bench

import (
	"fmt"
	"testing"

	"lowrank/bench/problem"
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
	"lowrank/solvers/symmetric"
)

// BenchmarkEnsemble times an iteration of ten runs from ten seeds, together
// and one after the other:
//
//	go test -run - -bench 'Ensemble/system=symmetric' ./bench
//
// The bound of the iteration together is one reading of the data, or ten times
// the operations of one run, whichever takes longer.
func BenchmarkEnsemble(b *testing.B) {
	const runs = 10
	be := open(b, "native")
	for _, c := range []struct {
		system string
		d, r   int
	}{{"symmetric", 4000, 1}, {"symmetric", 4000, 2}, {"symmetric", 4000, 8}, {"asymmetric", 4000, 8}, {"sensing", 200, 5}} {
		for _, together := range []bool{true, false} {
			b.Run(fmt.Sprintf("system=%s/d=%d/r=%d/runs=%d/together=%t", c.system, c.d, c.r, runs, together), func(b *testing.B) {
				e, bytes, flops := ensembleOf(b, be, c.system, c.d, c.r, runs)
				if !together {
					bytes *= runs
				}
				members := e.Members()
				run, errs := make([]int, runs), make([]error, runs)
				for i := range run {
					run[i] = i
				}
				step := func() {
					if together {
						if err := e.StepEach(run, errs); err != nil {
							b.Fatal(err)
						}
						return
					}
					for _, m := range members {
						if err := m.Step(); err != nil {
							b.Fatal(err)
						}
					}
				}
				step()
				b.ResetTimer()
				for range b.N {
					step()
				}
				report[float64](b, be.Threads, bytes, runs*flops)
			})
		}
	}
}

// ensembleOf makes runs that differ in their seeds, and what one of them reads
// and computes in an iteration.
func ensembleOf(b *testing.B, be *blas.Backend, system string, d, r, runs int) (e solvers.Ensemble, bytes, flops float64) {
	switch system {
	case "symmetric":
		op := denseSigma(be, d)
		var members []*symmetric.Solver[float64]
		for i := range runs {
			members = append(members, symmetric.New(be, op, symmetric.Large(d, r, 0.5, uint64(i)), 0.1))
		}
		return symmetric.NewEnsemble(members...), 8 * float64(d) * float64(d) / 2, op.Flops(r)
	case "asymmetric":
		op := operator.NewDenseRectangular(be, d, d, func(i int, dst []float64) {
			for j := range dst {
				dst[j] = element(i, j) / float64(d)
			}
		})
		var members []*asymmetric.Solver[float64]
		for i := range runs {
			s := asymmetric.Random(d, d, r, uint64(i))
			members = append(members, asymmetric.New(be, op, s.X, s.Y, 0.1, asymmetric.Alternating))
		}
		return asymmetric.NewEnsemble(members...), float64(op.Bytes()), op.Flops(r)
	}
	const m = 5000
	a, err := problem.GenerateMeasurements[float64](be, "gaussian", d, m, problem.HeldWide, 1)
	if err != nil {
		b.Fatal(err)
	}
	y := make([]float64, m)
	if err := a.Measure(y, problem.Truth(d, r, 1)); err != nil {
		b.Fatal(err)
	}
	var members []*sensing.Solver[float64]
	for i := range runs {
		s, err := sensing.New(a, y, sensing.Small(d, r, 1e-3, uint64(i)), 0.1)
		if err != nil {
			b.Fatal(err)
		}
		members = append(members, s)
	}
	return sensing.NewEnsemble(members...), float64(a.Bytes()), a.Flops(r)
}

// lastEnsembleSigma keeps the last Σ: its making takes longer than a step.
var lastEnsembleSigma *operator.Dense[float64]

func denseSigma(be *blas.Backend, d int) *operator.Dense[float64] {
	if lastEnsembleSigma == nil || lastEnsembleSigma.Dim() != d {
		lastEnsembleSigma = operator.NewDense(be, d, func(i int, dst []float64) {
			for j := range dst {
				dst[j] = element(i, j) / float64(d)
			}
		})
	}
	return lastEnsembleSigma
}
