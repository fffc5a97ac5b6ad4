package paper

import (
	"fmt"
	"math"

	"lowrank/solvers/deep"
)

// windowRun is what a run did in a window: how far it came from its height there, and
// from when on it kept to the bound.
type windowRun struct {
	rankWindow
	worst float64 // the largest distance in the window, NaN before it
	from  float64 // the first k, or time, from which on the bound holds up to the window's end
	begun bool    // it holds at the last one seen
}

func newWindowRuns(windows []rankWindow) []windowRun {
	var out []windowRun
	for _, w := range windows {
		out = append(out, windowRun{rankWindow: w, worst: math.NaN(), from: math.NaN()})
	}
	return out
}

// see takes in the effective rank at k; they come in order.
func (w *windowRun) see(k, rank float64) {
	if k > w.hi {
		return
	}
	distance := math.Abs(rank - w.height)
	switch inside := distance <= w.bound; {
	case inside && !w.begun:
		w.begun, w.from = true, k
	case !inside:
		w.begun, w.from = false, math.NaN()
	}
	if w.holds(k) {
		w.worst = larger(w.worst, distance)
	}
}

// slack says from when on the bound holds, where it does.
func (w windowRun) slack() string {
	if math.IsNaN(w.from) {
		return ""
	}
	return fmt.Sprintf("; it holds and stays from %.5g on, %.3g before the window", w.from, w.lo-w.from)
}

// rankWindow is one of Theorem 3.5 or 3.1: the iterations, or times, at which the
// effective rank is within bound of the height r(W_L).
type rankWindow struct {
	L                     int
	lo, hi, height, bound float64
}

func (w rankWindow) holds(k float64) bool { return k >= w.lo && k <= w.hi }

func (w rankWindow) String() string {
	if math.IsInf(w.hi, 1) {
		return fmt.Sprintf("L = %d: from %.5g on", w.L, w.lo)
	}
	return fmt.Sprintf("L = %d: %.5g to %.5g", w.L, w.lo, w.hi)
}

// descentWindows are (63) and (64) for every L up to the rank.
func descentWindows(depth int, lambda []float64, rank int, alpha, eta, eps, epsPrime float64) []rankWindow {
	var out []rankWindow
	for L := 1; L <= rank; L++ {
		lo, hi, bound := deep.RankWindow{L: L, Eps: eps, EpsPrime: epsPrime}.Iterations(deep.Params{Depth: depth, Alpha: alpha, Eta: eta}, lambda)
		out = append(out, rankWindow{L, float64(lo), math.Floor(hi), deep.EffectiveRank(lambda[:L]), bound})
	}
	return out
}
