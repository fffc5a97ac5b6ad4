package paper

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"lowrank/blas"
	"lowrank/solvers/sensing"
)

// smallSensingFig4 goes on to 4t̂ of the smallest α, 381 iterations.
func smallSensingFig4(c *sensingFig4Config) {
	c.N, c.R, c.Iterations = 40, 36, 400
	c.Alphas = []float64{1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1}
}

func TestSensingFig4(t *testing.T) {
	for seed := range uint64(2) {
		rep := made(t, sensingFig4, true, func(c *sensingFig4Config) { smallSensingFig4(c); c.Seed = seed })
		sensingPasses(t, rep)
		ends := rep.Tables[0]
		// The rule is met before the plateau of 1e-5, and that run goes on to 4t̂.
		if at, to := ends.column("t_by_rule")[0], ends.column("iterations")[0]; !(at < 150) || to != 381 {
			t.Errorf("seed %d: α = 1e-5 meets the rule at %g and ends at %g", seed, at, to)
		}
		if worse := ends.column("test_useless"); !(worse[5] > 1) || !math.IsNaN(worse[4]) {
			t.Errorf("seed %d: above the error of U = 0: %v", seed, worse)
		}
	}
}

// TestSensingFig4Limit: a longer limit of iterations changes no verdict, and one
// that is before 4t̂ is said to be too short.
func TestSensingFig4Limit(t *testing.T) {
	verdicts := func(limit int) []Verdict {
		return made(t, sensingFig4, true, func(c *sensingFig4Config) { smallSensingFig4(c); c.Iterations = limit }).Verdicts
	}
	want := verdicts(381)
	for _, limit := range []int{1000, 4000} {
		if got := verdicts(limit); !reflect.DeepEqual(got, want) {
			t.Errorf("%d iterations: %v; expected %v", limit, got, want)
		}
	}
	for _, limit := range []int{3, 380} {
		if got := verdicts(limit); len(got) != 1 || got[0].Pass || !strings.Contains(got[0].Text, "which takes 381") {
			t.Errorf("%d iterations: %v", limit, got)
		}
	}
}

// TestSensingFig4Time: t̂ is (6) with μ = ¼, κ = ‖X‖ = 1, r = 180 and n = 200, in
// 50-digit arithmetic 4·(ln(2√(10/9)) + 2 ln 10⁵).
func TestSensingFig4Time(t *testing.T) {
	s := sensing.Setting{N: 200, Rank: 5, Columns: 180, Kappa: 1, NormX: 1, NormXX: math.Sqrt(5), Alpha: 1e-5, Mu: 0.25}
	if got, want := theoremTime(s), 95.0867134733; math.Abs(got-want) > 1e-9 {
		t.Errorf("t̂ = %.12g; expected %.12g", got, want)
	}
}

func TestSensingFig4Between(t *testing.T) {
	r := figure4Run{that: 10, t: []float64{0, 10, 30}, test: []float64{1, 1e-2, 1e-6}}
	for multiple, want := range map[float64]float64{1: 1e-2, 2: 1e-4, 3: 1e-6, 0.5: 0.1} {
		if got := r.at(multiple); math.Abs(got/want-1) > 1e-12 {
			t.Errorf("at %g t̂: %g; expected %g", multiple, got, want)
		}
	}
	if !math.IsNaN(r.at(3.01)) || r.reaches(3.01) || !r.reaches(3) {
		t.Error("the run goes on past its end")
	}
}

// forgedFigure4 has runs whose test error at t is test(α, t/t̂).
func forgedFigure4(alphas []float64, test func(alpha, multiple float64) float64) *figure4Points {
	c := &sensingFig4Config{From: 2, To: 4, Loss: 1e-300, Iterations: 1000}
	p := &figure4Points{c: c}
	for _, alpha := range alphas {
		s := sensing.Setting{N: 40, Rank: 2, Columns: 36, Kappa: 1, NormX: 1, NormXX: 1, Alpha: alpha, Mu: 0.25}
		tab := newTable("", "t", "loss", "test")
		for k := range c.Iterations + 1 {
			tab.add(float64(k), 1, test(alpha, float64(k)/theoremTime(s)))
		}
		p.runs = append(p.runs, newFigure4Run(s, tab, c.Loss))
	}
	p.derive()
	return p
}

func TestSensingFig4VerdictsCanFail(t *testing.T) {
	alphas := []float64{1e-4, 1e-3, 1e-2, 1e-1, 1}
	line := func(a, _ float64) float64 { return 2 * math.Pow(a, 1.25) }
	p := forgedFigure4(alphas, line)
	if p.fitted != 4 || math.Abs(p.slope-1.25) > 1e-12 || math.Abs(p.leastR2-1) > 1e-12 || math.Abs(p.mostSlope-1.25) > 1e-12 {
		t.Errorf("%d fitted, slope %v to %v, R² %v", p.fitted, p.slope, p.mostSlope, p.leastR2)
	}
	m := &making{Report: &Report{}}
	p.verdicts(m)
	if !m.Passed() {
		t.Errorf("%v", m.Verdicts)
	}
	// Behind the judged stretch all may happen.
	m = &making{Report: &Report{}}
	forgedFigure4(alphas, func(a, multiple float64) float64 {
		if multiple > 4.5 {
			return 0.1
		}
		return line(a, multiple)
	}).verdicts(m)
	if !m.Passed() {
		t.Errorf("what comes later counts: %v", m.Verdicts)
	}
	for words, test := range map[string]func(a, multiple float64) float64{
		"log–log straight": func(a, _ float64) float64 { return 0.9 * math.Pow(a, 0.95) }, // slope below 1
		"decreases as":     func(a, _ float64) float64 { return 0.9 * math.Pow(max(a, 1e-3), 1.2) },
		"runs have a test": func(float64, float64) float64 { return 2 }, // nothing found
	} {
		sensingFails(t, words, forgedFigure4(alphas, test).verdicts)
	}
	for name, test := range map[string]func(a, multiple float64) float64{
		"bent": func(a, _ float64) float64 { return math.Pow(10, -6+5*math.Pow(10, math.Log10(a))) * a / 100 },
		"bent in the middle of the stretch": func(a, multiple float64) float64 {
			if multiple > 2.9 && multiple < 3.1 {
				return math.Pow(a, 0.5)
			}
			return line(a, multiple)
		},
	} {
		if p := forgedFigure4(alphas, test); p.leastR2 > 0.98 && p.leastSlope > 1 {
			t.Errorf("%s: R² %g, slope %g", name, p.leastR2, p.leastSlope)
		}
	}
}

// TestSensingFig4Resumes: broken off behind the rule of the smallest α, and resumed.
func TestSensingFig4Resumes(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	sensingResumes(t, sensingFig4, []int{3, 130, 390}, func(dir string, resume bool) Request {
		return Request{Backend: b, Quick: true, Dir: dir, Resume: resume, Configure: func(config any) error {
			c := config.(*sensingFig4Config)
			smallSensingFig4(c)
			c.N, c.RStar, c.R, c.Alphas = 12, 1, 8, []float64{1e-5, 1e-4, 1e-3, 1e-2}
			return nil
		}}
	})
}
