// Package deep is the command solve deep, W_N⋯W_1 ≈ Ŵ: its
// flags, where its data comes from, the run that it builds of them, and what plan knows of
// that run before it starts.
//
// Start at Flags and at solveDeep, which goes down to the solver.
package deep
