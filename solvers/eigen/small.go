package eigen

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers"
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

// FactorSingular are the r singular values of x, d×r, whose Gram matrix xᵀx is known, largest
// first. From the Gram matrix, O(r³), σ_k has an error of ε/2·(σ_1/σ_k)² of itself. Where that
// is more than ε^¾/2, 1e-12 in float64 and 3e-6 in float32, or squares leave the range, they
// come from x itself, O(dr²), to a rounding error of σ_1. They are NaN where x is not finite.
func FactorSingular[T blas.Float](x blas.General[T], gram []T) []float64 {
	r := x.Cols
	g := make([]float64, r*r)
	for i, v := range gram {
		g[i] = float64(v)
	}
	epsilon, smallest := solvers.Epsilon[T](), 0x1p-1022
	if blas.SizeOf[T]() == 4 {
		smallest = 0x1p-126
	}
	squares := smallValues(g, r)
	if squares == nil || !(squares[0] > math.Sqrt(math.Sqrt(epsilon))*squares[r-1] && squares[0] > smallest/epsilon) {
		return append(SingularValues(x), make([]float64, max(r-x.Rows, 0))...)
	}
	sigma := make([]float64, r)
	for k := range sigma {
		sigma[k] = math.Sqrt(squares[r-1-k])
	}
	return sigma
}
