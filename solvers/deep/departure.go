package deep

import (
	"fmt"
	"math"

	"lowrank/solvers"
)

// departure estimates what small errors of the direct method grow to, which does not
// know that the factors are equal and diagonal in V. Beside a trajectory with
// negative eigenvalues there are two ways out:
//
//   - a gap Δ between two factors in one direction is multiplied by 1 + ηr,
//     r = d^(N−2)(d^N − λ) (Lemma 2.9), which exceeds 1 where λ < 0 and then keeps Δd
//     while d falls to 0. Of the product it changes about Δ²d^(N−2)/4;
//
//   - an entry of W_1 that leads from direction i to l, and one of W_N that leads back,
//     see the other factors in direction l. With e = p_i − λ_i of the most negative
//     λ_i the loss has there the second derivative
//
//     [ (a^(N−1))²   e·a^(N−2)     ]
//     [ e·a^(N−2)    (a^(N−2)b)²   ]     a and b those of direction l,
//
//     whose eigenvalue below 0 is the rate. It changes the product by a^(N−1) times
//     such an entry.
//
// Both are followed as variances, into which each step adds what rounding a factor to
// float64 does: (u‖W_j‖_F/n)², spread over the directions. What Ŵ lacks to be symmetric,
// S = (Ŵ − Ŵᵀ)/2, adds to the second the same in every step, ηS_li·a^(N−1) to the entry
// of W_1 and −ηS_li·a^(N−2)b to that of W_N: just along the way out. That is followed as
// an amplitude. The product changes by no more than |λ_i|, of each negative λ_i.
//
// Of a diagonal Ŵ nothing leaves the diagonals, and with two factors no gap opens: both
// make the same operations. Nor do two factors differ that start equal and stay
// W_2 = W_1ᵀ to the last bit, as products do that are rounded the same in both orders:
// their product W_1ᵀW_1 has no negative eigenvalue.
//
// From the step on at which the largest eigenvalue repels, rounding errors grow beside it
// too, in ways that are not followed: nothing is said there.
type departure struct {
	gap, turn   []float64
	drift       []float64 // the amplitude of turn that S makes
	alike       int       // how many λ_i grow about as the most negative one does
	never       bool
	unpredicted string
	at          int // the first iterate at which it has a tenth of the product, or −1
}

// departed is the part of the product that is another product.
const departed = 0.1

func newDeparture(of *Decomposition, depth int, eta float64, pairs bool) *departure {
	n := len(of.Values)
	d := &departure{gap: make([]float64, n), turn: make([]float64, n), drift: make([]float64, n), at: -1}
	least := of.Values[n-1]
	top := max(math.Abs(of.Values[0]), math.Abs(least))
	if limit := (Params{Depth: depth, Lambda: top}).UnstableStep(); depth > 1 && !(eta < limit) {
		d.never, d.unpredicted = true, fmt.Sprintf("the step η = %.6g is not below 2/(N‖Ŵ‖^(2−2/N)) = %.6g", eta, limit)
		return d
	}
	diagonal := of.exact() && of.skew == nil
	d.never = depth < 2 || !(least < 0) || depth == 2 && (diagonal || !pairs && of.mirrors())
	for _, v := range of.Values {
		// ln(1/u) is 37: their growth differs by a factor of e then.
		if v <= least*(1-1.0/37) {
			d.alike++
		}
	}
	return d
}

// step follows the step that s has just made, from s.next to s.now.
func (d *departure) step(s *EigenvalueSolver) {
	if d.never || d.at >= 0 {
		return
	}
	last, before := len(s.diff)-1, &s.next
	noise := roundoff * solvers.Norm(before.a) / float64(len(s.diff))
	gaps, turns := 0.0, 0.0 // norms of what the product changes by
	if before.b == nil {
		for i, a := range before.a {
			lambda := s.of.Values[i]
			if !(lambda < 0) {
				continue
			}
			own := noise
			if s.of.exact() {
				own = roundoff * math.Abs(a)
			}
			by := 1 + s.eta*intPower(a, s.depth-2)*(before.p[i]-lambda)
			d.gap[i] = by*by*d.gap[i] + own*own
			gap := math.Sqrt(d.gap[i])
			change := gap * gap * intPower(max(math.Abs(s.now.a[i]), gap), s.depth-2) / 4
			gaps = math.Hypot(gaps, min(change, -lambda))
		}
	}
	if !s.of.exact() || s.of.skew != nil {
		e := before.p[last] - s.of.Values[last]
		for l, a := range before.a[:last] {
			q := intPower(a, s.depth-2)
			first, other := q*a, q*a
			if before.b != nil {
				other = q * before.b[l]
			}
			seed := 0.0
			if s.of.skew != nil {
				seed = s.eta * s.of.skew[l] * math.Hypot(first, other)
			}
			first, other = first*first, other*other
			by := 1 + s.eta*(math.Hypot((first-other)/2, e*q)-(first+other)/2)
			d.turn[l] = by*by*d.turn[l] + noise*noise
			d.drift[l] = math.Abs(by)*d.drift[l] + seed
			turn := math.Sqrt(d.turn[l]) + d.drift[l]
			turns = math.Hypot(turns, math.Sqrt2*turn*math.Abs(intPower(s.now.a[l], s.depth-2))*(math.Abs(s.now.a[l])+turn))
		}
		turns = math.Sqrt(float64(d.alike)) * min(turns, -s.of.Values[last])
	}
	if largest := max(gaps, turns); largest >= departed*solvers.Norm(s.now.p) && largest > 0 {
		d.at = s.t
	}
}
