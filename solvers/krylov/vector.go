package krylov

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"lowrank/blas"
)

// level1 are a BLAS's routines on vectors.
type level1 struct{ gblas.Float64Level1 }

// short are those for vectors of a few elements.
var short = level1{blas64.Implementation()}

func (b level1) dot(x, y []float64) float64 { return b.Ddot(len(x), x, 1, y, 1) }

func (b level1) axpy(a float64, x, y []float64) { b.Daxpy(len(x), a, x, 1, y, 1) }

// nrm2 is the Euclidean norm, with its squares scaled where they would leave the range.
func (b level1) nrm2(x []float64) float64 {
	if s := b.dot(x, x); s > 1e-280 && s < 1e280 {
		return math.Sqrt(s)
	}
	return b.Dnrm2(len(x), x, 1)
}

// norms are those of the rows of w.
func (b level1) norms(w blas.General[float64]) []float64 {
	n := make([]float64, w.Rows)
	for c := range n {
		n[c] = b.nrm2(w.Row(c))
	}
	return n
}

func dot(x, y []float64) float64     { return short.dot(x, y) }
func axpy(a float64, x, y []float64) { short.axpy(a, x, y) }
func nrm2(x []float64) float64       { return short.nrm2(x) }
