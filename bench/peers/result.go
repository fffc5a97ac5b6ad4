package peers

import (
	"fmt"
	"math"
	"slices"
	"time"

	"lowrank/bench"
)

// Result is a comparison that was made.
type Result struct {
	Config Config
	Found  []*Found
	Time   time.Time
	Limits bench.Limits // of the machine
	Cells  []*Cell
}

// Cell is one d and r.
type Cell struct {
	D, R   int
	DType  string
	Rounds int
	Nodes  int     // of memory
	Bound  float64 // milliseconds that an iteration takes at least, by Limits
	Rows   []*Row  // in the order of the registry
}

// Row is a peer in a cell.
type Row struct {
	Peer, About, Variant string
	Library              string // path of the BLAS; empty where that is not known
	Setting              Setting
	Trials               []Trial  // the ways that were tried
	Unavailable          []string // what did not run, with the reason
	Crashed              []string // of those, all but cores of a library
	WrongWays            []string // variants whose difference is too great, with it
	Failure              string   // why there are no numbers

	Milliseconds []float64 // of an iteration, for each round
	Time, Ratio  Spread    // of Milliseconds, and of those to the base's of the same round
	GBs          float64   // 10⁹ bytes of half of Σ for each second
	Share        float64   // of the bound
	Difference   float64   // ‖X − X_base‖_F/‖X_base‖_F after checked steps
	Wrong        bool      // the difference is too great, as of all other variants
}

// Trial is a way to run a peer and how long a step took.
type Trial struct {
	Setting
	R            int
	Variant      string
	About        string
	Milliseconds float64
}

// Spread is the median of some numbers, the quartiles and the ends.
type Spread struct{ Median, Q1, Q3, Low, High float64 }

// spreadOf sums up at least one number.
func spreadOf(values []float64) Spread {
	v := slices.Sorted(slices.Values(values))
	at := func(q float64) float64 {
		x := q * float64(len(v)-1)
		i := int(x)
		return v[i] + (x-float64(i))*(v[min(i+1, len(v)-1)]-v[i])
	}
	return Spread{at(0.5), at(0.25), at(0.75), v[0], v[len(v)-1]}
}

// summarize fills in what follows from the times.
func (c *Cell) summarize(limits bench.Limits) {
	size := 8.0
	if c.DType == "f32" {
		size = 4
	}
	d, r := float64(c.D), float64(c.R)
	half := size * d * d / 2
	if limits.Bandwidth > 0 {
		c.Bound = 1e3 * limits.Bound(half+3*size*d*r, 2*d*d*r+3*d*r*r, c.DType)
	}
	var base []float64
	for _, row := range c.Rows {
		if row.Peer == Base {
			base = row.Milliseconds
		}
	}
	for _, row := range c.Rows {
		if row.Failure != "" || len(row.Milliseconds) == 0 {
			continue
		}
		ratios := make([]float64, len(row.Milliseconds))
		for i, ms := range row.Milliseconds {
			ratios[i] = ms / base[i]
		}
		row.Time, row.Ratio = spreadOf(row.Milliseconds), spreadOf(ratios)
		row.GBs = half / (row.Time.Median * 1e-3) / 1e9
		row.Share = c.Bound / row.Time.Median
	}
}

// What a quiet machine stays below: the distance of the quartiles of the base,
// relative to its median; the greatest ratio of a peer by its least; the median of a
// peer by the best time in its trials.
const (
	quietQuartiles = 0.15
	quietRatios    = 1.5
	quietSlowdown  = 1.25
)

// restless says what a quiet machine does not show, nothing where there is none of
// it.
func (c *Cell) restless() []string {
	var signs []string
	for _, row := range c.Rows {
		if row.Failure != "" || len(row.Milliseconds) == 0 {
			continue
		}
		if s := row.Time; row.Peer == Base && s.Q3-s.Q1 > quietQuartiles*s.Median {
			signs = append(signs, fmt.Sprintf("the middle half of %s's own times spreads over %.0f %%", Base, 100*(s.Q3-s.Q1)/s.Median))
		}
		if s := row.Ratio; s.High > quietRatios*s.Low {
			signs = append(signs, fmt.Sprintf("the ratios of %s differ by %.1f times", row.Peer, s.High/s.Low))
		}
		if best := row.bestTrial(); row.Time.Median > quietSlowdown*best {
			signs = append(signs, fmt.Sprintf("%s is %.1f times slower than in its trials", row.Peer, row.Time.Median/best))
		}
	}
	return signs
}

func (row *Row) bestTrial() float64 {
	best := math.Inf(1)
	for _, t := range row.Trials {
		if t.Variant == row.Variant { // another one may be faster, and wrong
			best = min(best, t.Milliseconds)
		}
	}
	return best
}

// Failed says what is wrong: peers that failed, or whose X differs.
func (r *Result) Failed() []string {
	var failed []string
	add := func(text string) {
		if !slices.Contains(failed, text) {
			failed = append(failed, text)
		}
	}
	for _, c := range r.Cells {
		for _, row := range c.Rows {
			switch {
			case row.Failure != "":
				add(row.Peer + " failed: " + row.Failure)
			case row.Wrong:
				add(row.Peer + " is wrong: its X differs from that of " + Base)
			}
		}
	}
	return failed
}

// WrongWays names the variants that were left out since their X differs.
func (r *Result) WrongWays() []string {
	var ways []string
	for _, c := range r.Cells {
		for _, row := range c.Rows {
			for _, way := range row.WrongWays {
				ways = append(ways, fmt.Sprintf("%s, d = %d: %s", row.Peer, c.D, way))
			}
		}
	}
	return ways
}
