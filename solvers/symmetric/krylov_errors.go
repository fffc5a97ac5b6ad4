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
	space   *krylov.Basis
	within  *krylov.Perturbations              // their parts in the basis
	product func(dst, x blas.General[float64]) // with H
	outside blas.General[float64]              // the part of what left it in the block that waits
	fixed   [krylov.Samples]krylov.Fixed
	sums    []float64             // what signs make of Z, or a row
	columns []float64             // norms of the columns of Z
	out     blas.General[float64] // what leaves the basis in the next step
	norm    float64               // of H
	beyond  float64               // what stands for it in the block that waits
	size    int                   // of the basis
	signs   krylov.Signs
	lost    bool // for good: first order says nothing any more
}

func newTrajectoryErrors(b *blas.Backend, s *Solver[float64], start krylov.Start) *trajectoryErrors {
	space := start.Basis
	n, r := s.x.Rows, s.x.Cols
	e := &trajectoryErrors{space: space, within: krylov.NewPerturbations(b, n, r), columns: make([]float64, r), sums: make([]float64, r), signs: krylov.NewSigns()}
	h := space.Projection()
	e.product = func(dst, x blas.General[float64]) { _ = h.Mul(dst, x) } // it reads no data
	for i := range e.fixed {
		e.fixed[i] = krylov.NewFixed(i, 0)
	}
	e.enlarge(n)
	krylov.ColumnNorms(e.columns, s.x, s.g)
	left := make([]float64, r)
	for c := range left { // of which column is not known
		left[c] = math.Sqrt(float64(space.Dim())) * start.LeftOut
	}
	for i := range krylov.Samples {
		delta := e.within.Rounding(i)
		for row := range start.Z.Rows {
			krylov.AddRow(i, delta, row, krylov.OfStart, e.columns)
		}
		krylov.AddRow(i, delta, space.Guard(), 1, left)
	}
	return e
}

func (e *trajectoryErrors) enlarge(rows int) {
	n := e.size
	e.within.Enlarge(rows)
	e.norm = e.space.Projection().Norm()
	if e.size = e.space.Size(); e.size == n {
		return
	}
	if waited := e.outside; waited.Rows > 0 {
		e.within.Cut().RowsOf(n, n+waited.Rows).Copy(waited)
	}
	for i := range e.fixed {
		e.fixed[i].Grow(e.size)
	}
	e.beyond = e.space.Beyond()
	e.outside = blas.NewGeneral[float64](e.space.Coupling().Rows, len(e.columns))
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
	squares := e.move(s)
	for i := range krylov.Samples {
		delta := e.within.Rounding(i)
		e.fixed[i].Sum(e.sums, s.x)
		e.signs.Add(delta, s.x, &e.fixed[i], s.eta*krylov.OfMatrix*e.norm, e.sums)
		krylov.AddRow(i, delta, e.space.Guard(), unseen, e.columns)
	}
	if t := s.trace(); t > 1e-280 { // below, squares underflow, and X is far from where they matter
		e.lost = !(squares <= krylov.Unpredictable*krylov.Unpredictable*t)
	}
}

// move moves them without what is new, and returns the sum of their squared norms.
func (e *trajectoryErrors) move(s *Solver[float64]) (squares float64) {
	product := e.within.Product(e.product, e.within)
	if b, n := e.space.Coupling(), e.size; b.Rows > 0 {
		krylov.AddTransposed(product.RowsOf(n-b.Cols, n), b, e.outside)
		krylov.Turned(e.outside, e.beyond, s.g, s.eta, e.sums)
		squares = krylov.Outside(e.outside, e.out, b, e.within.Cut().RowsOf(n-b.Cols, n), s.eta)
	}
	return squares + e.within.Turn(s.x, s.g, e.within.Cross(s.x), s.eta)
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
	return math.Hypot(krylov.Norm(e.within.Cut()), krylov.Reserve*krylov.Norm(e.outside))
}

// truncation is the norm of the perturbation of what left the basis.
func (e *trajectoryErrors) truncation() float64 {
	return math.Hypot(krylov.Norm(e.within.Cut()), krylov.Norm(e.outside))
}

// relative are the norms of both, as parts of that of Z.
func (e *trajectoryErrors) relative(norm float64) (truncation, rounding float64) {
	if e.lost {
		return math.NaN(), math.NaN()
	}
	if norm == 0 { // X is zero, and stays so
		return 0, 0
	}
	for i := range krylov.Samples {
		rounding = math.Hypot(rounding, krylov.Norm(e.within.Rounding(i)))
	}
	// What forms X from its coordinates, and the basis, have errors too.
	truncation, rounding = e.truncation()/norm, krylov.Margin*rounding/norm+krylov.OfElements
	if !(truncation+rounding <= krylov.Unpredictable) {
		return math.NaN(), math.NaN()
	}
	return truncation, rounding
}
