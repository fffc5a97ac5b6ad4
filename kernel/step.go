package kernel

// Step is Kernels.Update[r−1], or Diagonal[r−1] where there is lambda, on any number of
// rows of r ≤ 2 columns, in plain Go: for the few rows behind the last whole group. The
// rows of x, r·m elements, say how many.
func Step[T Float](r int, eta T, lambda, x, y, g, sums []T) {
	if r == 1 {
		step1(eta, lambda, x, y, g, sums)
	} else {
		step2(eta, lambda, x, y, g, sums)
	}
}
