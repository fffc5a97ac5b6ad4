package suite

import (
	"fmt"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// level3 are products of d×d matrices.
func level3(g Grid) []Operation {
	var list []Operation
	for backend, dtype := range g.types {
		for _, routine := range []string{"gemm", "syrk", "symm"} {
			for _, d := range g.d([]int{64}, []int{1024}, []int{256, 1024, 2048, 4096}) {
				list = append(list, g.operation("Level3", backend, dtype, func(b *blas.Backend) (Work, error) {
					if dtype == "f32" {
						return level3Work[float32](b, routine, d)
					}
					return level3Work[float64](b, routine, d)
				}, "routine", routine, "d", d))
			}
		}
	}
	return list
}

func level3Work[T blas.Float](b *blas.Backend, routine string, n int) (Work, error) {
	if err := elementsFit[T](fmt.Sprintf("three matrices of order %d", n), 3*float64(n)*float64(n)); err != nil {
		return Work{}, err
	}
	x, y, z := filled[T](n, n, 1, 1).Data, filled[T](n, n, 1, 2).Data, make([]T, n*n)
	r := blas.RoutinesOf[T](b.BLAS)
	cube := float64(n) * float64(n) * float64(n)
	square := float64(blas.SizeOf[T]()) * float64(n) * float64(n)
	switch routine {
	case "syrk": // x is read, half of z written
		return Work{Bytes: 1.5 * square, Flops: cube, Step: func() error {
			r.Syrk(gblas.Lower, gblas.NoTrans, n, n, 1, x, n, 0, z, n)
			return nil
		}}, nil
	case "symm": // half of x is read, y too, z written
		return Work{Bytes: 2.5 * square, Flops: 2 * cube, Step: func() error {
			r.Symm(gblas.Left, gblas.Lower, n, n, 1, x, n, y, n, 0, z, n)
			return nil
		}}, nil
	}
	return Work{Bytes: 3 * square, Flops: 2 * cube, Step: func() error {
		r.Gemm(gblas.NoTrans, gblas.NoTrans, n, n, n, 1, x, n, y, n, 0, z, n)
		return nil
	}}, nil
}
