package solvers

import "math"

// Terms are the sizes at an iterate from which follows what rounding leaves of a gradient.
type Terms struct {
	Length    float64 // of the longest sums
	Product   float64 // ‖ΣX‖_F: what the relative gradient is relative to
	Iterate   float64 // ‖X‖_F
	Neglected float64 // part of the gradient that is kept out of the steps, as by a basis
	Epsilon   float64 // of the element type
}

// Rounded is a method that tells the terms of its gradient, at the iterate of
// RelativeGradient. It allocates nothing.
type Rounded interface {
	Method
	Terms() Terms
}

// Rounding finds when a gradient is as small as rounding lets it become. Two things must
// hold, since neither alone is enough: a bound that is safe is far above what is reached,
// and a gradient that falls no more may be that of a plateau.
//
// The relative gradient is at most the level
//
//	c·ε·√n·max_{s≤t}(‖ΣX_s‖/‖X_s‖)/(‖ΣX_t‖/‖X_t‖), c = 4.
//
// Sums of n terms have errors of about ε√n times their terms (Higham and Mary, "A new approach
// to probabilistic rounding error analysis", 2019: with a high probability), here of ‖Σ‖‖X_t‖,
// of which the largest ‖ΣX_s‖/‖X_s‖ that was seen is taken for ‖Σ‖: it is above ‖ΣX_t‖/‖X_t‖
// where X_t left a part of Σ, as that of large negative eigenvalues. c has room for the
// products after the first and for the rounding of X_t itself, which moves its gradient by
// ε‖Σ‖‖X_t‖ too. Level and c are inferred and tested.
//
// And it falls no more: the least of the last ninth of all iterations is above 0.9 of the
// least before. A gradient that falls as (1−ρ)^t has lost a factor of e³ and more in a ninth
// of the time that took it to 1e-13, for every ρ; one that falls as 1/t, slower than any
// here does (the singular values that Σ does not hold: as t^(−3/2)), a tenth.
type Rounding struct {
	method Rounded
	state  roundingState
}

type roundingState struct {
	Last   int     // the iterate that was looked at
	End    int     // of the stretch of iterations under way
	Best   float64 // the least relative gradient before that stretch
	Recent float64 // and in it
	Top    float64 // the largest ‖ΣX‖/‖X‖
	Done   bool
}

const (
	// roundingLooks: every so many iterations the gradient is looked at, which costs some
	// methods a part of a step.
	roundingLooks = 8
	// A stretch is an eighth of the iterations before it, and so a ninth of all.
	roundingStretch = 8
	leastStretch    = 32
	falling         = 0.9
	roundingFactor  = 4
)

// NewRounding watches a method, from its current iterate on.
func NewRounding(m Rounded) *Rounding {
	return &Rounding{method: m, state: roundingState{Best: math.Inf(1), Recent: math.Inf(1), Last: -1, End: leastStretch}}
}

// Reached says whether the gradient is at rounding. It is asked at each iterate, and takes no
// notice of one that it has seen.
func (r *Rounding) Reached() bool {
	s := &r.state
	t := r.method.Iteration()
	if s.Done || t <= s.Last || t%roundingLooks != 0 && t != 1 {
		return s.Done
	}
	s.Last = t
	g, terms := r.method.RelativeGradient(), r.method.Terms()
	if g == 0 { // a step changes nothing
		s.Done = true
		return true
	}
	ratio := terms.Product / terms.Iterate
	if !(ratio > 0) || math.IsInf(ratio, 0) || math.IsNaN(g) {
		return false
	}
	s.Top, s.Recent = max(s.Top, ratio), min(s.Recent, g)
	if t < s.End {
		return false
	}
	level := roundingFactor * (terms.Epsilon*math.Sqrt(terms.Length)*s.Top/ratio + terms.Neglected/terms.Product)
	s.Done = s.Recent <= level && s.Recent >= falling*s.Best
	s.Best, s.Recent, s.End = min(s.Best, s.Recent), math.Inf(1), t+max(t/roundingStretch, leastStretch)
	return s.Done
}

// Save returns the state, from which a run of the same method stops at the same iterate.
func (r *Rounding) Save() ([]byte, error) { return EncodeState(r.state) }

// Restore sets the state that Save returned.
func (r *Rounding) Restore(data []byte) error { return DecodeState(data, &r.state) }
