package deep

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

// Flags are the flags of solve deep.
type Flags struct {
	run.Request
	spectralFlags
	target, truth   string
	divide          float64
	generate        string
	n               int
	eigenvalues     string
	spectrum        []float64 // of --eigenvalues
	noise           float64
	depth, width    int
	w0, init        string
	scale, beta     float64
	singular        int
	theory          bool
	window          string
	windows         []deep.RankWindow // of --window
	saveW, saveProd string

	runs []*Flags // one, or those of --vary
}

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

The run makes exactly --iters iterations; with --tol it stops when the norm of
all gradients, relative to that of their terms in Ŵ, is at most that. A saddle
point has a small gradient too, and the product stays near 0 for long where a
negative eigenvalue is learnt from a perturbed start.` + spectralHelp,
		Example: `  mfbench solve deep --target W.npy --depth 3 --step 1e-3 --iters 5000 --save-w w.npz --trace t.csv
  mfbench solve deep --target ones-idx3-ubyte.gz --divide 255 --depth 3 --init gaussian --step 1e-4 --iters 2000
  mfbench solve deep --generate symmetric --n 10 --eigenvalues 10,5,1 --depth 2 --scale 1e-3 --step 5e-3 --iters 4000 --trace t.csv`,
		Args: run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if f.runs, err = run.Parse(f, &f.Request, run.Rules{
				Start: "w0", Check: f.check, Results: f.Results, Groups: []run.FlagGroup{run.FlagGroup{ChosenBy: targetSources, Belonging: []string{"divide", "truth", "n", "eigenvalues", "noise"}}, run.FlagGroup{ChosenBy: []string{"w0", "init"}, Belonging: []string{"scale", "beta", "width"}}},
			}); err != nil {
				return err
			}
			return f.Start(in64, in32)
		},
	}
	f.AddRun(cmd, "η: a positive number, or theory: half of the bound (10), of a perturbed start (14)", "theory")
	f.spectralFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.target, "target", "", "Ŵ, any matrix")
	fl.StringVar(&f.truth, "truth", "", "the matrix that Ŵ is a noisy version of, for the trace")
	fl.Float64Var(&f.divide, "divide", 1, "divide the elements of --target and --truth by this")
	fl.StringVar(&f.generate, "generate", "", "a generated Ŵ: symmetric or diagonal")
	fl.IntVar(&f.n, "n", 0, "order of a generated Ŵ")
	fl.StringVar(&f.eigenvalues, "eigenvalues", "", "eigenvalues of a generated Ŵ, as 10,5,1; the others are 0")
	fl.Float64Var(&f.noise, "noise", 0, "spectral norm of the noise on a generated Ŵ")
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
	run.Complete(cmd, "generate", "symmetric", "diagonal")
	run.Complete(cmd, "init", deepStarts...)
	return cmd
}

var (
	targetSources = []string{"target", "generate"}
	deepStarts    = []string{"identity", "perturbed", "gaussian"}
)

// check validates all that can be known before a file is read.
func (f *Flags) check() error {
	changed := f.Cmd.Flags().Changed
	if err := f.Named("target", "truth", "generate", "w0", "save-w", "save-product"); err != nil {
		return err
	}
	if err := f.OneOf("Ŵ", targetSources...); err != nil {
		return err
	}
	if f.generate == "" {
		if name, ok := f.AnyChanged("n", "eigenvalues", "noise"); ok {
			return run.Usagef("--%s belongs to --generate", name)
		}
	}
	switch {
	case f.generate != "" && f.generate != "symmetric" && f.generate != "diagonal":
		return run.Usagef("--generate is %q; expected symmetric or diagonal", f.generate)
	case f.generate != "" && f.n < 1:
		return run.Usagef("--n is %d; a generated Ŵ needs an order of at least 1", f.n)
	case f.generate != "" && (f.truth != "" || changed("divide")):
		return run.Usagef("--truth and --divide belong to --target")
	case !(f.noise >= 0) || math.IsInf(f.noise, 0):
		return run.Usagef("--noise is %g; expected a number of at least 0", f.noise)
	case !(f.divide > 0) || math.IsInf(f.divide, 0):
		return run.Usagef("--divide is %g; expected a positive number", f.divide)
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
	case !slices.Contains(deepStarts, f.init):
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
	f.spectrum = nil
	if f.eigenvalues != "" {
		for _, field := range strings.Split(f.eigenvalues, ",") {
			v, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return run.Usagef("--eigenvalues has %q; expected numbers with commas between them", field)
			}
			f.spectrum = append(f.spectrum, v)
		}
		if len(f.spectrum) > f.n {
			return run.Usagef("--eigenvalues has %d numbers; a matrix of order %d has %d", len(f.spectrum), f.n, f.n)
		}
	}
	if f.generate != "" && len(f.spectrum) == 0 {
		return run.Usagef("--eigenvalues is missing; expected those of the generated Ŵ")
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

// parseWindows reads --window.
func (f *Flags) parseWindows() error {
	f.windows = nil
	if f.window == "" {
		return nil
	}
	for _, text := range strings.Split(f.window, ";") {
		fields := strings.Split(text, ",")
		if len(fields) != 3 {
			return run.Usagef("--window has %q; expected three numbers, L,ε,ε'", text)
		}
		rank, err := strconv.Atoi(strings.TrimSpace(fields[0]))
		w := deep.RankWindow{L: rank}
		if err == nil {
			w.Eps, err = strconv.ParseFloat(strings.TrimSpace(fields[1]), 64)
		}
		if err == nil {
			w.EpsPrime, err = strconv.ParseFloat(strings.TrimSpace(fields[2]), 64)
		}
		if err != nil || rank < 1 || !(w.Eps > 0 && w.Eps < 1) || !(w.EpsPrime > 0 && w.EpsPrime < 1) {
			return run.Usagef("--window has %q; expected a rank of at least 1 and two numbers between 0 and 1", text)
		}
		f.windows = append(f.windows, w)
	}
	return nil
}

// maxDepth keeps a mistyped depth from asking for all memory.
const maxDepth = 1000

// targetOf reads or makes Ŵ, and the truth where there is one.
func (f *Flags) targetOf() (target blas.General[float64], truth *blas.General[float64], err error) {
	if f.generate != "" {
		if err := problem.CheckMemory(fmt.Sprintf("a generated Ŵ of order %d", f.n), 32*float64(f.n)*float64(f.n)); err != nil {
			return target, nil, err
		}
		make := func(noise float64) blas.General[float64] {
			return problem.NewTarget(f.n, f.spectrum, f.generate == "diagonal", noise, f.ProblemSeed())
		}
		if f.noise != 0 {
			clean := make(0)
			truth = &clean
		}
		return make(f.noise), truth, nil
	}
	read := func(path string) (blas.General[float64], error) {
		m, err := problem.ReadMatrix[float64](path)
		if f.divide != 1 {
			for i := range m.Data {
				m.Data[i] /= f.divide
			}
		}
		return m, err
	}
	if target, err = read(f.target); err != nil || f.truth == "" {
		return target, nil, err
	}
	clean, err := read(f.truth)
	if err == nil && (clean.Rows != target.Rows || clean.Cols != target.Cols) {
		err = fmt.Errorf("%s: the matrix is %d×%d; the truth must be of the shape of Ŵ, %d×%d", f.truth, clean.Rows, clean.Cols, target.Rows, target.Cols)
	}
	return target, &clean, err
}

// with is the request of the same run with the width and the scales that its start has
// for this Ŵ where they were not given, and these as values of flags.
func (f *Flags) with(target blas.General[float64]) (*Flags, map[string]any) {
	g := *f
	found := map[string]any{}
	if g.w0 != "" {
		return &g, found
	}
	if g.width == 0 {
		g.width = min(target.Rows, target.Cols)
	}
	if !f.Changed("scale") {
		g.scale = map[string]float64{"gaussian": 1, "identity": 0.1, "perturbed": 0.1}[f.init]
		found["scale"] = g.scale
	}
	if f.init == "perturbed" && !f.Changed("beta") {
		g.beta = g.scale / 10
		found["beta"] = g.beta
	}
	return &g, found
}

// dims are d_0 … d_N of a start that --init names.
func (f *Flags) dims(target blas.General[float64]) []int {
	dims := make([]int, f.depth+1)
	for j := range dims {
		dims[j] = f.width
	}
	dims[0], dims[f.depth] = target.Cols, target.Rows
	return dims
}

// startDeep returns W_1 … W_N, of dimensions dims where no file gives them.
func (f *Flags) startDeep(target blas.General[float64], dims []int) ([]blas.General[float64], error) {
	if f.w0 != "" {
		w, err := problem.ReadFactors(f.w0, f.depth)
		if last := len(w) - 1; err == nil && (w[0].Cols != target.Cols || w[last].Rows != target.Rows) {
			err = fmt.Errorf("%s: W%d⋯W1 is %d×%d; Ŵ is %d×%d", f.w0, f.depth, w[last].Rows, w[0].Cols, target.Rows, target.Cols)
		}
		return w, err
	}
	bytes := 0.0
	for j := 1; j < len(dims); j++ {
		bytes += 8 * float64(dims[j]) * float64(dims[j-1])
	}
	if err := problem.CheckMemory(fmt.Sprintf("%d factors of order %d", f.depth, f.width), bytes); err != nil {
		return nil, err
	}
	switch f.init {
	case "perturbed":
		return deep.PerturbedFactors(dims, f.scale, f.beta), nil
	case "gaussian":
		return deep.GaussianFactors(dims, f.scale, f.Seed), nil
	}
	return deep.IdentityFactors(dims, f.scale), nil
}

// startKind is the start as the theory and the eigenvalues have it.
func (f *Flags) startKind() deep.Start {
	if f.init == "perturbed" {
		return deep.Start{Kind: deep.PerturbedStart, Alpha: f.scale, Beta: f.beta}
	}
	return deep.Start{Kind: deep.IdenticalStart, Alpha: f.scale}
}

func (f *Flags) Results() (read []string, results []run.Output) {
	return []string{f.target, f.truth, f.w0}, []run.Output{{Path: &f.saveW, Base: "w.npz"}, {Path: &f.saveProd, Base: "product.npy"}}
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
	target, truth, err := f.targetOf()
	if err != nil {
		return err
	}
	if shape == nil { // nothing could be said of the file before it was read
		if err := f.CheckRunMemory(f.of(b, target.Rows, target.Cols)); err != nil {
			return err
		}
	}
	shared := new(sharedDecomposition)
	build := func(f *Flags) (run.System, run.Solver, error) {
		return buildDeep[T](ctx, f, b, began, target, truth, shared)
	}
	return run.All(ctx, f.runs, b, began, build, func(members ...run.Solver) solvers.Ensemble {
		return solvers.EnsembleOf(members...)
	})
}

// buildDeep prepares the run that the flags ask for.
func buildDeep[T blas.Float](ctx context.Context, f *Flags, b *blas.Backend, began time.Time, target blas.General[float64], truth *blas.General[float64], shared *sharedDecomposition) (run.System, run.Solver, error) {
	f, found := f.with(target)
	var dims []int
	if f.w0 == "" {
		dims = f.dims(target)
	}
	method, err := f.choose(f, b, target)
	if err != nil {
		return run.System{}, nil, err
	}
	var w0 []blas.General[float64]
	var of *deep.Decomposition
	if method == "spectral" {
		of, err = shared.decompose(ctx, f, b, began, target)
	} else if w0, err = f.startDeep(target, dims); err == nil {
		dims = deep.Dims(w0)
	}
	if err != nil {
		return run.System{}, nil, err
	}
	eta := f.StepValue
	if f.Step == "theory" {
		p := deep.Params{Depth: f.depth, Lambda: spectralNorm(target, of), Alpha: f.scale}
		if eta = p.StepLimit() / 2; f.init == "perturbed" {
			eta = p.PerturbedStepLimit() / 2
		}
	}
	if err := run.CheckStep[T](eta, f.Dtype); err != nil {
		return run.System{}, nil, err
	}
	var way deepRun
	data := "Ŵ"
	if of != nil {
		data = "" // no iteration reads it
		way = inEigenbasis(f, shared, eta)
	} else {
		way = deepDirectly[T](b, target, w0, eta)
	}
	opts := deep.RecorderOptions{Values: f.singular, Truth: truth}
	var watch []solvers.Recorder
	var checks func() []solvers.Check
	if f.theory {
		theory, basis, err := deepTheory(f, way, target)
		if err != nil {
			return run.System{}, nil, err
		}
		opts.Basis = basis
		watch = []solvers.Recorder{theory}
		checks = func() []solvers.Check {
			return append(theory.Checks(), deep.ScalarChecks(deep.Params{Depth: f.depth, Alpha: f.scale, Eta: way.solver.StepSize()}, basis.Values, f.windows)...)
		}
	}
	recorder := deep.NewRecorder(way.iterates, opts)
	return run.System{
		Watch: watch, Checks: checks,
		Method: method, Name: "deep", Data: data, Bytes: int64(target.Rows) * int64(target.Cols) * int64(blas.SizeOf[T]()), Iterate: "W_1 … W_N",
		Solver: way.solver, Recorder: recorder, Trace: &recorder.Trace, Bits: []any{f.singular, run.HashOf(truth), f.theory, f.window},
		Files: []run.File{{Path: f.saveW, Write: way.saveFactors}, {Path: f.saveProd, Write: way.saveTotal}},
		Omit:  f.omit(), Resolved: found,
		Report: func(out map[string]any) error {
			out["m"], out["n"], out["depth"], out["dims"] = target.Rows, target.Cols, f.depth, dims
			out["error"], out["loss"] = way.iterates.Error(), way.iterates.Loss()
			way.report(out, truth)
			out["gigaflops_per_second"] = out["iterations_per_second"].(float64) * way.flops() / 1e9
			return nil
		},
		Print: printDeep,
	}, way.solver, nil
}

// deepTheory prepares the checks of the paper's claims.
func deepTheory(f *Flags, way deepRun, target blas.General[float64]) (*deep.Theory, *deep.Basis, error) {
	if f.width != target.Rows {
		return nil, nil, run.Usagef("--theory needs square factors; --width is %d and Ŵ of order %d", f.width, target.Rows)
	}
	basis := way.basis
	if basis == nil {
		var err error
		if basis, err = deep.NewBasis(target); err != nil {
			return nil, nil, fmt.Errorf("--theory: %w", err)
		}
	}
	for _, w := range f.windows {
		if w.L > target.Rows {
			return nil, nil, run.Usagef("--window has the rank %d; Ŵ has order %d", w.L, target.Rows)
		}
	}
	return deep.NewTheory(way.iterates, f.startKind(), basis, deep.TheoryOptions{Windows: f.windows}), basis, nil
}

// omit are the flags that say nothing about this run.
func (f *Flags) omit() map[string]bool {
	omit := map[string]bool{}
	if f.generate == "" {
		omit["n"], omit["noise"] = true, true
	} else {
		omit["divide"] = true
	}
	if f.init != "perturbed" || f.w0 != "" {
		omit["beta"] = true
	}
	if f.w0 != "" {
		omit["init"], omit["scale"], omit["width"] = true, true, true
	}
	if !f.Changed("width") {
		omit["width"] = true
	}
	return omit
}

func printDeep(line func(name, format string, args ...any), out map[string]any) {
	line("error", "%.6g   ‖W − Ŵ‖_F/‖Ŵ‖_F", out["error"])
	if d, ok := out["distance"]; ok {
		line("distance", "%.6g   ‖W − truth‖_F/‖truth‖_F", d)
	}
	line("gradient", "%.3g   relative to its terms in Ŵ", out["gradient"])
	line("effective rank", "%.6g", out["effective_rank"])
	line("singular values", "%.6g", out["singular_values"])
	if out["method"] == "direct" {
		line("products", "%.3g GF/s", out["gigaflops_per_second"])
	}
	printSpectral(line, out)
}
