// Package native is this project's own BLAS: packed blocks, the micro-kernels
// of package kernel, and threads that do not change results. It embeds gonum's
// implementation and overrides what is hot, so that
//
//	blas64.Use(native.Implementation{})
//
// is safe for any program that uses gonum.
//
// It may import blas, blas/parallel, kernel and gonum. Start reading at
// gemm.go for the five loops, at symmetric.go for the product that reads half
// of Σ once, at turns.go for how threads share a sum.
package native
