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
	ofX, ofY       *krylov.Perturbations              // their parts in the bases
	farX, farY     blas.General[float64]              // and those of what left them in the blocks that wait
	forward        func(dst, x blas.General[float64]) // product with B
	adjoint        func(dst, x blas.General[float64]) // and with Bᵀ
	fixedX, fixedY [krylov.Samples]krylov.Fixed
	sums           []float64             // what signs make of X or Y
	outX, outY     blas.General[float64] // what leaves in the next step
	ahead          blas.General[float64] // rows of the next X in the last block of P
	normsX, normsY []float64             // of the columns of X and Y
	newX           []float64             // and of those of the next X
	norm           float64               // of B
	left, right    int                   // the sizes of the bases
	signs          krylov.Signs
	lost           bool // for good: first order says nothing any more
}

func newTrajectoryErrors(b *blas.Backend, s *Solver[float64], start krylov.PairStart) *trajectoryErrors {
	pair := start.Pair
	e := &trajectoryErrors{pair: pair, signs: krylov.NewSigns()}
	e.normsX, e.normsY, e.newX = make([]float64, s.k), make([]float64, s.k), make([]float64, s.k)
	e.ofX, e.ofY = krylov.NewPerturbations(b, s.m, s.k), krylov.NewPerturbations(b, s.n, s.k)
	inner := pair.Inner()
	e.forward, e.adjoint = inner.Forward, inner.Adjoint
	for i := range krylov.Samples {
		e.fixedX[i], e.fixedY[i] = krylov.NewFixed(i, 0), krylov.NewFixed(i, 1)
	}
	e.sums = make([]float64, s.k)
	e.enlarge(s.m, s.n)
	m, n := pair.Dims()
	guardX, guardY := pair.Guards()
	krylov.ColumnNorms(e.normsX, s.x, s.gx)
	krylov.ColumnNorms(e.normsY, s.y, s.gy)
	left := make([]float64, s.k)
	for c := range left { // of which column is not known
		left[c] = start.LeftOut
	}
	for i := range krylov.Samples {
		x, y := e.ofX.Rounding(i), e.ofY.Rounding(i)
		for row := range start.X.Rows {
			krylov.AddRow(i, x, row, krylov.OfStart, e.normsX)
		}
		for row := range start.Y.Rows {
			krylov.AddRow(i, y, row, krylov.OfStart, e.normsY)
		}
		krylov.AddRow(i, x, guardX, math.Sqrt(float64(m)), left)
		krylov.AddRow(i, y, guardY, math.Sqrt(float64(n)), left)
	}
	return e
}

func (e *trajectoryErrors) enlarge(rowsX, rowsY int) {
	e.ofX.Enlarge(rowsX)
	e.ofY.Enlarge(rowsY)
	e.norm = e.pair.Inner().Norm()
	for i := range e.farX.Rows {
		copy(e.ofX.Cut().Row(e.left+i), e.farX.Row(i))
	}
	for i := range e.farY.Rows {
		copy(e.ofY.Cut().Row(e.right+i), e.farY.Row(i))
	}
	e.left, e.right = e.pair.Sizes()
	for i := range krylov.Samples {
		e.fixedX[i].Grow(e.left)
		e.fixedY[i].Grow(e.right)
	}
	toLeft, toRight := e.pair.Couplings()
	e.farX, e.farY = blas.NewGeneral[float64](toLeft.Rows, len(e.sums)), blas.NewGeneral[float64](toRight.Rows, len(e.sums))
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
	e.pair.Inner().LastRows(e.ahead, s.y)
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
	oldX, oldY, newX, seen := e.normsX, e.normsY, e.normsX, s.nextX
	krylov.ColumnNorms(oldX, s.nextX, s.nextGX)
	krylov.ColumnNorms(oldY, s.nextY, s.nextGY)
	var x, y float64
	if s.order == Simultaneous {
		e.productX()
		e.productY()
		p, q := e.ofX.Cross(s.nextX), e.ofY.Cross(s.nextY)
		x, y = e.outsideX(s), e.outsideY(s)
		x += e.ofX.Turn(s.nextX, s.nextGY, q, s.eta)
		y += e.ofY.Turn(s.nextY, s.nextGX, p, s.eta)
		e.addX(s, oldX, oldY)
	} else {
		newX, seen = e.newX, s.x
		krylov.ColumnNorms(newX, s.x, s.gx)
		e.productX()
		x = e.outsideX(s) + e.ofX.Turn(s.nextX, s.nextGY, e.ofY.Cross(s.nextY), s.eta)
		e.addX(s, oldX, oldY)
		e.productY()
		y = e.outsideY(s) + e.ofY.Turn(s.nextY, s.gx, e.ofX.Cross(s.x), s.eta)
	}
	e.addY(s, seen, oldY, newX)
	const most, least = krylov.Unpredictable * krylov.Unpredictable, 1e-280 // below, squares underflow
	gx, gy := trace(s.gx, s.k), trace(s.gy, s.k)
	e.lost = gx > least && !(x <= most*gx) || gy > least && !(y <= most*gy)
}

// productX and productY make BδY and BᵀδX, where what left a basis is part of it too: the
// blocks that wait are coupled with the last ones of the other factor.
func (e *trajectoryErrors) productX() {
	ofCut := e.ofX.Product(e.forward, e.ofY)
	if _, toRight := e.pair.Couplings(); toRight.Rows > 0 {
		krylov.AddTransposed(ofCut.RowsOf(e.left-toRight.Cols, e.left), toRight, e.farY)
	}
}

func (e *trajectoryErrors) productY() {
	ofCut := e.ofY.Product(e.adjoint, e.ofX)
	if toLeft, _ := e.pair.Couplings(); toLeft.Rows > 0 {
		krylov.AddTransposed(ofCut.RowsOf(e.right-toLeft.Cols, e.right), toLeft, e.farX)
	}
}

// outsideX and outsideY move what left the bases in the blocks that wait.
func (e *trajectoryErrors) outsideX(s *Solver[float64]) (squares float64) {
	if toLeft, _ := e.pair.Couplings(); toLeft.Rows > 0 {
		squares = krylov.Outside(e.farX, e.outX, toLeft, e.ofY.Cut().RowsOf(e.right-toLeft.Cols, e.right), s.eta)
	}
	return squares
}

func (e *trajectoryErrors) outsideY(s *Solver[float64]) (squares float64) {
	if _, toRight := e.pair.Couplings(); toRight.Rows > 0 {
		squares = krylov.Outside(e.farY, e.outY, toRight, e.ofX.Cut().RowsOf(e.left-toRight.Cols, e.left), s.eta)
	}
	return squares
}

// addX and addY add what is new in a step. In the bases errors of B are between any two
// directions; what leaves them unseen has a part in any one direction that a guard has only
// 1/√m or 1/√n of.
func (e *trajectoryErrors) addX(s *Solver[float64], oldX, oldY []float64) {
	m, _ := e.pair.Dims()
	guard, _ := e.pair.Guards()
	for i := range krylov.Samples {
		delta := e.ofX.Rounding(i)
		e.fixedY[i].Sum(e.sums, s.nextY)
		e.signs.Add(delta, s.x, &e.fixedX[i], s.eta*krylov.OfMatrix*e.norm, e.sums)
		krylov.AddRow(i, delta, guard, krylov.OfElements, oldX)
		krylov.AddRow(i, delta, guard, s.eta*e.pair.LeftOut()*math.Sqrt(float64(m)), oldY)
	}
}

func (e *trajectoryErrors) addY(s *Solver[float64], seen blas.General[float64], oldY, newX []float64) {
	_, n := e.pair.Dims()
	_, guard := e.pair.Guards()
	for i := range krylov.Samples {
		delta := e.ofY.Rounding(i)
		e.fixedX[i].Sum(e.sums, seen)
		e.signs.Add(delta, s.y, &e.fixedY[i], s.eta*krylov.OfMatrix*e.norm, e.sums)
		krylov.AddRow(i, delta, guard, krylov.OfElements, oldY)
		krylov.AddRow(i, delta, guard, s.eta*e.pair.LeftOut()*math.Sqrt(float64(n)), newX)
	}
}

// used are the norms of what left the bases, as far as it counts for a pass: of what is
// outside, neither damped nor amplified, much less.
func (e *trajectoryErrors) used() (x, y float64) {
	return math.Hypot(krylov.Norm(e.ofX.Cut()), krylov.Reserve*krylov.Norm(e.farX)), math.Hypot(krylov.Norm(e.ofY.Cut()), krylov.Reserve*krylov.Norm(e.farY))
}

// truncation are the norms of the perturbations of what left the bases.
func (e *trajectoryErrors) truncation() (x, y float64) {
	return math.Hypot(krylov.Norm(e.ofX.Cut()), krylov.Norm(e.farX)), math.Hypot(krylov.Norm(e.ofY.Cut()), krylov.Norm(e.farY))
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
	for i := range krylov.Samples {
		rndX, rndY = math.Hypot(rndX, krylov.Norm(e.ofX.Rounding(i))), math.Hypot(rndY, krylov.Norm(e.ofY.Rounding(i)))
	}
	// What forms X and Y from their coordinates, and the bases, have errors too.
	basis, rounding = max(part(cutX, x), part(cutY, y)), krylov.Margin*max(part(rndX, x), part(rndY, y))+krylov.OfElements
	if !(basis+rounding <= krylov.Unpredictable) {
		return math.NaN(), math.NaN()
	}
	return basis, rounding
}
