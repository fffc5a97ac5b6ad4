package main

import (
	"lowrank/blas"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// trajectory is a run by either method.
type trajectory[T blas.Float] struct {
	solver   solver                                            // that is run
	iterates *symmetric.Solver[T]                              // that recorders see: of X, or of its coordinates
	theory   func(basis *symmetric.Basis) *symmetric.Theory[T] // of these iterates
	x        func() blas.General[T]
	report   func(out map[string]any)
}

// follow prepares the trajectory from X_0 by the method of the flags.
func follow[T blas.Float](f *symmetricFlags, b *blas.Backend, op operator.Operator[T], x0 blas.General[float64], eta float64) (trajectory[T], error) {
	method := f.choose(&f.runFlags, op.Dim(), float64(op.Bytes()), op.Flops(f.rank))
	if op64, ok := any(op).(operator.Operator[float64]); ok && method == "krylov" {
		k, err := symmetric.NewKrylov(b, op64, x0, eta, f.krylovTol)
		if err != nil {
			return trajectory[T]{}, err
		}
		return any(inBasis(k)).(trajectory[T]), nil
	}
	return directly(b, op, blas.Convert[T](x0), eta), nil
}

func directly[T blas.Float](b *blas.Backend, op operator.Operator[T], x0 blas.General[T], eta float64) trajectory[T] {
	s := symmetric.New(b, op, x0, eta)
	return trajectory[T]{
		solver: s, iterates: s, x: s.X,
		theory: func(basis *symmetric.Basis) *symmetric.Theory[T] { return symmetric.NewTheory[T](b, basis) },
		report: func(out map[string]any) { out["method"] = "direct" },
	}
}

func inBasis(k *symmetric.Krylov) trajectory[float64] {
	return trajectory[float64]{
		solver: k, iterates: k.Solver, x: k.X, theory: k.NewTheory,
		report: func(out map[string]any) {
			out["method"], out["basis_size"] = "krylov", k.BasisSize()
			out["basis_error"], out["rounding_error"] = k.Errors()
			out["ritz_values"], out["ritz_residuals"] = k.Leading(k.X().Cols + 1)
		},
	}
}
