package paper

import (
	"context"
	"fmt"
	"math"
	"slices"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

var deepFig1 = Figure{"deep/fig1", "identical and perturbed start: which eigenvalues are found", makeDeepFig1}

type deepFig1Config struct {
	Spectrum  []float64 `toml:"spectrum" comment:"inferred: λ, the eigenvalues of Ŵ, largest first"`
	Depths    []int     `toml:"depths" comment:"inferred: N"`
	Steps     []float64 `toml:"steps" comment:"inferred: η, one for each depth"`
	Alpha     float64   `toml:"alpha" comment:"inferred: α, the factors start as αI"`
	Beta      float64   `toml:"beta" comment:"inferred: β, in (b) one factor starts as (α−β)I"`
	Tiny      float64   `toml:"beta_tiny" comment:"beyond the paper: β in (c), of the size of rounding"`
	Identical int       `toml:"iterations_identical" comment:"inferred: k up to which (a) runs"`
	Perturbed int       `toml:"iterations_perturbed" comment:"inferred: k up to which (b) and (c) run"`
	Seed      uint64    `toml:"seed" comment:"inferred: of the eigenvectors of Ŵ in the runs of matrices"`
}

func (c *deepFig1Config) check() error {
	if !(c.Beta > 0 && c.Beta < c.Alpha) {
		return fmt.Errorf("beta is %g; expected a number between 0 and alpha, %g", c.Beta, c.Alpha)
	}
	if !(c.Tiny > 0 && c.Tiny < c.Beta) {
		return fmt.Errorf("beta_tiny is %g; expected a number between 0 and beta, %g", c.Tiny, c.Beta)
	}
	for _, l := range c.Spectrum {
		if l == 0 {
			return fmt.Errorf("spectrum holds 0; expected eigenvalues to be found")
		}
	}
	return firstOf(
		descending("spectrum", c.Spectrum),
		depthsAre("depths", c.Depths),
		perDepth("steps", c.Steps, c.Depths),
		positive("alpha", c.Alpha),
		atLeast("iterations_identical", c.Identical, 1),
		atLeast("iterations_perturbed", c.Perturbed, 1),
	)
}

// makeDeepFig1 runs gradient descent from (7) and from (13) on a Ŵ with negative
// eigenvalues, as recursions and as matrices.
func makeDeepFig1(ctx context.Context, m *making) error {
	c := &deepFig1Config{
		Spectrum: []float64{2, 1, -1, -1.5}, Depths: []int{2, 3}, Steps: []float64{0.03, 0.02},
		Alpha: 0.3, Beta: 0.1, Tiny: 1e-16, Identical: 800, Perturbed: 20000, Seed: 1,
	}
	if m.Quick {
		c.Perturbed = 3000
	}
	if err := m.configure(c); err != nil {
		return err
	}
	var runs []*recursion
	var iterations []int
	for j, n := range c.Depths {
		runs = append(runs, newRecursion(n, c.Spectrum, c.Alpha, 0, c.Steps[j]), newRecursion(n, c.Spectrum, c.Alpha, c.Beta, c.Steps[j]))
		iterations = append(iterations, c.Identical, c.Perturbed)
	}
	runs = append(runs, newRecursion(c.Depths[0], c.Spectrum, c.Alpha, c.Tiny, c.Steps[0]))
	iterations = append(iterations, c.Perturbed)
	curves := make([]*Table, len(runs))
	times := newTable("times", "depth", "beta", "lambda", "half", "turn", "turn_bound")
	first := make([][][2]float64, len(runs)) // of each run and eigenvalue: half, turn
	for i, r := range runs {
		curves[i] = newTable("", append([]string{"t"}, numbered(c.columnOf(r.depth, c.betaOf(i)), len(c.Spectrum))...)...)
		for range c.Spectrum {
			first[i] = append(first[i], [2]float64{math.NaN(), math.NaN()})
		}
	}
	err := m.follow(ctx, "recursions", runs, iterations, func(i, k int) {
		p := runs[i].products()
		for q, l := range c.Spectrum {
			if f := &first[i][q]; math.IsNaN(f[0]) && p[q]/l >= 0.5 {
				f[0] = float64(k)
			}
			if f := &first[i][q]; math.IsNaN(f[1]) && p[q] <= 0 {
				f[1] = float64(k)
			}
		}
		if thinly(k, 64, iterations[i]) {
			curves[i].add(append([]float64{float64(k)}, p...)...)
		}
	})
	if err != nil {
		return err
	}
	for i, r := range runs {
		for q, l := range c.Spectrum {
			bound := math.NaN()
			if beta := c.betaOf(i); beta > 0 && l < 0 {
				bound = float64(deep.Params{Depth: r.depth, Lambda: l, Alpha: c.Alpha, Beta: beta, Eta: r.eta}.TransitionBound())
			}
			times.add(float64(r.depth), c.betaOf(i), l, first[i][q][0], first[i][q][1], bound)
		}
	}
	matrices, err := c.matrices(ctx, m)
	if err != nil {
		return err
	}
	main := join("", append(curves, matrices...)...)
	m.Tables = []*Table{main, times}
	c.verdicts(m, main, times)
	c.draw(m, main)
	return nil
}

// betaOf is the perturbation of a recursion: for each depth one without and one
// with, then the tiny one.
func (c *deepFig1Config) betaOf(run int) float64 {
	switch {
	case run == 2*len(c.Depths):
		return c.Tiny
	case run%2 == 1:
		return c.Beta
	}
	return 0
}

// columnOf begins the names of the columns of a recursion.
func (c *deepFig1Config) columnOf(depth int, beta float64) string {
	switch beta {
	case 0:
		return "identical_" + depthName(depth)
	case c.Beta:
		return "perturbed_" + depthName(depth)
	}
	return "tiny_" + depthName(depth)
}

// matrices makes the runs of matrices, with random eigenvectors, from the
// perturbed start for all depths, and from the identical one for the first.
func (c *deepFig1Config) matrices(ctx context.Context, m *making) ([]*Table, error) {
	n := len(c.Spectrum)
	target := problem.NewTarget(n, c.Spectrum, false, 0, c.Seed)
	basis, err := deep.NewBasis(target)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Figure, err)
	}
	var solversOf []*deep.Solver[float64]
	var recorders []*deep.Recorder
	var paths []trajectory
	var names []string
	add := func(name string, j int, beta float64) {
		dims := squareDims(n, c.Depths[j])
		s := deep.New(m.Backend, target, deep.PerturbedFactors(dims, c.Alpha, beta), c.Steps[j])
		rec := deep.NewRecorder(s, deep.RecorderOptions{Basis: basis})
		solversOf, recorders, names = append(solversOf, s), append(recorders, rec), append(names, name)
		paths = append(paths, trajectory{
			stop: solvers.Stop{Iterations: c.Perturbed}, recorder: thinned{rec, 64, c.Perturbed}, trace: &rec.Trace, every: 1, load: reading(bench.DeepLoad(s)),
		})
	}
	for j, depth := range c.Depths {
		add(c.columnOf(depth, c.Beta), j, c.Beta)
	}
	add(c.columnOf(c.Depths[0], 0), 0, 0)
	results, err := m.runEach(ctx, "matrices", solvers.EnsembleOf(solversOf...), paths)
	if err != nil {
		return nil, err
	}
	if err := m.allBounded(results, func(i int) string { return names[i] + " as matrices" }); err != nil {
		return nil, err
	}
	var tables []*Table
	for i, rec := range recorders {
		t := tableOf(&rec.Trace, "", numbered("eigenvalue", n)...)
		for q := range n {
			t.Columns[q+1] = fmt.Sprintf("matrices_%s_%d", names[i], q+1)
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// squareDims are those of depth factors, all n×n.
func squareDims(n, depth int) []int {
	dims := make([]int, depth+1)
	for i := range dims {
		dims[i] = n
	}
	return dims
}

func (c *deepFig1Config) verdicts(m *making, main, times *Table) {
	for j, n := range c.Depths {
		identical, perturbed := numbered(c.columnOf(n, 0), len(c.Spectrum)), numbered(c.columnOf(n, c.Beta), len(c.Spectrum))
		var worst, least, left, lost float64
		for q, l := range c.Spectrum {
			_, p := main.points("t", identical[q])
			end := p[len(p)-1]
			if l > 0 {
				worst = max(worst, math.Abs(end-l)/l)
			} else {
				left = max(left, math.Abs(end)/-l)
				for _, v := range p {
					least = min(least, v)
				}
			}
			_, p = main.points("t", perturbed[q])
			lost = max(lost, math.Abs(p[len(p)-1]-l)/math.Abs(l))
		}
		m.verdict(worst <= 0.01 && left <= 0.001 && least >= 0,
			"(a) N = %d: at k = %d every positive eigenvalue is within %.1e of λ, relatively (0.01); from "+
				"negative λ the product stays at 0 or above and ends at %.1e |λ| or less (0.001)",
			n, c.Identical, worst, left)
		m.verdict(lost <= 0.01, "(b) N = %d: at k = %d all eigenvalues, of both signs, are within %.1e of λ, "+
			"relatively (0.01)", n, c.Perturbed, lost)

		var same, other []float64 // of positive λ, from the identical and the perturbed start
		var negative, turns, bounds []float64
		early := true
		for _, row := range times.Rows {
			beta, l, reached, turn, bound := row[1], row[2], row[3], row[4], row[5]
			switch {
			case int(row[0]) != n || beta == c.Tiny:
			case l > 0 && beta == 0:
				same = append(same, reached)
			case l > 0:
				other = append(other, reached)
			case beta > 0:
				// The spectrum descends: the largest |λ| of these is the last.
				negative = append([]float64{reached}, negative...)
				turns, bounds = append([]float64{turn}, turns...), append([]float64{bound}, bounds...)
				early = early && turn <= bound && turn < reached
			}
		}
		m.verdict(ascend(same) && ascend(other) && ascend(negative),
			"N = %d: half of λ is reached in the order of size: (a) positive λ at k = %s; (b) positive at %s, negative at %s",
			n, iterationList(same), iterationList(other), iterationList(negative))
		if len(negative) > 0 {
			m.verdict(early, "(b) N = %d: an eigenvalue of a negative λ falls to 0 first and turns negative "+
				"at k = %s, by the bound of Lemma 2.11, %s",
				n, iterationList(turns), iterationList(bounds))
		}

		apart := 0.0
		for q := range c.Spectrum {
			_, p := main.points("t", perturbed[q])
			_, w := main.points("t", "matrices_"+perturbed[q])
			for i, v := range w {
				apart = max(apart, math.Abs(v-p[i]))
			}
		}
		top := max(math.Abs(c.Spectrum[0]), math.Abs(c.Spectrum[len(c.Spectrum)-1]))
		m.verdict(apart <= 1e-9*top, "(b) N = %d: the run of matrices, Ŵ with random eigenvectors, has the "+
			"eigenvalues of the recursion to %.1e ‖Ŵ‖ (1e-9)", n, apart/top)
		p := deep.Params{Depth: n, Lambda: top, Alpha: c.Alpha}
		m.note("N = %d: η = %g is %.2g of the limit (10), and %.2g of (14), whose constant is inferred",
			n, c.Steps[j], c.Steps[j]/p.StepLimit(), c.Steps[j]/p.PerturbedStepLimit())
	}
	for _, row := range times.Rows {
		l, k := row[2], row[3]
		if row[1] != c.Tiny || l > 0 {
			continue
		}
		_, p := main.points("t", fmt.Sprintf("%s_%d", c.columnOf(c.Depths[0], c.Tiny), slices.Index(c.Spectrum, l)+1))
		end := math.Abs(p[len(p)-1]-l) / math.Abs(l)
		m.verdict(k > 0 && end <= 0.01, "(c) N = %d, β = %g: the eigenvalue of λ = %s is half of λ at k = %s "+
			"and ends within %.1e of it, relatively (0.01), as Remark 1.4 says of rounding",
			c.Depths[0], c.Tiny, signed(l), iterationList([]float64{k}), end)
	}
	low := math.Inf(1)
	for _, column := range numbered("matrices_"+c.columnOf(c.Depths[0], 0), len(c.Spectrum)) {
		_, p := main.points("t", column)
		for _, v := range p {
			low = min(low, v)
		}
	}
	// Whether rounding makes W₂ differ from W₁ᵀ is up to the order of the sums
	// in the backend's products.
	what := "rounding kept the factors balanced"
	if low < c.Spectrum[len(c.Spectrum)-1]/2 {
		what = "rounding acted as a perturbation (Remark 1.4)"
	}
	m.note("N = %d: the run of matrices from the identical start, up to k = %d, has no eigenvalue below %.2g: %s",
		c.Depths[0], c.Perturbed, low, what)
}

func (c *deepFig1Config) draw(m *making, main *Table) {
	panel := func(title, prefix string) *figure.Axes {
		a := &figure.Axes{Title: title, XLabel: "iteration k", YLabel: "eigenvalues of W(k)", LogX: true, XMin: axisLimit(1), Horizontals: trueValues(c.Spectrum)}
		for q, column := range numbered(prefix, len(c.Spectrum)) {
			l := main.line(fmt.Sprintf("of λ%s = %s", subscript(q+1), signed(c.Spectrum[q])), "t", column, q)
			l.Dash = []figure.Dash{figure.Solid, figure.Dashed}[q%2] // lines on one another show
			a.Lines = append(a.Lines, l)
		}
		return a
	}
	var rows []figure.Row
	for _, n := range c.Depths {
		a := panel(fmt.Sprintf("(a) identical start, N = %d", n), c.columnOf(n, 0))
		b := panel(fmt.Sprintf("(b) perturbed start, N = %d", n), c.columnOf(n, c.Beta))
		rows = append(rows, figure.Row{Height: 8, Cells: []figure.Cell{{Panel: a, Weight: 1}, {Panel: b, Weight: 1}}})
	}
	n := c.Depths[0]
	tiny := panel(fmt.Sprintf("(c) β = %g, N = %d", c.Tiny, n), c.columnOf(n, c.Tiny))
	whole := panel(fmt.Sprintf("(b) as a run of matrices, N = %d", n), "matrices_"+c.columnOf(n, c.Beta))
	rows = append(rows, figure.Row{Height: 8, Cells: []figure.Cell{{Panel: tiny, Weight: 1}, {Panel: whole, Weight: 1}}})
	m.draw("Gradient descent for deep matrix factorization, Figure 1",
		fmt.Sprintf("Eigenvalues of W(k) = W_N…W₁ for a symmetric Ŵ with the eigenvalues %s, drawn as dashed lines. "+
			"(a) All factors start as αI: only positive eigenvalues are found. (b) One factor starts as "+
			"(α−β)I: all are found, the negative ones after a stay at 0. "+
			"α = %g, β = %g, η = %s for N = %s. (a) and (b) are the exact recursions (18), (40) and (41) of the eigenvalues. "+
			"(c) is not in the paper: a perturbation as small as rounding, β = %g, has the same effect later (Remark 1.4). "+
			"The last panel is (b) as a run of %d×%d matrices, Ŵ with random eigenvectors, seed %d.",
			numberList(c.Spectrum), c.Alpha, c.Beta, numberList(c.Steps), numberList(c.Depths), c.Tiny, len(c.Spectrum), len(c.Spectrum), c.Seed),
		rows...)
}
