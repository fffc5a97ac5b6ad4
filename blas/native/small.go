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
	if beta != 1 {
		for i := range m {
			scaleRow(beta, c[i*ldc:i*ldc+n])
		}
	}
	for j := 0; j < n; j += kernels.NR {
		w := min(kernels.NR, n-j)
		for i := 0; i < m; i += kernels.MR {
			h := min(kernels.MR, m-i)
			gemmTile(kernels, h, w, k, a.data[i*a.rs:], a.rs, a.cs, b[j:], ldb, c[i*ldc+j:], ldc)
		}
	}
}
