package asymmetric

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers/krylov"
)

// trajectoryErrors follows two perturbations of (X_t, Y_t), in coordinates, to first
// order,
//
//	δX ← δX + η(BδY − δX·YᵀY − X(YᵀδY + δYᵀY)) + what is new in this step,
//	δY ← δY + η(BᵀδX − δY·XᵀX − Y(XᵀδX + δXᵀX)) + what is new in this step,
//
// alternating with the X and δX of the new iterate in the second line: one of what
// leaves the bases, one of rounding. What leaves a basis is taken into its last
// block, whose neighbour it would enter.
type trajectoryErrors struct {
	pair       *krylov.Pair
	cutX, cutY blas.General[float64] // of what leaves the bases
	rndX, rndY blas.General[float64] // of rounding
	ay, atx    blas.General[float64] // BδY and BᵀδX
	outX, outY blas.General[float64] // what leaves in the next step
	ahead      blas.General[float64] // rows of the next X in the last block of P
	p, q       []float64             // XᵀδX + δXᵀX, and that of Y
	norm       float64               // of B
	signs      krylov.Signs
	lost       bool // for good: first order says nothing any more
}

func newTrajectoryErrors(pair *krylov.Pair, s *Solver[float64], leftOut float64) *trajectoryErrors {
	e := &trajectoryErrors{pair: pair, p: make([]float64, s.k*s.k), q: make([]float64, s.k*s.k), signs: krylov.NewSigns()}
	e.cutX, e.rndX = blas.NewGeneral[float64](s.m, s.k), blas.NewGeneral[float64](s.m, s.k)
	e.cutY, e.rndY = blas.NewGeneral[float64](s.n, s.k), blas.NewGeneral[float64](s.n, s.k)
	e.enlarge(s.m, s.n)
	e.signs.Add(e.rndX, s.x, krylov.OfMatrix)
	e.signs.Add(e.rndY, s.y, krylov.OfMatrix)
	m, n := pair.Dims()
	guardX, guardY := pair.Guards()
	e.signs.AddGuard(e.rndX, guardX, krylov.OfElements*krylov.Norm(s.x)+math.Sqrt(float64(m))*leftOut)
	e.signs.AddGuard(e.rndY, guardY, krylov.OfElements*krylov.Norm(s.y)+math.Sqrt(float64(n))*leftOut)
	return e
}

func (e *trajectoryErrors) enlarge(p, q int) {
	columns := e.cutX.Cols
	e.cutX, e.rndX = krylov.Padded(e.cutX, p), krylov.Padded(e.rndX, p)
	e.cutY, e.rndY = krylov.Padded(e.cutY, q), krylov.Padded(e.rndY, q)
	e.ay, e.atx = blas.NewGeneral[float64](p, columns), blas.NewGeneral[float64](q, columns)
	e.norm = e.pair.Inner().Norm()
}

// local are the norms of what leaves P and Q in the step that s is about to make:
// ηC·(last block of Y) and ηD·(last block of X, alternating the next X).
func (e *trajectoryErrors) local(s *Solver[float64]) (x, y float64) {
	toLeft, toRight := e.pair.Couplings()
	p, q := e.pair.Sizes()
	e.outX, x = krylov.Leaving(e.outX, toLeft, s.eta, s.y.RowsOf(q-toLeft.Cols, q))
	last := s.x.RowsOf(p-toRight.Cols, p)
	if s.order == Alternating && toRight.Rows > 0 {
		last = e.next(s, p-toRight.Cols, p)
	}
	e.outY, y = krylov.Leaving(e.outY, toRight, s.eta, last)
	return x, y
}

// next is rows i0 … i1−1 of the next X.
func (e *trajectoryErrors) next(s *Solver[float64], i0, i1 int) blas.General[float64] {
	if e.ahead.Rows != i1-i0 {
		e.ahead = blas.NewGeneral[float64](i1-i0, s.k)
	}
	e.pair.Inner().Rows(e.ahead, s.y, i0)
	for i := range e.ahead.Rows {
		x, to := s.x.Row(i0+i), e.ahead.Row(i)
		for c := range to {
			sum := to[c]
			for a, v := range x {
				sum -= v * s.gy[a*s.k+c]
			}
			to[c] = x[c] + s.eta*sum
		}
	}
	return e.ahead
}

// step moves both perturbations with the step that s has made: the iterate before
// it stands in nextX and nextY, with its Gram matrices.
func (e *trajectoryErrors) step(s *Solver[float64]) {
	if e.lost {
		return
	}
	p, q := e.pair.Sizes()
	x, y := e.move(s, e.cutX, e.cutY, func() { krylov.Enter(e.cutX, e.outX, p) })
	krylov.Enter(e.cutY, e.outY, q)
	amp := s.eta * (krylov.OfMatrix*e.norm + e.pair.LeftOut())
	rx, ry := e.move(s, e.rndX, e.rndY, func() {
		e.signs.Add(e.rndX, s.x, krylov.OfElements)
		krylov.AddFixed(e.rndX, s.nextY, amp)
	})
	e.signs.Add(e.rndY, s.y, krylov.OfElements)
	krylov.AddFixed(e.rndY, s.x, amp)
	// What leaves the bases unseen has a part in any one direction that a guard has
	// only 1/√m or 1/√n of.
	m, n := e.pair.Dims()
	guardX, guardY := e.pair.Guards()
	normX, normY, left := krylov.Norm(s.x), krylov.Norm(s.y), s.eta*e.pair.LeftOut()
	e.signs.AddGuard(e.rndX, guardX, krylov.OfElements*normX+left*math.Sqrt(float64(m))*normY)
	e.signs.AddGuard(e.rndY, guardY, krylov.OfElements*normY+left*math.Sqrt(float64(n))*normX)
	const most, least = krylov.Unpredictable * krylov.Unpredictable, 1e-280 // below, squares underflow
	gx, gy := trace(s.gx, s.k), trace(s.gy, s.k)
	e.lost = gx > least && !(x+rx <= most*gx) || gy > least && !(y+ry <= most*gy)
}

// move moves δX, adds what is new in it, and moves δY; it returns their squared
// norms before what is new.
func (e *trajectoryErrors) move(s *Solver[float64], dx, dy blas.General[float64], newX func()) (x, y float64) {
	inner := e.pair.Inner()
	if s.order == Simultaneous {
		_ = inner.Mul(e.ay, e.atx, dx, dy) // it reads no data
		krylov.Cross(e.p, s.nextX, dx)
		copy(e.q, e.p)
		krylov.Cross(e.p, s.nextY, dy)
		x = krylov.Turn(dx, e.ay, s.nextX, s.nextGY, e.p, s.eta)
		y = krylov.Turn(dy, e.atx, s.nextY, s.nextGX, e.q, s.eta)
		newX()
		return x, y
	}
	inner.Forward(e.ay, dy)
	krylov.Cross(e.p, s.nextY, dy)
	x = krylov.Turn(dx, e.ay, s.nextX, s.nextGY, e.p, s.eta)
	newX()
	inner.Adjoint(e.atx, dx)
	krylov.Cross(e.p, s.x, dx)
	return x, krylov.Turn(dy, e.atx, s.nextY, s.gx, e.p, s.eta)
}

// relative are both perturbations as parts of X or of Y, whichever is larger.
func (e *trajectoryErrors) relative(x, y float64) (basis, rounding float64) {
	if e.lost {
		return math.NaN(), math.NaN()
	}
	part := func(delta blas.General[float64], of float64) float64 {
		if d := krylov.Norm(delta); d > 0 {
			return d / of
		}
		return 0
	}
	// What forms X and Y from their coordinates, and the bases, have errors too.
	return max(part(e.cutX, x), part(e.cutY, y)), max(part(e.rndX, x), part(e.rndY, y)) + krylov.OfElements
}
