package symmetric

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"

	"lowrank/blas"
	"lowrank/solvers/krylov"
)

// trajectoryErrors follows two perturbations of Z_t to first order,
//
//	δ ← δ + η(Hδ − δG − Z(Zᵀδ + δᵀZ)) + what is new in this step,
//
// one of what leaves the basis, one of rounding. What leaves the basis is taken into
// its last block, whose neighbour it would enter.
type trajectoryErrors struct {
	space    *krylov.Basis
	cut      blas.General[float64] // of what leaves the basis
	rounding blas.General[float64]
	product  blas.General[float64] // Hδ
	p        []float64             // Zᵀδ + δᵀZ
	out      blas.General[float64] // ηB·Z_last of the last call of local
	norm     float64               // of H
	random   uint64
	lost     bool // for good: first order says nothing any more
}

// Rounding errors of a step, in units of 2⁻⁵³: those of each element, which are new
// in every step, and those of H, which are the same in all.
const (
	ofElements = 4
	ofMatrix   = 8
)

const unitRoundoff = 1.0 / (1 << 53)

func newTrajectoryErrors(space *krylov.Basis, s *Solver[float64]) *trajectoryErrors {
	n, r := s.x.Rows, s.x.Cols
	e := &trajectoryErrors{space: space, p: make([]float64, r*r), random: 0x9e3779b97f4a7c15, norm: space.Projection().Norm()}
	e.cut, e.rounding, e.product = blas.NewGeneral[float64](n, r), blas.NewGeneral[float64](n, r), blas.NewGeneral[float64](n, r)
	e.noise(e.rounding, s.x, ofMatrix*unitRoundoff)
	return e
}

func (e *trajectoryErrors) enlarge(rows int) {
	for _, m := range []*blas.General[float64]{&e.cut, &e.rounding} {
		old := *m
		*m = blas.NewGeneral[float64](rows, old.Cols)
		n := min(rows, old.Rows)
		m.RowsOf(0, n).Copy(old.RowsOf(0, n))
	}
	e.product = blas.NewGeneral[float64](rows, e.product.Cols)
	e.norm = e.space.Projection().Norm()
}

// local is ‖ηB·Z_last‖_F, the part of the next step that leaves the basis.
func (e *trajectoryErrors) local(s *Solver[float64]) float64 {
	b := e.space.Coupling()
	n, r := e.space.Size(), s.x.Cols
	if b.Rows == 0 || b.Cols == 0 {
		e.out = blas.General[float64]{}
		return 0
	}
	if e.out.Rows != b.Rows {
		e.out = blas.NewGeneral[float64](b.Rows, r)
	}
	var sum float64
	for i := range b.Rows {
		to := e.out.Row(i)
		clear(to)
		for j, v := range b.Row(i) {
			for c, z := range s.x.Row(n - b.Cols + j) {
				to[c] += s.eta * v * z
			}
		}
		for _, v := range to {
			sum += v * v
		}
	}
	if sum == 0 || sum < 1e-290 { // squares underflow
		return norm2(e.out)
	}
	return math.Sqrt(sum)
}

// step moves both perturbations with the step that s is about to make.
func (e *trajectoryErrors) step(s *Solver[float64]) {
	if e.lost {
		return
	}
	squares := e.move(e.cut, s)
	n, b := e.space.Size(), e.out.Rows
	for i := range b {
		to := e.cut.Row(n - b + i)
		for c, v := range e.out.Row(i) {
			to[c] += v
		}
	}
	squares += e.move(e.rounding, s)
	e.lost = !(squares <= unpredictable*unpredictable*s.trace())
	e.noise(e.rounding, s.x, ofElements*unitRoundoff)
	// A fixed change of H: its diagonal with fixed signs.
	amp := ofMatrix * unitRoundoff * s.eta * e.norm
	for i := range e.space.Size() {
		a := amp
		if i*i%7%2 == 1 {
			a = -amp
		}
		to := e.rounding.Row(i)
		for c, v := range s.x.Row(i) {
			to[c] += a * v
		}
	}
}

// move sets δ ← δ + η(Hδ − δG − Z(Zᵀδ + δᵀZ)) and returns ‖δ‖².
func (e *trajectoryErrors) move(delta blas.General[float64], s *Solver[float64]) (squares float64) {
	r := delta.Cols
	_ = e.space.Projection().Mul(e.product, delta) // it reads no data
	clear(e.p)
	for i := range delta.Rows {
		d := delta.Row(i)
		for a, z := range s.x.Row(i) {
			row := e.p[a*r : (a+1)*r]
			for c, v := range d {
				row[c] += z * v
			}
		}
	}
	for a := range r {
		for c := range a {
			sum := e.p[a*r+c] + e.p[c*r+a]
			e.p[a*r+c], e.p[c*r+a] = sum, sum
		}
		e.p[a*r+a] *= 2
	}
	for i := range delta.Rows {
		to, d, z := e.product.Row(i), delta.Row(i), s.x.Row(i)
		for a := range r {
			da, za := d[a], z[a]
			g, p := s.g[a*r:(a+1)*r], e.p[a*r:(a+1)*r]
			for c := range to {
				to[c] -= da*g[c] + za*p[c]
			}
		}
		for c := range to {
			d[c] += s.eta * to[c]
			squares += d[c] * d[c]
		}
	}
	return squares
}

// noise adds ±amount·z to each element of δ, with random signs.
func (e *trajectoryErrors) noise(delta, z blas.General[float64], amount float64) {
	sign := [2]float64{amount, -amount}
	for i := range z.Rows {
		e.random ^= e.random << 13
		e.random ^= e.random >> 7
		e.random ^= e.random << 17
		bits := e.random
		to := delta.Row(i)
		for c, v := range z.Row(i) {
			to[c] += sign[bits>>(c&63)&1] * v
		}
	}
}

// truncation is the norm of the perturbation of what left the basis.
func (e *trajectoryErrors) truncation() float64 { return norm2(e.cut) }

// relative are the norms of both, as parts of that of Z.
func (e *trajectoryErrors) relative(norm float64) (truncation, rounding float64) {
	if e.lost {
		return math.NaN(), math.NaN()
	}
	return norm2(e.cut) / norm, norm2(e.rounding) / norm
}

// unpredictable is the relative error past which the first order says nothing.
const unpredictable = 0.1

func norm2(m blas.General[float64]) float64 {
	if m.Rows == 0 {
		return 0
	}
	return blas64.Nrm2(blas64.Vector{N: m.Rows * m.Cols, Data: m.Data, Inc: 1})
}
