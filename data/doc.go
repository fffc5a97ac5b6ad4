// Package data is where matrices come from:
//
//	data/matio    files of NumPy, Matrix Market and IDX, and traces in CSV
//	data/problem  problems for the solvers, read from such files or made from a seed
//	data/memory   how much memory there is for them
//
// A program that has a .npy starts at [lowrank/data/matio.Open]; one that wants an
// operator for a solver at [lowrank/data/problem.ReadDense].
package data
