package asymmetric

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
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/operator"
)

// Flags are the flags of solve asymmetric.
type Flags struct {
	run.Request
	run.MethodFlags
	a, left, right  string
	generate, form  string
	m, n            int
	ratio, noise    float64
	x0, y0, init    string
	trueRank        int
	sigma1, sigmaR  float64
	eps, tau, c, nu float64
	simultaneous    bool
	theory          bool
	saveX, saveY    string
	theoryStep      bool // --step by its name
	singular        int  // how many leading singular values are needed

	runs []*Flags // one, or those of --vary
}

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
by --sigma-1 and --sigma-r or computed. ε is the accuracy of ‖A − XYᵀ‖², absolute
in (8), relative in (9). (8) is for C ≥ 4, (9) for C ≥ 8. The defaults of ε and τ are
inferred: the paper's experiments do not give them.

--generate lowrank makes A = UΣVᵀ with random U and V and --true-rank singular
values evenly from 1 to --ratio; --noise s adds Gaussian noise of norm s‖A‖.

--theory checks the claims of the paper at every iterate, which reads A up to
twice more, and says of each whether it holds, with both sides' numbers, or which
condition is not met. It needs --true-rank; the trace gets the bound (6).

The run makes exactly --iters iterations; with --tol it stops when the norm of
the gradients relative to that of (AY, AᵀX) is at most that. A saddle point has
a small gradient too.
` + run.MethodHelp("A", "(A, X_0, Y_0)", "X and Y"),
		Example: `  mfbench solve asymmetric --a A.npy --rank 10 --step 0.1 --iters 500 --save-x X.npy --save-y Y.npy
  mfbench solve asymmetric --a ratings.mtx --rank 20 --init random --step 1e-3 --iters 2000 --trace t.csv
  mfbench solve asymmetric --generate lowrank --m 100 --n 100 --true-rank 5 --rank 10 --step theory --iters 1000`,
		Args: run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if f.runs, err = run.Parse(f, &f.Request, run.Rules{
				Start: "x0", Check: f.check, Results: f.Results, Groups: []run.FlagGroup{run.FlagGroup{ChosenBy: aSources, Belonging: []string{"a-right", "m", "n", "ratio", "noise", "form", "true-rank", "sigma-1", "sigma-r"}}, run.FlagGroup{ChosenBy: []string{"x0", "init"}, Belonging: []string{"y0"}}},
			}); err != nil {
				return err
			}
			return f.Start(in64, in32)
		},
	}
	f.AddRun(cmd, "η: a positive number, theory for (8), or theory9 for (9)", "theory", "theory9")
	f.MethodFlags.Add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.a, "a", "", "A, m×n: .npy, .mtx or IDX")
	fl.StringVar(&f.left, "a-left", "", "L, m×p, of A = L·Rᵀ")
	fl.StringVar(&f.right, "a-right", "", "R, n×p, of A = L·Rᵀ")
	fl.StringVar(&f.generate, "generate", "", "a generated A: lowrank")
	fl.IntVar(&f.m, "m", 0, "rows of a generated A")
	fl.IntVar(&f.n, "n", 0, "columns of a generated A")
	fl.Float64Var(&f.ratio, "ratio", 0.9, "σ_r/σ_1 of a generated A, in (0, 1]")
	fl.Float64Var(&f.noise, "noise", 0, "norm of the noise of a generated A, relative to A")
	fl.StringVar(&f.form, "form", "dense", "form of a generated A: dense or product")
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
	run.Complete(cmd, "generate", "lowrank")
	run.Complete(cmd, "form", "dense", "product")
	run.Complete(cmd, "init", asymmetricStarts...)
	return cmd
}

var (
	aSources         = []string{"a", "a-left", "generate"}
	asymmetricStarts = []string{"proposed", "colspan", "random", "random-asym"}
)

// check validates all that can be known before a file is read.
func (f *Flags) check() error {
	changed := f.Cmd.Flags().Changed
	if err := f.Named("a", "a-left", "a-right", "x0", "y0", "save-x", "save-y", "generate"); err != nil {
		return err
	}
	if err := f.OneOf("A", aSources...); err != nil {
		return err
	}
	if f.generate == "" {
		if name, ok := f.AnyChanged("m", "n", "ratio", "noise", "form"); ok {
			return run.Usagef("--%s belongs to --generate", name)
		}
	}
	switch {
	case (f.left == "") != (f.right == ""):
		return run.Usagef("--a-left and --a-right belong together: A = L·Rᵀ")
	case f.generate != "" && f.generate != "lowrank":
		return run.Usagef("--generate is %q; expected lowrank", f.generate)
	case f.generate != "" && (f.m < 1 || f.n < 1):
		return run.Usagef("--m is %d and --n is %d; a generated A needs at least 1 of each", f.m, f.n)
	case f.generate != "" && !(f.ratio > 0 && f.ratio <= 1):
		return run.Usagef("--ratio is %g; expected more than 0 and at most 1", f.ratio)
	case f.generate != "" && (!(f.noise >= 0) || math.IsInf(f.noise, 0)):
		return run.Usagef("--noise is %g; expected a number of at least 0", f.noise)
	case f.form != "dense" && f.form != "product":
		return run.Usagef("--form is %q; expected dense or product", f.form)
	case f.form == "product" && f.noise != 0:
		return run.Usagef("--form product has no --noise: a matrix with noise is no product of thin factors")
	case f.generate != "" && !changed("true-rank"):
		return run.Usagef("--true-rank is missing; expected the rank of the generated A")
	case f.generate != "" && f.trueRank > min(f.m, f.n):
		return run.Usagef("--true-rank is %d; a %d×%d matrix has rank at most %d", f.trueRank, f.m, f.n, min(f.m, f.n))
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
	f.theoryStep = f.StepValue == 0
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

// load makes A, and what is known of a generated one.
func loadAsymmetric[T blas.Float](f *Flags, b *blas.Backend) (a operator.Rectangular[T], known *problem.Rectangular, err error) {
	switch {
	case f.a != "":
		a, err = problem.ReadRectangular[T](b, f.a)
	case f.left != "":
		a, err = problem.ReadProduct[T](b, f.left, f.right)
	default:
		if err := problem.CheckMemory(fmt.Sprintf("a generated %d×%d matrix of rank %d", f.m, f.n, f.trueRank), 32*(float64(f.m)+float64(f.n))*float64(f.trueRank)); err != nil {
			return nil, nil, err
		}
		known = problem.NewRectangular(f.m, f.n, f.trueRank, f.ratio, f.noise, f.ProblemSeed())
		a, err = problem.OperatorOf[T](b, known, f.form == "product")
	}
	if err != nil {
		return nil, nil, err
	}
	return a, known, f.checkOrder(a.Dims())
}

// checkOrder validates --true-rank, once the shape of A is known.
func (f *Flags) checkOrder(m, n int) error {
	if f.trueRank > min(m, n) {
		return run.Usagef("--true-rank is %d; A is %d×%d, so its rank is at most %d", f.trueRank, m, n, min(m, n))
	}
	return nil
}

func (f *Flags) Results() (read []string, results []run.Output) {
	return []string{f.a, f.left, f.right, f.x0, f.y0}, []run.Output{{Path: &f.saveX, Base: "x.npy"}, {Path: &f.saveY, Base: "y.npy"}}
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
	a, known, err := loadAsymmetric[T](f, b)
	if err != nil {
		return err
	}
	if shape == nil { // nothing could be said of the file before it was read
		if err := f.CheckRunMemory(rectangularShape(f, b, a)); err != nil {
			return err
		}
	}
	sigma, sigma1, sigmaR, err := singularOf(ctx, f, a, known)
	if err != nil && ctx.Err() != nil {
		return f.CancelledBefore(b, began, "asymmetric", "the leading singular values were computed")
	}
	if err != nil {
		return err
	}
	runs := make([]*Flags, len(f.runs))
	for i, run := range f.runs {
		runs[i] = run.with(sigma1, sigmaR)
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
	build := func(f *Flags) (run.System, run.Solver, error) {
		return buildAsymmetric(f, b, a, known, sigma, column, bases)
	}
	return run.All(ctx, runs, b, began, build, run.Together(func(members ...*asymmetric.Solver[T]) solvers.Ensemble { return asymmetric.NewEnsemble(members...) }))
}

// rectangularShape is the shape of a run on an A that has been read; the bytes of a
// pass say how large it is.
func rectangularShape[T blas.Float](f *Flags, b *blas.Backend, a operator.Rectangular[T]) plan.Asymmetric {
	m, n := a.Dims()
	s := plan.Asymmetric{Common: f.CommonShape(b), Form: plan.Dense, Vectors: f.Vectors(&f.Request, max(m, n), run.RankBound(a)), M: m, N: n, K: f.Rank, Inner: f.trueRank, Passes: f.singular > 0}
	pass := int(a.Bytes())
	switch a.(type) {
	case *operator.Product[T]:
		s.Form, s.Inner = plan.Product, pass/(2*(m+n)*s.Elem)
	case *operator.Sparse[T]:
		s.Form, s.Inner = plan.Sparse, pass/(2*(4+s.Elem))
	}
	return s
}

// beginning is how a run begins.
type beginning struct {
	start asymmetric.Start
	eta   float64
	p     asymmetric.Parameters
}

// beginAsymmetric is the beginning of the run that the flags ask for.
func beginAsymmetric[T blas.Float](f *Flags, a operator.Rectangular[T]) (beginning, error) {
	start, balanced, err := startAsymmetric(f, a)
	if err != nil {
		return beginning{}, err
	}
	p := asymmetric.Parameters{
		Sigma1: f.sigma1, SigmaR: f.sigmaR, Rank: f.trueRank, Columns: f.Rank,
		C: f.c, Nu: f.nu, Tau: f.tau, Eps: f.eps,
	}
	eta := f.StepValue
	if f.theoryStep || f.theory {
		distance, _, err := a.Distance(start.X, start.Y)
		if err != nil {
			return beginning{}, err
		}
		p.F0 = distance * distance / 2
	}
	if f.theoryStep {
		if eta, err = theoryStep(f, p); err != nil {
			return beginning{}, run.UsageOf(err)
		}
	}
	if err := run.CheckStep[T](eta, f.Dtype); err != nil {
		return beginning{}, err
	}
	if !balanced {
		start = start.Unbalanced(eta)
	}
	return beginning{start, eta, p}, nil
}

// buildAsymmetric prepares the run that the flags ask for.
func buildAsymmetric[T blas.Float](f *Flags, b *blas.Backend, a operator.Rectangular[T], known *problem.Rectangular, sigma *asymmetric.Singular, column columnSpace, bases *sharedBases) (run.System, run.Solver, error) {
	m, n := a.Dims()
	order := asymmetric.Alternating
	if f.simultaneous {
		order = asymmetric.Simultaneous
	}
	var way factors[T]
	var p asymmetric.Parameters
	var took time.Duration
	if bases != nil {
		inBases, begun := bases.next(b, order, f.KrylovTol)
		way, p, took = any(inBases).(factors[T]), begun.p, bases.took
	} else {
		begun, err := beginAsymmetric(f, a)
		if err != nil {
			return run.System{}, nil, err
		}
		way, p = factorsDirectly(b, a, begun, order), begun.p
	}
	solver := way.iterates
	r := f.Rank
	var rate *asymmetric.Parameters
	if f.trueRank > 0 {
		r = min(r, f.trueRank)
	}
	if f.theoryStep || f.theory {
		rate = &p
	}
	recorder := asymmetric.NewRecorder(solver, r, rate)
	var watch []solvers.Recorder
	var checks func() []solvers.Check
	if f.theory {
		theory, err := way.theory(p, &column.basis, column.tail)
		if err != nil {
			return run.System{}, nil, run.UsageOf(err)
		}
		watch, checks = []solvers.Recorder{theory}, theory.Checks
	}
	_, shares := a.(operator.RectangularTogether[T])
	return run.System{
		Method: run.MethodOf(bases != nil),
		Watch:  watch, Checks: checks, Bits: []any{f.theory, rate != nil, p, r}, Shares: bases != nil || shares && run.Fused(b), Took: took, Alone: way.alone,
		Name: "asymmetric", Data: "A", Bytes: a.Bytes(), Iterate: "(X, Y)",
		Solver: way.solver, Recorder: recorder, Trace: &recorder.Trace,
		Files: []run.File{
			{Path: f.saveX, Write: func(path string) error { return run.WriteMatrix(way.x())(path) }},
			{Path: f.saveY, Write: func(path string) error { return run.WriteMatrix(way.y())(path) }},
		},
		Omit: f.omit(),
		Report: func(out map[string]any) error {
			out["m"], out["n"], out["order"] = m, n, map[bool]string{false: "alternating", true: "simultaneous"}[f.simultaneous]
			way.report(out)
			if f.sigma1 != 0 {
				out["sigma_1"], out["singular_passes"] = f.sigma1, sigma.Passes
			}
			if rate != nil {
				out["sigma_r"], out["f0"], out["rho"], out["beta"] = f.sigmaR, p.F0, p.Rho(), p.Beta()
				out["theory_iterations"] = p.Iterations(solver.StepSize())
			}
			x, y := blas.Convert[float64](way.x()), blas.Convert[float64](way.y())
			distance, norm, err := a.Distance(x, y)
			out["error"] = run.Relative(distance, norm)
			if err == nil && known != nil && known.Noise != 0 {
				clean, err := problem.OperatorOf[float64](b, &problem.Rectangular{Left: known.Left, Right: known.Right, Singular: known.Singular}, true)
				if err != nil {
					return err
				}
				out["distance"], _, err = clean.Distance(x, y)
				return err
			}
			return err
		},
		Print: printAsymmetric,
	}, way.solver, nil
}

// singularOf finds the leading singular values that are needed, known of an A
// without noise, else computed, and σ_1 and σ_r, as they are given or as they are.
func singularOf[T blas.Float](ctx context.Context, f *Flags, a operator.Rectangular[T], known *problem.Rectangular) (s *asymmetric.Singular, sigma1, sigmaR float64, err error) {
	m, n := a.Dims()
	s, sigma1, sigmaR = &asymmetric.Singular{}, f.sigma1, f.sigmaR
	switch {
	case f.singular == 0:
		return s, sigma1, sigmaR, nil
	case known != nil && known.Noise == 0:
		s.Values, s.Right = known.Singular, known.Right
	default:
		if s, err = asymmetric.LeadingSingular(ctx, a, min(f.singular, m, n), f.ProblemSeed()); err != nil {
			return nil, 0, 0, fmt.Errorf("leading singular values: %w", err)
		}
		if !s.Converged {
			fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: the leading singular values are not accurate after %d passes over A: residuals %.2g\n", s.Passes, s.Residuals)
		}
	}
	if sigma1 == 0 {
		sigma1 = s.Values[0]
	}
	if sigmaR == 0 && f.trueRank > 0 && f.trueRank <= len(s.Values) {
		sigmaR = s.Values[f.trueRank-1]
		if f.theoryStep && !(sigmaR > 1e-7*s.Values[0]) { // what is resolved
			return nil, 0, 0, run.Usagef("--step %s needs σ_r > 0: σ_%d of A is 0 to rounding, %.3g of σ_1; expected a lower --true-rank", f.Step, f.trueRank, sigmaR/s.Values[0])
		}
	}
	if !(sigma1 > 0) && f.init == "proposed" && f.x0 == "" {
		return nil, 0, 0, fmt.Errorf("the matrix A is zero; --init proposed needs σ_1 > 0")
	}
	return s, sigma1, sigmaR, nil
}

// with is the request of the same run with singular values that were found out.
func (f *Flags) with(sigma1, sigmaR float64) *Flags {
	g := *f
	g.sigma1, g.sigmaR = sigma1, sigmaR
	return &g
}

// columnSpace is what the claims need of A: its first r left singular vectors and
// what is left of it behind them.
type columnSpace struct {
	basis blas.General[float64]
	tail  float64
}

func columnSpaceOf[T blas.Float](f *Flags, a operator.Rectangular[T], s *asymmetric.Singular) (c columnSpace, err error) {
	if c.basis, err = asymmetric.Left(a, s, f.trueRank); err != nil {
		return c, fmt.Errorf("--theory with --true-rank %d: %w", f.trueRank, err)
	}
	c.tail, err = asymmetric.Tail(a, c.basis)
	return c, err
}

// startAsymmetric returns X_0 and Y_0; where they are not balanced yet, those
// for η = 1.
func startAsymmetric[T blas.Float](f *Flags, a operator.Rectangular[T]) (s asymmetric.Start, balanced bool, err error) {
	m, n := a.Dims()
	switch {
	case f.x0 != "":
		if s.X, err = run.ReadFactor(f.x0, "X_0", "m", m, f.Rank); err == nil {
			s.Y, err = run.ReadFactor(f.y0, "Y_0", "n", n, f.Rank)
		}
		return s, true, err
	case f.init == "proposed":
		s, err = asymmetric.ProposedStart(a, f.Rank, f.sigma1, f.c, f.c*f.nu/9, f.Seed)
		return s, false, err
	case f.init == "colspan":
		s, err = asymmetric.ColumnSpaceStart(a, f.Rank, f.Seed)
		return s, true, err
	default:
		return asymmetric.RandomStart(m, n, f.Rank, f.Seed), f.init == "random", nil
	}
}

// theoryStep is the step by its name. Its corollary has conditions on C and ν,
// which the step can be used without.
func theoryStep(f *Flags, p asymmetric.Parameters) (float64, error) {
	step, least, corollary := p.Step8, 4.0, "5.2"
	if f.Step == "theory9" {
		step, least, corollary = p.Step9, 8, "5.3"
	}
	eta, err := step()
	if err == nil && !f.Quiet && f.Run == 0 && (p.C < least || p.Nu > 0.5) {
		fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: Corollary %s says nothing of this run: it needs C ≥ %g and ν ≤ 1/2; they are %g and %g\n", corollary, least, p.C, p.Nu)
	}
	return eta, err
}

// omit are the flags that say nothing about this run.
func (f *Flags) omit() map[string]bool {
	omit := map[string]bool{}
	if f.generate == "" {
		for _, name := range []string{"m", "n", "ratio", "noise", "form"} {
			omit[name] = true
		}
	}
	for name, value := range map[string]float64{"true-rank": float64(f.trueRank), "sigma-1": f.sigma1, "sigma-r": f.sigmaR} {
		if value == 0 || name != "true-rank" && !f.Changed(name) {
			omit[name] = true
		}
	}
	if f.x0 != "" {
		omit["init"] = true
	}
	return omit
}

func printAsymmetric(line func(name, format string, args ...any), out map[string]any) {
	line("error", "%.6g   ‖XYᵀ − A‖_F/‖A‖_F", out["error"])
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖XYᵀ − A‖_F, A without noise", d)
	}
	line("gradient", "%.3g   relative to (AY, AᵀX), before the last step", out["gradient"])
	run.PrintMethod(line, out, "X and Y")
	if v, ok := out["sigma_1"]; ok {
		line("σ_1 of A", "%.10g, %d passes over A", v, out["singular_passes"])
	}
	if v, ok := out["sigma_r"]; ok {
		line("σ_r of A", "%.10g", v)
		line("f_0, ρ, β", "%.6g, %.6g, %.6g", out["f0"], out["rho"], out["beta"])
		line("theory", "rate (6) up to iteration %.0f", out["theory_iterations"])
	}
	line("order", "%s", out["order"])
}
