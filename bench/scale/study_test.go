package scale

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"lowrank/bench/ceiling"
	"lowrank/bench/plan"
	"lowrank/bench/suite"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/data/memory"
)

func native(t *testing.T) *blas.Backend {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRun measures every point once a round, those with more columns than rows left
// out, in the order of d, r, threads.
func TestRun(t *testing.T) {
	s := Study{Backend: "native", DType: "f64", Sigma: "dense", D: []int{120, 40}, R: []int{2, 50}, Threads: []int{1, 2}, Rounds: 3, OverCache: 1e-6, Caches: ceiling.Caches{L3: 1 << 25}}
	visits, most := 0, 0
	points, err := s.Run(t.Context(), func(p Point, visit, all int) {
		if visit != visits {
			t.Errorf("visit %d is said to be %d", visits, visit)
		}
		visits, most = visits+1, all
	})
	if err != nil {
		t.Fatal(err)
	}
	var names [][3]int
	for _, p := range points {
		names = append(names, [3]int{p.D, p.R, p.Threads})
		if !(p.Low <= p.Seconds && p.Seconds <= p.High && p.Low > 0) || p.Samples != 3*suite.LeastSamples || p.Visits != 3 || !(p.Scatter >= 0) || !p.Large || !(p.Share() > 0) {
			t.Errorf("%+v", p)
		}
		if d, r := float64(p.D), float64(p.R); math.Abs(p.Flops-2*d*d*r-3*d*r*r) > 1 {
			t.Errorf("d = %g, r = %g: %g operations", d, r, p.Flops)
		}
	}
	if want := [][3]int{{40, 2, 1}, {40, 2, 2}, {120, 2, 1}, {120, 2, 2}, {120, 50, 1}, {120, 50, 2}}; !slices.Equal(names, want) || visits != 18 || most != 18 || s.Visits() != 18 {
		t.Errorf("%v in %d of %d visits; want %v in 18", names, visits, most, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if points, err := s.Run(ctx, nil); !errors.Is(err, context.Canceled) || len(points) != 0 {
		t.Errorf("cancelled before: %v, %v", points, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	points, err = s.Run(ctx, func(_ Point, visit, _ int) {
		if visit == 7 { // the second of the second round, which goes back
			cancel()
		}
	})
	made := map[[3]int]int{}
	for _, p := range points {
		made[[3]int{p.D, p.R, p.Threads}] = p.Visits
		if !(p.Seconds > 0 && p.Bound > 0) || math.IsNaN(p.Scatter) != (p.Visits == 1) {
			t.Errorf("cancelled: %+v", p)
		}
	}
	if !errors.Is(err, context.Canceled) || len(made) != 6 || made[[3]int{120, 50, 2}] != 2 || made[[3]int{120, 2, 2}] != 2 || made[[3]int{40, 2, 1}] != 1 {
		t.Errorf("cancelled: %v, %v", made, err)
	}
}

// TestLarge: on a processor of many caches the large range of a thread begins
// before that of all.
func TestLarge(t *testing.T) {
	s := Study{OverCache: 4, Caches: ceiling.Caches{L3: 32 << 20, Sharers: 8}}
	if one, all := s.large(1), s.large(96); one != 4*32<<20 || all != 12*one {
		t.Errorf("%g and %g bytes", one, all)
	}
}

// TestFitsOf finds the exponents of made-up points, in the large range those of its
// points alone.
func TestFitsOf(t *testing.T) {
	var points []Point
	for _, d := range []int{250, 500, 1000, 2000, 4000} {
		for _, r := range []int{1, 2, 8} {
			p := Point{D: d, R: r, Threads: 2, Seconds: 1e-9 * float64(d) * float64(r), Large: d >= 1000, Visits: 3, Scatter: 0.02}
			if p.Large { // another law there
				p.Seconds = 1e-12 * float64(d) * float64(d) * float64(r)
			}
			points = append(points, p)
		}
	}
	f := FitsOf(points)
	if len(f.InD) != 6 || len(f.InR) != 5 {
		t.Fatalf("%d and %d fits", len(f.InD), len(f.InR))
	}
	for _, fit := range f.InD {
		switch {
		case fit.Power == nil || fit.Rounds == nil || math.Abs(*fit.Rounds-0.02) > 1e-12:
			t.Errorf("%+v", fit)
		case fit.Large && (math.Abs(fit.Power.Exponent-2) > 1e-9 || fit.Power.Points != 3):
			t.Errorf("beyond the caches, r = %d: %s", fit.R, fit.Power)
		case !fit.Large && (fit.Power.Points != 5 || math.Abs(fit.Power.Exponent-2) < 0.01):
			t.Errorf("all points, r = %d: %s", fit.R, fit.Power)
		}
	}
	for _, fit := range f.InR {
		if fit.Power == nil || math.Abs(fit.Power.Exponent-1) > 1e-9 {
			t.Errorf("over r: %+v", fit)
		}
	}
	for _, fit := range FitsOf(points[:2]).InD {
		if fit.Power != nil || !strings.Contains(fit.Why, "not enough points") {
			t.Errorf("of one d: %+v", fit)
		}
	}
}

// TestRegimes: a line over r goes through points that are bound alike, of which
// there have to be three.
func TestRegimes(t *testing.T) {
	var points []Point
	for _, r := range []int{1, 2, 8, 16, 64} {
		p := Point{D: 1000, R: r, Threads: 1, Seconds: 1, Visits: 1, Scatter: math.NaN()}
		if r > 4 {
			p.FlopsBind, p.Seconds = true, float64(r)
		}
		points = append(points, p)
	}
	fits := FitsOf(points).InR
	if len(fits) != 2 || fits[0].Binds != "bytes" || fits[0].Power != nil || fits[0].Why != "not enough points: 2, expected at least 3" ||
		fits[1].Binds != "flops" || fits[1].Power == nil || math.Abs(fits[1].Power.Exponent-1) > 1e-9 || fits[1].Power.Points != 3 || fits[1].Rounds != nil {
		t.Errorf("%+v", fits)
	}
}

// TestDims: doubled from 250 on, five in steps of √2 where the large range begins,
// and doubled again; the largest fits.
func TestDims(t *testing.T) {
	b := native(t)
	const gib = 1 << 30
	zen := ceiling.Caches{L3: 32 << 20, Sharers: 8}
	for _, c := range []struct {
		study Study
		free  float64
		want  []int
		why   string
	}{
		{Study{DType: "f64", Sigma: "dense"}, 8 * gib, []int{250, 500, 1000, 2000, 4000, 5800, 8200, 12000, 16000, 23000}, "of the memory available"},
		{Study{DType: "f64", Sigma: "dense"}, 40 * gib, []int{250, 500, 1000, 2000, 4000, 5800, 8200, 12000, 16000, 23000, 46000}, "d = 93000 needs"},
		{Study{DType: "f32", Sigma: "dense"}, 8 * gib, []int{250, 500, 1000, 2000, 4000, 8200, 12000, 16000, 23000, 33000}, "d = 66000 needs"},
		{Study{DType: "f64", Sigma: "dense"}, 100 << 20, []int{250, 500, 1000, 2000}, "d = 4000 needs"},
		{Study{DType: "f64", Sigma: "dense"}, 0, []int{250, 500, 1000, 2000, 4000, 5800, 8200, 12000, 16000}, "is not known"},
	} {
		s := c.study
		s.R, s.Threads, s.OverCache, s.Caches = []int{1, 64}, []int{1, 2}, 4, zen
		if dims, why := s.dims(b, c.free); !slices.Equal(dims, c.want) || !strings.Contains(why, c.why) {
			t.Errorf("%+v, %g bytes: %v, %q; want %v", s, c.free, dims, why, c.want)
		}
	}
	s := Study{DType: "f64", Sigma: "dense", R: []int{1, 64}, Threads: []int{1}, OverCache: 4, Caches: zen}
	for _, free := range []float64{gib, 3 * gib, 64 * gib} { // Σ and the limits fit together
		dims, _ := s.dims(b, free)
		last := dims[len(dims)-1]
		step := s.shape(b, last, 64).Size().Needs()
		if needs := s.needs(b, last, free); needs > 0.8*free || needs < step+min(gib/4, (free-step)/4) {
			t.Errorf("d = %d takes %g of %g bytes, %g without the limits", last, needs, free, step)
		}
	}
	s.D = []int{10_000_000}
	if err := s.Check(b); memory.Available() > 0 && (err == nil || !strings.Contains(err.Error(), "what would fit: d of at most")) {
		t.Errorf("%v", err)
	}
	if dims, _ := (Study{DType: "f64", Sigma: "diagonal", R: []int{1}, Threads: []int{1}, OverCache: 4, Caches: zen}).dims(b, 64*gib); dims[len(dims)-1] > mostDiagonal || dims[len(dims)-1] < mostDiagonal/2 {
		t.Errorf("diagonal: %v", dims)
	}
	wide := Study{DType: "f32", Sigma: "rounded"}.shape(b, 2, 3)
	if wide.R != 2 || wide.Elem != 4 || wide.Form != plan.Dense {
		t.Errorf("%+v", wide)
	}
}

// TestPage draws what there is: with one number of threads no speed-up, without a
// large range no line where it begins.
func TestPage(t *testing.T) {
	var points []Point
	for _, d := range []int{250, 500, 1000, 2000} {
		for _, threads := range []int{1, 2} {
			points = append(points, Point{D: d, R: 1, Threads: threads, Seconds: 1e-3, Low: 9e-4, High: 2e-3, Bytes: 1, Flops: 1, Bound: 5e-4, Large: d > 250})
		}
	}
	page := Page("title", "caption", points, FitsOf(points))
	if len(page.Rows[0].Cells) != 3 {
		t.Errorf("%d panels", len(page.Rows[0].Cells))
	}
	svg, err := page.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Time of a step, 2 threads", "Speed-up at d = 2000", "beyond the caches"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
	apart := slices.Clone(points)
	for _, p := range points {
		p.R, p.Large = 8, p.D > 500
		apart = append(apart, p)
	}
	lines := beyond(apart, 2)
	if len(lines) != 2 || lines[0].X != 500 || lines[0].Label != "beyond the caches: r = 1" || lines[1].X != 1000 || lines[1].Label != "r = 8" {
		t.Errorf("the large ranges begin at %v", lines)
	}
	one := slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return p.Threads > 1 || p.Large })
	page = Page("title", "", one, FitsOf(one))
	if svg, err = page.SVG(); err != nil || strings.Contains(string(svg), "Speed-up") || strings.Contains(string(svg), "beyond") {
		t.Errorf("of one point: %v", err)
	}
	if row := points[0].Row(); len(row) != len(Columns) {
		t.Errorf("%d values for %d columns", len(row), len(Columns))
	}
}
