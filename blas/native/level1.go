package native

import (
	"math"

	"lowrank/blas"
	"lowrank/blas/parallel"
)

// The level 1 routines take vectors without gaps through the kernels. To gonum
// they leave short vectors, gaps, and with them the checks of arguments.

// Ddot returns xᵀy.
func (b Implementation) Ddot(n int, x []float64, incX int, y []float64, incY int) float64 {
	if !dense(n, short64, x, incX) || !dense(n, short64, y, incY) {
		return b.Implementation.Ddot(n, x, incX, y, incY)
	}
	return dot(b, config64(), x[:n], y[:n])
}

// Sdot returns xᵀy.
func (b Implementation) Sdot(n int, x []float32, incX int, y []float32, incY int) float32 {
	if !dense(n, short32, x, incX) || !dense(n, short32, y, incY) {
		return b.Implementation.Sdot(n, x, incX, y, incY)
	}
	return dot(b, config32(), x[:n], y[:n])
}

// Daxpy performs y ← αx + y.
func (b Implementation) Daxpy(n int, alpha float64, x []float64, incX int, y []float64, incY int) {
	if alpha == 0 || !dense(n, short64, x, incX) || !dense(n, short64, y, incY) {
		b.Implementation.Daxpy(n, alpha, x, incX, y, incY)
		return
	}
	axpy(b, config64(), alpha, x[:n], y[:n])
}

// Saxpy performs y ← αx + y.
func (b Implementation) Saxpy(n int, alpha float32, x []float32, incX int, y []float32, incY int) {
	if alpha == 0 || !dense(n, short32, x, incX) || !dense(n, short32, y, incY) {
		b.Implementation.Saxpy(n, alpha, x, incX, y, incY)
		return
	}
	axpy(b, config32(), alpha, x[:n], y[:n])
}

// Dscal performs x ← αx. α = 0 does not read x.
func (b Implementation) Dscal(n int, alpha float64, x []float64, incX int) {
	if alpha == 0 || !dense(n, short64, x, incX) {
		b.Implementation.Dscal(n, alpha, x, incX)
		return
	}
	config64().scal(alpha, x[:n])
}

// Sscal performs x ← αx. α = 0 does not read x.
func (b Implementation) Sscal(n int, alpha float32, x []float32, incX int) {
	if alpha == 0 || !dense(n, shortBy, x, incX) {
		b.Implementation.Sscal(n, alpha, x, incX)
		return
	}
	config32().scal(alpha, x[:n])
}

// Dnrm2 returns ‖x‖₂.
func (b Implementation) Dnrm2(n int, x []float64, incX int) float64 {
	if dense(n, shortBy, x, incX) {
		if norm, ok := nrm2(b, config64(), x[:n]); ok {
			return norm
		}
	}
	return b.Implementation.Dnrm2(n, x, incX)
}

// Snrm2 returns ‖x‖₂.
func (b Implementation) Snrm2(n int, x []float32, incX int) float32 {
	if dense(n, shortBy, x, incX) {
		if norm, ok := nrm2(b, config32(), x[:n]); ok {
			return norm
		}
	}
	return b.Implementation.Snrm2(n, x, incX)
}

// Dasum returns Σ|xᵢ|.
func (b Implementation) Dasum(n int, x []float64, incX int) float64 {
	if !dense(n, shortBy, x, incX) {
		return b.Implementation.Dasum(n, x, incX)
	}
	return asum(b, config64(), x[:n])
}

// Sasum returns Σ|xᵢ|.
func (b Implementation) Sasum(n int, x []float32, incX int) float32 {
	if !dense(n, shortBy, x, incX) {
		return b.Implementation.Sasum(n, x, incX)
	}
	return asum(b, config32(), x[:n])
}

// dense says that x holds n elements without gaps, and not too few.
func dense[T blas.Float](n, least int, x []T, inc int) bool {
	return inc == 1 && least <= n && n <= len(x)
}

func dot[T blas.Float](b Implementation, c *config[T], x, y []T) T {
	if len(x) < serialBelow {
		return c.dot(x, y)
	}
	p := takeVectors(c)
	p.x, p.y = x, y
	return p.sum(b, (*dots[T])(p))
}

func asum[T blas.Float](b Implementation, c *config[T], x []T) T {
	if len(x) < serialBelow {
		return c.asum(x)
	}
	p := takeVectors(c)
	p.x, p.y = x, x
	return p.sum(b, (*asums[T])(p))
}

func axpy[T blas.Float](b Implementation, c *config[T], alpha T, x, y []T) {
	if len(x) < serialBelow {
		c.axpy(alpha, x, y)
		return
	}
	p := takeVectors(c)
	p.alpha, p.x, p.y, p.parts = alpha, x, y, vectorParts(len(x))
	parallel.Run(b.threads(), p.parts, (*axpys[T])(p))
	giveVectors(p)
}

// nrm2 takes the root of the sum of squares, when that is far enough from
// overflow, and from where squares that matter lose digits.
func nrm2[T blas.Float](b Implementation, c *config[T], x []T) (norm T, ok bool) {
	least, most := 1e-280, 1e280
	if blas.SizeOf[T]() == 4 {
		least, most = 1e-28, 1e36
	}
	s := float64(dot(b, c, x, x))
	return T(math.Sqrt(s)), least <= s && s <= most
}

// vectors is one call on vectors that is cut into parts. Each part of a sum
// has a place of its own in partial; they are added in order.
type vectors[T blas.Float] struct {
	*config[T]
	parts   int
	alpha   T
	x, y    []T
	partial []T
}

// The elements of a part of a long vector, and the most parts, of a matrix too. Sums of
// parts are added in order, so that both belong to the version.
const (
	vectorPart = 1 << 15
	mostParts  = 32
)

// vectorParts is the number of parts of a long vector.
func vectorParts(n int) int { return min(n/vectorPart, mostParts) }

// sum runs a task that leaves a sum of each part in partial, and adds them. It
// gives p back.
func (p *vectors[T]) sum(b Implementation, task parallel.Task) (sum T) {
	p.parts = vectorParts(len(p.x))
	p.partial = grow(p.partial, p.parts)
	parallel.Run(b.threads(), p.parts, task)
	for _, s := range p.partial {
		sum += s
	}
	giveVectors(p)
	return sum
}

// stretch is the piece of a vector that a part has: whole vectors of every row,
// but for the last.
func (p *vectors[T]) stretch(part int) (x, y []T) {
	n := len(p.x)
	lo, hi := n*part/p.parts&^63, n*(part+1)/p.parts&^63
	if part == p.parts-1 {
		hi = n
	}
	return p.x[lo:hi], p.y[lo:hi]
}

type dots[T blas.Float] vectors[T]

func (q *dots[T]) Part(part int) {
	p := (*vectors[T])(q)
	x, y := p.stretch(part)
	p.partial[part] = p.dot(x, y)
}

type asums[T blas.Float] vectors[T]

func (q *asums[T]) Part(part int) {
	p := (*vectors[T])(q)
	x, _ := p.stretch(part)
	p.partial[part] = p.asum(x)
}

type axpys[T blas.Float] vectors[T]

func (q *axpys[T]) Part(part int) {
	p := (*vectors[T])(q)
	x, y := p.stretch(part)
	p.config.axpy(p.alpha, x, y)
}

var (
	vectors64 stack[vectors[float64]]
	vectors32 stack[vectors[float32]]
)

func vectorsOf[T blas.Float]() *stack[vectors[T]] {
	return blas.OfType[*stack[vectors[T]]](&vectors64, &vectors32)
}

// takeVectors returns a call to fill in.
func takeVectors[T blas.Float](c *config[T]) *vectors[T] {
	p := vectorsOf[T]().take()
	p.config = c
	return p
}

// giveVectors takes back a call, without the caller's operands.
func giveVectors[T blas.Float](p *vectors[T]) {
	*p = vectors[T]{partial: p.partial}
	vectorsOf[T]().give(p)
}

// whole is the part of n elements that fills vectors, whose lengths are powers
// of two.
func (c *config[T]) whole(n int) int { return n &^ (c.kernels.Lanes - 1) }

func (c *config[T]) dot(x, y []T) T {
	y = y[:len(x)]
	n := c.whole(len(x))
	var s T
	for i := n; i < len(x); i++ {
		s += x[i] * y[i]
	}
	if n > 0 {
		s += c.kernels.Dot(n, x, y)
	}
	return s
}

func (c *config[T]) asum(x []T) T {
	n := c.whole(len(x))
	var s T
	for _, v := range x[n:] {
		s += T(math.Abs(float64(v)))
	}
	if n > 0 {
		s += c.kernels.Asum(n, x)
	}
	return s
}

// axpy performs y ← αx + y.
func (c *config[T]) axpy(alpha T, x, y []T) {
	y = y[:len(x)]
	n := c.whole(len(x))
	if n > 0 {
		c.kernels.Axpy(n, alpha, x, y)
	}
	for i := n; i < len(x); i++ {
		y[i] += alpha * x[i]
	}
}

func (c *config[T]) scal(alpha T, x []T) {
	n := c.whole(len(x))
	if n > 0 {
		c.kernels.Scal(n, alpha, x)
	}
	for i := n; i < len(x); i++ {
		x[i] *= alpha
	}
}
