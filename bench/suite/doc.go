// Package suite holds the benchmarks: what `go test -bench` in package bench and
// `mfbench bench` run, what bench/roofline places and what bench/scale repeats. Each
// operation knows the bytes and the floating point operations that it needs at least, so
// that its time can be held against the bound.
//
// It may import bench, data/problem and everything below. Start reading at operation.go;
// then symmetric.go is a family of benchmarks. Another family is a file beside it and a
// line in families.go; go test -bench knows it by a line in ../bench_test.go, which a test
// asks for.
package suite
