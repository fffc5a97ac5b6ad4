// Package solvers holds what every solver shares: the run loop and why it
// stopped, random streams, the table in which a run is recorded, claims of papers
// as checks, the slope test of a gradient, and files from which a run that was
// killed goes on.
//
// A library user takes the matrix from solvers/operator, makes the method in the
// package of the system and gives it to Run:
//
//	s := symmetric.New(backend, operator.NewDiagonal(backend, lambda), x0, eta)
//	result, err := solvers.Run(ctx, s, solvers.Stop{Iterations: 1000, Tolerance: 1e-8})
//
// RunEach runs several together. What else a run is to do is a Recorder with a Schedule.
//
// Below this package:
//
//	solvers/operator    Σ, A and the measurements as the solvers see them
//	solvers/eigen       leading eigenpairs of an operator, with their residuals
//	solvers/stepsize    the step η from a few passes over the data
//	solvers/krylov      bases in which a trajectory is followed with few passes
//	solvers/symmetric   X ← X + η(Σ − XXᵀ)X
//	solvers/asymmetric  (alternating) gradient descent on ½‖XYᵀ − A‖²
//	solvers/sensing     U ← U + μ𝒜*(y − 𝒜(UUᵀ))U
//	solvers/deep        gradient descent on ½‖W_N⋯W_1 − Ŵ‖²
//
// Constructors of all systems agree: what a program can know before it has read data, as
// that shapes fit and that a step is positive, is an error of the programmer, and a panic
// with a constant string; what depends on data is an error that is returned, and a
// constructor that reads none, as symmetric.New, asymmetric.New and deep.New, returns none.
// A backend is given to what computes with it: the methods, but for sensing.New, whose
// products are all passes over 𝒜, made by the operator on its own backend. Starts are copied.
//
// It may import blas, kernel and gonum; never a solver. Start reading at run.go. The tests
// that every method passes are in internal/testsolvers.
package solvers
