package native

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// Dsymv performs y ← αAx + βy with A symmetric.
func (b Implementation) Dsymv(ul gblas.Uplo, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	if !ownSymv(n) || !symv(b, config64(), ul, n, alpha, a, lda, x, incX, beta, y, incY) {
		b.Implementation.Dsymv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Ssymv performs y ← αAx + βy with A symmetric.
func (b Implementation) Ssymv(ul gblas.Uplo, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	if !ownSymv(n) || !symv(b, config32(), ul, n, alpha, a, lda, x, incX, beta, y, incY) {
		b.Implementation.Ssymv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// symv says whether it has done the call.
func symv[T blas.Float](b Implementation, c *config[T], ul gblas.Uplo, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) bool {
	if ul != gblas.Lower && ul != gblas.Upper || n < 1 || lda < n || len(a) < (n-1)*lda+n || !fits(n, x, incX) || !fits(n, y, incY) || alpha == 0 {
		return false
	}
	p := takeMatrixVector(c)
	p.n, p.a, p.lda, p.upper = n, a, lda, ul == gblas.Upper
	p.x, p.y = gathered(&p.xs, n, x, incX), gathered(&p.ys, n, y, incY)
	if alpha != 1 {
		p.xs = grow(p.xs, n)
		for i, v := range p.x {
			p.xs[i] = alpha * v
		}
		p.x = p.xs
	}
	c.scale(beta, p.y)
	p.symmetric(b)
	if incY != 1 {
		scatter(p.y, y, incY)
	}
	giveMatrixVector(p)
	return true
}

// symmetric performs y ← Ax + y. The triangle is cut into blocks of rows from
// the side where they are long, so that what lies beside the diagonal is always
// whole vectors wide:
//
//	lower  ┌─┐           upper  ┌─┬───────┐
//	       ├─┼─┐                └─┼─┬─────┤
//	       ├─┴─┼─┐                └─┼─┬───┤
//	       └───┴─┘                  └─┴───┘
func (p *matrixVector[T]) symmetric(b Implementation) {
	blocks := (p.n + bandUnit - 1) / bandUnit
	if float64(p.n)*float64(p.n) < serialBelow {
		p.blocks(0, blocks, p.y)
		return
	}
	p.parts = min(blocks/2, 16)
	p.copies = grow(p.copies, (p.parts-1)*p.n)
	parallel.Run(b.threads(), p.parts, (*bands[T])(p))
	for part := 1; part < p.parts; part++ {
		lo, hi := p.reach(part)
		p.axpy(1, p.copies[(part-1)*p.n+lo:(part-1)*p.n+hi], p.y[lo:hi])
	}
}

// bands are blocks of rows of about the same area. Each has a copy of y, but
// the first.
type bands[T blas.Float] matrixVector[T]

func (q *bands[T]) Part(part int) {
	p := (*matrixVector[T])(q)
	y := p.y
	if part > 0 {
		y = p.copies[(part-1)*p.n : part*p.n]
		lo, hi := p.reach(part)
		clear(y[lo:hi])
	}
	first, last := p.blocksOf(part)
	p.blocks(first, last, y)
}

// blocksOf returns the blocks first … last−1 of a part.
func (p *matrixVector[T]) blocksOf(part int) (first, last int) {
	blocks := (p.n + bandUnit - 1) / bandUnit
	cut := func(part int) int {
		if p.upper {
			part = p.parts - part
		}
		k := int(float64(blocks)*math.Sqrt(float64(part)/float64(p.parts)) + 0.5)
		if p.upper {
			k = blocks - k
		}
		return k
	}
	return cut(part), cut(part + 1)
}

// block returns rows lo … hi−1 of a block.
func (p *matrixVector[T]) block(k int) (lo, hi int) {
	lo, hi = k*bandUnit, (k+1)*bandUnit
	if p.upper {
		short := roundUp(p.n, bandUnit) - p.n
		lo, hi = lo-short, hi-short
	}
	return max(lo, 0), min(hi, p.n)
}

// reach returns the elements lo … hi−1 of y that a part touches.
func (p *matrixVector[T]) reach(part int) (lo, hi int) {
	first, last := p.blocksOf(part)
	if p.upper {
		lo, _ = p.block(first)
		return lo, p.n
	}
	_, hi = p.block(last - 1)
	return 0, hi
}

// blocks multiplies blocks first … last−1, those on the diagonal in corners.
func (p *matrixVector[T]) blocks(first, last int, y []T) {
	step := p.corner()
	for k := first; k < last; k++ {
		lo, hi := p.block(k)
		if p.upper {
			p.beside(lo, hi-lo, hi, p.n, y)
			for i := hi; i > lo; i -= step {
				h := min(step, i-lo)
				p.beside(i-h, h, i, hi, y)
				p.triangle(i-h, h, y)
			}
			continue
		}
		p.beside(lo, hi-lo, 0, lo, y)
		for i := lo; i < hi; i += step {
			h := min(step, hi-i)
			p.beside(i, h, lo, i, y)
			p.triangle(i, h, y)
		}
	}
}

// besideColumns are the columns that go by at a time: what they meet of x and
// y stays in L1.
const besideColumns = 20 * bandUnit

// beside multiplies h rows from row i, columns j … j1−1, and their mirror image.
// The columns are whole vectors.
func (p *matrixVector[T]) beside(i, h, j, j1 int, y []T) {
	k := &p.kernels
	for ; j < j1; j += besideColumns {
		n := min(besideColumns, j1-j)
		xj, yj := p.x[j:], y[j:]
		m := h / kernel.RowUnit * kernel.RowUnit
		if m > 0 {
			k.Columns[0](m, n, p.a[i*p.lda+j:], p.lda, n, p.x[i:], y[i:], 0, xj, yj, 0)
		}
		for ; m+4 <= h; m += 4 {
			a, r := p.a[(i+m)*p.lda+j:], i+m
			k.Dots(n, a, p.lda, xj, y[r:r+4])
			k.Combine(n, a, p.lda, p.x[r:r+4], yj)
		}
		for ; m < h; m++ {
			a, r := p.a[(i+m)*p.lda+j:], i+m
			y[r] += k.Dot(n, a, xj)
			k.Axpy(n, p.x[r], a, yj)
		}
	}
}

// corner is the side of the triangles on the diagonal that are multiplied
// without kernels: whole groups of rows and whole vectors.
func (c *config[T]) corner() int { return max(kernel.RowUnit, 3*c.kernels.Lanes) }

// triangle multiplies the h×h triangle on the diagonal from row i.
func (p *matrixVector[T]) triangle(i, h int, y []T) {
	a, x := p.a[i*p.lda+i:], p.x[i:i+h]
	y = y[i : i+h]
	for r, v := range x {
		lo, hi := 0, r
		if p.upper {
			lo, hi = r+1, h
		}
		row := a[r*p.lda : r*p.lda+h]
		s, xs, ys := row[r]*v, x[lo:hi], y[lo:hi]
		for j, e := range row[lo:hi] {
			s += e * xs[j]
			ys[j] += e * v
		}
		y[r] += s
	}
}
