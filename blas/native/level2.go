package native

import (
	"math"

	gblas "gonum.org/v1/gonum/blas"
	gonum "gonum.org/v1/gonum/blas/gonum"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// Small calls, quick returns and wrong arguments are left to gonum; sizes are
// those from which the kernels win. Vectors with gaps are copied. gonum's Ger
// for amd64 goes astray on negative increments, so these are never left to it.
const (
	narrow64   = 56 // columns of A for gemv
	narrow32   = 8
	small64    = 1024 // elements of A for gemv
	small32    = 256
	smallOrder = 32      // of A for symv
	shortRow   = 1536    // bytes of a row of A for ger
	cached     = 1 << 20 // elements of A up to which ger finds it in cache
)

// Dgemv performs y ← αAx + βy or y ← αAᵀx + βy.
func (b Implementation) Dgemv(t gblas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	switch {
	case n >= narrow64 && m*n >= small64 && gemv(b, config64(), t, m, n, alpha, a, lda, x, incX, beta, y, incY):
	case longer(t, n, y, incY):
		b.Implementation.Dgemv(t, m, n, alpha, a, lda, x, incX, beta, y[:n], incY)
	default:
		b.Implementation.Dgemv(t, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Sgemv performs y ← αAx + βy or y ← αAᵀx + βy.
func (b Implementation) Sgemv(t gblas.Transpose, m, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	switch {
	case n >= narrow32 && m*n >= small32 && gemv(b, config32(), t, m, n, alpha, a, lda, x, incX, beta, y, incY):
	case longer(t, n, y, incY):
		b.Implementation.Sgemv(t, m, n, alpha, a, lda, x, incX, beta, y[:n], incY)
	default:
		b.Implementation.Sgemv(t, m, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Dsymv performs y ← αAx + βy with A symmetric.
func (b Implementation) Dsymv(ul gblas.Uplo, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	if n < smallOrder || !symv(b, config64(), ul, n, alpha, a, lda, x, incX, beta, y, incY) {
		b.Implementation.Dsymv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Ssymv performs y ← αAx + βy with A symmetric.
func (b Implementation) Ssymv(ul gblas.Uplo, n int, alpha float32, a []float32, lda int, x []float32, incX int, beta float32, y []float32, incY int) {
	if n < smallOrder || !symv(b, config32(), ul, n, alpha, a, lda, x, incX, beta, y, incY) {
		b.Implementation.Ssymv(ul, n, alpha, a, lda, x, incX, beta, y, incY)
	}
}

// Dger performs A ← αxyᵀ + A.
func (b Implementation) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	small := n < shortRow/8 && m*n < serialBelow && incX > 0 && incY > 0
	if small || !ger(b, config64(), gonum.Implementation.Dger, m, n, alpha, x, incX, y, incY, a, lda) {
		b.Implementation.Dger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// Sger performs A ← αxyᵀ + A.
func (b Implementation) Sger(m, n int, alpha float32, x []float32, incX int, y []float32, incY int, a []float32, lda int) {
	small := n < shortRow/4 && m*n < serialBelow && incX > 0 && incY > 0
	if small || !ger(b, config32(), gonum.Implementation.Sger, m, n, alpha, x, incX, y, incY, a, lda) {
		b.Implementation.Sger(m, n, alpha, x, incX, y, incY, a, lda)
	}
}

// matrixVector is one call of level 2.
type matrixVector[T blas.Float] struct {
	*config[T]
	m, n        int
	alpha, beta T
	a           []T
	lda         int
	x, y        []T

	ger       gerOf[T] // nil: the kernel
	upper     bool     // the triangle of a symmetric A
	parts     int
	stretches int // of rows, each with a copy of y but the first
	copies    []T
	xs, ys    []T // vectors without gaps
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

// rowParts is the number of stretches of rows of a large matrix.
func rowParts(m, n int) int {
	return min(max(m/16, 1), int(float64(m)*float64(n)/(1<<16)), 32)
}

// rows are those of a part, fours but for the last.
func (p *matrixVector[T]) rows(part, parts int) (i0, i1 int) {
	i0, i1 = p.m*part/parts&^3, p.m*(part+1)/parts&^3
	if part == parts-1 {
		i1 = p.m
	}
	return i0, i1
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
	if n*blas.SizeOf[T]() < shortRow || m*n > cached {
		p.ger = gonums
	}
	p.parts = rowParts(m, n)
	parallel.Run(b.threads(), p.parts, (*rankOne[T])(p))
	giveMatrixVector(p)
	return true
}

// gerOf is a routine of gonum. It goes over four rows at a time, which pays on
// short rows and on a matrix that comes from memory.
type gerOf[T blas.Float] func(b gonum.Implementation, m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)

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

// scale performs y ← βy. β = 0 does not read y.
func (c *config[T]) scale(beta T, y []T) {
	switch beta {
	case 1:
	case 0:
		clear(y)
	default:
		c.scal(beta, y)
	}
}

// longer says that y has more than the n elements of a product with Aᵀ: some of
// gonum's would clear those too.
func longer[T blas.Float](t gblas.Transpose, n int, y []T, incY int) bool {
	return t != gblas.NoTrans && incY == 1 && 0 < n && n < len(y)
}

// fits says that x holds n elements inc apart.
func fits[T blas.Float](n int, x []T, inc int) bool {
	return inc > 0 && (n-1)*inc < len(x) || inc < 0 && (1-n)*inc < len(x)
}

// gathered returns n elements inc apart without gaps: where they are, or in to.
func gathered[T blas.Float](to *[]T, n int, x []T, inc int) []T {
	if inc == 1 {
		return x[:n]
	}
	*to = grow(*to, n)
	at := max(0, (1-n)*inc)
	for i := range *to {
		(*to)[i] = x[at]
		at += inc
	}
	return *to
}

// scatter is the way back.
func scatter[T blas.Float](from, x []T, inc int) {
	at := max(0, (1-len(from))*inc)
	for _, v := range from {
		x[at] = v
		at += inc
	}
}

var (
	matrixVectors64 stack[matrixVector[float64]]
	matrixVectors32 stack[matrixVector[float32]]
)

func matrixVectorsOf[T blas.Float]() *stack[matrixVector[T]] {
	var zero T
	if _, ok := any(zero).(float32); ok {
		return any(&matrixVectors32).(*stack[matrixVector[T]])
	}
	return any(&matrixVectors64).(*stack[matrixVector[T]])
}

// takeMatrixVector returns a call to fill in.
func takeMatrixVector[T blas.Float](c *config[T]) *matrixVector[T] {
	p := matrixVectorsOf[T]().take()
	p.config = c
	return p
}

// giveMatrixVector takes back a call, without the caller's operands.
func giveMatrixVector[T blas.Float](p *matrixVector[T]) {
	*p = matrixVector[T]{copies: p.copies, xs: p.xs, ys: p.ys}
	matrixVectorsOf[T]().give(p)
}
