package eigen_test

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"testing"

	"lowrank/blas"
)

// reflected is A = H·D·K with reflections H = I − (2/m)uuᵀ and K of vectors of ±1, so that the
// elements of A are sums of few powers of two: no element is rounded, and the singular values
// are exactly those of D. left and right are the first columns of H and K.
func reflected(t *testing.T, m, n int, d []float64) (a, left, right blas.General[float64]) {
	reflection := func(n, cols int, sign func(i int) float64) blas.General[float64] {
		h := blas.NewGeneral[float64](n, cols)
		for i := range n {
			for j := range cols {
				h.Row(i)[j] = -2 / float64(n) * sign(i) * sign(j)
				if i == j {
					h.Row(i)[j]++
				}
			}
		}
		return h
	}
	left = reflection(m, len(d), func(i int) float64 { return 1 - 2*float64(i*i/3%2) })
	right = reflection(n, len(d), func(i int) float64 { return 1 - 2*float64(i/2%2) })
	a = blas.NewGeneral[float64](m, n)
	for i := range m {
		for j := range n {
			sum := new(big.Float).SetPrec(400)
			for k, s := range d {
				p := new(big.Float).SetPrec(400).SetFloat64(left.Row(i)[k])
				p.Mul(p, big.NewFloat(s)).Mul(p, big.NewFloat(right.Row(j)[k]))
				sum.Add(sum, p)
			}
			v, accuracy := sum.Float64()
			if accuracy != big.Exact {
				t.Fatalf("element (%d, %d) is rounded", i, j)
			}
			a.Row(i)[j] = v
		}
	}
	return a, left, right
}

// apart is the distance of column i of two matrices, up to its sign.
func apart(a, b blas.General[float64], i int) float64 {
	var plus, minus float64
	for j := range a.Rows {
		plus = math.Hypot(plus, a.Row(j)[i]-b.Row(j)[i])
		minus = math.Hypot(minus, a.Row(j)[i]+b.Row(j)[i])
	}
	return min(plus, minus)
}

// precise are the singular values of a by Jacobi rotations of AᵀA with 600 bits.
func precise(a blas.General[float64]) []float64 {
	const bits = 600
	number := func(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }
	mul := func(x, y *big.Float) *big.Float { return number(0).Mul(x, y) }
	n := a.Cols
	g := make([][]*big.Float, n)
	for i := range g {
		g[i] = make([]*big.Float, n)
		for j := range g[i] {
			g[i][j] = number(0)
			for k := range a.Rows {
				g[i][j].Add(g[i][j], mul(number(a.Row(k)[i]), number(a.Row(k)[j])))
			}
		}
	}
	for range 14 { // sweeps; each squares what is left
		for p := range n {
			for q := p + 1; q < n; q++ {
				if g[p][q].Sign() == 0 {
					continue
				}
				// t = tan of the angle: t² + 2θt − 1 = 0, θ = (g_qq − g_pp)/(2g_pq).
				theta := number(0).Sub(g[q][q], g[p][p])
				theta.Quo(theta, mul(number(2), g[p][q]))
				t := number(0).Add(mul(theta, theta), number(1))
				t.Sqrt(t)
				t.Add(t, number(0).Abs(theta))
				t.Quo(number(1), t)
				if theta.Sign() < 0 {
					t.Neg(t)
				}
				c := number(0).Add(mul(t, t), number(1))
				c.Quo(number(1), c.Sqrt(c))
				s := mul(t, c)
				for k := range n {
					x, y := g[k][p], g[k][q]
					g[k][p] = number(0).Sub(mul(c, x), mul(s, y))
					g[k][q] = number(0).Add(mul(s, x), mul(c, y))
				}
				for k := range n {
					x, y := g[p][k], g[q][k]
					g[p][k] = number(0).Sub(mul(c, x), mul(s, y))
					g[q][k] = number(0).Add(mul(s, x), mul(c, y))
				}
			}
		}
	}
	values := make([]float64, n)
	for i := range values {
		values[i], _ = number(0).Sqrt(g[i][i]).Float64()
	}
	slices.SortFunc(values, func(a, b float64) int { return cmp.Compare(b, a) })
	return values
}
