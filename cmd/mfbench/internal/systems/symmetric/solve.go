package symmetric

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// NewSolve is the command solve symmetric.
func NewSolve() *cobra.Command { return new(Flags).Solving() }

// Solving is the command that solves.
func (f *Flags) Solving() *cobra.Command {
	return f.Command(
		func(ctx context.Context) error { return solveSymmetric[float64](ctx, f) },
		func(ctx context.Context) error { return solveSymmetric[float32](ctx, f) })
}

// Command has the flags and runs in64, or in32 with --dtype f32.
func (f *Flags) Command(in64, in32 func(ctx context.Context) error) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "symmetric",
		Short: "X ← X + η(Σ − XXᵀ)X",
		Long: `Minimise ¼‖Σ − XXᵀ‖² over d×r matrices X by gradient descent:

  X ← X + η(Σ − XXᵀ)X

Σ is symmetric: a square matrix, a diagonal, a factor U with Σ = U·diag(λ)·Uᵀ,
a data matrix Z with Σ = ZᵀZ/n, the first column of a Toeplitz matrix, or generated.
Files are NumPy .npy, or file.npz:name, float32 or float64, Matrix Market .mtx, which
stays sparse, or IDX. Σ is symmetric when |a_ij − a_ji| ≤ 1e-12·max|a|, 1e-5·max|a|
where the file holds float32; its lower triangle is used. --symmetrize takes
(Σ + Σᵀ)/2.

--dtype mixed holds a dense Σ as float32, half the memory and half the bytes of
a pass, and computes in float64: the trajectory of the rounded Σ.

The run makes exactly --iters iterations; with --tol it stops when the relative
gradient norm ‖(Σ − XXᵀ)X‖/‖ΣX‖ is at most that. A saddle point has a small
gradient too.

Starts (--init):
  large     ϖN_0, entries of N_0 from N(0, 1/d), ϖ = --scale (default 0.5)
  small     the same with ϖ = --scale (default d^-1/2, inferred)
  benign    within the paper's set R; --scale from 0 to 1 is the noise (default 0.5)
  spectral  --scale·V_rΛ_r^½ (default 1, which is a solution)

--theory records the signals, noises and sets of the paper, finds the times of
Theorem 6 and says of each claim of the paper whether it holds, with both sides'
numbers, or which condition is not met. It measures every iterate, O(dr²). For a Σ
whose eigenvectors are not known it first computes the r+1 leading eigenpairs and
states their residuals. --step theory, --init benign and --init spectral need
those eigenpairs too. --step theory is Δ/(100λ_1²), the largest step of Theorem 6.
` + run.MethodHelp("Σ", "(Σ, X_0)", "X") + `

Spectra of --generate:
` + problem.SpectrumHelp(),
		Example: `  mfbench solve symmetric --sigma S.npy --rank 3 --step 0.1 --iters 500 --save-x X.npy
  mfbench solve symmetric --data Z.npy --rank 5 --step 0.01 --iters 5000 --tol 1e-10 --json
  mfbench solve symmetric --generate fig1 --d 4000 --rank 2 --step 0.1 --iters 1500 --theory --trace t.csv`,
		Args: run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if f.runs, err = run.Parse(f, &f.Request, run.Rules{
				Start: "x0", Check: f.check, Results: f.Results, Groups: []run.FlagGroup{table.Group(), starts},
			}); err != nil {
				return err
			}
			return f.Start(in64, in32)
		},
	}
	f.AddRun(cmd, "η: a positive number, or theory", "theory")
	fl := cmd.Flags()
	table.Add(f, cmd)
	fl.IntVar(&f.Rank, "rank", 0, "r, the number of columns of X, 1 to d")
	fl.StringVar(&f.x0, "x0", "", "X_0, a d×r file, instead of --init")
	fl.StringVar(&f.init, "init", "large", "start: large, small, benign or spectral")
	fl.Float64Var(&f.scale, "scale", 0, "scale of the start (default: see above)")
	fl.BoolVar(&f.theory, "theory", false, "record the paper's quantities and the distance to Σ_r")
	f.MethodFlags.Add(cmd)
	fl.StringVar(&f.saveX, "save-x", "", "write X here, .npy")
	run.Complete(cmd, "init", "large", "small", "benign", "spectral")
	return cmd
}

// starts are flags that exclude each other.
var starts = run.FlagGroup{ChosenBy: []string{"x0", "init"}, Belonging: []string{"scale"}}

// check validates all that can be known before a file is read.
func (f *Flags) check() error {
	changed := f.Cmd.Flags().Changed
	if err := f.Named(append(table.NotEmpty(), "x0", "save-x")...); err != nil {
		return err
	}
	if err := table.Check("Σ", f, &f.Request); err != nil {
		return err
	}
	if err := f.CheckRank("the number of columns of X, 1 to d"); err != nil {
		return err
	}
	switch {
	case f.x0 != "" && (changed("init") || changed("scale")):
		return run.Usagef("--x0 gives the start; --init and --scale do not go with it")
	case f.init != "large" && f.init != "small" && f.init != "benign" && f.init != "spectral":
		return run.Usagef("--init is %q; expected large, small, benign or spectral", f.init)
	case f.Dtype == "mixed" && !table.Mixes(f, &f.Request):
		return run.Usagef("--dtype mixed is for a dense Σ (--sigma, or --generate with --form dense); use f64 or f32 for this one")
	}
	if err := f.MethodFlags.Check(&f.Request); err != nil {
		return err
	}
	if err := f.CheckScale(f.scale, f.init == "benign"); err != nil {
		return err
	}
	if err := f.CheckRun("theory"); err != nil {
		return err
	}
	switch {
	case f.x0 != "" || f.init == "spectral":
	case f.init == "benign": // whose scale is that of a part
		f.Spans = []string{"seed", "scale"}
	default:
		f.Spans = []string{"seed"}
	}
	f.wantsTheory = f.theory || f.Step == "theory" || f.x0 == "" && (f.init == "benign" || f.init == "spectral")
	return nil
}

// loadSymmetric reads or makes Σ.
func loadSymmetric[T blas.Float](f *Flags, b *blas.Backend) (problemOf[T], error) {
	p, err := sources[T]().Chosen(&f.Request).Load(f, b)
	if err != nil {
		return p, err
	}
	if err := f.checkOrder(p.op.Dim()); err != nil {
		return p, err
	}
	if diagonal, ok := p.op.(*operator.Diagonal[T]); ok && f.wantsTheory {
		p.basis = symmetric.DiagonalEigenbasis(diagonal, f.Rank)
	}
	return p, nil
}

// Results are the files that the run reads, and those that it may write.
func (f *Flags) Results() (read []string, results []run.Output) {
	return append(table.Read(&f.Request), f.x0), []run.Output{{Path: &f.saveX, Base: "x.npy"}}
}

func solveSymmetric[T blas.Float](ctx context.Context, f *Flags) error {
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
	p, err := loadSymmetric[T](f, b)
	if err != nil {
		return err
	}
	if shape == nil { // nothing could be said of the file before it was read
		if err := f.CheckRunMemory(shapeOf(f, b, sources[T]().Chosen(&f.Request), p)); err != nil {
			return err
		}
	}
	if f.x0 == "" && (f.init == "benign" || f.init == "spectral") {
		if err := leadingPairs(ctx, f, b, &p, nil, began); err != nil {
			return err
		}
	}
	basis, err := newSharedBasis(f, b, p)
	if err != nil {
		return err
	}
	if f.wantsTheory {
		if err := leadingPairs(ctx, f, b, &p, basis, began); err != nil {
			return err
		}
	}
	build := func(f *Flags) (run.System, run.Solver, error) { return buildSymmetric(f, b, p, basis) }
	return run.All(ctx, f.runs, b, began, build, run.Together(func(members ...*symmetric.Solver[T]) solvers.Ensemble { return symmetric.NewEnsemble(members...) }))
}

// leadingPairs computes the eigenpairs of a Σ of which nobody knows them, in the basis of
// the runs where there is one, and says so when they are not accurate.
func leadingPairs[T blas.Float](ctx context.Context, f *Flags, b *blas.Backend, p *problemOf[T], basis *sharedBasis, before time.Time) error {
	if p.basis != nil {
		return nil
	}
	var err error
	if basis != nil && f.x0 == "" { // a file may have no part in an eigenvector
		began := time.Now()
		p.basis, err = symmetric.LeadingIn(ctx, basis.first, f.Rank, krylov.LeadingBlocks(f.Rank))
		p.passes, basis.took = basis.first.Passes(), basis.took+time.Since(began)
	}
	if p.basis == nil && err == nil {
		var pairs *eigen.Pairs
		if pairs, err = eigen.Leading(ctx, p.op, f.Rank+1, eigen.Options{Seed: f.ProblemSeed()}); err == nil {
			if !pairs.Converged {
				fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: the leading eigenpairs are not accurate after %d passes over Σ: residuals %.2g\n", pairs.Passes, pairs.Residuals)
			}
			p.basis, p.passes = symmetric.EigenbasisOf(pairs), pairs.Passes
		}
	}
	switch {
	case ctx.Err() != nil:
		return f.CancelledBefore(b, before, "symmetric", "the leading eigenpairs were computed")
	case err != nil:
		return fmt.Errorf("leading eigenpairs: %w", err)
	}
	return nil
}
