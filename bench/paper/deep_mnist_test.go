package paper

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"lowrank/bench/figure"
	"lowrank/blas"
)

var mnistFigures = []Figure{deepFig8, deepFig9, deepFig10, deepFig11, deepFig12}

// smallMNIST is the quick size with a larger step.
func smallMNIST(seed uint64) func(*deepMNISTConfig) {
	return func(c *deepMNISTConfig) {
		c.Step, c.PerDecade, c.Seed = 8e-4, 25, seed
	}
}

func TestMNISTVerdicts(t *testing.T) {
	reports := map[string]*Report{}
	for _, seed := range []uint64{1, 2} {
		if seed > 1 && testing.Short() {
			continue
		}
		for i, f := range mnistFigures {
			rep := made(t, f, true, smallMNIST(seed))
			reports[f.Name] = rep
			for _, v := range rep.Verdicts {
				if !v.Pass {
					t.Errorf("seed %d: %s: %s", seed, f.Name, v)
				}
			}
			shared := strings.Contains(strings.Join(rep.Notes, "\n"), "runs shared with deep/fig8")
			if shared != (i > 0) || shared != (rep.Cost.Iterations == 0) {
				t.Errorf("seed %d: %s: shared %v, %d iterations", seed, f.Name, shared, rep.Cost.Iterations)
			}
			checkPictures(t, rep)
		}
	}
	mnistCanFail(t, reports)
}

// checkPictures: the pixels of each picture stand in a column of the images.
func checkPictures(t *testing.T, rep *Report) {
	t.Helper()
	pictures := 0
	for _, row := range rep.Page.Rows {
		for _, cell := range row.Cells {
			h, ok := cell.Panel.(*figure.HeatMap)
			if !ok {
				continue
			}
			pictures++
			var pixels []float64
			for _, v := range h.Values {
				pixels = append(pixels, v...)
			}
			found := false
			images := rep.Tables[len(rep.Tables)-1]
			for _, c := range images.Columns {
				found = found || reflect.DeepEqual(images.column(c), pixels)
			}
			if !found {
				t.Errorf("%s: the picture %q is in no table", rep.Figure, h.Title)
			}
			if g := figure.MissingGlyphs(h.Title); len(g) > 0 {
				t.Errorf("%s: the font lacks %q", rep.Figure, g)
			}
		}
	}
	if want := map[string]int{"deep/fig8": 0, "deep/fig9": 2}; pictures != 14 && pictures != want[rep.Figure] {
		t.Errorf("%s: %d pictures", rep.Figure, pictures)
	}
}

// mnistCanFail: no verdict is a formality.
func mnistCanFail(t *testing.T, reports map[string]*Report) {
	runs := mnistCache.runs
	expect := func(name string, i int, verdicts func(m *making)) {
		t.Helper()
		m := &making{Report: &Report{}}
		verdicts(m)
		if v := m.Verdicts[i]; v.Pass {
			t.Errorf("%s: forgery %d passes: %s", name, i, v)
		}
	}
	to := func(w float64) func(float64) float64 { return func(float64) float64 { return w } }
	times := func(w float64) func(float64) float64 { return func(v float64) float64 { return w * v } }

	t8 := reports["deep/fig8"].Tables[0]
	same := forged(t8, "sigma_1_N4", to(0)) // as sharp and as soon as N = 3
	for i, row := range t8.Rows {
		same.Rows[i][same.at("sigma_1_N4")] = row[t8.at("sigma_1_N3")]
	}
	expect("fig8", 0, func(m *making) { deepFig8Verdicts(m, same) })
	expect("fig8", 1, func(m *making) { deepFig8Verdicts(m, same) })
	expect("fig8", 0, func(m *making) { deepFig8Verdicts(m, forged(t8, "sigma_1_N1", times(0.8))) })
	expect("fig8", 2, func(m *making) { deepFig8Verdicts(m, forged(t8, "sigma_2_N2", times(5))) })
	expect("fig8", 2, func(m *making) { deepFig8Verdicts(m, forged(t8, "sigma_2_N1", times(0.5))) })

	late := forged(t8, "loss_N4", times(20))
	late.Rows[0][late.at("loss_N4")] /= 20 // the start is the same
	expect("fig8", 3, func(m *making) { deepFig8Verdicts(m, t8); deepFig8Sooner(m, late, runs.config.Loss) })
	expect("fig8", 3, func(m *making) {
		deepFig8Verdicts(m, t8)
		deepFig8Sooner(m, forged(t8, "loss_N2", func(v float64) float64 { return v + 1 }), runs.config.Loss)
	})

	t9, ranks := reports["deep/fig9"].Tables[0], reports["deep/fig9"].Tables[1]
	fig9 := func(i int, t9, ranks *Table) {
		t.Helper()
		expect("fig9", i, func(m *making) { deepFig9Verdicts(m, t9, ranks, runs.norm) })
	}
	k := 0.0
	fig9(0, forged(t9, "loss_N3", func(v float64) float64 { k++; return v + 10*k }), ranks)
	fig9(1, t9, forged(ranks, "error", func(v float64) float64 { return -v }))
	fig9(2, forged(t9, "effective_rank_N2", func(v float64) float64 { return max(v, 2.5) }), ranks)
	fig9(2, forged(t9, "effective_rank_N2", func(v float64) float64 { k++; return v - k }), ranks)
	fig9(3, forged(t9, "effective_rank_N1", times(0.9)), ranks)
	fig9(4, forged(t9, "error_N3", func(v float64) float64 { return max(v, 51) }), ranks)
	fig9(4, forged(t9, "error_N1", func(v float64) float64 { return min(v, 40) }), ranks)
	fig9(5, forged(t9, "error_N4", func(v float64) float64 { return min(v, 60) }), ranks)

	black := runs.blackDistance()
	for _, c := range []struct {
		figure   string
		verdict  int
		column   string
		to       float64
		verdicts func(*making, *Table, *mnist)
	}{
		{"deep/fig10", 0, "effective_rank", 3, fig10Verdicts},
		{"deep/fig10", 1, "effective_rank", 3, fig10Verdicts},
		{"deep/fig10", 2, "image_to_clean", black, fig10Verdicts},
		{"deep/fig10", 2, "image_to_clean", 0.8 * black, fig10Verdicts},
		{"deep/fig11", 0, "image_to_clean", black, fig11Verdicts},
		{"deep/fig11", 1, "correlation_clean", 0, fig11Verdicts}, // of an even image
		{"deep/fig11", 1, "correlation_clean", correlation(runs.noisy, runs.clean), fig11Verdicts},
		{"deep/fig11", 2, "image_to_clean", runs.closestOfOne(), fig11Verdicts},
		{"deep/fig12", 0, "image_to_noisy", 20, fig12Verdicts},
		{"deep/fig12", 1, "image_to_clean", 15, fig12Verdicts},
	} {
		chosen := reports[c.figure].Tables[1]
		expect(c.figure, c.verdict, func(m *making) { c.verdicts(m, forged(chosen, c.column, to(c.to)), runs) })
	}
}

// TestMNISTTruncations: on the noise of several seeds rank 2 is the best, as in
// the paper, and all ranks together leave the noise.
func TestMNISTTruncations(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3, 4, 5, 6} {
		rep := made(t, deepFig9, true, func(c *deepMNISTConfig) { c.Iterations, c.Seed = []int{1, 1, 1, 1}, seed })
		if v := rep.Verdicts[1]; !v.Pass {
			t.Errorf("seed %d: %s", seed, v)
		}
	}
}

// TestMNISTExtremes: parameters that make little sense make a figure all the
// same.
func TestMNISTExtremes(t *testing.T) {
	for _, set := range []func(*deepMNISTConfig){
		func(c *deepMNISTConfig) { c.Iterations, c.PerDecade = []int{1, 2, 3, 1}, 1 },
		func(c *deepMNISTConfig) { c.Iterations, c.Width, c.Image = []int{2, 12, 12, 12}, 1, 100 },
		func(c *deepMNISTConfig) { c.Loss = 1e9 }, // reached at the start
	} {
		for _, f := range mnistFigures {
			b, err := blas.Open("native", 1)
			if err != nil {
				t.Fatal(err)
			}
			rep, err := f.Run(context.Background(), Request{Backend: b, Quick: true, Configure: func(config any) error {
				set(config.(*deepMNISTConfig))
				return nil
			}})
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if _, err := rep.Page.SVG(); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
}

func TestMNISTErrors(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set  func(*deepMNISTConfig)
		want string
	}{
		{func(c *deepMNISTConfig) { c.Iterations = []int{1, 2, 3} }, "deep/fig8: iterations has 3 values; expected 4, for N = 1, 2, 3, 4"},
		{func(c *deepMNISTConfig) { c.Iterations[2] = 0 }, "deep/fig8: iterations[2] is 0; expected at least 1"},
		{func(c *deepMNISTConfig) { c.Image = 101 }, "deep/fig8: image is 101; expected from 1 to 100"},
		{func(c *deepMNISTConfig) { c.Noise = 0 }, "deep/fig8: noise is 0; expected a positive number"},
		{func(c *deepMNISTConfig) { c.PerDecade = 0 }, "deep/fig8: per_decade is 0; expected at least 1"},
		{func(c *deepMNISTConfig) { c.Step = 2e-3 }, "deep/fig8: step is 0.002; N = 4 on a matrix of norm 58.95 needs one below 0.0011"},
	} {
		_, err := deepFig8.Run(context.Background(), Request{Quick: true, Backend: b, Configure: func(config any) error {
			c.set(config.(*deepMNISTConfig))
			return nil
		}})
		var config ConfigError
		if err == nil || err.Error() != c.want || !errors.As(err, &config) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	_, err = deepFig8.Run(context.Background(), Request{Quick: true, Backend: b, Configure: func(config any) error {
		c := config.(*deepMNISTConfig)
		c.Start, c.Iterations = 1e9, []int{5, 50, 50, 50}
		return nil
	}})
	if err == nil || !strings.HasPrefix(err.Error(), "deep/fig8: N = 2: ") {
		t.Errorf("a start that is too large: %v", err)
	}
}

// TestMNISTResumes: a figure that is cancelled goes on to the same data.
func TestMNISTResumes(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	set := func(config any) error {
		c := config.(*deepMNISTConfig)
		c.Iterations, c.PerDecade = []int{30, 150, 20, 20}, 10
		return nil
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	_, err = deepFig9.Run(ctx, Request{Backend: b, Quick: true, Configure: set, Dir: dir, Progress: func(stage string, done, _ int) {
		if stage == "depth 2 run" && done >= 100 {
			cancel()
		}
	}})
	if err == nil || !strings.Contains(err.Error(), "cancelled at iteration 1") {
		t.Fatalf("not cancelled: %v", err)
	}
	var stages []string
	resumed, err := deepFig9.Run(context.Background(), Request{Backend: b, Quick: true, Configure: set, Dir: dir, Resume: true, Progress: func(stage string, _, _ int) {
		stages = append(stages, stage)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) == 0 || stages[0] != "depth 2 run" {
		t.Errorf("resumed at %q", stages[:min(len(stages), 1)])
	}
	mnistCache.key = ""
	whole, err := deepFig9.Run(context.Background(), Request{Backend: b, Quick: true, Configure: set})
	if err != nil {
		t.Fatal(err)
	}
	for i, table := range whole.Tables {
		if !sameRows(table.Rows, resumed.Tables[i].Rows) {
			t.Errorf("table %q differs after a resumption", table.Name)
		}
	}
}

func sameRows(a, b [][]float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		for j := range a[i] {
			if a[i][j] != b[i][j] && (a[i][j] == a[i][j] || b[i][j] == b[i][j]) {
				return false
			}
		}
	}
	return true
}

// TestMNISTNarrow: with layers as narrow as there are images, and the start scale 1, more
// factors converge later: the verdict on that is not a formality.
func TestMNISTNarrow(t *testing.T) {
	rep := made(t, deepFig8, true, func(c *deepMNISTConfig) {
		c.Width, c.Start, c.Step, c.PerDecade, c.Loss, c.Iterations = 100, 1, 8e-4, 5, 1e3, []int{2500, 600, 1000, 1}
	})
	v := rep.Verdicts[3]
	if v.Pass || !strings.Contains(v.Text, "more factors converge sooner") {
		t.Error(v)
	}
	tenths := rep.Tables[0]
	k2, l2 := tenths.points("t", "loss_N2")
	k3, l3 := tenths.points("t", "loss_N3")
	two, three := firstFall(k2, l2, l2[0]/10), firstFall(k3, l3, l3[0]/10)
	if !(three > 1.5*two) {
		t.Errorf("a tenth of the loss at %g with N = 2 and %g with N = 3", two, three)
	}
}
