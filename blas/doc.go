// Package blas is the matrix step of the ladder: gonum's blas.Float64 and
// blas.Float32 are the interface, backends implement it, and this package adds
// what matrix factorization needs on top: thin matrices (General), a generic
// view of the routines (Routines), and the fused passes (Fused), which a
// backend may implement itself and which are otherwise composed from its
// routines.
//
// It may import package kernel and gonum; never a backend. Backends live
// below this directory and import this package:
//
//	blas/native     this project's own, pure Go, the default
//	blas/reference  gonum's, for comparison
//	blas/openblas   OpenBLAS through gonum/netlib, build tag openblas
//	blas/backends   imports all of them, so that Open finds them
//	blas/parallel   the thread pool that native and the operators share
//	blas/testblas   one battery of tests for every backend
//
// Start reading at fused.go, then composed.go.
package blas
