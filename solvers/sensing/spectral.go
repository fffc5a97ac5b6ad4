package sensing

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// Space is L, the span of the eigenvectors of the r_* largest eigenvalues of
// 𝒜*𝒜(XXᵀ) = 𝒜*(y), to which spectral initialization and the first phase of a
// small start lead (Stöger and Soltanolkotabi 2021, section 4).
type Space struct {
	// Values are the r_*+1 largest eigenvalues, r_* of them when r_* = n: L is
	// determined as well as λ_{r_*} − λ_{r_*+1} is large.
	Values    []float64
	Residuals []float64             // ‖𝒜*(y)v − λv‖ of each
	Basis     blas.General[float64] // V_L, n×r_*, orthonormal columns
	Converged bool                  // every residual met its tolerance
}

// Resolved says whether L can be told: λ_{r_*} − λ_{r_*+1} is larger than the
// residuals, and λ_{r_*} not 0.
func (s *Space) Resolved() bool {
	r := s.Basis.Cols
	if r == s.Basis.Rows {
		return true // all of ℝⁿ
	}
	gap, residual := s.Values[r-1], s.Residuals[r-1]
	if r < len(s.Values) {
		gap, residual = gap-s.Values[r], max(residual, s.Residuals[r])
	}
	return gap > 2*residual && s.Values[r-1] != 0
}

// LeadingSpace computes L for 1 ≤ r_* ≤ n.
func LeadingSpace[T blas.Float](ctx context.Context, back operator.Operator[T], rank int, seed uint64) (*Space, error) {
	n := back.Dim()
	if rank < 1 || rank > n {
		panic(badRank)
	}
	pairs, err := eigen.Leading(ctx, back, min(rank+1, n), eigen.Options{Seed: seed})
	if err != nil {
		return nil, err
	}
	s := &Space{Values: pairs.Values, Residuals: pairs.Residuals, Converged: pairs.Converged, Basis: blas.NewGeneral[float64](n, rank)}
	for i := range n {
		copy(s.Basis.Row(i), pairs.Vectors.Row(i))
	}
	return s, nil
}

// Columns is what the analysis needs of an iterate U, n×r: its singular values
// and L_t, the span of its leading left singular vectors.
type Columns struct {
	// Sigma are all min(n, r) singular values, largest first, to a rounding
	// error of the first; NaN when U is not finite.
	Sigma []float64
	// Basis is V_{L_t}, n×k, orthonormal columns. It has no columns where
	// rounding hides L_t: σ_k ≤ max(n, r)·ε·σ_1, ε that of U's elements.
	Basis blas.General[float64]
}

// ColumnsOf takes them from a singular value decomposition of U itself: a Gram
// matrix would lose what lies below √ε·σ_1, as σ_{r_*+1} soon does. The angle
// of L_t has an error of about ε·σ_1/(σ_k − σ_{k+1}). Rank k ≥ 0 is at most
// min(n, r); with 0 only the singular values are computed.
func ColumnsOf[T blas.Float](u blas.General[T], rank int) *Columns {
	n, r := u.Rows, u.Cols
	if rank < 0 || rank > min(n, r) {
		panic(badRank)
	}
	c := &Columns{Sigma: make([]float64, min(n, r)), Basis: blas.NewGeneral[float64](n, 0)}
	a, top := mat.NewDense(n, r, nil), 0.0
	for i := range n {
		for j, v := range u.Row(i) {
			a.Set(i, j, float64(v))
			if v-v != 0 {
				top = math.NaN()
			}
			top = max(top, math.Abs(float64(v))) // max keeps a NaN
		}
	}
	if top == 0 {
		return c
	}
	// Away from the ends of the range, where the decomposition may fail.
	_, exponent := math.Frexp(top)
	kind := mat.SVDNone
	if rank > 0 {
		kind = mat.SVDThinU
	}
	var svd mat.SVD
	a.Apply(func(_, _ int, v float64) float64 { return math.Ldexp(v, -exponent) }, a)
	if math.IsNaN(top) || !svd.Factorize(a, kind) {
		for k := range c.Sigma {
			c.Sigma[k] = math.NaN()
		}
		return c
	}
	svd.Values(c.Sigma)
	if rank > 0 && c.Sigma[rank-1] > float64(max(n, r))*solvers.Epsilon[T]()*c.Sigma[0] {
		var left mat.Dense
		svd.UTo(&left)
		c.Basis = blas.NewGeneral[float64](n, rank)
		for i := range n {
			copy(c.Basis.Row(i), left.RawRowView(i))
		}
	}
	for k, v := range c.Sigma {
		c.Sigma[k] = math.Ldexp(v, exponent)
	}
	return c
}

// At is σ_k, k from 1; 0 past the last.
func (c *Columns) At(k int) float64 {
	if k > len(c.Sigma) {
		return 0
	}
	return c.Sigma[k-1]
}

// Sine is ‖(I − VVᵀ)W‖, the sine of the largest principal angle between the
// spans of V and W, both n×k with orthonormal columns. It comes from the part
// of W outside of V, not from √(1 − cos²): tiny angles are accurate to a
// rounding error of 1. It is NaN when one of them has no columns.
func Sine(v, w blas.General[float64]) float64 {
	if v.Rows != w.Rows {
		panic(badSpaces)
	}
	if v.Cols == 0 || w.Cols == 0 {
		return math.NaN()
	}
	if v.Cols != w.Cols {
		panic(badSpaces)
	}
	k := w.Cols
	rest, inside := w.Clone(), make([]float64, k)
	for range 2 { // the second time removes what rounding left
		for c := range k {
			clear(inside)
			for i := range v.Rows {
				for j, x := range v.Row(i) {
					inside[j] += x * rest.Row(i)[c]
				}
			}
			for i := range v.Rows {
				for j, x := range v.Row(i) {
					rest.Row(i)[c] -= inside[j] * x
				}
			}
		}
	}
	gram := make([]float64, k*k)
	for i := range rest.Rows {
		row := rest.Row(i)
		for a, x := range row {
			for b, y := range row {
				gram[a*k+b] += x * y
			}
		}
	}
	return min(math.Sqrt(eigen.Largest(gram, k)), 1)
}

// Panic strings of the analysis, for errors of the programmer.
const (
	badRank   = "sensing: r_* must be at least 1 and at most n and r"
	badSpaces = "sensing: the spaces are not of the same shape"
)
