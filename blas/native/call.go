package native

import (
	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

// call is one call of the GEMM family, C ← αAB + βC with C m×n and inner products of k
// terms: A and B are op(A) and op(B) of the call, or symmetric operands.
type call[T blas.Float] struct {
	fused[T]
	m, n, k     int
	alpha, beta T
	a, b        operand[T]
	c           []T
	ldc         int
	triangle    gblas.Uplo // the triangle of C that is written; gblas.All: the whole
	asStored    bool       // a general product with op(B) = B
}

// forget lets go of the caller's matrices.
func (p *call[T]) forget() { p.a.data, p.b.data, p.c = nil, nil, nil }

// outside says that no element of the block is written.
func (p *call[T]) outside(i0, i1, j0, j1 int) bool {
	return p.triangle == gblas.Lower && j0 >= i1 || p.triangle == gblas.Upper && i0 >= j1
}

// inside says that all elements of the tile are written.
func (p *call[T]) inside(i, j, h, w int) bool {
	switch p.triangle {
	case gblas.Lower:
		return j+w <= i+1
	case gblas.Upper:
		return i+h <= j+1
	}
	return true
}

// row returns the part of row i of C, columns j0 … j1−1, that is written.
func (p *call[T]) row(i, j0, j1 int) (lo, hi int) {
	switch p.triangle {
	case gblas.Lower:
		return j0, min(j1, i+1)
	case gblas.Upper:
		return max(j0, i), j1
	}
	return j0, j1
}

// scale forms βC on a block. β = 0 does not read C.
func (p *call[T]) scale(i0, i1, j0, j1 int) {
	for i := i0; i < i1; i++ {
		if lo, hi := p.row(i, j0, j1); lo < hi {
			scaleRow(p.beta, p.c[i*p.ldc+lo:i*p.ldc+hi])
		}
	}
}

func scaleRow[T blas.Float](beta T, c []T) {
	switch beta {
	case 1:
	case 0:
		clear(c)
	default:
		for j := range c {
			c[j] *= beta
		}
	}
}
