// Package krylov builds orthonormal bases of block Krylov spaces from few passes
// over a matrix, and the small matrix that a trajectory of gradient descent follows
// in such a basis: X_t = V·Z_t.
//
// It may import solvers, solvers/eigen, solvers/operator, blas and gonum. Start reading
// at basis.go, then pair.go, its counterpart of two factors; projection.go and inner.go
// are the small matrices, space.go is what both bases share, group.go and pair_group.go
// make the passes of bases that grow together, starts.go and ledger.go what they begin with
// and cost. ritz.go has the eigenpairs of Σ, split.go
// follows vectors in a basis. run.go and state.go are what runs and checkpoints of
// both systems share, perturbation.go, leaving.go and rounding.go their error estimates.
// band.go is the form of the small matrices, matrix.go what is done with
// any matrix.
package krylov
