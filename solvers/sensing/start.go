package sensing

import (
	"context"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// Small returns U_0 = αU with entries of U from N(0, 1/r), U n×r.
func Small(n, r int, alpha float64, seed uint64) blas.General[float64] {
	return solvers.Gaussian(n, r, alpha/math.Sqrt(float64(r)), seed, "sensing start")
}

// Spectral returns U_0 = scale·V_rΛ_r^½ from the r leading eigenpairs of
// 𝒜*(y), eigenvalues below 0 taken as 0: the spectral initialization.
func Spectral[T blas.Float](ctx context.Context, back operator.Operator[T], r int, scale float64, seed uint64) (blas.General[float64], *eigen.Pairs, error) {
	pairs, err := eigen.Leading(ctx, back, r, eigen.Options{Seed: seed})
	if err != nil {
		return blas.General[float64]{}, nil, err
	}
	u := pairs.Vectors.Clone()
	for i := range u.Rows {
		for k := range u.Row(i) {
			u.Row(i)[k] *= scale * math.Sqrt(max(pairs.Values[k], 0))
		}
	}
	return u, pairs, nil
}
