package paper

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
)

func asymmetricPasses(t *testing.T, rep *Report, seed uint64) {
	t.Helper()
	for _, v := range rep.Verdicts {
		if !v.Pass {
			t.Errorf("%s, seed %d: %s", rep.Figure, seed, v)
		}
	}
}

// asymmetricJudged are the verdicts of what f says.
func asymmetricJudged(f func(m *making)) []Verdict {
	m := &making{Report: &Report{}}
	f(m)
	return m.Verdicts
}

// asymmetricRefuses checks that verdict i of f does not pass.
func asymmetricRefuses(t *testing.T, what string, i int, f func(m *making)) {
	t.Helper()
	v := asymmetricJudged(f)
	if i >= len(v) {
		t.Fatalf("%s: %d verdicts; expected more than %d", what, len(v), i)
	}
	if v[i].Pass {
		t.Errorf("%s passes: %s", what, v[i])
	}
}

func TestAsymmetricFig1(t *testing.T) {
	small := func(c *asymmetricFig1Config) {
		c.M, c.N, c.D, c.Runs, c.Iterations, c.Ratios, c.Eps = 30, 24, 12, 3, 500, []float64{0.9}, 0.01
	}
	var rep *Report
	for seed := uint64(1); seed <= 2; seed++ {
		rep = made(t, asymmetricFig1, true, func(c *asymmetricFig1Config) {
			small(c)
			c.Seed = seed
		})
		asymmetricPasses(t, rep, seed)
		if len(rep.Tables) != 4 || rep.Tables[0].Name != "" || rep.Tables[3].Name != "claims" {
			t.Fatalf("%d tables", len(rep.Tables))
		}
	}
	claims := rep.Tables[3]
	f := &asymmetricFig1Panel{ratio: 0.9, step: claims.column("step")[0], theoretical: true, last: claims.column("T")[0], errors: rep.Tables[0]}
	in := forged(claims, "in_event", func(float64) float64 { return 1 })
	asymmetricRefuses(t, "a run above (6)", 0, func(m *making) {
		g := *f
		g.errors = forged(f.errors, "proposed_2", func(v float64) float64 { return max(v, 0.9) })
		g.verdicts(m, in)
	})
	asymmetricRefuses(t, "a random start as good", 1, func(m *making) {
		g := *f
		g.errors = forged(f.errors, "random", func(float64) float64 { return 1e-20 })
		g.errors = forged(g.errors, "proposed", func(float64) float64 { return 1e-20 })
		g.verdicts(m, in)
	})
	asymmetricRefuses(t, "a claim that fails", 0, func(m *making) {
		asymmetricClaimsVerdict(m, forged(claims, "fail", func(float64) float64 { return 1 }))
	})
	asymmetricRefuses(t, "no claim that holds", 0, func(m *making) {
		asymmetricClaimsVerdict(m, forged(claims, "hold", func(float64) float64 { return 0 }))
	})
	// No draw in the event: nothing is claimed, and it is said so.
	m := &making{Report: &Report{}}
	f.bound(m, forged(claims, "in_event", func(float64) float64 { return 0 }))
	if len(m.Verdicts) != 0 || len(m.Notes) != 1 || !strings.Contains(m.Notes[0], "condition not met") {
		t.Errorf("outside the event: %v, %v", m.Verdicts, m.Notes)
	}
}

// TestAsymmetricBound: (6) at t = 0 is 2f_0/‖A‖² = 1 up to ν, and T falls with
// the step.
func TestAsymmetricBound(t *testing.T) {
	rep := made(t, asymmetricFig1, true, func(c *asymmetricFig1Config) {
		c.M, c.N, c.Runs, c.Iterations, c.Ratios, c.Eps = 20, 20, 1, 50, []float64{0.9}, 0.1
	})
	if b := rep.Tables[0].column("bound")[0]; math.Abs(b-1) > 1e-8 {
		t.Errorf("(6) starts at %v", b)
	}
	p := asymmetric.Parameters{Sigma1: 1, SigmaR: 0.9, Rank: 5, Columns: 10}.WithDefaults()
	rate := math.Exp(-p.Beta() / 4)
	e, ts := rep.Tables[0].column("bound"), rep.Tables[0].column("t")
	if got := math.Pow(e[3]/e[0], 1/ts[3]); math.Abs(got-rate) > 1e-12 {
		t.Errorf("(6) falls by %v a step; expected %v", got, rate)
	}
}

func TestAsymmetricFig2(t *testing.T) {
	var rep *Report
	for seed := uint64(1); seed <= 2; seed++ {
		rep = made(t, asymmetricFig2, true, func(c *asymmetricFig2Config) {
			c.M, c.N, c.Iterations, c.Seed, c.Form = 30, 24, 2000, seed, []string{asymmetricDense, asymmetricProduct}[seed%2]
		})
		asymmetricPasses(t, rep, seed)
	}
	c := rep.Config.(*asymmetricFig2Config)
	f := func(d10, d6 *Table) func(m *making) {
		return func(m *making) {
			asymmetricFig2Curves{{10, 1, 1, 0, d10}, {6, 1, 1, 0, d6}}.verdicts(m, c)
		}
	}
	asymmetricRefuses(t, "ColSpan as good", 0, f(forged(rep.Tables[0], "colspan", func(float64) float64 { return 1e-20 }), rep.Tables[1]))
	asymmetricRefuses(t, "an advantage that is not stark", 0, f(forged(rep.Tables[0], "proposed", func(float64) float64 { return 1e-5 }), rep.Tables[1]))
	// With d = r + 1 the best run decides, not the median.
	stays := rep.Tables[1]
	for _, column := range asymmetricColumns("proposed", c.Runs) {
		stays = forged(stays, column, func(v float64) float64 { return max(v, 0.05) })
	}
	asymmetricRefuses(t, "proposed that stays", 1, f(rep.Tables[0], stays))
	asymmetricRefuses(t, "a random run as good", 1, f(rep.Tables[0], forged(rep.Tables[1], "random_3", func(float64) float64 { return 1e-30 })))
	for _, column := range asymmetricColumns("proposed", c.Runs) {
		stays = forged(stays, column, func(float64) float64 { return math.NaN() })
	}
	asymmetricRefuses(t, "NaN in all runs", 1, f(rep.Tables[0], stays))
	if v := asymmetricJudged(f(rep.Tables[0], forged(rep.Tables[1], "proposed", func(float64) float64 { return 0.9 }))); !v[1].Pass {
		t.Errorf("a poor median: %s", v[1])
	}
	asymmetricRefuses(t, "fewer columns do better", 2, f(rep.Tables[1], rep.Tables[0]))
	asymmetricRefuses(t, "NaN", 0, f(forged(rep.Tables[0], "proposed", func(float64) float64 { return math.NaN() }), rep.Tables[1]))
}

// TestAsymmetricFig3 has the golden values of the paper's setting with η = 0.01:
// about 1e-18 from the proposed start after 1000 iterations, 1e-4 from the
// random one; with η = 1 stagnation at 1e-5 to 1e-4.
func TestAsymmetricFig3(t *testing.T) {
	var rep *Report
	for seed := uint64(1); seed <= 2; seed++ {
		rep = made(t, asymmetricFig3, false, func(c *asymmetricFig3Config) {
			c.Steps, c.Runs, c.Seed = []float64{0.01, 1}, 3, seed
		})
		asymmetricPasses(t, rep, seed)
		for _, w := range []struct {
			table     int
			start     string
			low, high float64
		}{{0, "proposed", 1e-26, 1e-12}, {0, "random", 1e-5, 1e-3}, {1, "proposed", 1e-7, 1e-3}, {1, "random", 1e-7, 1e-3}} {
			if v := asymmetricEnd(rep.Tables[w.table], w.start); !(v >= w.low && v <= w.high) {
				t.Errorf("seed %d: %s of table %d ends at %.2g; expected %g to %g", seed, w.start, w.table, v, w.low, w.high)
			}
		}
	}
	c := rep.Config.(*asymmetricFig3Config)
	f := func(i int, column string, value float64) func(m *making) {
		tables := []*Table{rep.Tables[0], rep.Tables[1], rep.Tables[2]}
		tables[i] = forged(tables[i], column, func(float64) float64 { return value })
		return func(m *making) {
			asymmetricFig3Curves{
				{"", asymmetric.Simultaneous, 0.01, 1, tables[0]}, {"", asymmetric.Simultaneous, 1, 1, tables[1]}, {"", asymmetric.Alternating, 1, 1, tables[2]},
			}.verdicts(m, c.Starts)
		}
	}
	asymmetricRefuses(t, "random as good", 0, f(0, "random", 1e-20))
	asymmetricRefuses(t, "a start that converges", 1, f(1, "colspan", 1e-20))
	asymmetricRefuses(t, "alternating without an advantage", 2, f(2, "proposed", 1e-8))
	asymmetricRefuses(t, "ColSpan as quick", 3, f(2, "colspan", 1e-30))
	asymmetricRefuses(t, "alternating that stagnates", 3, f(2, "proposed", 1e-8))
}

func TestAsymmetricFig4(t *testing.T) {
	var rep *Report
	for seed := uint64(1); seed <= 2; seed++ {
		rep = made(t, asymmetricFig4, true, func(c *asymmetricFig4Config) {
			c.M, c.N, c.Iterations, c.Steps, c.Seed = 40, 30, 2000, []float64{0.1}, seed
		})
		asymmetricPasses(t, rep, seed)
	}
	c := rep.Config.(*asymmetricFig4Config)
	best := asymmetricEnd(rep.Tables[0], "best_d")
	eta := 0.1
	f := func(column string, change func(v float64) float64) func(m *making) {
		return func(m *making) {
			asymmetricFig4Curves{{"", eta, forged(rep.Tables[0], column, change)}}.verdicts(m, c.Starts, c.Runs)
		}
	}
	asymmetricRefuses(t, "proposed that levels off above", 0, f("proposed", func(v float64) float64 { return max(v, 1.3*best) }))
	asymmetricRefuses(t, "another start as quick", 1, f("random", func(float64) float64 { return best }))
	asymmetricRefuses(t, "proposed that never comes near", 1, f("proposed", func(float64) float64 { return 1 }))
	// Smaller steps need more of an advantage: 1.3 times as many iterations do
	// for η = 0.1 alone.
	third := newTable("", "t", "proposed", "random", "proposed_1", "random_1", "best_d", "best_r")
	third.add(10, 1, 3, 1, 3, 1, 2)
	third.add(13, 1, 1, 1, 1, 1, 2)
	for _, eta := range []float64{0.1, 0.01} {
		v := asymmetricJudged(func(m *making) {
			asymmetricFig4Curves{{"", eta, third}}.verdicts(m, []string{"proposed", "random"}, 1)
		})
		if v[1].Pass != (eta == 0.1) {
			t.Errorf("η = %g: %s", eta, v[1])
		}
	}
}

func TestAsymmetricCondition(t *testing.T) {
	var rep *Report
	for seed := uint64(1); seed <= 2; seed++ {
		rep = made(t, asymmetricCondition, true, func(c *asymmetricConditionConfig) {
			c.M, c.N, c.D, c.Conditions, c.FitFrom, c.Target, c.Seed = 20, 20, 16, []float64{2, 4, 8}, 2, 1e-5, seed
		})
		asymmetricPasses(t, rep, seed)
	}
	c := rep.Config.(*asymmetricConditionConfig)
	f := func(column string, value func(v float64) float64) func(m *making) {
		table := forged(rep.Tables[0], column, value)
		if strings.HasPrefix(column, "in_event") {
			table = forged(table, "proposed_theory_1", func(float64) float64 { return math.NaN() })
		}
		return func(m *making) { (&asymmetricConditionCurves{c, table}).verdicts(m) }
	}
	asymmetricRefuses(t, "a run that misses T", 0, f("in_event_1", func(float64) float64 { return 1 }))
	asymmetricRefuses(t, "no growth", 1, f("proposed_theory", func(float64) float64 { return 100 }))
	asymmetricRefuses(t, "growth beyond the bound", 1, f("proposed_theory", func(v float64) float64 { return v * v }))
	asymmetricRefuses(t, "a constant step that is as sensitive", 2, f("proposed_step", func(v float64) float64 { return v * v * v }))
}

// TestAsymmetricResume: a figure that is resumed has the tables of one that was
// not, claims included.
func TestAsymmetricResume(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	c := &asymmetricFig1Config{M: 12, N: 10, R: 2, D: 4, Seed: 3}
	a := c.matrix(0.8)
	a.form, a.method, a.c, a.nu = asymmetricDense, byDirect, 4, 1e-10
	newMaking := func(dir string, resume bool) *making {
		return &making{Request: Request{Backend: b, Resume: resume}, Report: &Report{Figure: "asymmetric/test", Config: c, State: dir}}
	}
	run := func(m *making) *asymmetricCurves {
		p, err := newAsymmetricProblem(t.Context(), m, a, 4, 2)
		if err != nil {
			t.Fatal(err)
		}
		theory, eta, err := p.theory(4, 2, 3, 1, 1e-3)
		if err != nil {
			t.Fatal(err)
		}
		curves, err := m.asymmetricCurves(t.Context(), p, asymmetricPanel{name: "one", eta: eta, d: 4, runs: 2, iterations: 300, starts: []string{"proposed", "random"}, seed: 3, claims: &theory})
		if err != nil {
			t.Fatal(err)
		}
		return curves
	}
	dir := filepath.Join(t.TempDir(), "state")
	first := run(newMaking(dir, false))
	again := run(newMaking(dir, true))
	if len(first.Checks) != 2 || len(again.Checks) != 2 || asymmetricEvent(first.Checks[0]) != asymmetricEvent(again.Checks[0]) {
		t.Errorf("checks of %d and %d runs", len(first.Checks), len(again.Checks))
	}
	for i, row := range first.Errors.Rows {
		for j, v := range row {
			if again.Errors.Rows[i][j] != v {
				t.Fatalf("row %d of %s: %v and %v", i, first.Errors.Columns[j], v, again.Errors.Rows[i][j])
			}
		}
	}
}

// TestAsymmetricMethods: in Krylov bases, with few passes, the curves and the claims of a
// figure are those of the direct method.
func TestAsymmetricMethods(t *testing.T) {
	figures := map[string]*Report{}
	for _, method := range []string{byDirect, byKrylov} {
		figures[method] = made(t, asymmetricFig1, true, func(c *asymmetricFig1Config) {
			c.M, c.N, c.Iterations, c.Runs, c.Ratios, c.Form, c.Method = 30, 24, 300, 2, []float64{0.9}, asymmetricProduct, method
		})
	}
	direct, krylov := figures[byDirect], figures[byKrylov]
	for i, table := range direct.Tables {
		for r, row := range table.Rows {
			for j, v := range row {
				if g := krylov.Tables[i].Rows[r][j]; !(math.Abs(g-v) <= 1e-6*math.Abs(v)+1e-24) && v == v {
					t.Fatalf("table %s, row %d, %s: %g in bases, %g directly", table.Name, r, table.Columns[j], g, v)
				}
			}
		}
	}
	if direct.Cost.Iterations != krylov.Cost.Iterations || krylov.Cost.Passes > 20 {
		t.Errorf("%d iterations by %d passes, directly %d by %d", krylov.Cost.Iterations, krylov.Cost.Passes, direct.Cost.Iterations, direct.Cost.Passes)
	}
}

func TestAsymmetricConfig(t *testing.T) {
	for _, c := range []struct {
		config configuration
		say    string
	}{
		{&asymmetricFig1Config{M: 10, N: 10, R: 2, D: 1, Ratios: []float64{0.5}, C: 4, Nu: 1, Form: "dense", Method: byDirect}, "d is 1; expected from r = 2"},
		{&asymmetricFig1Config{M: 10, N: 10, R: 2, D: 4, Ratios: []float64{1.5}, C: 4, Nu: 1, Form: "dense", Method: byDirect}, "ratio is 1.5"},
		{&asymmetricFig2Config{M: 10, N: 10, R: 20, Form: "dense", Method: byDirect}, "r is 20"},
		{&asymmetricFig2Config{M: 10, N: 10, R: 2, D: []int{3}, Ratio: 1, C: 4, Nu: 1, Form: "thin"}, `form is "thin"`},
		{&asymmetricFig2Config{M: 10, N: 10, R: 2, D: []int{3}, Ratio: 1, C: 4, Nu: 1, Form: "dense", Method: "newton"}, `method is "newton"; expected direct or krylov`},
		{&asymmetricFig2Config{M: 10, N: 10, R: 2, D: []int{3}, Ratio: 1, C: 4, Nu: 1, Form: "dense", Method: byDirect, Iterations: 1, Starts: []string{"random"}}, "expected proposed among them"},
		{&asymmetricFig3Config{M: 10, N: 10, R: 2, D: 3, Ratio: 1, C: 4, Nu: 1, Steps: []float64{-1}, Form: "dense", Method: byDirect}, "steps[0] is -1"},
		{&asymmetricFig4Config{M: 10, N: 10, R: 2, D: 3, Ratio: 1, C: 4, Nu: 1, Method: byDirect}, "noise is 0"},
		{&asymmetricConditionConfig{M: 10, N: 10, R: 2, D: 3, C: 4, Nu: 1, Form: "dense", Method: byDirect, Conditions: []float64{2, 1}}, "ascending"},
		{&asymmetricConditionConfig{M: 10, N: 10, R: 2, D: 3, C: 4, Nu: 1, Form: "dense", Method: byDirect, Conditions: []float64{1, 2}, FitFrom: 2}, "a slope needs two"},
	} {
		if err := c.config.check(); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%v; expected %q", err, c.say)
		}
	}
}

// TestAsymmetricEvent: one inequality that does not hold puts a draw outside.
func TestAsymmetricEvent(t *testing.T) {
	checks := []solvers.Check{{Name: "Proposition 4.3, 1"}, {Name: "Lemma", Verdict: solvers.NotMet}}
	if asymmetricEvent(checks) != 1 {
		t.Error("outside")
	}
	checks[0].Verdict = solvers.NotMet
	if asymmetricEvent(checks) != 0 {
		t.Error("inside")
	}
}
