package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

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

// ticksAt returns ticks at these values, where they lie on the axis: all with labels
// if these fit, else every second, every third … with one.
func (a axis) ticksAt(values []float64, fit func([]tick) bool) []tick {
	var out []tick
	for every := 1; ; every++ {
		out = out[:0]
		for i, v := range values {
			at, ok := a.place(v)
			if !ok || at < -1e-9 || at > 1+1e-9 {
				continue
			}
			label := ""
			if i%every == 0 {
				label = minus(strconv.FormatFloat(v, 'g', 4, 64))
			}
			out = append(out, tick{at, label})
		}
		if every >= len(values) || fit(out) {
			return out
		}
	}
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

func widestLabel(ticks []tick, sty text.Style) (w vg.Length) {
	for _, t := range ticks {
		w = max(w, sty.Width(t.label))
	}
	return w
}

// fitUpwards keeps labels above one another apart.
func fitUpwards(h vg.Length, sty text.Style) func([]tick) bool {
	return fits(h, func(string) vg.Length { return 0 }, 1.6*sty.Font.Size)
}

func fitAlong(w vg.Length, sty text.Style) func([]tick) bool {
	return fits(w, sty.Width, 1.2*sty.Font.Size)
}

func fits(length vg.Length, size func(string) vg.Length, gap vg.Length) func([]tick) bool {
	return func(ticks []tick) bool {
		end := vg.Length(math.Inf(-1))
		for _, t := range ticks {
			if t.label == "" {
				continue
			}
			at, half := vg.Length(t.at)*length, size(t.label)/2
			if at-half < end+gap {
				return false
			}
			end = at + half
		}
		return true
	}
}
