//go:build !linux && !darwin

package native

import (
	"testing"

	"lowrank/blas"
)

// fenced returns n elements. There is no protected page here.
func fenced[T blas.Float](_ *testing.T, n int) []T { return make([]T, n) }
