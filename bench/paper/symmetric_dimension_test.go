package paper

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/data/memory"
	"lowrank/solvers/symmetric"
)

// smallDimension takes less than a second.
func smallDimension(c *symmetricDimensionConfig) {
	c.Dims, c.DenseDims, c.Seeds, c.FewFrom, c.FewSeeds = []int{300, 1000, 2000, 5000}, []int{300, 500}, 9, 5000, 3
}

func TestDimensionVerdicts(t *testing.T) {
	for _, seed := range []uint64{1, 5000} {
		rep := made(t, symmetricDimension, true, func(c *symmetricDimensionConfig) {
			smallDimension(c)
			c.Seed = seed
		})
		for _, v := range rep.Verdicts {
			if !v.Pass {
				t.Errorf("seed %d: %s", seed, v)
			}
		}
		runs := rep.Tables[0]
		if n := len(runs.Rows); n != 3*9+3+2*9 {
			t.Errorf("%d runs", n)
		}
		if n := len(distinct(withValue(runs, "dense", 0), "seed")); n != 3*9+3 {
			t.Errorf("%d starts with a diagonal Σ", n)
		}
		passes := 0.0
		for _, v := range runs.column("passes") {
			passes += v
		}
		if rep.Cost.Passes != int(passes) {
			t.Errorf("the cost has %d passes, the runs %v", rep.Cost.Passes, passes)
		}
	}
}

// TestDimensionCounts compares counts with the error of every iterate of the direct
// method.
func TestDimensionCounts(t *testing.T) {
	rep := made(t, symmetricDimension, true, func(c *symmetricDimensionConfig) {
		c.Dims, c.DenseDims, c.Seeds = []int{200, 300, 500}, []int{300, 400}, 2
	})
	c := rep.Config.(*symmetricDimensionConfig)
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	runs := rep.Tables[0]
	for _, row := range runs.Rows {
		value := func(column string) float64 { return row[runs.at(column)] }
		d, dense, seed := int(value("d")), value("dense") == 1, uint64(value("seed"))
		p := newFigure1Sigma(b, d, dense, seed-(seed-c.Seed)%2) // the first of its two seeds
		theory := symmetric.NewTheory[float64](b, p.basis(c.R))
		s := symmetric.New(b, p.op, p.start(c.R, c.Scale, seed), c.Step)
		for _, e := range c.Accuracies {
			for theory.Of(s).Error > e {
				if err := s.Step(); err != nil {
					t.Fatal(err)
				}
			}
			if got := value(iterationsTo(e)); math.Abs(got-float64(s.Iteration())) > 1 {
				t.Errorf("d = %d, dense %v, seed %d: %v iterations to %g, directly %d", d, dense, seed, got, e, s.Iteration())
			}
		}
		if got := value("error"); math.Abs(got/theory.Of(s).Error-1) > 0.05 {
			t.Errorf("d = %d: the error at the end is %v, directly %v", d, got, theory.Of(s).Error)
		}
	}
}

// TestDimensionVerdictsCanFail: no verdict is a formality.
func TestDimensionVerdictsCanFail(t *testing.T) {
	rep := made(t, symmetricDimension, true, smallDimension)
	c := rep.Config.(*symmetricDimensionConfig)
	runs := rep.Tables[0]
	changed := func(f func(value func(string) float64, set func(string, float64))) *Table {
		out := forged(runs, "d", func(v float64) float64 { return v })
		for _, row := range out.Rows {
			f(func(name string) float64 { return row[out.at(name)] }, func(name string, v float64) { row[out.at(name)] = v })
		}
		return out
	}
	judge := func(runs *Table) []Verdict {
		s := &dimensionStudy{config: c, runs: runs}
		m := &making{Report: &Report{}}
		s.summarize()
		s.verdicts(m)
		return m.Verdicts
	}
	type get = func(string) float64
	type put = func(string, float64)
	coarse, middle, fine := iterationsTo(1e-2), iterationsTo(1e-6), iterationsTo(1e-10)
	lost := changed(func(get, put) {})
	lost.Rows[0][lost.at(fine)] = math.NaN()
	for _, forgery := range []struct {
		verdict int
		runs    *Table
	}{
		{0, lost},
		{1, changed(func(v get, set put) { set(coarse, v(coarse)*math.Pow(v("d")/300, 0.3)) })},                    // a power of d
		{2, changed(func(v get, set put) { set(middle, 700+v("d")/10) })},                                          // linear in d
		{3, changed(func(v get, set put) { set(fine, v(fine)+1000*indicator(v("d") == 1000)) })},                   // above the line
		{4, changed(func(v get, set put) { set(coarse, v(coarse)-0.1*v("d")) })},                                   // another rate
		{5, changed(func(v get, set put) { set(fine, v(fine)+100*indicator(v("dense") == 1)) })},                   // in dense Σ
		{6, changed(func(v get, set put) { set("passes", v("passes")*math.Log(v("d"))/5) })},                       // more with d
		{7, changed(func(v get, set put) { set("rounding_error", v("rounding_error")+1e-10) })},                    // estimates
		{7, changed(func(v get, set put) { set("basis_error", math.NaN()) })},                                      // not predictable
		{8, changed(func(v get, set put) { set(middle, v(middle)+2*indicator(v("dense") == 1 && v("d") < 400)) })}, // forms apart
	} {
		verdicts := judge(forgery.runs)
		if v := verdicts[forgery.verdict]; v.Pass {
			t.Errorf("a forgery of verdict %d passes: %s", forgery.verdict, v)
		}
	}
	for _, v := range judge(changed(func(get, put) {})) {
		if !v.Pass {
			t.Errorf("not forged: %s", v)
		}
	}
	// Too few iterations.
	rep = made(t, symmetricDimension, true, func(c *symmetricDimensionConfig) {
		c.Dims, c.DenseDims, c.Seeds, c.Iterations = []int{200, 300, 500}, nil, 1, 400
	})
	if v := rep.Verdicts[0]; v.Pass {
		t.Errorf("after 400 iterations: %s", v)
	}
}

// TestDimensionTooFew: of too few iterations or runs it is said that they are too few, in
// no sentence with a number that is none.
func TestDimensionTooFew(t *testing.T) {
	says := func(rep *Report) (failing int) {
		t.Helper()
		for _, v := range rep.Verdicts {
			if text := v.Text; strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Error(text)
			}
			if !v.Pass {
				failing++
			}
		}
		for _, n := range rep.Notes {
			if strings.Contains(n, "NaN") {
				t.Error(n)
			}
		}
		return failing
	}
	if n := says(made(t, symmetricDimension, true, func(c *symmetricDimensionConfig) {
		c.Dims, c.DenseDims, c.Seeds, c.Iterations = []int{200, 300, 500}, []int{300}, 1, 10
	})); n < 7 {
		t.Errorf("after 10 iterations %d verdicts fail", n)
	}
	says(made(t, symmetricDimension, true, func(c *symmetricDimensionConfig) {
		c.Dims, c.DenseDims, c.Seeds, c.Accuracies = []int{200, 300, 500}, nil, 1, []float64{0.5}
	}))
}

// TestDimensionCancelled: the timing of the direct method ends with the context.
func TestDimensionCancelled(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := &symmetricDimensionConfig{R: 2, Scale: 0.5, Step: 0.1, DirectSteps: mostDirectSteps}
	if _, err := newFigure1Sigma(b, 200, false, 1).directStep(ctx, b, c, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestCurvature: a parabola and its standard error, of a case worked by hand.
func TestCurvature(t *testing.T) {
	x, y := []float64{-1, 0, 0, 1}, []float64{3, 2, 0, 3}
	// x² − ½ is what a line leaves of x²; with it y is 1 + 2x² and ±1, and one of four
	// numbers is free.
	if bend, deviation := curvature(x, y); math.Abs(bend-2) > 1e-12 || math.Abs(deviation-math.Sqrt2) > 1e-12 {
		t.Errorf("%v ± %v", bend, deviation)
	}
	if bend, deviation := curvature([]float64{1, 2, 3}, []float64{1, 4, 9}); math.Abs(bend-1) > 1e-12 || !math.IsInf(deviation, 1) {
		t.Errorf("of three points %v ± %v", bend, deviation)
	}
}

// TestDimensionResume: broken off and resumed the study has the same runs, but for the
// times that were measured again.
func TestDimensionResume(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	req := Request{Backend: b, Quick: true, Configure: func(config any) error {
		c := config.(*symmetricDimensionConfig)
		c.Dims, c.DenseDims, c.Seeds = []int{200, 300, 500}, []int{300}, 2
		return nil
	}}
	whole, err := symmetricDimension.Run(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	req.Dir, req.Resume = t.TempDir(), true
	ctx, cancel := context.WithCancel(context.Background())
	req.Progress = func(stage string, done, _ int) {
		if strings.HasPrefix(stage, "diagonal Σ with d = 500 run (2)") && done > 200 {
			cancel()
		}
	}
	if _, err := symmetricDimension.Run(ctx, req); err == nil || !strings.Contains(err.Error(), "cancelled at iteration") {
		t.Fatalf("broken off: %v", err)
	}
	var stages []string
	req.Progress = func(stage string, _, _ int) {
		if !slices.Contains(stages, stage) {
			stages = append(stages, stage)
		}
	}
	rep, err := symmetricDimension.Run(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(stages, func(s string) bool {
		return strings.Contains(s, "d = 200") || strings.HasPrefix(s, "diagonal Σ with d = 300")
	}) {
		t.Errorf("made again: %q", stages)
	}
	measured := []string{"seconds", "seconds_per_pass", "direct_step", "direct_seconds"}
	for i, row := range whole.Tables[0].Rows {
		for j, v := range row {
			name := whole.Tables[0].Columns[j]
			if w := rep.Tables[0].Rows[i][j]; v != w && !slices.Contains(measured, name) {
				t.Errorf("%s is %v resumed and %v in one", name, w, v)
			}
		}
	}
	if rep.Cost.Iterations != whole.Cost.Iterations || rep.Cost.Passes != whole.Cost.Passes || rep.Cost.Flops != whole.Cost.Flops {
		t.Errorf("the cost is %+v, in one %+v", rep.Cost, whole.Cost)
	}
}

// TestDimensionMemory: what does not fit is refused before anything runs, in a sentence
// that says what would.
func TestDimensionMemory(t *testing.T) {
	if memory.Available() == 0 {
		t.Skip("the memory available is not known here")
	}
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, dense := range []bool{false, true} {
		_, err = symmetricDimension.Run(context.Background(), Request{Backend: b, Quick: true, Configure: func(config any) error {
			c := config.(*symmetricDimensionConfig)
			if dense {
				c.DenseDims = append(c.DenseDims, 100_000_000)
			} else {
				c.Dims = append(c.Dims, 1_000_000_000_000)
			}
			return nil
		}, Progress: func(stage string, _, _ int) { t.Errorf("%s was begun", stage) }})
		if err == nil {
			t.Fatal("more than all memory is taken")
		}
		form, most := "diagonal", 0
		_, after, found := strings.Cut(err.Error(), "enough for dims up to ")
		if dense {
			form = "dense"
			_, after, found = strings.Cut(err.Error(), "enough for dense-dims up to ")
		}
		if _, scan := fmt.Sscan(after, &most); !found || scan != nil || !strings.Contains(err.Error(), form+" Σ with d = 1") {
			t.Fatalf("%v", err)
		}
		c := &symmetricDimensionConfig{R: 2}
		if err := c.fits(b, dimensionProblem{d: most / 2, dense: dense}); err != nil {
			t.Errorf("half of what fits: %v", err)
		}
		if c.fits(b, dimensionProblem{d: 2 * most, dense: dense}) == nil {
			t.Errorf("twice as many as %d fit", most)
		}
	}
}

func TestDimensionConfig(t *testing.T) {
	right := symmetricDimensionConfig{
		R: 2, Scale: 0.5, Step: 0.1, Dims: []int{200, 300, 500}, DenseDims: []int{300}, Accuracies: []float64{1e-2, 1e-6},
		Seeds: 1, FewSeeds: 1, Iterations: 1, Tolerance: 1e-12, DirectSteps: 1,
	}
	if err := right.check(); err != nil {
		t.Fatal(err)
	}
	wrong := func(want string, set func(c *symmetricDimensionConfig)) {
		t.Helper()
		c := right
		set(&c)
		if err := c.check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; expected it to name %q", err, want)
		}
	}
	type config = symmetricDimensionConfig
	wrong("rank 2", func(c *config) { c.R = 3 })
	wrong("ascending", func(c *config) { c.Dims = []int{300, 200, 500} })
	wrong("ascending", func(c *config) { c.DenseDims = []int{300, 200} })
	wrong("dims has 300 twice", func(c *config) { c.Dims = []int{200, 300, 300} })
	wrong("dense-dims has 300 twice", func(c *config) { c.DenseDims = []int{300, 300} })
	wrong("dims[0] is 100", func(c *config) { c.Dims = []int{100, 200, 300} })
	wrong("dense-dims[0] is 100", func(c *config) { c.DenseDims = []int{100} })
	wrong("number of values is 2", func(c *config) { c.Dims = []int{200, 300} })
	wrong("descending", func(c *config) { c.Accuracies = []float64{1e-6, 1e-2} })
	wrong("descending", func(c *config) { c.Accuracies = []float64{1e-2, 1e-2} })
	wrong("accuracies[1] is 1e-13", func(c *config) { c.Accuracies = []float64{1e-2, 1e-13} })
	wrong("accuracies is empty", func(c *config) { c.Accuracies = nil })
	wrong("seeds is 1000000000000; expected 1 to 10000", func(c *config) { c.Seeds = 1_000_000_000_000 })
	wrong("few-seeds is 10001", func(c *config) { c.FewSeeds = 10_001 })
	wrong("direct-steps is 100000000", func(c *config) { c.DirectSteps = 100_000_000 })
	wrong("seeds is 0", func(c *config) { c.Seeds = 0 })
	wrong("few-seeds is 0", func(c *config) { c.FewSeeds = 0 })
	wrong("direct-steps is 0", func(c *config) { c.DirectSteps = 0 })
	wrong("tolerance is 1", func(c *config) { c.Tolerance = 1 })
	c := right
	if c.DenseDims = nil; c.check() != nil {
		t.Errorf("no dense Σ: %v", c.check())
	}
}
