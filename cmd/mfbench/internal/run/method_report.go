package run

import (
	"fmt"
	"math"
	"slices"

	"lowrank/solvers/krylov"
)

// AloneAfter are the passes that a run of t iterations made alone, once it had left its
// basis.
func AloneAfter(left *krylov.Left, t int) int {
	if left == nil {
		return 0
	}
	return t - left.At
}

// MethodOf is the method of a run, in a basis or not.
func MethodOf(inBasis bool) string {
	if inBasis {
		return "krylov"
	}
	return "direct"
}

// ReportBasis says what a run in bases of these sizes took, or how it left them.
func ReportBasis(out map[string]any, left *krylov.Left, errors func() (basis, rounding float64), sizes ...int) {
	out["method"], out["basis_size"] = "krylov", slices.Max(sizes)
	if len(sizes) > 1 {
		out["basis_sizes"] = sizes
	}
	out["basis_error"], out["rounding_error"] = errors()
	if left != nil {
		out["left_basis_at"], out["left_basis_error"], out["left_rounding_error"] = left.At, left.Basis, left.Rounding
	}
}

// PrintMethod says what a run in a basis took.
func PrintMethod(line func(name, format string, args ...any), out map[string]any, iterate string) {
	size, ok := out["basis_size"]
	if !ok {
		return
	}
	basis, rounding := out["basis_error"].(float64), out["rounding_error"].(float64)
	errors := fmt.Sprintf("errors relative to %s: basis %.2g, rounding %.2g", iterate, basis, rounding)
	if at, left := out["left_basis_at"]; left {
		errors = fmt.Sprintf("left at iteration %d, with errors %.2g and %.2g, for the direct method", at, out["left_basis_error"], out["left_rounding_error"])
	} else if math.IsNaN(basis + rounding) {
		errors = "not predictable: what rounding did may have grown to a hundredth of " + iterate
	}
	line("method", "krylov: a basis of %d vectors; %s", size, errors)
	if values, ok := out["ritz_values"]; ok {
		line("eigenvalues in it", "%.10g, errors at most %.2g", values, out["ritz_residuals"])
	}
}
