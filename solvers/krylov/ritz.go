package krylov

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Ritz returns the largest eigenvalues of H, at most count, with bounds of their
// distances from eigenvalues of Σ: ‖B·(last block of the eigenvector of H)‖, and an
// allowance for rounding.
func (k *Basis) Ritz(count int) (values, residuals []float64) {
	n := k.Size()
	if n == 0 {
		return nil, nil
	}
	// gonum's eigenvalue routines fail on elements near the ends of the range.
	_, exponent := math.Frexp(k.h.Norm())
	h := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			h.SetSym(i, j, math.Ldexp(k.h.At(i, j), -exponent))
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(h, true) {
		return nil, nil
	}
	ascending := eig.Values(nil)
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	for i := n - 1; i >= max(n-count, 0); i-- {
		values = append(values, math.Ldexp(ascending[i], exponent))
		residual := OfMatrix*k.h.Norm() + k.LeftOut()
		for a := range k.coupling.Rows {
			var s float64
			for c, b := range k.coupling.Row(a) {
				s += b * vectors.At(n-k.coupling.Cols+c, i)
			}
			residual = math.Hypot(residual, s)
		}
		residuals = append(residuals, residual)
	}
	return values, residuals
}
