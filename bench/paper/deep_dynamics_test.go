package paper

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/deep"
)

// deepAllPass reports verdicts that fail.
func deepAllPass(t *testing.T, rep *Report) {
	t.Helper()
	for _, v := range rep.Verdicts {
		if !v.Pass {
			t.Errorf("%s: %s", rep.Figure, v)
		}
	}
}

// deepForgery changes one column of one table.
type deepForgery struct {
	table  int
	column string
	change func(v float64) float64
	breaks string // words of the verdict that must fail
}

// deepMustFail forges the tables of a report in turn and checks that the verdicts
// that judge gives then fail where they should.
func deepMustFail(t *testing.T, rep *Report, forgeries []deepForgery, judge func(m *making, tables []*Table)) {
	t.Helper()
	broken := map[string]bool{}
	for _, f := range forgeries {
		tables := append([]*Table(nil), rep.Tables...)
		tables[f.table] = forged(tables[f.table], f.column, f.change)
		m := &making{Report: &Report{}}
		judge(m, tables)
		hit := false
		for i, v := range m.Verdicts {
			if strings.Contains(v.Text, f.breaks) && !v.Pass {
				hit = true
			}
			if !v.Pass {
				broken[rep.Verdicts[i].Text] = true
			}
		}
		if !hit {
			t.Errorf("%s: with %s forged no verdict with %q fails", rep.Figure, f.column, f.breaks)
		}
	}
	for _, v := range rep.Verdicts {
		if !broken[v.Text] {
			t.Errorf("%s: no forgery fails: %s", rep.Figure, v)
		}
	}
}

func TestDeepRecursion(t *testing.T) {
	r := newRecursion(3, []float64{2, -1}, 0.3, 0, 0.02)
	d := []float64{0.3, 0.3}
	for k := range 200 {
		for i, l := range r.lambda {
			d[i] = deep.Params{Depth: 3, Lambda: l, Eta: 0.02}.Step(d[i])
		}
		if err := r.Step(); err != nil {
			t.Fatal(err)
		}
		for i, p := range r.products() {
			if want := d[i] * d[i] * d[i]; math.Abs(p-want) > 1e-13 {
				t.Fatalf("k = %d: %v instead of %v", k+1, p, want)
			}
		}
	}
	if r.Iteration() != 200 {
		t.Errorf("%d iterations", r.Iteration())
	}
	if n := testing.AllocsPerRun(10, func() { r.Step() }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

func TestDeepThinly(t *testing.T) {
	kept := 0
	for k := range 100_001 {
		switch {
		case thinly(k, 64, 100_000):
			kept++
		case k < 128 || k == 100_000:
			t.Fatalf("iterate %d is left out", k)
		}
	}
	if kept < 500 || kept > 900 {
		t.Errorf("%d iterates are kept", kept)
	}
}

func TestDeepFig1(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		deepAllPass(t, made(t, deepFig1, true, func(c *deepFig1Config) { c.Seed = seed }))
	}
	rep := made(t, deepFig1, true, func(c *deepFig1Config) { c.Perturbed = 2000 })
	c := rep.Config.(*deepFig1Config)
	never := func(float64) float64 { return math.NaN() }
	shifted := func(v float64) float64 { return v + 0.05 }
	deepMustFail(t, rep, []deepForgery{
		{0, "identical_N2_1", shifted, "(a) N = 2"},
		{0, "identical_N3_4", func(v float64) float64 { return v - 0.01 }, "(a) N = 3"},
		{0, "perturbed_N2_3", shifted, "(b) N = 2: at k"},
		{0, "perturbed_N3_2", shifted, "(b) N = 3: at k"},
		{1, "half", never, "N = 2: half of λ"},
		{1, "half", func(v float64) float64 { return -v }, "N = 3: half of λ"},
		{1, "turn", func(v float64) float64 { return v + 1e4 }, "(b) N = 2: an eigenvalue"},
		{1, "turn", never, "(b) N = 3: an eigenvalue"},
		{0, "matrices_perturbed_N2_4", func(v float64) float64 { return v * (1 + 1e-6) }, "(b) N = 2: the run of matrices"},
		{0, "matrices_perturbed_N3_1", func(v float64) float64 { return v * (1 + 1e-6) }, "(b) N = 3: the run of matrices"},
		{0, "tiny_N2_3", math.Abs, "λ = −1 is"},
		{0, "tiny_N2_4", math.Abs, "λ = −1.5 is"},
	}, func(m *making, tables []*Table) { c.verdicts(m, tables[0], tables[1]) })
}

func TestDeepFig2(t *testing.T) {
	deepAllPass(t, made(t, deepFig2, false, func(c *deepFig2Config) { c.Kappa = 0.2 }))
	deepAllPass(t, made(t, deepFig2, true, func(c *deepFig2Config) { c.Spectrum, c.Depths = []float64{6, 4, 2}, []int{2, 3, 5} }))
	rep := made[deepFig2Config](t, deepFig2, true, nil)
	deepAllPass(t, rep)
	c := rep.Config.(*deepFig2Config)
	deepMustFail(t, rep, []deepForgery{
		{0, "sharpness", func(v float64) float64 { return 1 / v }, "λ = 10: the rise"},
		{0, "sharpness", func(float64) float64 { return 0.5 }, "λ = 5: the rise"},
		{0, "separation", func(v float64) float64 { return 1 / v }, "λ = 1 is half"},
	}, func(m *making, tables []*Table) { c.verdicts(m, tables[0]) })
}

func TestDeepFig3(t *testing.T) {
	rep := made[deepFig3Config](t, deepFig3, false, nil)
	deepAllPass(t, rep)
	for i, want := range [][2]float64{{409, 529}, {782, 2323}, {3558, math.Inf(1)}, {3088, 5672}, {6164, 27080}, {31100, math.Inf(1)}} {
		if row := rep.Tables[0].Rows[i]; row[2] != want[0] || row[3] != want[1] {
			t.Errorf("the window of N = %v, L = %v is [%v, %v] instead of %v", row[0], row[1], row[2], row[3], want)
		}
	}
	c := rep.Config.(*deepFig3Config)
	deepMustFail(t, rep, []deepForgery{
		{0, "largest_distance", func(v float64) float64 { return v + 0.25 }, "N = 3, window (63) of L = 2"},
		{0, "last", func(float64) float64 { return 0 }, "is empty"},
		{0, "largest_distance", func(float64) float64 { return math.NaN() }, "the run ends before"},
		{1, "least", func(v float64) float64 { return v + 0.03 }, "N = 2: r(W(k)) starts"},
		{1, "largest_fall_after", func(float64) float64 { return 0.05 }, "N = 3: r(W(k)) starts"},
		{1, "end", func(v float64) float64 { return v - 0.1 }, "N = 3: r(W(k)) starts"},
		{1, "start", func(v float64) float64 { return v - 1 }, "N = 3: r(W(k)) starts"},
	}, func(m *making, tables []*Table) { c.verdicts(m, tables[0], tables[1]) })

	// A run too short for its last window says so.
	short := made(t, deepFig3, true, func(c *deepFig3Config) { c.Iterations = []int{3000, 45000} })
	if v := short.Verdicts[2]; v.Pass || !strings.Contains(v.Text, "ends before") {
		t.Error(v)
	}
}

func TestDeepFig4(t *testing.T) {
	for _, set := range []func(*deepFig4Config){
		nil,
		func(c *deepFig4Config) { c.Kappa = 0.1 },
		func(c *deepFig4Config) { c.Lambda, c.Alpha, c.Depths = 10, 0.2, []int{2, 3, 4} },
	} {
		deepAllPass(t, made(t, deepFig4, false, set))
	}
	rep := made[deepFig4Config](t, deepFig4, true, nil)
	c := rep.Config.(*deepFig4Config)
	row := rep.Tables[0].Rows[len(rep.Tables[0].Rows)-8] // ε = 0.01; the rows ascend in ε
	at := func(column string) float64 { return row[rep.Tables[0].at(column)] }
	for name, want := range map[string]float64{
		"eps": 0.01, "lower_N2": 30.60, "counted_N2": 36, "upper_N2": 55, "lower_N3": 143.27, "counted_N3": 151, "upper_N3": 180,
	} {
		if math.Abs(at(name)-want) > 0.006 {
			t.Errorf("%s is %v instead of %v", name, at(name), want)
		}
	}
	for i, eps := range rep.Tables[0].column("eps") {
		for _, n := range c.Depths {
			p := deep.Params{Depth: n, Lambda: c.Lambda, Alpha: c.Alpha, Eta: c.Kappa * deep.Params{Depth: n, Lambda: c.Lambda, Alpha: c.Alpha}.StepLimit()}
			want := 0
			for d := p.Alpha; math.Abs(math.Pow(d, float64(n))-p.Lambda) > eps && want < 1000; want++ {
				d = p.Step(d)
			}
			if got := rep.Tables[0].column("counted_" + depthName(n))[i]; got != float64(want) {
				t.Errorf("N = %d, ε = %g: %v instead of %d", n, eps, got, want)
			}
		}
	}
	double := func(v float64) float64 { return 2 * v }
	deepMustFail(t, rep, []deepForgery{
		{0, "upper_N2", func(v float64) float64 { return v / 2 }, "N = 2: at "},
		{0, "lower_N3", double, "N = 3: at "},
		{0, "counted_N2", double, "N = 2: two stages"},
		{0, "counted_N3", math.Sqrt, "N = 3: two stages"},
	}, func(m *making, tables []*Table) { c.verdicts(m, tables[0]) })
}

func TestDeepFig5(t *testing.T) {
	for _, set := range []func(*deepFig5Config){
		nil,
		func(c *deepFig5Config) { c.Depth, c.Iterations = 3, 20000 },
		func(c *deepFig5Config) { c.Lambda, c.Alpha, c.Beta = 2, 0.3, 0.1 },
	} {
		deepAllPass(t, made(t, deepFig5, false, set))
	}
	// |a| and |b| have different limits where β is large.
	rep := made(t, deepFig5, true, func(c *deepFig5Config) { c.Beta, c.Iterations = 0.25, 4000 })
	deepAllPass(t, rep)
	a, b := rep.Tables[0].column("a_minus"), rep.Tables[0].column("b_minus")
	if a, b := a[len(a)-1], b[len(b)-1]; math.Abs(a-1.0471) > 1e-4 || math.Abs(b+0.9550) > 1e-4 {
		t.Errorf("a, b end at %v, %v instead of 1.0471, -0.9550", a, b)
	}
	c := rep.Config.(*deepFig5Config)
	deepMustFail(t, rep, []deepForgery{
		{0, "product_plus", func(v float64) float64 { return v - 0.01 }, "λ = 1: the product ends"},
		{0, "b_plus", func(v float64) float64 { return -v }, "λ = 1: the product ends"},
		{0, "product_plus", func(v float64) float64 { return v * 1.0001 }, "λ = 1: y_k"},
		{0, "y_plus", func(v float64) float64 { return v * 1.01 }, "λ = 1: y_k"},
		{0, "product_minus", math.Abs, "λ = −1: the product ends"},
		{0, "b_minus", math.Abs, "λ = −1: b_k changes"},
		{1, "turn", func(float64) float64 { return math.Inf(1) }, "λ = −1: b_k changes"},
		{1, "turn_bound", func(float64) float64 { return 1 }, "λ = −1: b_k changes"},
		{0, "y_minus", func(v float64) float64 { return v * 2 }, "λ = −1: before T"},
		{0, "a_minus", func(v float64) float64 { return v - 0.01 }, "λ = −1: before T"},
		{0, "a_plus", func(v float64) float64 { return v * 1.5 }, "|a_k² − b_k²|"},
	}, func(m *making, tables []*Table) { c.verdicts(m, tables[0], tables[1]) })
}

func TestDeepFig6(t *testing.T) {
	small := func(c *deepFig6Config) {
		c.Depths, c.Alphas, c.Iterations, c.NoisyIterations = []int{2}, []float64{1e-3}, []int{6000}, []int{20000}
	}
	for seed := uint64(1); seed <= 3; seed++ {
		deepAllPass(t, made(t, deepFig6, true, func(c *deepFig6Config) { small(c); c.Seed = seed }))
	}
	rep := made(t, deepFig6, true, func(c *deepFig6Config) {
		c.Depths, c.Alphas, c.Iterations, c.NoisyIterations = []int{3}, []float64{0.1}, []int{40000}, []int{100000}
	})
	deepAllPass(t, rep)
	c := rep.Config.(*deepFig6Config)
	leading := deep.SingularValues(problem.NewTarget(c.N, c.Spectrum, false, c.Noise, c.Seed))[:len(c.Spectrum)]
	step := 0.0
	smooth := func(v float64) float64 { step += 0.02; return 11.2 * math.Exp(-step) } // no plateau
	// From one height to another in proportion to log k, from the first plateau's
	// end to the last one's start.
	ks := rep.Tables[0].column("t")
	row := -1
	ramp := func(v float64) float64 {
		row = (row + 1) % len(ks)
		if v < 1.46 || v > 1.64 {
			return v
		}
		x := math.Log(ks[row]/3000) / math.Log(40000.0/3000)
		return 1.46 + 0.18*min(max(x, 0), 1)
	}
	deepMustFail(t, rep, []deepForgery{
		{0, "distance_to_data_clean_N3", smooth, "waterfall"},
		{0, "distance_to_data_clean_N3", func(v float64) float64 { return v + 0.2 }, "waterfall"},
		{0, "effective_rank_clean_N3", func(v float64) float64 { return max(v, 1.4) }, "clean"},
		{0, "effective_rank_clean_N3", ramp, "clean"},
		{0, "effective_rank_noisy_N3", ramp, "noisy: the effective rank"},
		{0, "effective_rank_noisy_N3", func(v float64) float64 { return v + 0.06 }, "noisy: the effective rank"},
		{0, "distance_to_truth_noisy_N3", func(v float64) float64 { return max(v, 1) }, "noisy: ‖W(k)"},
		{0, "effective_rank_noisy_N3", func(v float64) float64 { return min(v, 1.3) }, "noisy: ‖W(k)"},
	}, func(m *making, tables []*Table) { c.verdicts(m, tables[0], leading) })
}

func TestDeepFig7(t *testing.T) {
	rep := made[deepFig7Config](t, deepFig7, false, nil)
	deepAllPass(t, rep)
	deepAllPass(t, made(t, deepFig7, true, func(c *deepFig7Config) { c.Kappas = []float64{0.5, 0.2, 0.05} }))
	c := rep.Config.(*deepFig7Config)
	far := func(v float64) float64 { return v + 0.5 }
	deepMustFail(t, rep, []deepForgery{
		{0, "largest_distance", far, "κ = 0.1, window (63)"},
		{0, "last", func(float64) float64 { return 0 }, "is empty"},
		{0, "largest_distance", func(float64) float64 { return math.NaN() }, "κ = 0.999: the run ends"},
		{2, "largest_distance", far, "flow, window"},
		{1, "largest_gap", func(float64) float64 { return 0.1 }, "in proportion to the step"},
	}, func(m *making, tables []*Table) { c.verdicts(m, tables[0], tables[1], tables[2]) })
}

func TestDeepFig13(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		deepAllPass(t, made(t, deepFig13, true, func(c *deepFig13Config) { c.Seed = 100 * seed }))
	}
	rep := made[deepFig13Config](t, deepFig13, true, nil)
	c := rep.Config.(*deepFig13Config)
	judge := func(change func(i int, name string, v float64) float64) *making {
		learned := rep.Tables[0]
		for _, name := range learned.Columns[1:] {
			i := -1
			learned = forged(learned, name, func(v float64) float64 { i++; return change(i, name, v) })
		}
		m := &making{Report: &Report{}}
		c.verdicts(m, learned)
		return m
	}
	if m := judge(func(_ int, _ string, v float64) float64 { return -v }); m.Verdicts[0].Pass {
		t.Errorf("learned in the wrong order: %s", m.Verdicts[0])
	}
	if m := judge(func(i int, _ string, _ float64) float64 { return float64(i) }); m.Verdicts[1].Pass {
		t.Errorf("learned in order: %s", m.Verdicts[1])
	}
	if m := judge(func(_ int, _ string, v float64) float64 { return math.NaN() }); m.Verdicts[2].Pass {
		t.Errorf("nothing learned: %s", m.Verdicts[2])
	}
	if n := inversions([]float64{3, 1, 2, math.NaN()}); n != 2 {
		t.Errorf("%d inversions instead of 2", n)
	}
	if n := inversions([]float64{1, math.NaN(), 2}); n != 1 {
		t.Errorf("%d inversions instead of 1", n)
	}
}

// TestDeepResume: a figure that was cancelled goes on with the same numbers.
func TestDeepResume(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	set := func(config any) error {
		c := config.(*deepFig6Config)
		c.Depths, c.Alphas, c.Iterations, c.NoisyIterations = []int{2}, []float64{1e-3}, []int{1500}, []int{3000}
		return nil
	}
	whole, err := deepFig6.Run(context.Background(), Request{Backend: b, Quick: true, Configure: set})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	_, err = deepFig6.Run(ctx, Request{Backend: b, Quick: true, Configure: set, Dir: dir, Progress: func(_ string, done, _ int) {
		if done > 700 {
			cancel()
		}
	}})
	if err == nil {
		t.Fatal("not cancelled")
	}
	rep, err := deepFig6.Run(context.Background(), Request{Backend: b, Quick: true, Configure: set, Dir: dir, Resume: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rep.Tables[0].Rows {
		for j, v := range row {
			if w := whole.Tables[0].Rows[i][j]; math.Float64bits(v) != math.Float64bits(w) {
				t.Fatalf("k = %v: %s is %v instead of %v", row[0], rep.Tables[0].Columns[j], v, w)
			}
		}
	}
	if !reflect.DeepEqual(rep.Lines(), whole.Lines()) {
		t.Error("other verdicts")
	}
}

// TestDeepConfigs: a wrong parameter is one sentence that names it.
func TestDeepConfigs(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		figure Figure
		set    func(config any)
		words  string
	}{
		{deepFig1, func(c any) { c.(*deepFig1Config).Beta = 0.4 }, "beta is 0.4"},
		{deepFig1, func(c any) { c.(*deepFig1Config).Tiny = 0.1 }, "beta_tiny is 0.1"},
		{deepFig1, func(c any) { c.(*deepFig1Config).Steps = []float64{0.1} }, "steps has 1 values for 2 depths"},
		{deepFig1, func(c any) { c.(*deepFig1Config).Spectrum = []float64{1, 2} }, "largest first"},
		{deepFig1, func(c any) { c.(*deepFig1Config).Spectrum = []float64{1, 0} }, "spectrum holds 0"},
		{deepFig1, func(c any) { c.(*deepFig1Config).Steps = []float64{5, 5} }, "diverged"},
		{deepFig2, func(c any) { c.(*deepFig2Config).Depths = []int{3, 2} }, "ascending"},
		{deepFig2, func(c any) { c.(*deepFig2Config).Depths = []int{2} }, "depths is 1"},
		{deepFig2, func(c any) { c.(*deepFig2Config).Start = 0.5 }, "start is 0.5"},
		{deepFig2, func(c any) { c.(*deepFig2Config).Start = 1e-30 }, "iterations"},
		{deepFig3, func(c any) { c.(*deepFig3Config).EpsPrime = 0.4 }, "eps_prime is 0.4"},
		{deepFig3, func(c any) { c.(*deepFig3Config).N = 2 }, "n is 2"},
		{deepFig4, func(c any) { c.(*deepFig4Config).Alpha = 0.9 }, "alpha is 0.9"},
		{deepFig4, func(c any) { c.(*deepFig4Config).Decades = 20 }, "decades is 20"},
		{deepFig5, func(c any) { c.(*deepFig5Config).Beta = 0.45 }, "beta is 0.45"},
		{deepFig5, func(c any) { c.(*deepFig5Config).Step = 1 }, "step is 1"},
		{deepFig6, func(c any) { c.(*deepFig6Config).Kappa = 1 }, "kappa is 1"},
		{deepFig6, func(c any) { c.(*deepFig6Config).N = 1 << 24 }, "n = 16777216"},
		{deepFig7, func(c any) { c.(*deepFig7Config).Kappas = []float64{0.1, 0.5} }, "largest first"},
		{deepFig7, func(c any) { c.(*deepFig7Config).Alpha = 2 }, "alpha is 2"},
		{deepFig13, func(c any) { c.(*deepFig13Config).Small = 3 }, "sigma_small is 3"},
		{deepFig13, func(c any) { c.(*deepFig13Config).Spectrum = []float64{1, 2, 3} }, "largest first"},
		{deepFig13, func(c any) { c.(*deepFig13Config).Step = 3 }, "diverged"},
	} {
		_, err := c.figure.Run(context.Background(), Request{Backend: b, Quick: true, Configure: func(config any) error {
			c.set(config)
			return nil
		}})
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v, without %q", c.figure.Name, err, c.words)
		}
		if wrong := new(ConfigError); !errors.As(err, wrong) && !strings.Contains(c.words, "diverged") && !strings.Contains(c.words, "n = ") {
			t.Errorf("%s: %v is no error of the configuration", c.figure.Name, err)
		}
	}
}
