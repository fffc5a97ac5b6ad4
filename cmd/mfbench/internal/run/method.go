package run

import (
	"fmt"

	"github.com/spf13/cobra"

	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// MethodFlags choose between a pass over the data in each iteration and a basis of
// its Krylov space.
type MethodFlags struct {
	Method    string
	KrylovTol float64
	Spans     []string // flags of --vary that change what a start spans
}

// MethodHelp is what the help of a command says of them; the data and the iterate
// have other names in each.
func MethodHelp(data, start, iterate string) string {
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

func (m *MethodFlags) Add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&m.Method, "method", "direct", "direct: a pass over the data each iteration; krylov: one where the basis must grow; auto")
	fl.Float64Var(&m.KrylovTol, "krylov-tol", krylov.Tolerance, "relative change of the iterate that --method krylov may make")
	Complete(cmd, "method", "direct", "krylov", "auto")
}

// Called is the method as it was asked for.
func (m *MethodFlags) Called() string { return m.Method }

// Check validates them, and what does not go with them.
func (m *MethodFlags) Check(f *Request) error {
	switch m.Method {
	case "direct", "auto":
	case "krylov":
		if f.Dtype == "f32" {
			return Usagef("--method krylov computes in float64; use --dtype f64, or mixed where Σ is dense")
		}
	default:
		return Usagef("--method is %q; expected direct, krylov or auto", m.Method)
	}
	if !(m.KrylovTol >= 1e-15 && m.KrylovTol < 1) {
		return Usagef("--krylov-tol is %g; expected a number from 1e-15 to below 1", m.KrylovTol)
	}
	if f.Cmd.Flags().Changed("krylov-tol") && m.Method == "direct" {
		return Usagef("--krylov-tol belongs to --method krylov or auto")
	}
	return nil
}

// Choose is the method of the runs; auto says what it takes, and a run that goes on takes
// what it was begun with.
func (m *MethodFlags) Choose(f *Request, w krylov.Work) (string, error) {
	if m.Method != "auto" {
		return m.Method, nil
	}
	if method, err := f.Checkpoint.BegunBy(); method != "" || err != nil {
		return method, err
	}
	method := m.faster(f, w)
	if !f.Quiet {
		fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: method %s is expected to be faster\n", method)
	}
	return method, nil
}

// Together are runs that share their passes, where all make one in each iteration:
// where all are of type S.
func Together[S Solver](share func(members ...S) solvers.Ensemble) func(members ...Solver) solvers.Ensemble {
	return func(members ...Solver) solvers.Ensemble {
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
