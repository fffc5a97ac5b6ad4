// Package solvers holds what every solver shares: the run loop and why it
// stopped, random streams, the table in which a run is recorded, claims of papers
// as checks, the slope test of a gradient, and files from which a run that was
// killed goes on.
//
// It may import blas, kernel and gonum; never a solver. Below it:
//
//	solvers/operator    Σ, A and the measurements as the solvers see them
//	solvers/eigen       leading eigenpairs of an operator, with their residuals
//	solvers/symmetric   X ← X + η(Σ − XXᵀ)X
//	solvers/asymmetric  (alternating) gradient descent on ½‖XYᵀ − A‖²
//	solvers/sensing     U ← U + μ𝒜*(y − 𝒜(UUᵀ))U
//	solvers/deep        gradient descent on ½‖W_N⋯W_1 − Ŵ‖²
//
// Start reading at run.go.
package solvers
