package asymmetric

import (
	"context"
	"math"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// bestError finds the least error that XYᵀ of the rank of f can have, NaN where it is not
// known: from the singular values of an A that was made without noise, or from some that
// take little. Runs of --vary share these.
func bestError[T blas.Float](ctx context.Context, f *Flags, p problemOf[T]) func(out map[string]any, norm float64) float64 {
	var pairs *eigen.Pairs
	return func(out map[string]any, norm float64) float64 {
		if known := p.known; known != nil && known.Noise == 0 {
			return run.BestOfSpectrum(known.Singular, f.Rank)
		}
		if m, n := p.a.Dims(); f.Rank >= min(m, n) {
			return 0
		}
		if pairs == nil && run.Ended(out) {
			pairs = run.LeadingAtLittleCost(ctx, operator.NormalOf(p.a), f.Rank, out["passes"].(int), f.ProblemSeed())
		}
		if pairs == nil {
			return math.NaN()
		}
		return run.BestOfSquares(pairs.Values, pairs.Residuals, norm, f.Rank)
	}
}
