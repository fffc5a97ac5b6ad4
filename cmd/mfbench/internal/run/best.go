package run

import (
	"context"
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/data/memory"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// Best is the least error that a product of some rank can have, by Eckart and Young: what
// the matched singular values do not hold.
//
// Of ‖M‖² − Σ m_i² with the r largest singular values m_i of M, or for XXᵀ with the largest
// positive eigenvalues, since XXᵀ has no negative ones. Squares are relative to ‖M‖²: the
// difference has an error of off, of the values, and of roundings.
type Best struct {
	Matched []float64 // m_i/‖M‖
	Off     float64   // error of Σ m_i²/‖M‖²
}

// told is the relative error up to which a best error is printed.
const told = 0.01

// Error is the best error relative to ‖M‖, NaN where it cannot be told to a hundredth.
func (b Best) Error() float64 {
	rest := 1.0
	for _, m := range b.Matched {
		rest -= m * m
	}
	off := b.Off + 16*0x1p-52*float64(1+len(b.Matched))
	if !(rest > 0) || !(off <= 2*told*rest) {
		return math.NaN()
	}
	return math.Sqrt(rest)
}

// BestOfSpectrum is the best error where all singular values, or the eigenvalues of which
// XXᵀ matches the positive ones, are known, largest first: without a difference of sums.
func BestOfSpectrum(values []float64, rank int) float64 {
	rest := make([]float64, 0, len(values))
	for i, v := range values {
		if i >= rank || v < 0 {
			rest = append(rest, v)
		}
	}
	return Relative(solvers.Norm(rest), solvers.Norm(values))
}

// BestOfPairs is the best error of XXᵀ of a rank for a Σ of this norm, whose leading
// eigenvalues are known up to their residuals, nil for none.
func BestOfPairs(values, residuals []float64, norm float64, rank int) float64 {
	if len(values) < rank || !(norm > 0) {
		return math.NaN()
	}
	var b Best
	for i, v := range values[:rank] {
		m := max(v, 0) / norm
		b.Matched = append(b.Matched, m)
		if residuals != nil {
			b.Off += (2*m + residuals[i]/norm) * residuals[i] / norm
		}
	}
	return b.Error()
}

// BestOfSquares is the best error of XYᵀ for an A of this norm, from eigenpairs of AᵀA.
func BestOfSquares(values, residuals []float64, norm float64, rank int) float64 {
	if len(values) < rank || !(norm > 0) {
		return math.NaN()
	}
	var b Best
	for i, v := range values[:rank] {
		b.Matched = append(b.Matched, math.Sqrt(max(v, 0))/norm)
		b.Off += residuals[i] / norm / norm
	}
	return b.Error()
}

// LeadingAtLittleCost are the leading eigenpairs of an operator after a run of so many
// passes, by at most a tenth as many; nil where these are too few to begin with,
// memory is short, or a product failed: nothing depends on them but what is said beside the
// error.
func LeadingAtLittleCost[T blas.Float](ctx context.Context, op operator.Operator[T], count, passes int, seed uint64) *eigen.Pairs {
	const part, fewest, vectors = 10, 5, 130
	passes /= part
	room := 8 * float64(op.Dim()) * float64(max(12*count, vectors))
	if free := memory.Available(); passes < fewest || count > op.Dim() || free > 0 && room > free/2 {
		return nil
	}
	const enough = 1e-6
	p, err := eigen.Leading(ctx, op, count, eigen.Options{Seed: seed, Tolerance: enough, MaxPasses: passes})
	if err != nil {
		return nil
	}
	return p
}

// SetBest adds a best error that is known.
func SetBest(out map[string]any, best float64) {
	if best == best {
		out["best_error"] = best
	}
}

// BestText says the best error beside the error.
func BestText(out map[string]any) string {
	if best, ok := out["best_error"].(float64); ok {
		return fmt.Sprintf("; the best of this rank has %.6g", best)
	}
	return ""
}

// Ended says whether a run ended as asked, so that more can be said of it.
func Ended(out map[string]any) bool {
	s := out["status"]
	return s == solvers.IterationLimit.String() || s == solvers.Converged.String() || s == solvers.AtRounding.String()
}
