package asymmetric

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/stepsize"
)

// NewSolve is the command solve asymmetric.
func NewSolve() *cobra.Command { return new(Flags).Solving() }

// Solving is the command that solves.
func (f *Flags) Solving() *cobra.Command {
	return f.Command(
		func(ctx context.Context) error { return solveAsymmetric[float64](ctx, f) },
		func(ctx context.Context) error { return solveAsymmetric[float32](ctx, f) })
}

// Command has the flags and runs in64, or in32 with --dtype f32.
func (f *Flags) Command(in64, in32 func(ctx context.Context) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "asymmetric",
		Short: "X ← X − η(XYᵀ − A)Y, then Y ← Y − η(XYᵀ − A)ᵀX",
		Long: `Minimise ½‖XYᵀ − A‖² over m×k matrices X and n×k matrices Y by alternating
gradient descent:

  X ← X − η(XYᵀ − A)Y
  Y ← Y − η(XYᵀ − A)ᵀX      with the new X; with the old one under --simultaneous

A is dense (.npy, file.npz:name, IDX), sparse (Matrix Market, .mtx or .mtx.gz),
a product L·Rᵀ of two thin matrices, or generated. --rank is k.

Starts (--init), Φ with independent entries from N(0, 1):
  proposed     X_0 = AΦ/(√η√k·Cσ_1), Y_0 = √η·Dσ_1/√n·Φ, D = Cν/9 (the default)
  colspan      X_0 = AΦ/(10√k), Y_0 = Φ/(10√n)
  random       X_0 = Φ/(10√m), Y_0 = Φ/(10√n)
  random-asym  the same, X_0 over √η and Y_0 times √η

--step theory is the largest step of Corollary 5.2, (8), --step theory9 that of
Corollary 5.3, (9); both need --true-rank, the rank r of A. σ_1 and σ_r are given
by --sigma-1 and --sigma-r, or computed to rounding errors of σ_1: a σ_r that is no
larger is refused as 0. ε is the accuracy of ‖A − XYᵀ‖², absolute in (8), relative in
(9). (8) is for C ≥ 4, (9) for C ≥ 8. The defaults of ε and τ are
inferred: the paper's experiments do not give them.

--generate lowrank makes A = UΣVᵀ with random U and V and --true-rank singular
values evenly from 1 to --ratio; --noise s adds Gaussian noise of norm s‖A‖.

--theory checks the claims of the paper at every iterate, which reads A up to
twice more, and says of each whether it holds, with both sides' numbers, or which
condition is not met. It needs --true-rank; the trace gets the bound (6).

With --tol the run stops when the norm of the gradients relative to that of (AY, AᵀX)
is at most that. A saddle point has a small gradient too.
` + run.MethodHelp("A", "(A, X_0, Y_0)", "X and Y"),
		Example: `  mfbench solve asymmetric --a A.npy --rank 10 --step 0.1 --iters 500 --save-x X.npy --save-y Y.npy
  mfbench solve asymmetric --a ratings.mtx --rank 20 --init random --step 1e-3 --iters 2000 --trace t.csv
  mfbench solve asymmetric --generate lowrank --m 100 --n 100 --true-rank 5 --rank 10 --step theory --iters 1000`,
		Args: run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if f.runs, err = run.Parse(f, &f.Request, run.Rules{
				Start: "x0", Check: f.check, Results: f.Results, Groups: []run.FlagGroup{table.Group("true-rank", "sigma-1", "sigma-r"), starts},
			}); err != nil {
				return err
			}
			return f.Start(in64, in32)
		},
	}
	f.AddRun(cmd, "η: a positive number, theory for (8), or theory9 for (9)", "theory", "theory9")
	f.MethodFlags.Add(cmd)
	fl := cmd.Flags()
	table.Add(f, cmd)
	fl.IntVar(&f.Rank, "rank", 0, "k, the number of columns of X and Y")
	fl.StringVar(&f.x0, "x0", "", "X_0, an m×k file, instead of --init; with --y0")
	fl.StringVar(&f.y0, "y0", "", "Y_0, an n×k file")
	fl.StringVar(&f.init, "init", "proposed", "start: proposed, colspan, random or random-asym")
	fl.IntVar(&f.trueRank, "true-rank", 0, "r, the rank of A")
	fl.Float64Var(&f.sigma1, "sigma-1", 0, "σ_1 of A (default: computed where it is needed)")
	fl.Float64Var(&f.sigmaR, "sigma-r", 0, "σ_r of A (default: computed where it is needed)")
	fl.Float64Var(&f.eps, "eps", 1e-6, "ε of the theoretical steps")
	fl.Float64Var(&f.tau, "tau", 1, "τ of ρ = τ(1 − √(r−1)/√k)")
	fl.Float64Var(&f.c, "c", 4, "C of the proposed start")
	fl.Float64Var(&f.nu, "nu", 1e-10, "ν of the proposed start")
	fl.BoolVar(&f.theory, "theory", false, "check the paper's claims at every iterate")
	fl.BoolVar(&f.simultaneous, "simultaneous", false, "the step of Y sees the old X")
	fl.StringVar(&f.saveX, "save-x", "", "write X here, .npy")
	fl.StringVar(&f.saveY, "save-y", "", "write Y here, .npy")
	run.Complete(cmd, "init", asymmetricStarts...)
	return cmd
}

var asymmetricStarts = []string{"proposed", "colspan", "random", "random-asym"}

// starts are flags that exclude each other.
var starts = run.FlagGroup{ChosenBy: []string{"x0", "init"}, Belonging: []string{"y0"}}

// check validates all that can be known before a file is read.
func (f *Flags) check() error {
	changed := f.Cmd.Flags().Changed
	if err := f.Named(append(table.NotEmpty(), "x0", "y0", "save-x", "save-y")...); err != nil {
		return err
	}
	if err := f.OneOf("A", table.Names()...); err != nil {
		return err
	}
	if changed("a-left") != changed("a-right") {
		return run.Usagef("--a-left and --a-right belong together: A = L·Rᵀ")
	}
	if err := table.Check("A", f, &f.Request); err != nil {
		return err
	}
	switch {
	case changed("true-rank") && f.trueRank < 1:
		return run.Usagef("--true-rank is %d; expected at least 1", f.trueRank)
	case (f.x0 == "") != (f.y0 == ""):
		return run.Usagef("--x0 and --y0 belong together")
	case f.x0 != "" && changed("init"):
		return run.Usagef("--x0 gives the start; --init does not go with it")
	case !slices.Contains(asymmetricStarts, f.init):
		return run.Usagef("--init is %q; expected proposed, colspan, random or random-asym", f.init)
	case f.Dtype == "mixed":
		return run.Usagef("--dtype mixed is for a dense Σ and for the matrices of solve sensing; use f64 or f32 for this system")
	}
	for _, p := range []struct {
		name  string
		value float64
	}{{"sigma-1", f.sigma1}, {"sigma-r", f.sigmaR}, {"eps", f.eps}, {"tau", f.tau}, {"c", f.c}, {"nu", f.nu}} {
		if changed(p.name) && (!(p.value > 0) || math.IsInf(p.value, 0)) {
			return run.Usagef("--%s is %g; expected a positive number", p.name, p.value)
		}
	}
	if err := f.CheckRank("k, the number of columns of X and Y"); err != nil {
		return err
	}
	if err := f.MethodFlags.Check(&f.Request); err != nil {
		return err
	}
	if err := f.CheckRun("theory", "theory9"); err != nil {
		return err
	}
	if f.x0 == "" {
		f.Spans = []string{"seed"}
	}
	f.theoryStep = f.StepValue == 0 && !f.Auto()
	what := "--theory"
	if f.theoryStep {
		what = "--step " + f.Step
	}
	switch {
	case !f.theoryStep && !f.theory:
		if f.x0 == "" && f.init == "proposed" && f.sigma1 == 0 {
			f.singular = 1
		}
	case !changed("true-rank"):
		return run.Usagef("%s needs --true-rank, the rank of A", what)
	case f.trueRank > f.Rank:
		return run.Usagef("%s needs --true-rank of at most --rank, %d; it is %d", what, f.Rank, f.trueRank)
	case f.theory || f.sigma1 == 0 || f.sigmaR == 0:
		f.singular = f.trueRank
	}
	return nil
}

// Results are the files that the run reads, and those that it may write.
func (f *Flags) Results() (read []string, results []run.Output) {
	return append(table.Read(&f.Request), f.x0, f.y0), []run.Output{{Path: &f.saveX, Base: "x.npy"}, {Path: &f.saveY, Base: "y.npy"}}
}

func solveAsymmetric[T blas.Float](ctx context.Context, f *Flags) error {
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
	from := sources[T]().Chosen(&f.Request)
	p, err := from.Load(f, b)
	if err != nil {
		return err
	}
	if err := f.checkOrder(p.a.Dims()); err != nil {
		return err
	}
	if shape == nil { // nothing could be said of the file before it was read
		if err := f.CheckRunMemory(shapeOf(f, b, from, p)); err != nil {
			return err
		}
	}
	a, known := p.a, p.known
	sigma, sigma1, sigmaR, err := singularOf(ctx, f, a, known)
	if err != nil && ctx.Err() != nil {
		return f.CancelledBefore(b, began, "asymmetric", "the leading singular values were computed")
	}
	if err != nil {
		return err
	}
	var step run.FoundStep
	if run.NeedsStep(f.runs) {
		if step.Norm, step.Passes, err = stepsize.SingularNorm(ctx, b, a); err != nil && ctx.Err() != nil {
			return f.CancelledBefore(b, began, "asymmetric", "the norm was estimated for the step")
		}
		if err != nil {
			return err
		}
	}
	runs := make([]*Flags, len(f.runs))
	for i, run := range f.runs {
		runs[i] = run.with(sigma1, sigmaR, step)
	}
	f = runs[0]
	var column columnSpace
	if f.theory {
		if column, err = columnSpaceOf(f, a, sigma); err != nil {
			return run.UsageOf(err)
		}
	}
	bases, err := newSharedBases(f, runs, b, a)
	if err != nil {
		return err
	}
	best := bestError(ctx, f, p)
	build := func(f *Flags) (run.System, run.Solver, error) {
		bases, err := bases.alone(func(f *Flags) (*sharedBases, error) { return newSharedBases(f, []*Flags{f}, b, a) }, f)
		if err != nil {
			return run.System{}, nil, err
		}
		return buildAsymmetric(f, b, a, known, sigma, column, bases, best)
	}
	return run.All(ctx, runs, b, began, build, run.Together(func(members ...*asymmetric.Solver[T]) solvers.Ensemble { return asymmetric.NewEnsemble(members...) }))
}
