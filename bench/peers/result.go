package peers

import (
	"slices"
	"time"

	"lowrank/bench"
)

// Result is a comparison that was made.
type Result struct {
	Config Config
	Found  []*Found
	Time   time.Time
	Cells  []*Cell
}

// Cell is one d and r.
type Cell struct {
	D, R   int
	DType  string
	Rounds int
	Bound  float64 // milliseconds that an iteration takes at least, by Limits
	Rows   []*Row  // in the order of the registry
}

// Row is a peer in a cell.
type Row struct {
	Peer, About, Variant string
	Setting              Setting
	Tried                int      // ways that were tried
	Trials               []Trial  // the same, with their times
	Unavailable          []string // settings that cannot be had, with the reason
	Failure              string   // why there are no numbers

	Milliseconds []float64 // of an iteration, for each round
	Time, Ratio  Spread    // of Milliseconds, and of those to the base's of the same round
	GBs          float64   // 10⁹ bytes of half of Σ for each second
	Share        float64   // of the bound
	Difference   float64   // ‖X − X_base‖_F/‖X_base‖_F after Checked steps
	Wrong        bool      // the difference is too great
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

// restless is how far the quartiles of the base are apart, relative to its median,
// where that is more than a quiet machine shows; else 0.
func (c *Cell) restless() float64 {
	for _, row := range c.Rows {
		if s := row.Time; row.Peer == Base && s.Q3-s.Q1 > 0.15*s.Median {
			return (s.Q3 - s.Q1) / s.Median
		}
	}
	return 0
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
