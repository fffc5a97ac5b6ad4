package paper

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/symmetric"
)

// TestTransitionVerdicts runs a small study on several seeds. With few starts
// the medians scatter: the number of starts is that of the quick size.
func TestTransitionVerdicts(t *testing.T) {
	for _, seed := range []uint64{0, 2000, 400_000} {
		rep := made(t, symmetricTransition, true, func(c *symmetricTransitionConfig) {
			c.D, c.HigherD, c.HigherSeeds, c.Seed = []int{100, 300, 1000, 3000}, []int{100, 200, 300}, 2, seed
		})
		for _, v := range rep.Verdicts {
			if !v.Pass {
				t.Errorf("seed %d: %s", seed, v)
			}
		}
	}
}

// TestTransitionTimes compares with a tracker that measures every iterate, and
// the observed times with their definition.
func TestTransitionTimes(t *testing.T) {
	const d, seed = 300, 7
	for _, r := range []int{2, 3} {
		rep := made(t, symmetricTransition, true, func(c *symmetricTransitionConfig) {
			c.D, c.HigherD, c.HigherRanks = []int{d, d + 1, d + 2}, []int{d}, []int{3}
			c.Seeds, c.HigherSeeds, c.Seed = 2, 1, seed
			if r == 3 { // so that the start of rank 3 has this seed
				c.Seed -= 3 * 2
			}
		})
		b, err := blas.Open("native", 2)
		if err != nil {
			t.Fatal(err)
		}
		m := &making{Request: Request{Backend: b}, Report: &Report{}}
		lambda := problem.Figure1Spectrum(d)
		if r == 3 {
			lambda = equalGaps(d, 3, 0.2)
		}
		p, err := newSymmetricProblem(m, r, lambda, 1)
		if err != nil {
			t.Fatal(err)
		}
		s := p.run(0.5, 0.1, seed)
		tracker := symmetric.NewTracker(s, p.theory)
		delta := symmetric.MinGap(lambda[:r+1])
		var reached, settled []int
		for {
			q := p.theory.Of(s)
			tracker.Observe(s.Iteration(), q)
			for again := true; again; {
				k := len(settled)
				again = false
				switch {
				case len(reached) == k && k < r && q.Signal[k] >= delta/2 && tracker.Times().Init[0] >= 0:
					reached, again = append(reached, s.Iteration()), true
				case len(reached) == k+1 && k < r-1 && float64(r)*q.Noise[k] <= math.Sqrt(delta/8)*min(math.Sqrt(q.Signal[k+1]), math.Sqrt(delta/2)):
					settled, again = append(settled, s.Iteration()), true
				}
			}
			if tracker.Times().TU[r-1] >= 0 {
				break
			}
			if err := s.Step(); err != nil {
				t.Fatal(err)
			}
		}
		times := tracker.Times()
		rows := withValue(withValue(withValue(withValue(rep.Tables[0], "r", float64(r)), "d", d), "seed", seed), "step", 0.1)
		if len(rows.Rows) != r {
			t.Fatalf("r = %d: %d rows", r, len(rows.Rows))
		}
		same := func(column string, want []int) {
			t.Helper()
			got := rows.column(column)
			for k, w := range want {
				if got[k] != float64(w) {
					t.Errorf("r = %d: %s of signal %d is %v, want %d", r, column, k+1, got[k], w)
				}
			}
		}
		same("t_init", times.Init)
		same("T_u", times.TU)
		same("t", times.T)
		same("t_star", times.Trans)
		same("reached", reached)
		same("settled", settled)
		same("t_star", slices.Repeat([]int{times.Sharp}, r-1))
	}
}

// TestTransitionVerdictsCanFail: no verdict is a formality.
func TestTransitionVerdictsCanFail(t *testing.T) {
	set := func(c *symmetricTransitionConfig) {
		c.D, c.HigherRanks, c.Seeds = []int{100, 300, 1000}, nil, 5
	}
	rep := made(t, symmetricTransition, true, set)
	c := rep.Config.(*symmetricTransitionConfig)
	times := rep.Tables[0]
	byD := func(column string, power float64) *Table { // grows as a power of d
		out := forged(times, column, func(v float64) float64 { return v })
		for _, row := range out.Rows {
			row[out.at(column)] *= math.Pow(row[out.at("d")]/100, power)
		}
		return out
	}
	lost := forged(times, "t_star", func(v float64) float64 { return v })
	lost.Rows[0][lost.at("t_star")] = math.NaN()
	faster := forged(times, "observed", func(v float64) float64 { return v })
	for _, row := range faster.Rows {
		if row[faster.at("step")] == c.Step {
			row[faster.at("observed")] *= 1.3
		}
	}
	step, _ := symmetric.TheoryStep([]float64{1, 0.5, 0.3}, nil)
	for i, forgery := range []*Table{lost, byD("observed", 0.5), byD("reached", -1), faster} {
		s := &transitionStudy{times: forgery, theoryStep: step}
		m := &making{Report: &Report{}}
		s.summarize(c)
		s.verdicts(m, c)
		if v := m.Verdicts[i]; v.Pass {
			t.Errorf("forgery %d passes: %s", i, v)
		}
	}
	// Too few iterations for the times.
	rep = made(t, symmetricTransition, true, func(c *symmetricTransitionConfig) {
		set(c)
		c.Iterations = 500
	})
	if v := rep.Verdicts[0]; v.Pass {
		t.Errorf("after 500 iterations: %s", v)
	}
}

func smallIterations(c *symmetricIterationsConfig) {
	c.D, c.Dimensions, c.Seeds = 300, []int{100, 300, 1000}, 5
	c.Steps = []float64{0.02, 0.05, 0.1, 0.4, 0.8, 0.95, 1.05}
}

func TestIterationsVerdicts(t *testing.T) {
	for _, seed := range []uint64{0, 1, 2000, 30_000, 400_000} {
		rep := made(t, symmetricIterations, true, func(c *symmetricIterationsConfig) {
			smallIterations(c)
			c.Seed = seed
		})
		for _, v := range rep.Verdicts {
			if !v.Pass {
				t.Errorf("seed %d: %s", seed, v)
			}
		}
	}
}

// TestIterationCounts compares counts with the error of every iterate.
func TestIterationCounts(t *testing.T) {
	rep := made(t, symmetricIterations, true, smallIterations)
	c := rep.Config.(*symmetricIterationsConfig)
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	counts := withValue(rep.Tables[0], "panel", overD)
	for _, row := range counts.Rows[:4] {
		value := func(column string) float64 { return row[counts.at(column)] }
		p, err := newSymmetricProblem(&making{Request: Request{Backend: b}, Report: &Report{}}, 2, problem.Figure1Spectrum(int(value("d"))), 1)
		if err != nil {
			t.Fatal(err)
		}
		s := p.run(c.Scale, c.Step, uint64(value("seed")))
		coarse := math.NaN()
		norm := math.Sqrt(1.25)
		for {
			e := p.theory.Of(s).Error / norm
			if math.IsNaN(coarse) && e <= 0.1 {
				coarse = float64(s.Iteration())
			}
			if e <= 1e-6 {
				if got := value("error"); math.Abs(got-e) > 1e-9*e {
					t.Errorf("the error at the end is %v, want %v", got, e)
				}
				break
			}
			if err := s.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if value("iterations") != float64(s.Iteration()) || value("coarse") != coarse {
			t.Errorf("counts %v and %v, want %d and %v", value("iterations"), value("coarse"), s.Iteration(), coarse)
		}
	}
}

// TestIterationsVerdictsCanFail: no verdict is a formality.
func TestIterationsVerdictsCanFail(t *testing.T) {
	rep := made(t, symmetricIterations, true, smallIterations)
	c := rep.Config.(*symmetricIterationsConfig)
	change := func(panel float64, column string, f func(value func(string) float64) float64) *Table {
		out := forged(rep.Tables[0], column, func(v float64) float64 { return v })
		for _, row := range out.Rows {
			if row[0] == panel {
				row[out.at(column)] = f(func(name string) float64 { return row[out.at(name)] })
			}
		}
		return out
	}
	type get = func(string) float64
	for i, forgery := range []*Table{
		change(overScale, "iterations", func(v get) float64 { return math.NaN() }),
		change(overStep, "iterations", func(v get) float64 { return 100 }),
		change(overD, "iterations", func(v get) float64 { return v("iterations") * math.Sqrt(v("d")) }),
		change(overScale, "coarse", func(v get) float64 { return 1.2 * v("coarse") }),
		change(overScale, "iterations", func(v get) float64 { return v("iterations") - 47*math.Log10(v("scale")) }),
		change(overStep, "iterations", func(v get) float64 { return v("iterations") / math.Sqrt(v("step")) }),
		change(overGapR, "iterations", func(v get) float64 { return v("iterations") / v("gap_r") }),
		change(overGap1, "iterations", func(v get) float64 { return v("iterations") / v("gap_1") }),
	} {
		s := &iterationStudy{config: c, counts: forgery}
		m := &making{Report: &Report{}}
		s.summarize()
		s.verdicts(m)
		if v := m.Verdicts[i]; v.Pass {
			t.Errorf("forgery %d passes: %s", i, v)
		}
	}
}

// TestFitPower: a power and its standard error, of a case worked by hand.
func TestFitPower(t *testing.T) {
	c := newTable("", "d", "v")
	for i, v := range []float64{1, 10, 1000} { // slopes 1 and 2 on the logarithms
		c.add(math.Pow(10, float64(i)), v)
	}
	// Residuals 1/6, −1/3, 1/6; their squares sum to 1/6, those of x to 2.
	if p, e := fitPower(c, "d", "v"); math.Abs(p-1.5) > 1e-12 || math.Abs(e-math.Sqrt(1.0/12)) > 1e-12 {
		t.Errorf("power %v ± %v", p, e)
	}
}

// TestStageNames: values that look alike in a name are stages of their own.
func TestStageNames(t *testing.T) {
	stages := map[string]bool{}
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	_, err = symmetricIterations.Run(context.Background(), Request{Backend: b, Quick: true,
		Configure: func(config any) error {
			c := config.(*symmetricIterationsConfig)
			smallIterations(c)
			c.Seeds, c.Gaps, c.Iterations = 1, []float64{0.2, 0.200001, 0.3}, 5
			return nil
		},
		Progress: func(stage string, _, _ int) { stages[stage] = true },
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 + 2 + 2*3; len(stages) != want { // dimensions, scales and steps, gaps
		t.Errorf("%d stages, want %d: %v", len(stages), want, stages)
	}
	for stage := range stages {
		if strings.Contains(stage, "(2)") {
			t.Errorf("stage %q", stage)
		}
	}
}

// TestRoughNumbers: what a Gram matrix tells is near what the theory measures.
func TestRoughNumbers(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	const r = 3
	lambda := equalGaps(200, r, 0.2)
	p, err := newSymmetricProblem(&making{Request: Request{Backend: b}, Report: &Report{}}, r, lambda, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := p.run(0.5, 0.1, 1)
	u := make([]float64, r*r)
	for range 300 {
		q := p.theory.Of(s)
		leadingRows(u, s)
		if got := math.Sqrt(roughError(lambda, u, s.Gram(), r)); math.Abs(got-q.Error) > 1e-7 {
			t.Fatalf("t = %d: error %v, want %v", s.Iteration(), got, q.Error)
		}
		for k := range r {
			if got := roughNoise(u, s.Gram(), k, r); math.Abs(got-q.Noise[k]) > 1e-7 {
				t.Fatalf("t = %d: noise %v of signal %d, want %v", s.Iteration(), got, k+1, q.Noise[k])
			}
		}
		if err := s.Step(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStudiesResume: broken off and resumed, the studies have the same tables.
func TestStudiesResume(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []Figure{symmetricTransition, symmetricIterations} {
		req := Request{Backend: b, Quick: true, Configure: func(config any) error {
			switch c := config.(type) {
			case *symmetricTransitionConfig:
				c.D, c.HigherRanks, c.Seeds = []int{50, 60, 70}, nil, 2
			case *symmetricIterationsConfig:
				smallIterations(c)
				c.Seeds = 2
			}
			return nil
		}}
		whole, err := f.Run(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		req.Dir, req.Resume = t.TempDir(), true
		ctx, cancel := context.WithCancel(context.Background())
		calls := 0
		req.Progress = func(_ string, done, _ int) {
			if done > 200 {
				calls++
			}
			if calls == 500 { // in the midst of a run
				cancel()
			}
		}
		if _, err := f.Run(ctx, req); err == nil || !strings.Contains(err.Error(), "cancelled at iteration") {
			t.Fatalf("broken off: %v", err)
		}
		req.Progress = nil
		rep, err := f.Run(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		for i, table := range whole.Tables {
			for j, row := range table.Rows {
				for k, v := range row {
					if w := rep.Tables[i].Rows[j][k]; v != w && !(math.IsNaN(v) && math.IsNaN(w)) {
						t.Fatalf("%s: %s is %v resumed and %v in one", f.Name, table.Columns[k], w, v)
					}
				}
			}
		}
		if rep.Cost.Iterations != whole.Cost.Iterations {
			t.Errorf("%s: %d iterations resumed and %d in one", f.Name, rep.Cost.Iterations, whole.Cost.Iterations)
		}
	}
}

func TestStudyConfigs(t *testing.T) {
	transition := func(set func(*symmetricTransitionConfig)) configuration {
		c := &symmetricTransitionConfig{
			D: []int{100, 200, 300}, Scale: 0.5, Step: 0.1, Seeds: 2, HigherRanks: []int{3}, HigherD: []int{100}, HigherSeeds: 1, Gap: 0.2, Iterations: 1,
		}
		set(c)
		return c
	}
	iterations := func(set func(*symmetricIterationsConfig)) configuration {
		c := &symmetricIterationsConfig{
			R: 2, D: 100, Scale: 0.5, Step: 0.1, Accuracy: 1e-6, Coarse: 0.1, Dimensions: []int{100, 200, 300},
			Scales: []float64{0.5}, Steps: []float64{0.1}, Gaps: []float64{0.2}, Seeds: 1, Iterations: 1,
		}
		set(c)
		return c
	}
	if err := firstOf(transition(func(*symmetricTransitionConfig) {}).check(), iterations(func(*symmetricIterationsConfig) {}).check()); err != nil {
		t.Error(err)
	}
	for want, c := range map[string]configuration{
		"ascending":                &symmetricTransitionConfig{D: []int{500, 100, 200}},
		"1 − r·gap":                &symmetricTransitionConfig{D: []int{100, 200, 300}, HigherRanks: []int{5}, Gap: 0.2},
		"rank 2":                   &symmetricIterationsConfig{R: 3},
		"coarse":                   &symmetricIterationsConfig{R: 2, Accuracy: 1e-6, Coarse: 1e-7},
		"d has 200 twice":          &symmetricTransitionConfig{D: []int{100, 200, 200}},
		"higher-d has 100 twice":   transition(func(c *symmetricTransitionConfig) { c.HigherD = []int{100, 100} }),
		"higher-ranks has 3 twice": transition(func(c *symmetricTransitionConfig) { c.HigherRanks = []int{3, 3} }),
		"dimensions has 100 twice": iterations(func(c *symmetricIterationsConfig) { c.Dimensions = []int{100, 100, 200} }),
		"scales has 0.5 twice":     iterations(func(c *symmetricIterationsConfig) { c.Scales = []float64{0.5, 0.5} }),
		"steps has 0.1 twice":      iterations(func(c *symmetricIterationsConfig) { c.Steps = []float64{0.1, 0.1} }),
		"gaps has 0.2 twice":       iterations(func(c *symmetricIterationsConfig) { c.Gaps = []float64{0.2, 0.2} }),
	} {
		if err := c.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; expected it to name %q", err, want)
		}
	}
}

// TestStudySeeds: a mistyped number of starts is refused before anything is made.
func TestStudySeeds(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	const many = 1_000_000_000_000
	for want, of := range map[string]struct {
		figure Figure
		set    func(config any)
	}{
		"seeds is 1000000000000; expected 1 to 10000":        {symmetricIterations, func(c any) { c.(*symmetricIterationsConfig).Seeds = many }},
		"seeds is 1000000000000; expected 2 to 10000":        {symmetricTransition, func(c any) { c.(*symmetricTransitionConfig).Seeds = many }},
		"higher-seeds is 1000000000000; expected 1 to 10000": {symmetricTransition, func(c any) { c.(*symmetricTransitionConfig).HigherSeeds = many }},
	} {
		_, err := of.figure.Run(context.Background(), Request{Backend: b, Quick: true, Configure: func(config any) error {
			of.set(config)
			return nil
		}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; expected %s", err, want)
		}
	}
}
