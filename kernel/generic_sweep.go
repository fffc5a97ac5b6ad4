package kernel

// updateGeneric performs one step of gradient descent on m rows of r columns:
// with δ = y − xG it writes x + ηδ over y and adds the outer product of the
// new row to the lower triangle of gram. G is r×r and symmetric, both
// triangles filled. It returns Σ‖δ‖² and Σ‖y‖² of the rows it was given.
func updateGeneric[T Float](m, r int, eta T, x []T, ldx int, y []T, ldy int, g, gram []T) (grad, size float64) {
	if r == 1 {
		g00 := g[0]
		var sum T
		for i := range m {
			xi, yi := x[i*ldx], y[i*ldy]
			d := yi - xi*g00
			v := xi + eta*d
			y[i*ldy] = v
			sum += v * v
			grad += float64(d) * float64(d)
			size += float64(yi) * float64(yi)
		}
		gram[0] += sum
		return grad, size
	}
	if r == 2 {
		g00, g10, g01, g11 := g[0], g[1], g[2], g[3]
		var s00, s10, s11 T
		for i := range m {
			xi := x[i*ldx : i*ldx+2 : i*ldx+2]
			yi := y[i*ldy : i*ldy+2 : i*ldy+2]
			x0, x1, y0, y1 := xi[0], xi[1], yi[0], yi[1]
			d0 := y0 - (x0*g00 + x1*g01)
			d1 := y1 - (x0*g10 + x1*g11)
			v0, v1 := x0+eta*d0, x1+eta*d1
			yi[0], yi[1] = v0, v1
			s00 += v0 * v0
			s10 += v1 * v0
			s11 += v1 * v1
			grad += float64(d0)*float64(d0) + float64(d1)*float64(d1)
			size += float64(y0)*float64(y0) + float64(y1)*float64(y1)
		}
		gram[0] += s00
		gram[2] += s10
		gram[3] += s11
		return grad, size
	}
	for i := range m {
		xi, yi := x[i*ldx:i*ldx+r], y[i*ldy:i*ldy+r]
		size += sumSquares(yi)
		subtractProduct(yi, xi, g)
		grad += sumSquares(yi)
		for j, d := range yi {
			yi[j] = xi[j] + eta*d
		}
	}
	gramGeneric(m, r, y, ldy, gram)
	return grad, size
}

// diagonalGeneric is updateGeneric with y = λ_i x_i formed on the way; the new
// rows are written over x. It uses r elements of scratch.
func diagonalGeneric[T Float](m, r int, eta T, lambda, x []T, ldx int, g, gram, scratch []T) (grad, size float64) {
	if r == 1 {
		g00 := g[0]
		var sum T
		for i, l := range lambda[:m] {
			xi := x[i*ldx]
			yi := l * xi
			d := yi - xi*g00
			v := xi + eta*d
			x[i*ldx] = v
			sum += v * v
			grad += float64(d) * float64(d)
			size += float64(yi) * float64(yi)
		}
		gram[0] += sum
		return grad, size
	}
	if r == 2 {
		g00, g10, g01, g11 := g[0], g[1], g[2], g[3]
		var s00, s10, s11 T
		for i, l := range lambda[:m] {
			xi := x[i*ldx : i*ldx+2 : i*ldx+2]
			x0, x1 := xi[0], xi[1]
			y0, y1 := l*x0, l*x1
			d0 := y0 - (x0*g00 + x1*g01)
			d1 := y1 - (x0*g10 + x1*g11)
			v0, v1 := x0+eta*d0, x1+eta*d1
			xi[0], xi[1] = v0, v1
			s00 += v0 * v0
			s10 += v1 * v0
			s11 += v1 * v1
			grad += float64(d0)*float64(d0) + float64(d1)*float64(d1)
			size += float64(y0)*float64(y0) + float64(y1)*float64(y1)
		}
		gram[0] += s00
		gram[2] += s10
		gram[3] += s11
		return grad, size
	}
	row := scratch[:r]
	for i, l := range lambda[:m] {
		xi := x[i*ldx : i*ldx+r]
		for j, v := range xi {
			row[j] = l * v
		}
		size += sumSquares(row)
		subtractProduct(row, xi, g)
		grad += sumSquares(row)
		for j, d := range row {
			xi[j] += eta * d
		}
	}
	gramGeneric(m, r, x, ldx, gram)
	return grad, size
}

// gramGeneric adds Σ_i x_iᵀx_i over m rows to the lower triangle of the r×r
// matrix gram; the strictly upper triangle is neither read nor written.
func gramGeneric[T Float](m, r int, x []T, ldx int, gram []T) {
	i := 0
	for ; i+4 <= m; i += 4 {
		x0, x1 := x[i*ldx:i*ldx+r], x[(i+1)*ldx:(i+1)*ldx+r]
		x2, x3 := x[(i+2)*ldx:(i+2)*ldx+r], x[(i+3)*ldx:(i+3)*ldx+r]
		for k := range r {
			axpy4(x0[k], x1[k], x2[k], x3[k], x0, x1, x2, x3, gram[k*r:k*r+k+1])
		}
	}
	for ; i < m; i++ {
		xi := x[i*ldx : i*ldx+r]
		for k, a := range xi {
			axpy1(a, xi, gram[k*r:k*r+k+1])
		}
	}
}

// subtractProduct sets y ← y − x·G for rows of len(y) elements.
func subtractProduct[T Float](y, x, g []T) {
	r, k := len(y), 0
	for ; k+4 <= r; k += 4 {
		axpy4(-x[k], -x[k+1], -x[k+2], -x[k+3],
			g[k*r:(k+1)*r], g[(k+1)*r:(k+2)*r], g[(k+2)*r:(k+3)*r], g[(k+3)*r:(k+4)*r], y)
	}
	for ; k < r; k++ {
		axpy1(-x[k], g[k*r:(k+1)*r], y)
	}
}

func axpy4[T Float](a0, a1, a2, a3 T, x0, x1, x2, x3, y []T) {
	x0, x1, x2, x3 = x0[:len(y)], x1[:len(y)], x2[:len(y)], x3[:len(y)]
	for j := range y {
		y[j] += (a0*x0[j] + a1*x1[j]) + (a2*x2[j] + a3*x3[j])
	}
}

func axpy1[T Float](a T, x, y []T) {
	x = x[:len(y)]
	for j := range y {
		y[j] += a * x[j]
	}
}

func sumSquares[T Float](x []T) float64 {
	var s float64
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return s
}
