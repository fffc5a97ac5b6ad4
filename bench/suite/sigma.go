package suite

import (
	"fmt"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/operator"
)

// sigmaOf is a Σ of order d with elements of size 1/d: dense, rounded to
// float32, or the diagonal one of Figure 1 of the symmetric paper. It is refused
// where it does not fit in memory with X of r columns.
func sigmaOf[T blas.Float](b *blas.Backend, sigma string, d, r int) (operator.Operator[T], error) {
	if err := thinFit[T](d, r); err != nil {
		return nil, err
	}
	return keep(keyOf[T](b, sigma, d), func() (operator.Operator[T], error) {
		bytes := 8 * thinCopies * float64(d) * float64(r)
		switch sigma {
		case "dense":
			bytes += problem.DenseBytes[T, T](b, d)
		case "rounded":
			bytes += problem.DenseBytes[float32, T](b, d)
		}
		if err := problem.CheckMemory(fmt.Sprintf("a step with a %s Σ of order %d", sigma, d), bytes); err != nil {
			return nil, err
		}
		scale := 1 / float64(d)
		switch sigma {
		case "dense":
			return operator.NewDense(b, d, func(i int, dst []T) {
				for j := range dst {
					dst[j] = T(scale * element(i, j))
				}
			}), nil
		case "rounded":
			return operator.NewRounded[T](b, d, func(i int, dst []float32) {
				for j := range dst {
					dst[j] = float32(scale * element(i, j))
				}
			}), nil
		}
		return diagonalOf[T](b, d)
	})
}

func diagonalOf[T blas.Float](b *blas.Backend, d int) (operator.Operator[T], error) {
	op, _, err := problem.Generate[T](b, "fig1", d, 2, problem.AsDiagonal, 1)
	return op, err
}
