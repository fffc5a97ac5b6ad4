package scale

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Fits are the exponents of a study.
type Fits struct {
	// InD are those of the time over d, for each r and number of threads: of the
	// large range, and of all points.
	InD []Fit `json:"in_d"`
	// InR are those over r, for each d, number of threads and what binds.
	InR []Fit `json:"in_r"`
}

// Fit is one of them.
type Fit struct {
	D       int    `json:"d,omitempty"` // of a fit over r
	R       int    `json:"r,omitempty"` // of a fit over d
	Threads int    `json:"threads"`
	Large   bool   `json:"large"`           // points of the large range alone
	Binds   string `json:"binds,omitempty"` // of a fit over r: bytes or flops, at all of its points
	Power   *Power `json:"power"`           // nil where there is none
	Why     string `json:"why,omitempty"`
	// Rounds is the scatter of the visits of one point, over all points of the fit;
	// nil where each has one. A point is the median of its visits and scatters less:
	// a larger Power.Scatter is more than chance.
	Rounds *float64 `json:"rounds_scatter"`
}

// FitsOf fits the exponents of all points. The time over r follows one law where
// the bytes bind and another where the operations do.
func FitsOf(points []Point) Fits {
	var f Fits
	for _, p := range points {
		for _, large := range []bool{true, false} {
			f.InD = include(f.InD, Fit{R: p.R, Threads: p.Threads, Large: large})
		}
		f.InR = include(f.InR, Fit{D: p.D, Threads: p.Threads, Binds: p.Binds()})
	}
	slices.SortStableFunc(f.InD, func(a, b Fit) int { return cmp.Or(a.R-b.R, a.Threads-b.Threads) })
	slices.SortStableFunc(f.InR, func(a, b Fit) int {
		return cmp.Or(a.D-b.D, a.Threads-b.Threads, cmp.Compare(a.Binds, b.Binds))
	})
	for i := range f.InD {
		f.InD[i].through(points, func(p Point) int { return p.D })
	}
	for i := range f.InR {
		f.InR[i].through(points, func(p Point) int { return p.R })
	}
	return f
}

// include appends a fit that is not yet there.
func include(list []Fit, f Fit) []Fit {
	if slices.Contains(list, f) {
		return list
	}
	return append(list, f)
}

// takes reports whether a point is one of the fit.
func (f Fit) takes(p Point) bool {
	return p.Threads == f.Threads && (f.D == 0 || p.D == f.D) && (f.R == 0 || p.R == f.R) &&
		(p.Large || !f.Large) && (f.Binds == "" || p.Binds() == f.Binds)
}

// through fits the seconds of its points over x.
func (f *Fit) through(points []Point, x func(Point) int) {
	var at, seconds []float64
	var squares, free float64
	for _, p := range points {
		if f.takes(p) {
			at, seconds = append(at, float64(x(p))), append(seconds, p.Seconds)
			if p.Visits > 1 {
				squares, free = squares+float64(p.Visits-1)*p.Scatter*p.Scatter, free+float64(p.Visits-1)
			}
		}
	}
	power, err := fitPower(at, seconds)
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Power = &power
	if free > 0 {
		scatter := math.Sqrt(squares / free)
		f.Rounds = &scatter
	}
}

func (f Fit) String() string {
	if f.Power == nil {
		return f.Why
	}
	text := f.Power.String() + fmt.Sprintf("; %.2g %% off the line", 100*f.Power.Scatter)
	if f.Rounds != nil {
		text += fmt.Sprintf(", rounds of a point %.2g %%", 100**f.Rounds)
	}
	return text
}
