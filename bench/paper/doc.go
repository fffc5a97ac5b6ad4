// Package paper reproduces the figures of the papers, and makes studies beyond
// them: for each a configuration, runs, their data as tables, a picture, and
// verdicts: what the figure must show, checked with numbers.
//
// A figure is a file of its own, symmetric_fig1.go for symmetric/fig1, and a line in
// registry.go, the list of all. Its function
//
//	configures itself   m.configure: the paper's parameters, checked (configure.go)
//	runs                m.run, m.runEach: progress, cost, states of long runs (run.go)
//	keeps its data      m.Tables: everything that is drawn stands there
//	judges              m.verdict, m.note
//	draws               m.draw, panels of package figure
//
// The comment of a parameter that the paper does not give begins with
// "inferred"; configuration, picture and page say so.
//
// It may import bench, bench/figure, data/matio, data/problem, bench/report,
// solvers and blas. Start reading at figure.go, then making.go; symmetric_fig1.go is a
// figure.
package paper
