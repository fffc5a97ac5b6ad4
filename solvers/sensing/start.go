package sensing

import (
	"context"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// RandomStart returns U_0 = αU with entries of U from N(0, 1/r), U n×r.
func RandomStart(n, r int, alpha float64, seed uint64) blas.General[float64] {
	return solvers.Gaussian(n, r, alpha/math.Sqrt(float64(r)), seed, "sensing start")
}

// SpectralStart returns U_0 = scale·V_rΛ_r^½ from the r leading eigenpairs of
// 𝒜*(y), eigenvalues below 0 taken as 0: the spectral initialization. The pairs
// are those, and the next one where there is one.
func SpectralStart[T blas.Float](ctx context.Context, back operator.Operator[T], r int, scale float64, seed uint64) (blas.General[float64], *eigen.Pairs, error) {
	// One pair more: the last is found to a lesser accuracy.
	pairs, err := eigen.Leading(ctx, back, min(r+1, back.Dim()), eigen.Options{Seed: seed})
	if err != nil {
		return blas.General[float64]{}, nil, err
	}
	u := blas.NewGeneral[float64](back.Dim(), r)
	for i := range u.Rows {
		for k := range u.Row(i) {
			u.Row(i)[k] = scale * math.Sqrt(max(pairs.Values[k], 0)) * pairs.Vectors.Row(i)[k]
		}
	}
	return u, pairs, nil
}
