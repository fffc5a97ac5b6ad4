// Package bench measures: the limits of the machine, and what an iteration needs
// at least. Around it:
//
//	bench/ceiling   how fast this machine reads and computes
//	bench/suite     the benchmarks, for go test -bench and for mfbench
//	bench/count     instructions of the kernels under valgrind
//	bench/roofline  the benchmarks under the limits of the machine
//	bench/peers     the same iteration in other programs, side by side
//	bench/figure    pages of curves and heat maps, as SVG and PNG
//	bench/report    figures as pages of a browser
//	bench/paper     the figures of the papers: configuration → run → picture → verdict
//
// It may import solvers, blas, kernel, bench/ceiling and data/memory. Start reading
// at load.go, then limits.go; a benchmark at suite/symmetric.go, a figure at
// paper/symmetric_fig1.go, a peer at peers/eigen.go.
package bench
