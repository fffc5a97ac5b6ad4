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
// leaves the bases, one of rounding, in samples. What leaves a basis is in the block that
// waits for its pass.
type trajectoryErrors struct {
	pair           *krylov.Pair
	cutX, cutY     blas.General[float64]        // of what leaves the bases
	farX, farY     blas.General[float64]        // and its parts in the blocks that wait
	rnd            [krylov.Samples]perturbation // of rounding
	fixedX, fixedY [krylov.Samples]krylov.Fixed
	sums           []float64             // what signs make of X or Y
	ay, atx        blas.General[float64] // BδY and BᵀδX
	outX, outY     blas.General[float64] // what leaves in the next step
	ahead          blas.General[float64] // rows of the next X in the last block of P
	p, q           []float64             // XᵀδX + δXᵀX, and that of Y
	ofX, ofY       []float64             // norms of the columns of X and Y
	newX           []float64             // and of the next X
	norm           float64               // of B
	left, right    int                   // the sizes of the bases
	signs          krylov.Signs
	lost           bool // for good: first order says nothing any more
}

// perturbation is one of both factors.
type perturbation struct{ x, y blas.General[float64] }

func newTrajectoryErrors(s *Solver[float64], start krylov.PairStart) *trajectoryErrors {
	pair := start.Pair
	e := &trajectoryErrors{pair: pair, p: make([]float64, s.k*s.k), q: make([]float64, s.k*s.k), signs: krylov.NewSigns()}
	e.ofX, e.ofY, e.newX = make([]float64, s.k), make([]float64, s.k), make([]float64, s.k)
	e.cutX, e.cutY = blas.NewGeneral[float64](s.m, s.k), blas.NewGeneral[float64](s.n, s.k)
	for i := range e.rnd {
		e.rnd[i] = perturbation{blas.NewGeneral[float64](s.m, s.k), blas.NewGeneral[float64](s.n, s.k)}
		e.fixedX[i], e.fixedY[i] = krylov.NewFixed(i, 0), krylov.NewFixed(i, 1)
	}
	e.sums = make([]float64, s.k)
	e.enlarge(s.m, s.n)
	m, n := pair.Dims()
	guardX, guardY := pair.Guards()
	krylov.ColumnNorms(e.ofX, s.x, s.gx)
	krylov.ColumnNorms(e.ofY, s.y, s.gy)
	left := make([]float64, s.k)
	for c := range left { // of which column is not known
		left[c] = start.LeftOut
	}
	for i, delta := range e.rnd {
		for row := range start.X.Rows {
			krylov.AddRow(i, delta.x, row, krylov.OfStart, e.ofX)
		}
		for row := range start.Y.Rows {
			krylov.AddRow(i, delta.y, row, krylov.OfStart, e.ofY)
		}
		krylov.AddRow(i, delta.x, guardX, math.Sqrt(float64(m)), left)
		krylov.AddRow(i, delta.y, guardY, math.Sqrt(float64(n)), left)
	}
	return e
}

func (e *trajectoryErrors) enlarge(rowsX, rowsY int) {
	columns := e.cutX.Cols
	e.cutX, e.cutY = krylov.Padded(e.cutX, rowsX), krylov.Padded(e.cutY, rowsY)
	for i, delta := range e.rnd {
		e.rnd[i] = perturbation{krylov.Padded(delta.x, rowsX), krylov.Padded(delta.y, rowsY)}
	}
	e.ay, e.atx = blas.NewGeneral[float64](rowsX, columns), blas.NewGeneral[float64](rowsY, columns)
	e.norm = e.pair.Inner().Norm()
	for i := range e.farX.Rows {
		copy(e.cutX.Row(e.left+i), e.farX.Row(i))
	}
	for i := range e.farY.Rows {
		copy(e.cutY.Row(e.right+i), e.farY.Row(i))
	}
	e.left, e.right = e.pair.Sizes()
	for i := range e.rnd {
		e.fixedX[i].Grow(e.left)
		e.fixedY[i].Grow(e.right)
	}
	toLeft, toRight := e.pair.Couplings()
	e.farX, e.farY = blas.NewGeneral[float64](toLeft.Rows, columns), blas.NewGeneral[float64](toRight.Rows, columns)
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
	// In the bases errors of B are between any two directions; what leaves them unseen
	// has a part in any one direction that a guard has only 1/√m or 1/√n of.
	m, n := e.pair.Dims()
	guardX, guardY := e.pair.Guards()
	matrix, left := s.eta*krylov.OfMatrix*e.norm, s.eta*e.pair.LeftOut()
	x, y := e.moveCut(s)
	oldX, oldY, newX, seen := e.ofX, e.ofY, e.ofX, s.nextX
	krylov.ColumnNorms(oldX, s.nextX, s.nextGX)
	krylov.ColumnNorms(oldY, s.nextY, s.nextGY)
	if s.order == Alternating {
		newX, seen = e.newX, s.x
		krylov.ColumnNorms(newX, s.x, s.gx)
	}
	for i, delta := range e.rnd {
		rx, ry := e.move(s, delta.x, delta.y, func() {
			e.fixedY[i].Sum(e.sums, s.nextY)
			e.signs.Add(delta.x, s.x, &e.fixedX[i], matrix, e.sums)
			krylov.AddRow(i, delta.x, guardX, krylov.OfElements, oldX)
			krylov.AddRow(i, delta.x, guardX, left*math.Sqrt(float64(m)), oldY)
		})
		e.fixedX[i].Sum(e.sums, seen)
		e.signs.Add(delta.y, s.y, &e.fixedY[i], matrix, e.sums)
		krylov.AddRow(i, delta.y, guardY, krylov.OfElements, oldY)
		krylov.AddRow(i, delta.y, guardY, left*math.Sqrt(float64(n)), newX)
		x, y = x+rx, y+ry
	}
	const most, least = krylov.Unpredictable * krylov.Unpredictable, 1e-280 // below, squares underflow
	gx, gy := trace(s.gx, s.k), trace(s.gy, s.k)
	e.lost = gx > least && !(x <= most*gx) || gy > least && !(y <= most*gy)
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

// moveCut is move of what left the bases, with its parts in the blocks that wait: they
// are coupled with the last blocks of the other factor.
func (e *trajectoryErrors) moveCut(s *Solver[float64]) (x, y float64) {
	toLeft, toRight := e.pair.Couplings()
	if toLeft.Rows+toRight.Rows == 0 {
		return e.move(s, e.cutX, e.cutY, func() {})
	}
	inner, dx, dy := e.pair.Inner(), e.cutX, e.cutY
	lastX, lastY := e.left-toRight.Cols, e.right-toLeft.Cols
	adjoint := func() { // of the δX that the order wants
		inner.Adjoint(e.atx, dx)
		krylov.AddTransposed(e.atx.RowsOf(lastY, e.right), toLeft, e.farX)
	}
	inner.Forward(e.ay, dy)
	krylov.AddTransposed(e.ay.RowsOf(lastX, e.left), toRight, e.farY)
	krylov.Cross(e.q, s.nextY, dy)
	gx := s.gx
	if s.order == Simultaneous {
		gx = s.nextGX
		adjoint()
		krylov.Cross(e.p, s.nextX, dx)
		y = krylov.Outside(e.farY, e.outY, toRight, dx.RowsOf(lastX, e.left), s.eta)
	}
	x = krylov.Outside(e.farX, e.outX, toLeft, dy.RowsOf(lastY, e.right), s.eta)
	x += krylov.Turn(dx, e.ay, s.nextX, s.nextGY, e.q, s.eta)
	if s.order == Alternating {
		adjoint()
		krylov.Cross(e.p, s.x, dx)
		y = krylov.Outside(e.farY, e.outY, toRight, dx.RowsOf(lastX, e.left), s.eta)
	}
	return x, y + krylov.Turn(dy, e.atx, s.nextY, gx, e.p, s.eta)
}

// used are the norms of what left the bases, as far as it counts for a pass: of what is
// outside, neither damped nor amplified, much less.
func (e *trajectoryErrors) used() (x, y float64) {
	return math.Hypot(krylov.Norm(e.cutX), krylov.Reserve*krylov.Norm(e.farX)), math.Hypot(krylov.Norm(e.cutY), krylov.Reserve*krylov.Norm(e.farY))
}

// truncation are the norms of the perturbations of what left the bases.
func (e *trajectoryErrors) truncation() (x, y float64) {
	return math.Hypot(krylov.Norm(e.cutX), krylov.Norm(e.farX)), math.Hypot(krylov.Norm(e.cutY), krylov.Norm(e.farY))
}

// relative are both perturbations as parts of X or of Y, whichever is larger.
func (e *trajectoryErrors) relative(x, y float64) (basis, rounding float64) {
	if e.lost {
		return math.NaN(), math.NaN()
	}
	part := func(delta, of float64) float64 {
		if delta > 0 {
			return delta / of
		}
		return 0
	}
	cutX, cutY := e.truncation()
	var rndX, rndY float64
	for _, delta := range e.rnd {
		rndX, rndY = math.Hypot(rndX, krylov.Norm(delta.x)), math.Hypot(rndY, krylov.Norm(delta.y))
	}
	// What forms X and Y from their coordinates, and the bases, have errors too.
	basis, rounding = max(part(cutX, x), part(cutY, y)), krylov.Margin*max(part(rndX, x), part(rndY, y))+krylov.OfElements
	if !(basis+rounding <= krylov.Unpredictable) {
		return math.NaN(), math.NaN()
	}
	return basis, rounding
}
