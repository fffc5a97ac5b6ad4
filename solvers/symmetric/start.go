package symmetric

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
)

// RandomStart returns X_0 = ϖN_0 with entries of N_0 drawn from N(0, 1/d): for a
// constant ϖ the large random start of section 4.2, for ϖ = d^−ι the small one
// of section 4.1. The entries are drawn row by row, so that they do not depend
// on the element type.
func RandomStart(d, r int, scale float64, seed uint64) blas.General[float64] {
	return solvers.Gaussian(d, r, scale/math.Sqrt(float64(d)), seed, "symmetric start")
}

// SmallScale is the default ϖ of a small start, d^−1/2 of condition (12).
func SmallScale(d int) float64 { return 1 / math.Sqrt(float64(d)) }

// SpectralStart returns X_0 = scale·V_rΛ_r^½, eigenvalues below 0 taken as 0: with
// scale 1 a global minimum of f.
func SpectralStart(b *Eigenbasis, scale float64) blas.General[float64] {
	x := b.Vectors.Clone()
	for i := range x.Rows {
		for k := range x.Row(i) {
			x.Data[i*x.Stride+k] *= scale * math.Sqrt(max(b.Values[k], 0))
		}
	}
	return x
}

// BenignStart returns a start within the set R of (10): X_0 = V_rU_0 + J_0 with
// U_0 = √max(λ_r/2, Δ/4)·Q for a random orthogonal Q, and J_0 a random matrix
// orthogonal to V_r with σ_1²(J_0) = scale²(λ_r − Δ/2), 0 ≤ scale ≤ 1. It
// fails when R has no such point.
func BenignStart(b *Eigenbasis, scale float64, seed uint64) (blas.General[float64], error) {
	d, r := b.Vectors.Rows, b.Vectors.Cols
	lambda, delta := b.Values[r-1], b.Values[r-1]-b.Values[r]
	signal, noise := max(lambda/2, delta/4), lambda-delta/2
	switch {
	case scale < 0 || scale > 1:
		return blas.General[float64]{}, fmt.Errorf("a benign start needs a scale between 0 and 1; it is %g", scale)
	case !(delta > 0):
		return blas.General[float64]{}, fmt.Errorf("a benign start needs a gap λ_r − λ_{r+1} > 0; it is %.3g", delta)
	case noise < 0 || signal > 2*b.Values[0]:
		return blas.General[float64]{}, fmt.Errorf("no benign start exists: with λ_1 = %.4g, λ_r = %.4g and Δ = %.4g the set R is empty", b.Values[0], lambda, delta)
	}
	var qr mat.QR
	u := solvers.Gaussian(r, r, 1, seed, "benign signal")
	qr.Factorize(mat.NewDense(r, r, u.Data))
	var q mat.Dense
	qr.QTo(&q)

	j := solvers.Gaussian(d, r, 1, seed, "benign noise")
	for range 2 {
		removeSpan(b.Vectors, j)
	}
	if top := math.Sqrt(eigen.Largest(gramOf(j), r)); top > 0 {
		for i := range j.Data {
			j.Data[i] *= scale * math.Sqrt(noise) / top
		}
	}
	root := math.Sqrt(signal)
	for i := range d {
		v, row := b.Vectors.Row(i), j.Row(i)
		for c := range row {
			for k, w := range v {
				row[c] += root * w * q.At(k, c)
			}
		}
	}
	return j, nil
}

// removeSpan sets x ← x − V(Vᵀx).
func removeSpan(v, x blas.General[float64]) {
	u := make([]float64, v.Cols*x.Cols)
	for i := range x.Rows {
		for k, w := range v.Row(i) {
			for c, s := range x.Row(i) {
				u[k*x.Cols+c] += w * s
			}
		}
	}
	for i := range x.Rows {
		row := x.Row(i)
		for k, w := range v.Row(i) {
			for c := range row {
				row[c] -= w * u[k*x.Cols+c]
			}
		}
	}
}

func gramOf(x blas.General[float64]) []float64 {
	g := make([]float64, x.Cols*x.Cols)
	for i := range x.Rows {
		row := x.Row(i)
		for a, v := range row {
			for b, w := range row {
				g[a*x.Cols+b] += v * w
			}
		}
	}
	return g
}
