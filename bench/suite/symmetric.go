package suite

import (
	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers/symmetric"
)

// symmetricStep is a step of gradient descent on ¼‖Σ − XXᵀ‖². At sizes where
// part of Σ stays in cache from step to step, %bound may pass 100.
func symmetricStep(g Grid) []Operation {
	var list []Operation
	for backend, dtype := range g.types {
		for _, sigma := range []string{"dense", "rounded", "diagonal"} {
			if sigma == "rounded" && dtype == "f32" {
				continue
			}
			for _, d := range symmetricDims(g, sigma) {
				for _, r := range g.r([]int{1, 2, 5}, []int{1, 2, 8, 64}, []int{1, 2, 4, 8, 16, 32, 64, 256}) {
					if r > d || sigma == "diagonal" && r > 64 {
						continue
					}
					list = append(list, SymmetricStep(g, backend, dtype, sigma, d, r))
				}
			}
		}
	}
	return list
}

func symmetricDims(g Grid, sigma string) []int {
	switch sigma {
	case "dense":
		return g.d([]int{200}, []int{1000, 4000}, []int{1000, 4000, 4096, 10000})
	case "rounded":
		return g.d([]int{200}, []int{4000}, []int{4000, 10000})
	}
	return g.d([]int{200}, []int{100000}, []int{4000, 100000})
}

// SymmetricStep is the step on a Σ that is dense, rounded (held as float32) or
// diagonal.
func SymmetricStep(g Grid, backend, dtype, sigma string, d, r int) Operation {
	return g.operation("SymmetricStep", backend, dtype, func(b *blas.Backend) (Work, error) {
		if dtype == "f32" {
			return symmetricWork[float32](b, sigma, d, r)
		}
		return symmetricWork[float64](b, sigma, d, r)
	}, "sigma", sigma, "d", d, "r", r)
}

func symmetricWork[T blas.Float](b *blas.Backend, sigma string, d, r int) (Work, error) {
	op, err := sigmaOf[T](b, sigma, d, r)
	if err != nil {
		return Work{}, err
	}
	s := symmetric.New(b, op, blas.Convert[T](symmetric.RandomStart(d, r, 0.5, 1)), still)
	return workOf(s.Step, bench.SymmetricLoad(op, s)), nil
}
