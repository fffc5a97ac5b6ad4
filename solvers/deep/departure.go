package deep

import (
	"math"

	"lowrank/solvers"
	"lowrank/solvers/krylov"
)

// departure estimates what rounding errors of the direct method grow to, which does
// not know that the factors are equal and diagonal in V. Beside a trajectory with
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
// float64 does: (u‖W_j‖_F/n)², spread over the directions. Of a diagonal Ŵ nothing
// leaves the diagonals, and with two factors no gap opens: both make the same
// operations. Nor do two factors differ that start equal and stay W_2 = W_1ᵀ to the
// last bit, as products do that are rounded the same in both orders: their product
// W_1ᵀW_1 has no negative eigenvalue.
type departure struct {
	gap, turn []float64
	never     bool
	at        int // the first iterate at which it has a tenth of the product, or −1
}

func newDeparture(of *Decomposition, depth int, pairs bool) *departure {
	n := len(of.Values)
	return &departure{
		gap: make([]float64, n), turn: make([]float64, n), at: -1,
		never: depth < 2 || !(of.Values[n-1] < 0) || depth == 2 && (of.exact() || !pairs && of.mirrors()),
	}
}

// step follows the step that s has just made, from s.next to s.now.
func (d *departure) step(s *Spectral) {
	if d.never || d.at >= 0 {
		return
	}
	last, before := len(s.diff)-1, &s.next
	largest := 0.0
	noise := roundoff * solvers.Norm(before.a) / float64(len(s.diff))
	if before.b == nil {
		for i, a := range before.a {
			own := noise
			if s.of.exact() {
				own = roundoff * math.Abs(a)
			}
			by := 1 + s.eta*intPower(a, s.depth-2)*(before.p[i]-s.of.Values[i])
			d.gap[i] = by*by*d.gap[i] + own*own
			gap := math.Sqrt(d.gap[i])
			largest = max(largest, gap*gap*intPower(max(math.Abs(s.now.a[i]), gap), s.depth-2)/4)
		}
	}
	if !s.of.exact() {
		e := before.p[last] - s.of.Values[last]
		for l, a := range before.a[:last] {
			q := intPower(a, s.depth-2)
			first, other := q*a, q*a
			if before.b != nil {
				other = q * before.b[l]
			}
			first, other = first*first, other*other
			by := 1 + s.eta*(math.Hypot((first-other)/2, e*q)-(first+other)/2)
			d.turn[l] = by*by*d.turn[l] + noise*noise
			turn := math.Sqrt(d.turn[l])
			largest = max(largest, math.Sqrt2*turn*math.Abs(intPower(s.now.a[l], s.depth-2))*(math.Abs(s.now.a[l])+turn))
		}
	}
	if largest >= krylov.Unpredictable*solvers.Norm(s.now.p) && largest > 0 {
		d.at = s.t
	}
}
