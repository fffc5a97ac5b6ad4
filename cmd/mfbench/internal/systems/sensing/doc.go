// Package sensing is the command solve sensing, U ← U + μ𝒜*(y − 𝒜(UUᵀ))U: its
// flags, where its data comes from, the run that it builds of them, and what plan knows of
// that run before it starts.
//
// Start at Flags and at solveSensing, which goes down to the solver.
package sensing
