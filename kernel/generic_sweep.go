package kernel

// updateGeneric is Update for r columns: a group is two vectors.
func updateGeneric[T Float](r, lanes int) func(groups int, eta T, lambda, x, y, g, sums []T) {
	step := stepOf[T](r)
	return func(groups int, eta T, _, x, y, g, sums []T) {
		step(eta, nil, x[:groups*2*lanes], y, g, sums)
	}
}

// diagonalGeneric is Diagonal for r columns.
func diagonalGeneric[T Float](r, lanes int) func(groups int, eta T, lambda, x, y, g, sums []T) {
	step := stepOf[T](r)
	return func(groups int, eta T, lambda, x, _, g, sums []T) {
		step(eta, lambda, x[:groups*2*lanes], x, g, sums)
	}
}

func stepOf[T Float](r int) func(eta T, lambda, x, y, g, sums []T) {
	if r == 1 {
		return step1[T]
	}
	return step2[T]
}

// step1 is a step on len(x) rows of one column, Diagonal when there is lambda.
func step1[T Float](eta T, lambda, x, y, g, sums []T) {
	g00 := g[0]
	var grad, size, s00 T
	y = y[:len(x)]
	for i, v := range x {
		u := y[i]
		if lambda != nil {
			u = lambda[i] * v
		}
		size += u * u
		d := u - v*g00
		grad += d * d
		v += eta * d
		y[i] = v
		s00 += v * v
	}
	sums[0], sums[1], sums[2] = grad, size, s00
}

// step2 is a step on len(x)/2 rows of two columns.
func step2[T Float](eta T, lambda, x, y, g, sums []T) {
	g00, g10, g11 := g[0], g[1], g[3]
	var grad, size, s00, s10, s11 T
	for i := 0; i < len(x); i += 2 {
		to := y[i : i+2 : i+2]
		x0, x1, y0, y1 := x[i], x[i+1], to[0], to[1]
		if lambda != nil {
			l := lambda[i/2]
			y0, y1 = l*x0, l*x1
		}
		size += y0*y0 + y1*y1
		d0 := y0 - (x0*g00 + x1*g10)
		d1 := y1 - (x0*g10 + x1*g11)
		grad += d0*d0 + d1*d1
		x0, x1 = x0+eta*d0, x1+eta*d1
		to[0], to[1] = x0, x1
		s00 += x0 * x0
		s10 += x1 * x0
		s11 += x1 * x1
	}
	sums[0], sums[1], sums[2], sums[3], sums[4] = grad, size, s00, s11, s10
}

func finishGeneric[T Float](n int, eta T, x, delta, out []T) T {
	var s T
	x, out = x[:n], out[:n]
	for i, d := range delta[:n] {
		s += d * d
		out[i] = x[i] + eta*d
	}
	return s
}

func scaleRowsGeneric[T Float](m, n int, lambda, x, y []T) {
	for i, l := range lambda[:m] {
		to := y[i*n : (i+1)*n]
		for j, v := range x[i*n : (i+1)*n] {
			to[j] = l * v
		}
	}
}
