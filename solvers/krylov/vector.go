package krylov

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"
)

func dot(x, y []float64) float64 {
	return blas64.Dot(blas64.Vector{N: len(x), Data: x, Inc: 1}, blas64.Vector{N: len(y), Data: y, Inc: 1})
}

// nrm2 is the Euclidean norm, with its squares scaled where they would leave the range.
func nrm2(x []float64) float64 {
	if s := dot(x, x); s > 1e-280 && s < 1e280 {
		return math.Sqrt(s)
	}
	return blas64.Nrm2(blas64.Vector{N: len(x), Data: x, Inc: 1})
}

func axpy(a float64, x, y []float64) {
	blas64.Axpy(a, blas64.Vector{N: len(x), Data: x, Inc: 1}, blas64.Vector{N: len(y), Data: y, Inc: 1})
}
