package symmetric

import (
	"math"

	"lowrank/blas"
	"lowrank/solvers/krylov"
)

// trajectoryErrors follows two perturbations of Z_t to first order,
//
//	δ ← δ + η(Hδ − δG − Z(Zᵀδ + δᵀZ)) + what is new in this step,
//
// one of what leaves the basis, one of rounding, in samples. What leaves the basis is in
// the block that waits for its pass.
type trajectoryErrors struct {
	space    *krylov.Basis
	cut      blas.General[float64] // of what leaves the basis
	outside  blas.General[float64] // and its part in the block that waits
	rounding [krylov.Samples]blas.General[float64]
	product  blas.General[float64] // Hδ
	fixed    [krylov.Samples]krylov.Fixed
	p, sums  []float64             // Zᵀδ + δᵀZ; what signs make of Z, or a row
	columns  []float64             // norms of the columns of Z
	out      blas.General[float64] // what leaves the basis in the next step
	norm     float64               // of H
	beyond   float64               // what stands for it in the block that waits
	size     int                   // of the basis
	signs    krylov.Signs
	lost     bool // for good: first order says nothing any more
}

func newTrajectoryErrors(s *Solver[float64], start krylov.Start) *trajectoryErrors {
	space := start.Basis
	n, r := s.x.Rows, s.x.Cols
	e := &trajectoryErrors{space: space, p: make([]float64, r*r), columns: make([]float64, r), sums: make([]float64, r), signs: krylov.NewSigns()}
	e.cut = blas.NewGeneral[float64](n, r)
	for i := range e.rounding {
		e.rounding[i], e.fixed[i] = blas.NewGeneral[float64](n, r), krylov.NewFixed(i, 0)
	}
	e.enlarge(n)
	krylov.ColumnNorms(e.columns, s.x, s.g)
	left := make([]float64, r)
	for c := range left { // of which column is not known
		left[c] = math.Sqrt(float64(space.Dim())) * start.LeftOut
	}
	for i, delta := range e.rounding {
		for row := range start.Z.Rows {
			krylov.AddRow(i, delta, row, krylov.OfStart, e.columns)
		}
		krylov.AddRow(i, delta, space.Guard(), 1, left)
	}
	return e
}

func (e *trajectoryErrors) enlarge(rows int) {
	n, r := e.size, e.cut.Cols
	e.cut = krylov.Padded(e.cut, rows)
	for i, delta := range e.rounding {
		e.rounding[i] = krylov.Padded(delta, rows)
	}
	e.product = blas.NewGeneral[float64](rows, r)
	e.norm = e.space.Projection().Norm()
	if e.size = e.space.Size(); e.size == n {
		return
	}
	if waited := e.outside; waited.Rows > 0 {
		e.cut.RowsOf(n, n+waited.Rows).Copy(waited)
	}
	for i := range e.fixed {
		e.fixed[i].Grow(e.size)
	}
	e.beyond = e.space.Beyond()
	e.outside = blas.NewGeneral[float64](e.space.Coupling().Rows, r)
}

// local is ‖ηB·Z_last‖_F, the part of the next step that leaves the basis.
func (e *trajectoryErrors) local(s *Solver[float64]) (norm float64) {
	b, n := e.space.Coupling(), e.space.Size()
	e.out, norm = krylov.Leaving(e.out, b, s.eta, s.x.RowsOf(n-b.Cols, n))
	return norm
}

// step moves both perturbations with the step that s is about to make.
func (e *trajectoryErrors) step(s *Solver[float64]) {
	if e.lost {
		return
	}
	krylov.ColumnNorms(e.columns, s.x, s.g)
	// What leaves the basis unseen has a part in any one direction that the guard has
	// only 1/√d of.
	unseen := krylov.OfElements + s.eta*e.space.LeftOut()*math.Sqrt(float64(e.space.Dim()))
	squares := e.moveCut(s)
	for i, delta := range e.rounding {
		squares += e.move(delta, s)
		e.fixed[i].Sum(e.sums, s.x)
		e.signs.Add(delta, s.x, &e.fixed[i], s.eta*krylov.OfMatrix*e.norm, e.sums)
		krylov.AddRow(i, delta, e.space.Guard(), unseen, e.columns)
	}
	if t := s.trace(); t > 1e-280 { // below, squares underflow, and X is far from where they matter
		e.lost = !(squares <= krylov.Unpredictable*krylov.Unpredictable*t)
	}
}

func (e *trajectoryErrors) move(delta blas.General[float64], s *Solver[float64]) (squares float64) {
	_ = e.space.Projection().Mul(e.product, delta) // it reads no data
	krylov.Cross(e.p, s.x, delta)
	return krylov.Turn(delta, e.product, s.x, s.g, e.p, s.eta)
}

// moveCut is move of what left the basis, with its part in the block that waits.
func (e *trajectoryErrors) moveCut(s *Solver[float64]) (squares float64) {
	b := e.space.Coupling()
	if b.Rows == 0 {
		return e.move(e.cut, s)
	}
	_ = e.space.Projection().Mul(e.product, e.cut)
	n := e.size
	krylov.AddTransposed(e.product.RowsOf(n-b.Cols, n), b, e.outside)
	krylov.Turned(e.outside, e.beyond, s.g, s.eta, e.sums)
	squares = krylov.Outside(e.outside, e.out, b, e.cut.RowsOf(n-b.Cols, n), s.eta)
	krylov.Cross(e.p, s.x, e.cut)
	return squares + krylov.Turn(e.cut, e.product, s.x, s.g, e.p, s.eta)
}

// normOf is ‖Z‖, also where its square underflows.
func (e *trajectoryErrors) normOf(s *Solver[float64]) float64 {
	if t := s.trace(); t > 1e-280 {
		return math.Sqrt(t)
	}
	return krylov.Norm(s.x)
}

// used is the norm of what left the basis, as far as it counts for a pass: of what is
// outside, neither damped nor amplified, much less.
func (e *trajectoryErrors) used() float64 {
	return math.Hypot(krylov.Norm(e.cut), krylov.Reserve*krylov.Norm(e.outside))
}

// truncation is the norm of the perturbation of what left the basis.
func (e *trajectoryErrors) truncation() float64 {
	return math.Hypot(krylov.Norm(e.cut), krylov.Norm(e.outside))
}

// relative are the norms of both, as parts of that of Z.
func (e *trajectoryErrors) relative(norm float64) (truncation, rounding float64) {
	if e.lost {
		return math.NaN(), math.NaN()
	}
	if norm == 0 { // X is zero, and stays so
		return 0, 0
	}
	for _, delta := range e.rounding {
		rounding = math.Hypot(rounding, krylov.Norm(delta))
	}
	// What forms X from its coordinates, and the basis, have errors too.
	truncation, rounding = e.truncation()/norm, krylov.Margin*rounding/norm+krylov.OfElements
	if !(truncation+rounding <= krylov.Unpredictable) {
		return math.NaN(), math.NaN()
	}
	return truncation, rounding
}
