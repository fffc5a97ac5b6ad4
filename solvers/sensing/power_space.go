package sensing

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// exactOrder is the largest n of which 𝒜*(y) is decomposed for powerSpace, O(n³).
const exactOrder = 1000

// powerSpace is the span of the r_* leading left singular vectors of the power method's
// iterate Ũ_t = (I + μ𝒜*(y))^t U_0, for any t at once, with a relative accuracy that does not
// depend on how far the singular values of Ũ_t have drifted apart. In the eigenbasis V of
// 𝒜*(y)
//
//	VᵀŨ_t = D^t·C,   D = diag(1 + μλ_k),   C = VᵀU_0,
//
// and with Cᵀ = QR the left singular vectors are those of D^t·Rᵀ, a lower trapezoid whose
// columns are graded as its rows are. Rotations of its columns (one-sided Jacobi), each held
// with a scale of its own, find them without taking large numbers from each other (Demmel and
// Veselić, "Jacobi's method is more accurate than QR", 1992).
type powerSpace struct {
	vectors  blas.General[float64] // V, columns in the order of |1 + μλ|, largest first
	log      []float64             // log|1 + μλ_k|
	negative []bool                // 1 + μλ_k is
	inL      []bool                // λ_k is among the r_* largest
	r        [][]float64           // rows of R, zero left of the diagonal
	rank     int
}

// newPowerSpace decomposes 𝒜*(y).
func newPowerSpace[T blas.Float](back operator.Operator[T], u0 blas.General[T], mu float64, rank int) (*powerSpace, error) {
	n, columns := u0.Rows, u0.Cols
	s, err := elementsOf(back)
	if err != nil {
		return nil, err
	}
	var decomposition mat.EigenSym
	if !decomposition.Factorize(s, true) {
		return nil, errNoEigenvalues
	}
	lambda := decomposition.Values(nil) // ascending
	var v mat.Dense
	decomposition.VectorsTo(&v)
	order := make([]int, n)
	for k := range order {
		order[k] = n - 1 - k
	}
	growth := func(k int) float64 { return math.Log(math.Abs(1 + mu*lambda[k])) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(growth(b), growth(a)) })
	p := &powerSpace{
		vectors: blas.NewGeneral[float64](n, n), rank: rank,
		log: make([]float64, n), negative: make([]bool, n), inL: make([]bool, n),
	}
	ct := mat.NewDense(columns, n, nil) // Cᵀ
	for k, from := range order {
		p.log[k], p.negative[k], p.inL[k] = growth(from), 1+mu*lambda[from] < 0, from >= n-rank
		for i := range n {
			x := v.At(i, from)
			p.vectors.Row(i)[k] = x
			for j, u := range u0.Row(i) {
				ct.Set(j, k, ct.At(j, k)+x*float64(u))
			}
		}
	}
	q := min(columns, n)
	var qr mat.QR
	qr.Factorize(ct.Slice(0, columns, 0, q))
	var full, r mat.Dense
	qr.QTo(&full)
	r.Mul(full.T(), ct)
	lost := float64(max(n, columns)) * 0x1p-52 * mat.Norm(ct, 2)
	for j := range q {
		row := mat.Row(nil, j, &r)
		clear(row[:j])
		if floats.Norm(row, 2) <= lost { // of a U_0 of lower rank
			clear(row)
		}
		p.r = append(p.r, row)
	}
	return p, nil
}

var errNoEigenvalues = errors.New("the eigenvalues of 𝒜*(y) cannot be computed")

// elementsOf is the symmetric matrix that an operator multiplies with.
func elementsOf[T blas.Float](op operator.Operator[T]) (*mat.SymDense, error) {
	const width = 64
	n := op.Dim()
	s := mat.NewSymDense(n, nil)
	for j0 := 0; j0 < n; j0 += width {
		w := min(width, n-j0)
		e, product := blas.NewGeneral[T](n, w), blas.NewGeneral[T](n, w)
		for j := range w {
			e.Row(j0 + j)[j] = 1
		}
		op.Reserve(w)
		if err := op.Mul(product, e); err != nil {
			return nil, err
		}
		for i := range n {
			for j, x := range product.Row(i) {
				if i <= j0+j {
					s.SetSym(i, j0+j, float64(x))
				}
			}
		}
	}
	return s, nil
}

// at returns the space of Ũ_t: the sine of its largest angle to L, and an orthonormal basis,
// n×r_*. They are NaN and without columns where Ũ_t has a rank below r_*.
func (p *powerSpace) at(t int) (angle float64, basis blas.General[float64]) {
	columns := p.columnsAt(t)
	if len(columns) < p.rank {
		return math.NaN(), blas.NewGeneral[float64](len(p.log), 0)
	}
	columns.rotate(p.rank)
	lowest, rest := math.Inf(1), math.Inf(-1)
	for j, c := range columns {
		if j < p.rank {
			lowest = min(lowest, c.log)
		} else {
			rest = logHypot(rest, c.log)
		}
	}
	if rest > lowest { // the rest may have a larger singular value
		columns.rotate(len(columns))
		slices.SortStableFunc(columns, func(a, b scaledColumn) int { return cmp.Compare(b.log, a.log) })
	}
	return p.angle(columns[:p.rank]), p.basis(columns[:p.rank], t)
}

// logHypot is log√(e²ˣ + e²ʸ).
func logHypot(x, y float64) float64 {
	high, low := max(x, y), min(x, y)
	if math.IsInf(high, -1) {
		return high
	}
	return high + math.Log1p(math.Exp(2*(low-high)))/2
}

// columnsAt are the columns of D^t·Rᵀ that are not zero.
func (p *powerSpace) columnsAt(t int) scaledColumns {
	var all scaledColumns
	for j, row := range p.r {
		c := scaledColumn{unit: make([]float64, len(row))}
		for k := j; k < len(row); k++ {
			factor := 1.
			if t > 0 && k > j {
				factor = math.Exp(float64(t) * (p.log[k] - p.log[j]))
			}
			c.unit[k] = row[k] * factor
		}
		if t > 0 {
			if math.IsInf(p.log[j], -1) { // and so is all that follows
				break
			}
			c.log = float64(t) * p.log[j]
		}
		if c.normalize() {
			all = append(all, c)
		}
	}
	return all
}

// angle is ‖V_{L⊥}ᵀW‖ of orthonormal columns W.
func (p *powerSpace) angle(w scaledColumns) float64 {
	var top float64
	for k, in := range p.inL {
		for _, c := range w {
			if !in {
				top = max(top, math.Abs(c.unit[k]))
			}
		}
	}
	if top == 0 {
		return 0
	}
	gram := make([]float64, len(w)*len(w))
	for k, in := range p.inL {
		if in {
			continue
		}
		for a, x := range w {
			for b, y := range w {
				gram[a*len(w)+b] += x.unit[k] / top * (y.unit[k] / top)
			}
		}
	}
	return min(top*math.Sqrt(eigen.Largest(gram, len(w))), 1)
}

// basis takes columns back from the eigenbasis.
func (p *powerSpace) basis(w scaledColumns, t int) blas.General[float64] {
	b := blas.NewGeneral[float64](len(p.log), len(w))
	for j, c := range w {
		for k, x := range c.unit {
			if x == 0 {
				continue
			}
			if p.negative[k] && t%2 == 1 {
				x = -x
			}
			for i := range b.Rows {
				b.Row(i)[j] += p.vectors.Row(i)[k] * x
			}
		}
	}
	return b
}
