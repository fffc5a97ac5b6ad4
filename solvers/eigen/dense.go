package eigen

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
)

// SingularValues are all min(m, n) singular values of a, largest first, to a rounding error
// of the largest: from a itself, O(mn·min(m, n)), not from a Gram matrix, which loses those
// below √ε of it. They are NaN where a is not finite.
func SingularValues[T blas.Float](a blas.General[T]) []float64 {
	values, _, _ := decomposed(blas.Convert[float64](a), mat.SVDNone)
	return values
}

// thinSVD is a = U·diag(values)·Vᵀ, the values descending, U and V with as many columns as
// there are. Where a is not finite the values are NaN, and U and V zero.
func thinSVD(a blas.General[float64]) (values []float64, u, v blas.General[float64]) {
	values, left, right := decomposed(a.Clone(), mat.SVDThin)
	return values, general(left), general(right)
}

// decomposed overwrites a, which has no gaps between its rows.
func decomposed(a blas.General[float64], kind mat.SVDKind) (values []float64, u, v *mat.Dense) {
	count := min(a.Rows, a.Cols)
	values = make([]float64, count)
	if count == 0 {
		return values, nil, nil
	}
	// Away from the ends of the range, where the decomposition may fail.
	var top float64
	for _, x := range a.Data {
		top = max(top, math.Abs(x)) // max keeps a NaN
	}
	_, exponent := math.Frexp(top)
	for i, x := range a.Data {
		a.Data[i] = math.Ldexp(x, -exponent)
	}
	var svd mat.SVD
	if top-top != 0 || !svd.Factorize(mat.NewDense(a.Rows, a.Cols, a.Data), kind) {
		for i := range values {
			values[i] = math.NaN()
		}
		return values, mat.NewDense(a.Rows, count, nil), mat.NewDense(a.Cols, count, nil)
	}
	svd.Values(values)
	for i, x := range values {
		values[i] = math.Ldexp(x, exponent)
	}
	if kind == mat.SVDThin {
		u, v = new(mat.Dense), new(mat.Dense)
		svd.UTo(u)
		svd.VTo(v)
	}
	return values, u, v
}

func general(a *mat.Dense) blas.General[float64] { return blas.General[float64](a.RawMatrix()) }
