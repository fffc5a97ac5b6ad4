// Package sensing runs gradient descent on f(U) = ¼‖𝒜(UUᵀ) − y‖², U of shape
// n×r, for m linear measurements 𝒜(Z)_i = ⟨A_i, Z⟩/√m of a symmetric n×n
// matrix,
//
//	U_{t+1} = U_t + μ[𝒜*(y − 𝒜(U_tU_tᵀ))]U_t
//
// and states the quantities of Stöger and Soltanolkotabi, "Small random
// initialization is akin to spectral learning" (2021).
//
// It may import solvers, solvers/operator, solvers/eigen, blas and gonum.
// Start reading at solver.go; start.go has the starts, spectral.go the space
// that a small start aligns with, recorder.go all that is recorded of a run.
package sensing
