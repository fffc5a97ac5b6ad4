package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

var deepFig13 = Figure{"deep/fig13", "Gaussian starts: the order of learning for large and small variance", makeDeepFig13}

type deepFig13Config struct {
	Spectrum   []float64 `toml:"spectrum" comment:"inferred: all eigenvalues of Ŵ, in the order of their size"`
	Depth      int       `toml:"depth" comment:"inferred: N"`
	Large      float64   `toml:"sigma_large" comment:"inferred: σ, entries from N(0, σ²/n)"`
	Small      float64   `toml:"sigma_small" comment:"inferred: the same"`
	Step       float64   `toml:"step" comment:"inferred: η"`
	Iterations int       `toml:"iterations" comment:"inferred"`
	Runs       int       `toml:"runs" comment:"beyond the paper: starts of each variance, for the order of learning; the first are shown"`
	Seed       uint64    `toml:"seed" comment:"inferred: of Ŵ and of the first start"`
}

func (c *deepFig13Config) check() error {
	for i, l := range c.Spectrum {
		if l == 0 || math.IsNaN(l) || math.IsInf(l, 0) || i > 0 && math.Abs(l) >= math.Abs(c.Spectrum[i-1]) {
			return fmt.Errorf("spectrum is %v; expected finite numbers of different size, the largest first, and no 0", c.Spectrum)
		}
	}
	if c.Small >= c.Large {
		return fmt.Errorf("sigma_small is %g; expected less than sigma_large, %g", c.Small, c.Large)
	}
	return firstOf(
		atLeast("the number of values in spectrum", len(c.Spectrum), 3),
		atLeast("depth", c.Depth, 2),
		positive("sigma_large", c.Large),
		positive("sigma_small", c.Small),
		positive("step", c.Step),
		atLeast("iterations", c.Iterations, 10),
		atLeast("runs", c.Runs, 1),
	)
}

// sigmas are the two deviations, with the names of their columns.
func (c *deepFig13Config) sigmas() ([2]float64, [2]string) {
	return [2]float64{c.Large, c.Small}, [2]string{"large", "small"}
}

// makeDeepFig13 runs gradient descent from several Gaussian starts of either
// variance and records the eigenvalues of the symmetric part of W(k).
func makeDeepFig13(ctx context.Context, m *making) error {
	c := &deepFig13Config{
		Spectrum: []float64{8, -6, 4, -3, 2, -1}, Depth: 2, Large: 2, Small: 0.01, Step: 0.005, Iterations: 3000, Runs: 10, Seed: 1,
	}
	if err := m.configure(c); err != nil {
		return err
	}
	n := len(c.Spectrum)
	target := problem.NewTarget(n, c.Spectrum, false, 0, c.Seed)
	vectors, err := eigenvectors(target)
	if err != nil {
		return err
	}
	sigmas, names := c.sigmas()
	var all []*deep.Solver[float64]
	var traces []*solvers.Trace
	var paths []trajectory
	for _, sigma := range sigmas {
		for run := range c.Runs {
			// E‖W(0)‖_F² = scale² makes entries of deviation σ/√n.
			scale := math.Sqrt(float64(n)) * math.Pow(sigma, float64(c.Depth))
			s := deep.New(m.Backend, target, deep.GaussianFactors(squareDims(n, c.Depth), scale, c.Seed+uint64(run)), c.Step)
			tr := &solvers.Trace{Columns: slices.Concat([]string{"t"}, numbered("eigenvalue", n), numbered("along", n))}
			all, traces = append(all, s), append(traces, tr)
			paths = append(paths, trajectory{
				stop: solvers.Stop{Iterations: c.Iterations}, recorder: &symmetricPart{s, vectors, tr}, trace: tr, every: 1, load: reading(bench.DeepLoad(s)),
			})
		}
	}
	results, err := m.runEach(ctx, "run", solvers.EnsembleOf(all...), paths)
	if err != nil {
		return err
	}
	if err := m.allBounded(results, func(i int) string {
		return fmt.Sprintf("σ = %g, start %d", sigmas[i/c.Runs], i%c.Runs+1)
	}); err != nil {
		return err
	}
	learned := newTable("", "size")
	for _, l := range c.Spectrum {
		learned.Rows = append(learned.Rows, []float64{math.Abs(l)})
	}
	tables := []*Table{learned}
	for g, name := range names {
		for run := range c.Runs {
			at := c.settled(traces[g*c.Runs+run])
			learned.Columns = append(learned.Columns, fmt.Sprintf("%s_%d", name, run+1))
			for i := range learned.Rows {
				learned.Rows[i] = append(learned.Rows[i], at[i])
			}
		}
		learned.median(name+"_median", numbered(name, c.Runs)...)
		c.places(learned, name)
		shown := newTable(name, traces[g*c.Runs].Columns...)
		for _, row := range traces[g*c.Runs].Rows {
			if thinly(int(row[0]), 256, c.Iterations) {
				shown.Rows = append(shown.Rows, row)
			}
		}
		tables = append(tables, shown)
	}
	m.Tables = tables
	c.verdicts(m, learned)
	c.draw(m, tables)
	return nil
}

// eigenvectors are those of a symmetric matrix, that of the largest eigenvalue
// first.
func eigenvectors(a blas.General[float64]) ([][]float64, error) {
	sym := mat.NewSymDense(a.Rows, nil)
	for i := range a.Rows {
		for j := range i + 1 {
			sym.SetSym(i, j, a.Row(i)[j])
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, true) {
		return nil, fmt.Errorf("the eigenvectors of Ŵ were not found")
	}
	var v mat.Dense
	eig.VectorsTo(&v)
	var out [][]float64
	for j := a.Rows - 1; j >= 0; j-- {
		out = append(out, mat.Col(nil, j, &v))
	}
	return out, nil
}

// symmetricPart records the eigenvalues of (W + Wᵀ)/2, largest first, and vᵀWv
// for the eigenvectors v of Ŵ.
type symmetricPart struct {
	solver  *deep.Solver[float64]
	vectors [][]float64
	trace   *solvers.Trace
}

func (r *symmetricPart) Record(k int) error {
	w := r.solver.Product()
	sym := mat.NewSymDense(w.Rows, nil)
	for i := range w.Rows {
		for j := range i + 1 {
			sym.SetSym(i, j, w.Row(i)[j]/2+w.Row(j)[i]/2)
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, false) {
		return fmt.Errorf("the eigenvalues of W(%d) were not found", k)
	}
	values := eig.Values(nil)
	slices.Reverse(values)
	row := append([]float64{float64(k)}, values...)
	for _, v := range r.vectors {
		x := mat.NewVecDense(len(v), v)
		row = append(row, mat.Inner(x, sym, x))
	}
	r.trace.Rows = append(r.trace.Rows, row)
	return nil
}

// settled returns for each eigenvalue λ of Ŵ, in the order of the spectrum, the
// first recorded k from which on vᵀW(k)v, v its eigenvector, is within |λ|/2 of
// it; NaN if it is not at the end.
func (c *deepFig13Config) settled(tr *solvers.Trace) []float64 {
	sorted := slices.Sorted(slices.Values(c.Spectrum))
	slices.Reverse(sorted)
	out := make([]float64, len(c.Spectrum))
	for i, l := range c.Spectrum {
		column := 1 + len(sorted) + slices.Index(sorted, l)
		out[i] = math.NaN()
		for _, row := range slices.Backward(tr.Rows) {
			if !(math.Abs(row[column]-l) <= math.Abs(l)/2) {
				break
			}
			out[i] = row[0]
		}
	}
	return out
}

// places appends the place of each eigenvalue in the order of learning, 1 the
// first, for each run, and their median. Those learned at once share a place;
// one that is not learned has none.
func (c *deepFig13Config) places(learned *Table, name string) {
	for run := range c.Runs {
		at := learned.column(numbered(name, c.Runs)[run])
		learned.derive(fmt.Sprintf("place_%s_%d", name, run+1), func(value func(string) float64) float64 {
			own := value(numbered(name, c.Runs)[run])
			place := 1.0
			for _, other := range at {
				switch {
				case math.IsNaN(own):
					return math.NaN()
				case other < own:
					place++
				}
			}
			return place
		})
	}
	learned.median("place_"+name+"_median", numbered("place_"+name, c.Runs)...)
}

// inversions counts the pairs of eigenvalues of which the smaller is learned
// first or at once; one that is not learned comes last.
func inversions(at []float64) (n int) {
	for i := range at {
		for j := range i {
			if math.IsNaN(at[j]) || at[i] <= at[j] {
				n++
			}
		}
	}
	return n
}

func (c *deepFig13Config) verdicts(m *making, learned *Table) {
	_, names := c.sigmas()
	var disturbed, total, missing [2]int
	for g, name := range names {
		for _, column := range numbered(name, c.Runs) {
			at := learned.column(column)
			if n := inversions(at); n > 0 {
				disturbed[g]++
				total[g] += n
			}
			for _, v := range at {
				if math.IsNaN(v) {
					missing[g]++
				}
			}
		}
	}
	pairs := len(c.Spectrum) * (len(c.Spectrum) - 1) / 2
	m.verdict(5*disturbed[1] <= c.Runs, "σ = %g: the eigenvalues are learned in the order of their size but "+
		"in %d of %d runs (a fifth at most), with %d of %d pairs the wrong way round",
		c.Small, disturbed[1], c.Runs, total[1], pairs*c.Runs)
	m.verdict(2*disturbed[0] >= c.Runs && 20*total[0] >= 3*pairs*c.Runs, "σ = %g: another order in %d of %d "+
		"runs (half at least), with %d of %d pairs the wrong way round (15 %% at least; chance makes 50 %%)",
		c.Large, disturbed[0], c.Runs, total[0], pairs*c.Runs)
	m.verdict(missing[0]+missing[1] == 0, "all eigenvalues, of both signs, are learned at the end of every "+
		"run: vᵀW(k)v is not within |λ|/2 of λ for %d", missing[0]+missing[1])
	for g, name := range names {
		sigma := []float64{c.Large, c.Small}[g]
		m.note("σ = %g: learned at k = %s, the median of %d runs, for λ = %s",
			sigma, iterationList(learned.column(name+"_median")), c.Runs, numberList(c.Spectrum))
	}
}

func (c *deepFig13Config) draw(m *making, tables []*Table) {
	sigmas, names := c.sigmas()
	sorted := slices.Sorted(slices.Values(c.Spectrum))
	slices.Reverse(sorted)
	var upper, lower []figure.Cell
	for g, name := range names {
		title := fmt.Sprintf("(%c) %s variance, σ = %g", 'a'+g, name, sigmas[g])
		a := &figure.Axes{Title: title, XLabel: "iteration k", YLabel: "eigenvalues of ½(W(k) + W(k)ᵀ)", LogX: true, XMin: axisLimit(1), Horizontals: trueValues(sorted)}
		for i, column := range numbered("eigenvalue", len(sorted)) {
			l := tables[1+g].line(fmt.Sprintf("eigenvalue %d", i+1), "t", column, i)
			l.Dash = []figure.Dash{figure.Solid, figure.Dashed}[i%2]
			a.Lines = append(a.Lines, l)
		}
		upper = append(upper, figure.Cell{Panel: a, Weight: 1})
		lower = append(lower, figure.Cell{Weight: 1, Panel: &figure.Axes{
			Title: fmt.Sprintf("order of learning, σ = %g", sigmas[g]), XLabel: "size |λ| of the eigenvalue of Ŵ", YLabel: "place in the order of learning",
			Lines: markedMedian(tables[0].runs(fmt.Sprintf("%d runs and their median", c.Runs), "size", "place_"+name+"_median", numbered("place_"+name, c.Runs), 2*g)),
		}})
	}
	m.draw("Gradient descent for deep matrix factorization, Figure 13",
		fmt.Sprintf("Symmetric Ŵ, %d×%d, with the eigenvalues %s and random eigenvectors, N = %d, factors "+
			"with independent entries from N(0, σ²/n), η = %g, seed %d. "+
			"Above: the eigenvalues of the symmetric part of W(k), largest first, in one run of either variance; those of Ŵ are dashed. "+
			"Below: the place of each λ in the order in which they are learned: vᵀW(k)v, v the eigenvector of "+
			"Ŵ, stays within |λ|/2 of λ; thin for each of %d runs with starts of their own, thick the "+
			"median. Learning in the order of size is a curve that falls by one everywhere.",
			len(c.Spectrum), len(c.Spectrum), numberList(c.Spectrum), c.Depth, c.Step, c.Seed, c.Runs),
		figure.Row{Height: 9, Cells: upper}, figure.Row{Height: 7.5, Cells: lower})
}

// markedMedian marks the points of the last line, the median.
func markedMedian(lines []figure.Line) []figure.Line {
	lines[len(lines)-1].Marker = figure.Dot
	return lines
}
