package scale

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"lowrank/bench/memory"
	"lowrank/bench/plan"
	"lowrank/bench/suite"
	"lowrank/blas"
	_ "lowrank/blas/backends"
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
	s := Study{Backend: "native", DType: "f64", Sigma: "dense", D: []int{120, 40}, R: []int{2, 50}, Threads: []int{1, 2}, Rounds: 3, OverCache: 1e-6}
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
		if !(p.Low <= p.Seconds && p.Seconds <= p.High && p.Low > 0) || p.Samples != 3*suite.LeastSamples || !p.Large || !(p.Share() > 0) {
			t.Errorf("%+v", p)
		}
		if d, r := float64(p.D), float64(p.R); math.Abs(p.Flops-2*d*d*r-3*d*r*r) > 1 {
			t.Errorf("d = %g, r = %g: %g operations", d, r, p.Flops)
		}
	}
	if want := [][3]int{{40, 2, 1}, {40, 2, 2}, {120, 2, 1}, {120, 2, 2}, {120, 50, 1}, {120, 50, 2}}; !slices.Equal(names, want) || visits != 18 || most != 18 {
		t.Errorf("%v in %d of %d visits; want %v in 18", names, visits, most, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Run(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestFitsOf finds the exponents of made-up points, in the large range those of its
// points alone.
func TestFitsOf(t *testing.T) {
	var points []Point
	for _, d := range []int{250, 500, 1000, 2000, 4000} {
		for _, r := range []int{1, 2, 8} {
			p := Point{D: d, R: r, Threads: 2, Seconds: 1e-9 * float64(d) * float64(r), Large: d >= 1000}
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
		case fit.Power == nil:
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

// TestDims: doubled from 250 on; the largest fits, and twice as much does not.
func TestDims(t *testing.T) {
	b := native(t)
	for _, s := range []Study{
		{DType: "f64", Sigma: "dense", R: []int{1, 64}}, {DType: "f32", Sigma: "dense", R: []int{1}}, {DType: "f64", Sigma: "rounded", R: []int{8}},
		{DType: "f64", Sigma: "diagonal", R: []int{1}},
	} {
		dims, why := s.Dims(b)
		if dims[0] != 250 || why == "" {
			t.Errorf("%+v: %v, %q", s, dims, why)
		}
		for i := 1; i < len(dims); i++ {
			if dims[i] != 2*dims[i-1] {
				t.Errorf("%+v: %v", s, dims)
			}
		}
		last := dims[len(dims)-1]
		free := memory.Available()
		if free == 0 {
			continue
		}
		// Others use memory meanwhile.
		if s.shape(b, last).Size().Needs() > 0.9*free || s.Sigma != "diagonal" && s.shape(b, 2*last).Size().Needs() < 0.7*free {
			t.Errorf("%+v: the last is %d, %s", s, last, why)
		}
		s.D = []int{100 * last}
		if err := s.Check(b); s.Sigma != "diagonal" && (err == nil || !strings.Contains(err.Error(), "what would fit: d of at most")) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	wide := Study{DType: "f32", Sigma: "rounded", R: []int{3}}.shape(b, 2)
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
	one := slices.DeleteFunc(slices.Clone(points), func(p Point) bool { return p.Threads > 1 || p.Large })
	page = Page("title", "", one, FitsOf(one))
	if svg, err = page.SVG(); err != nil || strings.Contains(string(svg), "Speed-up") || strings.Contains(string(svg), "beyond") {
		t.Errorf("of one point: %v", err)
	}
	if row := points[0].Row(); len(row) != len(Columns) {
		t.Errorf("%d values for %d columns", len(row), len(Columns))
	}
}
