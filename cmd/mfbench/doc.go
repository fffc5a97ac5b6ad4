// Mfbench runs gradient-descent matrix factorization from the command line: on
// the user's own matrices and on generated ones (solve), for the figures of the
// papers (reproduce), and beside other programs (compare).
//
// It has three floors, and no arithmetic on any of them. This package holds the
// commands. internal/systems has a package for each system that solve and plan know:
// its flags, where its data comes from, the run that it builds. internal/run is what
// all runs share: a request, its loop, checkpoints, progress, reports. Imports go down.
//
// Start reading at internal/systems/symmetric/solve.go: the path from there goes down
// only, through solvers.Run and symmetric.(*Solver).Step to the kernels. "mfbench info"
// prints that path for the machine it runs on.
package main
