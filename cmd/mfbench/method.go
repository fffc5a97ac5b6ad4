package main

import (
	"fmt"
	"math"
	"slices"

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
}

// methodHelp is what the help of a command says of them; the data and the iterate
// have other names in each.
func methodHelp(data, start, iterate string) string {
	return `
--method krylov follows the same trajectory in orthonormal bases of the block Krylov
space of ` + start + `: some tens of passes over ` + data + ` for thousands of iterations, and a
step between them does not depend on the size of ` + data + `. It reports passes, basis_size and
estimates of the relative error of ` + iterate + `: of keeping to the basis, about --krylov-tol,
and of rounding. They are null where what rounding does may have grown to a hundredth of
` + iterate + `. Runs of --vary share all passes. auto takes the method that is expected to be
faster, and says which; a run that needs more of the basis than was expected goes on by
the direct method from the iterate it has reached (left_basis_at).`
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
		if f.dtype == "f32" {
			return usagef("--method krylov computes in float64; use --dtype f64, or mixed where Σ is dense")
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

// load is what a choice of the method depends on.
type load struct {
	rows  []int                     // of the iterates: d, or m and n
	bytes float64                   // of a pass
	flops func(columns int) float64 // of a pass
	rank  int                       // of the data, 0 where it may be any
}

// rankBound is that of the data, 0 where there is none.
func rankBound(data any) int {
	if low, ok := data.(interface{ RankBound() int }); ok {
		return low.RankBound()
	}
	return 0
}

// all are the rows of all iterates.
func (l load) all() (n float64) {
	for _, rows := range l.rows {
		n += float64(rows)
	}
	return n
}

// direct are the operations of an iteration of so many runs by the direct method, which
// share a pass.
func (l load) direct(f *runFlags, runs int) float64 {
	return krylov.Cost(l.bytes, l.flops(f.rank*runs)) + 4*l.all()*float64(f.rank*f.rank*runs)
}

// choose is the method of the runs; auto says what it takes, and a run that goes on takes
// what it was begun with.
func (m *methodFlags) choose(f *runFlags, l load) (string, error) {
	if m.method != "auto" {
		return m.method, nil
	}
	method, why := "", "is that of the checkpoint"
	if f.checkpoint.resume {
		var err error
		if method, err = solvers.CheckpointMethod(f.checkpoint.file); err != nil {
			return "", err
		}
	}
	if method == "" {
		method, why = m.faster(f, l), "is expected to be faster"
	}
	if !f.quiet {
		fmt.Fprintf(f.cmd.ErrOrStderr(), "mfbench: method %s %s\n", method, why)
	}
	return method, nil
}

// faster is the method that is expected to take less time.
func (m *methodFlags) faster(f *runFlags, l load) string {
	n, r := float64(slices.Min(l.rows)), float64(f.rank)
	runs, bases := max(len(f.runs), 1), f.bases()
	blocks := usualBlocks(f, l.rank)
	size := blocks * (r + 1) // of a basis
	if f.dtype == "f32" || size > n/2 {
		return "direct"
	}
	if free := memory.Available(); free > 0 && 8*l.all()*size*float64(bases) > free/2 {
		return "direct"
	}
	passes := blocks * krylov.Cost(l.bytes, l.flops(bases*(f.rank+1)))
	orthogonal := 2 * size * size * l.all() * float64(bases)
	steps := float64(f.iters*runs) * krylov.SlowFactor * size * (6*(r+1) + 16*r) * r
	if passes+orthogonal+steps < float64(f.iters)*l.direct(f, runs) {
		return "krylov"
	}
	return "direct"
}

// limits are those of runs whose bases hold so many vectors.
func (m *methodFlags) limits(f *runFlags, l load, held int) krylov.Limits {
	var limits krylov.Limits
	if m.method == "auto" { // a run that left its basis makes its own passes
		limits.Direct, limits.Iterations = float64(max(len(f.runs), 1))*l.direct(f, 1), f.iters
	}
	const part = 0.8 // of what is free, for vectors that are made 32 at a time
	if free := memory.Available(); free > 0 {
		limits.Vectors = held + max(int(part*free/8/l.all())-32*f.bases(), 0)
	}
	return limits
}

// usualBlocks are those of a Krylov basis for many iterations, as a rule, on data of a
// rank, 0 for any.
func usualBlocks(f *runFlags, rank int) float64 {
	blocks := float64(min(mostUsual, max(f.iters, 0)+1))
	if rank > 0 { // it is exhausted then
		blocks = min(blocks, math.Ceil(float64(rank)/float64(f.rank))+2)
	}
	return blocks
}

const mostUsual = 64

// bases are how many the runs are expected to have: those of other scales and steps are
// in one.
func (f *runFlags) bases() int {
	seeds := map[string]bool{}
	for _, run := range f.runs {
		for _, s := range run {
			if s.flag == "seed" {
				seeds[s.value] = true
			}
		}
	}
	return max(len(seeds), 1)
}

// vectors are how many of n elements are planned for in Krylov bases, with the operands of
// their passes, 0 for none: auto takes them only where they fit. rank is that of the data,
// 0 for any.
func (m *methodFlags) vectors(f *runFlags, n, rank int) int {
	if m.method != "krylov" {
		return 0
	}
	block := f.rank + 1
	return f.bases() * (min(int(usualBlocks(f, rank))*block, n) + 2*block)
}

// eachRun calls prepare with the flags of each run.
func (f *runFlags) eachRun(prepare func() error) error {
	if len(f.runs) == 0 {
		return prepare()
	}
	for _, run := range f.runs {
		if err := f.set(run); err != nil {
			return err
		}
		if err := prepare(); err != nil {
			return err
		}
	}
	return nil
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

// aloneAfter are the passes that a run of t iterations made alone, once it had left its
// basis.
func aloneAfter(left *krylov.Left, t int) int {
	if left == nil {
		return 0
	}
	return t - left.At
}

// methodOf is the method of a run, in a basis or not.
func methodOf(inBasis bool) string {
	if inBasis {
		return "krylov"
	}
	return "direct"
}

// reportBasis says what a run in bases of these sizes took, or how it left them.
func reportBasis(out map[string]any, left *krylov.Left, errors func() (basis, rounding float64), sizes ...int) {
	out["method"], out["basis_size"] = "krylov", slices.Max(sizes)
	if len(sizes) > 1 {
		out["basis_sizes"] = sizes
	}
	out["basis_error"], out["rounding_error"] = errors()
	if left != nil {
		out["left_basis_at"], out["left_basis_error"], out["left_rounding_error"] = left.At, left.Basis, left.Rounding
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
