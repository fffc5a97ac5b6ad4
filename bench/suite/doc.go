// Package suite holds the benchmarks: what `go test -bench` in package bench and
// `mfbench bench` run, what bench/roofline places and what bench/scale repeats. Each operation knows the bytes and the floating point operations that
// it needs at least, so that its time can be held against the bound.
//
// It may import bench, data/problem and everything below. Start reading at
// operation.go, then symmetric.go. To add a benchmark, write a file beside
// symmetric.go and a line in families.go.
package suite
