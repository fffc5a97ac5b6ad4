package main

import (
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"lowrank/bench/memory"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// methodFlags choose between a pass over the data in each iteration and a basis of
// its Krylov space.
type methodFlags struct {
	method    string
	krylovTol float64
	said      bool // what auto takes
}

// methodHelp is what the help of a command says of them; the data and the iterate
// have other names in each.
func methodHelp(data, start, iterate string) string {
	return `
--method krylov follows the same trajectory in orthonormal bases of the block Krylov
space of ` + start + `: some tens of passes over ` + data + ` for thousands of iterations, and a
step between them does not depend on the size of ` + data + `. It reports passes, basis_size and
estimates of the relative error of ` + iterate + `: of keeping to the basis, about --krylov-tol,
and of rounding. They are null where what rounding does has grown to the size of
` + iterate + `. auto takes the method that is expected to be faster, and says which.`
}

func (m *methodFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&m.method, "method", "direct", "direct: a pass over the data each iteration; krylov: one where the basis must grow; auto")
	fl.Float64Var(&m.krylovTol, "krylov-tol", krylov.Tolerance, "relative change of the iterate that --method krylov may make")
	complete(cmd, "method", "direct", "krylov", "auto")
}

// called is the method as it was asked for.
func (m *methodFlags) called() string { return m.method }

// check validates them, and what does not go with them.
func (m *methodFlags) check(f *runFlags) error {
	switch m.method {
	case "direct", "auto":
	case "krylov":
		switch {
		case f.dtype == "f32":
			return usagef("--method krylov computes in float64; use --dtype f64, or mixed where Σ is dense")
		case f.checkpoint.file != "":
			return usagef("--checkpoint belongs to --method direct; a run of --method krylov is not saved as it goes")
		}
	default:
		return usagef("--method is %q; expected direct, krylov or auto", m.method)
	}
	if !(m.krylovTol >= 1e-15 && m.krylovTol < 1) {
		return usagef("--krylov-tol is %g; expected a number from 1e-15 to below 1", m.krylovTol)
	}
	if f.cmd.Flags().Changed("krylov-tol") && m.method == "direct" {
		return usagef("--krylov-tol belongs to --method krylov or auto")
	}
	return nil
}

// choose is the method of a run on matrices of the least order d, whose pass reads
// bytes and computes flops; auto says what it takes.
func (m *methodFlags) choose(f *runFlags, d int, bytes, flops float64) string {
	if m.method != "auto" {
		return m.method
	}
	method := m.faster(f, d, bytes, flops)
	if !f.quiet && !m.said {
		m.said = true
		fmt.Fprintf(f.cmd.ErrOrStderr(), "mfbench: method %s is expected to be faster\n", method)
	}
	return method
}

// faster is the method that is expected to take less time.
func (m *methodFlags) faster(f *runFlags, d int, bytes, flops float64) string {
	n, r, iters := float64(d), float64(f.rank), float64(f.iters)
	usual := usualBlocks(f) * r
	if f.dtype == "f32" || f.checkpoint.file != "" || usual > n/2 {
		return "direct"
	}
	if free := memory.Available(); free > 0 && 8*n*usual > free/2 {
		return "direct"
	}
	// In operations: what reads a byte from memory could make two, and what goes
	// over few numbers at a time is four times slower. Some spectra take several
	// times the usual number of blocks.
	const unusual = 4
	vectors := unusual * usual
	pass := max(2*bytes, flops)
	direct := iters * (pass + 4*n*r*r)
	basis := vectors/r*pass + 4*vectors*vectors*n + 4*iters*vectors*(6*r+16*r)*r
	if basis < direct {
		return "krylov"
	}
	return "direct"
}

// usualBlocks are those of a Krylov basis for many iterations, as a rule.
func usualBlocks(f *runFlags) float64 {
	const most = 64
	return float64(min(most, max(f.iters, 0)+1))
}

// vectors are how many of a Krylov basis are planned for, 0 for none: auto takes one
// only where it fits.
func (m *methodFlags) vectors(f *runFlags) int {
	if m.method != "krylov" {
		return 0
	}
	return int(usualBlocks(f)) * (f.rank + 1)
}

// together are runs that share their passes, where all make one in each iteration:
// where all are of type S.
func together[S solver](share func(members ...S) solvers.Ensemble) func(members ...solver) solvers.Ensemble {
	return func(members ...solver) solvers.Ensemble {
		var direct []S
		for _, m := range members {
			if s, ok := m.(S); ok {
				direct = append(direct, s)
			}
		}
		if len(direct) < len(members) {
			return solvers.EnsembleOf(members...)
		}
		return share(direct...)
	}
}

// printMethod says what a run in a basis took.
func printMethod(line func(name, format string, args ...any), out map[string]any, iterate string) {
	size, ok := out["basis_size"]
	if !ok {
		return
	}
	basis, rounding := out["basis_error"].(float64), out["rounding_error"].(float64)
	errors := fmt.Sprintf("errors relative to %s: basis %.2g, rounding %.2g", iterate, basis, rounding)
	if math.IsNaN(basis + rounding) {
		errors = "not predictable: what rounding did has grown to the size of " + iterate
	}
	line("method", "krylov: a basis of %d vectors; %s", size, errors)
	if values, ok := out["ritz_values"]; ok {
		line("eigenvalues in it", "%.10g, errors at most %.2g", values, out["ritz_residuals"])
	}
}
