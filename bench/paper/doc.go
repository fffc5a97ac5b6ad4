// Package paper reproduces the figures of the papers: for each a
// configuration, a run, its data as CSV, a picture, and verdicts: what the
// figure must show, checked with numbers.
//
// To add a figure, write a file beside symmetric_fig1.go and add it to the
// list in registry.go. A parameter that a paper does not give is called
// inferred in the configuration and on the picture.
//
// It may import bench, bench/figure, bench/matio, bench/problem, solvers and
// blas. Start reading at registry.go.
package paper
