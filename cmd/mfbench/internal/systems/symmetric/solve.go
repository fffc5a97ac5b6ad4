package symmetric

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// Flags are the flags of solve symmetric.
type Flags struct {
	run.Request
	sigma, sigmaDiag, sigmaFactor, sigmaEig, data string
	generate, form                                string
	d                                             int

	x0, init string
	scale    float64
	theory   bool
	run.MethodFlags
	saveX       string
	wantsTheory bool // leading eigenpairs are needed

	runs []*Flags // one, or those of --vary
}

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
a data matrix Z with Σ = ZᵀZ/n, or generated. Files are NumPy .npy, or
file.npz:name, float32 or float64, Matrix Market .mtx, which stays sparse, or IDX. Σ
is symmetric when |a_ij − a_ji| ≤ 1e-12·max|a|; its lower triangle is used.

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
				Start: "x0", Check: f.check, Results: f.Results, Groups: []run.FlagGroup{sigmaSources, starts},
			}); err != nil {
				return err
			}
			return f.Start(in64, in32)
		},
	}
	f.AddRun(cmd, "η: a positive number, or theory", "theory")
	fl := cmd.Flags()
	fl.StringVar(&f.sigma, "sigma", "", "Σ, a square matrix")
	fl.StringVar(&f.sigmaDiag, "sigma-diag", "", "the diagonal of Σ, a vector")
	fl.StringVar(&f.sigmaFactor, "sigma-factor", "", "U, d×k, of Σ = U·diag(λ)·Uᵀ")
	fl.StringVar(&f.sigmaEig, "sigma-eig", "", "λ of --sigma-factor, k values (default: all 1)")
	fl.StringVar(&f.data, "data", "", "Z, n×d, of Σ = ZᵀZ/n")
	fl.StringVar(&f.generate, "generate", "", "a generated Σ with this spectrum: "+strings.Join(problem.SpectrumNames(), ", "))
	fl.IntVar(&f.d, "d", 0, "dimension of a generated Σ")
	fl.StringVar(&f.form, "form", "dense", "form of a generated Σ: dense (QΛQᵀ, Q random) or diagonal")
	fl.IntVar(&f.Rank, "rank", 0, "r, the number of columns of X, 1 to d")
	fl.StringVar(&f.x0, "x0", "", "X_0, a d×r file, instead of --init")
	fl.StringVar(&f.init, "init", "large", "start: large, small, benign or spectral")
	fl.Float64Var(&f.scale, "scale", 0, "scale of the start (default: see above)")
	fl.BoolVar(&f.theory, "theory", false, "record the paper's quantities and the distance to Σ_r")
	f.MethodFlags.Add(cmd)
	fl.StringVar(&f.saveX, "save-x", "", "write X here, .npy")
	run.Complete(cmd, "generate", problem.SpectrumNames()...)
	run.Complete(cmd, "form", "dense", "diagonal")
	run.Complete(cmd, "init", "large", "small", "benign", "spectral")
	return cmd
}

// Flags that exclude each other.
var (
	sigmaSources = run.FlagGroup{
		ChosenBy:  []string{"sigma", "sigma-diag", "sigma-factor", "data", "generate"},
		Belonging: []string{"sigma-eig", "d", "form"},
	}
	starts = run.FlagGroup{ChosenBy: []string{"x0", "init"}, Belonging: []string{"scale"}}
)

// check validates all that can be known before a file is read.
func (f *Flags) check() error {
	changed := f.Cmd.Flags().Changed
	if err := f.Named(append(sigmaSources.ChosenBy, "sigma-eig", "x0", "save-x")...); err != nil {
		return err
	}
	if err := f.OneOf("Σ", sigmaSources.ChosenBy...); err != nil {
		return err
	}
	switch {
	case changed("sigma-eig") && f.sigmaFactor == "":
		return run.Usagef("--sigma-eig belongs to --sigma-factor")
	case f.generate == "" && (changed("d") || changed("form")):
		return run.Usagef("--d and --form belong to --generate")
	case f.generate != "" && f.d < 1:
		return run.Usagef("--d is %d; a generated Σ needs a dimension of at least 1", f.d)
	case f.form != "dense" && f.form != "diagonal":
		return run.Usagef("--form is %q; expected dense or diagonal", f.form)
	}
	if err := f.CheckRank("the number of columns of X, 1 to d"); err != nil {
		return err
	}
	switch {
	case f.x0 != "" && (changed("init") || changed("scale")):
		return run.Usagef("--x0 gives the start; --init and --scale do not go with it")
	case f.init != "large" && f.init != "small" && f.init != "benign" && f.init != "spectral":
		return run.Usagef("--init is %q; expected large, small, benign or spectral", f.init)
	case f.Dtype == "mixed" && f.sigma == "" && (f.generate == "" || f.form != "dense"):
		return run.Usagef("--dtype mixed is for a dense Σ (--sigma, or --generate with --form dense); use f64 or f32 for this one")
	}
	if err := f.MethodFlags.Check(&f.Request); err != nil {
		return err
	}
	if err := f.CheckScale(f.scale, f.init == "benign"); err != nil {
		return err
	}
	if f.generate != "" {
		if _, err := problem.SpectrumNamed(f.generate); err != nil {
			return run.Usagef("--generate: %v", err)
		}
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

// problemOf is Σ, and its leading eigenpairs where they are known or were computed, by
// so many passes.
type problemOf[T blas.Float] struct {
	op     operator.Operator[T]
	basis  *symmetric.Basis
	passes int
}

func loadSymmetric[T blas.Float](f *Flags, b *blas.Backend) (p problemOf[T], err error) {
	switch {
	case f.sigma != "" && f.Dtype == "mixed":
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
		case f.form == "dense" && f.Dtype == "mixed":
			form = problem.AsRounded
		case f.form == "dense":
			form = problem.AsDense
		}
		p.op, p.basis, err = problem.Generate[T](b, f.generate, f.d, f.Rank, form, f.ProblemSeed())
	}
	if err != nil {
		return p, err
	}
	if err := f.checkOrder(p.op.Dim()); err != nil {
		return p, err
	}
	if diagonal, ok := p.op.(*operator.Diagonal[T]); ok && f.wantsTheory {
		p.basis = symmetric.DiagonalBasis(diagonal, f.Rank)
	}
	return p, nil
}

// checkOrder validates --rank, once the order of Σ is known.
func (f *Flags) checkOrder(d int) error {
	switch {
	case f.Rank > d:
		return run.Usagef("--rank is %d; Σ has order %d, so the rank is at most %d", f.Rank, d, d)
	case f.wantsTheory && f.Rank == d:
		what := "--init " + f.init
		switch {
		case f.theory:
			what = "--theory"
		case f.Step == "theory":
			what = "--step theory"
		}
		if d == 1 {
			return run.Usagef("%s needs the r+1 leading eigenvalues; Σ has order 1, and so only one", what)
		}
		return run.Usagef("%s needs the r+1 leading eigenvalues; Σ has order %d, so --rank is at most %d", what, d, d-1)
	}
	return nil
}

func (f *Flags) Results() (read []string, results []run.Output) {
	return []string{f.sigma, f.sigmaDiag, f.sigmaFactor, f.sigmaEig, f.data, f.x0}, []run.Output{{Path: &f.saveX, Base: "x.npy"}}
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
		if err := f.CheckRunMemory(shapeOf(f, b, p.op)); err != nil {
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

// shapeOf is the shape of a run on a Σ that has been read; the bytes of a pass say how
// large it is.
func shapeOf[T blas.Float](f *Flags, b *blas.Backend, op operator.Operator[T]) plan.Symmetric {
	s := plan.Symmetric{Common: f.CommonShape(b), D: op.Dim(), R: f.Rank, Held: blas.SizeOf[T](), Basis: f.wantsTheory, Vectors: f.Vectors(&f.Request, op.Dim(), run.RankBound(op))}
	pass := int(op.Bytes())
	switch op.(type) {
	case *operator.Diagonal[T]:
		s.Form, s.Basis = plan.Diagonal, false
	case *operator.LowRank[T]:
		s.Form, s.K = plan.Product, pass/(2*s.D*s.Elem)
	case *operator.Gram[T]:
		s.Form, s.K = plan.Gram, pass/(s.D*s.Elem)
	case *operator.SparseSymmetric[T]:
		s.Form, s.K = plan.Sparse, pass/(4+s.Elem)
	}
	return s
}

// buildSymmetric prepares the run that the flags ask for.
func buildSymmetric[T blas.Float](f *Flags, b *blas.Backend, p problemOf[T], basis *sharedBasis) (run.System, run.Solver, error) {
	d := p.op.Dim()
	eta := f.StepValue
	if f.Step == "theory" {
		var err error
		if eta, err = symmetric.TheoryStep(p.basis.Values, p.basis.Residuals); err != nil {
			return run.System{}, nil, run.UsageOf(err)
		}
	}
	if err := run.CheckStep[T](eta, f.Dtype); err != nil {
		return run.System{}, nil, err
	}

	var way trajectory[T]
	var took time.Duration
	var scale float64
	if basis != nil {
		scale = basis.scales[f.Run]
		way, took = any(basis.next(b, eta, f.KrylovTol)).(trajectory[T]), basis.took
	} else {
		var x0 blas.General[float64]
		var err error
		if x0, scale, err = f.start(d, p.basis); err != nil {
			return run.System{}, nil, err
		}
		way = directly(b, p.op, blas.Convert[T](x0), eta)
	}
	var theory *symmetric.Theory[T]
	if f.theory {
		theory = way.theory(p.basis)
	}
	recorder := symmetric.NewRecorder(way.iterates, theory)
	if theory == nil && p.basis != nil && p.basis.Residuals == nil { // Σ_r is known at no cost
		theory = way.theory(p.basis)
	}
	var watch []solvers.Recorder
	var checks func() []solvers.Check
	var tracker *symmetric.Tracker[T]
	if f.theory {
		tracker = symmetric.NewTracker(way.iterates, theory)
		watch, checks = []solvers.Recorder{tracker}, tracker.Checks
	}
	_, shares := p.op.(operator.Together[T])
	return run.System{
		Method: run.MethodOf(basis != nil),
		Watch:  watch, Checks: checks, Shares: basis != nil || shares && run.Fused(b), Took: took, Alone: way.alone,
		Name: "symmetric", Data: "Σ", Bytes: p.op.Bytes(), Iterate: "X",
		Solver: way.solver, Recorder: recorder, Trace: &recorder.Trace, Bits: []any{f.theory},
		Files: []run.File{{Path: f.saveX, Write: func(path string) error { return run.WriteMatrix(way.x())(path) }}},
		Omit:  f.omit(), Resolved: map[string]any{"scale": scale},
		Report: func(out map[string]any) error {
			out["d"] = d
			way.report(out)
			distance, norm, err := operator.Distance(p.op, blas.Convert[float64](way.x()))
			out["error"] = run.Relative(distance, norm)
			if theory != nil {
				out["distance"] = theory.Of(way.iterates).Error
			}
			if tracker != nil {
				out["times"] = timesObject(tracker.Times())
			}
			if p.basis != nil {
				out["eigenvalues"] = p.basis.Values
				if p.basis.Residuals != nil {
					out["eigenpair_residuals"] = p.basis.Residuals
					out["theory_passes"] = p.passes
				}
			}
			return err
		},
		Print: printSymmetric,
	}, way.solver, nil
}

// timesObject are the times of section 4.2 as --json has them; −1 for those that
// the run did not reach. Lists are over k.
func timesObject(t symmetric.Times) map[string]any {
	return map[string]any{
		"t_init": t.Init, "T_u": t.TU, "t_k": t.T, "t_k_star": t.Trans, "t_star": t.Star, "t_sharp": t.Sharp,
		"t_R": t.TR, "first_in_R": t.EntryR, "accuracies": symmetric.Epsilons[:], "first_within": t.Accuracy[:], "p_k": t.P,
	}
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
			p.basis, p.passes = symmetric.BasisOf(pairs), pairs.Passes
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

// start returns X_0, and the scale of a start that has one.
func (f *Flags) start(d int, basis *symmetric.Basis) (x0 blas.General[float64], scale float64, err error) {
	if f.x0 != "" {
		x0, err := problem.ReadMatrix[float64](f.x0)
		if err == nil && (x0.Rows != d || x0.Cols != f.Rank) {
			err = fmt.Errorf("%s: the matrix is %d×%d; X_0 must be d×rank = %d×%d", f.x0, x0.Rows, x0.Cols, d, f.Rank)
		}
		return x0, 0, err
	}
	scale = f.scale
	if !f.Changed("scale") {
		scale = map[string]float64{"large": 0.5, "small": symmetric.SmallScale(d), "benign": 0.5, "spectral": 1}[f.init]
	}
	switch f.init {
	case "benign":
		if x0, err = symmetric.Benign(basis, scale, f.Seed); err != nil {
			err = run.Usagef("--init benign: %v", err)
		}
	case "spectral":
		x0 = symmetric.Spectral(basis, scale)
	default: // large and small differ in their scale
		x0 = symmetric.Large(d, f.Rank, scale, f.Seed)
	}
	return x0, scale, err
}

// omit are the flags that say nothing about this run.
func (f *Flags) omit() map[string]bool {
	omit := map[string]bool{}
	if f.generate == "" {
		omit["d"], omit["form"] = true, true
	}
	if f.x0 != "" {
		omit["init"], omit["scale"] = true, true
	}
	return omit
}

func printSymmetric(line func(name, format string, args ...any), out map[string]any) {
	line("error", "%.6g   ‖Σ − XXᵀ‖_F/‖Σ‖_F", out["error"])
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖Σ_r − XXᵀ‖_F", d)
	}
	line("gradient", "%.3g   ‖(Σ − XXᵀ)X‖_F/‖ΣX‖_F before the last step", out["gradient"])
	run.PrintMethod(line, out, "X")
	if v, ok := out["eigenvalues"]; ok {
		line("leading eigenvalues", "%.10g", v)
	}
	if v, ok := out["times"].(map[string]any); ok {
		for _, name := range []string{"t_init", "T_u", "t_k", "t_k_star", "t_star", "t_sharp", "t_R", "first_in_R"} {
			line(name, "%v", v[name])
		}
	}
	if v, ok := out["eigenpair_residuals"]; ok {
		line("their residuals", "%.2g after %d passes over Σ", v, out["theory_passes"])
	}
}
