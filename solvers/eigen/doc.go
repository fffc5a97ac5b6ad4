// Package eigen computes leading eigenpairs of an operator by block Lanczos
// with full reorthogonalisation and thick restarts. Only solvers that record
// theory need it: a plain run never calls it.
//
// It may import blas, solvers, solvers/operator and gonum. Start reading at
// lanczos.go.
package eigen
