package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/bench/matio"
	"lowrank/bench/problem"
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// symmetricFlags are the flags of solve symmetric.
type symmetricFlags struct {
	common
	cmd *cobra.Command

	sigma, sigmaDiag, sigmaFactor, sigmaEig, data string
	generate, form                                string
	d                                             int

	rank        int
	x0, init    string
	scale       float64
	step        string
	iters       int
	tol         float64
	theory      bool
	method      string
	saveX       string
	trace       string
	every       int
	checkpoint  checkpointFlags
	stepValue   float64 // of --step, 0 for theory
	wantsTheory bool    // leading eigenpairs are needed
}

func newSolveSymmetric() *cobra.Command {
	f := &symmetricFlags{}
	cmd := &cobra.Command{
		Use:   "symmetric",
		Short: "X ← X + η(Σ − XXᵀ)X",
		Long: `Minimise ¼‖Σ − XXᵀ‖² over d×r matrices X by gradient descent:

  X ← X + η(Σ − XXᵀ)X

Σ is symmetric: a square matrix, a diagonal, a factor U with Σ = U·diag(λ)·Uᵀ,
a data matrix Z with Σ = ZᵀZ/n, or generated. Files are NumPy .npy, or
file.npz:name, float32 or float64. A dense Σ is symmetric when
|a_ij − a_ji| ≤ 1e-12·max|a|; its lower triangle is used.

--dtype mixed holds a dense Σ as float32, half the memory and half the bytes of
a pass, and computes in float64: the trajectory of the rounded Σ.

Beside each result FILE stands FILE.toml, the resolved configuration, which
--config reads back. --checkpoint FILE --resume goes on after any kill, with the
bits of an unbroken run.

The run makes exactly --iters iterations; with --tol it stops when the relative
gradient norm ‖(Σ − XXᵀ)X‖/‖ΣX‖ is at most that. A saddle point has a small
gradient too.

Starts (--init):
  large     ϖN_0, entries of N_0 from N(0, 1/d), ϖ = --scale (default 0.5)
  small     the same with ϖ = --scale (default d^-1/2, inferred)
  benign    within the paper's set R; --scale from 0 to 1 is the noise (default 0.5)
  spectral  --scale·V_rΛ_r^½ (default 1, which is a solution)

--theory records the signals, noises and sets of the paper; for a Σ whose
eigenvectors are not known it first computes the r+1 leading eigenpairs and
states their residuals. --step theory, --init benign and --init spectral need
those eigenpairs too. --step theory is Δ/(100λ_1²), the largest step of Theorem 6.

Spectra of --generate:
` + problem.SpectrumHelp(),
		Example: `  mfbench solve symmetric --sigma S.npy --rank 3 --step 0.1 --iters 500 --save-x X.npy
  mfbench solve symmetric --data Z.npy --rank 5 --step 0.01 --iters 5000 --tol 1e-10 --json
  mfbench solve symmetric --generate fig1 --d 4000 --rank 2 --step 0.1 --iters 1500 --theory --trace t.csv`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.readConfig(cmd, sigmaSources, starts); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			if f.dtype == "f32" {
				return solveSymmetric[float32](cmd.Context(), f)
			}
			return solveSymmetric[float64](cmd.Context(), f)
		},
	}
	f.cmd = cmd
	f.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.sigma, "sigma", "", "Σ, a square .npy file")
	fl.StringVar(&f.sigmaDiag, "sigma-diag", "", "the diagonal of Σ, a vector")
	fl.StringVar(&f.sigmaFactor, "sigma-factor", "", "U, d×k, of Σ = U·diag(λ)·Uᵀ")
	fl.StringVar(&f.sigmaEig, "sigma-eig", "", "λ of --sigma-factor, k values (default: all 1)")
	fl.StringVar(&f.data, "data", "", "Z, n×d, of Σ = ZᵀZ/n")
	fl.StringVar(&f.generate, "generate", "", "a generated Σ with this spectrum: "+strings.Join(problem.SpectrumNames(), ", "))
	fl.IntVar(&f.d, "d", 0, "dimension of a generated Σ")
	fl.StringVar(&f.form, "form", "dense", "form of a generated Σ: dense (QΛQᵀ, Q random) or diagonal")
	fl.IntVar(&f.rank, "rank", 0, "r, the number of columns of X, 1 to d")
	fl.StringVar(&f.x0, "x0", "", "X_0, a d×r .npy file, instead of --init")
	fl.StringVar(&f.init, "init", "large", "start: large, small, benign or spectral")
	fl.Float64Var(&f.scale, "scale", 0, "scale of the start (default: see above)")
	fl.StringVar(&f.step, "step", "", "η: a positive number, or theory")
	fl.IntVar(&f.iters, "iters", 1000, "number of iterations")
	fl.Float64Var(&f.tol, "tol", 0, "stop at this relative gradient norm")
	fl.BoolVar(&f.theory, "theory", false, "record the paper's quantities and the distance to Σ_r")
	fl.StringVar(&f.method, "method", "direct", "direct: one pass over Σ an iteration")
	fl.StringVar(&f.saveX, "save-x", "", "write X here, .npy")
	fl.StringVar(&f.trace, "trace", "", "write the recorded iterates here, .csv")
	fl.IntVar(&f.every, "every", 1, "record every K-th iterate in the trace")
	f.checkpoint.add(cmd)
	complete(cmd, "generate", problem.SpectrumNames()...)
	complete(cmd, "form", "dense", "diagonal")
	complete(cmd, "init", "large", "small", "benign", "spectral")
	complete(cmd, "step", "theory")
	complete(cmd, "method", "direct")
	return cmd
}

// Flags that exclude each other.
var (
	sigmaSources = flagGroup{
		chosenBy:  []string{"sigma", "sigma-diag", "sigma-factor", "data", "generate"},
		belonging: []string{"sigma-eig", "d", "form"},
	}
	starts = flagGroup{chosenBy: []string{"x0", "init"}, belonging: []string{"scale"}}
)

// check validates all that can be known before a file is read.
func (f *symmetricFlags) check() error {
	changed := f.cmd.Flags().Changed
	var sources []string
	for _, name := range append(sigmaSources.chosenBy, "sigma-eig", "x0", "save-x", "trace", "checkpoint", "out") {
		if changed(name) && f.cmd.Flags().Lookup(name).Value.String() == "" {
			return usagef("--%s is empty; expected a name", name)
		}
	}
	for _, name := range sigmaSources.chosenBy {
		if changed(name) {
			sources = append(sources, "--"+name)
		}
	}
	if len(sources) != 1 {
		got := "none"
		if len(sources) > 1 {
			got = strings.Join(sources, " and ")
		}
		return usagef("Σ comes from exactly one of --sigma, --sigma-diag, --sigma-factor, --data and --generate; got %s", got)
	}
	switch {
	case changed("sigma-eig") && f.sigmaFactor == "":
		return usagef("--sigma-eig belongs to --sigma-factor")
	case f.generate == "" && (changed("d") || changed("form")):
		return usagef("--d and --form belong to --generate")
	case f.generate != "" && f.d < 1:
		return usagef("--d is %d; a generated Σ needs a dimension of at least 1", f.d)
	case f.form != "dense" && f.form != "diagonal":
		return usagef("--form is %q; expected dense or diagonal", f.form)
	case !changed("rank"):
		return usagef("--rank is missing; expected the number of columns of X, 1 to d")
	case f.rank < 1:
		return usagef("--rank is %d; expected at least 1", f.rank)
	case f.x0 != "" && (changed("init") || changed("scale")):
		return usagef("--x0 gives the start; --init and --scale do not go with it")
	case f.init != "large" && f.init != "small" && f.init != "benign" && f.init != "spectral":
		return usagef("--init is %q; expected large, small, benign or spectral", f.init)
	case changed("scale") && (!(f.scale >= 0) || math.IsInf(f.scale, 0) || f.scale == 0 && f.init != "benign"):
		return usagef("--scale is %g; expected a positive number", f.scale)
	case f.iters < 0:
		return usagef("--iters is %d; expected at least 0", f.iters)
	case !(f.tol >= 0) || math.IsInf(f.tol, 0):
		return usagef("--tol is %g; expected a number of at least 0", f.tol)
	case f.every < 1:
		return usagef("--every is %d; expected at least 1", f.every)
	case f.dtype == "mixed" && f.sigma == "" && (f.generate == "" || f.form != "dense"):
		return usagef("--dtype mixed is for a dense Σ (--sigma, or --generate with --form dense); use f64 or f32 for this one")
	case f.method != "direct":
		return usagef("--method is %q; expected direct", f.method)
	}
	if err := f.checkpoint.check(); err != nil {
		return err
	}
	if f.generate != "" {
		if _, err := problem.SpectrumNamed(f.generate); err != nil {
			return usagef("--generate: %v", err)
		}
	}
	switch f.step {
	case "":
		return usagef("--step is missing; expected a positive number, or theory")
	case "theory":
	default:
		v, err := strconv.ParseFloat(f.step, 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return usagef("--step is %q; expected a positive number, or theory", f.step)
		}
		f.stepValue = v
	}
	f.wantsTheory = f.theory || f.step == "theory" || f.x0 == "" && (f.init == "benign" || f.init == "spectral")
	return nil
}

// outputs resolves where results go and checks that they can be written.
func (f *symmetricFlags) outputs() error {
	if f.out != "" {
		if err := makeDir(f.out); err != nil {
			return err
		}
		if f.saveX == "" {
			f.saveX = filepath.Join(f.out, "x.npy")
		}
		if f.trace == "" {
			f.trace = filepath.Join(f.out, "trace.csv")
		}
	}
	t := targets{
		read:  []string{f.sigma, f.sigmaDiag, f.sigmaFactor, f.sigmaEig, f.data, f.x0, f.config},
		write: []string{f.saveX, f.trace, f.checkpoint.file},
	}
	if f.checkpoint.file != "" {
		t.write = append(t.write, f.checkpoint.file+".previous", f.checkpoint.file+".next")
	}
	for _, path := range []string{f.saveX, f.trace} {
		if path != "" && !isDevice(path) {
			t.write = append(t.write, beside(path))
		}
	}
	return t.check()
}

// problemOf is Σ, and its leading eigenpairs where they are known.
type problemOf[T blas.Float] struct {
	op    operator.Operator[T]
	basis *symmetric.Basis
}

func loadSymmetric[T blas.Float](f *symmetricFlags, b *blas.Backend) (p problemOf[T], err error) {
	switch {
	case f.sigma != "" && f.dtype == "mixed":
		p.op, err = problem.ReadRounded[T](b, f.sigma)
	case f.sigma != "":
		p.op, err = problem.ReadDense[T](b, f.sigma)
	case f.sigmaDiag != "":
		p.op, err = problem.ReadDiagonal[T](b, f.sigmaDiag)
	case f.sigmaFactor != "":
		p.op, err = problem.ReadLowRank[T](b, f.sigmaFactor, f.sigmaEig)
	case f.data != "":
		p.op, err = problem.ReadGram[T](b, f.data)
	default:
		form := problem.AsDiagonal
		switch {
		case f.form == "dense" && f.dtype == "mixed":
			form = problem.AsRounded
		case f.form == "dense":
			form = problem.AsDense
		}
		p.op, p.basis, err = problem.Generate[T](b, f.generate, f.d, f.rank, form, f.seed)
	}
	if err != nil {
		return p, err
	}
	d := p.op.Dim()
	switch {
	case f.rank > d:
		return p, usagef("--rank is %d; Σ has order %d, so the rank is at most %d", f.rank, d, d)
	case f.wantsTheory && f.rank == d:
		return p, usagef("--theory, --step theory, --init benign and --init spectral need the r+1 leading eigenvalues; Σ has order %d, so --rank is at most %d", d, d-1)
	}
	if diagonal, ok := p.op.(*operator.Diagonal[T]); ok && f.wantsTheory {
		p.basis = symmetric.DiagonalBasis(diagonal, f.rank)
	}
	return p, nil
}

func solveSymmetric[T blas.Float](ctx context.Context, f *symmetricFlags) error {
	began := time.Now()
	b, err := f.open(f.cmd)
	if err != nil {
		return err
	}
	if err := f.outputs(); err != nil {
		return err
	}
	p, err := loadSymmetric[T](f, b)
	if err != nil {
		return err
	}
	if err := checkRunMemory[T](f, p.op.Dim()); err != nil {
		return err
	}
	theoryPasses := 0
	if f.wantsTheory && p.basis == nil {
		if p.basis, theoryPasses, err = leadingPairs(ctx, f, b, p.op, began); err != nil {
			return err
		}
	}
	x0, err := f.start(p.op.Dim(), p.basis)
	if err != nil {
		return err
	}
	eta := f.stepValue
	if f.step == "theory" {
		if eta, err = symmetric.TheoryStep(p.basis.Values, p.basis.Residuals); err != nil {
			return usageError{err}
		}
	}
	if T(eta) == 0 || math.IsInf(float64(T(eta)), 0) {
		return usagef("--step is %g; as %s that is %g", eta, f.dtype, float64(T(eta)))
	}

	solver := symmetric.New(b, p.op, blas.Convert[T](x0), eta)
	var theory *symmetric.Theory[T]
	if f.theory {
		theory = symmetric.NewTheory[T](b, p.basis)
	}
	recorder := symmetric.NewRecorder(solver, theory)
	var schedules []solvers.Schedule
	if f.trace != "" {
		schedules = append(schedules, solvers.Schedule{Recorder: recorder, Every: f.every})
	}
	var before time.Duration // of the runs that this one continues
	if f.checkpoint.file != "" {
		fingerprint, err := solver.Fingerprint(b.Name, bench.RowName(b), f.dtype, f.trace != "", f.every, f.theory)
		if err != nil {
			return err
		}
		saver := &checkpointer{file: f.checkpoint.file, fingerprint: fingerprint, solver: solver, trace: &recorder.Trace}
		if before, err = f.checkpoint.restore(f.cmd, saver, f.every, f.iters); err != nil {
			return err
		}
		schedules = append(schedules, solvers.Schedule{Recorder: saver, Every: f.checkpoint.every})
	}
	bar := startProgress(f.cmd.ErrOrStderr(), f.quiet, "symmetric", f.iters)
	res, runErr := solvers.Run(ctx, watched{solver, bar}, solvers.Stop{Iterations: f.iters, Tolerance: f.tol}, schedules...)
	bar.stop()
	res.Time += before
	res.Iterations, res.Passes = solver.Iteration(), solver.Passes()
	rate := perSecond(res)

	// First, because the distance may take long and be interrupted.
	saved, saveErr := f.saveResults(any(solver.X()), recorder.Trace)
	distance, norm, err := operator.Distance(p.op, blas.Convert[float64](solver.X()))
	if err != nil && runErr == nil {
		runErr = err
	}
	relative := distance / norm
	if norm == 0 {
		relative = distance
	}
	out := map[string]any{
		"system": "symmetric", "status": res.Status.String(), "iterations": res.Iterations, "error": relative,
		"seconds": res.Time.Seconds(), "iterations_per_second": rate, "gradient": res.Gradient,
		"backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.dtype, "passes": res.Passes,
		"d": p.op.Dim(), "rank": f.rank, "step": solver.StepSize(), "seed": f.seed, "method": f.method,
		"gigabytes_per_second": rate * float64(p.op.Bytes()) / 1e9,
	}
	if res.Reason != "" {
		out["reason"] = res.Reason
	}
	if theory == nil && p.basis != nil && p.basis.Residuals == nil { // Σ_r is known at no cost
		theory = symmetric.NewTheory[T](b, p.basis)
	}
	if theory != nil {
		out["distance"] = theory.Measure(solver.X()).Error
	}
	if p.basis != nil {
		out["eigenvalues"] = p.basis.Values
		if p.basis.Residuals != nil {
			out["eigenpair_residuals"] = p.basis.Residuals
			out["theory_passes"] = theoryPasses
		}
	}
	if saveErr == nil {
		saved, saveErr = f.saveConfigs(b, saved, out)
	}
	out["total_seconds"] = time.Since(began).Seconds()
	if f.json {
		err = printJSON(f.cmd.OutOrStdout(), out)
	} else {
		err = printSymmetric(f, out, saved)
	}
	switch {
	case runErr != nil:
		return runErr
	case saveErr != nil:
		return saveErr
	case err != nil:
		return err
	case res.Status == solvers.Diverged:
		return fmt.Errorf("%s; X is the last finite iterate", res.Reason)
	case res.Status == solvers.Cancelled:
		return fmt.Errorf("cancelled after %d of %d iterations", res.Iterations, f.iters)
	}
	return nil
}

// checkRunMemory refuses a run that would not fit beside Σ.
func checkRunMemory[T blas.Float](f *symmetricFlags, d int) error {
	rows := 0
	if f.trace != "" {
		rows = f.iters/f.every + 2
	}
	bytes := problem.RunBytes[T](d, f.rank, f.wantsTheory, rows, 10+4*f.rank)
	return problem.CheckMemory(fmt.Sprintf("a run with d = %d, rank %d and %d recorded iterates", d, f.rank, rows), bytes)
}

// leadingPairs computes the basis of a Σ whose eigenvectors nobody knows, and
// says so when it is not accurate.
func leadingPairs[T blas.Float](ctx context.Context, f *symmetricFlags, b *blas.Backend, op operator.Operator[T], began time.Time) (*symmetric.Basis, int, error) {
	pairs, err := eigen.Leading(ctx, op, f.rank+1, eigen.Options{Seed: f.seed})
	if ctx.Err() != nil {
		if f.json {
			err := printJSON(f.cmd.OutOrStdout(), map[string]any{
				"system": "symmetric", "status": solvers.Cancelled.String(), "iterations": 0, "error": nil, "passes": 0,
				"seconds": 0.0, "total_seconds": time.Since(began).Seconds(), "iterations_per_second": 0.0,
				"backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.dtype,
			})
			if err != nil {
				return nil, 0, err
			}
		}
		return nil, 0, fmt.Errorf("cancelled while the leading eigenpairs were computed")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("leading eigenpairs: %w", err)
	}
	if !pairs.Converged {
		fmt.Fprintf(f.cmd.ErrOrStderr(), "mfbench: the leading eigenpairs are not accurate after %d passes over Σ: residuals %.2g\n", pairs.Passes, pairs.Residuals)
	}
	return symmetric.BasisOf(pairs), pairs.Passes, nil
}

func perSecond(res solvers.Result) float64 {
	if res.Iterations == 0 {
		return 0
	}
	return float64(res.Iterations) / res.Time.Seconds()
}

// start returns X_0.
func (f *symmetricFlags) start(d int, basis *symmetric.Basis) (blas.General[float64], error) {
	if f.x0 != "" {
		x0, err := problem.ReadMatrix[float64](f.x0)
		if err == nil && (x0.Rows != d || x0.Cols != f.rank) {
			err = fmt.Errorf("%s: the matrix is %d×%d; X_0 must be d×rank = %d×%d", f.x0, x0.Rows, x0.Cols, d, f.rank)
		}
		return x0, err
	}
	switch f.init {
	case "small":
		return symmetric.Large(d, f.rank, f.scaleOr(symmetric.SmallScale(d)), f.seed), nil
	case "benign":
		x0, err := symmetric.Benign(basis, f.scaleOr(0.5), f.seed)
		if err != nil {
			err = usagef("--init benign: %v", err)
		}
		return x0, err
	case "spectral":
		return symmetric.Spectral(basis, f.scaleOr(1)), nil
	default:
		return symmetric.Large(d, f.rank, f.scaleOr(0.5), f.seed), nil
	}
}

// scaleOr returns --scale, or the default, which it sets so that the resolved
// configuration has it.
func (f *symmetricFlags) scaleOr(otherwise float64) float64 {
	if !f.cmd.Flags().Changed("scale") {
		// A float64 in this notation is one that the flag takes.
		_ = f.cmd.Flags().Set("scale", strconv.FormatFloat(otherwise, 'g', -1, 64))
	}
	return f.scale
}

// saveResults writes X and the trace, and returns their names.
func (f *symmetricFlags) saveResults(x any, trace solvers.Trace) (saved []string, err error) {
	if f.saveX != "" {
		switch x := x.(type) {
		case blas.General[float64]:
			err = matio.WriteNPY(f.saveX, []int{x.Rows, x.Cols}, x.Data)
		case blas.General[float32]:
			err = matio.WriteNPY(f.saveX, []int{x.Rows, x.Cols}, x.Data)
		}
		if err != nil {
			return saved, err
		}
		saved = append(saved, f.saveX)
	}
	if f.trace != "" {
		if err := matio.WriteCSV(f.trace, trace.Columns, trace.Rows); err != nil {
			return saved, err
		}
		saved = append(saved, f.trace)
	}
	return saved, nil
}

// saveConfigs writes the resolved configuration beside each result, and
// returns the names of all.
func (f *symmetricFlags) saveConfigs(b *blas.Backend, results []string, result map[string]any) ([]string, error) {
	omit := map[string]bool{}
	if f.generate == "" {
		omit["d"], omit["form"] = true, true
	}
	if f.x0 != "" {
		omit["init"], omit["scale"] = true, true
	}
	config, err := resolvedConfig(f.cmd, b, result, omit)
	if err != nil {
		return results, err
	}
	saved := results
	for _, path := range results {
		if isDevice(path) {
			continue
		}
		if err := matio.WriteFile(beside(path), config); err != nil {
			return saved, err
		}
		saved = append(saved, beside(path))
	}
	return saved, nil
}

func printSymmetric(f *symmetricFlags, out map[string]any, saved []string) error {
	w := f.cmd.OutOrStdout()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-22s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("status", "%v", out["status"])
	line("iterations", "%d, %d passes over Σ", out["iterations"], out["passes"])
	line("error", "%.6g   ‖Σ − XXᵀ‖_F/‖Σ‖_F", out["error"])
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖Σ_r − XXᵀ‖_F", d)
	}
	line("gradient", "%.3g   ‖(Σ − XXᵀ)X‖_F/‖ΣX‖_F before the last step", out["gradient"])
	if v, ok := out["eigenvalues"]; ok {
		line("leading eigenvalues", "%.10g", v)
	}
	if v, ok := out["eigenpair_residuals"]; ok {
		line("their residuals", "%.2g after %d passes over Σ", v, out["theory_passes"])
	}
	line("step", "%.6g", out["step"])
	line("time", "%.4g s in iterations, %.4g s in all", out["seconds"], out["total_seconds"])
	line("throughput", "%.4g iterations/s, %.3g GB/s of Σ", out["iterations_per_second"], out["gigabytes_per_second"])
	line("run on", "backend %s (%s), %d threads, %s", out["backend"], out["kernel"], out["threads"], out["dtype"])
	for _, path := range saved {
		line("saved", "%s", path)
	}
	return nil
}
