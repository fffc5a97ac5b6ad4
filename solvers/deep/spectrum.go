package deep

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers"
)

// Basis is the eigenbasis of a symmetric target, Ŵ = VΛVᵀ.
type Basis struct {
	Values  []float64             // λ_1 ≥ … ≥ λ_n
	Vectors blas.General[float64] // V: column i belongs to λ_i
}

// CheckSymmetric returns what keeps a target from having an eigenbasis: it must be
// square, of finite elements and symmetric up to |a_ij − a_ji| ≤ 1e-12·max|a|.
func CheckSymmetric(target blas.General[float64]) error {
	n := target.Rows
	if n < 1 || target.Cols != n {
		return fmt.Errorf("the target is %d×%d; an eigenbasis needs a square one", target.Rows, target.Cols)
	}
	top, apart := 0.0, 0.0
	var row, col int
	for i := range n {
		for j, v := range target.Row(i) {
			if v-v != 0 {
				return fmt.Errorf("the target has the element %v in row %d, column %d; expected finite numbers", v, i+1, j+1)
			}
			top = max(top, math.Abs(v))
		}
	}
	for i := range n {
		for j := range i {
			if d := math.Abs(target.Row(i)[j] - target.Row(j)[i]); d > apart {
				apart, row, col = d, i, j
			}
		}
	}
	if apart > 1e-12*top {
		return fmt.Errorf("the target is not symmetric: rows %d and %d hold %v and %v", row+1, col+1, target.Row(row)[col], target.Row(col)[row])
	}
	return nil
}

// NewBasis decomposes a target that CheckSymmetric passes; where elements differ by
// rounding the mean is taken.
func NewBasis(target blas.General[float64]) (*Basis, error) {
	if err := CheckSymmetric(target); err != nil {
		return nil, err
	}
	n := target.Rows
	top := 0.0
	for i := range n {
		for _, v := range target.Row(i) {
			top = max(top, math.Abs(v))
		}
	}
	sym := mat.NewSymDense(n, nil)
	diagonal := true
	for i := range n {
		for j := range i + 1 {
			a, b := target.Row(i)[j], target.Row(j)[i]
			diagonal = diagonal && (i == j || a == 0 && b == 0)
			// Scaled: the eigenvalue routines fail near the ends of the range.
			if top > 0 {
				sym.SetSym(i, j, a/top/2+b/top/2)
			}
		}
	}
	b := &Basis{Values: make([]float64, n), Vectors: blas.NewGeneral[float64](n, n)}
	if diagonal {
		// Exactly: no rounding of eigenvalues that are written down.
		at := make([]int, n)
		for i := range at {
			at[i] = i
		}
		slices.SortStableFunc(at, func(i, j int) int {
			switch x, y := target.Row(i)[i], target.Row(j)[j]; {
			case x > y:
				return -1
			case x < y:
				return 1
			}
			return 0
		})
		for k, i := range at {
			b.Values[k] = target.Row(i)[i]
			b.Vectors.Row(i)[k] = 1
		}
		return b, nil
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, true) {
		return nil, fmt.Errorf("the eigenvalues of the target were not found: the iteration did not converge")
	}
	var v mat.Dense
	eig.VectorsTo(&v)
	for k, l := range eig.Values(nil) { // ascending
		b.Values[n-1-k] = l * top
		for i := range n {
			b.Vectors.Row(i)[n-1-k] = v.At(i, k)
		}
	}
	return b, nil
}

// Coordinates are the factors and the product of one iterate in the basis of
// the target. From the starts (7) and (13) all of VᵀW_jV are diagonal (Lemmas
// 2.1 and 2.8), so that the parts off the diagonal are rounding errors.
type Coordinates struct {
	Factors    [][]float64 // the diagonals of VᵀW_1V … VᵀW_NV
	FactorsOff []float64   // ‖VᵀW_jV − diag‖_F
	Norms      []float64   // ‖W_j‖_F
	Product    []float64   // the diagonal of VᵀWV
	ProductOff float64     // ‖VᵀWV − diag‖_F
}

// Meter measures the iterates of a run with square factors in a basis. It works
// in float64, owns its storage and serves one caller at a time.
type Meter struct {
	s       Iterates
	measure func() *Coordinates
}

// NewMeter prepares measurements. All factors must be as large as the target
// of the basis; that of an EigenvalueSolver must be its own.
func NewMeter(s Iterates, basis *Basis) *Meter {
	n := len(basis.Values)
	for _, d := range s.dims() {
		if d != n || basis.Vectors.Rows != n || basis.Vectors.Cols != n {
			panic(badBasis)
		}
	}
	return &Meter{s: s, measure: s.coordinatesIn(basis)}
}

// Measure returns the coordinates of the current iterate, of a Solver with
// 2(N+1) products of n×n matrices. The slices in it are overwritten by the next
// call.
func (m *Meter) Measure() *Coordinates { return m.measure() }

// SingularValues are those of the product at the current iterate, largest
// first.
func (m *Meter) SingularValues() []float64 { return m.s.sigma() }

// coordinates is room for those of depth factors of order n.
func coordinates(depth, n int) Coordinates {
	at := Coordinates{Factors: make([][]float64, depth), FactorsOff: make([]float64, depth), Norms: make([]float64, depth), Product: make([]float64, n)}
	for j := range at.Factors {
		at.Factors[j] = make([]float64, n)
	}
	return at
}

// rotation measures matrices: all of VᵀW_jV is formed.
type rotation[T blas.Float] struct {
	s       *Solver[T]
	v       *mat.Dense
	in      *mat.Dense
	half    *mat.Dense
	out     *mat.Dense
	product blas.General[T]
	at      Coordinates
}

func newRotation[T blas.Float](s *Solver[T], basis *Basis) *rotation[T] {
	n := len(basis.Values)
	m := &rotation[T]{s: s, in: mat.NewDense(n, n, nil), half: mat.NewDense(n, n, nil), out: mat.NewDense(n, n, nil), product: blas.NewGeneral[T](n, n)}
	m.v = mat.NewDense(n, n, slices.Clone(basis.Vectors.Clone().Data))
	m.at = coordinates(len(s.w), n)
	return m
}

func (m *rotation[T]) measure() *Coordinates {
	for j, w := range m.s.w {
		m.at.FactorsOff[j], m.at.Norms[j] = m.rotate(w, m.at.Factors[j])
	}
	m.s.product(m.product)
	m.at.ProductOff, _ = m.rotate(m.product, m.at.Product)
	return &m.at
}

// rotate writes the diagonal of VᵀAV to diag and returns the norms of the rest
// and of all.
func (m *rotation[T]) rotate(a blas.General[T], diag []float64) (off, all float64) {
	for i := range a.Rows {
		dst := m.in.RawRowView(i)
		for j, v := range a.Row(i) {
			dst[j] = float64(v)
		}
	}
	m.half.Mul(m.in, m.v)
	m.out.Mul(m.v.T(), m.half)
	for i := range diag {
		row := m.out.RawRowView(i)
		diag[i] = row[i]
		for j, v := range row {
			if j != i {
				off = math.Hypot(off, v)
			}
		}
	}
	all = off
	for _, v := range diag {
		all = math.Hypot(all, v)
	}
	return off, all
}

// SingularValues are those of a, largest first, all NaN if they cannot be
// found, as those of a matrix that is not finite.
func SingularValues[T blas.Float](a blas.General[T]) []float64 {
	sigma := make([]float64, min(a.Rows, a.Cols))
	d := dense(a)
	top := 0.0
	for _, v := range d.RawMatrix().Data {
		top = max(top, math.Abs(v)) // NaN if one is
	}
	if top == 0 {
		return sigma
	}
	var svd mat.SVD
	if top-top == 0 {
		// Scaled: squares of numbers near the ends of the range leave it.
		d.Apply(func(_, _ int, v float64) float64 { return v / top }, d)
		if svd.Factorize(d, mat.SVDNone) {
			svd.Values(sigma)
			for i := range sigma {
				sigma[i] *= top
			}
			return sigma
		}
	}
	for i := range sigma {
		sigma[i] = math.NaN()
	}
	return sigma
}

// Balancedness is ‖W_{j+1}ᵀW_{j+1} − W_jW_jᵀ‖_F for j = 1 … N−1. The flow keeps
// these matrices; a step of size η changes them by O(η²).
func Balancedness[T blas.Float](w []blas.General[T]) []float64 {
	if Dims(w) == nil {
		panic(badFactors)
	}
	norms := make([]float64, len(w)-1)
	for j := range norms {
		lower, upper := dense(w[j]), dense(w[j+1])
		var a, b mat.Dense
		a.Mul(upper.T(), upper)
		b.Mul(lower, lower.T())
		a.Sub(&a, &b)
		norms[j] = solvers.Norm(a.RawMatrix().Data)
	}
	return norms
}

func dense[T blas.Float](a blas.General[T]) *mat.Dense {
	f := blas.Convert[float64](a)
	return mat.NewDense(f.Rows, f.Cols, f.Clone().Data)
}

// Panic strings of the measurements.
const (
	badBasis   = "deep: the basis and all factors must be n×n"
	badFactors = "deep: the shapes of the factors must chain"
)
