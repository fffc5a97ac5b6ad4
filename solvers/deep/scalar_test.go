package deep

import (
	"math"
	"math/rand/v2"
	"testing"
)

// wantNear compares up to a relative tolerance.
func wantNear(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if got == want {
		return
	}
	if !(math.Abs(got-want) <= tol*math.Abs(want)) {
		t.Errorf("%s is %.15g, want %.15g", name, got, want)
	}
}

// between is a random number, uniform in the logarithm.
func between(rnd *rand.Rand, lo, hi float64) float64 {
	return lo * math.Pow(hi/lo, rnd.Float64())
}

func TestScalarStep(t *testing.T) {
	wantNear(t, "depth 1", Params{Depth: 1, Lambda: 1, Eta: 0.25}.Step(3), 3-0.25*2, 0)
	wantNear(t, "depth 3", Params{Depth: 3, Lambda: 2, Eta: 0.25}.Step(0.5), 0.5-0.25*0.25*(0.125-2), 0)
	if k, ok := firstWithin((Params{Depth: 1, Lambda: -1, Alpha: 0.5, Eta: 0.5}), 1e-3, 100); !ok || k != 11 { // 1.5·2^−k
		t.Errorf("depth 1 takes %d steps (%v), want 11", k, ok)
	}
	if _, ok := firstWithin((Params{Depth: 1, Lambda: 1, Alpha: 2, Eta: 2.1}), 0.1, 100000); ok {
		t.Error("a divergent iteration arrived")
	}
	if k, ok := firstWithin((Params{Depth: 3, Lambda: 1, Alpha: 0.1, Eta: 0.01}), 1e-3, 5); ok || k != 5 {
		t.Errorf("the limit gave %d, %v", k, ok)
	}
	for _, n := range []int{0, 1, 5, 13} {
		if got := intPower(3, n); got != math.Round(math.Pow(3, float64(n))) {
			t.Errorf("3^%d is %v", n, got)
		}
	}
}

// TestScalarLimits checks Lemma 2.2, Remark 2.3 and Lemma B.1 on random problems.
func TestScalarLimits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		depth := 2 + rnd.IntN(5)
		lambda := between(rnd, 0.1, 10)
		if rnd.IntN(2) == 0 {
			lambda = -lambda
		}
		alpha := between(rnd, 0.1, 2)
		limit := root(max(lambda, 0), depth)
		eta := rnd.Float64() * Params{Depth: depth, Lambda: lambda, Alpha: alpha}.ScalarStepLimit()
		if alpha <= limit {
			eta = rnd.Float64() * growthStepLimit(depth, lambda)
		}
		for d, k := alpha, 0; k < 2000; k++ {
			next := Params{Depth: depth, Lambda: lambda, Eta: eta}.Step(d)
			const round = 1e-14
			if !(next >= min(alpha, limit)*(1-round) && next <= max(alpha, limit)*(1+round)) ||
				(next-d)*(limit-alpha) < -round*d*d {
				t.Fatalf("N=%d λ=%v α=%v η=%v: %v follows %v", depth, lambda, alpha, eta, next, d)
			}
			d = next
		}

		if eta := 1.01 * (Params{Depth: depth, Lambda: lambda, Alpha: alpha}).DivergentStep(); !math.IsInf(eta, 1) {
			if d := (Params{Depth: depth, Lambda: lambda, Eta: eta}).Step(alpha); !(math.Abs(d) > alpha) {
				t.Errorf("N=%d λ=%v α=%v η=%v: no growth", depth, lambda, alpha, eta)
			}
		}
		if lambda > 0 {
			for _, factor := range []float64{0.99, 1.01} {
				const h = 1e-3
				eta := factor * Params{Depth: depth, Lambda: lambda}.UnstableStep()
				next := Params{Depth: depth, Lambda: lambda, Eta: eta}.Step(limit * (1 + h*1e-3))
				if grown := math.Abs(next-limit) > limit*h*1e-3; grown != (factor > 1) {
					t.Errorf("N=%d λ=%v η=%v: growth from the limit is %v", depth, lambda, eta, grown)
				}
			}
		}
	}
}

// TestPair checks the recursion (40), (41) against a product of N scalar
// factors, the identities of Lemma 2.9, the orders of (50), Lemma D.2 and Lemma
// D.3, the limit of Lemma 2.12, and the phase transition of Lemma 2.11.
func TestPair(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 1))
	transitions, limits := 0, 0
	for range 300 {
		depth := 2 + rnd.IntN(4)
		lambda := between(rnd, 0.3, 3)
		if rnd.IntN(2) == 0 {
			lambda = -lambda
		}
		alpha := between(rnd, 0.3, 1.5)
		c := PerturbedConstant(depth)
		beta := alpha * (c - 1) * (0.3 + 0.6*rnd.Float64())
		eta := (0.3 + 0.6*rnd.Float64()) * Params{Depth: depth, Lambda: math.Abs(lambda), Alpha: alpha}.PerturbedStepLimit()

		factors := make([]float64, depth)
		for i := range factors {
			factors[i] = alpha
		}
		factors[0] -= beta
		gradients := make([]float64, depth)

		p := NewFactorPair(alpha, beta)
		start := p.Product(depth)
		x, y := alpha, alpha-beta
		for k := range 400 {
			product := p.Product(depth)
			r := intPower(p.A, depth-2) * (product - lambda)
			next := p.Step(Params{Depth: depth, Lambda: lambda, Eta: eta})
			wantNear(t, "Δ", next.A-next.B, (1+eta*r)*(p.A-p.B), 1e-12)
			wantNear(t, "Γ", next.A*next.A-next.B*next.B, (1-eta*eta*r*r)*(p.A*p.A-p.B*p.B), 1e-12)

			for i := range factors {
				rest := 1.0
				for j, f := range factors {
					if j != i {
						rest *= f
					}
				}
				gradients[i] = rest * (rest*factors[i] - lambda)
			}
			for i := range factors {
				factors[i] -= eta * gradients[i]
			}
			if math.Abs(factors[0]-next.B) > 1e-13 || math.Abs(factors[depth-1]-next.A) > 1e-13 {
				t.Fatalf("N=%d λ=%v: step %d gives %v, the factors %v", depth, lambda, k, next, factors)
			}

			const round = 1e-13
			switch px, py := intPower(x, depth), intPower(y, depth); {
			case lambda < 0 && p.B > 0:
				if p.B > y+round || y > x+round || x > p.A+round || p.A > alpha || p.A-p.B < beta-round {
					t.Fatalf("N=%d λ=%v step %d: (50) fails at %v, x %v, y %v", depth, lambda, k, p, x, y)
				}
			case lambda > 0 && start <= lambda:
				if py > product+round || product > lambda*(1+round) || p.A > c*root(lambda, depth)*(1+round) {
					t.Fatalf("N=%d λ=%v step %d: Lemma D.2 fails at %v", depth, lambda, k, p)
				}
			case lambda > 0:
				if product < lambda*(1-round) || product > px*(1+round) {
					t.Fatalf("N=%d λ=%v step %d: Lemma D.3 fails at %v", depth, lambda, k, p)
				}
			}
			x, y = Params{Depth: depth, Lambda: lambda, Eta: eta}.Step(x), Params{Depth: depth, Lambda: lambda, Eta: eta}.Step(y)
			p = next
		}

		if lambda > 0 {
			if got := (Params{Depth: depth, Lambda: lambda, Alpha: alpha, Beta: beta, Eta: eta}).TransitionBound(); got != math.MaxInt {
				t.Errorf("transition bound %d for λ > 0", got)
			}
			continue
		}
		bound := Params{Depth: depth, Lambda: lambda, Alpha: alpha, Beta: beta, Eta: eta}.TransitionBound()
		if bound > 1e6 {
			continue
		}
		transitions++
		if k, ok := transition((Params{Depth: depth, Lambda: lambda, Alpha: alpha, Beta: beta, Eta: eta}), bound); !ok {
			t.Errorf("N=%d λ=%v α=%v β=%v η=%v: b is positive after %d steps, the bound", depth, lambda, alpha, beta, eta, k)
		}
		for k := 0; k < 20*bound && math.Abs(p.Product(depth)-lambda) > 1e-9; k++ {
			p = p.Step(Params{Depth: depth, Lambda: lambda, Eta: eta})
		}
		if math.Abs(p.Product(depth)-lambda) > 1e-9 {
			t.Errorf("N=%d λ=%v α=%v β=%v: the product is %v", depth, lambda, alpha, beta, p.Product(depth))
		}
		limits++
	}
	if transitions < 50 || limits < 50 {
		t.Errorf("only %d transitions and %d limits were checked", transitions, limits)
	}
}

// TestPairLimits: |a| and |b| do not have the same limit for λ < 0.
func TestPairLimits(t *testing.T) {
	p := NewFactorPair(0.5, 0.25)
	for range 20000 {
		p = p.Step(Params{Depth: 2, Lambda: -1, Eta: 0.01})
	}
	if math.Abs(p.A-1.0471) > 5e-5 || math.Abs(p.B+0.9550) > 5e-5 {
		t.Errorf("limits %v", p)
	}
}

// firstWithin counts the steps of (18) from α until |d^N − λ₊| ≤ ε, the T of
// Theorem 2.4. Depth 1 converges to λ of either sign, so there λ₊ is λ. ok is
// false if limit steps do not suffice or the iterates leave the finite numbers.
func firstWithin(p Params, eps float64, limit int) (k int, ok bool) {
	target := p.Lambda
	if p.Depth > 1 {
		target = max(p.Lambda, 0)
	}
	d := p.Alpha
	for k = 0; ; k++ {
		product := intPower(d, p.Depth-1) * d
		switch {
		case math.Abs(product-target) <= eps:
			return k, true
		case k >= limit || math.IsNaN(product) || math.IsInf(product, 0):
			return k, false
		}
		d = p.Step(d)
	}
}

// transition counts the steps of (40) and (41) from the perturbed start until
// b ≤ 0, the phase transition (46). ok is false if it does not happen in limit
// steps.
func transition(p Params, limit int) (k int, ok bool) {
	for s := NewFactorPair(p.Alpha, p.Beta); ; k++ {
		switch {
		case s.B <= 0:
			return k, true
		case k >= limit:
			return k, false
		}
		s = s.Step(p)
	}
}

// growthStepLimit is 1/(N λ^(2−2/N)): up to it (18) grows monotonically to
// λ^(1/N) from any α with 0 < α^N ≤ λ (Lemma 2.2; inferred).
func growthStepLimit(depth int, lambda float64) float64 {
	return timeScale(depth, lambda) / float64(depth)
}
