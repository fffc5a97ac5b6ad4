package scale

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"lowrank/bench"
	"lowrank/bench/memory"
	"lowrank/bench/plan"
	"lowrank/bench/problem"
	"lowrank/bench/suite"
	"lowrank/blas"
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
}

// Point is a step of one size.
type Point struct {
	D, R, Threads int
	Seconds       float64 // median of the rounds
	Low, High     float64 // the least and the most of them
	Samples       int     // of all rounds
	Bytes, Flops  float64 // that a step needs
	Bound         float64 // least seconds for these
	Large         bool    // the bytes exceed the last cache by OverCache
}

// Share is the part of the bound that is reached. It may pass 1 where data stays in
// cache.
func (p Point) Share() float64 { return p.Bound / p.Seconds }

// shape is the run whose memory a point takes.
func (s Study) shape(b *blas.Backend, d int) plan.Symmetric {
	p := plan.Symmetric{D: d, R: min(slices.Max(s.R), d), Held: 8}
	p.Elem, p.Runs, p.Generated = 8, 1, true
	_, p.Own = b.BLAS.(blas.Fuser)
	if s.DType == "f32" {
		p.Elem, p.Held = 4, 4
	}
	switch s.Sigma {
	case "rounded":
		p.Held = 4
	case "diagonal":
		p.Form = plan.Diagonal
	}
	return p
}

// margin is the part of the memory that dimensions are chosen for.
const margin = 0.8

// Dims are the dimensions from 250 on, doubled while a point fits in most of the
// memory that is available, and why there are no more of them. A diagonal Σ ends at
// mostDiagonal: it takes longer to make than to step.
func (s Study) Dims(b *blas.Backend) (dims []int, why string) {
	free := memory.Available()
	for d := 250; ; d *= 2 {
		needs := s.shape(b, d).Size().Needs()
		switch {
		case s.Sigma == "diagonal" && d > mostDiagonal:
			return dims, fmt.Sprintf("larger diagonals take longer to make than to multiply (%d)", d)
		case free > 0 && needs > margin*free:
			return dims, fmt.Sprintf("d = %d needs %s, and %.0f %% of the memory available are %s", d, problem.HumanBytes(needs), 100*margin, problem.HumanBytes(margin*free))
		case free <= 0 && d > mostUnknown:
			return dims, "how much memory is available is not known"
		}
		dims = append(dims, d)
	}
}

const (
	mostDiagonal = 8_000_000
	mostUnknown  = 16_000
)

// Check is an error unless every point fits in memory.
func (s Study) Check(b *blas.Backend) error {
	free := memory.Available()
	return plan.Fits(s.shape(b, slices.Max(s.D)), free, []plan.Instead{
		{Text: "d of at most %d", Below: slices.Max(s.D), Largest: func(d int) plan.Shape { return s.shape(b, d) }},
	})
}

// Run measures all points, those with more columns than rows left out. It visits
// them in rounds, from small to large and back: a machine whose speed drifts does
// so for all of them. tell is called before each visit with the point, its number
// and how many visits there are.
func (s Study) Run(ctx context.Context, tell func(p Point, visit, visits int)) ([]Point, error) {
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
	for round := range s.Rounds {
		for i, p := range points {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if tell != nil {
				tell(p.Point, round*len(points)+i, s.Rounds*len(points))
			}
			if err := s.visit(p); err != nil {
				return nil, err
			}
		}
		slices.Reverse(points)
	}
	var done []Point
	for _, p := range points {
		slices.Sort(p.rounds)
		p.Seconds = middle(p.rounds)
		p.Low, p.High = p.rounds[0], p.rounds[len(p.rounds)-1]
		p.Bound = bench.MeasureLimits(p.Threads).Bound(p.Bytes, p.Flops, s.DType) // the best seen
		done = append(done, p.Point)
	}
	slices.SortFunc(done, func(a, b Point) int {
		if a.D != b.D {
			return a.D - b.D
		}
		if a.R != b.R {
			return a.R - b.R
		}
		return a.Threads - b.Threads
	})
	return done, nil
}

// measured is a point with the medians of its visits.
type measured struct {
	Point
	rounds []float64
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
	p.rounds = append(p.rounds, seconds)
	p.Samples += samples
	p.Bytes, p.Flops = w.Bytes, w.Flops
	p.Large = w.Bytes >= s.OverCache*plan.LastCache()
	return nil
}

// middle is the median of sorted numbers.
func middle(sorted []float64) float64 {
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return stat.Quantile(0.5, stat.Empirical, sorted, nil)
}

// Fits are the exponents of a study.
type Fits struct {
	// InD are those of the time over d, for each r and number of threads: of the
	// large range, and of all points.
	InD []Fit `json:"in_d"`
	// InR are those over r, for each d and number of threads.
	InR []Fit `json:"in_r"`
}

// Fit is one of them.
type Fit struct {
	D       int    `json:"d,omitempty"` // of a fit over r
	R       int    `json:"r,omitempty"` // of a fit over d
	Threads int    `json:"threads"`
	Large   bool   `json:"large"` // points of the large range alone
	Power   *Power `json:"power"` // nil where there is none
	Why     string `json:"why,omitempty"`
}

// FitsOf fits the exponents of all points.
func FitsOf(points []Point) Fits {
	type key struct{ at, threads int }
	var byR, byD []key
	for _, p := range points {
		if k := (key{p.R, p.Threads}); !slices.Contains(byR, k) {
			byR = append(byR, k)
		}
		if k := (key{p.D, p.Threads}); !slices.Contains(byD, k) {
			byD = append(byD, k)
		}
	}
	var f Fits
	for _, k := range byR {
		for _, large := range []bool{true, false} {
			x, y := columns(points, func(p Point) (float64, bool) {
				return float64(p.D), p.R == k.at && p.Threads == k.threads && (p.Large || !large)
			})
			f.InD = append(f.InD, fitted(Fit{R: k.at, Threads: k.threads, Large: large}, x, y))
		}
	}
	for _, k := range byD {
		x, y := columns(points, func(p Point) (float64, bool) { return float64(p.R), p.D == k.at && p.Threads == k.threads })
		f.InR = append(f.InR, fitted(Fit{D: k.at, Threads: k.threads}, x, y))
	}
	return f
}

func fitted(f Fit, x, y []float64) Fit {
	p, err := FitPower(x, y)
	if err != nil {
		f.Why = err.Error()
		return f
	}
	f.Power = &p
	return f
}

// columns are x and the seconds of the points that of takes.
func columns(points []Point, of func(p Point) (x float64, take bool)) (x, y []float64) {
	for _, p := range points {
		if v, take := of(p); take {
			x, y = append(x, v), append(y, p.Seconds)
		}
	}
	return x, y
}
