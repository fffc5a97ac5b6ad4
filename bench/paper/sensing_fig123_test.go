package paper

import (
	"context"
	"math"
	"strings"
	"testing"

	"lowrank/blas"
)

// failed lists the verdicts that do not pass.
func failed(rep *Report) (texts []string) {
	for _, v := range rep.Verdicts {
		if !v.Pass {
			texts = append(texts, v.Text)
		}
	}
	return texts
}

func TestSensingFig1Verdicts(t *testing.T) {
	for seed := range uint64(20) {
		rep := made(t, sensingFig1, true, func(c *sensingFig1Config) { c.Seed, c.Grid = seed, 25 })
		if f := failed(rep); f != nil {
			t.Errorf("seed %d: %q", seed, f)
		}
	}
	rep := made[sensingFig1Config](t, sensingFig1, false, nil)
	if f := failed(rep); f != nil {
		t.Errorf("default: %q", f)
	}
	if !strings.HasSuffix(rep.Notes[0], "a saddle") {
		t.Errorf("with the default seed the origin is no saddle: %s", rep.Notes[0])
	}
}

// forgery changes data and checks that the verdict of that number then fails.
type forgery[D any] struct {
	name    string
	verdict int
	change  func(f *D)
}

func checkForgeries[D any](t *testing.T, data *D, verdicts func(f *D, m *making), forgeries []forgery[D]) {
	t.Helper()
	genuine := &making{Report: &Report{}}
	verdicts(data, genuine)
	if f := failed(genuine.Report); f != nil {
		t.Fatalf("unchanged: %q", f)
	}
	covered := map[int]bool{}
	for _, g := range forgeries {
		f := *data
		g.change(&f)
		m := &making{Report: &Report{}}
		verdicts(&f, m)
		if v := m.Verdicts[min(g.verdict, len(m.Verdicts)-1)]; v.Pass {
			t.Errorf("%s: %s", g.name, v)
		}
		covered[g.verdict] = true
	}
	for i, v := range genuine.Verdicts {
		if !covered[i] {
			t.Errorf("nothing was forged for verdict %d: %s", i, v)
		}
	}
}

// testMaking prepares a figure whose data is made by hand.
func testMaking(t *testing.T, name string) *making {
	t.Helper()
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	return &making{Request: Request{Backend: b}, Report: &Report{Figure: name}}
}

func TestSensingFig1VerdictsCanFail(t *testing.T) {
	m := testMaking(t, sensingFig1.Name)
	f, err := newSensingFig1Data(context.Background(), m, &sensingFig1Config{N: 2, RStar: 1, M: 20, Step: 0.25, Alpha: 1. / 280, Iterations: 200, Extent: 1.5, Grid: 25, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	curves := func(column string, by func(v float64) float64) func(f *sensingFig1Data) {
		return func(f *sensingFig1Data) { f.curves = forged(f.curves, column, by) }
	}
	loss := func(by func(v float64) float64) func(f *sensingFig1Data) {
		return func(f *sensingFig1Data) { f.landscape = forged(f.landscape, "loss", by) }
	}
	add := func(d float64) func(float64) float64 { return func(v float64) float64 { return v + d } }
	checkForgeries(t, f, (*sensingFig1Data).verdicts, []forgery[sensingFig1Data]{
		{"a flat landscape", 0, loss(func(float64) float64 { return 1 })},
		{"minima elsewhere", 0, func(f *sensingFig1Data) { f.x[0] += 0.5 }},
		{"a steeper landscape", 1, loss(func(v float64) float64 { return 1.5 * v })},
		{"a minimum at the origin", 1, loss(func(v float64) float64 { return -v })},
		{"other iterates from the start on", 2, curves("apart", add(0.1))},
		{"another angle from the start on", 2, curves("theta_gd", add(2))},
		{"a large start", 2, curves("norm_U", add(0.2))},
		{"the power method ends elsewhere", 3, curves("theta_power", add(1))},
		{"gradient descent ends elsewhere", 3, curves("theta_gd", add(1))},
		{"no minimum at the end", 4, curves("u1", add(0.01))},
	})
}

// smallFig2 is a size that takes a second.
func smallFig2(c *sensingFig2Config) { c.N, c.M, c.R = 50, 1000, 20 }

func TestSensingFig2Verdicts(t *testing.T) {
	for seed := range uint64(4) {
		rep := made(t, sensingFig2, true, func(c *sensingFig2Config) { smallFig2(c); c.Seed = seed })
		if f := failed(rep); f != nil {
			t.Errorf("seed %d: %q", seed, f)
		}
	}
	rep := made(t, sensingFig2, true, func(c *sensingFig2Config) { smallFig2(c); c.Iterations = 20 })
	if len(rep.Verdicts) != 1 || rep.Passed() {
		t.Errorf("after 20 iterations: %v", rep.Lines())
	}
}

func TestSensingFig2VerdictsCanFail(t *testing.T) {
	m := testMaking(t, sensingFig2.Name)
	c := &sensingFig2Config{RStar: 2, Step: 0.25, Iterations: 250, Storage: "f64", Seed: 1}
	smallFig2(c)
	c.Alpha = sensingAlpha(0, c.N)
	f, err := newSensingFig2Data(context.Background(), m, c)
	if err != nil {
		t.Fatal(err)
	}
	change := func(column string, by func(v float64) float64) func(f *sensingFig2Data) {
		return func(f *sensingFig2Data) {
			f.table = forged(f.table, column, by)
			f.measure()
		}
	}
	checkForgeries(t, f, (*sensingFig2Data).verdicts, []forgery[sensingFig2Data]{
		{"an angle that stays", 0, change("angle", func(v float64) float64 { return 0.5 + v/2 })},
		{"a large signal at first", 0, change("sigma_rstar_U", func(v float64) float64 { return max(v, 0.4) })},
		{"a test error that falls at once", 0, change("test", func(v float64) float64 { return v / 2 })},
		{"slower growth", 1, change("sigma_rstar_U", math.Sqrt)},
		{"spaces that are not aligned long", 2, change("angle", func(v float64) float64 { return max(v, 0.09) })},
		{"a test error that stays", 3, change("test", func(v float64) float64 { return max(v, 1e-3) })},
		{"another limit of the signal", 3, change("sigma_rstar_U", func(v float64) float64 { return 1.1 * v })},
		{"an angle that does not rise", 4, change("angle", func(v float64) float64 { return min(v, 0.1) })},
		{"another angle from the start on", 5, change("power_angle", func(v float64) float64 { return 1.05 * v })},
		{"a power method that stops", 6, change("power_angle", func(v float64) float64 { return max(v, 1e-3) })},
		{"a faster power method", 6, change("power_angle", func(v float64) float64 { return v * v })},
	})
}

// smallFig3 is a size that takes a second.
func smallFig3(c *sensingFig3Config) { c.N, c.M, c.Columns = 50, 1000, []int{2, 4, 10, 100} }

func TestSensingFig3Verdicts(t *testing.T) {
	for seed := range uint64(3) {
		rep := made(t, sensingFig3, true, func(c *sensingFig3Config) { smallFig3(c); c.Seed = seed })
		if f := failed(rep); f != nil {
			t.Errorf("seed %d: %q", seed, f)
		}
	}
}

func TestSensingFig3VerdictsCanFail(t *testing.T) {
	m := testMaking(t, sensingFig3.Name)
	c := &sensingFig3Config{RStar: 2, Step: 0.25, Iterations: 320, Every: 1, Storage: "f64", Seed: 1}
	smallFig3(c)
	c.Alpha = sensingAlpha(0, c.N)
	f, err := newSensingFig3Data(context.Background(), m, c)
	if err != nil {
		t.Fatal(err)
	}
	change := func(column string, by func(v float64) float64) func(f *sensingFig3Data) {
		return func(f *sensingFig3Data) {
			f.curves = forged(f.curves, column, by)
			f.measure()
		}
	}
	checkForgeries(t, f, (*sensingFig3Data).verdicts, []forgery[sensingFig3Data]{
		{"an angle that stays", 0, change("angle_r10", func(v float64) float64 { return max(v, 0.2) })},
		{"a large signal at first", 0, change("sigma_rstar_U_r10", func(v float64) float64 { return max(v, 0.4) })},
		{"a signal that does not grow", 0, change("sigma_rstar_U_r10", func(v float64) float64 { return min(v, 0.4) })},
		{"late with many columns", 1, func(f *sensingFig3Data) {
			f.summary = forged(f.summary, "t_aligned", func(v float64) float64 { return -v })
		}},
		{"many columns never", 2, change("angle_r100", func(v float64) float64 { return max(v, 0.2) })},
		{"slower growth", 3, change("sigma_rstar_U_r4", math.Sqrt)},
		{"another limit of the signal", 4, change("sigma_rstar_U_r4", func(v float64) float64 { return 1.1 * v })},
		{"an angle that does not rise", 5, change("angle_r4", func(v float64) float64 { return min(v, 0.1) })},
		{"no floor", 6, change("test_r4", func(v float64) float64 { return v * v * v })},
		{"a high floor", 6, change("test_r4", func(v float64) float64 { return max(v, 1e-3) })},
		{"a floor for r = r* too", 7, change("test_r2", func(v float64) float64 { return max(v, 1e-9) })},
	})
}

// TestSensingFig3Numbers: the numbers measured for the quick size.
func TestSensingFig3Numbers(t *testing.T) {
	rep := made(t, sensingFig3, true, func(c *sensingFig3Config) { c.Columns = []int{2, 4, 10, 80} })
	if f := failed(rep); f != nil {
		t.Errorf("%q", f)
	}
	curves := rep.Tables[0]
	for _, want := range []struct {
		column  string
		t       int
		low, up float64
	}{
		{"angle_r4", 40, 0, 0.05}, {"angle_r10", 40, 0, 0.01}, {"angle_r80", 40, 0, 0.01},
		{"angle_r2", 300, 0.2, 0.3}, {"angle_r10", 300, 0.2, 0.3},
		{"test_r2", 120, 0, 3e-4}, {"test_r10", 120, 0, 3e-4}, {"test_r80", 120, 0, 3e-4},
		{"test_r4", 300, 1e-7, 1e-6}, {"test_r10", 300, 1e-7, 1e-6}, {"test_r80", 300, 1e-7, 1e-6},
		{"test_r2", 300, 0, 1e-13},
	} {
		if v := curves.column(want.column)[want.t]; !(v >= want.low && v <= want.up) {
			t.Errorf("%s at t = %d is %.3g; expected %g to %g", want.column, want.t, v, want.low, want.up)
		}
	}
}

func TestSensingConfigErrors(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	for want, set := range map[string]func(c *sensingFig3Config){
		"r_star is 90; a matrix of order 80 has rank at most 80":  func(c *sensingFig3Config) { c.RStar = 90 },
		"columns[0] is 1; expected at least r_star = 2":           func(c *sensingFig3Config) { c.Columns = []int{1, 2} },
		"columns is empty; expected at least one value":           func(c *sensingFig3Config) { c.Columns = nil },
		"columns has 4 before 4; expected increasing numbers":     func(c *sensingFig3Config) { c.Columns = []int{2, 4, 4} },
		`storage is "f16"; expected f64, f32, bf16 or regenerate`: func(c *sensingFig3Config) { c.Storage = "f16" },
		"step is -1; expected a positive number":                  func(c *sensingFig3Config) { c.Step = -1 },
		"alpha is -1; expected a positive number":                 func(c *sensingFig3Config) { c.Alpha = -1 },
		"iterations is 0; expected at least 1":                    func(c *sensingFig3Config) { c.Iterations = 0 },
		"needs":                                                   func(c *sensingFig3Config) { c.N = 200000 },
	} {
		_, err := sensingFig3.Run(context.Background(), Request{Backend: b, Quick: true, Configure: func(config any) error {
			set(config.(*sensingFig3Config))
			return nil
		}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; expected %q", err, want)
		}
	}
}

// TestSensingStorages: rounded measurements are an ensemble of their own, and
// regenerated ones those that are held.
func TestSensingStorages(t *testing.T) {
	ends := map[string]float64{}
	for _, storage := range []string{"f64", "f32", "bf16", "regenerate"} {
		rep := made(t, sensingFig2, true, func(c *sensingFig2Config) { c.N, c.M, c.R, c.Storage = 24, 480, 8, storage })
		ends[storage] = rep.Tables[0].column("angle_X")[0]
	}
	if d := math.Abs(ends["regenerate"] - ends["f64"]); d > 1e-12 {
		t.Errorf("regenerated measurements: off by %g", d)
	}
	if d := math.Abs(ends["f32"] - ends["f64"]); d == 0 || d > 1e-6 {
		t.Errorf("f32: off by %g", d)
	}
	if d := math.Abs(ends["bf16"] - ends["f64"]); d < 1e-6 || d > 1e-2 {
		t.Errorf("bf16: off by %g", d)
	}
}

// TestSensingDivergence: the error names the figure.
func TestSensingDivergence(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sensingFig2.Run(context.Background(), Request{Backend: b, Quick: true, Configure: func(config any) error {
		c := config.(*sensingFig2Config)
		c.N, c.M, c.R, c.Step = 24, 480, 8, 20
		return nil
	}})
	if err == nil || !strings.HasPrefix(err.Error(), "sensing/fig2: run 1 of 1 diverged: ") {
		t.Errorf("%v", err)
	}
}
