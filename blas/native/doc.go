// Package native is this project's own BLAS: packed blocks, the micro-kernels
// of package kernel, and threads that do not change results. It embeds gonum's
// implementation and overrides what is hot, so that
//
//	blas64.Use(native.Implementation{})
//
// is safe for any program that uses gonum: all of gonum/mat then runs on it. With
// Threads set, a call takes at most so many goroutines. The passes of matrix
// factorization, each from one reading of its data, come from Fused64 and
// Fused32; programs reach them through blas.Open and blas.FusedOf. SweepRows is
// for tools that count instructions.
//
// # For contributors
//
// The package may import blas, blas/parallel, kernel and gonum. Start reading at
// choose.go: which product goes which way, and every threshold with what was
// measured for it.
//
// A product C ← αAB + βC on its way down:
//
//	level3.go      Dgemm, Dsyrk, Dsymm and their checks; the call
//	choose.go      its way
//	gemm.go        the five loops; also small.go, skinny.go, stretches.go
//	pack.go        panels of A and B
//	kernel         Strips, Gemm, Edge: assembly
//
// A fused pass with a symmetric Σ, and the step of X after it:
//
//	symmetric.go   half of Σ in tiles; products of it
//	turns.go       how threads share the sums
//	thin.go        X and Y as the kernels take them; calls Columns and Panel
//	sweep.go       X ← X + η(Y − XG) and G ← XᵀX in stretches of rows
//	sweeper.go     one stretch; calls Update, or PanelForward and Finish
//
// rectangular.go and measurements.go are the passes of the other systems. The
// routines of levels 1 and 2 have files of their own: level1.go; gemv.go, symv.go
// and ger.go on the ground of level2.go. Below all lie native.go (the kernels and
// blocks of the process), call.go (one call of the GEMM family), free.go (objects
// kept from call to call) and shared.go.
//
// Three rules hold everywhere. The order of every sum follows from shapes,
// never from the number of threads. A call allocates nothing in its steady
// state: what parallel.Run shares is a pointer to an object from free.go, and a
// task with a Part of its own is a type converted from that object's, because a
// func value would be an allocation. Kernels know panels; matrices, strides and
// remainders are dealt with here.
package native
