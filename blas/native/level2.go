package native

import (
	gonum "gonum.org/v1/gonum/blas/gonum"

	"lowrank/blas"
)

// matrixVector is one call of level 2. Small calls, quick returns and wrong arguments are
// left to gonum; vectors with gaps are copied.
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

// gerOf is a routine of gonum.
type gerOf[T blas.Float] func(b gonum.Implementation, m, n int, alpha T, x []T, incX int, y []T, incY int, a []T, lda int)

var (
	matrixVectors64 stack[matrixVector[float64]]
	matrixVectors32 stack[matrixVector[float32]]
)

func matrixVectorsOf[T blas.Float]() *stack[matrixVector[T]] {
	return blas.OfType[*stack[matrixVector[T]]](&matrixVectors64, &matrixVectors32)
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

// The elements of a part of a large matrix, and its fewest rows.
const (
	matrixPart = 1 << 16
	leastRows  = 16
)

// rowParts is the number of stretches of rows of a large matrix.
func rowParts(m, n int) int {
	return min(max(m/leastRows, 1), int(float64(m)*float64(n)/matrixPart), mostParts)
}

// rows are those of a part, fours but for the last.
func (p *matrixVector[T]) rows(part, parts int) (i0, i1 int) {
	i0, i1 = p.m*part/parts&^3, p.m*(part+1)/parts&^3
	if part == parts-1 {
		i1 = p.m
	}
	return i0, i1
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
