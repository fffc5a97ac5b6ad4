package eigen

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// golubKahan is block Golub-Kahan with full reorthogonalisation (Golub, Luk and Overton, "A
// block Lanczos method for computing the singular values and corresponding singular vectors
// of a matrix", 1981) and thick restarts (Baglama and Reichel, "Augmented implicitly
// restarted Lanczos bidiagonalization methods", 2005): orthonormal bases P of span{X, AY,
// AAᵀX, …} and Q of span{Y, AᵀX, AᵀAY, …} for random X and Y, so that one pass over A, which
// gives AY and AᵀX, extends both, and B = PᵀAQ with
//
//	AQ = PB + P_next·C·Eᵀ,   AᵀP = QBᵀ + Q_next·D·Fᵀ,
//
// E and F the columns of the last blocks of Q and P.
type golubKahan[T blas.Float] struct {
	a   operator.Rectangular[T]
	opt Options
	k   int

	block       int
	left, right side                  // P and Q
	b           blas.General[float64] // B, with room
	c, d        blas.General[float64] // C and D

	due       int                   // vectors of both bases when B is decomposed again
	values    []float64             // singular values of B, descending; NaN where it is not finite
	u, v      blas.General[float64] // their vectors, coordinates in P and Q, columns
	residuals []float64

	passes  int
	x, y    blas.General[T]
	atx, ay blas.General[T] // AᵀX and AY
}

func newGolubKahan[T blas.Float](a operator.Rectangular[T], k int, opt Options) *golubKahan[T] {
	m, n := a.Dims()
	block, limit := sizes(m, n, k)
	return &golubKahan[T]{
		a: a, opt: opt, k: k, block: block,
		left:  newSide(m, block, limit, opt.Seed, "golub-kahan start left"),
		right: newSide(n, block, limit, opt.Seed, "golub-kahan start right"),
		b:     blas.NewGeneral[float64](min(limit, m), min(limit, n)),
	}
}

// sizes are how many vectors of each basis are added at a time, at most, and how many are
// held before a restart: fewer where they would take more than a gigabyte.
func sizes(m, n, k int) (block, limit int) {
	block = k/2 + 2
	return block, min(max(24*block, 120), max(6*block, 1<<27/(m+n)))
}

// SingularBytes is about what Singular takes at most beside A.
func SingularBytes(m, n, k int) float64 {
	block, limit := sizes(m, n, k)
	rows := func(d int) float64 { return float64(min(limit, d) + block + max(2*block, 6*k)) }
	small := float64(min(limit, max(m, n)))
	return 8 * (float64(m)*rows(m) + float64(n)*rows(n) + 8*small*small)
}

// extend multiplies the waiting blocks with A and Aᵀ, updates B, and leaves the next blocks
// waiting.
func (g *golubKahan[T]) extend() error {
	p, q := g.left.next, g.right.next
	if width := max(p, q); g.x.Cols != width { // zeros beside the smaller block
		g.reserve(width)
	}
	toColumns(g.x, g.left.waiting())
	toColumns(g.y, g.right.waiting())
	if err := g.a.Mul(g.ay, g.atx, g.x, g.y); err != nil {
		return err
	}
	g.passes++
	ay, atx := g.left.grow(q), g.right.grow(p)
	fromColumns(ay, g.ay)
	fromColumns(atx, g.atx)

	// What is left of a product at the size of its rounding errors is not told from them.
	least := 2 * solvers.Epsilon[float64]() * max(g.scale(), largest(ay), largest(atx)) // ‖Av‖ ≤ σ_1
	var ofAQ, ofAtP blas.General[float64]
	ofAQ, g.c = g.left.orthonormalize(q, least)
	ofAtP, g.d = g.right.orthonormalize(p, least)
	for i := range g.left.size {
		copy(g.b.Row(i)[g.right.size-q:], ofAQ.Row(i))
	}
	for j := range g.right.size - q {
		for i, v := range ofAtP.Row(j) {
			g.b.Row(g.left.size - p + i)[j] = v
		}
	}
	return nil
}

func (g *golubKahan[T]) reserve(k int) {
	m, n := g.a.Dims()
	g.x, g.ay = blas.NewGeneral[T](m, k), blas.NewGeneral[T](m, k)
	g.y, g.atx = blas.NewGeneral[T](n, k), blas.NewGeneral[T](n, k)
	g.a.Reserve(k)
}

// decompose finds the singular values of B, and the residuals of the triplets that they
// make from C and D. It costs more than a small pass, so that the bases grow by an eighth
// before the next time.
func (g *golubKahan[T]) decompose() {
	p, q := g.left.size, g.right.size
	g.due = p + q + (p+q)/8
	g.values, g.u, g.v = thinSVD(top(g.b, p, q))
	g.residuals = make([]float64, len(g.values))
	for i := range g.values {
		g.residuals[i] = math.Hypot(coupled(g.c, g.v, q-g.c.Cols, i), coupled(g.d, g.u, p-g.d.Cols, i)) / math.Sqrt2
	}
}

// coupled is ‖C·z‖, z what column i of w has from row lo on.
func coupled(c, w blas.General[float64], lo, i int) (norm float64) {
	for a := range c.Rows {
		var s float64
		for j, v := range c.Row(a) {
			s += v * w.Row(lo + j)[i]
		}
		norm = math.Hypot(norm, s) // squares of tiny residuals would underflow
	}
	return norm
}

// scale is the largest singular value so far.
func (g *golubKahan[T]) scale() float64 {
	if len(g.values) == 0 {
		return 0
	}
	return g.values[0]
}

// closed says that A and Aᵀ lead from each basis into the other: no pass adds anything.
func (g *golubKahan[T]) closed() bool { return g.left.next+g.right.next == 0 }

func (g *golubKahan[T]) converged() bool {
	if len(g.values) < g.k {
		return false
	}
	for i := range g.k {
		if !(g.residuals[i] <= g.opt.Tolerance*g.scale()) && !(g.opt.Values && g.off(i) <= solvers.Epsilon[T]()*g.scale()) {
			return false
		}
	}
	return true
}

// off is how far value i is off, by the gap to all others: ρ²/gap with its residual ρ
// (Kato-Temple; Parlett, "The symmetric eigenvalue problem", 11.7). The gap is that of the
// Ritz values less their residuals, and the one to 0, an eigenvalue of [0 A; Aᵀ 0].
func (g *golubKahan[T]) off(i int) float64 {
	rho, gap := g.residuals[i], g.values[i]
	for _, j := range []int{i - 1, i + 1} {
		if j >= 0 && j < len(g.values) {
			gap = min(gap, math.Abs(g.values[i]-g.values[j])-g.residuals[j])
		}
	}
	if gap > rho {
		return rho * (rho / gap)
	}
	return rho
}

// restart keeps the best triplets, and the waiting blocks.
func (g *golubKahan[T]) restart() {
	limit := max(g.left.limit, g.right.limit)
	keep := min(g.k+g.block+(limit-g.k-2*g.block)/3, len(g.values)-1)
	g.left.rotate(top(g.u, g.left.size, keep))
	g.right.rotate(top(g.v, g.right.size, keep))
	clear(g.b.Data)
	for i, sigma := range g.values[:keep] {
		g.b.Row(i)[i] = sigma
	}
}

// triplets are the first k with residuals from one more pass. Its products also give their
// values again, those of M = UᵀAV: what restarts have left of rounding in B is gone then, as
// an error of U and V counts squared.
func (g *golubKahan[T]) triplets() (*Triplets, error) {
	k := g.k
	t := &Triplets{Passes: g.passes + 1, Converged: g.converged(), Values: g.values[:k], Residuals: make([]float64, k)}
	t.Left, t.Right = g.left.combine(top(g.u, g.left.size, k)), g.right.combine(top(g.v, g.right.size, k))
	orthonormalColumns(t.Left)
	orthonormalColumns(t.Right)
	g.reserve(k)
	g.x.Copy(blas.Convert[T](t.Left))
	g.y.Copy(blas.Convert[T](t.Right))
	if err := g.a.Mul(g.ay, g.atx, g.x, g.y); err != nil {
		return nil, err
	}
	av, atu := blas.Convert[float64](g.ay), blas.Convert[float64](g.atx)
	values, u, v := thinSVD(projected(t.Left, av, t.Right))
	if !math.IsNaN(g.scale()) {
		t.Values = values
	}
	for _, turned := range []struct{ a, by blas.General[float64] }{{t.Left, u}, {atu, u}, {t.Right, v}, {av, v}} {
		a := turned.a.Clone()
		blas64.Gemm(gblas.NoTrans, gblas.NoTrans, 1, blas64.General(a), blas64.General(turned.by), 0, blas64.General(turned.a))
	}
	for i, sigma := range t.Values {
		t.Residuals[i] = math.Hypot(apart(av, sigma, t.Left, i), apart(atu, sigma, t.Right, i)) / math.Sqrt2
	}
	return t, nil
}

// apart is ‖w − σz‖ of column c of w and z.
func apart(w blas.General[float64], sigma float64, z blas.General[float64], c int) float64 {
	e := make([]float64, w.Rows)
	for i := range e {
		e[i] = w.Row(i)[c] - sigma*z.Row(i)[c]
	}
	return norm(e)
}

// orthonormalColumns replaces columns that are orthonormal but for rounding by such that are,
// with the same leading spans: Q of a QR factorization.
func orthonormalColumns(a blas.General[float64]) {
	q, tau, size := blas64.General(a), make([]float64, a.Cols), make([]float64, 1)
	lapack64.Geqrf(q, tau, size, -1)
	work := make([]float64, int(size[0]))
	lapack64.Geqrf(q, tau, work, len(work))
	lapack64.Orgqr(q, tau, size, -1)
	work = make([]float64, int(size[0]))
	lapack64.Orgqr(q, tau, work, len(work))
}

// top is the upper left p×q block.
func top(a blas.General[float64], p, q int) blas.General[float64] {
	return blas.General[float64]{Rows: p, Cols: q, Stride: a.Stride, Data: a.Data[:(p-1)*a.Stride+q]}
}

// largest is the largest norm of a row.
func largest(w blas.General[float64]) (l float64) {
	for i := range w.Rows {
		l = max(l, norm(w.Row(i))) // max keeps a NaN
	}
	return l
}
