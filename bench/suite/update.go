package suite

import "lowrank/blas"

// update is the cubic update: X and Y are read, the next X is written over Y.
func update(g Grid) []Operation {
	var list []Operation
	for backend, dtype := range g.types {
		for _, d := range g.d([]int{200}, []int{100000}, []int{4000, 100000, 1000000}) {
			for _, r := range g.r([]int{1, 2, 5}, []int{2, 8}, []int{1, 2, 4, 8, 16, 64}) {
				if r > d {
					continue
				}
				list = append(list, g.operation("Update", backend, dtype, func(b *blas.Backend) (Work, error) {
					if dtype == "f32" {
						return updateWork[float32](b, d, r)
					}
					return updateWork[float64](b, d, r)
				}, "d", d, "r", r))
			}
		}
	}
	return list
}

func updateWork[T blas.Float](b *blas.Backend, d, r int) (Work, error) {
	if err := thinFit[T](d, r); err != nil {
		return Work{}, err
	}
	x, y := filled[T](d, r, 1/float64(d), 1), filled[T](d, r, 1/float64(d), 2)
	gram := make([]T, r*r)
	sweep := blas.FusedOf[T](b).NewSweep(d, r)
	sweep.Gram(x, gram)
	dr := float64(d) * float64(r)
	return Work{
		Step: func() error {
			sweep.Update(still, x, y, gram)
			return nil
		},
		Bytes: 3 * dr * float64(blas.SizeOf[T]()),
		Flops: 3 * dr * float64(r),
	}, nil
}
