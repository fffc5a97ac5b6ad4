// Package reference registers gonum's own BLAS as backend "gonum": pure Go
// with some assembly, the measure of the others' results.
//
// It may import kernel and gonum. Start reading at reference.go.
package reference
