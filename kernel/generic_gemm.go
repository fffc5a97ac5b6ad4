package kernel

// The generic micro-kernel adds A·B to a tile of 1 to 4 rows and 4 columns:
// c_ij += Σ_p a_ip b_pj, p ascending from 0, the sum formed first and then
// added to c. It goes by pieces of 2×2, because the compiler keeps four sums in
// registers and spills sixteen.

func gemm4Generic[T Float](k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	gemm2Generic(k, a, rs, cs, b, ldb, c, ldc)
	if k > 0 {
		gemm2Generic(k, a[2*rs:], rs, cs, b, ldb, c[2*ldc:], ldc)
	}
}

func gemm3Generic[T Float](k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	gemm2Generic(k, a, rs, cs, b, ldb, c, ldc)
	if k > 0 {
		gemm1Generic(k, a[2*rs:], rs, cs, b, ldb, c[2*ldc:], ldc)
	}
}

func gemm2Generic[T Float](k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	for j := 0; j < 4; j += 2 {
		var c00, c01, c10, c11 T
		at, bt := 0, j
		for range k {
			a0, a1 := a[at], a[at+rs]
			b0, b1 := b[bt], b[bt+1]
			c00 += a0 * b0
			c01 += a0 * b1
			c10 += a1 * b0
			c11 += a1 * b1
			at += cs
			bt += ldb
		}
		r0, r1 := c[j:j+2], c[ldc+j:ldc+j+2]
		r0[0] += c00
		r0[1] += c01
		r1[0] += c10
		r1[1] += c11
	}
}

func gemm1Generic[T Float](k int, a []T, _, cs int, b []T, ldb int, c []T, _ int) {
	var c0, c1, c2, c3 T
	at, bt := 0, 0
	for range k {
		v := a[at]
		row := b[bt : bt+4]
		c0 += v * row[0]
		c1 += v * row[1]
		c2 += v * row[2]
		c3 += v * row[3]
		at += cs
		bt += ldb
	}
	c[0] += c0
	c[1] += c1
	c[2] += c2
	c[3] += c3
}

func edgeGeneric[T Float](h int) func(k, w int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	return func(k, w int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
		for i := range h {
			for j := range w {
				var sum T
				for p := range k {
					sum += a[i*rs+p*cs] * b[p*ldb+j]
				}
				c[i*ldc+j] += sum
			}
		}
	}
}

func stripsGeneric[T Float](strips, k int, a []T, rs, cs, step int, b []T, ldb int, c []T, ldc, stepC int, _ []T) {
	for i := 0; i < strips && k > 0; i++ {
		gemm4Generic(k, a[i*step:], rs, cs, b, ldb, c[i*stepC:], ldc)
	}
}
