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
// one of what leaves the basis, one of rounding. What leaves the basis is taken into
// its last block, whose neighbour it would enter.
type trajectoryErrors struct {
	space    *krylov.Basis
	cut      blas.General[float64] // of what leaves the basis
	rounding blas.General[float64]
	product  blas.General[float64] // Hδ
	p        []float64             // Zᵀδ + δᵀZ
	out      blas.General[float64] // what leaves the basis in the next step
	norm     float64               // of H
	signs    krylov.Signs
	lost     bool // for good: first order says nothing any more
}

func newTrajectoryErrors(space *krylov.Basis, s *Solver[float64], leftOut float64) *trajectoryErrors {
	n, r := s.x.Rows, s.x.Cols
	e := &trajectoryErrors{space: space, p: make([]float64, r*r), signs: krylov.NewSigns()}
	e.cut, e.rounding = blas.NewGeneral[float64](n, r), blas.NewGeneral[float64](n, r)
	e.enlarge(n)
	e.signs.Add(e.rounding, s.x, krylov.OfMatrix)
	d := math.Sqrt(float64(space.Dim()))
	e.signs.AddGuard(e.rounding, space.Guard(), krylov.OfElements*krylov.Norm(s.x)+d*leftOut)
	return e
}

func (e *trajectoryErrors) enlarge(rows int) {
	e.cut, e.rounding = krylov.Padded(e.cut, rows), krylov.Padded(e.rounding, rows)
	e.product = blas.NewGeneral[float64](rows, e.cut.Cols)
	e.norm = e.space.Projection().Norm()
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
	squares := e.move(e.cut, s) + e.move(e.rounding, s)
	if t := s.trace(); t > 1e-280 { // below, squares underflow, and X is far from where they matter
		e.lost = !(squares <= krylov.Unpredictable*krylov.Unpredictable*t)
	}
	krylov.Enter(e.cut, e.out, e.space.Size())
	e.signs.Add(e.rounding, s.x, krylov.OfElements)
	krylov.AddFixed(e.rounding, s.x, s.eta*(krylov.OfMatrix*e.norm+e.space.LeftOut()))
	// What leaves the basis unseen has a part in any one direction that the guard has
	// only 1/√d of.
	unseen := krylov.OfElements + s.eta*e.space.LeftOut()*math.Sqrt(float64(e.space.Dim()))
	e.signs.AddGuard(e.rounding, e.space.Guard(), unseen*e.normOf(s))
}

func (e *trajectoryErrors) move(delta blas.General[float64], s *Solver[float64]) (squares float64) {
	_ = e.space.Projection().Mul(e.product, delta) // it reads no data
	krylov.Cross(e.p, s.x, delta)
	return krylov.Turn(delta, e.product, s.x, s.g, e.p, s.eta)
}

// normOf is ‖Z‖, also where its square underflows.
func (e *trajectoryErrors) normOf(s *Solver[float64]) float64 {
	if t := s.trace(); t > 1e-280 {
		return math.Sqrt(t)
	}
	return krylov.Norm(s.x)
}

// truncation is the norm of the perturbation of what left the basis.
func (e *trajectoryErrors) truncation() float64 { return krylov.Norm(e.cut) }

// relative are the norms of both, as parts of that of Z.
func (e *trajectoryErrors) relative(norm float64) (truncation, rounding float64) {
	if e.lost {
		return math.NaN(), math.NaN()
	}
	if norm == 0 { // X is zero, and stays so
		return 0, 0
	}
	// What forms X from its coordinates, and the basis, have errors too.
	return krylov.Norm(e.cut) / norm, krylov.Norm(e.rounding)/norm + krylov.OfElements
}
