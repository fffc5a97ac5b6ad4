// Package testblas is one battery of tests for every backend: gonum's own
// testblas, then products at the seams of block sizes, then the fused passes,
// all against plain Go. It is imported by tests only.
//
// It may import blas, kernel and gonum. Start reading at battery.go.
package testblas
