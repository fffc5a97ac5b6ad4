package native

import (
	"lowrank/blas"
	"lowrank/kernel"
)

// gemmInPlace is C += AB for a small product with nothing set up: A is used where it lies, and B too, n
// columns of rows ldb apart.
func gemmInPlace[T blas.Float](kernels *kernel.Kernels[T], m, n, k int, a operand[T], b []T, ldb int, c []T, ldc int) {
	for j := 0; j < n; j += kernels.NR {
		w := min(kernels.NR, n-j)
		for i := 0; i < m; i += kernels.MR {
			h := min(kernels.MR, m-i)
			gemmTile(kernels, h, w, k, a.data[i*a.rs:], a.rs, a.cs, b[j:], ldb, c[i*ldc+j:], ldc)
		}
	}
}

// gemmSmall is C ← AB + βC for a small product.
func gemmSmall[T blas.Float](kernels *kernel.Kernels[T], by way, m, n, k int, a operand[T], b []T, ldb int, beta T, c []T, ldc int) {
	switch {
	case beta == 1:
	case ldc == n:
		scaleRow(beta, c[:m*n])
	default:
		for i := range m {
			scaleRow(beta, c[i*ldc:i*ldc+n])
		}
	}
	if by == plainLoops {
		gemmNarrow(m, n, k, a, b, ldb, c, ldc)
		return
	}
	gemmInPlace(kernels, m, n, k, a, b, ldb, c, ldc)
}

// small is the call of a small product.
func (p *call[T]) small(by way) {
	gemmSmall(&p.kernels, by, p.m, p.n, p.k, p.a, p.b.data, p.b.rs, p.beta, p.c, p.ldc)
}

// alone is a small product that packs what it must, on its caller: the loops of a blocked
// call on one part.
func (p *call[T]) alone() {
	buf := takeBuffer[T]()
	p.scale(0, p.m, 0, p.n)
	p.columns(buf, 0, p.m, 0, p.n, 0, p.k, p.c, p.ldc)
	giveBuffer(buf)
}

// gemmNarrow is C += AB with at most two columns and inner products of at most two, where a
// call of a kernel takes longer than six rows.
func gemmNarrow[T blas.Float](m, n, k int, a operand[T], b []T, ldb int, c []T, ldc int) {
	for j := range n {
		at := j
		if k == 1 {
			b0 := b[j]
			for i := range m {
				c[at] += a.data[i*a.rs] * b0
				at += ldc
			}
			continue
		}
		b0, b1 := b[j], b[ldb+j]
		for i := range m {
			row := a.data[i*a.rs : i*a.rs+2 : i*a.rs+2]
			c[at] += row[0]*b0 + row[1]*b1
			at += ldc
		}
	}
}
