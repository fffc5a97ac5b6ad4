package deep

import (
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/deep"
)

// Flags are the flags of solve deep.
type Flags struct {
	run.Request
	spectralFlags
	divide          float64
	generate        string
	n               int
	eigenvalues     string
	spectrum        []float64 // of --eigenvalues
	noise           float64
	depth, width    int
	w0, init        string
	scale, beta     float64
	singular        int
	theory          bool
	window          string
	windows         []deep.RankWindow // of --window
	saveW, saveProd string

	runs []*Flags // one, or those of --vary
}

// spectralFlags choose between products of matrices in each iteration and the
// recursions of the eigenvalues of Ŵ.
type spectralFlags struct {
	method string
}

// problemOf is Ŵ, and the matrix that it is a noisy version of where that is known. Both
// are float64 in a run of either element type.
type problemOf struct {
	target blas.General[float64]
	truth  *blas.General[float64]
	step   run.FoundStep // by --step auto
}
