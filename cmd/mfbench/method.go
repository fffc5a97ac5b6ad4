package main

import (
	"fmt"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// checkMethod validates --method and what does not go with it.
func (f *symmetricFlags) checkMethod() error {
	switch f.method {
	case "direct", "auto":
	case "krylov":
		switch {
		case f.dtype == "f32":
			return usagef("--method krylov computes in float64; use --dtype f64 or mixed")
		case f.checkpoint.file != "":
			return usagef("--checkpoint belongs to --method direct; a run of --method krylov is not saved as it goes")
		}
	default:
		return usagef("--method is %q; expected direct, krylov or auto", f.method)
	}
	if !(f.krylovTol > 0 && f.krylovTol < 1) {
		return usagef("--krylov-tol is %g; expected a number above 0 and below 1", f.krylovTol)
	}
	if f.cmd.Flags().Changed("krylov-tol") && f.method == "direct" {
		return usagef("--krylov-tol belongs to --method krylov or auto")
	}
	return nil
}

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
	method := f.method
	if method == "auto" {
		method = f.faster(op.Dim(), float64(op.Bytes()), op.Flops(f.rank))
		if !f.quiet {
			fmt.Fprintf(f.cmd.ErrOrStderr(), "mfbench: method %s is expected to be faster\n", method)
		}
	}
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
		},
	}
}

// together are runs that share their passes, where their method makes a pass in each
// iteration.
func together[T blas.Float](members ...solver) solvers.Ensemble {
	var direct []*symmetric.Solver[T]
	for _, m := range members {
		if s, ok := m.(*symmetric.Solver[T]); ok {
			direct = append(direct, s)
		}
	}
	if len(direct) < len(members) {
		return solvers.EnsembleOf(members...)
	}
	return symmetric.NewEnsemble(direct...)
}

// faster is the method that is expected to take less time, from the bytes and
// operations of a pass over Σ.
func (f *symmetricFlags) faster(d int, bytes, flops float64) string {
	vectors := float64(f.basisVectors())
	if f.dtype == "f32" || f.checkpoint.file != "" || vectors > float64(d)/2 {
		return "direct"
	}
	// In operations: what reads a byte from memory could make two, and what goes
	// over few numbers at a time is four times slower.
	n, r, iters := float64(d), float64(f.rank), float64(f.iters)
	pass := max(2*bytes, flops)
	direct := iters * (pass + 4*n*r*r)
	basis := vectors/r*pass + 4*vectors*vectors*n + 4*iters*vectors*(6*r+16*r)*r
	if basis < direct {
		return "krylov"
	}
	return "direct"
}

// basisVectors are how many vectors of a Krylov basis are expected.
func (f *symmetricFlags) basisVectors() int {
	const blocks = 64 // for many iterations there are, as a rule, no more
	return min(blocks, max(f.iters, 0)+1) * f.rank
}
