// Package solvers holds what every solver shares: the run loop and why it
// stopped, random streams, the table in which a run is recorded, and files from
// which a run that was killed goes on.
//
// It may import blas, kernel and gonum; never a solver. Below it:
//
//	solvers/operator    Σ as the solvers see it: dense, diagonal, low-rank, ZᵀZ/n
//	solvers/eigen       leading eigenpairs of an operator, with their residuals
//	solvers/symmetric   X ← X + η(Σ − XXᵀ)X
//
// Start reading at run.go.
package solvers
