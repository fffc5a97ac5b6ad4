package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const quarterTurn = math.Pi / 2

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

// tick is a mark on an axis; a minor one has no label.
type tick struct {
	at    float64 // 0 … 1
	label string
}

// ticks returns the densest ticks whose labels fit, or the sparsest known.
func (a axis) ticks(fit func([]tick) bool) []tick {
	var last []tick
	for _, candidate := range a.candidates() {
		if len(candidate) == 0 {
			continue
		}
		if fit(candidate) {
			return candidate
		}
		last = candidate
	}
	return last
}

// candidates are sets of ticks, densest first.
func (a axis) candidates() [][]tick {
	if !a.log {
		return a.linearCandidates(a.lo, a.hi, func(v float64) float64 { return v })
	}
	first, last := decade(math.Ceil(a.lo-1e-9)), decade(math.Floor(a.hi+1e-9))
	if last > first {
		var out [][]tick
		for _, every := range []decade{1, 2, 3, 5, 10, 20, 50, 100, 200} {
			if ticks := a.decadeTicks(first, last, every); labelled(ticks) >= 2 {
				out = append(out, ticks)
			}
		}
		return append(out, a.decadeTicks(first, last, last-first))
	}
	var out [][]tick
	for _, digits := range []string{"1235", "125", "13", "1"} {
		if ticks := a.withinDecade(first-1, last+1, digits); labelled(ticks) >= 2 {
			out = append(out, ticks)
		}
	}
	lo, hi := math.Pow(10, a.lo), math.Pow(10, a.hi)
	if hi > math.MaxFloat64 || tooClose(lo, hi, false) {
		return append(out, a.decadeTicks(first, last, 1))
	}
	return append(out, a.linearCandidates(lo, hi, math.Log10)...)
}

type decade = int

func power(e decade) string { return fmt.Sprintf("10^{%s}", minus(strconv.Itoa(e))) }

// minus sets the sign as wide as a digit.
func minus(s string) string { return strings.ReplaceAll(s, "-", "−") }

// decadeTicks labels the powers of ten whose exponent every divides, or the
// first and the last if they are so far apart.
func (a axis) decadeTicks(first, last, every decade) []tick {
	var out []tick
	add := func(exponent float64, label string) {
		if t := a.fraction(exponent); t > -1e-9 && t < 1+1e-9 {
			out = append(out, tick{t, label})
		}
	}
	step := max(every/5, 1) // of the minor ticks
	for e := first - 1; e <= last; e++ {
		switch {
		case e%every == 0 && every < last-first, (e-first)%max(every, 1) == 0 && every >= last-first:
			add(float64(e), power(e))
		case e%step == 0:
			add(float64(e), "")
		}
		if every > 1 {
			continue
		}
		for m := 2; m <= 9; m++ {
			add(float64(e)+math.Log10(float64(m)), "")
		}
	}
	return out
}

func labelled(ticks []tick) (n int) {
	for _, t := range ticks {
		if t.label != "" {
			n++
		}
	}
	return n
}

// withinDecade labels the multiples of powers of ten by the given digits.
func (a axis) withinDecade(first, last decade, digits string) []tick {
	var out []tick
	for e := first; e <= last; e++ {
		for m := 1; m <= 9; m++ {
			t := a.fraction(float64(e) + math.Log10(float64(m)))
			if t < -1e-9 || t > 1+1e-9 {
				continue
			}
			label := ""
			if strings.Contains(digits, strconv.Itoa(m)) {
				label = power(e)
				if m > 1 {
					label = fmt.Sprintf("%d×%s", m, label)
				}
			}
			out = append(out, tick{t, label})
		}
	}
	return out
}

func (a axis) linearCandidates(lo, hi float64, scale func(float64) float64) [][]tick {
	var out [][]tick
	for _, n := range []float64{10, 8, 6, 5, 4, 3, 2} {
		values, labels := evenSteps(lo, hi, n)
		if len(values) < 2 {
			continue
		}
		ticks := make([]tick, len(values))
		for i, v := range values {
			ticks[i] = tick{a.fraction(scale(v)), labels[i]}
		}
		out = append(out, ticks)
	}
	return out
}

// evenSteps divides a range into about n steps of 1, 2 or 5 times a power of
// ten.
func evenSteps(lo, hi, n float64) (values []float64, labels []string) {
	raw := (hi/2 - lo/2) / n * 2
	exponent := int(math.Floor(math.Log10(raw)))
	digit := int64(1)
	for _, digit = range []int64{1, 2, 5, 10} {
		if decimal(digit, exponent) >= raw*(1-1e-9) {
			break
		}
	}
	if digit == 10 {
		digit, exponent = 1, exponent+1
	}
	step := decimal(digit, exponent)
	if math.IsInf(step, 0) || step == 0 {
		return nil, nil
	}
	var multiples []int64
	for k := math.Ceil(lo/step - 1e-9); k <= math.Floor(hi/step+1e-9); k++ {
		multiples = append(multiples, int64(k)*digit)
		values = append(values, k*step)
	}
	return values, decimalLabels(multiples, exponent)
}

// decimal is m×10^e, correctly rounded; it may be infinite.
func decimal(m int64, e int) float64 {
	v, _ := strconv.ParseFloat(fmt.Sprintf("%de%d", m, e), 64) // out of range gives ±Inf
	return v
}

// decimalLabels writes the numbers m×10^e with equally many decimals, and
// with a common power of ten where they are very large or small.
func decimalLabels(ms []int64, e int) []string {
	digits := 1
	for _, m := range ms {
		digits = max(digits, len(strconv.FormatInt(max(m, -m), 10)))
	}
	top := e + digits - 1 // exponent of the leading digit
	scientific := top >= 6 || top < -4
	out := make([]string, len(ms))
	for i, m := range ms {
		switch {
		case m == 0 && scientific:
			out[i] = "0"
		case scientific:
			out[i] = strconv.FormatFloat(decimal(m, e-top), 'f', digits-1, 64) + "×" + power(top)
		default:
			out[i] = strconv.FormatFloat(decimal(m, e), 'f', max(0, -e), 64)
		}
		out[i] = minus(out[i])
	}
	return out
}
