// Package sensing runs gradient descent on f(U) = ¼‖𝒜(UUᵀ) − y‖², U of shape
// n×r, for m linear measurements 𝒜(Z)_i = ⟨A_i, Z⟩/√m of a symmetric n×n
// matrix,
//
//	U_{t+1} = U_t + μ[𝒜*(y − 𝒜(U_tU_tᵀ))]U_t
//
// and states the quantities of Stöger and Soltanolkotabi, "Small random
// initialization is akin to spectral learning" (2021).
//
// To use it: New makes the method from an operator, the data y, a start and a step;
// solvers.Run runs it. NewEnsemble shares the passes of several. NewRecorder records a run
// beside what is known of the truth, and finds its phases.
//
// It may import solvers, solvers/operator, solvers/eigen, blas and gonum.
// Start reading at solver.go; start.go has the starts, spectral.go the space
// that a small start aligns with, recorder.go all that is recorded of a run.
package sensing
