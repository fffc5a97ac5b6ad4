package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// methodFlags choose between a pass over the data in each iteration and a basis of
// its Krylov space.
type methodFlags struct {
	method    string
	krylovTol float64
	spans     []string // flags of --vary that change what a start spans
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
the direct method from the iterate it has reached (left_basis_at): when depends on --iters.`
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

// choose is the method of the runs; auto says what it takes, and a run that goes on takes
// what it was begun with.
func (m *methodFlags) choose(f *runFlags, w krylov.Work) (string, error) {
	if m.method != "auto" {
		return m.method, nil
	}
	if method, err := f.checkpoint.begunBy(); method != "" || err != nil {
		return method, err
	}
	method := m.faster(f, w)
	if !f.quiet {
		fmt.Fprintf(f.cmd.ErrOrStderr(), "mfbench: method %s is expected to be faster\n", method)
	}
	return method, nil
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
