package sensing

import (
	"context"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Isometry is what random matrices Z say of the restricted isometry property,
//
//	(1 − δ)‖Z‖_F² ≤ ‖𝒜(Z)‖² ≤ (1 + δ)‖Z‖_F² for all Z of rank at most ρ
//
// (Definition 3.1 and (3) of Stöger and Soltanolkotabi 2021).
type Isometry struct {
	Rank, Samples  int
	Min, Max, Mean float64 // of ‖𝒜(Z)‖² over the samples, ‖Z‖_F = 1
	// Delta is the largest |‖𝒜(Z)‖² − 1| found: a lower bound of the constant δ,
	// which is over all Z. Matrices drawn at random are seldom the worst, and
	// the true constant may be far larger.
	Delta float64
}

// EstimateIsometry measures samples ≥ 1 matrices Z = QSQᵀ of rank ρ ≤ n, Q with
// orthonormal columns, evenly distributed, and S diagonal with ‖S‖_F = 1 and
// normal entries of both signs. Z = U₊U₊ᵀ − U₋U₋ᵀ, so each takes two passes over
// the measurements, one where the signs agree.
func EstimateIsometry[T blas.Float](ctx context.Context, a operator.Measurement[T], rank, samples int, seed uint64) (*Isometry, error) {
	n := a.Dim()
	if rank < 1 || rank > n {
		panic(badIsometryRank)
	}
	if samples < 1 {
		panic(badSamples)
	}
	rnd := solvers.Stream(seed, "isometry")
	est := &Isometry{Rank: rank, Samples: samples, Min: math.Inf(1), Max: math.Inf(-1)}
	q := blas.NewGeneral[float64](rank, n) // Qᵀ
	s := make([]float64, rank)
	u := blas.NewGeneral[T](n, rank)
	total, values := make([]float64, a.Count()), make([]T, a.Count())
	for range samples {
		for i := range q.Data {
			q.Data[i] = rnd.NormFloat64()
		}
		orthonormalize(q)
		for k := range s {
			s[k] = rnd.NormFloat64()
		}
		for k, size := 0, solvers.Norm(s); k < rank; k++ {
			s[k] /= size
		}
		clear(total)
		for _, sign := range [2]float64{1, -1} {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			some := false
			for k, v := range s {
				root := math.Sqrt(max(sign*v, 0)) // columns of the other sign are zero
				some = some || root > 0
				for i, x := range q.Row(k) {
					u.Row(i)[k] = T(root * x)
				}
			}
			if !some {
				continue
			}
			if err := a.Measure(values, u); err != nil {
				return nil, err
			}
			for i, v := range values {
				total[i] += sign * float64(v)
			}
		}
		size := solvers.Norm(total)
		square := size * size
		est.Min, est.Max = min(est.Min, square), max(est.Max, square)
		est.Mean += square / float64(samples)
		est.Delta = max(est.Delta, math.Abs(square-1))
	}
	return est, nil
}

// orthonormalize makes the rows of q orthonormal, by Gram–Schmidt made twice.
func orthonormalize(q blas.General[float64]) {
	for k := range q.Rows {
		row := q.Row(k)
		for range 2 {
			for j := range k {
				other, s := q.Row(j), 0.0
				for i, v := range other {
					s += v * row[i]
				}
				for i, v := range other {
					row[i] -= s * v
				}
			}
		}
		size := solvers.Norm(row)
		for i := range row {
			row[i] /= size
		}
	}
}

// Panic strings of the estimate, for errors of the programmer.
const (
	badIsometryRank = "sensing: the rank ρ must be at least 1 and at most n"
	badSamples      = "sensing: at least one sample is needed"
)
