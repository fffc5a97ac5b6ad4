package suite

import "lowrank/blas"

// product is Σ·X: half of Σ is read once, X once, and the result is written.
func product(g Grid) []Operation {
	var list []Operation
	for backend, dtype := range g.types {
		for _, sigma := range []string{"dense", "rounded"} {
			if sigma == "rounded" && dtype == "f32" {
				continue
			}
			for _, d := range g.d([]int{200}, []int{4000}, []int{1000, 4000, 10000}) {
				for _, r := range g.r([]int{1, 2, 5}, []int{2, 8}, []int{1, 2, 4, 8, 16, 64, 256}) {
					if r > d {
						continue
					}
					list = append(list, g.operation("Product", backend, dtype, func(b *blas.Backend) (Work, error) {
						if dtype == "f32" {
							return productWork[float32](b, sigma, d, r)
						}
						return productWork[float64](b, sigma, d, r)
					}, "sigma", sigma, "d", d, "r", r))
				}
			}
		}
	}
	return list
}

func productWork[T blas.Float](b *blas.Backend, sigma string, d, r int) (Work, error) {
	op, err := sigmaOf[T](b, sigma, d, r)
	if err != nil {
		return Work{}, err
	}
	x, y := filled[T](d, r, 1, r), blas.NewGeneral[T](d, r)
	return Work{
		Step:  func() error { return op.Mul(y, x) },
		Bytes: float64(op.Bytes()) + 2*float64(d)*float64(r)*float64(blas.SizeOf[T]()),
		Flops: op.Flops(r),
	}, nil
}
