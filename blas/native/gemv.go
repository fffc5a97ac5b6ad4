package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// Dgemv performs y ← αAx + βy or y ← αAᵀx + βy. A β that is not a number is never left to
// gonum, whose routine for amd64 takes it for 0.
func (b Implementation) Dgemv(t gblas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	switch {
	case (ownGemv[float64](m, n) || beta != beta) && gemv(b, config64(), t, m, n, alpha, a, lda, x, incX, beta, y, incY):
	case longer(t, n, y, incY):
		b.Implementation.Dgemv(t, m, n, alpha, a, lda, x, incX, beta, y[:n], incY)
	default:
		b.Implementation.Dgemv(t, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Sgemv performs y ← αAx + βy or y ← αAᵀx + βy.
func (b Implementation) Sgemv(t gblas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	switch {
	case (ownGemv[float32](m, n) || beta != beta) && gemv(b, config32(), t, m, n, alpha, a, lda, x, incX, beta, y, incY):
	case longer(t, n, y, incY):
		b.Implementation.Sgemv(t, m, n, alpha, a, lda, x, incX, beta, y[:n], incY)
	default:
		b.Implementation.Sgemv(t, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// longer says that y has more than the n elements of a product with Aᵀ: some of
// gonum's would clear those too.
func longer[T blas.Float](t gblas.Transpose, n int, y []T, incY int) bool {
	return t != gblas.NoTrans && incY == 1 && 0 < n && n < len(y)
}

const (
	columnBlock = 2048 // columns of A that go by at a time: their vector stays in L1
	coefficient = 256  // elements of αx that are made at a time
)

// gemv says whether it has done the call.
func gemv[T blas.Float](b Implementation, c *config[T], t gblas.Transpose, m, n int, alpha T, a []T, lda int, x []T, incX int, beta T, y []T, incY int) bool {
	lenX, lenY := n, m
	switch t {
	case gblas.NoTrans:
	case gblas.Trans, gblas.ConjTrans:
		lenX, lenY = m, n
	default:
		return false
	}
	if m < 1 || n < 1 || lda < n || len(a) < (m-1)*lda+n || !fits(lenX, x, incX) || !fits(lenY, y, incY) || alpha == 0 {
		return false
	}
	if incX != 1 || incY != 1 {
		p := takeMatrixVector(c)
		xs, ys := gathered(&p.xs, lenX, x, incX), gathered(&p.ys, lenY, y, incY)
		gemv(b, c, t, m, n, alpha, a, lda, xs, 1, beta, ys, 1)
		if incY != 1 {
			scatter(ys, y, incY)
		}
		giveMatrixVector(p)
		return true
	}
	x, y = x[:lenX], y[:lenY]
	switch {
	case float64(m)*float64(n) >= serialBelow:
		p := takeMatrixVector(c)
		p.m, p.n, p.alpha, p.a, p.lda, p.x, p.beta, p.y = m, n, alpha, a, lda, x, beta, y
		if t == gblas.NoTrans {
			p.parts = rowParts(m, n)
			parallel.Run(b.threads(), p.parts, (*rowwise[T])(p))
		} else {
			p.columnwise(b.threads())
		}
		giveMatrixVector(p)
	case t == gblas.NoTrans:
		c.gemvRows(m, n, alpha, a, lda, x, beta, y)
	default:
		c.scale(beta, y)
		c.gemvColumns(m, n, alpha, a, lda, x, y)
	}
	return true
}

type rowwise[T blas.Float] matrixVector[T]

func (q *rowwise[T]) Part(part int) {
	p := (*matrixVector[T])(q)
	i0, i1 := p.rows(part, p.parts)
	p.gemvRows(i1-i0, p.n, p.alpha, p.a[i0*p.lda:], p.lda, p.x, p.beta, p.y[i0:i1])
}

// columnwise gives each part a block of columns, or where there are few of them
// a stretch of rows too; these add to copies of y, which are summed in order.
func (p *matrixVector[T]) columnwise(threads int) {
	blocks := (p.n + columnBlock - 1) / columnBlock
	p.stretches = max(rowParts(p.m, p.n)/blocks, 1)
	p.copies = grow(p.copies, (p.stretches-1)*p.n)
	parallel.Run(threads, p.stretches*blocks, (*columnwise[T])(p))
	for s := 1; s < p.stretches; s++ {
		p.axpy(1, p.copies[(s-1)*p.n:s*p.n], p.y)
	}
}

type columnwise[T blas.Float] matrixVector[T]

func (q *columnwise[T]) Part(part int) {
	p := (*matrixVector[T])(q)
	s, j0 := part%p.stretches, part/p.stretches*columnBlock
	i0, i1 := p.rows(s, p.stretches)
	j1 := min(j0+columnBlock, p.n)
	y := p.y[j0:j1]
	if s == 0 {
		p.scale(p.beta, y)
	} else {
		y = p.copies[(s-1)*p.n+j0 : (s-1)*p.n+j1]
		clear(y)
	}
	p.gemvColumns(i1-i0, j1-j0, p.alpha, p.a[i0*p.lda+j0:], p.lda, p.x[i0:i1], y)
}

// gemvRows performs y ← αAx + βy. Each sum is formed before α meets it.
func (c *config[T]) gemvRows(m, n int, alpha T, a []T, lda int, x []T, beta T, y []T) {
	for ; n > columnBlock; n -= columnBlock {
		c.gemvRowBlock(m, columnBlock, alpha, a, lda, x, beta, y)
		a, x, beta = a[columnBlock:], x[columnBlock:], 1
	}
	c.gemvRowBlock(m, n, alpha, a, lda, x, beta, y)
}

func (c *config[T]) gemvRowBlock(m, n int, alpha T, a []T, lda int, x []T, beta T, y []T) {
	x = x[:n]
	whole, sums := c.whole(n), c.kernels.Dots
	i := 0
	for ; i+4 <= m; i += 4 {
		// The kernel's sums lie in y for a moment.
		rows, to := a[i*lda:], y[i:i+4:i+4]
		y0, y1, y2, y3 := to[0], to[1], to[2], to[3]
		to[0], to[1], to[2], to[3] = 0, 0, 0, 0
		sums(whole, rows, lda, x, to)
		s0, s1, s2, s3 := to[0], to[1], to[2], to[3]
		for j := whole; j < n; j++ {
			v := x[j]
			s0 += rows[j] * v
			s1 += rows[j+lda] * v
			s2 += rows[j+2*lda] * v
			s3 += rows[j+3*lda] * v
		}
		if beta == 0 {
			to[0], to[1], to[2], to[3] = alpha*s0, alpha*s1, alpha*s2, alpha*s3
		} else {
			to[0], to[1], to[2], to[3] = alpha*s0+beta*y0, alpha*s1+beta*y1, alpha*s2+beta*y2, alpha*s3+beta*y3
		}
	}
	for ; i < m; i++ {
		s := alpha * c.dot(a[i*lda:i*lda+n], x)
		if beta != 0 {
			s += beta * y[i]
		}
		y[i] = s
	}
}

// gemvColumns performs y ← αAᵀx + y: α meets x, which the kernel takes as it
// lies when α is 1.
func (c *config[T]) gemvColumns(m, n int, alpha T, a []T, lda int, x, y []T) {
	switch {
	case alpha == 1:
		c.combine(m, n, a, lda, x, y)
	case m < 4:
		for i, v := range x[:m] {
			c.axpy(alpha*v, a[i*lda:i*lda+n], y)
		}
	default:
		buf := takeBuffer[T]()
		buf.tile = grow(buf.tile, coefficient)
		for ; m > 0; m -= coefficient {
			scaled := buf.tile[:min(m, coefficient)]
			for i, v := range x[:len(scaled)] {
				scaled[i] = alpha * v
			}
			c.combine(len(scaled), n, a, lda, scaled, y)
			if m > coefficient {
				a, x = a[coefficient*lda:], x[coefficient:]
			}
		}
		giveBuffer(buf)
	}
}

// combine performs y ← Aᵀx + y.
func (c *config[T]) combine(m, n int, a []T, lda int, x, y []T) {
	for ; n > columnBlock; n -= columnBlock {
		c.combineBlock(m, columnBlock, a, lda, x, y)
		a, y = a[columnBlock:], y[columnBlock:]
	}
	c.combineBlock(m, n, a, lda, x, y)
}

func (c *config[T]) combineBlock(m, n int, a []T, lda int, x, y []T) {
	y = y[:n]
	whole := c.whole(n)
	i := 0
	for ; i+4 <= m; i += 4 {
		rows, xs := a[i*lda:], x[i:i+4:i+4]
		if whole > 0 {
			c.kernels.Combine(whole, rows, lda, xs, y)
		}
		if whole < n {
			x0, x1, x2, x3 := xs[0], xs[1], xs[2], xs[3]
			for j := whole; j < n; j++ {
				y[j] += (x0*rows[j] + x1*rows[j+lda]) + (x2*rows[j+2*lda] + x3*rows[j+3*lda])
			}
		}
	}
	for ; i < m; i++ {
		c.axpy(x[i], a[i*lda:i*lda+n], y)
	}
}
