package symmetric

import (
	"math"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// Eigenbasis is what the theory needs of Σ: its r+1 leading eigenvalues, largest
// first, and the eigenvectors of the first r.
type Eigenbasis struct {
	Values  []float64             // λ_1 … λ_{r+1}
	Vectors blas.General[float64] // V_r, d×r, orthonormal columns
	// Residuals are ‖Σv − λv‖ of the r+1 pairs; nil for eigenpairs that are
	// known, as those of a diagonal Σ.
	Residuals []float64
}

// DiagonalEigenbasis is the basis of a diagonal Σ of order above r: coordinate
// vectors.
func DiagonalEigenbasis[T blas.Float](op *operator.Diagonal[T], r int) *Eigenbasis {
	values, at := op.Eigen(r + 1)
	b := &Eigenbasis{Values: values, Vectors: blas.NewGeneral[float64](op.Dim(), r)}
	for k := range r {
		b.Vectors.Row(at[k])[k] = 1
	}
	return b
}

// Quantities are those of the paper's analysis at one iterate, in the
// eigenbasis of Σ: u_k is row k of VᵀX, K_k its rows k+1 … d, U its rows 1 …
// r, J the rest. They come from X alone, in two sweeps over it of O(dr²)
// operations and r eigenvalue problems of order r, O(r⁴), and one of order 2r, which are
// the smaller part while r² < d. They come from sums of squares only: they are accurate to
// rounding errors of ‖X‖, however small they are.
type Quantities struct {
	Error    float64   // ‖Σ_r − XXᵀ‖_F, negative eigenvalues of Σ taken as 0 in Σ_r
	Spectral float64   // ‖Σ_r − XXᵀ‖, the spectral norm
	Signal   []float64 // σ_1²(u_k), k = 1 … r
	Noise    []float64 // σ_1(u_kK_kᵀ)
	SigmaK   []float64 // σ_1(K_k)
	SNR      []float64 // σ_1²(u_k)/σ_1(u_kK_kᵀ)
	SigmaRU  float64   // σ_r(U)
	Sigma1J  float64   // σ_1(J)
	Sigma1X  float64   // σ_1(X)
	SNRBlock float64   // σ_r²(U)/σ_1²(J), the signal-to-noise ratio of section 3
	InR      bool      // membership of the set R, (10), Δ = λ_r − λ_{r+1}
	InS      bool      // membership of the set S, (13), Δ = min_{i≤r}(λ_i − λ_{i+1})
}

// Theory measures the quantities of the analysis. It owns its storage, O(r²)
// for each of its parts, and serves one caller at a time.
type Theory[T blas.Float] struct {
	basis   *Eigenbasis
	d, r    int // of the iterates
	order   int // of Σ, which iterates in coordinates have fewer rows than
	threads int
	parts   int

	x    blas.General[T]
	unit float64 // X is measured in it: a power of two near λ_1^½, so that no square leaves its range
	pass int
	u    blas.General[float64] // V_rᵀX
	sums []theorySums
	jtj  []float64 // JᵀJ
	q    Quantities

	of      any     // the solver whose iterate is measured in q
	version uint64  // of it
	leftOut float64 // what iterates in coordinates lack, relative to ‖X‖
	before  func()  // what brings the basis to the solver's coordinates; may be nil
}

// rebase gives the eigenvectors other coordinates, of which there may be more or
// fewer: for iterates in these. A sweep has no more parts than of the first.
func (th *Theory[T]) rebase(vectors blas.General[float64], parts int) {
	th.basis = &Eigenbasis{Values: th.basis.Values, Residuals: th.basis.Residuals, Vectors: vectors}
	th.d, th.parts, th.of = vectors.Rows, parts, nil
	th.sums = th.sums[:parts]
}

// parts is into how many a sweep over d rows is cut.
func parts(d int) int { return min(max(d/512, 1), 16) }

type theorySums struct {
	u, jtj []float64
	cross  []float64 // ‖J̃u_kᵀ‖²
	row    []float64
}

// NewTheory prepares measurements of d×r iterates.
func NewTheory[T blas.Float](b *blas.Backend, basis *Eigenbasis) *Theory[T] {
	d, r := basis.Vectors.Rows, basis.Vectors.Cols
	if len(basis.Values) != r+1 || r < 1 {
		panic(badBasis)
	}
	th := &Theory[T]{basis: basis, d: d, r: r, order: d, threads: b.Threads, parts: parts(d)}
	th.unit = 1
	if l := basis.Values[0]; l > 0 {
		_, exponent := math.Frexp(l)
		th.unit = math.Ldexp(1, exponent/2)
	}
	th.u = blas.NewGeneral[float64](r, r)
	th.jtj = make([]float64, r*r)
	th.sums = make([]theorySums, th.parts)
	for i := range th.sums {
		th.sums[i] = theorySums{u: make([]float64, r*r), jtj: make([]float64, r*r), cross: make([]float64, r), row: make([]float64, r)}
	}
	th.q = Quantities{Signal: make([]float64, r), Noise: make([]float64, r), SigmaK: make([]float64, r), SNR: make([]float64, r)}
	return th
}

// Of returns the quantities at the current iterate of s, which are computed
// once however many recorders ask. The slices in it are overwritten when
// another iterate is measured.
func (th *Theory[T]) Of(s *Solver[T]) *Quantities {
	if th.of != any(s) || th.version != s.version {
		if th.before != nil {
			th.before()
		}
		th.Measure(s.x)
		th.of, th.version = s, s.version
	}
	return &th.q
}

// Measure returns the quantities at x. The slices in it are overwritten by the
// next call.
func (th *Theory[T]) Measure(x blas.General[T]) *Quantities {
	x.Check(th.d, th.r)
	th.x, th.of = x, nil
	r, q := th.r, &th.q

	th.pass = 0
	parallel.Run(th.threads, th.parts, th)
	clear(th.u.Data)
	for _, s := range th.sums {
		add(th.u.Data, s.u)
	}
	th.pass = 1
	parallel.Run(th.threads, th.parts, th)
	clear(th.jtj)
	cross := make([]float64, r)
	for _, s := range th.sums {
		add(th.jtj, s.jtj)
		add(cross, s.cross)
	}
	blas.MirrorLower(r, th.jtj)
	th.x = blas.General[T]{}

	// ‖Σ_r − XXᵀ‖² = ‖Λ_r − UUᵀ‖² + 2Σ_k‖J̃u_kᵀ‖² + ‖JᵀJ‖²
	var sum float64
	for i := range r {
		for j := range r {
			e := -dot(th.u.Row(i), th.u.Row(j))
			if i == j {
				q.Signal[i] = -e
				e += max(th.basis.Values[i], 0) / th.unit / th.unit
			}
			sum += e * e
		}
		sum += 2 * cross[i]
	}
	q.Error = math.Sqrt(sum + dot(th.jtj, th.jtj))
	q.Spectral = th.spectralError()

	// From the last signal up: K_kᵀK_k = JᵀJ + Σ_{k<i≤r} u_iᵀu_i.
	ktk := append([]float64(nil), th.jtj...)
	q.Sigma1J = math.Sqrt(eigen.Largest(ktk, r))
	for k := r - 1; k >= 0; k-- {
		uk := th.u.Row(k)
		noise := cross[k]
		for i := k + 1; i < r; i++ {
			c := dot(uk, th.u.Row(i))
			noise += c * c
		}
		q.Noise[k] = math.Sqrt(noise)
		q.SNR[k] = q.Signal[k] / q.Noise[k]
		q.SigmaK[k] = math.Sqrt(eigen.Largest(ktk, r))
		for a, v := range uk {
			for b, w := range uk {
				ktk[a*r+b] += v * w
			}
		}
	}
	q.Sigma1X = math.Sqrt(eigen.Largest(ktk, r)) // ktk is XᵀX now
	q.SigmaRU = eigen.SmallestSingular(th.u)
	q.SNRBlock = (q.SigmaRU / q.Sigma1J) * (q.SigmaRU / q.Sigma1J)
	th.rescale(q)
	q.InR, q.InS = th.inR(q), th.inS(q)
	return q
}

// rescale takes the unit off the quantities.
func (th *Theory[T]) rescale(q *Quantities) {
	for _, v := range []*float64{&q.SigmaRU, &q.Sigma1J, &q.Sigma1X} {
		*v *= th.unit
	}
	for k := range th.r {
		q.Signal[k] *= th.unit * th.unit
		q.Noise[k] *= th.unit * th.unit
		q.SigmaK[k] *= th.unit
	}
	q.Error *= th.unit * th.unit
	q.Spectral *= th.unit * th.unit
}

// inR is membership of R, (10).
func (th *Theory[T]) inR(q *Quantities) bool {
	l, r := th.basis.Values, th.r
	delta := l[r-1] - l[r]
	return q.Sigma1X*q.Sigma1X <= 2*l[0] && q.SigmaRU*q.SigmaRU >= delta/4 && q.Sigma1J*q.Sigma1J <= l[r-1]-delta/2
}

// inS is membership of S, (13).
func (th *Theory[T]) inS(q *Quantities) bool {
	l := th.basis.Values
	delta := MinGap(l)
	if q.Sigma1X*q.Sigma1X > 2*l[0] {
		return false
	}
	for k, s := range q.SigmaK {
		if !(s*s <= l[k]-3*delta/4) {
			return false
		}
	}
	return true
}

// Part sweeps one stretch of rows: first for U = V_rᵀX, then, with the rows of
// J̃ = X − V_rU formed by subtraction, for JᵀJ and the vectors J̃u_kᵀ.
func (th *Theory[T]) Part(part int) {
	s := &th.sums[part]
	i0, i1 := th.d*part/th.parts, th.d*(part+1)/th.parts
	if th.pass == 0 {
		clear(s.u)
		for i := i0; i < i1; i++ {
			x := th.widen(s.row, th.x.Row(i))
			for k, v := range th.basis.Vectors.Row(i) {
				if v == 0 && finite(x) { // most of a coordinate basis
					continue
				}
				axpy(v, x, s.u[k*th.r:(k+1)*th.r])
			}
		}
		return
	}
	clear(s.jtj)
	clear(s.cross)
	for i := i0; i < i1; i++ {
		j := th.widen(s.row, th.x.Row(i))
		for k, v := range th.basis.Vectors.Row(i) {
			if v != 0 {
				axpy(-v, th.u.Row(k), j)
			}
		}
		for a, v := range j {
			axpy(v, j[:a+1], s.jtj[a*th.r:a*th.r+a+1]) // lower triangle
			c := dot(j, th.u.Row(a))
			s.cross[a] += c * c
		}
	}
}

// widen converts a row of X, in the unit.
func (th *Theory[T]) widen(dst []float64, src []T) []float64 {
	for i, v := range src {
		dst[i] = float64(v) / th.unit
	}
	return dst
}

func finite(x []float64) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

func add(dst, src []float64) {
	for i, v := range src {
		dst[i] += v
	}
}

func axpy(a float64, x, y []float64) {
	x = x[:len(y)]
	for i := range y {
		y[i] += a * x[i]
	}
}

func dot(x, y []float64) float64 {
	var s float64
	y = y[:len(x)]
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

// EigenbasisOf takes the r+1 eigenpairs that eigen.Leading found.
func EigenbasisOf(p *eigen.Pairs) *Eigenbasis {
	r := len(p.Values) - 1
	b := &Eigenbasis{Values: p.Values, Residuals: p.Residuals, Vectors: blas.NewGeneral[float64](p.Vectors.Rows, r)}
	for i := range b.Vectors.Rows {
		copy(b.Vectors.Row(i), p.Vectors.Row(i))
	}
	return b
}
