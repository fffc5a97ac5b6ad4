// Package krylov builds orthonormal bases of block Krylov spaces from few passes
// over a matrix, and the small matrix that a trajectory of gradient descent follows
// in such a basis: X_t = V·Z_t.
//
// It may import solvers/eigen, solvers/operator, blas and gonum. Start reading at basis.go, then
// pair.go, its counterpart of two factors; projection.go and inner.go are the small
// matrices, space.go is what both bases share, run.go and perturbation.go what runs and
// error estimates of both systems share.
package krylov
