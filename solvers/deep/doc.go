// Package deep runs gradient descent on L(W_1 … W_N) = ½‖W_N⋯W_1 − Ŵ‖_F², all
// factors at once,
//
//	W_j ← W_j − η(W_N⋯W_{j+1})ᵀ(W_N⋯W_1 − Ŵ)(W_{j−1}⋯W_1)ᵀ        (6), (9)
//
// and states the quantities of Chou, Gieshoff, Maly and Rauhut, "Gradient
// descent for deep matrix factorization: dynamics and implicit bias towards
// low rank" (2020). Equation numbers in this package are that paper's. Where
// its text leaves a constant or a form open and ours is derived, it is called
// inferred.
//
// To use it: New makes the method from a target, factors to start from and a step, and
// solvers.Run runs it. For a symmetric target and a start of multiples of the identity,
// NewEigenvalueSolver makes the same run from the eigenvalues alone. NewRecorder records either,
// NewTheory checks the paper's claims along it. Params has the formulas of the dynamics of
// one eigenvalue: its steps, how long they take, and up to which step they converge.
//
// It may import solvers, solvers/operator, solvers/eigen, solvers/krylov, blas and
// gonum. Start reading at solver.go; start.go has the starts, scalar.go what they
// reduce to when all factors begin as multiples of the identity, flow.go the
// limit of small steps, times.go and window.go how long things take; checks.go
// compares a run with the paper's claims, ledger.go has what all of these keep.
// spectral.go makes the run by the
// eigenvalues alone, spectral_errors.go says how exactly, departure.go from where on
// the direct method would not follow it, choice.go which of the two is expected to take
// less time. iterates.go is what recorders and checks see of either run.
package deep
