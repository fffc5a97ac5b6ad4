// Package eigen computes leading eigenpairs of an operator by block Lanczos, and leading
// singular triplets of a rectangular one by block Golub-Kahan, both with full
// reorthogonalisation and thick restarts. Solvers that record theory need them, and starts and
// steps that depend on σ_1 or σ_r: a plain run never calls it.
//
// It may import blas, solvers, solvers/operator and gonum. Start reading at lanczos.go, or at
// singular.go, then golubkahan.go and side.go, one of its two bases; dense.go and small.go are
// of matrices in memory.
package eigen
