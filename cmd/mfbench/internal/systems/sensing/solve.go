package sensing

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/sensing"
)

// NewSolve is the command solve sensing.
func NewSolve() *cobra.Command { return new(Flags).Solving() }

// Solving is the command that solves.
func (f *Flags) Solving() *cobra.Command {
	return f.Command(
		func(ctx context.Context) error { return solveSensing[float64](ctx, f) },
		func(ctx context.Context) error { return solveSensing[float32](ctx, f) })
}

// Command has the flags and runs in64, or in32 with --dtype f32.
func (f *Flags) Command(in64, in32 func(ctx context.Context) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sensing",
		Short: "U ← U + μ𝒜*(y − 𝒜(UUᵀ))U",
		Long: `Recover a symmetric n×n matrix XXᵀ from m measurements y by gradient descent on
¼‖𝒜(UUᵀ) − y‖² over n×r matrices U:

  U ← U + μ𝒜*(y − 𝒜(UUᵀ))U,   𝒜(Z)_i = ⟨A_i, Z⟩/√m

The A_i are symmetric matrices (--measurements, an m×n×n array), a_ia_iᵀ with the
a_i as rows of a matrix (--vectors, m×n), single elements at the places that a
Matrix Market file lists (--entries, n×n; ⟨A_i, Z⟩ = Z_jk), or generated.

y is --y, m numbers; without it the values in --entries, each an element of XXᵀ
(so y_i is that over √m), or 𝒜(XXᵀ) of --truth, the factor X. A generated problem
draws X with --true-rank orthogonal columns, of singular values evenly from 1 to 1/κ,
κ = --condition (default 1); --noise s adds Gaussian noise of norm s‖y‖ to y.

Starts (--init):
  small     αU, entries of U from N(0, 1/r), α = --scale (default 1/(70n²))
  spectral  --scale·V_rΛ_r^½ of the r leading eigenpairs of 𝒜*(y) (default 1)

The trace holds the training error, with the truth the test error, and with
--true-rank r* the angle between the leading r* left singular vectors of U and
the leading eigenspace of 𝒜*(y); --power adds the power method beside it.

--theory finds the three phases from the recorded iterates and sets the run beside
the bounds (4) to (6), which hold up to constants that the paper does not give; it
needs the truth. --isometry K measures K random matrices of rank 2r* and reports
the largest |‖𝒜(Z)‖² − 1| for ‖Z‖_F = 1, a lower bound of the constant of restricted
isometry.

--dtype f32 computes in float32, --dtype mixed holds matrices as float32 and computes
in float64: half the bytes of a pass. For the matrices of a file the run then reports
how far the rounding moves 𝒜(UUᵀ). --storage is for --generate gaussian: f64, f32
and bf16 hold the matrices rounded, which is another ensemble, exact in itself, since y
is computed from the same matrices; regenerate draws them again in every pass, which
is what happens too where they do not fit in memory.

Measurements of --generate:
` + problem.EnsembleHelp() + `
The run makes exactly --iters iterations; with --tol it stops when the gradient
norm relative to that of 𝒜*(y)U is at most that. A saddle point has a small
gradient too.`,
		Example: `  mfbench solve sensing --measurements A.npy --y y.npy --rank 5 --step 0.25 --iters 1000 --save-u U.npy
  mfbench solve sensing --entries known.mtx --rank 3 --init spectral --step 10 --iters 2000
  mfbench solve sensing --generate gaussian --n 80 --count 1600 --true-rank 2 --rank 10 --step 0.25 --iters 300 --trace t.csv`,
		Args: run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if f.runs, err = run.Parse(f, &f.Request, run.Rules{
				Start: "u0", Check: f.check, Results: f.Results, Groups: []run.FlagGroup{table.Group("y", "truth", "true-rank"), starts},
			}); err != nil {
				return err
			}
			return f.Start(in64, in32)
		},
	}
	f.AddRun(cmd, "μ: a positive number")
	fl := cmd.Flags()
	table.Add(f, cmd)
	fl.StringVar(&f.y, "y", "", "the measured values, a vector of m numbers")
	fl.StringVar(&f.truth, "truth", "", "the factor X of the truth XXᵀ, n×r*")
	fl.IntVar(&f.trueRank, "true-rank", 0, "r*, the rank of the truth")
	fl.IntVar(&f.Rank, "rank", 0, "r, the number of columns of U")
	fl.StringVar(&f.u0, "u0", "", "U_0, an n×r file, instead of --init")
	fl.StringVar(&f.init, "init", "small", "start: small or spectral")
	fl.Float64Var(&f.scale, "scale", 0, "scale of the start (default: see above)")
	fl.BoolVar(&f.power, "power", false, "record the power method beside the run; with --trace and --true-rank")
	fl.BoolVar(&f.theory, "theory", false, "phases, and the run beside the paper's bounds; needs the truth")
	fl.IntVar(&f.isometry, "isometry", 0, "estimate the isometry constant from so many random matrices")
	fl.StringVar(&f.saveU, "save-u", "", "write U here, .npy")
	run.Complete(cmd, "init", "small", "spectral")
	return cmd
}

// starts are flags that exclude each other.
var starts = run.FlagGroup{ChosenBy: []string{"u0", "init"}, Belonging: []string{"scale"}}

// check validates all that can be known before a file is read.
func (f *Flags) check() error {
	changed := f.Cmd.Flags().Changed
	if err := f.Named(append(table.NotEmpty(), "y", "truth", "u0", "save-u")...); err != nil {
		return err
	}
	if err := table.Check("𝒜", f, &f.Request); err != nil {
		return err
	}
	switch {
	case changed("true-rank") && f.trueRank < 1:
		return run.Usagef("--true-rank is %d; expected at least 1", f.trueRank)
	case f.u0 != "" && (changed("init") || changed("scale")):
		return run.Usagef("--u0 gives the start; --init and --scale do not go with it")
	case f.init != "small" && f.init != "spectral":
		return run.Usagef("--init is %q; expected small or spectral", f.init)
	case f.power && (f.Trace == "" && f.Out == "" || f.trueRank == 0 && f.truth == ""):
		return run.Usagef("--power adds columns to --trace and needs --true-rank or --truth")
	case f.theory && f.truth == "" && f.generate == "":
		return run.Usagef("--theory needs --truth, the factor of the truth")
	case f.theory && f.u0 != "":
		return run.Usagef("--theory needs a start with a scale: --init, not --u0")
	case changed("isometry") && f.isometry < 1:
		return run.Usagef("--isometry is %d; expected at least 1", f.isometry)
	case f.isometry > 0 && f.trueRank == 0 && f.truth == "":
		return run.Usagef("--isometry needs --true-rank or --truth, for the rank of its matrices")
	case f.storage == "f64" && f.Dtype != "f64":
		return run.Usagef("--storage f64 is for --dtype f64; this run computes in %s", f.Dtype)
	case f.storage != "" && f.Dtype == "mixed":
		return run.Usagef("--dtype mixed is --storage f32 already; leave one of the two out")
	case f.Dtype == "mixed" && !table.Mixes(f, &f.Request):
		return run.Usagef("--dtype mixed is for measurements with matrices; use f64 or f32 for these")
	}
	if err := f.CheckRank("r, the number of columns of U"); err != nil {
		return err
	}
	if err := f.CheckScale(f.scale, false); err != nil {
		return err
	}
	return f.CheckRun()
}

// Results are the files that the run reads, and those that it may write.
func (f *Flags) Results() (read []string, results []run.Output) {
	return append(table.Read(&f.Request), f.y, f.truth, f.u0), []run.Output{{Path: &f.saveU, Base: "u.npy"}}
}

func solveSensing[T blas.Float](ctx context.Context, f *Flags) error {
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
	p, err := loadSensing(f, b, from)
	if err != nil {
		return err
	}
	n := p.a.Dim()
	if shape == nil { // nothing could be said of the file before it was read
		if err := f.CheckRunMemory(shapeOf(f, b, from, p)); err != nil {
			return err
		}
	}
	if f.isometry > 0 {
		p.isometry, err = sensing.EstimateIsometry(ctx, p.a, min(2*p.rank(f), n), f.isometry, f.ProblemSeed())
		if err != nil && ctx.Err() != nil {
			return f.CancelledBefore(b, began, "sensing", "the isometry constant was estimated")
		}
		if err != nil {
			return err
		}
	}
	build := func(f *Flags) (run.System, *sensing.Solver[T], error) { return buildSensing(ctx, f, b, p, began) }
	return run.All(ctx, f.runs, b, began, build, func(members ...*sensing.Solver[T]) solvers.Ensemble {
		return sensing.NewEnsemble(members...)
	})
}
