// Package problem makes the problems that solvers run on: seeded ones, whose
// answers are known, and those of files.
//
// It may import solvers, blas, data/memory and data/matio. Start reading at dense.go for
// generated problems, at file.go for those of files.
package problem
