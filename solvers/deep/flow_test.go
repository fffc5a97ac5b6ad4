package deep

import (
	"math"
	"math/rand/v2"
	"testing"
)

// contractionRate is a_N = b_N^(N−1) Σ_{j<N} b_N^j. For λ = 1, a step from the
// inflection point or above it shrinks the distance to the limit by at least
// 1 − ηa_N. Inferred.
func contractionRate(depth int) float64 {
	return secant(depth, 1, inflectionRoot(depth))
}

func TestFlowConstants(t *testing.T) {
	for _, c := range []struct {
		depth      int
		c, b, k, a float64
	}{
		{2, .33333, .57735, 1, 0.91068},
		{3, .4, .73681, 0.69624, 1.23761},
		{4, .42857, .80911, 0.75593, 1.58558},
		{5, .44444, .85028, 0.85320, 1.93959},
	} {
		for name, v := range map[string][2]float64{
			"c": {Inflection(c.depth), c.c}, "b": {inflectionRoot(c.depth), c.b},
			"K": {largestSlope(c.depth), c.k}, "a": {contractionRate(c.depth), c.a},
		} {
			if math.Abs(v[0]-v[1]) > 5.1e-6 {
				t.Errorf("%s_%d is %v, want %v", name, c.depth, v[0], v[1])
			}
		}
		n, cn := float64(c.depth), Inflection(c.depth)
		wantNear(t, "closed a", contractionRate(c.depth), math.Pow(cn, (n-1)/n)*(1-cn)/(1-math.Pow(cn, 1/n)), 1e-14)
	}
	for i, want := range []float64{-1.026829, -0.372063, -0.117176, 0.022224} {
		n := 3 + i
		if got := timeConstant(n); math.Abs(got-want) > 5.1e-7 {
			t.Errorf("C_%d is %v, want %v", n, got, want)
		}
		b := inflectionRoot(n)
		wantNear(t, "C", timeConstant(n), phi(n, 1, b, b-1)+math.Pi/float64(n)/math.Tan(2*math.Pi/float64(n)), 1e-13)
	}
	for i, want := range map[int]float64{1: 2, 2: 1.618034, 3: 1.465571, 4: 1.380278, 5: 1.324718, 10: 1.197491} {
		if got := PerturbedConstant(i); math.Abs(got-want) > 5.1e-7 {
			t.Errorf("c for depth %d is %v, want %v", i, got, want)
		}
	}
}

func TestFlowTime(t *testing.T) {
	for _, c := range []struct {
		depth                int
		lambda, x0, x1, want float64
	}{
		{3, -1, 1, .1, 8.631447273358},
		{4, -2, .5, .05, 98.969382050003},
		{3, .5, 1.2, .85, 0.947671612098},
	} {
		wantNear(t, "τ", Params{Depth: c.depth, Lambda: c.lambda}.FlowTime(c.x0, c.x1), c.want, 1e-12)
		wantNear(t, "τ backwards", Params{Depth: c.depth, Lambda: c.lambda}.FlowTime(c.x1, c.x0), -c.want, 1e-12)
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		depth                int
		lambda, x0, x1, want float64
	}{
		{1, 2, 1, 1.5, math.Ln2}, {1, -2, 1, -1, math.Log(3)}, {1, 2, 1, 3, nan}, {1, 2, 1, 2, inf},
		{2, 4, 1, 3, nan}, {2, 4, 1, 2, inf}, {2, 4, 3, 2, inf}, {3, 8, 2, 1, nan}, {3, 8, 2, 2, 0},
		{3, 0, 1, .5, 15.0 / 4}, {3, 1, 0, .5, nan}, {3, -1, 1, -1, nan},
	} {
		got := Params{Depth: c.depth, Lambda: c.lambda}.FlowTime(c.x0, c.x1)
		if math.IsNaN(c.want) && math.IsNaN(got) {
			continue
		}
		wantNear(t, "τ", got, c.want, 1e-15)
	}
	wantNear(t, "depth 2", Params{Depth: 2, Lambda: 3}.FlowTime(1, 1.5), math.Log(2.25*2/0.75)/6, 1e-14)
	wantNear(t, "depth 2, λ < 0", Params{Depth: 2, Lambda: -3}.FlowTime(1.5, 1), math.Log(5.25/(2.25*4))/-6, 1e-14)
}

// TestFlowTimeQuadrature compares with the integral of 1/f in ln|x − limit| or
// ln x by Simpson's rule, from far out to close to the limit, and checks that
// a small λ joins λ = 0.
func TestFlowTimeQuadrature(t *testing.T) {
	simpson := func(f func(float64) float64, a, b float64) float64 {
		const n = 20000
		h, sum := (b-a)/n, f(a)+f(b)
		for i := 1; i < n; i++ {
			sum += float64(2+2*(i%2)) * f(a+float64(i)*h)
		}
		return sum * h / 3
	}
	for depth := 2; depth <= 8; depth++ {
		for _, lambda := range []float64{-3, -1, -1e-9, 1e-9, 0.2, 1, 7} {
			l := root(math.Abs(lambda), depth)
			for _, u := range [][2]float64{{.01, .3}, {.3, .9}, {.9, .99999}, {1.5, 1.00001}, {5, 1.2}, {100, 3}, {1.9, 1.4}} {
				x0, x1 := u[0]*l, u[1]*l
				if lambda < 0 && x0 < x1 {
					x0, x1 = x1, x0
				}
				var want float64
				if lambda > 0 && math.Abs(u[1]-1) < 0.3 {
					side := math.Copysign(1, u[1]-1)
					want = simpson(func(v float64) float64 {
						gap := math.Exp(v)
						return 1 / secant(depth, l, l+side*gap)
					}, math.Log(math.Abs(x1-l)), math.Log(math.Abs(x0-l)))
				} else {
					want = simpson(func(v float64) float64 {
						x := math.Exp(v)
						return 1 / (intPower(x, depth-2) * (lambda - intPower(x, depth)))
					}, math.Log(x0), math.Log(x1))
				}
				wantNear(t, "τ by quadrature", Params{Depth: depth, Lambda: lambda}.FlowTime(x0, x1), want, 2e-9)
			}
		}
		zero := Params{Depth: depth, Lambda: 0}.FlowTime(1.3, .4)
		for _, lambda := range []float64{1e-11, 1e-14, 1e-30, 1e-300, -1e-11, -1e-14, -1e-30, -1e-300} {
			tol := 1e-12 + 10*math.Abs(lambda)/intPower(.4, depth)
			wantNear(t, "τ of small λ", Params{Depth: depth, Lambda: lambda}.FlowTime(1.3, .4), zero, tol)
		}
	}
}

// TestFlow compares with the classical Runge–Kutta method and inverts FlowTime.
func TestFlow(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 1))
	for i := range 400 {
		depth := 1 + rnd.IntN(6)
		lambda := between(rnd, 0.1, 5)
		switch rnd.IntN(5) {
		case 0:
			lambda = 0
		case 1, 2:
			lambda = -lambda
		}
		alpha := between(rnd, 0.05, 2)
		// A time at which the solution is on its way.
		end := between(rnd, 0.1, 10)
		if lambda > 0 && depth > 1 {
			end *= 1e-3 + Params{Depth: depth, Lambda: lambda, Alpha: alpha}.ConvexTime()
		}
		got := Params{Depth: depth, Lambda: lambda, Alpha: alpha}.Flow(end)

		if i < 200 {
			f := func(y float64) float64 { q := intPower(y, depth-1); return -q * (q*y - lambda) }
			const steps = 200000
			y, h := alpha, end/steps
			for range steps {
				k1 := f(y)
				k2 := f(y + h/2*k1)
				k3 := f(y + h/2*k2)
				k4 := f(y + h*k3)
				y += h / 6 * (k1 + 2*k2 + 2*k3 + k4)
			}
			if !(math.Abs(got-y) <= 1e-9*max(1, math.Abs(y))) {
				t.Errorf("N=%d λ=%v α=%v: y(%v) is %v, Runge–Kutta gives %v", depth, lambda, alpha, end, got, y)
			}
		}

		if depth > 1 {
			// dt/dy = 1/f: what one rounding of y does to t is not an error.
			slope := math.Abs(intPower(got, depth-1) * (intPower(got, depth) - lambda))
			back := Params{Depth: depth, Lambda: lambda}.FlowTime(alpha, got)
			if slope > 1e-9 && !(math.Abs(back-end) <= 1e-12*end+2e-15*got/slope+1e-15*alpha/math.Abs(intPower(alpha, depth-1)*(intPower(alpha, depth)-lambda))) {
				t.Errorf("N=%d λ=%v α=%v: τ of y(%v) is %v", depth, lambda, alpha, end, back)
			}
		}
	}
}

func TestFlowExtremes(t *testing.T) {
	for depth := 1; depth <= 7; depth++ {
		wantNear(t, "y(0)", Params{Depth: depth, Lambda: 2, Alpha: 0.3}.Flow(0), 0.3, 0)
		if depth == 1 {
			continue
		}
		wantNear(t, "limit from below", Params{Depth: depth, Lambda: 3, Alpha: 1e-2}.Flow(1e40), root(3, depth), 3e-16)
		wantNear(t, "limit from above", Params{Depth: depth, Lambda: 3, Alpha: 50}.Flow(1e9), root(3, depth), 3e-16)
		n := float64(2*depth - 2)
		wantNear(t, "λ = 0", Params{Depth: depth, Lambda: 0, Alpha: 0.7}.Flow(5), math.Pow(math.Pow(0.7, -n)+n*5, -1/n), 1e-14)
		wantNear(t, "λ near 0", Params{Depth: depth, Lambda: 1e-30, Alpha: 0.7}.Flow(5), Params{Depth: depth, Lambda: 0, Alpha: 0.7}.Flow(5), 1e-14)
		wantNear(t, "λ near 0", Params{Depth: depth, Lambda: -1e-12, Alpha: 0.7}.Flow(5), Params{Depth: depth, Lambda: 0, Alpha: 0.7}.Flow(5), 1e-9)
		if y := (Params{Depth: depth, Lambda: -2, Alpha: 50}).Flow(1e6); !(y >= 0 && y < 0.5) {
			t.Errorf("N=%d: y is %v late", depth, y)
		}
		if y := (Params{Depth: depth, Lambda: 2, Alpha: 0.3}).Flow(-1); !math.IsNaN(y) {
			t.Errorf("y(−1) is %v", y)
		}
	}
	wantNear(t, "depth 2, far down", Params{Depth: 2, Lambda: -1, Alpha: 1}.Flow(400), math.Exp(-400)/math.Sqrt2, 1e-12)
}

func BenchmarkFlow(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Params{Depth: 4, Lambda: 2, Alpha: 0.1}.Flow(30)
	}
}
