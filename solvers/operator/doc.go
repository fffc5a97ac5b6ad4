// Package operator is Σ as the solvers see it: a symmetric d×d matrix known
// through its product with thin matrices. To add one, write a file beside
// dense.go whose type implements Operator; implement Stepper when a whole
// gradient step fits into the pass, Distancer when ‖Σ − XXᵀ‖_F can be had for
// less than one product with the identity.
//
// Rectangular is the m×n matrix A of the asymmetric problem in the same way:
// dense, sparse or a product.
//
// It may import blas and gonum. Start reading at operator.go.
package operator
