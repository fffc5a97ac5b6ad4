package problem

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// NewTarget is a symmetric n×n matrix with the given eigenvalues, 0 for those
// not given, diagonal or with random eigenvectors. On top comes symmetric
// Gaussian noise whose spectral norm is about noise.
func NewTarget(n int, eigenvalues []float64, diagonal bool, noise float64, seed uint64) blas.General[float64] {
	lambda := make([]float64, n)
	copy(lambda, eigenvalues)
	w := blas.NewGeneral[float64](n, n)
	if diagonal {
		for i, l := range lambda {
			w.Row(i)[i] = l
		}
	} else {
		m := NewDense(lambda, seed)
		for i := range n {
			m.Row(i, w.Row(i)[:i+1])
			for j := range i {
				w.Row(j)[i] = w.Row(i)[j]
			}
		}
	}
	if noise != 0 {
		addSymmetricNoise(w, noise, seed)
	}
	return w
}

// addSymmetricNoise adds (G + Gᵀ)·s with the spectral norm noise, up to the
// fluctuations of a random matrix.
func addSymmetricNoise(w blas.General[float64], noise float64, seed uint64) {
	n := w.Rows
	g := solvers.Gaussian(n, n, 1, seed, "noise")
	// The norm of G + Gᵀ is about 2√(2n).
	s := noise / (2 * math.Sqrt(2*float64(n)))
	for i := range n {
		for j := range n {
			w.Row(i)[j] += s * (g.Row(i)[j] + g.Row(j)[i])
		}
	}
}
