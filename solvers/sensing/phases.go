package sensing

import "math"

// AlignedBelow is the sine of the angle to L at which phase I ends (inferred: "small").
const AlignedBelow = 0.1

// saddleShare is the share of its limit at which σ_{r_*}(U_t) ends phase II
// (inferred: "on the order of σ_min(X)").
const saddleShare = 0.5

// settledFactor is how near the floor of the test error phase III ends, and
// lowStep how much lower the next of the minima kept is (inferred).
const (
	settledFactor = 2
	lowStep       = 0.99
)

// low is a running minimum of the test error.
type low struct {
	T    int
	Test float64
}

// Marks are iterate numbers, −1 for what has not happened. They are as fine as
// the iterates that were observed.
type Marks struct {
	// Aligned ends phase I: the first iterate whose angle to L has a sine of at most
	// AlignedBelow, −1 where the angle does not fall so low up to Saddle.
	Aligned int
	// Closest has the smallest angle to L up to Saddle: from there on U_t leaves the path of
	// the power method. It is known only once Saddle is.
	Closest int
	// Saddle ends phase II: the first iterate with σ_{r_*}(U_t) ≥ ½ of its limit.
	Saddle int
	// Settled ends phase III: the first iterate whose test error is within a
	// factor of about 2 of the smallest so far. It moves on while that falls.
	Settled int
}

// Phases finds the three phases from a run as it goes. The paper (Stöger and
// Soltanolkotabi 2021, sections 3 and 4) says what happens in them: in I the
// angle to L falls while σ_{r_*}(U_t) is still small; in II σ_{r_*}(U_t) grows
// geometrically to the order of σ_min(X); in III the test error falls and the
// angle rises again, as U_t turns from L to X. The marks between them, which
// it does not define, are inferred. After a large start σ_{r_*}(U_0) is at its limit
// already, and Saddle = 0: there are no phases I and II.
type Phases struct {
	limit       float64
	marks       Marks
	angle, test float64 // the smallest
	closest     int     // the iterate of the smallest angle
	// Running minima of the test error, each a per cent below the one before,
	// from the first within settledFactor of the smallest.
	lows []low
}

// NewPhases prepares the search. Limit is that of σ_{r_*}(U_t): σ_min(X) where X
// is known, else about √λ_{r_*}(𝒜*(y)) (inferred).
func NewPhases(limit float64) *Phases {
	return &Phases{limit: limit, marks: Marks{-1, -1, -1, -1}, angle: math.Inf(1), test: math.Inf(1), closest: -1}
}

// Observe takes in iterate t, in increasing order: the angle to L, σ_{r_*}(U_t)
// and the test error, NaN where it is not known.
func (p *Phases) Observe(t int, angle, sigma, test float64) {
	if test < p.test {
		p.test = test
		if k := len(p.lows); k == 0 || test <= lowStep*p.lows[k-1].Test {
			p.lows = append(p.lows, low{t, test})
		}
		for len(p.lows) > 1 && p.lows[0].Test > settledFactor*test {
			p.lows = p.lows[1:]
		}
		p.marks.Settled = p.lows[0].T
	}
	if p.marks.Saddle >= 0 {
		return
	}
	if p.marks.Aligned < 0 && angle <= AlignedBelow {
		p.marks.Aligned = t
	}
	if angle < p.angle {
		p.angle, p.closest = angle, t
	}
	if p.limit > 0 && sigma >= saddleShare*p.limit {
		p.marks.Saddle, p.marks.Closest = t, p.closest
	}
}

// Marks are what has been found so far.
func (p *Phases) Marks() Marks {
	m := p.marks
	if m.Saddle < 0 { // a test error that has not fallen settles nothing
		m.Settled = -1
	}
	return m
}

// phasesState has floats as bits, because they may be infinite.
type phasesState struct {
	Marks       Marks
	Angle, Test uint64
	Closest     int
	Lows        []low
}

func (p *Phases) state() phasesState {
	return phasesState{p.marks, math.Float64bits(p.angle), math.Float64bits(p.test), p.closest, p.lows}
}

func (p *Phases) restore(s phasesState) {
	p.marks, p.closest, p.lows = s.Marks, s.Closest, s.Lows
	p.angle, p.test = math.Float64frombits(s.Angle), math.Float64frombits(s.Test)
}
