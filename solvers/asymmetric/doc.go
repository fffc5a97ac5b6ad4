// Package asymmetric runs gradient descent on f(X, Y) = ½‖XYᵀ − A‖_F² for an
// m×n matrix A, X of shape m×k and Y of shape n×k: alternating,
//
//	X_{t+1} = X_t − η(X_tY_tᵀ − A)Y_t                (A1a)
//	Y_{t+1} = Y_t − η(X_{t+1}Y_tᵀ − A)ᵀX_{t+1}       (A1b)
//
// or simultaneous, with X_t in place of X_{t+1}, and states the quantities of
// Ward and Kolda, "Convergence of alternating gradient descent for matrix
// factorization" (2023). Equation numbers in this package are that paper's;
// its d, the number of columns of the factors, is k here.
//
// To use it: New makes the method from an operator, a pair of starts and a step, NewKrylov
// one that makes fewer passes over A; solvers.Run runs either. NewEnsemble shares the
// passes of several. Proposed and ColSpan are starts within the columns of A, Random is one
// without a look at A; Parameters gives the steps of the theory for a start.
//
// It may import solvers, solvers/operator, solvers/eigen, solvers/krylov, blas and
// gonum. Start reading at solver.go; krylov.go has the trajectory in bases, start.go
// the starts, rate.go the step sizes and the rate, theory.go and checks.go compare a
// run with the paper's claims.
package asymmetric
