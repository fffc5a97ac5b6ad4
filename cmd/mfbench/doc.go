// Mfbench runs gradient-descent matrix factorization from the command line: on
// the user's own matrices and on generated ones (solve), for the figures of the
// papers (reproduce), and beside other programs (compare).
//
// This package holds flags, progress and printing, and no arithmetic. It may
// import everything below it. Start reading at solve_symmetric.go: the path
// from there goes down only, through solvers.Run and symmetric.(*Solver).Step
// to the kernels. "mfbench info" prints that path for the machine it runs on.
package main
