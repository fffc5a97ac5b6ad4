package suite

import (
	"fmt"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers/deep"
)

// deepStep is a step of all N factors, d×d each, of ½‖W_N⋯W_1 − Ŵ‖².
func deepStep(g Grid) []Operation {
	var list []Operation
	for backend, dtype := range g.types {
		for _, d := range g.d([]int{50}, []int{200, 1000}, []int{100, 200, 500, 1000, 2000}) {
			for _, depth := range []int{2, 3, 6} {
				list = append(list, g.operation("DeepStep", backend, dtype, func(b *blas.Backend) (Work, error) {
					if dtype == "f32" {
						return deepWork[float32](b, d, depth)
					}
					return deepWork[float64](b, d, depth)
				}, "d", d, "depth", depth))
			}
		}
	}
	return list
}

func deepWork[T blas.Float](b *blas.Backend, d, depth int) (Work, error) {
	// The start in float64; factors, gradients, partial products, Ŵ and the error.
	if err := elementsFit[T](fmt.Sprintf("%d factors of order %d", depth, d), float64(5*depth+4)*float64(d)*float64(d)); err != nil {
		return Work{}, err
	}
	dims := make([]int, depth+1)
	for i := range dims {
		dims[i] = d
	}
	start := deep.IdentityFactors(dims, 0.5)
	w0 := make([]blas.General[T], depth)
	for i := range w0 {
		w0[i] = blas.Convert[T](start[i])
	}
	s := deep.New(b, filled[T](d, d, 1/float64(d), 1), w0, 1e-3)
	return workOf(s.Step, bench.DeepLoad(s)), nil
}
