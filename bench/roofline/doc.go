// Package roofline makes the roofline of the machine: what it can do at most
// (package ceiling), with the operations of package suite on the picture, each by
// the operations that it computes for a byte that it needs from memory.
//
// It may import bench, bench/ceiling, bench/suite, bench/figure, data/matio and
// everything below. Start reading at roofline.go; operations.go lists what is
// placed, page.go draws it.
package roofline
