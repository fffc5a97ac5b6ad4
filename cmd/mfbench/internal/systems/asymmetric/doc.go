// Package asymmetric is the command solve asymmetric, X and Y of XYᵀ ≈ A in turn: its
// flags, where its data comes from, the run that it builds of them, and what plan knows of
// that run before it starts.
//
// Start at Flags and at solveAsymmetric, which goes down to the solver.
package asymmetric
