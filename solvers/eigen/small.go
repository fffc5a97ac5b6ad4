package eigen

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
)

// Largest is the largest eigenvalue of the positive semi-definite r×r matrix
// a, to a rounding error of itself; NaN when a is not finite.
func Largest(a []float64, r int) float64 {
	values := smallValues(a, r)
	if values == nil {
		return math.NaN()
	}
	return max(values[r-1], 0)
}

// smallValues are the eigenvalues of the symmetric r×r matrix a, ascending; nil
// when a is not finite or the iteration for them fails.
func smallValues(a []float64, r int) []float64 {
	if !finite(a) {
		return nil
	}
	switch r {
	case 1:
		return []float64{a[0]}
	case 2:
		mean, half := (a[0]+a[3])/2, math.Hypot((a[0]-a[3])/2, a[1])
		return []float64{mean - half, mean + half}
	}
	// gonum's eigenvalue routines fail on elements near the ends of the range.
	var top float64
	for _, v := range a {
		top = max(top, math.Abs(v))
	}
	_, exponent := math.Frexp(top)
	sym := mat.NewSymDense(r, nil)
	for i := range r {
		for j := range i + 1 {
			sym.SetSym(i, j, math.Ldexp(a[i*r+j], -exponent))
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, false) {
		return nil
	}
	values := eig.Values(nil)
	for i, v := range values {
		values[i] = math.Ldexp(v, exponent)
	}
	return values
}

// SmallestSingular is σ_r of the r×r matrix u, to a rounding error of σ_1.
func SmallestSingular(u blas.General[float64]) float64 {
	values := SingularValues(u)
	return values[len(values)-1]
}

func finite(x []float64) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// GramSingular are the singular values of a matrix with r columns, largest
// first, from its r×r Gram matrix: small ones are accurate to √ε of the
// largest. They are NaN when the Gram matrix is not finite.
func GramSingular[T blas.Float](gram []T, r int) []float64 {
	g := make([]float64, r*r)
	for i, v := range gram {
		g[i] = float64(v)
	}
	sigma := make([]float64, r)
	values := smallValues(g, r)
	for k := range sigma {
		sigma[k] = math.NaN()
		if values != nil {
			sigma[k] = math.Sqrt(max(values[r-1-k], 0))
		}
	}
	return sigma
}
