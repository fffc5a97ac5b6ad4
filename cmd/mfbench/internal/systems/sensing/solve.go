package sensing

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

// Flags are the flags of solve sensing.
type Flags struct {
	run.Request
	measurements, vectors, entries string
	generate, storage              string
	n, count                       int
	y, truth                       string
	trueRank                       int
	u0, init                       string
	scale                          float64
	power, theory                  bool
	isometry                       int
	saveU                          string

	runs []*Flags // one, or those of --vary
}

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
draws X with --true-rank orthonormal columns.

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
				Start: "u0", Check: f.check, Results: f.Results, Groups: []run.FlagGroup{run.FlagGroup{ChosenBy: sensingSources, Belonging: []string{"n", "count", "y", "storage", "truth", "true-rank"}}, run.FlagGroup{ChosenBy: []string{"u0", "init"}, Belonging: []string{"scale"}}},
			}); err != nil {
				return err
			}
			return f.Start(in64, in32)
		},
	}
	f.AddRun(cmd, "μ: a positive number")
	fl := cmd.Flags()
	fl.StringVar(&f.measurements, "measurements", "", "A_1 … A_m, an m×n×n array of symmetric matrices")
	fl.StringVar(&f.vectors, "vectors", "", "a_1 … a_m, an m×n matrix: A_i = a_ia_iᵀ")
	fl.StringVar(&f.entries, "entries", "", "the known elements, a Matrix Market file")
	fl.StringVar(&f.generate, "generate", "", "generated measurements: gaussian, vectors or entries")
	fl.IntVar(&f.n, "n", 0, "order of the matrices of a generated problem")
	fl.IntVar(&f.count, "count", 0, "m, the number of generated measurements")
	fl.StringVar(&f.storage, "storage", "", "how generated matrices are held: f64, f32, bf16 or regenerate (default: as --dtype)")
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
	run.Complete(cmd, "generate", problem.EnsembleNames()...)
	run.Complete(cmd, "storage", "f64", "f32", "bf16", "regenerate")
	run.Complete(cmd, "init", "small", "spectral")
	return cmd
}

var sensingSources = []string{"measurements", "vectors", "entries", "generate"}

// check validates all that can be known before a file is read.
func (f *Flags) check() error {
	changed := f.Cmd.Flags().Changed
	if err := f.Named("measurements", "vectors", "entries", "generate", "y", "truth", "u0", "save-u"); err != nil {
		return err
	}
	if err := f.OneOf("𝒜", sensingSources...); err != nil {
		return err
	}
	if f.generate == "" {
		if name, ok := f.AnyChanged("n", "count", "storage"); ok {
			return run.Usagef("--%s belongs to --generate", name)
		}
	}
	switch {
	case f.generate != "" && !slices.Contains(problem.EnsembleNames(), f.generate):
		return run.Usagef("--generate is %q; expected gaussian, vectors or entries", f.generate)
	case f.generate != "" && (f.n < 1 || f.count < 1):
		return run.Usagef("--n is %d and --count is %d; a generated problem needs at least 1 of each", f.n, f.count)
	case f.generate != "" && f.y != "":
		return run.Usagef("--y does not go with --generate, which computes y from the truth")
	case f.generate != "" && f.truth == "" && f.trueRank < 1:
		return run.Usagef("--true-rank is missing; expected the rank of the generated truth, at least 1")
	case f.generate != "" && f.trueRank > f.n:
		return run.Usagef("--true-rank is %d; a matrix of order %d has rank at most %d", f.trueRank, f.n, f.n)
	case (f.measurements != "" || f.vectors != "") && f.y == "" && f.truth == "":
		return run.Usagef("--y is missing; expected the measured values (or --truth, to compute them)")
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
	case f.storage != "" && f.generate != "gaussian":
		return run.Usagef("--storage is for --generate gaussian, the only ensemble of matrices")
	case f.storage != "" && !slices.Contains([]string{"f64", "f32", "bf16", "regenerate"}, f.storage):
		return run.Usagef("--storage is %q; expected f64, f32, bf16 or regenerate", f.storage)
	case f.storage == "f64" && f.Dtype != "f64":
		return run.Usagef("--storage f64 is for --dtype f64; this run computes in %s", f.Dtype)
	case f.storage != "" && f.Dtype == "mixed":
		return run.Usagef("--dtype mixed is --storage f32 already; leave one of the two out")
	case f.Dtype == "mixed" && (f.vectors != "" || f.entries != "" || f.generate != "" && f.generate != "gaussian"):
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

// held is how matrices are held: as asked for, else as the elements of the run,
// where generated ones fit in memory.
func held[T blas.Float](f *Flags, b *blas.Backend) problem.Held {
	switch {
	case f.storage == "f32" || f.Dtype == "mixed":
		return problem.HeldFloat32
	case f.storage == "bf16":
		return problem.HeldBFloat16
	case f.storage == "regenerate":
		return problem.HeldRegenerated
	case f.storage == "" && f.generate == "gaussian" && !problem.FitsInMemory[T](b, f.n, f.count, problem.HeldWide) && problem.FitsInMemory[T](b, f.n, f.count, problem.HeldRegenerated):
		return problem.HeldRegenerated
	}
	return problem.HeldWide
}

// sensingProblem is what is measured, y, and the truth where it is known.
type sensingProblem[T blas.Float] struct {
	a     operator.Measurement[T]
	y     []T
	truth *blas.General[float64]

	isometry *sensing.Isometry // nil where it is not asked for
}

// rank is r*, 0 where nobody says.
func (p *sensingProblem[T]) rank(f *Flags) int {
	if f.trueRank == 0 && p.truth != nil {
		return p.truth.Cols
	}
	return f.trueRank
}

func loadSensing[T blas.Float](f *Flags, b *blas.Backend) (p sensingProblem[T], err error) {
	switch {
	case f.measurements != "":
		p.a, err = problem.ReadMatrices[T](b, f.measurements, f.Dtype == "mixed")
	case f.vectors != "":
		p.a, err = problem.ReadVectors[T](b, f.vectors)
	case f.entries != "":
		p.a, p.y, err = problem.ReadEntries[T](b, f.entries)
	default:
		how := held[T](f, b)
		if how == problem.HeldRegenerated && f.storage == "" {
			fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: the %d matrices do not fit in memory; they are drawn again in every pass\n", f.count)
		}
		p.a, err = problem.GenerateMeasurements[T](b, f.generate, f.n, f.count, how, f.ProblemSeed())
	}
	if err != nil {
		return p, err
	}
	n, m := p.a.Dim(), p.a.Count()
	if err := f.checkOrder(n); err != nil {
		return p, err
	}
	switch {
	case f.truth != "":
		x, err := problem.ReadMatrix[float64](f.truth)
		if err == nil && x.Rows != n {
			err = fmt.Errorf("%s: the matrix is %d×%d; the factor of the truth must have n = %d rows", f.truth, x.Rows, x.Cols, n)
		}
		if err != nil {
			return p, err
		}
		p.truth = &x
	case f.generate != "":
		x := problem.Truth(n, f.trueRank, f.ProblemSeed())
		p.truth = &x
	}
	switch {
	case f.y != "":
		if p.y, err = problem.ReadVector[T](f.y); err == nil && len(p.y) != m {
			err = fmt.Errorf("%s: %d values for the %d measurements; their numbers must agree", f.y, len(p.y), m)
		}
	case p.y == nil && p.truth == nil:
		return p, run.Usagef("--y is missing: %s lists places without values (or give --truth, to compute them)", f.entries)
	case p.y == nil:
		p.y = make([]T, m)
		err = p.a.Measure(p.y, blas.Convert[T](*p.truth))
	}
	return p, err
}

// checkOrder validates --true-rank, once the order of the matrices is known.
func (f *Flags) checkOrder(n int) error {
	if f.trueRank > n {
		return run.Usagef("--true-rank is %d; the matrices have order %d, so the rank is at most %d", f.trueRank, n, n)
	}
	return nil
}

func (f *Flags) Results() (read []string, results []run.Output) {
	return []string{f.measurements, f.vectors, f.entries, f.y, f.truth, f.u0}, []run.Output{{Path: &f.saveU, Base: "u.npy"}}
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
	p, err := loadSensing[T](f, b)
	if err != nil {
		return err
	}
	n := p.a.Dim()
	if shape == nil { // nothing could be said of the file before it was read
		if err := f.CheckRunMemory(plan.Sensing{Common: f.CommonShape(b), Kind: f.kind(), N: n, M: p.a.Count(), R: f.Rank, Held: blas.SizeOf[T]()}); err != nil {
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

// buildSensing prepares the run that the flags ask for.
func buildSensing[T blas.Float](ctx context.Context, f *Flags, b *blas.Backend, p sensingProblem[T], began time.Time) (run.System, *sensing.Solver[T], error) {
	n := p.a.Dim()
	u0, scale, err := startSensing(ctx, f, p)
	if err != nil && ctx.Err() != nil {
		return run.System{}, nil, f.CancelledBefore(b, began, "sensing", "the spectral start was computed")
	}
	if err != nil {
		return run.System{}, nil, err
	}
	if err := run.CheckStep[T](f.StepValue, f.Dtype); err != nil {
		return run.System{}, nil, err
	}
	solver, err := sensing.New(p.a, p.y, blas.Convert[T](u0), f.StepValue)
	if err != nil {
		return run.System{}, nil, err
	}
	opts := sensing.RecorderOptions{Truth: p.truth, Rank: p.rank(f), Power: f.power, Seed: f.ProblemSeed()}
	switch {
	case opts.Rank > min(n, f.Rank) && f.theory:
		return run.System{}, nil, run.Usagef("--theory follows r* = %d singular vectors of U; --rank is %d", opts.Rank, f.Rank)
	case f.Trace == "" && !f.theory:
		opts.Rank, opts.Power = 0, false // the eigenspace is for the trace alone
	case opts.Rank > min(n, f.Rank) && f.power:
		return run.System{}, nil, run.Usagef("--power follows r* = %d singular vectors of U; --rank is %d", opts.Rank, f.Rank)
	case opts.Rank > min(n, f.Rank):
		opts.Rank = 0
	}
	recorder, err := sensing.NewRecorder(ctx, solver, opts)
	if err != nil && ctx.Err() != nil {
		return run.System{}, nil, f.CancelledBefore(b, began, "sensing", "the leading eigenspace of 𝒜*(y) was computed")
	}
	if err != nil {
		return run.System{}, nil, err
	}
	var checks func() []solvers.Check
	if f.theory {
		checks = func() []solvers.Check { return sensingChecks(f, scale, *p.truth, recorder) }
	}
	_, shares := p.a.(operator.MeasurementTogether[T])
	return run.System{
		Always: f.theory, Checks: checks, Shares: shares && run.Fused(b),
		Name: "sensing", Data: "the measurements", Bytes: p.a.Bytes(), Iterate: "U",
		Solver: solver, Recorder: recorder, Trace: &recorder.Trace, Bits: []any{f.power, f.theory, opts.Rank, run.HashOf(p.truth)},
		Files: []run.File{{Path: f.saveU, Write: func(path string) error { return run.WriteMatrix(solver.U())(path) }}},
		Omit:  f.omit(), Resolved: map[string]any{"scale": scale},
		Report: func(out map[string]any) error {
			out["n"], out["m"], out["error"], out["loss"] = n, p.a.Count(), solver.TrainError(), solver.Loss()
			u := blas.Convert[float64](solver.U())
			if p.truth != nil {
				distance, norm, err := distanceToTruth(b, *p.truth, u)
				if err != nil {
					return err
				}
				out["distance"] = run.Relative(distance, norm)
			}
			if f.theory {
				m := recorder.Marks()
				out["phases"] = map[string]any{"aligned": m.Aligned, "saddle": m.Saddle, "settled": m.Settled}
			}
			if i := p.isometry; i != nil {
				out["isometry"] = map[string]any{"rank": i.Rank, "samples": i.Samples, "min": i.Min, "max": i.Max, "mean": i.Mean, "delta_at_least": i.Delta}
			}
			if f.Dtype != "f64" && f.measurements != "" {
				moved, size, err := problem.Narrowed(f.measurements, u)
				if err != nil {
					return err
				}
				out["y_moved"] = run.Relative(moved, size)
			}
			return nil
		},
		Print: printSensing,
	}, solver, nil
}

// sensingChecks sets the run beside the bounds (4) to (6).
func sensingChecks[T blas.Float](f *Flags, scale float64, truth blas.General[float64], recorder *sensing.Recorder[T]) []solvers.Check {
	least := math.NaN()
	for _, v := range recorder.Trace.Column("test") {
		if !(v >= least) {
			least = v
		}
	}
	return sensing.SettingOf(truth, f.Rank, scale, f.StepValue).Checks(least, recorder.Marks())
}

// distanceToTruth is ‖UUᵀ − XXᵀ‖_F and ‖XXᵀ‖_F.
func distanceToTruth(b *blas.Backend, x, u blas.General[float64]) (distance, norm float64, err error) {
	ones := make([]float64, x.Cols)
	for i := range ones {
		ones[i] = 1
	}
	return operator.NewLowRank(b, x, ones).Distance(u)
}

// startSensing returns U_0, and the scale of a start that has one.
func startSensing[T blas.Float](ctx context.Context, f *Flags, p sensingProblem[T]) (u0 blas.General[float64], scale float64, err error) {
	n := p.a.Dim()
	switch {
	case f.u0 != "":
		u0, err = run.ReadFactor(f.u0, "U_0", "n", n, f.Rank)
		return u0, 0, err
	case f.init == "spectral":
		if f.Rank > n {
			return u0, 0, run.Usagef("--rank is %d; --init spectral has at most n = %d columns", f.Rank, n)
		}
		scale := f.scale
		if !f.Changed("scale") {
			scale = 1
		}
		back, err := p.a.Adjoint(p.y)
		if err != nil {
			return u0, 0, err
		}
		u0, pairs, err := sensing.SpectralStart(ctx, back, f.Rank, scale, f.ProblemSeed())
		if err == nil && !pairs.Converged {
			fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: the eigenpairs of the spectral start are not accurate: residuals %.2g\n", pairs.Residuals)
		}
		return u0, scale, err
	}
	scale = f.scale
	if !f.Changed("scale") {
		scale = 1 / (70 * float64(n) * float64(n))
	}
	return sensing.RandomStart(n, f.Rank, scale, f.Seed), scale, nil
}

// omit are the flags that say nothing about this run.
func (f *Flags) omit() map[string]bool {
	omit := map[string]bool{}
	if f.generate == "" {
		omit["n"], omit["count"] = true, true
	}
	if f.trueRank == 0 {
		omit["true-rank"] = true
	}
	if f.u0 != "" {
		omit["init"], omit["scale"] = true, true
	}
	return omit
}

func printSensing(line func(name, format string, args ...any), out map[string]any) {
	line("error", "%.6g   ‖𝒜(UUᵀ) − y‖/‖y‖", out["error"])
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖UUᵀ − XXᵀ‖_F/‖XXᵀ‖_F", d)
	}
	if v, ok := out["y_moved"]; ok {
		line("rounding to f32", "moved 𝒜(UUᵀ) by %.3g of itself", v)
	}
	line("gradient", "%.3g   relative to 𝒜*(y)U", out["gradient"])
	if m, ok := out["phases"].(map[string]any); ok {
		line("phases", "I ends at %v, II at %v, III at %v (−1: not seen)", m["aligned"], m["saddle"], m["settled"])
	}
	if m, ok := out["isometry"].(map[string]any); ok {
		line("isometry constant", "at least %.3g for rank %v, from %v random matrices", m["delta_at_least"], m["rank"], m["samples"])
	}
}
