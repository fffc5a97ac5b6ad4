// Package symmetric is the command solve symmetric, X ← X + η(Σ − XXᵀ)X: its
// flags, where its data comes from, the run that it builds of them, and what plan knows of
// that run before it starts.
//
// Start at Flags and at solveSymmetric, which goes down to the solver.
package symmetric
