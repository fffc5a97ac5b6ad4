package suite

import (
	"lowrank/bench"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// sensingStep is a step on ¼‖𝒜(UUᵀ) − y‖² with m = 50d Gaussian matrices of
// order d, held as the arithmetic has them (wide) or narrower: one reading.
func sensingStep(g Grid) []Operation {
	var list []Operation
	for backend, dtype := range g.types {
		for _, storage := range []string{"wide", "f32", "bf16"} {
			if storage == dtype {
				continue
			}
			for _, d := range g.d([]int{30}, []int{200}, []int{200}) {
				for _, r := range g.r([]int{2}, []int{5}, []int{5, 200}) {
					if r > d {
						continue
					}
					list = append(list, g.operation("SensingStep", backend, dtype, func(b *blas.Backend) (Work, error) {
						if dtype == "f32" {
							return sensingWork[float32](b, storage, d, r)
						}
						return sensingWork[float64](b, storage, d, r)
					}, "storage", storage, "d", d, "r", r))
				}
			}
		}
	}
	return list
}

func sensingWork[T blas.Float](b *blas.Backend, storage string, d, r int) (Work, error) {
	a, err := measurementsOf[T](b, storage, d, 50*d)
	if err != nil {
		return Work{}, err
	}
	y := make([]T, a.Count())
	if err := a.Measure(y, blas.Convert[T](problem.Truth(d, 1, 1))); err != nil {
		return Work{}, err
	}
	s, err := sensing.New(a, y, blas.Convert[T](sensing.RandomStart(d, r, 1e-3, 1)), 0.1)
	if err != nil {
		return Work{}, err
	}
	return workOf(s.Step, bench.SensingLoad(a, s)), nil
}

func measurementsOf[T blas.Float](b *blas.Backend, storage string, d, m int) (operator.Measurement[T], error) {
	held := map[string]problem.Held{"wide": problem.HeldWide, "f32": problem.HeldFloat32, "bf16": problem.HeldBFloat16}[storage]
	return keep(keyOf[T](b, "measurements", storage, d, m), func() (operator.Measurement[T], error) {
		return problem.GenerateMeasurements[T](b, "gaussian", d, m, held, 1)
	})
}
