// Package paper reproduces the figures of the papers, and makes studies beyond
// them: for each a configuration, runs, their data as tables, a picture, and
// verdicts: what the figure must show, checked with numbers.
//
// A figure is a file of its own, symmetric_fig1.go for symmetric/fig1, with a
// line in registry.go. Its function
//
//	configures itself   m.configure: the paper's parameters, checked
//	runs                m.run, m.runEach: progress, cost, states of long runs
//	keeps its data      m.Tables: everything that is drawn stands there
//	judges              m.verdict, m.note
//	draws               m.draw, panels of package figure
//
// The comment of a parameter that the paper does not give begins with
// "inferred"; configuration, picture and page say so.
//
// It may import bench, bench/figure, data/matio, data/problem, bench/report,
// solvers and blas. Start reading at registry.go, then making.go.
package paper
