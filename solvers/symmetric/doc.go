// Package symmetric runs gradient descent on f(X) = ¼‖Σ − XXᵀ‖_F²,
//
//	X_t = X_{t−1} + η(Σ − X_{t−1}X_{t−1}ᵀ)X_{t−1}        (iteration (9))
//
// for symmetric Σ of order d and X of shape d×r, and records the quantities of
// "Gradient descent for matrix factorization: understanding large
// initialization". Equation numbers in this package are that paper's.
//
// To use it: New makes the method from an operator, a start and a step, NewKrylov one that
// makes fewer passes over Σ; solvers.Run runs either. NewEnsemble shares the passes of
// several. NewRecorder records a run; a Theory measures the signals and noises of an
// iterate, a Tracker finds the times of the analysis and checks the paper's claims.
//
// It may import solvers, solvers/operator, solvers/eigen, solvers/krylov, blas and
// gonum. Start reading at solver.go; krylov.go has the trajectory in a basis, start.go
// the starts, theory.go the signals and noises, times.go and checks.go the times and
// claims, rankone.go what of them is said of one column.
package symmetric
