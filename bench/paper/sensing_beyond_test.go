package paper

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/solvers/sensing"
)

func smallSensingCondition(c *sensingConditionConfig) {
	c.N, c.Counts, c.Alphas, c.Trials = 16, []float64{10, 20}, []float64{1e-6, 1e-5}, 1
}

func TestSensingCondition(t *testing.T) {
	for seed := range uint64(2) {
		rep := made(t, sensingCondition, true, func(c *sensingConditionConfig) { smallSensingCondition(c); c.Seed = seed + 1 })
		sensingPasses(t, rep)
		if !strings.HasPrefix(rep.Page.Caption[strings.Index(rep.Page.Caption, "A study"):], "A study beyond the paper") {
			t.Errorf("caption %q", rep.Page.Caption)
		}
		if names := rep.inferred(); len(names) > 0 {
			t.Errorf("inferred in a study beyond the paper: %v", names)
		}
	}
}

// TestConditionedProblem: X has the κ asked for, y is 𝒜(XXᵀ), and the theory's
// setting is that of X.
func TestConditionedProblem(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	c := &sensingConditionConfig{N: 12, RStar: 3, R: 6, Step: 0.25, Storage: "f64", Seed: 3}
	m := &making{Request: Request{Backend: b}, Report: &Report{}}
	p, err := newConditionedProblem(m, c.size(5, 0), 4, c.R)
	if err != nil {
		t.Fatal(err)
	}
	is, want := c.setting(4, 1e-3), sensing.SettingOf(p.x, c.R, 1e-3, c.Step)
	for name, v := range map[string][2]float64{"κ": {is.Kappa, want.Kappa}, "‖X‖": {is.NormX, want.NormX}, "‖XXᵀ‖_F": {is.NormXX, want.NormXX}} {
		if math.Abs(v[0]/v[1]-1) > 1e-13 {
			t.Errorf("%s is %g, of X %g", name, v[0], v[1])
		}
	}
	y := make([]float64, p.count)
	if err := p.a.Measure(y, p.x); err != nil || !reflect.DeepEqual(y, p.y) {
		t.Errorf("y is not 𝒜(XXᵀ): %v", err)
	}
	plain, err := newSensingProblem(m, c.size(5, 0), c.R)
	if err != nil {
		t.Fatal(err)
	}
	if k := sensing.SettingOf(plain.x, c.R, 1e-3, c.Step).Kappa; math.Abs(k-1) > 1e-13 {
		t.Errorf("a plain problem has κ = %g", k)
	}
}

func TestSensingConditionVerdictsCanFail(t *testing.T) {
	c := &sensingConditionConfig{
		N: 40, RStar: 2, Counts: []float64{10}, Conditions: []float64{1, 2, 4}, R: 8, Step: 0.25, Alphas: []float64{1e-6}, Threshold: 0.01, Iterations: 200,
	}
	judged := func(change func(kappa float64, r *conditionRun)) func(*making) {
		return func(m *making) {
			s := newConditionTables(c)
			for _, kappa := range c.Conditions {
				k := math.Pow(kappa, 1.8)
				run := conditionRun{int(20 * k), int(60 * k), int(140 * k), int(80 * k), 1e-6}
				change(kappa, &run)
				s.add(10, kappa, [][]conditionRun{{run}})
			}
			s.verdicts(m)
		}
	}
	m := &making{Report: &Report{}}
	judged(func(float64, *conditionRun) {})(m)
	if !m.Passed() {
		t.Errorf("%v", m.Verdicts)
	}
	sensingFails(t, "end of phase II go", judged(func(kappa float64, r *conditionRun) { r.Saddle = int(60 * math.Pow(kappa, 3)) }))
	sensingFails(t, "end of phase II go", judged(func(kappa float64, r *conditionRun) { r.Saddle = int(60 * kappa) }))
	sensingFails(t, "end of phase II do not outgrow (6)", judged(func(kappa float64, r *conditionRun) { r.Saddle = int(60 * math.Pow(kappa, 3)) }))
	sensingFails(t, "end of phase II is not reached", judged(func(kappa float64, r *conditionRun) {
		if kappa == 2 {
			r.Saddle = -1
		}
	}))
	sensingFails(t, "test error of 0.01 go", judged(func(kappa float64, r *conditionRun) { r.Reached = 80 }))
	sensingFails(t, "does not outgrow (5)", judged(func(kappa float64, r *conditionRun) { r.Test *= math.Pow(kappa, 7) }))
	sensingFails(t, "does not outgrow (5)", judged(func(kappa float64, r *conditionRun) { r.Test = math.Inf(1) }))
}

func smallSensingSamples(c *sensingSamplesConfig) { c.N, c.Trials = 24, 3 }

func TestSensingSamples(t *testing.T) {
	for seed := range uint64(2) {
		rep := made(t, sensingSamples, true, func(c *sensingSamplesConfig) { smallSensingSamples(c); c.Seed = 10*seed + 1 })
		for _, v := range rep.Verdicts {
			if strings.Contains(v.Text, "not needed") && !v.Pass {
				t.Errorf("%s", v)
			}
		}
	}
}

func TestHalfway(t *testing.T) {
	counts := []float64{1, 2, 4, 8}
	for _, c := range []struct {
		shares []float64
		want   float64
	}{
		{[]float64{0, 0, 1, 1}, 2 * math.Sqrt2},
		{[]float64{0, 0.25, 0.75, 1}, 2 * math.Sqrt2},
		{[]float64{0, 0.5, 0.5, 1}, 2},
		{[]float64{0, 0.6, 0.4, 1}, 4 * math.Pow(2, 1./6)}, // for good
		{[]float64{0.5, 1, 1, 1}, math.NaN()},
		{[]float64{0, 0, 0, 0.4}, math.NaN()},
	} {
		if got := halfway(counts, c.shares); !(math.Abs(got-c.want) < 1e-12) && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%v: %g, not %g", c.shares, got, c.want)
		}
	}
}

func TestSensingSamplesVerdictsCanFail(t *testing.T) {
	c := &sensingSamplesConfig{N: 60, Ranks: []int{1, 2, 4}, Counts: []float64{1, 2, 4, 8}, Multiples: []int{4}, Threshold: 0.01, Trials: 2}
	// succeeds tells whether a run with m = count·n·rank does.
	judged := func(succeeds func(count float64, rank, trial int) bool) func(*making) {
		return func(m *making) {
			s := newSamplesTables(c)
			for i, rank := range c.Ranks {
				for j, count := range c.Counts {
					for trial := range c.Trials {
						test := 0.5
						if succeeds(count, rank, trial) {
							test = 1e-3
						}
						s.add(i, j, []float64{test})
					}
				}
			}
			s.summarize()
			s.verdicts(m)
		}
	}
	m := &making{Report: &Report{}}
	judged(func(count float64, _, _ int) bool { return count >= 2 })(m)
	if !m.Passed() {
		t.Errorf("%v", m.Verdicts)
	}
	// m ∝ r_*².
	quadratic := func(count float64, rank, _ int) bool { return count >= 2*float64(rank) }
	sensingFails(t, "not needed", judged(quadratic))
	sensingFails(t, "one c serves", judged(quadratic))
	sensingFails(t, "for 0 of 3 r_*", judged(func(float64, int, int) bool { return true }))
	sensingFails(t, "for 0 of 3 r_*", judged(func(float64, int, int) bool { return false }))
	sensingFails(t, "at no c do all runs", judged(func(count float64, rank, trial int) bool {
		return count >= 2 && (rank != 2 || trial == 0 || count == 4)
	}))
	// Where m determines any matrix, the rank tells nothing.
	c.N = 4
	sensingFails(t, "not needed", judged(func(count float64, _, _ int) bool { return count >= 2 }))
}

// TestSensingSamplesResumes: a study broken off and resumed is the same.
func TestSensingSamplesResumes(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	request := func(dir string, resume bool) Request {
		return Request{Backend: b, Quick: true, Dir: dir, Resume: resume, Configure: func(config any) error {
			c := config.(*sensingSamplesConfig)
			c.N, c.Ranks, c.Counts, c.Trials, c.Iterations = 10, []int{1, 2}, []float64{1, 2, 4}, 2, 100
			return nil
		}}
	}
	whole, err := sensingSamples.Run(context.Background(), request("", false))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	req := request(t.TempDir(), false)
	req.Progress = func(stage string, done, _ int) {
		if strings.HasPrefix(stage, "rank 2 m 40 trial 1") && done >= 30 {
			cancel()
		}
	}
	if _, err := sensingSamples.Run(ctx, req); err == nil {
		t.Fatal("not cancelled")
	}
	rep, err := sensingSamples.Run(context.Background(), request(req.Dir, true))
	if err != nil {
		t.Fatal(err)
	}
	if !sensingSameTables(whole.Tables, rep.Tables) || !reflect.DeepEqual(whole.Lines(), rep.Lines()) || whole.Cost.Passes != rep.Cost.Passes {
		t.Error("the resumed study differs")
	}
}

func TestSensingBeyondWrongParameters(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	for want, set := range map[string]func(config any){
		"sensing/condition: conditions[0] is 0.5; expected a number of at least 1":               func(c any) { c.(*sensingConditionConfig).Conditions[0] = 0.5 },
		"sensing/condition: r_star is 1; expected at least 2":                                    func(c any) { c.(*sensingConditionConfig).RStar = 1 },
		"sensing/condition: r is 3; expected at least 4":                                         func(c any) { c.(*sensingConditionConfig).R = 3 },
		"sensing/condition: the number of conditions is 2; expected at least 3":                  func(c any) { c.(*sensingConditionConfig).Conditions = []float64{1, 2} },
		"sensing/samples: r_stars are [1 2 3]; expected numbers that ascend by a constant ratio": func(c any) { c.(*sensingSamplesConfig).Ranks = []int{1, 2, 3} },
		"sensing/samples: counts[0] is 0.001; expected at least one measurement, 1/(n·r_*)":      func(c any) { c.(*sensingSamplesConfig).Counts = []float64{0.001, 0.01} },
		"sensing/samples: r_star is 100; a matrix of order 40 has rank at most 40":               func(c any) { c.(*sensingSamplesConfig).Ranks = []int{10, 100} },
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
