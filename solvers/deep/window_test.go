package deep

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestEffectiveRank(t *testing.T) {
	for _, c := range []struct {
		sigma []float64
		want  float64
	}{
		{nil, 0}, {[]float64{0, 0}, 0}, {[]float64{10, 5, 1, 0}, 1.6}, {[]float64{1, -4, 2}, 1.75}, {[]float64{1e308, 1e308}, 2},
	} {
		wantNear(t, fmt.Sprint(c.sigma), EffectiveRank(c.sigma), c.want, 1e-15)
	}
}

func TestWindowTable(t *testing.T) {
	lambda := make([]float64, 10)
	copy(lambda, []float64{10, 5, 1})
	for _, c := range []struct {
		depth int
		alpha float64
		want  [3][2]float64
	}{
		{2, 1e-3, [3][2]float64{{409, 529}, {782, 2323}, {3558, math.Inf(1)}}},
		{3, 0.05, [3][2]float64{{3088, 5672}, {6164, 27080}, {31100, math.Inf(1)}}},
	} {
		eta := 0.1 * Params{Depth: c.depth, Lambda: 10, Alpha: c.alpha}.StepLimit()
		for i, want := range c.want {
			lo, hi, bound := RankWindow{L: i + 1, Eps: 0.1, EpsPrime: 0.1}.Iterations(Params{Depth: c.depth, Alpha: c.alpha, Eta: eta}, lambda)
			if float64(lo) != want[0] || math.Floor(hi) != want[1] || !(bound < 0.3) {
				t.Errorf("N=%d L=%d: [%d, %v], bound %v, want %v", c.depth, i+1, lo, hi, bound, want)
			}
		}
	}
	if lo, hi, bound := (RankWindow{L: 3, Eps: 0.1, EpsPrime: 0.1}).Iterations(Params{Depth: 2, Alpha: 2, Eta: 1e-3}, lambda); lo != math.MaxInt || !math.IsNaN(hi) || !math.IsNaN(bound) {
		t.Errorf("a window for α² > λ_L: %v %v %v", lo, hi, bound)
	}
}

func randomSpectrum(rnd *rand.Rand, n int) []float64 {
	lambda := make([]float64, n)
	for i := range lambda {
		if rnd.IntN(4) > 0 {
			lambda[i] = between(rnd, 1e-2, 10)
		}
	}
	lambda[0] = between(rnd, 1, 10)
	slices.Sort(lambda)
	slices.Reverse(lambda)
	return lambda
}

// TestWindow runs gradient descent through the windows of random spectra.
func TestWindow(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 1))
	windows, closed := 0, 0
	for range 300 {
		depth := 2 + rnd.IntN(3)
		n := 2 + rnd.IntN(5)
		lambda := randomSpectrum(rnd, n)
		alpha := between(rnd, 0.02, 0.3)
		if depth > 2 {
			alpha = between(rnd, 0.15, 0.5)
		}
		eps := between(rnd, 0.02, 0.5)
		epsPrime := between(rnd, 0.02, Inflection(depth)*0.99)
		L := 1 + rnd.IntN(n)
		eta := between(rnd, 0.1, 0.99) * Params{Depth: depth, Lambda: lambda[0], Alpha: alpha}.StepLimit()
		lo, hi, bound := RankWindow{L: L, Eps: eps, EpsPrime: epsPrime}.Iterations(Params{Depth: depth, Alpha: alpha, Eta: eta}, lambda)
		if math.IsNaN(bound) || lo > 200000 || float64(lo) > hi {
			continue
		}
		windows++
		if !math.IsInf(hi, 1) {
			closed++
		}
		want := EffectiveRank(lambda[:L])
		d, z := make([]float64, n), make([]float64, n)
		for i := range d {
			d[i] = alpha
		}
		for k := 0; k <= lo+3000 && float64(k) <= hi; k++ {
			for i := range d {
				z[i] = intPower(d[i], depth)
			}
			if r := EffectiveRank(z); k >= lo && math.Abs(r-want) > bound*(1+1e-12) {
				t.Errorf("N=%d λ=%v α=%v L=%d: r is %v at %d in [%d, %v], want %v ± %v", depth, lambda, alpha, L, r, k, lo, hi, want, bound)
				break
			}
			for i := range d {
				d[i] = Params{Depth: depth, Lambda: lambda[i], Eta: eta}.Step(d[i])
			}
		}
	}
	if windows < 50 || closed < 10 {
		t.Errorf("only %d windows, %d of them with an end", windows, closed)
	}
}

// TestFlowWindow checks Theorem 3.1 and its explicit end of I2.
func TestFlowWindow(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 1))
	checked, ends := 0, 0
	for range 2000 {
		n := 2 + rnd.IntN(6)
		lambda := randomSpectrum(rnd, n)
		alpha := between(rnd, 1e-3, 0.5)
		delta := between(rnd, 0.01, 0.5)
		L := 1 + rnd.IntN(n)
		M := L + rnd.IntN(n-L+1)
		i1, i2, i3, bound := FlowWindow{L: L, M: M, Delta: delta}.Times(lambda, alpha)
		if alpha*alpha >= lambda[L-1] {
			if !math.IsNaN(i1) {
				t.Errorf("a window for α² ≥ λ_L")
			}
			continue
		}
		want := EffectiveRank(lambda[:L])
		z := make([]float64, n)
		for range 20 {
			at := max(i1, i3, 0) + between(rnd, 1e-3, 100)/lambda[0]
			if M > L && rnd.IntN(2) == 0 {
				at = max(i3, 0) + (i2-max(i3, 0))*rnd.Float64()
			}
			if math.IsNaN(at) || math.IsInf(at, 0) {
				continue
			}
			for i, l := range lambda {
				z[i] = Params{Depth: 2, Lambda: l, Alpha: alpha}.FlowEigenvalue(at)
				if lo, hi := min(alpha*alpha, l), max(alpha*alpha, l); z[i] < lo*(1-1e-13) || z[i] > hi*(1+1e-13) {
					t.Errorf("z(%v) is %v for λ=%v α=%v", at, z[i], l, alpha)
				}
				if i > 0 && z[i] > z[i-1]*(1+1e-14) {
					t.Errorf("Lemma 3.4: %v at λ=%v", z, lambda)
				}
			}
			if M > L && at >= i3 && at <= i2 {
				ends++
				if z[L] > delta*z[0]*(1+1e-12) {
					t.Errorf("λ=%v α=%v δ=%v L=%d: the ratio is %v at %v ≤ %v", lambda, alpha, delta, L, z[L]/z[0], at, i2)
				}
			}
			if (FlowWindow{L: L, M: M, Delta: delta}).Holds(lambda, alpha, at) {
				checked++
				if r := EffectiveRank(z); math.Abs(r-want) > bound*(1+1e-12) {
					t.Errorf("λ=%v α=%v δ=%v L=%d M=%d: r(%v) is %v, want %v ± %v", lambda, alpha, delta, L, M, at, r, want, bound)
				}
			} else if at >= max(i1, i3) && at <= i2 {
				t.Errorf("%v lies in the window but is refused", at)
			}
		}
	}
	if checked < 1000 || ends < 100 {
		t.Errorf("only %d times in windows, %d before the end of I2", checked, ends)
	}
}
