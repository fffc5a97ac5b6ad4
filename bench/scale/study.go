package scale

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"lowrank/bench"
	"lowrank/bench/ceiling"
	"lowrank/bench/suite"
)

// Study says what is measured: the step of gradient descent on ¼‖Σ − XXᵀ‖² at all
// d, r and numbers of threads.
type Study struct {
	Backend   string
	DType     string // of the arithmetic: f64 or f32
	Sigma     string // dense, rounded (held as float32) or diagonal
	D, R      []int
	Threads   []int
	Rounds    int           // visits of each point, at least 1
	AtLeast   time.Duration // that each visit takes
	OverCache float64       // how many times the last cache the bytes of a step are in the large range
	Caches    ceiling.Caches
}

// Point is a step of one size.
type Point struct {
	D, R, Threads int
	Seconds       float64 // median of the visits
	Low, High     float64 // the least and the most of them
	Scatter       float64 // of the logarithms of the visits, a standard deviation; NaN of one visit
	Visits        int     // that were made
	Samples       int     // of all visits
	Bytes, Flops  float64 // that a step needs
	Bound         float64 // least seconds for these
	FlopsBind     bool    // the operations take longer than the bytes by the limits
	Large         bool    // the bytes exceed the last cache by OverCache
}

// Share is the part of the bound that is reached. It may pass 1 where data stays in
// cache.
func (p Point) Share() float64 { return p.Bound / p.Seconds }

// Binds is what the bound is from: bytes or flops.
func (p Point) Binds() string {
	if p.FlopsBind {
		return "flops"
	}
	return "bytes"
}

// large is how many bytes a step of so many threads has at least in the large range.
func (s Study) large(threads int) float64 {
	last, _ := s.Caches.Last(threads)
	return s.OverCache * last
}

// points are all that are visited, those with more columns than rows left out.
func (s Study) points() []*measured {
	var points []*measured
	for _, d := range slices.Sorted(slices.Values(s.D)) {
		for _, threads := range s.Threads {
			for _, r := range s.R { // neighbours share Σ
				if r <= d {
					points = append(points, &measured{Point: Point{D: d, R: r, Threads: threads}})
				}
			}
		}
	}
	return points
}

// Visits is how many Run makes.
func (s Study) Visits() int { return s.Rounds * len(s.points()) }

// Run measures all points. It visits them in rounds, from small to large and back: a
// machine whose speed drifts does so for all of them. tell is called before each
// visit with the point, its number and how many visits there are. With an error, as
// that of ctx, come the points that were visited.
func (s Study) Run(ctx context.Context, tell func(p Point, visit, visits int)) ([]Point, error) {
	points := s.points()
	err := s.visits(ctx, points, tell)
	var done []Point
	for _, p := range points {
		if p.Visits = len(p.visits); p.Visits > 0 {
			done = append(done, p.summed(s.DType))
		}
	}
	slices.SortFunc(done, func(a, b Point) int {
		return cmp.Or(a.D-b.D, a.R-b.R, a.Threads-b.Threads)
	})
	return done, err
}

// visits makes all rounds.
func (s Study) visits(ctx context.Context, points []*measured, tell func(p Point, visit, visits int)) error {
	for _, threads := range s.Threads { // with all the memory, before there is a Σ
		if ctx.Err() != nil {
			return ctx.Err()
		}
		bench.MeasureLimits(threads)
	}
	points = slices.Clone(points)
	for round := range s.Rounds {
		for i, p := range points {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if tell != nil {
				tell(p.Point, round*len(points)+i, s.Rounds*len(points))
			}
			if err := s.visit(p); err != nil {
				return err
			}
		}
		slices.Reverse(points)
	}
	return nil
}

// measured is a point with the medians of its visits.
type measured struct {
	Point
	visits []float64
}

// summed is the point of its visits, held against the best limits seen.
func (p *measured) summed(dtype string) Point {
	slices.Sort(p.visits)
	p.Seconds = middle(p.visits)
	p.Low, p.High = p.visits[0], p.visits[len(p.visits)-1]
	logs := make([]float64, len(p.visits))
	for i, v := range p.visits {
		logs[i] = math.Log(v)
	}
	p.Scatter = stat.StdDev(logs, nil)
	l := bench.MeasureLimits(p.Threads)
	p.Bound = l.Bound(p.Bytes, p.Flops, dtype)
	p.FlopsBind = l.Bound(0, p.Flops, dtype) > l.Bound(p.Bytes, 0, dtype)
	return p.Point
}

// visit makes steps for a while.
func (s Study) visit(p *measured) error {
	bench.RecentLimits(p.Threads)
	o := suite.SymmetricStep(suite.Grid{Threads: p.Threads}, s.Backend, s.DType, s.Sigma, p.D, p.R)
	w, err := o.Prepare()
	if err != nil {
		return err
	}
	seconds, samples, err := w.Time(s.AtLeast)
	if err != nil {
		return fmt.Errorf("a step with d = %d, rank %d: %w", p.D, p.R, err)
	}
	p.visits = append(p.visits, seconds)
	p.Samples += samples
	p.Bytes, p.Flops = w.Bytes, w.Flops
	p.Large = w.Bytes >= s.large(p.Threads)
	return nil
}

// middle is the median of sorted numbers.
func middle(sorted []float64) float64 {
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return stat.Quantile(0.5, stat.Empirical, sorted, nil)
}
