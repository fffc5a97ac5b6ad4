package kernel

// The two-sided product, one to four columns of X at a time: each element of A
// is read once, meets x_j for y_i, which stays in registers, and x_i for y_j.

func columns1Generic[T Float](m, n int, a []T, lda, _ int, xi, yi []T, _ int, xj, yj []T, _ int) {
	for i := 0; i < m; i += 4 {
		x0, x1, x2, x3 := xi[i], xi[i+1], xi[i+2], xi[i+3]
		var s0, s1, s2, s3 T
		a0, a1 := a[i*lda:][:n], a[(i+1)*lda:][:n]
		a2, a3 := a[(i+2)*lda:][:n], a[(i+3)*lda:][:n]
		x, y := xj[:n], yj[:n]
		for j, p := range a0 {
			q, u, v, z := a1[j], a2[j], a3[j], x[j]
			s0 += p * z
			s1 += q * z
			s2 += u * z
			s3 += v * z
			y[j] += (p*x0 + q*x1) + (u*x2 + v*x3)
		}
		yi[i] += s0
		yi[i+1] += s1
		yi[i+2] += s2
		yi[i+3] += s3
	}
}

func columns2Generic[T Float](m, n int, a []T, lda, _ int, xi, yi []T, ldi int, xj, yj []T, ldj int) {
	for i := 0; i < m; i += 2 {
		x00, x01, x10, x11 := xi[i], xi[ldi+i], xi[i+1], xi[ldi+i+1]
		var s00, s01, s10, s11 T
		a0, a1 := a[i*lda:][:n], a[(i+1)*lda:][:n]
		u, v, y0, y1 := xj[:n], xj[ldj:][:n], yj[:n], yj[ldj:][:n]
		for j, p := range a0 {
			q, uj, vj := a1[j], u[j], v[j]
			s00 += p * uj
			s01 += p * vj
			s10 += q * uj
			s11 += q * vj
			y0[j] += p*x00 + q*x10
			y1[j] += p*x01 + q*x11
		}
		yi[i] += s00
		yi[ldi+i] += s01
		yi[i+1] += s10
		yi[ldi+i+1] += s11
	}
}

func columns3Generic[T Float](m, n int, a []T, lda, _ int, xi, yi []T, ldi int, xj, yj []T, ldj int) {
	columns2Generic(m, n, a, lda, 0, xi, yi, ldi, xj, yj, ldj)
	columns1Generic(m, n, a, lda, 0, xi[2*ldi:], yi[2*ldi:], ldi, xj[2*ldj:], yj[2*ldj:], ldj)
}

func columns4Generic[T Float](m, n int, a []T, lda, _ int, xi, yi []T, ldi int, xj, yj []T, ldj int) {
	columns2Generic(m, n, a, lda, 0, xi, yi, ldi, xj, yj, ldj)
	columns2Generic(m, n, a, lda, 0, xi[2*ldi:], yi[2*ldi:], ldi, xj[2*ldj:], yj[2*ldj:], ldj)
}

// panelGeneric takes panels of w columns. A sum of y_i is formed over j ascending
// and then added; y_j receives the rows of A one by one. Columns do not meet.
func panelGeneric[T Float](w int) func(m, n int, a []T, lda, next int, xi, yi, xj, yj []T) {
	if w == 4 {
		return panelOf4[T]
	}
	return func(m, n int, a []T, lda, _ int, xi, yi, xj, yj []T) {
		for i := range m {
			for c := range w {
				x, s := xi[w*i+c], T(0)
				at := c
				for _, p := range a[i*lda:][:n] {
					s += p * xj[at]
					yj[at] += p * x
					at += w
				}
				yi[w*i+c] += s
			}
		}
	}
}

// panelOf4 keeps what belongs to a row of A in registers.
func panelOf4[T Float](m, n int, a []T, lda, _ int, xi, yi, xj, yj []T) {
	for i := range m {
		x := xi[4*i : 4*i+4 : 4*i+4]
		x0, x1, x2, x3 := x[0], x[1], x[2], x[3]
		var s0, s1, s2, s3 T
		for j, p := range a[i*lda:][:n] {
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
		y := yi[4*i : 4*i+4 : 4*i+4]
		y[0] += s0
		y[1] += s1
		y[2] += s2
		y[3] += s3
	}
}

func forwardGeneric[T Float](w int) func(m, n int, a []T, lda, _ int, yi []T, ldi int, xj []T, ldj int) {
	return func(m, n int, a []T, lda, _ int, yi []T, ldi int, xj []T, ldj int) {
		for i := 0; i < m; i += 4 {
			for c := range w {
				dotsGeneric(n, a[i*lda:], lda, xj[c*ldj:], yi[c*ldi+i:])
			}
		}
	}
}

func adjointGeneric[T Float](w int) func(m, n int, a []T, lda, _ int, xi []T, ldi int, yj []T, ldj int) {
	return func(m, n int, a []T, lda, _ int, xi []T, ldi int, yj []T, ldj int) {
		for i := 0; i < m; i += 4 {
			for c := range w {
				combineGeneric(n, a[i*lda:], lda, xi[c*ldi+i:], yj[c*ldj:])
			}
		}
	}
}

// panelForwardGeneric and panelAdjointGeneric form each element of Y as the
// generic Gemm does: over j, and over i, ascending.
func panelForwardGeneric[T Float](w int) func(m, n int, a []T, lda, next int, yi, xj []T) {
	return func(m, n int, a []T, lda, _ int, yi, xj []T) {
		for i := range m {
			gemmRow(w, n, a[i*lda:], 1, xj, w, yi[w*i:])
		}
	}
}

func panelAdjointGeneric[T Float](w int) func(m, n int, a []T, lda, next int, xi, yj []T) {
	return func(m, n int, a []T, lda, _ int, xi, yj []T) {
		for j := range n {
			gemmRow(w, m, a[j:], lda, xi, w, yj[w*j:])
		}
	}
}

// roundedGeneric takes columns of Y from the rows of A widened one by one.
func roundedGeneric(w int) func(m, n int, a []float32, lda, _ int, xi, yi []float64, ldi int, xj, yj []float64, ldj int) {
	return func(m, n int, a []float32, lda, _ int, xi, yi []float64, ldi int, xj, yj []float64, ldj int) {
		for i := range m {
			row := a[i*lda:][:n]
			for c := range w {
				v, s := xi[c*ldi+i], 0.0
				x, y := xj[c*ldj:][:n], yj[c*ldj:][:n]
				for j, f := range row {
					e := float64(f)
					s += e * x[j]
					y[j] += e * v
				}
				yi[c*ldi+i] += s
			}
		}
	}
}
