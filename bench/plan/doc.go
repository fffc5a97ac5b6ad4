// Package plan says what a run will take before it is made: the memory from
// formulas of its size, the time from iterations measured now, at that size or at
// a smaller one of the same kind, and carried over by the bytes and operations
// that both need.
//
// It may import bench, data/problem and everything below. Start reading at
// size.go, then symmetric.go for one system and predict.go for the prediction.
package plan
