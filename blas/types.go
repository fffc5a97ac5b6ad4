package blas

import (
	"unsafe"

	"lowrank/kernel"
)

// Float is an element type: float32 or float64.
type Float = kernel.Float

// SizeOf is the number of bytes of an element.
func SizeOf[T Float]() int {
	var zero T
	return int(unsafe.Sizeof(zero))
}

// OfType returns the one of two values, for float64 and for float32, that has type R: how
// generic code finds what exists once for each element type. R names the element type, as
// []T does.
func OfType[R any](f64, f32 any) R {
	if r, ok := f32.(R); ok {
		return r
	}
	return f64.(R)
}
