package symmetric

import (
	"math"

	"lowrank/solvers/eigen"
)

// spectralError is ‖Σ_r − XXᵀ‖ at the iterate whose U and JᵀJ are in th. With J̃ = QR, R of
// order r, it is the norm of the symmetric matrix of order 2r
//
//	( Λ_r − UUᵀ   −URᵀ )
//	( −RUᵀ        −RRᵀ )
//
// R comes from JᵀJ = RᵀR. What that loses of a small direction of J, √ε‖J‖, is in the
// norm squared, and so of the size of rounding errors.
func (th *Theory[T]) spectralError() float64 {
	r, n := th.r, 2*th.r
	l := cholesky(th.jtj, r) // Rᵀ
	m := make([]float64, n*n)
	largest := 0.0
	set := func(i, j int, v float64) {
		m[i*n+j], m[j*n+i] = v, v
		if !(math.Abs(v) <= largest) { // a NaN too
			largest = math.Abs(v)
		}
	}
	for i := range r {
		for j := range r {
			if j <= i {
				e := -dot(th.u.Row(i), th.u.Row(j))
				if i == j {
					e += max(th.basis.Values[i], 0) / th.unit / th.unit
				}
				set(i, j, e)
			}
			var across, below float64
			for k := range r {
				across += th.u.Row(i)[k] * l[k*r+j]
				below += l[k*r+i] * l[k*r+j]
			}
			set(i, r+j, -across)
			set(r+i, r+j, -below)
		}
	}
	if largest == 0 || math.IsInf(largest, 0) {
		return largest
	}
	for i := range m {
		m[i] /= largest
	}
	square := make([]float64, n*n)
	for i := range n {
		for j := range n {
			square[i*n+j] = dot(m[i*n:(i+1)*n], m[j*n:(j+1)*n])
		}
	}
	return largest * math.Sqrt(eigen.Largest(square, n))
}

// cholesky is the lower triangular L with LLᵀ = a, a positive semi-definite. Directions
// that are rounding errors of a are left out.
func cholesky(a []float64, r int) []float64 {
	l := make([]float64, r*r)
	for j := range r {
		pivot := a[j*r+j] - dot(l[j*r:j*r+j], l[j*r:j*r+j])
		if pivot <= 8*float64(r)*0x1p-52*a[j*r+j] {
			continue
		}
		root := math.Sqrt(pivot)
		l[j*r+j] = root
		for i := j + 1; i < r; i++ {
			l[i*r+j] = (a[i*r+j] - dot(l[i*r:i*r+j], l[j*r:j*r+j])) / root
		}
	}
	return l
}
