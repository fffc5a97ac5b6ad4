package eigen

import (
	"context"
	"fmt"
	"math"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Pairs are leading eigenpairs of a symmetric d×d matrix Σ, the algebraically
// largest first.
type Pairs struct {
	Values  []float64             // λ_1 ≥ λ_2 ≥ …
	Vectors blas.General[float64] // d×k, orthonormal columns
	// Residuals are ‖Σv − λv‖, computed with one more product at the end. An
	// eigenvalue of Σ lies within this distance of λ.
	Residuals []float64
	Passes    int  // products with Σ
	Converged bool // every residual met its tolerance
}

// Tolerance is the default of Options in float64.
const Tolerance = 1e-14

// Options of Leading and Singular.
type Options struct {
	Seed uint64
	// Tolerance bounds the residuals relative to |λ|_max or σ_1; default Tolerance. The
	// last pair of Leading, which serves for a gap, is held to a thousandth of the gap
	// before it, where that is more, at most to the root of the tolerance.
	Tolerance float64
	// Values says that of Singular only the values are needed: a pair whose value is within
	// ε·σ_1, by its residual and the gap to the others, need not meet the tolerance, which
	// leaves its vectors about √ε off and saves passes.
	Values bool
	// MaxPasses ends the iteration with the residuals it has; default 1000.
	MaxPasses int
}

// withDefaults fills in what is zero for products in T.
func withDefaults[T blas.Float](opt Options) Options {
	if opt.Tolerance == 0 {
		opt.Tolerance = Tolerance
		if blas.SizeOf[T]() == 4 {
			opt.Tolerance = 1e-6
		}
	}
	if opt.MaxPasses == 0 {
		opt.MaxPasses = 1000
	}
	return opt
}

// Leading returns the k algebraically largest eigenpairs, 1 ≤ k ≤ d. Pairs
// whose residual misses the tolerance after MaxPasses are returned as they
// are: look at Residuals. The error is that of a product with Σ or of the
// context.
func Leading[T blas.Float](ctx context.Context, op operator.Operator[T], k int, opt Options) (*Pairs, error) {
	d := op.Dim()
	if k < 1 || k > d {
		panic(fmt.Sprintf("eigen: %d pairs of a %d×%d matrix", k, d, d))
	}
	l := newLanczos(op, k, withDefaults[T](opt))
	converged := false
	for l.passes < l.opt.MaxPasses {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := l.extend(); err != nil {
			return nil, err
		}
		if converged = l.converged(); converged || l.next == 0 {
			break
		}
		if l.size+l.next > l.limit {
			l.restart()
		}
	}
	p, err := l.pairs()
	if p != nil {
		p.Converged = converged
	}
	return p, err
}

// lanczos holds an orthonormal basis V of a block Krylov space, as rows, and
// the projection T = VᵀΣV.
type lanczos[T blas.Float] struct {
	op  operator.Operator[T]
	opt Options
	k   int
	d   int

	limit int                   // rows of V
	v     blas.General[float64] // basis vectors as rows
	size  int                   // rows whose product with Σ is in T
	last  int                   // rows of the last block
	next  int                   // rows behind size that wait for their product
	t     *mat.Dense            // limit×limit

	values []float64  // Ritz values, descending
	ritz   *mat.Dense // their coordinates in V, columns
	resid  []float64
	passes int
	x, y   blas.General[T]
}

func newLanczos[T blas.Float](op operator.Operator[T], k int, opt Options) *lanczos[T] {
	d := op.Dim()
	block := min(k+2, d)
	l := &lanczos[T]{op: op, opt: opt, k: k, d: d}
	l.limit = min(max(12*block, 120), d+block)
	l.v = blas.NewGeneral[float64](l.limit+block, d)
	l.t = mat.NewDense(l.limit+block, l.limit+block, nil)
	rnd := solvers.Stream(opt.Seed, "lanczos start")
	for i := range block {
		row := l.v.Row(i)
		for j := range row {
			row[j] = rnd.NormFloat64()
		}
	}
	l.next = l.orthonormalize(0, block, nil)
	return l
}

// extend multiplies the waiting block with Σ, updates T and the Ritz pairs,
// and leaves the next block waiting.
func (l *lanczos[T]) extend() error {
	lo, hi := l.size, l.size+l.next
	b := l.next
	if l.x.Cols != b {
		l.x, l.y = blas.NewGeneral[T](l.d, b), blas.NewGeneral[T](l.d, b)
		l.op.Reserve(b)
	}
	for c := range b {
		for i, v := range l.v.Row(lo + c) {
			l.x.Data[i*b+c] = T(v)
		}
	}
	if err := l.op.Mul(l.y, l.x); err != nil {
		return err
	}
	l.passes++
	for c := range b {
		row := l.v.Row(hi + c)
		for i := range row {
			row[i] = float64(l.y.Data[i*b+c])
		}
	}
	for i := range hi {
		for c := range b {
			s := dot(l.v.Row(i), l.v.Row(hi+c))
			l.t.Set(i, lo+c, s)
			l.t.Set(lo+c, i, s)
		}
	}
	l.size, l.last = hi, b

	// What V does not span of ΣV: coefficients B with residual = Qnext·B.
	coupling := mat.NewDense(b, b, nil)
	l.next = l.orthonormalize(hi, b, coupling)
	l.rayleighRitz(coupling)
	return nil
}

// orthonormalize makes rows lo … lo+b−1 of V orthonormal to all rows above and
// to each other, twice for full accuracy, drops those that vanish, and returns
// how many are left. coupling, when not nil, receives the coefficients: row c
// as it was = (part in the rows above) + Σ_k coupling[k,c]·(new row k).
func (l *lanczos[T]) orthonormalize(lo, b int, coupling *mat.Dense) int {
	kept := 0
	for c := range b {
		row := l.v.Row(lo + c)
		before := norm(row)
		for range 2 {
			for i := range lo + kept {
				q := l.v.Row(i)
				s := dot(q, row)
				if i >= lo && coupling != nil {
					coupling.Set(i-lo, c, coupling.At(i-lo, c)+s)
				}
				axpy(-s, q, row)
			}
		}
		after := norm(row)
		// Nothing but rounding is left: the direction lies in the space.
		if after <= 1e-14*max(before, l.scale()) || lo+kept >= l.d {
			continue
		}
		if coupling != nil {
			coupling.Set(kept, c, after)
		}
		to := l.v.Row(lo + kept)
		for i, v := range row {
			to[i] = v / after
		}
		kept++
	}
	return kept
}

// scale is the largest Ritz value in magnitude.
func (l *lanczos[T]) scale() float64 {
	if len(l.values) == 0 {
		return 0
	}
	return max(math.Abs(l.values[0]), math.Abs(l.values[len(l.values)-1]))
}

func (l *lanczos[T]) rayleighRitz(coupling *mat.Dense) {
	n := l.size
	// gonum's eigenvalue routines fail on elements near the ends of the range.
	var top float64
	for i := range n {
		for j := range n {
			top = max(top, math.Abs(l.t.At(i, j)))
		}
	}
	_, exponent := math.Frexp(top)
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			sym.SetSym(i, j, math.Ldexp(l.t.At(i, j), -exponent))
		}
	}
	var eig mat.EigenSym
	if math.IsNaN(top) || math.IsInf(top, 0) || !eig.Factorize(sym, true) {
		// Not finite: the residuals say so.
		l.values = make([]float64, n)
		l.resid = make([]float64, n)
		l.ritz = mat.NewDense(n, n, nil)
		for i := range n {
			l.values[i], l.resid[i] = math.NaN(), math.NaN()
		}
		l.next = 0
		return
	}
	ascending := eig.Values(nil)
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	l.values = make([]float64, n)
	l.resid = make([]float64, n)
	l.ritz = mat.NewDense(n, n, nil)
	for i := range n {
		l.values[i] = math.Ldexp(ascending[n-1-i], exponent)
		for j := range n {
			l.ritz.Set(j, i, vectors.At(j, n-1-i))
		}
		for a := range l.next {
			var s float64
			for c := range l.last {
				s += coupling.At(a, c) * l.ritz.At(n-l.last+c, i)
			}
			l.resid[i] = math.Hypot(l.resid[i], s) // squares of tiny residuals would underflow
		}
	}
}

func (l *lanczos[T]) converged() bool {
	return l.size >= l.k && Resolved(l.values[:l.k], l.resid[:l.k], l.scale(), l.opt.Tolerance)
}

// Resolved says whether pairs with these residuals are as accurate as Options.Tolerance
// asks; scale is |λ|_max.
func Resolved(values, residuals []float64, scale, tolerance float64) bool {
	last := len(values) - 1
	for i, residual := range residuals {
		tol := tolerance
		if i == last && i > 0 && scale > 0 {
			gap := (values[i-1] - values[i]) / scale
			tol = max(tol, min(1e-3*gap, math.Sqrt(tol)))
		}
		if !(residual <= tol*scale) {
			return false
		}
	}
	return true
}

// restart keeps the best Ritz vectors and the waiting block (Wu and Simon,
// "Thick-restart Lanczos method for large symmetric eigenvalue problems", SIAM
// J. Matrix Anal. Appl. 22, 2000).
func (l *lanczos[T]) restart() {
	keep := min(l.k+l.last+(l.limit-l.k)/3, l.size-1)
	kept := l.combine(keep)
	next := make([][]float64, l.next)
	for c := range next {
		next[c] = append([]float64(nil), l.v.Row(l.size+c)...)
	}
	for i := range keep {
		copy(l.v.Row(i), kept.Row(i))
	}
	for c, row := range next {
		copy(l.v.Row(keep+c), row)
	}
	l.t.Zero()
	for i := range keep {
		l.t.Set(i, i, l.values[i])
	}
	l.size = keep
}

// combine returns the first n Ritz vectors as rows.
func (l *lanczos[T]) combine(n int) blas.General[float64] {
	out := blas.NewGeneral[float64](n, l.d)
	basis := l.v.RowsOf(0, l.size)
	blas64.Gemm(gblas.Trans, gblas.NoTrans, 1, l.ritz.Slice(0, l.size, 0, n).(*mat.Dense).RawMatrix(), blas64.General(basis), 0, blas64.General(out))
	return out
}

func (l *lanczos[T]) pairs() (*Pairs, error) {
	k := l.k
	rows := l.combine(k)
	p := &Pairs{Values: append([]float64(nil), l.values[:k]...), Vectors: blas.NewGeneral[float64](l.d, k), Residuals: make([]float64, k)}
	x, y := blas.NewGeneral[T](l.d, k), blas.NewGeneral[T](l.d, k)
	for c := range k {
		for i, v := range rows.Row(c) {
			p.Vectors.Data[i*k+c] = v
			x.Data[i*k+c] = T(v)
		}
	}
	l.op.Reserve(k)
	if err := l.op.Mul(y, x); err != nil {
		return nil, err
	}
	for c := range k {
		e := make([]float64, l.d)
		for i := range e {
			e[i] = float64(y.Data[i*k+c]) - p.Values[c]*p.Vectors.Data[i*k+c]
		}
		p.Residuals[c] = norm(e)
	}
	p.Passes = l.passes + 1
	return p, nil
}

func dot(x, y []float64) float64 {
	return blas64.Dot(blas64.Vector{N: len(x), Data: x, Inc: 1}, blas64.Vector{N: len(y), Data: y, Inc: 1})
}

func norm(x []float64) float64 { return blas64.Nrm2(blas64.Vector{N: len(x), Data: x, Inc: 1}) }

func axpy(a float64, x, y []float64) {
	blas64.Axpy(a, blas64.Vector{N: len(x), Data: x, Inc: 1}, blas64.Vector{N: len(y), Data: y, Inc: 1})
}
