package krylov

import (
	"math"

	"lowrank/blas"
)

// A perturbation δ of a factor Z moves, to first order, as δ + η(product − δG − Zp)
// with a Gram matrix G and p = zᵀδ + δᵀz; these are the parts of that which the
// systems share.

// Rounding errors of a step, in units of 2⁻⁵³: those of each element, which are new
// in every step, and those of the small matrix, which are the same in all. They are
// chosen, not derived.
const (
	OfElements = 4.0 / (1 << 53)
	OfMatrix   = 8.0 / (1 << 53)
)

// LeastBlocks is how many blocks a basis gets in the first iterations, one in each,
// also where X needs fewer: for the directions that only rounding errors excite, of
// which the guard tells.
const LeastBlocks = 12

// Unpredictable is the relative error past which the first order says nothing.
const Unpredictable = 0.1

// Cross sets p = zᵀδ + δᵀz, k×k.
func Cross(p []float64, z, delta blas.General[float64]) {
	k := z.Cols
	clear(p)
	if k == 2 {
		cross2(p, z, delta)
		return
	}
	for i := range z.Rows {
		d := delta.Row(i)
		for a, v := range z.Row(i) {
			row := p[a*k : (a+1)*k]
			for c, w := range d {
				row[c] += v * w
			}
		}
	}
	for a := range k {
		for c := range a {
			sum := p[a*k+c] + p[c*k+a]
			p[a*k+c], p[c*k+a] = sum, sum
		}
		p[a*k+a] *= 2
	}
}

// cross2 is Cross for two columns.
func cross2(p []float64, z, delta blas.General[float64]) {
	var p00, p01, p10, p11 float64
	for i := range z.Rows {
		a, d := z.Data[i*z.Stride:], delta.Data[i*delta.Stride:]
		a, d = a[:2], d[:2]
		p00 += a[0] * d[0]
		p01 += a[0] * d[1]
		p10 += a[1] * d[0]
		p11 += a[1] * d[1]
	}
	p[0], p[1], p[2], p[3] = 2*p00, p01+p10, p01+p10, 2*p11
}

// turn2 is Turn for two columns.
func turn2(delta, product, z blas.General[float64], g, p []float64, eta float64) (squares float64) {
	g00, g01, g10, g11 := g[0], g[1], g[2], g[3]
	p00, p01, p10, p11 := p[0], p[1], p[2], p[3]
	for i := range delta.Rows {
		d, to, a := delta.Data[i*delta.Stride:], product.Data[i*product.Stride:], z.Data[i*z.Stride:]
		d, to, a = d[:2], to[:2], a[:2]
		d0, d1, z0, z1 := d[0], d[1], a[0], a[1]
		d0, d1 = d0+eta*(to[0]-d0*g00-d1*g10-z0*p00-z1*p10), d1+eta*(to[1]-d0*g01-d1*g11-z0*p01-z1*p11)
		d[0], d[1] = d0, d1
		squares += d0*d0 + d1*d1
	}
	return squares
}

// Turn sets δ ← δ + η(product − δg − zp), using up product, and returns ‖δ‖².
func Turn(delta, product, z blas.General[float64], g, p []float64, eta float64) (squares float64) {
	k := delta.Cols
	if k == 2 {
		return turn2(delta, product, z, g, p, eta)
	}
	for i := range delta.Rows {
		to, d, row := product.Row(i), delta.Row(i), z.Row(i)
		for a := range k {
			da, za := d[a], row[a]
			ga, pa := g[a*k:(a+1)*k], p[a*k:(a+1)*k]
			for c := range to {
				to[c] -= da*ga[c] + za*pa[c]
			}
		}
		for c := range to {
			d[c] += eta * to[c]
			squares += d[c] * d[c]
		}
	}
	return squares
}

// Leaving sets to = η·coupling·last, what leaves a basis in a step, and returns it
// with its norm.
func Leaving(to, coupling blas.General[float64], eta float64, last blas.General[float64]) (blas.General[float64], float64) {
	if to.Rows != coupling.Rows {
		to = blas.NewGeneral[float64](coupling.Rows, last.Cols)
	}
	for i := range coupling.Rows {
		row := to.Row(i)
		clear(row)
		for j, v := range coupling.Row(i) {
			for c, z := range last.Row(j) {
				row[c] += eta * v * z
			}
		}
	}
	return to, Norm(to)
}

// Enter adds what leaves a basis of n vectors to the last rows of δ: to the block
// whose neighbour it would enter.
func Enter(delta, out blas.General[float64], n int) {
	at := max(n-out.Rows, 0)
	for i := range min(out.Rows, n) {
		to := delta.Row(at + i)
		for c, v := range out.Row(i) {
			to[c] += v
		}
	}
}

// Signs are a stream of random signs, the same in every run.
type Signs struct{ State uint64 }

// NewSigns begins it.
func NewSigns() Signs { return Signs{0x9e3779b97f4a7c15} }

// next is a number from a distribution with variance 1 and all values between ±√3.
func (s *Signs) next() float64 {
	s.turn()
	return math.Sqrt(3) * (float64(s.State>>11)/(1<<52) - 1)
}

func (s *Signs) turn() {
	s.State ^= s.State << 13
	s.State ^= s.State >> 7
	s.State ^= s.State << 17
}

// addRow adds ±amount to each element of a row.
func (s *Signs) addRow(row []float64, amount float64) {
	s.turn()
	for c := range row {
		if s.State>>(c&63)&1 == 1 {
			row[c] -= amount
		} else {
			row[c] += amount
		}
	}
}

// AddGuard adds ±amount to the row of a guard, if there is one.
func (s *Signs) AddGuard(delta blas.General[float64], guard int, amount float64) {
	if guard >= 0 {
		s.addRow(delta.Row(guard), amount)
	}
}

// Add adds ±amount·z to each element of δ.
func (s *Signs) Add(delta, z blas.General[float64], amount float64) {
	sign := [2]float64{amount, -amount}
	for i := range z.Rows {
		s.turn()
		bits := s.State
		to := delta.Row(i)
		for c, v := range z.Row(i) {
			to[c] += sign[bits>>(c&63)&1] * v
		}
	}
}

// AddFixed adds ±amount·z with signs of the rows that are the same in all steps, as a
// change of the small matrix would.
func AddFixed(delta, z blas.General[float64], amount float64) {
	for i := range min(delta.Rows, z.Rows) {
		a := amount
		if i*i%7%2 == 1 {
			a = -amount
		}
		to := delta.Row(i)
		for c, v := range z.Row(i) {
			to[c] += a * v
		}
	}
}

// Padded is a copy with so many rows, those beyond it zero.
func Padded[T blas.Float](z blas.General[T], rows int) blas.General[T] {
	all := blas.NewGeneral[T](rows, z.Cols)
	for i := range min(z.Rows, rows) {
		copy(all.Row(i), z.Row(i))
	}
	return all
}

// Norm is the Frobenius norm of a matrix without gaps between its rows.
func Norm(m blas.General[float64]) float64 {
	if m.Rows == 0 {
		return 0
	}
	return nrm2(m.Data[:m.Rows*m.Cols])
}
