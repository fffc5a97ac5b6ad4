package deep

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/internal/testsolvers"
)

func TestConvexTime(t *testing.T) {
	for _, c := range []struct {
		depth               int
		lambda, alpha, want float64
	}{
		{2, 1, .1, 1.950986334787}, {3, 1, .1, 8.968168865447}, {4, 1, .1, 49.622937026740},
		{3, 10, .1, 0.952288811608}, {2, 5, .01, 1.012661110365},
	} {
		got := Params{Depth: c.depth, Lambda: c.lambda, Alpha: c.alpha}.ConvexTime()
		wantNear(t, "T⁺", got, c.want, 1e-12)
		n := float64(c.depth)
		l := math.Pow(c.lambda, 1/n)
		wantNear(t, "scaled T⁺", math.Pow(c.lambda, -2+2/n)*Params{Depth: c.depth, Lambda: 1, Alpha: c.alpha / l}.ConvexTime(), got, 1e-12)
		if c.depth == 2 {
			a := c.alpha * c.alpha
			wantNear(t, "T⁺_2", got, math.Log((c.lambda-a)/(2*a))/(2*c.lambda), 1e-12)
			continue
		}
		// Remark 1.2: u²/2 ≤ ρ ≤ u²/(2(1−u^N)).
		u := c.alpha / l
		rho := 1/(n-2)/math.Pow(u, n-2) + timeConstant(c.depth) - got/math.Pow(c.lambda, -2+2/n)
		if rho < u*u/2*(1-1e-9) || rho > u*u/(2*(1-math.Pow(u, n)))*(1+1e-9) {
			t.Errorf("N=%d: ρ(%v) is %v", c.depth, u, rho)
		}
	}
	for _, lambda := range []float64{-1, 0, 1} {
		if got := (Params{Depth: 3, Lambda: lambda, Alpha: 0.9}).ConvexTime() + (Params{Depth: 3, Lambda: lambda, Alpha: 0.9}).Lag(); got != 0 {
			t.Errorf("T⁺ + s is %v for λ = %v past the inflection", got, lambda)
		}
	}
}

func TestTimeBoundTable(t *testing.T) {
	for _, c := range []struct {
		depth              int
		lambda, alpha, eps float64
		lower              string
		count, upper       int
	}{
		{2, 1, .1, .01, "30.60", 36, 55},
		{3, 1, .1, .01, "143.27", 151, 180},
		{4, 1, .2, .01, "261.20", 270, 305},
		{3, 1, .1, .7, "122.62", 125, 129},
		{3, 10, .1, .1, "304.95", 314, 350},
		{3, -1, .5, .001, "NaN", 109, 111},
		{3, .1, 1, .05, "NaN", 72, 74},
		{2, 0, .5, .01, "NaN", 94, 96},
	} {
		eta := Params{Depth: c.depth, Lambda: math.Abs(c.lambda), Alpha: c.alpha}.StepLimit() / 2
		lower := fmt.Sprintf("%.2f", Params{Depth: c.depth, Lambda: c.lambda, Alpha: c.alpha, Eta: eta}.LowerBound(c.eps))
		count, ok := firstWithin(Params{Depth: c.depth, Lambda: c.lambda, Alpha: c.alpha, Eta: eta}, c.eps, 1000)
		upper := Params{Depth: c.depth, Lambda: c.lambda, Alpha: c.alpha, Eta: eta}.TimeBound(c.eps)
		if lower != c.lower || count != c.count || !ok || upper != c.upper {
			t.Errorf("N=%d λ=%v α=%v ε=%v: %s ≤ %d ≤ %d, want %s ≤ %d ≤ %d",
				c.depth, c.lambda, c.alpha, c.eps, lower, count, upper, c.lower, c.count, c.upper)
		}
	}
}

// TestTimeBound checks Theorem 2.4, lower ≤ true ≤ upper, on random problems,
// and that all four cases occurred.
func TestTimeBound(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 1))
	var cases [4]int
	for range 3000 {
		depth := 2 + rnd.IntN(4)
		lambda := between(rnd, 0.05, 20)
		switch rnd.IntN(6) {
		case 0:
			lambda = 0
		case 1:
			lambda = -lambda
		}
		alpha := between(rnd, 0.1, 1.5)
		if depth > 3 {
			alpha = between(rnd, 0.25, 1.5)
		}
		distance := math.Abs(intPower(alpha, depth) - max(lambda, 0))
		eps := distance * between(rnd, 1e-4, 0.999)
		eta := between(rnd, 0.05, 0.999) * Params{Depth: depth, Lambda: math.Abs(lambda), Alpha: alpha}.StepLimit()
		upper := Params{Depth: depth, Lambda: lambda, Alpha: alpha, Eta: eta}.TimeBound(eps)
		if upper > 1e6 {
			continue
		}
		lower := Params{Depth: depth, Lambda: lambda, Alpha: alpha, Eta: eta}.LowerBound(eps)
		count, ok := firstWithin(Params{Depth: depth, Lambda: lambda, Alpha: alpha, Eta: eta}, eps, upper)
		if !ok || lower > float64(count) {
			t.Errorf("N=%d λ=%v α=%v ε=%v η=%v: %v ≤ %d ≤ %d fails", depth, lambda, alpha, eps, eta, lower, count, upper)
		}
		growth := lambda > intPower(alpha, depth)
		if math.IsNaN(lower) == growth {
			t.Errorf("the lower bound is %v, λ=%v α=%v N=%d", lower, lambda, alpha, depth)
		}
		switch {
		case lambda < 0:
			cases[0]++
		case !growth:
			cases[1]++
		case convexTarget(depth, lambda, eps):
			cases[2]++
		default:
			cases[3]++
		}
	}
	for i, n := range cases {
		if n < 50 {
			t.Errorf("case %d occurred %d times", i+1, n)
		}
	}
}

func TestTimeBoundEdges(t *testing.T) {
	if got := (Params{Depth: 3, Lambda: 1, Alpha: 0.1, Eta: 0.01}).TimeBound(0.999); got != 0 {
		t.Errorf("%d iterations for ε = λ − α^N", got)
	}
	if got := (Params{Depth: 3, Lambda: 1, Alpha: 0.1, Eta: 0.01}).LowerBound(0.9995); got != 0 {
		t.Errorf("lower bound %v for ε > λ − α^N", got)
	}
	if got := (Params{Depth: 4, Lambda: 1, Alpha: 1e-9, Eta: 1e-9}).TimeBound(0.01); got != math.MaxInt {
		t.Errorf("%d iterations from nearly nothing", got)
	}
	// Accuracies below the rounding of λ are still finite, from either side.
	for _, alpha := range []float64{0.5, 1.5} {
		a, b := Params{Depth: 3, Lambda: 1, Alpha: alpha, Eta: 1e-3}.TimeBound(1e-16), Params{Depth: 3, Lambda: 1, Alpha: alpha, Eta: 1e-3}.TimeBound(1e-18)
		per := math.Log(100) / (1e-3 * 3) // iterations for a factor 100 at the rate N
		if float64(b-a) < 0.99*per || float64(b-a) > 3.1*per {
			t.Errorf("α=%v: %d and %d iterations, want about %v more", alpha, a, b, per)
		}
	}
	testsolvers.Panics(t, map[string]func(){
		"depth": func() { Params{Depth: 1, Lambda: 1, Alpha: .1, Eta: .1}.TimeBound(.1) },
		"ε":     func() { Params{Depth: 2, Lambda: 1, Alpha: .1, Eta: .1}.TimeBound(0) },
		"β":     func() { Params{Depth: 2, Lambda: 1, Alpha: .1, Beta: .2, Eta: .1}.PerturbedTimeBound(.1) },
		"flow":  func() { Params{Depth: 0, Lambda: 1}.FlowTime(.1, .2) },
		"pair":  func() { FactorPair{}.Step(Params{Depth: 1, Lambda: 1, Eta: 1}) },
	})
}

// TestPerturbedTimeBound checks (15) and (16): the error is at most ε from the
// bound on.
func TestPerturbedTimeBound(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 1))
	var cases [3]int
	for range 600 {
		depth := 2 + rnd.IntN(3)
		lambda := between(rnd, 0.2, 4)
		alpha := between(rnd, 0.2, 1.2)
		if rnd.IntN(2) == 0 {
			lambda = -lambda
		}
		beta := alpha * (PerturbedConstant(depth) - 1) * (0.3 + 0.69*rnd.Float64())
		eps := math.Abs(lambda) * between(rnd, 1e-3, 0.9)
		eta := between(rnd, 0.2, 0.99) * Params{Depth: depth, Lambda: math.Abs(lambda), Alpha: alpha}.PerturbedStepLimit()
		bound := Params{Depth: depth, Lambda: lambda, Alpha: alpha, Beta: beta, Eta: eta}.PerturbedTimeBound(eps)
		if lambda < 0 && intPower(alpha, depth) > -lambda {
			if bound != math.MaxInt {
				t.Errorf("bound %d where there is none", bound)
			}
			continue
		}
		if bound > 1e6 {
			continue
		}
		p := NewFactorPair(alpha, beta)
		switch {
		case lambda < 0:
			cases[0]++
		case p.Product(depth) <= lambda:
			cases[1]++
		default:
			cases[2]++
		}
		for range bound {
			p = p.Step(Params{Depth: depth, Lambda: lambda, Eta: eta})
		}
		for k := range 500 {
			if e := math.Abs(p.Product(depth) - lambda); e > eps*(1+1e-12) {
				t.Errorf("N=%d λ=%v α=%v β=%v ε=%v η=%v: error %v, %d steps after the bound %d", depth, lambda, alpha, beta, eps, eta, e, k, bound)
				break
			}
			p = p.Step(Params{Depth: depth, Lambda: lambda, Eta: eta})
		}
	}
	for i, n := range cases {
		if n < 30 {
			t.Errorf("case %d occurred %d times", i, n)
		}
	}
}

// estimate is the estimate (12) of T_N^Id for small α and ε ≪ λ with the step
// η = κ/((3N−2)‖Ŵ‖^(2−2/N)), norm = ‖Ŵ‖ (Remark 1.2; inferred):
//
//	((3N−2)/κ) (‖Ŵ‖/λ)^(2−2/N) [(λ/α^N)^((N−2)/N)/(N−2) + C_N + ln((1−b_N)Nλ/ε)/a_N]
//
// For N = 2 the first two terms are ln((λ/α²−1)/2)/2.
func estimate(depth int, lambda, norm, alpha, eps, kappa float64) float64 {
	n := float64(depth)
	first := math.Log((lambda/(alpha*alpha)-1)/2) / 2
	if depth > 2 {
		first = intPower(root(lambda, depth)/alpha, depth-2)/(n-2) + timeConstant(depth)
	}
	second := math.Log((1-inflectionRoot(depth))*n*lambda/eps) / contractionRate(depth)
	return (3*n - 2) / kappa * math.Pow(norm/lambda, 2-2/n) * (first + second)
}

// TestEstimate: (12) agrees within 2 % with the bound less its lag.
func TestEstimate(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 1))
	for range 200 {
		depth := 2 + rnd.IntN(4)
		lambda := between(rnd, 0.5, 10)
		norm := lambda * between(rnd, 1, 3)
		alpha := root(lambda, depth) * between(rnd, 0.02, 0.2)
		eps := lambda * between(rnd, 1e-5, 1e-2)
		kappa := between(rnd, 1e-3, 0.1)
		eta := kappa * Params{Depth: depth, Lambda: norm, Alpha: alpha}.StepLimit()
		bound := float64(Params{Depth: depth, Lambda: lambda, Alpha: alpha, Eta: eta}.TimeBound(eps)) - Params{Depth: depth, Lambda: lambda, Alpha: alpha}.Lag()
		wantNear(t, fmt.Sprintf("estimate, N=%d λ=%v α=%v ε=%v κ=%v", depth, lambda, alpha, eps, kappa),
			estimate(depth, lambda, norm, alpha, eps, kappa), bound, 0.02)
	}
}

func TestStepLimits(t *testing.T) {
	wantNear(t, "(10)", Params{Depth: 3, Lambda: 8, Alpha: 1}.StepLimit(), 1.0/(7*16), 1e-15)
	wantNear(t, "(10), large α", Params{Depth: 3, Lambda: 8, Alpha: 3}.StepLimit(), 1.0/(7*81), 1e-15)
	wantNear(t, "Lemma 2.2, λ > 0", Params{Depth: 3, Lambda: 8, Alpha: 1}.ScalarStepLimit(), 1.0/(5*16), 1e-15)
	wantNear(t, "Lemma 2.2, λ < 0", Params{Depth: 3, Lambda: -8, Alpha: 1}.ScalarStepLimit(), 1.0/(7*16), 1e-15)
	wantNear(t, "Lemma 2.2, N = 1", Params{Depth: 1, Lambda: -8, Alpha: 1}.ScalarStepLimit(), 2, 0)
	wantNear(t, "sharp", growthStepLimit(3, 8), 1.0/(3*16), 1e-14)
	wantNear(t, "Lemma B.1 (ii)", Params{Depth: 3, Lambda: 8}.UnstableStep(), 2.0/(3*16), 1e-14)
	wantNear(t, "Lemma B.1 (iii)", Params{Depth: 3, Lambda: 8, Alpha: 3}.DivergentStep(), 2.0/(3*19), 1e-15)
	wantNear(t, "Lemma B.1, even N", Params{Depth: 2, Lambda: -4, Alpha: 1}.DivergentStep(), 2.0/5, 1e-15)
	wantNear(t, "(14)", Params{Depth: 2, Lambda: 4, Alpha: 1}.PerturbedStepLimit(), 1/(18*4*math.Pow(math.Phi, 2)), 1e-15)
	if !math.IsInf((Params{Depth: 3, Lambda: -1}).UnstableStep(), 1) || !math.IsInf((Params{Depth: 3, Lambda: 8, Alpha: 1}).DivergentStep(), 1) {
		t.Error("a threshold where there is none")
	}
}
