package native

import (
	gonum "gonum.org/v1/gonum/blas/gonum"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// Dger performs A ← αxyᵀ + A.
func (b Implementation) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	if !ownGer[float64](m, n, incX, incY) || !ger(b, config64(), gonum.Implementation.Dger, m, n, alpha, x, incX, y, incY, a, lda) {
		b.Implementation.Dger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// Sger performs A ← αxyᵀ + A.
func (b Implementation) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	if !ownGer[float32](m, n, incX, incY) || !ger(b, config32(), gonum.Implementation.Sger, m, n, alpha, x, incX, y, incY, a, lda) {
		b.Implementation.Sger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// ger says whether it has done the call.
func ger[T blas.Float](b Implementation, c *config[T], gonums gerOf[T], m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int) bool {
	if m < 1 || n < 1 || lda < n || len(a) < (m-1)*lda+n || !fits(m, x, incX) || !fits(n, y, incY) || alpha == 0 {
		return false
	}
	if incX != 1 || incY != 1 {
		p := takeMatrixVector(c)
		ger(b, c, gonums, m, n, alpha, gathered(&p.xs, m, x, incX), 1, gathered(&p.ys, n, y, incY), 1, a, lda)
		giveMatrixVector(p)
		return true
	}
	if float64(m)*float64(n) < serialBelow {
		c.rankOne(alpha, x[:m], y[:n], a, lda)
		return true
	}
	p := takeMatrixVector(c)
	p.m, p.n, p.alpha, p.x, p.y, p.a, p.lda = m, n, alpha, x[:m], y[:n], a, lda
	if gerByFours[T](m, n) {
		p.ger = gonums
	}
	p.parts = rowParts(m, n)
	parallel.Run(b.threads(), p.parts, (*rankOne[T])(p))
	giveMatrixVector(p)
	return true
}

type rankOne[T blas.Float] matrixVector[T]

func (q *rankOne[T]) Part(part int) {
	p := (*matrixVector[T])(q)
	i0, i1 := p.rows(part, p.parts)
	a, x := p.a[i0*p.lda:], p.x[i0:i1]
	if p.ger != nil {
		p.ger(gonum.Implementation{}, len(x), p.n, p.alpha, x, 1, p.y, 1, a, p.lda)
		return
	}
	p.config.rankOne(p.alpha, x, p.y, a, p.lda)
}

func (c *config[T]) rankOne(alpha T, x, y []T, a []T, lda int) {
	for i, v := range x {
		c.axpy(alpha*v, y, a[i*lda:i*lda+len(y)])
	}
}
