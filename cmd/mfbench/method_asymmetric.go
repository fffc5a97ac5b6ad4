package main

import (
	"lowrank/blas"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

// factors are a run of solve asymmetric by either method.
type factors[T blas.Float] struct {
	solver   solver                // that is run
	iterates *asymmetric.Solver[T] // that recorders see: of X and Y, or of their coordinates
	x, y     func() blas.General[T]
	report   func(out map[string]any)
}

// followFactors prepares the trajectory from a start by the method of the flags.
func followFactors[T blas.Float](f *asymmetricFlags, b *blas.Backend, a operator.Rectangular[T], start asymmetric.Start, eta float64, order asymmetric.Order) (factors[T], error) {
	m, n := a.Dims()
	if f.theory && f.method == "auto" {
		f.method = "direct" // the claims are checked on X and Y themselves
	}
	method := f.choose(&f.runFlags, min(m, n), float64(a.Bytes()), a.Flops(f.rank))
	if a64, ok := any(a).(operator.Rectangular[float64]); ok && method == "krylov" {
		k, err := asymmetric.NewKrylov(b, a64, start.X, start.Y, eta, order, f.krylovTol)
		if err != nil {
			return factors[T]{}, err
		}
		return any(factorsInBases(k)).(factors[T]), nil
	}
	s := asymmetric.New(b, a, blas.Convert[T](start.X), blas.Convert[T](start.Y), eta, order)
	return factors[T]{
		solver: s, iterates: s, x: s.X, y: s.Y,
		report: func(out map[string]any) { out["method"] = "direct" },
	}, nil
}

func factorsInBases(k *asymmetric.Krylov) factors[float64] {
	return factors[float64]{
		solver: k, iterates: k.Solver, x: k.X, y: k.Y,
		report: func(out map[string]any) {
			p, q := k.BasisSizes()
			out["method"], out["basis_size"], out["basis_sizes"] = "krylov", max(p, q), []int{p, q}
			out["basis_error"], out["rounding_error"] = k.Errors()
		},
	}
}
