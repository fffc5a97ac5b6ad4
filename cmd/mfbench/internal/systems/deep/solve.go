package deep

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers"
)

// NewSolve is the command solve deep.
func NewSolve() *cobra.Command { return new(Flags).Solving() }

// Solving is the command that solves.
func (f *Flags) Solving() *cobra.Command {
	return f.Command(
		func(ctx context.Context) error { return solveDeep[float64](ctx, f) },
		func(ctx context.Context) error { return solveDeep[float32](ctx, f) })
}

// Command has the flags and runs in64, or in32 with --dtype f32.
func (f *Flags) Command(in64, in32 func(ctx context.Context) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deep",
		Short: "W_j ← W_j − η∇_{W_j} ½‖W_N⋯W_1 − Ŵ‖²",
		Long: `Minimise ½‖W_N⋯W_1 − Ŵ‖² over N = --depth factors by gradient descent, all
factors at once:

  W_j ← W_j − η(W_N⋯W_{j+1})ᵀ(W_N⋯W_1 − Ŵ)(W_{j−1}⋯W_1)ᵀ

Ŵ is any matrix (.npy, file.npz:name, Matrix Market, or IDX, whose rows are the
images; elements are taken as stored, --divide 255 makes bytes pixels in [0, 1]),
or a generated symmetric one. The factors between the first and the last are
square of order --width (default: the smaller dimension of Ŵ).

Starts (--init):
  identity   W_j = αI, α = --scale (default 0.1, inferred)
  perturbed  the same with (α − β)I for W_1, β = --beta (default α/10, inferred)
  gaussian   independent normal entries with E‖W_N⋯W_1‖_F² = --scale²
             (default 1, inferred)
--w0 FILE.npz gives the factors as arrays W1 … WN instead; --save-w writes them so.

--generate symmetric makes Ŵ of order --n with --eigenvalues and random
eigenvectors, --generate diagonal a diagonal one; --noise s adds symmetric
Gaussian noise whose spectral norm is about s.

--theory checks the claims of the paper at every iterate, from the identity or the
perturbed start and for a symmetric Ŵ, and says of each whether it holds, with both
sides' numbers, or which condition is not met. --window L,ε,ε' (more with ; between
them) names windows of Theorem 3.5 in which the effective rank is that of the best
approximation of rank L. The trace gets the eigenvalues of the product.

With --tol the run stops when the norm of all gradients, relative to that of their
terms in Ŵ, is at most that. A saddle point has a small gradient too, and the product
stays near 0 for long where a negative eigenvalue is learnt from a perturbed start.` + spectralHelp,
		Example: `  mfbench solve deep --target W.npy --depth 3 --step 1e-3 --iters 5000 --save-w w.npz --trace t.csv
  mfbench solve deep --target ones-idx3-ubyte.gz --divide 255 --depth 3 --init gaussian --step 1e-4 --iters 2000
  mfbench solve deep --generate symmetric --n 10 --eigenvalues 10,5,1 --depth 2 --scale 1e-3 --step 5e-3 --iters 4000 --trace t.csv`,
		Args: run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if f.runs, err = run.Parse(f, &f.Request, run.Rules{
				Start: "w0", Check: f.check, Results: f.Results, Groups: []run.FlagGroup{table.Group(), starts},
			}); err != nil {
				return err
			}
			return f.Start(in64, in32)
		},
	}
	f.AddRun(cmd, "η: a positive number, or theory: half of the bound (10), of a perturbed start (14)", "theory")
	f.spectralFlags.add(cmd)
	fl := cmd.Flags()
	table.Add(f, cmd)
	fl.IntVar(&f.depth, "depth", 0, "N, the number of factors")
	fl.IntVar(&f.width, "width", 0, "order of the factors between the first and the last")
	fl.StringVar(&f.w0, "w0", "", "W_1 … W_N, a .npz file with arrays W1 … WN, instead of --init")
	fl.StringVar(&f.init, "init", "identity", "start: identity, perturbed or gaussian")
	fl.Float64Var(&f.scale, "scale", 0, "scale of the start (default: see above)")
	fl.Float64Var(&f.beta, "beta", 0, "β of a perturbed start (default: see above)")
	fl.IntVar(&f.singular, "singular", 10, "how many singular values of the product and of each factor the trace has")
	fl.BoolVar(&f.theory, "theory", false, "check the paper's claims at every iterate")
	fl.StringVar(&f.window, "window", "", "windows of Theorem 3.5, as 1,0.1,0.1;2,0.1,0.1; with --theory")
	fl.StringVar(&f.saveW, "save-w", "", "write the factors here, .npz")
	fl.StringVar(&f.saveProd, "save-product", "", "write W_N⋯W_1 here, .npy")
	run.Complete(cmd, "init", startNames...)
	return cmd
}

var startNames = []string{"identity", "perturbed", "gaussian"}

// starts are flags that exclude each other.
var starts = run.FlagGroup{ChosenBy: []string{"w0", "init"}, Belonging: []string{"scale", "beta", "width"}}

// check validates all that can be known before a file is read.
func (f *Flags) check() error {
	changed := f.Cmd.Flags().Changed
	if err := f.Named(append(table.NotEmpty(), "w0", "save-w", "save-product")...); err != nil {
		return err
	}
	if err := table.Check("Ŵ", f, &f.Request); err != nil {
		return err
	}
	switch {
	case !changed("depth"):
		return run.Usagef("--depth is missing; expected the number of factors")
	case f.depth < 1 || f.depth > maxDepth:
		return run.Usagef("--depth is %d; expected from 1 to %d", f.depth, maxDepth)
	case changed("width") && f.width < 1:
		return run.Usagef("--width is %d; expected at least 1", f.width)
	case f.singular < 0:
		return run.Usagef("--singular is %d; expected at least 0", f.singular)
	case f.Dtype == "mixed":
		return run.Usagef("--dtype mixed is for a dense Σ and for the matrices of solve sensing; use f64 or f32 for this system")
	case !slices.Contains(startNames, f.init):
		return run.Usagef("--init is %q; expected identity, perturbed or gaussian", f.init)
	case changed("beta") && f.init != "perturbed":
		return run.Usagef("--beta belongs to --init perturbed")
	case changed("beta") && (math.IsNaN(f.beta) || math.IsInf(f.beta, 0)):
		return run.Usagef("--beta is %g; expected a number", f.beta)
	}
	if err := f.spectralFlags.check(f); err != nil {
		return err
	}
	if name, ok := f.AnyChanged("init", "scale", "beta", "width"); ok && f.w0 != "" {
		return run.Usagef("--w0 gives the start; --%s does not go with it", name)
	}
	if err := f.CheckScale(f.scale, false); err != nil {
		return err
	}
	if err := f.CheckRun("theory"); err != nil {
		return err
	}
	switch {
	case f.theory && (f.w0 != "" || f.init == "gaussian"):
		return run.Usagef("--theory needs --init identity or perturbed")
	case f.window != "" && !f.theory:
		return run.Usagef("--window belongs to --theory")
	}
	if err := f.parseWindows(); err != nil {
		return err
	}
	if f.Step == "theory" && (f.w0 != "" || f.init == "gaussian" || f.depth < 2) {
		return run.Usagef("--step theory needs --init identity or perturbed and --depth of at least 2")
	}
	return nil
}

// maxDepth keeps a mistyped depth from asking for all memory.
const maxDepth = 1000

// Results are the files that the run reads, and those that it may write.
func (f *Flags) Results() (read []string, results []run.Output) {
	return append(table.Read(&f.Request), f.w0), []run.Output{{Path: &f.saveW, Base: "w.npz"}, {Path: &f.saveProd, Base: "product.npy"}}
}

func solveDeep[T blas.Float](ctx context.Context, f *Flags) error {
	began := time.Now()
	b, err := f.Open(f.Cmd)
	if err != nil {
		return err
	}
	if err := f.Outputs(f.Results()); err != nil {
		return err
	}
	shape, err := f.Fits(f, b)
	if err != nil {
		return err
	}
	from := table.Chosen(&f.Request)
	p, err := from.Load(f, b)
	if err != nil {
		return err
	}
	if shape == nil { // nothing could be said of the file before it was read
		if err := f.CheckRunMemory(shapeOf(f, b, from, p)); err != nil {
			return err
		}
	}
	if run.NeedsStep(f.runs) {
		if err := p.findNorm(ctx, b); err != nil {
			if ctx.Err() != nil {
				return f.CancelledBefore(b, began, "deep", "the norm was estimated for the step")
			}
			return err
		}
	}
	shared := new(sharedDecomposition)
	build := func(f *Flags) (run.System, run.Solver, error) {
		return buildDeep[T](ctx, f, b, began, p, shared)
	}
	return run.All(ctx, f.runs, b, began, build, func(members ...run.Solver) solvers.Ensemble {
		return solvers.EnsembleOf(members...)
	})
}
