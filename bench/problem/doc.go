// Package problem makes seeded problems whose answers are known.
//
// It may import solvers and blas. Start reading at dense.go.
package problem
