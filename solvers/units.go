package solvers

import (
	"math"

	"lowrank/blas"
)

// Gradient descent has no scale of its own: data·c, iterates·√c and η/c are the same run
// (data·c, factors·c^{1/N} and η·c^{2/N−2} that of a product of N factors). The numbers of a
// type have one: a pass sums the squares of ΣX ~ c^{3/2} in its own type, so that at
// c = 1e-13 they underflow in float32. A solver whose step is Extreme therefore makes its
// passes in other units: operands times powers of two, which change no bit of a number
// within the range.

// Extreme says that a step belongs to data whose passes need other units. The data are of
// the order 1/η or less in a run that does not diverge.
func Extreme[T blas.Float](eta T) bool {
	ordinary := 100
	if blas.SizeOf[T]() == 4 {
		ordinary = 20
	}
	k := Exponent(eta)
	return k > ordinary || k < -ordinary
}

// Exponent is k with 2^{k−1} ≤ |x| < 2^k, 0 for x = 0 and what is not finite.
func Exponent[T blas.Float](x T) int {
	if v := float64(x); v-v != 0 {
		return 0
	}
	_, k := math.Frexp(float64(x))
	return k
}

// Scale sets x to 2^k·x.
func Scale[T blas.Float](x []T, k int) {
	for k != 0 {
		by, rest := powerOfTwo[T](k)
		for i := range x {
			x[i] *= by
		}
		k = rest
	}
}

// Scaled is 2^k·x.
func Scaled[T blas.Float](x T, k int) T {
	for k != 0 {
		by, rest := powerOfTwo[T](k)
		x, k = x*by, rest
	}
	return x
}

// powerOfTwo is 2^k, or the part of it that the type holds, with the exponent that is left.
func powerOfTwo[T blas.Float](k int) (power T, rest int) {
	most := 1000
	if blas.SizeOf[T]() == 4 {
		most = 120
	}
	part := min(max(k, -most), most)
	return T(math.Ldexp(1, part)), k - part
}

// Largest is max|x_i|; NaN is passed over.
func Largest[T blas.Float](x []T) T {
	var top T
	for _, v := range x {
		if v < 0 {
			v = -v
		}
		if v > top {
			top = v
		}
	}
	return top
}

// RootRatio is √(Gradient/Product) of norms that passes in T summed, NaN where squares that
// matter have lost digits: below the least sum, and a gradient that has underflowed beside a
// product too small to say that it is at rounding.
func RootRatio[T blas.Float](n blas.Norms) float64 {
	least, most := 1e-280, math.MaxFloat64
	if blas.SizeOf[T]() == 4 {
		least, most = 1e-34, math.MaxFloat32
	}
	epsilon := Epsilon[T]()
	switch {
	case !(n.Product >= least && n.Product <= most):
		return math.NaN()
	case n.Gradient < least && n.Product*epsilon*epsilon < least:
		return math.NaN()
	}
	return math.Sqrt(n.Gradient / n.Product)
}

// Ratio is gradient/product of norms of n elements of type T, computed one by one and summed
// without loss. It is NaN where the elements of the product are below what the type has full
// digits of: rounding errors of the gradient are then no small part of it, and it may be 0
// though no stationary point is near.
func Ratio[T blas.Float](gradient, product float64, n int) float64 {
	least := 0x1p-1022
	if blas.SizeOf[T]() == 4 {
		least = 0x1p-126
	}
	if product >= least*math.Sqrt(float64(n)) && !math.IsInf(product, 0) {
		return gradient / product
	}
	return math.NaN()
}
