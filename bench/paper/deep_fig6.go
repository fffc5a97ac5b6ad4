package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/bench"
	"lowrank/bench/figure"
	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

var deepFig6 = Figure{"deep/fig6", "waterfall of the error and plateaus of the effective rank, clean and noisy", makeDeepFig6}

type deepFig6Config struct {
	N               int       `toml:"n" comment:"inferred: Ŵ is n×n"`
	Spectrum        []float64 `toml:"spectrum" comment:"inferred: the positive eigenvalues of Ŵ, largest first; the others are 0"`
	Depths          []int     `toml:"depths" comment:"inferred: N"`
	Alphas          []float64 `toml:"alphas" comment:"inferred: α, one for each depth"`
	Kappa           float64   `toml:"kappa" comment:"inferred: κ, the step over the limit (10)"`
	Noise           float64   `toml:"noise" comment:"inferred: about ‖Ξ‖, of symmetric Gaussian noise"`
	Iterations      []int     `toml:"iterations" comment:"inferred: without noise, one for each depth"`
	NoisyIterations []int     `toml:"iterations_noisy" comment:"inferred: with noise, one for each depth"`
	Seed            uint64    `toml:"seed" comment:"inferred: of the eigenvectors and the noise"`
}

func (c *deepFig6Config) check() error {
	return firstOf(
		positiveSpectrum("spectrum", c.Spectrum),
		atLeast("n", c.N, len(c.Spectrum)),
		depthsAre("depths", c.Depths),
		perDepth("alphas", c.Alphas, c.Depths),
		properFraction("kappa", c.Kappa),
		positive("noise", c.Noise),
		countPerDepth("iterations", c.Iterations, c.Depths),
		countPerDepth("iterations_noisy", c.NoisyIterations, c.Depths),
	)
}

// makeDeepFig6 runs gradient descent on matrices with random eigenvectors, for a
// Ŵ of low rank and for one with noise.
func makeDeepFig6(ctx context.Context, m *making) error {
	c := &deepFig6Config{
		N: 10, Spectrum: []float64{10, 5, 1}, Depths: []int{2, 3}, Alphas: []float64{1e-3, 0.1}, Kappa: 0.1, Noise: 0.2,
		Iterations: []int{6000, 60000}, NoisyIterations: []int{60000, 400000}, Seed: 1,
	}
	if m.Quick {
		// Larger noise is learned sooner.
		c.Noise, c.Iterations, c.NoisyIterations = 0.4, []int{6000, 40000}, []int{30000, 120000}
	}
	if err := m.configure(c); err != nil {
		return err
	}
	held := 0 // matrices
	for _, n := range c.Depths {
		held += 2 * (3*n + 8)
	}
	if err := problem.CheckMemory(fmt.Sprintf("deep/fig6 with n = %d", c.N), 8*float64(held)*float64(c.N)*float64(c.N)); err != nil {
		return err
	}
	truth := problem.NewTarget(c.N, c.Spectrum, false, 0, c.Seed)
	noisy := problem.NewTarget(c.N, c.Spectrum, false, c.Noise, c.Seed)
	var all []*deep.Solver[float64]
	var recorders []*deep.Recorder
	var paths []trajectory
	var names []string
	for j, n := range c.Depths {
		for _, with := range []bool{false, true} {
			target, iterations, name := truth, c.Iterations[j], "_clean_"+depthName(n)
			if with {
				target, iterations, name = noisy, c.NoisyIterations[j], "_noisy_"+depthName(n)
			}
			s := deep.New(m.Backend, target, deep.IdentityFactors(squareDims(c.N, n), c.Alphas[j]), c.Kappa*deep.Params{Depth: n, Lambda: spectralNorm(target), Alpha: c.Alphas[j]}.StepLimit())
			rec := deep.NewRecorder(s, deep.RecorderOptions{Truth: &truth})
			all, recorders, names = append(all, s), append(recorders, rec), append(names, name)
			paths = append(paths, trajectory{
				stop: solvers.Stop{Iterations: iterations}, recorder: thinned{rec, 128, iterations}, trace: &rec.Trace, every: 1, load: reading(bench.DeepLoad(s)),
			})
		}
	}
	results, err := m.runEach(ctx, "run", solvers.EnsembleOf(all...), paths)
	if err != nil {
		return err
	}
	if err := m.allBounded(results, func(i int) string { return names[i][1:] }); err != nil {
		return err
	}
	var parts []*Table
	for i, rec := range recorders {
		t := tableOf(&rec.Trace, names[i], "effective_rank", "distance_to_truth", "loss")
		t.derive("distance_to_data"+names[i], func(value func(string) float64) float64 { return math.Sqrt(2 * value("loss"+names[i])) })
		parts = append(parts, t)
	}
	main := join("", parts...)
	m.Tables = []*Table{main}
	leading := deep.SingularValues(noisy)[:len(c.Spectrum)]
	c.verdicts(m, main, leading)
	c.draw(m, main, leading, c.note(m, truth, noisy))
	return nil
}

// spectralNorm is ‖A‖ of a matrix.
func spectralNorm(a blas.General[float64]) float64 { return deep.SingularValues(a)[0] }

// plateau is the longest stretch of a column that stays within a tolerance of a
// height, as its first and last k.
func plateau(t *Table, column string, height, tolerance float64) (from, to float64) {
	ks, v := t.points("t", column)
	from, to = 1, 1
	for i := 0; i < len(ks); {
		if math.Abs(v[i]-height) > tolerance {
			i++
			continue
		}
		j := i
		for j+1 < len(ks) && math.Abs(v[j+1]-height) <= tolerance {
			j++
		}
		if a, b := max(ks[i], 1), ks[j]; b/a > to/from {
			from, to = a, b
		}
		i = j + 1
	}
	return from, to
}

// A plateau of the error is a stretch in which k grows by plateauFactor at
// least, one of the effective rank by rankFactor; within rankTolerance of its
// height. Between two of these k grows by rankTransition, and the effective
// rank rises rankSteeper times as steeply in log k as it may in either: in a ramp
// it does not.
const (
	plateauFactor  = 1.15
	rankFactor     = 1.5
	rankTolerance  = 0.02
	rankTransition = 1.1
	rankSteeper    = 2
)

// verdicts judges the table; leading are the singular values of Ŵ + Ξ, as many
// as Ŵ has.
func (c *deepFig6Config) verdicts(m *making, t *Table, leading []float64) {
	for _, n := range c.Depths {
		clean, noisy := "_clean_"+depthName(n), "_noisy_"+depthName(n)
		// ‖Ŵ − W_L‖_F for L = 0, 1, …, rank − 1
		tail := make([]float64, len(c.Spectrum)+1)
		for L := len(c.Spectrum) - 1; L >= 0; L-- {
			tail[L] = math.Hypot(tail[L+1], c.Spectrum[L])
		}
		pass, text := true, ""
		last := 0.0
		for _, height := range tail[:len(tail)-1] {
			from, to := plateau(t, "distance_to_data"+clean, height, 0.02*tail[0])
			pass = pass && to/from >= plateauFactor && from > last
			last = to
			text += fmt.Sprintf(", %.3g from k = %.0f to %.0f", height, from, to)
		}
		_, v := t.points("t", "distance_to_data"+clean)
		end := v[len(v)-1]
		m.verdict(pass && end <= 0.01*tail[0], "N = %d, waterfall: the error stays within 2 %% of ‖Ŵ‖_F of ‖Ŵ "+
			"− W_L‖_F, L = 0, 1, …, while k grows by %g times or more, one after the other: %s; it ends at %.2g",
			n, plateauFactor, text[2:], end)
		for i, name := range []string{clean, noisy} {
			values, of := c.Spectrum, "W"
			if i == 1 {
				values, of = leading, "(Ŵ + Ξ)"
			}
			pass, text, last := true, "", 0.0
			below, before := 0.0, 0.0 // of the plateau before: height and change of log k for a height
			for L := 1; L <= len(c.Spectrum); L++ {
				height := deep.EffectiveRank(values[:L])
				from, to := plateau(t, "effective_rank"+name, height, rankTolerance)
				flat := math.Log(to/from) / (2 * rankTolerance)
				pass = pass && to/from >= rankFactor && from >= rankTransition*last
				if L > 1 {
					between := math.Log(from/last) / (height - below - 2*rankTolerance)
					pass = pass && between > 0 && min(flat, before) >= rankSteeper*between
				}
				last, below, before = to, height, flat
				text += fmt.Sprintf(", %.3g from k = %.0f to %.0f (×%.3g)", height, from, to, to/from)
			}
			m.verdict(pass, "N = %d, %s: the effective rank has plateaus within %g of r(%s₁), r(%s₂), … of "+
				"the best approximations, k growing by %g times or more in each and by %g from one to the "+
				"next, where the rise in log k is %d times as steep or more: %s",
				n, name[1:6], rankTolerance, of, of, rankFactor, rankTransition, rankSteeper, text[2:])
		}
		ks, d := t.points("t", "distance_to_truth"+noisy)
		_, r := t.points("t", "effective_rank"+noisy)
		best := 0
		for i, v := range d {
			if v < d[best] {
				best = i
			}
		}
		end, rank := d[len(d)-1], deep.EffectiveRank(c.Spectrum)
		m.verdict(d[best] <= 0.99*end && math.Abs(r[best]-rank) <= 0.1 && r[len(r)-1] > r[best],
			"N = %d, noisy: ‖W(k) − Ŵ‖_F is least, %.3g, at k = %.0f, where r(W(k)) is %.3g (%.3g ± 0.1); "+
				"later noise is learned: it ends at %.3g (more by 1 %% at least) and r(W(k)) at %.3g",
			n, d[best], ks[best], r[best], rank, end, r[len(r)-1])
	}
}

// note tells how large the noise is and returns its spectral norm.
func (c *deepFig6Config) note(m *making, truth, noisy blas.General[float64]) float64 {
	xi := noisy.Clone()
	for i := range xi.Rows {
		for j, v := range truth.Row(i) {
			xi.Row(i)[j] -= v
		}
	}
	norm := spectralNorm(xi)
	m.note("‖Ξ‖ = %.3g, ‖Ξ‖_F = %.3g, ‖Ŵ‖_F = %.4g", norm, solvers.Norm(xi.Data), solvers.Norm(truth.Data))
	return norm
}

func (c *deepFig6Config) draw(m *making, t *Table, leading []float64, noise float64) {
	var errors, ranks [2]*figure.Axes
	for i, name := range []string{"_clean_", "_noisy_"} {
		label := []string{"", " with noise"}[i]
		heights := rankHeights([][]float64{c.Spectrum, leading}[i], len(c.Spectrum))
		if i == 1 {
			for L := range heights {
				heights[L].Label = fmt.Sprintf("of rank %d: r = %.3g", L+1, heights[L].Y)
			}
		}
		errors[i] = &figure.Axes{
			Title: []string{"(a) error", "(c) error with noise"}[i], XLabel: "iteration k", YLabel: []string{"‖W(k) − Ŵ‖_F", "Frobenius distance of W(k)"}[i], LogX: true, XMin: axisLimit(10), YMin: axisLimit(0),
		}
		ranks[i] = &figure.Axes{
			Title: []string{"(b) effective rank", "(d) effective rank with noise"}[i], XLabel: "iteration k", YLabel: "effective rank r(W(k))", LogX: true,
			XMin: axisLimit(10), YMin: axisLimit(0.8), YMax: axisLimit(2.6), Horizontals: heights,
		}
		for j, n := range c.Depths {
			dash := []figure.Dash{figure.Solid, figure.Dashed}[j%2]
			if i == 0 {
				l := t.line(fmt.Sprintf("‖W(k) − Ŵ‖_F, N = %d", n), "t", "distance_to_data"+name+depthName(n), j)
				l.Dash = dash
				errors[i].Lines = append(errors[i].Lines, l)
			} else {
				l := t.line(fmt.Sprintf("to Ŵ, N = %d", n), "t", "distance_to_truth"+name+depthName(n), j)
				l.Dash = dash
				noisy := t.line(fmt.Sprintf("to Ŵ + Ξ, N = %d", n), "t", "distance_to_data"+name+depthName(n), j+2)
				noisy.Dash = figure.Dotted
				errors[i].Lines = append(errors[i].Lines, l, noisy)
				errors[i].LogY, errors[i].YMin = true, nil
			}
			r := t.line(fmt.Sprintf("r(W(k))%s, N = %d", label, n), "t", "effective_rank"+name+depthName(n), j)
			r.Dash = dash
			ranks[i].Lines = append(ranks[i].Lines, r)
		}
	}
	for L := range len(c.Spectrum) {
		sum := 0.0
		for _, l := range c.Spectrum[L:] {
			sum = math.Hypot(sum, l)
		}
		label := fmt.Sprintf("‖Ŵ − W%s‖_F", subscript(L))
		if L == 0 {
			label = "‖Ŵ‖_F"
		}
		errors[0].Horizontals = append(errors[0].Horizontals, figure.Horizontal{Y: sum, Label: label})
	}
	m.draw("Gradient descent for deep matrix factorization, Figure 6",
		fmt.Sprintf("Gradient descent on W_N…W₁ from identical factors αI, Ŵ %d×%d with the eigenvalues %s "+
			"and else 0 and random eigenvectors, seed %d; α = %s for N = %s, step κ = %g of the limit (10). "+
			"(a) The error ‖W(k) − Ŵ‖_F falls as a waterfall. (b) The effective rank has plateaus at r(W_L) "+
			"of the best approximations of rank L = 1, 2, …, drawn as dashed lines. "+
			"(c), (d) The same for gradient descent on Ŵ + Ξ, Ξ symmetric Gaussian with ‖Ξ‖ = %.3g: distances "+
			"to Ŵ and to the data Ŵ + Ξ, whose best approximations give the dashed lines. "+
			"What is at k < 10 and above r = 2.6 is not shown: r(W(0)) = %d.",
			c.N, c.N, numberList(c.Spectrum), c.Seed, numberList(c.Alphas), numberList(c.Depths), c.Kappa, noise, c.N),
		figure.Row{Height: 8, Cells: []figure.Cell{{Panel: errors[0], Weight: 1}, {Panel: ranks[0], Weight: 1}}},
		figure.Row{Height: 8, Cells: []figure.Cell{{Panel: errors[1], Weight: 1}, {Panel: ranks[1], Weight: 1}}})
}
