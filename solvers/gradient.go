package solvers

import (
	"math"
	"slices"
)

// GradientCheck is the slope test of a gradient g of f at x along a direction
// v: for a right one f(x+tv) − f(x) − t⟨g, v⟩ goes to zero as t², for a wrong
// one as t. A right gradient has Slope near 2 and a small Relative.
type GradientCheck struct {
	// Steps are the t and Errors the |f(x+tv) − f(x) − t⟨g, v⟩|, from large t to
	// small.
	Steps, Errors []float64
	// Slope is that of log Errors against log Steps, over the smallest steps
	// where these lie on a straight line, else where they are closest to one: 2
	// for a gradient (or more, where the second derivative along v vanishes), 1
	// for anything else. It is 2 where the errors are rounding alone, as those of
	// a linear f are, and NaN where f is not finite.
	Slope float64
	// Relative is the least relative error over t between the central
	// difference (f(x+tv) − f(x−tv))/2t and ⟨g, v⟩. It says little where both
	// vanish, as at a stationary point.
	Relative float64
}

// The steps are those of Manopt's checkgradient: powers of ten from 10⁰ down,
// of which a line is fitted through a few neighbours.
const (
	gradientSteps   = 51
	gradientDecades = 8
	slopeWindow     = 10
	fewestOfSlope   = 3
	// straightLine is the deviation of the logarithms from a line, root mean
	// square, up to which they count as on it. Slopes of 1.05 and 2 can be told
	// apart with it.
	straightLine = 0.02
	// roundings is how many rounding errors of f and of x an error may hold.
	roundings = 8 * 0x1p-52
)

const badGradient = "solvers: blocks of variables and of the gradient differ"

// CheckGradient tests the gradient of f at x. f reads the blocks of variables x
// in place; each is perturbed along a random direction of unit length, and put
// back bit for bit. The gradient has the blocks of x; seed picks the direction.
func CheckGradient(f func() float64, x [][]float64, gradient [][]float64, seed uint64) GradientCheck {
	v := directions(x, gradient, seed)
	start := make([][]float64, len(x))
	var slope, rounding float64 // ⟨g, v⟩, and what rounding x changes f by
	for b := range x {
		start[b] = slices.Clone(x[b])
		for i, g := range gradient[b] {
			slope += g * v[b][i]
			rounding += math.Abs(g * x[b][i])
		}
	}
	restore := func() {
		for b := range x {
			copy(x[b], start[b])
		}
	}
	defer restore() // also where f panics
	at := func(t float64) float64 {
		for b := range x {
			for i, s := range start[b] {
				x[b][i] = s + t*v[b][i]
			}
		}
		return f()
	}

	f0 := f()
	c := GradientCheck{Steps: make([]float64, gradientSteps), Errors: make([]float64, gradientSteps), Relative: math.Inf(1)}
	usable := make([]bool, gradientSteps) // above rounding
	finite, last := false, -1             // last: the smallest step that changes f
	for k := range c.Steps {
		t := math.Pow(10, -gradientDecades*float64(k)/(gradientSteps-1))
		ahead, behind := at(t), at(-t)
		e := math.Abs(ahead - f0 - t*slope)
		c.Steps[k], c.Errors[k] = t, e
		usable[k] = e > roundings*(math.Abs(f0)+math.Abs(ahead)+rounding) && !math.IsInf(e, 0)
		finite = finite || !math.IsNaN(e) && !math.IsInf(e, 0)
		if ahead != f0 {
			last = k
		}
		if r := relativeError((ahead-behind)/(2*t), slope); r < c.Relative {
			c.Relative = r
		}
	}
	// Steps too small to change f leave t⟨g, v⟩, a straight line of slope 1
	// that is no property of the gradient. A constant f is another matter.
	if last >= 0 {
		for k := last + 1; k < gradientSteps; k++ {
			usable[k] = false
		}
	}
	c.Slope = math.NaN()
	if finite {
		c.Slope = slopeOf(c.Steps, c.Errors, usable)
	}
	return c
}

// directions draws a vector of unit length for each block.
func directions(x, gradient [][]float64, seed uint64) [][]float64 {
	if len(x) != len(gradient) {
		panic(badGradient)
	}
	rnd := Stream(seed, "gradient check")
	v := make([][]float64, len(x))
	for b := range x {
		if len(x[b]) != len(gradient[b]) {
			panic(badGradient)
		}
		v[b] = make([]float64, len(x[b]))
		var norm float64
		for i := range v[b] {
			v[b][i] = rnd.NormFloat64()
			norm = math.Hypot(norm, v[b][i])
		}
		for i := range v[b] {
			v[b][i] /= norm
		}
	}
	return v
}

// relativeError is relative to the larger of the two.
func relativeError(a, b float64) float64 {
	if a == b {
		return 0
	}
	return math.Abs(a-b) / max(math.Abs(a), math.Abs(b))
}

// slopeOf fits lines to the logarithms of neighbouring steps, all of them
// usable, and picks one from small steps to large: the slope of interest is
// that in the limit, and further out higher derivatives make straight lines too.
func slopeOf(steps, errors []float64, usable []bool) float64 {
	longest, run := 0, 0
	for _, ok := range usable {
		run++
		if !ok {
			run = 0
		}
		longest = max(longest, run)
	}
	if longest < fewestOfSlope {
		return 2
	}
	window := min(longest, slopeWindow)
	best, slope := math.Inf(1), 2.0
	for k := len(steps) - window; k >= 0; k-- {
		if slices.Contains(usable[k:k+window], false) {
			continue
		}
		s, deviation := line(steps[k:k+window], errors[k:k+window])
		if deviation < best {
			best, slope = deviation, s
		}
		if best <= straightLine {
			break
		}
	}
	return slope
}

// line is the slope of the least-squares line through the logarithms, and the
// root mean square of their distances to it.
func line(x, y []float64) (slope, deviation float64) {
	n := float64(len(x))
	var mx, my float64
	for i := range x {
		mx += math.Log(x[i]) / n
		my += math.Log(y[i]) / n
	}
	var xx, xy, yy float64
	for i := range x {
		dx, dy := math.Log(x[i])-mx, math.Log(y[i])-my
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	slope = xy / xx
	return slope, math.Sqrt(max(0, yy-slope*xy) / n)
}
