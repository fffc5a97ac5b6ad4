// Package krylov builds orthonormal bases of block Krylov spaces from few passes
// over a matrix, and the small matrix that a trajectory of gradient descent follows
// in such a basis: X_t = V·Z_t.
//
// It may import solvers, solvers/operator, blas and what is below. Start reading at
// basis.go; projection.go is the small matrix.
package krylov
