package kernel

// The generic micro-kernel adds A·B to a tile of any height and width:
// c_ij += Σ_p a_ip b_pj, p ascending from 0, the sum formed first and then
// added to c. It goes by pieces of 2×2, because the compiler keeps four sums in
// registers and spills sixteen.

// gemmGeneric takes tiles of h rows and w columns.
func gemmGeneric[T Float](h, w int) func(k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	return func(k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
		gemmTile(h, w, k, a, rs, cs, b, ldb, c, ldc)
	}
}

func gemmTile[T Float](h, w, k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	if k == 0 {
		rs = 0 // A has no elements
	}
	i := 0
	for ; i+2 <= h; i += 2 {
		gemmPair(w, k, a[i*rs:], rs, cs, b, ldb, c[i*ldc:], ldc)
	}
	if i < h {
		gemmRow(w, k, a[i*rs:], cs, b, ldb, c[i*ldc:])
	}
}

// gemmPair takes two rows of the tile, four columns at a time.
func gemmPair[T Float](w, k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int) {
	j := 0
	for ; j+4 <= w; j += 4 {
		gemmPiece(k, a, rs, cs, b, j, ldb, c[j:], ldc)
	}
	for ; j < w; j++ {
		c[j] += gemmSum(k, a, cs, b, j, ldb)
		c[ldc+j] += gemmSum(k, a[rs:], cs, b, j, ldb)
	}
}

// gemmPiece takes two rows and columns from to from+3 of B, two at a time.
func gemmPiece[T Float](k int, a []T, rs, cs int, b []T, from, ldb int, c []T, ldc int) {
	for j := 0; j < 4; j += 2 {
		var c00, c01, c10, c11 T
		at, bt := 0, from+j
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

// gemmRow takes one row of the tile, four columns at a time.
func gemmRow[T Float](w, k int, a []T, cs int, b []T, ldb int, c []T) {
	j := 0
	for ; j+4 <= w; j += 4 {
		gemmFour(k, a, cs, b, j, ldb, c[j:])
	}
	for ; j < w; j++ {
		c[j] += gemmSum(k, a, cs, b, j, ldb)
	}
}

// gemmFour takes one row and columns j to j+3 of B.
func gemmFour[T Float](k int, a []T, cs int, b []T, j, ldb int, c []T) {
	var c0, c1, c2, c3 T
	at, bt := 0, j
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

// gemmSum is Σ_p a_p b_pj.
func gemmSum[T Float](k int, a []T, cs int, b []T, j, ldb int) T {
	var sum T
	for p := range k {
		sum += a[p*cs] * b[p*ldb+j]
	}
	return sum
}

// edgeGeneric takes tiles of h rows and as many columns as the call says.
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

// stripsGeneric takes tiles of h rows and w columns, below each other.
func stripsGeneric[T Float](h, w int) func(strips, k int, a []T, rs, cs, step int, b []T, ldb int, c []T, ldc, stepC int, next []T) {
	return func(strips, k int, a []T, rs, cs, step int, b []T, ldb int, c []T, ldc, stepC int, _ []T) {
		for i := 0; i < strips && k > 0; i++ {
			gemmTile(h, w, k, a[i*step:], rs, cs, b, ldb, c[i*stepC:], ldc)
		}
	}
}
