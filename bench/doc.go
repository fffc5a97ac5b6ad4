// Package bench measures: its benchmarks run every step of every solver on
// every backend. Below it:
//
//	bench/problem   seeded problems: spectra, dense matrices with known eigenpairs
//	bench/matio     NumPy arrays and CSV in and out
//	bench/figure    pages of curves and heat maps, as SVG and PNG
//	bench/paper     the figures of the papers: configuration → run → picture → verdict
//
// It may import blas and kernel; its benchmarks and the packages below it may
// import everything but cmd. Start reading at step_test.go.
package bench
