package figure

import "math"

// axis maps values to the stretch from 0 to 1. The limits of a logarithmic
// axis are exponents of ten.
type axis struct {
	log    bool
	lo, hi float64
}

// span is the range of the data that can be drawn on an axis; it is empty
// while lo > hi.
type span struct{ lo, hi float64 }

func noSpan() span { return span{math.Inf(1), math.Inf(-1)} }

func (s *span) add(v float64) { s.lo, s.hi = min(s.lo, v), max(s.hi, v) }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func drawable(v float64, log bool) bool { return finite(v) && (!log || v > 0) }

// tooClose tells limits between which no ticks can be told apart.
func tooClose(lo, hi float64, log bool) bool {
	if log {
		return hi-lo < 1e-6
	}
	half := hi/2 - lo/2
	return half < 1e-300 || half < 1e-9*max(math.Abs(lo), math.Abs(hi))
}

// newAxis takes each limit from the caller or else, with a little padding,
// from the data.
func newAxis(log bool, fixedLo, fixedHi *float64, data span, pad float64) axis {
	a := axis{log: log}
	if data.lo > data.hi {
		data = span{0, 1}
		if log {
			data = span{1, 10}
		}
	}
	scale := func(v float64) float64 {
		if log {
			return math.Log10(v)
		}
		return v
	}
	a.lo, a.hi = scale(data.lo), scale(data.hi)
	if fixedLo != nil {
		a.lo = scale(*fixedLo)
	}
	if fixedHi != nil {
		a.hi = scale(*fixedHi)
	}
	if tooClose(a.lo, a.hi, log) {
		a.widen(fixedLo != nil, fixedHi != nil)
		return a
	}
	margin := pad * (a.hi/2 - a.lo/2) * 2
	if fixedLo == nil {
		a.lo = max(a.lo-margin, -math.MaxFloat64)
	}
	if fixedHi == nil {
		a.hi = min(a.hi+margin, math.MaxFloat64)
	}
	return a
}

// widen gives constant data a range around it, and keeps a fixed limit.
func (a *axis) widen(keepLo, keepHi bool) {
	at := a.lo
	if keepHi && !keepLo {
		at = a.hi
	}
	by := math.Abs(at) / 2
	switch {
	case a.log:
		by = 0.5
	case by < 1e-300:
		by = 1
	}
	if !keepLo {
		a.lo = max(at-by, -math.MaxFloat64)
	}
	if !keepHi {
		a.hi = min(at+by, math.MaxFloat64)
	}
}

// size is the length of a linear axis.
func (a axis) size() float64 { return min((a.hi/2-a.lo/2)*2, math.MaxFloat64) }

// atLeast widens a linear axis evenly.
func (a *axis) atLeast(size float64) {
	if by := (size - a.size()) / 2; by > 0 {
		a.lo, a.hi = max(a.lo-by, -math.MaxFloat64), min(a.hi+by, math.MaxFloat64)
	}
}

// farOut bounds what place returns; the lines are clipped long before it.
const farOut = 1e6

func (a axis) place(v float64) (t float64, ok bool) {
	if !drawable(v, a.log) {
		return 0, false
	}
	if a.log {
		v = math.Log10(v)
	}
	return min(max(a.fraction(v), -farOut), farOut), true
}

// end places the end of a stretch, which may lie at infinity: what cannot be
// drawn is beyond one end of the axis or the other.
func (a axis) end(v float64) float64 {
	t, ok := a.place(v)
	switch {
	case ok:
		return t
	case v > 0:
		return farOut
	}
	return -farOut
}

// fraction halves first, so that no difference overflows.
func (a axis) fraction(v float64) float64 {
	return (v/2 - a.lo/2) / (a.hi/2 - a.lo/2)
}
