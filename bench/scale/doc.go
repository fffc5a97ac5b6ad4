// Package scale measures how the time of a step grows with d, r and the number of
// threads: the points of a study, straight lines through their logarithms, and the
// picture of both.
//
// It may import bench/plan, bench/suite and everything below. Start reading at
// study.go for what is measured, dims.go for the sizes, then fits.go for the
// exponents.
package scale
