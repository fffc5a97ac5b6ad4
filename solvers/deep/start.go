package deep

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// IdentityFactors is the identical start (7), W_j = αI. dims are d_0 … d_N; where a
// factor is not square its diagonal is α.
func IdentityFactors(dims []int, alpha float64) []blas.General[float64] {
	w := make([]blas.General[float64], len(dims)-1)
	for j := range w {
		w[j] = blas.NewGeneral[float64](dims[j+1], dims[j])
		for i := range min(dims[j+1], dims[j]) {
			w[j].Row(i)[i] = alpha
		}
	}
	return w
}

// PerturbedFactors is the perturbed identical start (13): as IdentityFactors, with α − β on
// the diagonal of W_1. Which factor it is does not matter for the product of
// square factors.
func PerturbedFactors(dims []int, alpha, beta float64) []blas.General[float64] {
	w := IdentityFactors(dims, alpha)
	for i := range min(dims[1], dims[0]) {
		w[0].Row(i)[i] = alpha - beta
	}
	return w
}

// GaussianFactors is a start of independent normal entries of mean 0 and one
// deviation for all factors, such that E‖W_N⋯W_1‖_F² = scale² (the paper asks
// that the expected norm be the same for all N; this form is inferred).
func GaussianFactors(dims []int, scale float64, seed uint64) []blas.General[float64] {
	depth := len(dims) - 1
	logs := 0.0
	for _, d := range dims {
		logs += math.Log(float64(d))
	}
	deviation := math.Exp((2*math.Log(scale) - logs) / float64(2*depth))
	w := make([]blas.General[float64], depth)
	for j := range w {
		w[j] = solvers.Gaussian(dims[j+1], dims[j], deviation, seed, fmt.Sprintf("deep start W%d", j+1))
	}
	return w
}
