package problem

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
)

// Reflections is the number of random reflections whose product is Q.
const Reflections = 8

// Dense is Σ = QΛQᵀ with Q = H_1⋯H_k, a product of Householder reflections
// along random directions. In the compact form Q = I − VSVᵀ (Schreiber and
// Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989),
//
//	Σ = Λ + VPᵀ + PVᵀ,  P = ½VM − ΛVSᵀ,  M = S(VᵀΛV)Sᵀ,
//
// so that any element costs O(k) and Σ is symmetric to the last bit.
type Dense struct {
	lambda []float64
	v, p   blas.General[float64] // d×k
	s      []float64             // k×k, upper triangular
}

// NewDense draws the reflections of a Σ with eigenvalues lambda.
func NewDense(lambda []float64, seed uint64) *Dense {
	d, k := len(lambda), Reflections
	m := &Dense{lambda: lambda, v: blas.NewGeneral[float64](d, k), p: blas.NewGeneral[float64](d, k), s: make([]float64, k*k)}
	rnd := solvers.Stream(seed, "reflections")
	for i := range m.v.Data {
		m.v.Data[i] = rnd.NormFloat64()
	}
	for c := range k { // unit columns, so that H = I − 2vvᵀ
		var sum float64
		for i := range d {
			sum += m.v.Row(i)[c] * m.v.Row(i)[c]
		}
		for i := range d {
			m.v.Row(i)[c] /= math.Sqrt(sum)
		}
	}
	vv, vlv := make([]float64, k*k), make([]float64, k*k) // VᵀV, VᵀΛV
	for i := range d {
		row := m.v.Row(i)
		for a, x := range row {
			for b, y := range row {
				vv[a*k+b] += x * y
				vlv[a*k+b] += lambda[i] * x * y
			}
		}
	}
	// H_1⋯H_{c+1} = (I − VSVᵀ)(I − 2vvᵀ): the new column of S is −2S(Vᵀv), and
	// 2 on the diagonal.
	for c := range k {
		for a := range c {
			var sum float64
			for b := a; b < c; b++ {
				sum += m.s[a*k+b] * vv[b*k+c]
			}
			m.s[a*k+c] = -2 * sum
		}
		m.s[c*k+c] = 2
	}
	// M = S(VᵀΛV)Sᵀ, made symmetric.
	mm := make([]float64, k*k)
	for a := range k {
		for b := range a + 1 {
			var sum float64
			for x := a; x < k; x++ {
				for y := b; y < k; y++ {
					sum += m.s[a*k+x] * vlv[x*k+y] * m.s[b*k+y]
				}
			}
			mm[a*k+b], mm[b*k+a] = sum, sum
		}
	}
	// Σ = Λ − ΛVSᵀVᵀ − VSVᵀΛ + VMVᵀ = Λ + PVᵀ + VPᵀ with P = ½VM − ΛVSᵀ.
	for i := range d {
		v, p := m.v.Row(i), m.p.Row(i)
		for a := range k {
			for b := range k {
				p[a] += v[b] * (mm[b*k+a]/2 - lambda[i]*m.s[a*k+b])
			}
		}
	}
	return m
}

// Row sets dst[j] = σ_ij for j < len(dst). It may be called from several
// goroutines.
func (m *Dense) Row(i int, dst []float64) { row(m, i, dst) }

// row rounds to the element type last.
func row[T blas.Float](m *Dense, i int, dst []T) {
	vi, pi := m.v.Row(i), m.p.Row(i)
	for j := range dst {
		vj, pj := m.v.Row(j), m.p.Row(j)
		var s float64
		for k, v := range vi {
			// The conversions keep the compiler from fusing one of the products:
			// (i, j) and (j, i) then have the same bits.
			s += float64(v*pj[k]) + float64(pi[k]*vj[k])
		}
		if i == j {
			s += m.lambda[i]
		}
		dst[j] = T(s)
	}
}

// Dim is the order of Σ.
func (m *Dense) Dim() int { return len(m.lambda) }

// Eigenvectors returns the first n columns of Q, to which the eigenvalues
// lambda[0] … lambda[n−1] belong.
func (m *Dense) Eigenvectors(n int) blas.General[float64] {
	d, k := len(m.lambda), m.v.Cols
	if n > d {
		panic(fmt.Sprintf("problem: %d eigenvectors of order %d", n, d))
	}
	q := blas.NewGeneral[float64](d, n)
	w := make([]float64, k) // S·(row j of V)ᵀ
	for j := range n {
		for a := range k {
			w[a] = 0
			for b := a; b < k; b++ {
				w[a] += m.s[a*k+b] * m.v.Row(j)[b]
			}
		}
		for i := range d {
			var s float64
			for a, v := range m.v.Row(i) {
				s -= v * w[a]
			}
			if i == j {
				s++
			}
			q.Row(i)[j] = s
		}
	}
	return q
}

// Rotate sets x ← Qx: the start in whose coordinates a run on Σ is the run on
// Λ from x.
func (m *Dense) Rotate(x blas.General[float64]) {
	k, r := m.v.Cols, x.Cols
	vx, w := make([]float64, k*r), make([]float64, k*r)
	for i := range x.Rows {
		for a, v := range m.v.Row(i) {
			for c, y := range x.Row(i) {
				vx[a*r+c] += v * y
			}
		}
	}
	for a := range k {
		for b := a; b < k; b++ {
			for c := range r {
				w[a*r+c] += m.s[a*k+b] * vx[b*r+c]
			}
		}
	}
	for i := range x.Rows {
		row := x.Row(i)
		for a, v := range m.v.Row(i) {
			for c := range row {
				row[c] -= v * w[a*r+c]
			}
		}
	}
}
