package asymmetric

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Start is a pair X_0, Y_0.
type Start struct{ X, Y blas.General[float64] }

// Unbalanced returns X_0/√η and √η·Y_0: the product X_0Y_0ᵀ stays what it is.
func (s Start) Unbalanced(eta float64) Start {
	u := Start{s.X.Clone(), s.Y.Clone()}
	scale(u.X, 1/math.Sqrt(eta))
	scale(u.Y, math.Sqrt(eta))
	return u
}

// ProposedStart is the start of Assumption 2 for η = 1,
//
//	X_0 = AΦ_1/(√k·Cσ_1),  Y_0 = Dσ_1/√n·Φ_2
//
// with standard normal Φ_1 and Φ_2, both n×k. For a step η take
// Unbalanced(η): f(X_0, Y_0) does not depend on η (Remark 2.1). One pass over
// A.
func ProposedStart[T blas.Float](a operator.Rectangular[T], k int, sigma1, c, d float64, seed uint64) (Start, error) {
	_, n := a.Dims()
	x, err := sketch(a, k, 1/(math.Sqrt(float64(k))*c*sigma1), seed)
	return Start{x, solvers.Gaussian(n, k, d*sigma1/math.Sqrt(float64(n)), seed, streamY)}, err
}

// ColumnSpaceStart is the start X_0 = AΦ_1/(10√k), Y_0 = Φ_2/(10√n) of section 6. One
// pass over A.
func ColumnSpaceStart[T blas.Float](a operator.Rectangular[T], k int, seed uint64) (Start, error) {
	_, n := a.Dims()
	x, err := sketch(a, k, 1/(10*math.Sqrt(float64(k))), seed)
	return Start{x, solvers.Gaussian(n, k, 1/(10*math.Sqrt(float64(n))), seed, streamY)}, err
}

// RandomStart is the start X_0 = Φ_1/(10√m), Y_0 = Φ_2/(10√n) of section 6, Φ_1 of
// shape m×k. Unbalanced(η) of it is the start that section 6 calls
// Random-Asym.
func RandomStart(m, n, k int, seed uint64) Start {
	return Start{
		solvers.Gaussian(m, k, 1/(10*math.Sqrt(float64(m))), seed, streamX),
		solvers.Gaussian(n, k, 1/(10*math.Sqrt(float64(n))), seed, streamY),
	}
}

// Streams of the two random matrices of a start.
const (
	streamX = "asymmetric start X"
	streamY = "asymmetric start Y"
)

// sketch is deviation·AΦ_1 with a standard normal Φ_1, n×k.
func sketch[T blas.Float](a operator.Rectangular[T], k int, deviation float64, seed uint64) (blas.General[float64], error) {
	m, n := a.Dims()
	phi := blas.Convert[T](solvers.Gaussian(n, k, 1, seed, streamX))
	ax := blas.NewGeneral[T](m, k)
	if err := a.Mul(ax, blas.NewGeneral[T](n, k), blas.NewGeneral[T](m, k), phi); err != nil {
		return blas.General[float64]{}, err
	}
	x := blas.Convert[float64](ax)
	scale(x, deviation)
	return x, nil
}

func scale(x blas.General[float64], by float64) {
	for i := range x.Data {
		x.Data[i] *= by
	}
}
