package native

import (
	"lowrank/blas"
	"lowrank/kernel"
)

// smallBelow is the number of multiply-adds of a product that is not cut into
// parts.
const smallBelow = 48 * 48 * 48

// gemmSmall is C ← AB + βC for a small product, with nothing set up: A is used
// where it lies, and B too, n columns of rows ldb apart.
func gemmSmall[T blas.Float](kernels *kernel.Kernels[T], m, n, k int, a operand[T], b []T, ldb int, beta T, c []T, ldc int) {
	switch {
	case beta == 1:
	case ldc == n:
		scaleRow(beta, c[:m*n])
	default:
		for i := range m {
			scaleRow(beta, c[i*ldc:i*ldc+n])
		}
	}
	if n <= 2 && k <= 2 && a.cs == 1 {
		gemmNarrow(m, n, k, a, b, ldb, c, ldc)
		return
	}
	for j := 0; j < n; j += kernels.NR {
		w := min(kernels.NR, n-j)
		for i := 0; i < m; i += kernels.MR {
			h := min(kernels.MR, m-i)
			gemmTile(kernels, h, w, k, a.data[i*a.rs:], a.rs, a.cs, b[j:], ldb, c[i*ldc+j:], ldc)
		}
	}
}

// gemmNarrow is C += AB for at most two columns and inner products of at most
// two, where a call of a kernel takes longer than six rows.
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
