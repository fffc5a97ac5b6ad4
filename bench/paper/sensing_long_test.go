package paper

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"lowrank/blas"
)

func sensingPasses(t *testing.T, rep *Report) {
	t.Helper()
	for _, v := range rep.Verdicts {
		if !v.Pass {
			t.Errorf("%s", v)
		}
	}
}

// sensingFails checks that of the verdicts a making collects the one with the words
// fails.
func sensingFails(t *testing.T, words string, judge func(m *making)) {
	t.Helper()
	m := &making{Report: &Report{}}
	judge(m)
	found := false
	for _, v := range m.Verdicts {
		if strings.Contains(v.Text, words) {
			found = true
			if v.Pass {
				t.Errorf("forged data passes: %s", v)
			}
		}
	}
	if !found {
		t.Errorf("no verdict about %q in %v", words, m.Verdicts)
	}
}

func smallSensingFig5(c *sensingFig5Config) {
	c.N, c.RStar, c.M, c.R, c.Large, c.Iterations, c.Patience = 30, 1, 230, 27, 1, 10000, 200
}

func TestSensingFig5(t *testing.T) {
	for seed := range uint64(2) {
		rep := made(t, sensingFig5, true, func(c *sensingFig5Config) { smallSensingFig5(c); c.Seed = seed })
		sensingPasses(t, rep)
		if t.Failed() {
			t.Logf("seed %d: %s", seed, strings.Join(rep.Lines(), "\n"))
		}
	}
}

func TestSensingFig5VerdictsCanFail(t *testing.T) {
	rep := made(t, sensingFig5, true, smallSensingFig5)
	tab := rep.Tables[0]
	tab.Columns[len(tab.Columns)-1] = "old line" // verdicts derive it anew
	floor := func(least float64) func(float64) float64 {
		return func(v float64) float64 { return math.Max(v, least) }
	}
	last := func(column string) float64 {
		_, y := tab.points("t", column)
		return y[len(y)-1]
	}
	judged := func(tab *Table, settled bool) func(*making) {
		return func(m *making) { newFigure5Curves(tab, settled).verdicts(m) }
	}
	for words, f := range map[string]struct {
		column string
		forge  func(float64) float64
	}{
		"fall rapidly":              {"test_small", floor(0.1)},
		"falls on":                  {"loss_small", floor(100 * last("loss_small"))},
		"falls more slowly":         {"loss_small", math.Sqrt},
		"falls linearly":            {"loss_large", func(v float64) float64 { return math.Pow(6+math.Abs(math.Log(v)), -8) }},
		"machine precision":         {"loss_large", floor(1e-20)},
		"lazy":                      {"loss_large", floor(0.1)},
		"after the small start and": {"test_small", floor(last("test_large"))},
	} {
		sensingFails(t, words, judged(forged(tab, f.column, f.forge), true))
	}
	// A test error that stays levels off, unless the train error does so too.
	flat := forged(tab, "test_small", floor(100*last("test_small")))
	m := &making{Report: &Report{}}
	judged(flat, true)(m)
	if lines := strings.Join(m.Lines(), "\n"); !strings.Contains(lines, "PASS  small start: the squared test error levels off") {
		t.Errorf("a test error that stays:\n%s", lines)
	}
	sensingFails(t, "levels off", judged(forged(flat, "loss_small", floor(100*last("loss_small"))), true))
	short := made(t, sensingFig5, true, func(c *sensingFig5Config) { smallSensingFig5(c); c.Iterations = 100 })
	if short.Passed() {
		t.Error("100 iterations pass")
	}
}

// TestSensingFig5Short: a picture of fewer iterations than the paper's says so.
func TestSensingFig5Short(t *testing.T) {
	rep := made(t, sensingFig5, false, func(c *sensingFig5Config) { smallSensingFig5(c); c.Iterations = 300 })
	if !strings.Contains(rep.Page.Caption, "300 iterations") || !strings.Contains(rep.Page.Caption, "The paper's runs have 400000 iterations.") {
		t.Errorf("the caption is %q", rep.Page.Caption)
	}
}

func TestSensingFig5Resumes(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	sensingResumes(t, sensingFig5, []int{3, 555, 2017}, func(dir string, resume bool) Request {
		return Request{Backend: b, Quick: true, Dir: dir, Resume: resume, Configure: func(config any) error {
			c := config.(*sensingFig5Config)
			c.N, c.RStar, c.R, c.Iterations, c.Patience = 12, 1, 8, 9000, 100
			return nil
		}}
	})
}

// sensingResumes: a figure cancelled in its middle and resumed has the tables,
// verdicts and passes of one that was not.
func sensingResumes(t *testing.T, f Figure, cancelled []int, request func(dir string, resume bool) Request) {
	t.Helper()
	whole, err := f.Run(context.Background(), request("", false))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range cancelled {
		ctx, cancel := context.WithCancel(context.Background())
		req := request(t.TempDir(), false)
		req.Progress = func(_ string, done, _ int) {
			if done >= at {
				cancel()
			}
		}
		if _, err := f.Run(ctx, req); err == nil {
			t.Fatalf("not cancelled at %d", at)
		}
		rep, err := f.Run(context.Background(), request(req.Dir, true))
		if err != nil {
			t.Fatal(err)
		}
		if !sensingSameTables(whole.Tables, rep.Tables) || !reflect.DeepEqual(whole.Lines(), rep.Lines()) || whole.Cost.Passes != rep.Cost.Passes {
			t.Errorf("cancelled at %d: other data, %d rows for %d", at, len(rep.Tables[0].Rows), len(whole.Tables[0].Rows))
		}
	}
}

// sensingSameTables compares bits, for NaN is not NaN.
func sensingSameTables(a, b []*Table) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range a {
		if !reflect.DeepEqual(a[k].Columns, b[k].Columns) || len(a[k].Rows) != len(b[k].Rows) {
			return false
		}
		for i, row := range a[k].Rows {
			for j, v := range row {
				if math.Float64bits(v) != math.Float64bits(b[k].Rows[i][j]) {
					return false
				}
			}
		}
	}
	return true
}

func smallSensingFig6(c *sensingFig6Config) { c.N, c.Columns = 30, []int{2, 3, 4, 6, 8, 10} }

func TestSensingFig6(t *testing.T) {
	for seed := range uint64(2) {
		sensingPasses(t, made(t, sensingFig6, true, func(c *sensingFig6Config) { smallSensingFig6(c); c.Seed = 100 * seed }))
	}
}

func TestSensingFig6VerdictsCanFail(t *testing.T) {
	c := &sensingFig6Config{RStar: 2, Columns: []int{2, 3, 4, 5, 6}, Trials: 3}
	table := func(counts ...float64) *Table {
		tab := newTable("", "r", "trial_1", "trial_2", "trial_3")
		for i, v := range counts {
			tab.add(float64(c.Columns[i]), v, v+float64(i%2), v-1)
		}
		return tab
	}
	judged := func(tab *Table) func(*making) {
		return func(m *making) { newFigure6Counts(tab, c).verdicts(m, c) }
	}
	m := &making{Report: &Report{}}
	judged(table(70, 60, 55, 55, 54))(m)
	if !m.Passed() {
		t.Errorf("%v", m.Verdicts)
	}
	sensingFails(t, "falls first", judged(table(55, 55, 55, 55, 55)))
	sensingFails(t, "falls first", judged(table(55, 60, 65, 65, 65)))
	sensingFails(t, "then flat", judged(table(70, 60, 55, 50, 44)))
	sensingFails(t, "then flat", judged(table(70, 60, 55, 65, 55)))
	c.Columns = []int{3, 4, 5, 6, 7}
	sensingFails(t, "the figure is about", judged(table(70, 60, 55, 55, 54)))
}

// TestSensingFig6Limit: a run that does not get there is an error, not a number.
func TestSensingFig6Limit(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sensingFig6.Run(context.Background(), Request{Backend: b, Quick: true, Configure: func(config any) error {
		c := config.(*sensingFig6Config)
		smallSensingFig6(c)
		c.Iterations = 20
		return nil
	}})
	if err == nil || !strings.Contains(err.Error(), "has not reached the threshold after 20 iterations") {
		t.Errorf("%v", err)
	}
}

func smallSensingScale(c *sensingScaleConfig) {
	c.N, c.Iterations, c.Trials = 30, 250, 1
}

func TestSensingScale(t *testing.T) {
	for seed := range uint64(3) {
		rep := made(t, sensingScale, true, func(c *sensingScaleConfig) { smallSensingScale(c); c.Seed = seed })
		sensingPasses(t, rep)
		if test := rep.Tables[0].column("test"); !math.IsNaN(test[len(test)-4]) {
			t.Errorf("α = 1 with r = 2 does not diverge: %v", test)
		}
	}
}

func TestSensingScaleVerdictsCanFail(t *testing.T) {
	c := &sensingScaleConfig{RStar: 2, Columns: []int{2, 4, 8}, Alphas: []float64{1e-6, 1e-4, 1e-2}}
	judged := func(tests ...float64) func(*making) {
		return func(m *making) { newScaleTables(c, [][]float64{tests}).verdicts(m, c) }
	}
	m := &making{Report: &Report{}}
	judged(1e-15, 1e-7, 1e-7, 1e-15, 1e-5, 1e-5, 1e-15, 1e-3, 1e-3)(m)
	if !m.Passed() {
		t.Errorf("%v", m.Verdicts)
	}
	sensingFails(t, "grows with α", judged(1e-15, 1e-7, 1e-7, 1e-15, 1e-5, 1e-5, 1e-15, 1e-3, 1e-5))
	sensingFails(t, "grows with α", judged(1e-15, 1e-7, 1e-7, 1e-15, 1e-5, math.NaN(), 1e-15, 1e-3, 1e-2))
	sensingFails(t, "is low for all r", judged(1e-15, 1e-7, 1e-7, 1e-2, 1e-5, 1e-5, 1e-15, 1e-3, 1e-3))
	sensingFails(t, "is low for all r", judged(1e-15, 1e-7, 1e-7, math.NaN(), 1e-5, 1e-5, 1e-15, 1e-3, 1e-3))
	c.Alphas = []float64{1e-3, 1e-2, 1e-1}
	sensingFails(t, "no α is at most", judged(1e-15, 1e-7, 1e-7, 1e-15, 1e-5, 1e-5, 1e-15, 1e-3, 1e-3))
}

// TestSensingWrongParameters: one clear sentence each.
func TestSensingWrongParameters(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	for want, set := range map[string]func(config any){
		"sensing/fig4: r is 1; expected at least r_star = 2":                                     func(c any) { c.(*sensingFig4Config).R = 1 },
		"sensing/fig4: alphas[1] is 0.1; expected more than the 0.1 before it":                   func(c any) { c.(*sensingFig4Config).Alphas = []float64{0.1, 0.1} },
		"sensing/fig4: loss is -1; expected a positive number":                                   func(c any) { c.(*sensingFig4Config).Loss = -1 },
		"sensing/fig4: plateau_to is 2; expected at least 1.1 times plateau_from = 2":            func(c any) { c.(*sensingFig4Config).To = 2 },
		"sensing/fig5: small is 1 and large 0.5; expected a smaller one":                         func(c any) { c.(*sensingFig5Config).Small = 1 },
		"sensing/fig5: iterations is 10; expected at least 100":                                  func(c any) { c.(*sensingFig5Config).Iterations = 10 },
		"sensing/fig5: storage is \"f16\"; expected f64, f32, bf16 or regenerate":                func(c any) { c.(*sensingFig5Config).Storage = "f16" },
		"sensing/fig6: columns are [4 2]; expected ascending numbers":                            func(c any) { c.(*sensingFig6Config).Columns = []int{4, 2} },
		"sensing/fig6: trials is 1; expected at least 2":                                         func(c any) { c.(*sensingFig6Config).Trials = 1 },
		"sensing/scale: columns are [2 4 5]; expected numbers that ascend by a constant ratio":   func(c any) { c.(*sensingScaleConfig).Columns = []int{2, 4, 5} },
		"sensing/scale: alphas are [0.1 0.01]; expected numbers that ascend by a constant ratio": func(c any) { c.(*sensingScaleConfig).Alphas = []float64{0.1, 0.01} },
		"sensing/scale: the number of columns is 1; expected at least 2":                         func(c any) { c.(*sensingScaleConfig).Columns = []int{2} },
	} {
		name, _, _ := strings.Cut(want, ":")
		figures, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = figures[0].Run(context.Background(), Request{Backend: b, Quick: true, Configure: func(config any) error { set(config); return nil }})
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
