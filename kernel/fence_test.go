//go:build !linux && !darwin

package kernel

import "testing"

// fenced returns n elements. There is no protected page here.
func fenced[T Stored](t *testing.T, n int) []T { return make([]T, n) }
