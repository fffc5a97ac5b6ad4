package symmetric

import (
	"context"
	"math"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// bestError finds the least error that XXᵀ of the rank of f can have, NaN where it is not
// known: from the spectrum of a diagonal Σ, from eigenpairs that are known, from those of a
// Krylov basis, or from some that take little. Runs of --vary share these.
func bestError[T blas.Float](ctx context.Context, f *Flags, p problemOf[T]) func(out map[string]any, norm float64) float64 {
	var pairs *eigen.Pairs
	return func(out map[string]any, norm float64) float64 {
		if diagonal, ok := p.op.(*operator.Diagonal[T]); ok {
			values, _ := diagonal.Eigen(diagonal.Dim())
			return run.BestOfSpectrum(values, f.Rank)
		}
		best := math.NaN()
		if p.basis != nil {
			best = run.BestOfPairs(p.basis.Values, p.basis.Residuals, norm, f.Rank)
		}
		if ritz, ok := out["ritz_values"].([]float64); ok && math.IsNaN(best) {
			best = run.BestOfPairs(ritz, out["ritz_residuals"].([]float64), norm, f.Rank)
		}
		if math.IsNaN(best) && out["method"] == "direct" && run.Ended(out) {
			if pairs == nil {
				pairs = run.LeadingAtLittleCost(ctx, p.op, f.Rank, out["passes"].(int), f.ProblemSeed())
			}
			if pairs != nil {
				best = run.BestOfPairs(pairs.Values, pairs.Residuals, norm, f.Rank)
			}
		}
		return best
	}
}
