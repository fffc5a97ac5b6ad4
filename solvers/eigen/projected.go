package eigen

import (
	gblas "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"lowrank/blas"
	"lowrank/internal/twofold"
)

// projected is a k×k matrix whose singular values are those of UᵀAV for orthonormal columns
// u and v, of which av = Av. The given ones are orthonormal but for rounding: with E = uᵀu − I
// and F = vᵀv − I it is M − ½(EM + MF), M = uᵀAv, to first order. Sums of many terms would lose
// some rounding errors of σ_1: they are twofold.
func projected(u, av, v blas.General[float64]) blas.General[float64] {
	m, e, f := cross(u, av), cross(u, u), cross(v, v)
	for i := range m.Rows {
		e.Row(i)[i]--
		f.Row(i)[i]--
	}
	p := m.Clone()
	blas64.Gemm(gblas.NoTrans, gblas.NoTrans, -0.5, blas64.General(e), blas64.General(m), 1, blas64.General(p))
	blas64.Gemm(gblas.NoTrans, gblas.NoTrans, -0.5, blas64.General(m), blas64.General(f), 1, blas64.General(p))
	return p
}

// cross is aᵀb.
func cross(a, b blas.General[float64]) blas.General[float64] {
	c, sums := blas.NewGeneral[float64](a.Cols, b.Cols), make([]twofold.Sum, a.Cols*b.Cols)
	for i := range a.Rows {
		for j, x := range a.Row(i) {
			for l, y := range b.Row(i) {
				sums[j*b.Cols+l].AddProduct(x, y)
			}
		}
	}
	for i, s := range sums {
		c.Data[i] = s.Value()
	}
	return c
}
