package solvers

import (
	"math"

	"lowrank/blas"
)

// Norm is the Euclidean norm, summed in float64; where squares leave its range,
// of numbers that are scaled first. It is NaN or +Inf when an element is.
func Norm[T blas.Float](x []T) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	if sum >= 1e-280 && sum <= math.MaxFloat64 {
		return math.Sqrt(sum)
	}
	var top float64
	for _, v := range x {
		top = max(top, math.Abs(float64(v)))
	}
	if top == 0 || top-top != 0 {
		return top
	}
	sum = 0
	for _, v := range x {
		scaled := float64(v) / top
		sum += scaled * scaled
	}
	return top * math.Sqrt(sum)
}

// Epsilon is the distance from 1 to the next number of the type.
func Epsilon[T blas.Float]() float64 {
	if blas.SizeOf[T]() == 4 {
		return 0x1p-23
	}
	return 0x1p-52
}
