package kernel

// The generic row: plain Go that runs everywhere, is what every other row is
// compared with, and says in which order sums are formed. A row with fused
// multiply-add rounds once where these functions round twice.
var genericRow = Row{
	Name: "generic",
	F64:  genericKernels[float64](),
	F32:  genericKernels[float32](),
}

func genericKernels[T Float]() Kernels[T] {
	return Kernels[T]{
		Numbers:  Numbers{MR: 4, NR: 4, KC: 256, Tile: 256, PanelWidth: 4},
		Gemm:     gemmGeneric[T],
		SymRows:  symRowsGeneric[T],
		Update:   updateGeneric[T],
		Diagonal: diagonalGeneric[T],
		Gram:     gramGeneric[T],
	}
}

// gemmGeneric adds A·B to the 4×4 tile c, whose rows are ldc apart:
// c_ij += Σ_p a_ip b_pj, p ascending from 0, the sum formed first and then
// added to c. Four 2×2 quadrants, because the compiler keeps four sums in
// registers and spills sixteen.
func gemmGeneric[T Float](k int, a, b, c []T, ldc int) {
	for i := 0; i < 4; i += 2 {
		for j := 0; j < 4; j += 2 {
			var c00, c01, c10, c11 T
			for p := 0; p < k; p++ {
				ap := a[4*p+i : 4*p+i+2 : 4*p+i+2]
				bp := b[4*p+j : 4*p+j+2 : 4*p+j+2]
				a0, a1 := ap[0], ap[1]
				b0, b1 := bp[0], bp[1]
				c00 += a0 * b0
				c01 += a0 * b1
				c10 += a1 * b0
				c11 += a1 * b1
			}
			r0, r1 := c[i*ldc+j:], c[(i+1)*ldc+j:]
			r0[0] += c00
			r0[1] += c01
			r1[0] += c10
			r1[1] += c11
		}
	}
}

// symRowsGeneric multiplies m rows of n elements of Σ, lda apart, with panels
// of w ≤ 4 columns, both ways: y_i += Σ_j a_ij x_j and y_j += Σ_i a_ij x_i.
// The rows xi, yi (m×w) and xj, yj (n×w) have no gaps and do not overlap.
func symRowsGeneric[T Float](m, n, w int, a []T, lda int, xi, yi, xj, yj []T) {
	i := 0
	switch w {
	case 1:
		for ; i+4 <= m; i += 4 {
			symRows4x1(n, a[i*lda:], a[(i+1)*lda:], a[(i+2)*lda:], a[(i+3)*lda:], xi[i:i+4], yi[i:i+4], xj, yj)
		}
		for ; i < m; i++ {
			symRow1(n, a[i*lda:], xi[i:i+1], yi[i:i+1], xj, yj)
		}
	case 2:
		for ; i+2 <= m; i += 2 {
			symRows2x2(n, a[i*lda:], a[(i+1)*lda:], xi[2*i:2*i+4], yi[2*i:2*i+4], xj, yj)
		}
		for ; i < m; i++ {
			symRow2(n, a[i*lda:], xi[2*i:2*i+2], yi[2*i:2*i+2], xj, yj)
		}
	case 3:
		for ; i < m; i++ {
			symRow3(n, a[i*lda:], xi[3*i:3*i+3], yi[3*i:3*i+3], xj, yj)
		}
	case 4:
		for ; i < m; i++ {
			symRow4(n, a[i*lda:], xi[4*i:4*i+4], yi[4*i:4*i+4], xj, yj)
		}
	default:
		panic(badPanelWidth)
	}
}

func symRows4x1[T Float](n int, a0, a1, a2, a3, xi, yi, xj, yj []T) {
	x0, x1, x2, x3 := xi[0], xi[1], xi[2], xi[3]
	var s0, s1, s2, s3 T
	a0, a1, a2, a3, xj, yj = a0[:n], a1[:n], a2[:n], a3[:n], xj[:n], yj[:n]
	for j, p := range a0 {
		q, u, v, x := a1[j], a2[j], a3[j], xj[j]
		s0 += p * x
		s1 += q * x
		s2 += u * x
		s3 += v * x
		yj[j] += (p*x0 + q*x1) + (u*x2 + v*x3)
	}
	yi[0] += s0
	yi[1] += s1
	yi[2] += s2
	yi[3] += s3
}

func symRow1[T Float](n int, a, xi, yi, xj, yj []T) {
	x := xi[0]
	var s T
	a, xj, yj = a[:n], xj[:n], yj[:n]
	for j, p := range a {
		s += p * xj[j]
		yj[j] += p * x
	}
	yi[0] += s
}

func symRows2x2[T Float](n int, a0, a1, xi, yi, xj, yj []T) {
	x00, x01, x10, x11 := xi[0], xi[1], xi[2], xi[3]
	var s00, s01, s10, s11 T
	a0, a1 = a0[:n], a1[:n]
	for j, p := range a0 {
		q := a1[j]
		x := xj[2*j : 2*j+2 : 2*j+2]
		y := yj[2*j : 2*j+2 : 2*j+2]
		u, v := x[0], x[1]
		s00 += p * u
		s01 += p * v
		s10 += q * u
		s11 += q * v
		y[0] += p*x00 + q*x10
		y[1] += p*x01 + q*x11
	}
	yi[0] += s00
	yi[1] += s01
	yi[2] += s10
	yi[3] += s11
}

func symRow2[T Float](n int, a, xi, yi, xj, yj []T) {
	x0, x1 := xi[0], xi[1]
	var s0, s1 T
	for j, p := range a[:n] {
		x := xj[2*j : 2*j+2 : 2*j+2]
		y := yj[2*j : 2*j+2 : 2*j+2]
		s0 += p * x[0]
		s1 += p * x[1]
		y[0] += p * x0
		y[1] += p * x1
	}
	yi[0] += s0
	yi[1] += s1
}

func symRow3[T Float](n int, a, xi, yi, xj, yj []T) {
	x0, x1, x2 := xi[0], xi[1], xi[2]
	var s0, s1, s2 T
	for j, p := range a[:n] {
		x := xj[3*j : 3*j+3 : 3*j+3]
		y := yj[3*j : 3*j+3 : 3*j+3]
		s0 += p * x[0]
		s1 += p * x[1]
		s2 += p * x[2]
		y[0] += p * x0
		y[1] += p * x1
		y[2] += p * x2
	}
	yi[0] += s0
	yi[1] += s1
	yi[2] += s2
}

func symRow4[T Float](n int, a, xi, yi, xj, yj []T) {
	x0, x1, x2, x3 := xi[0], xi[1], xi[2], xi[3]
	var s0, s1, s2, s3 T
	for j, p := range a[:n] {
		x := xj[4*j : 4*j+4 : 4*j+4]
		y := yj[4*j : 4*j+4 : 4*j+4]
		s0 += p * x[0]
		s1 += p * x[1]
		s2 += p * x[2]
		s3 += p * x[3]
		y[0] += p * x0
		y[1] += p * x1
		y[2] += p * x2
		y[3] += p * x3
	}
	yi[0] += s0
	yi[1] += s1
	yi[2] += s2
	yi[3] += s3
}
