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
and of rounding. They are null where what rounding does has grown to the size of
` + iterate + `. Runs of --vary share a basis of all their starts. auto takes the method that is
expected to be faster, and says which; a run that needs more of the basis than was
expected goes on by the direct method from the iterate it has reached (left_basis_at).`
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

// direct are the operations of an iteration of all runs by the direct method.
func (l load) direct(f *runFlags) float64 {
	runs := max(len(f.runs), 1)
	update := 0.0
	for _, n := range l.rows {
		update += 4 * float64(n) * float64(f.rank*f.rank*runs)
	}
	return krylov.Cost(l.bytes, l.flops(f.rank*runs)) + update
}

// choose is the method of the runs; auto says what it takes.
func (m *methodFlags) choose(f *runFlags, l load) string {
	if m.method != "auto" {
		return m.method
	}
	method := m.faster(f, l)
	if !f.quiet {
		fmt.Fprintf(f.cmd.ErrOrStderr(), "mfbench: method %s is expected to be faster\n", method)
	}
	return method
}

// faster is the method that is expected to take less time.
func (m *methodFlags) faster(f *runFlags, l load) string {
	n, r := float64(slices.Min(l.rows)), float64(f.rank)
	columns := float64(f.startColumns())
	blocks := usualBlocks(f)
	if l.rank > 0 { // it is exhausted then
		blocks = min(blocks, math.Ceil(float64(l.rank)/columns)+2)
	}
	size := blocks * columns
	if f.dtype == "f32" || size > n/2 {
		return "direct"
	}
	rows := 0.0
	for _, d := range l.rows {
		rows += float64(d)
	}
	if free := memory.Available(); free > 0 && 8*rows*size > free/2 {
		return "direct"
	}
	basis := blocks*krylov.Cost(l.bytes, l.flops(int(columns))) + 4*size*size*rows
	steps := float64(f.iters*max(len(f.runs), 1)) * krylov.SlowFactor * size * (6*columns + 16*r) * r
	if basis+steps < float64(f.iters)*l.direct(f) {
		return "krylov"
	}
	return "direct"
}

// limits are those of runs in bases of vectors with so many elements in all.
func (m *methodFlags) limits(f *runFlags, l load, held int) krylov.Limits {
	var limits krylov.Limits
	if m.method == "auto" {
		limits.Direct = float64(f.iters) * l.direct(f)
	}
	rows := 0
	for _, d := range l.rows {
		rows += d
	}
	const part = 0.8 // of what is free, for vectors that are made 32 at a time
	if free := memory.Available(); free > 0 {
		limits.Vectors = held + max(int(part*free/8/float64(rows))-32, 0)
	}
	return limits
}

// usualBlocks are those of a Krylov basis for many iterations, as a rule.
func usualBlocks(f *runFlags) float64 {
	const most = 64
	return float64(min(most, max(f.iters, 0)+1))
}

// startColumns are those of all starts that are expected to be independent: those of
// other scales are not.
func (f *runFlags) startColumns() int {
	seeds := map[string]bool{}
	for _, run := range f.runs {
		for _, s := range run {
			if s.flag == "seed" {
				seeds[s.value] = true
			}
		}
	}
	return f.rank * max(len(seeds), 1)
}

// vectors are how many of a Krylov basis are planned for, 0 for none: auto takes one
// only where it fits.
func (m *methodFlags) vectors(f *runFlags) int {
	if m.method != "krylov" {
		return 0
	}
	return int(usualBlocks(f)) * (f.startColumns() + 1)
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

// reportBasis says how a run left its basis, or what it took.
func reportBasis(out map[string]any, left *krylov.Left, size int, errors func() (basis, rounding float64)) {
	out["method"], out["basis_size"] = "krylov", size
	out["basis_error"], out["rounding_error"] = errors()
	if left != nil {
		out["left_basis_at"] = left.At
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
		errors = fmt.Sprintf("left at iteration %d, by the direct method from there", at)
	} else if math.IsNaN(basis + rounding) {
		errors = "not predictable: what rounding did has grown to the size of " + iterate
	}
	line("method", "krylov: a basis of %d vectors; %s", size, errors)
	if values, ok := out["ritz_values"]; ok {
		line("eigenvalues in it", "%.10g, errors at most %.2g", values, out["ritz_residuals"])
	}
}
