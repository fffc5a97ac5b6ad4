package sensing

import (
	"context"
	"fmt"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/sensing"
)

// startSensing returns U_0, and the scale of a start that has one.
func startSensing[T blas.Float](ctx context.Context, f *Flags, p sensingProblem[T]) (u0 blas.General[float64], scale float64, err error) {
	n := p.a.Dim()
	switch {
	case f.u0 != "":
		u0, err = run.ReadFactor(f.u0, "U_0", "n", n, f.Rank)
		return u0, 0, err
	case f.init == "spectral":
		if f.Rank > n {
			return u0, 0, run.Usagef("--rank is %d; --init spectral has at most n = %d columns", f.Rank, n)
		}
		scale := f.scale
		if !f.Changed("scale") {
			scale = 1
		}
		back, err := p.a.Adjoint(p.y)
		if err != nil {
			return u0, 0, err
		}
		u0, pairs, err := sensing.SpectralStart(ctx, back, f.Rank, scale, f.ProblemSeed())
		if err == nil && !pairs.Converged {
			fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: the eigenpairs of the spectral start are not accurate: residuals %.2g\n", pairs.Residuals)
		}
		return u0, scale, err
	}
	scale = f.scale
	if !f.Changed("scale") {
		scale = 1 / (70 * float64(n) * float64(n))
	}
	return sensing.RandomStart(n, f.Rank, scale, f.Seed), scale, nil
}
