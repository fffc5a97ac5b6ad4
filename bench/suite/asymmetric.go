package suite

import (
	"fmt"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

// asymmetricStep is a step of gradient descent, simultaneous or alternating, on
// ½‖XYᵀ − A‖² with a dense d×d matrix A: one reading of A.
func asymmetricStep(g Grid) []Operation {
	var list []Operation
	for backend, dtype := range g.types {
		for _, d := range g.d([]int{200}, []int{4000}, []int{1000, 4000}) {
			for _, method := range []string{"gd", "alternating"} {
				for _, r := range g.r([]int{1, 2, 5}, []int{2, 8}, []int{1, 2, 4, 8, 10, 32}) {
					if r > d {
						continue
					}
					list = append(list, g.operation("AsymmetricStep", backend, dtype, func(b *blas.Backend) (Work, error) {
						if dtype == "f32" {
							return asymmetricWork[float32](b, method, d, r)
						}
						return asymmetricWork[float64](b, method, d, r)
					}, "method", method, "d", d, "r", r))
				}
			}
		}
	}
	return list
}

func asymmetricWork[T blas.Float](b *blas.Backend, method string, d, r int) (Work, error) {
	a, err := squareOf[T](b, d)
	if err != nil {
		return Work{}, err
	}
	order := asymmetric.Simultaneous
	if method == "alternating" {
		order = asymmetric.Alternating
	}
	start := asymmetric.RandomStart(d, d, r, 1)
	s := asymmetric.New(b, a, blas.Convert[T](start.X), blas.Convert[T](start.Y), 0.1, order)
	return workOf(s.Step, bench.AsymmetricLoad(a, s)), nil
}

// squareOf is a dense d×d matrix A with elements of size 1/d.
func squareOf[T blas.Float](b *blas.Backend, d int) (operator.Rectangular[T], error) {
	return keep(keyOf[T](b, "square", d), func() (operator.Rectangular[T], error) {
		if err := elementsFit[T](fmt.Sprintf("a matrix of order %d", d), float64(d)*float64(d)); err != nil {
			return nil, err
		}
		return operator.NewDenseRectangular(b, d, d, func(i int, dst []T) {
			for j := range dst {
				dst[j] = T(element(i, j) / float64(d))
			}
		}), nil
	})
}
