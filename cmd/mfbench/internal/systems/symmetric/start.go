package symmetric

import (
	"fmt"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers/symmetric"
)

// start returns X_0, and the scale of a start that has one.
func (f *Flags) start(d int, basis *symmetric.Eigenbasis) (x0 blas.General[float64], scale float64, err error) {
	if f.x0 != "" {
		x0, err := problem.ReadMatrix[float64](f.x0)
		if err == nil && (x0.Rows != d || x0.Cols != f.Rank) {
			err = fmt.Errorf("%s: the matrix is %d×%d; X_0 must be d×rank = %d×%d", f.x0, x0.Rows, x0.Cols, d, f.Rank)
		}
		return x0, 0, err
	}
	scale = f.scale
	if !f.Changed("scale") {
		scale = map[string]float64{"large": 0.5, "small": symmetric.SmallScale(d), "benign": 0.5, "spectral": 1}[f.init]
	}
	switch f.init {
	case "benign":
		if x0, err = symmetric.BenignStart(basis, scale, f.Seed); err != nil {
			err = run.Usagef("--init benign: %v", err)
		}
	case "spectral":
		x0 = symmetric.SpectralStart(basis, scale)
	default: // large and small differ in their scale
		x0 = symmetric.RandomStart(d, f.Rank, scale, f.Seed)
	}
	return x0, scale, err
}
