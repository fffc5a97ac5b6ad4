package problem

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// Orthonormal is a random n×k matrix with orthonormal columns, k ≤ n: Q of a
// Gaussian matrix.
func Orthonormal(n, k int, seed uint64, name string) blas.General[float64] {
	g := solvers.Gaussian(n, k, 1, seed, name)
	q := blas64.General(g)
	tau, work := make([]float64, k), make([]float64, 1)
	lapack64.Geqrf(q, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(q, tau, work, len(work))
	lapack64.Orgqr(q, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Orgqr(q, tau, work, len(work))
	return g
}

// Rectangular is a generated m×n matrix A = UΣVᵀ, with noise or without.
type Rectangular struct {
	Left, Right blas.General[float64] // UΣ, m×r, and V, n×r
	Singular    []float64             // of A without noise, largest first
	Noise       float64               // ‖noise‖_F/‖UΣVᵀ‖_F
	seed        uint64
}

// NewRectangular makes a matrix of rank r ≤ min(m, n) with r singular values
// evenly from 1 to ratio, 0 < ratio ≤ 1, and random singular vectors.
func NewRectangular(m, n, r int, ratio, noise float64, seed uint64) *Rectangular {
	p := &Rectangular{
		Left: Orthonormal(m, r, seed, "left singular vectors"), Right: Orthonormal(n, r, seed, "right singular vectors"),
		Singular: Arithmetic(r, 1, ratio), Noise: noise, seed: seed,
	}
	for i := range m {
		row := p.Left.Row(i)
		for k := range row {
			row[k] *= p.Singular[k]
		}
	}
	return p
}

// Triplets are the singular values and vectors of A without noise.
func (p *Rectangular) Triplets() *eigen.Triplets {
	t := &eigen.Triplets{Values: p.Singular, Left: p.Left.Clone(), Right: p.Right, Residuals: make([]float64, len(p.Singular)), Converged: true}
	for i := range t.Left.Rows {
		row := t.Left.Row(i)
		for k, s := range p.Singular {
			row[k] /= s
		}
	}
	return t
}

// OperatorOf makes the operator: as the product UΣ·Vᵀ where there is no noise and
// asProduct is set, else dense. The noise is Gaussian.
func OperatorOf[T blas.Float](b *blas.Backend, p *Rectangular, asProduct bool) (operator.Rectangular[T], error) {
	m, n := p.Left.Rows, p.Right.Rows
	if asProduct {
		if p.Noise != 0 {
			return nil, fmt.Errorf("a matrix with noise is no product of thin factors; expected the form dense")
		}
		return operator.NewProduct(b, blas.Convert[T](p.Left), blas.Convert[T](p.Right)), nil
	}
	if err := CheckMemory(fmt.Sprintf("a generated %d×%d matrix", m, n), float64(m)*float64(n)*(8+float64(blas.SizeOf[T]()))); err != nil {
		return nil, err
	}
	a := blas.NewGeneral[float64](m, n)
	if p.Noise != 0 {
		var norm float64
		for _, s := range p.Singular {
			norm = math.Hypot(norm, s)
		}
		a = solvers.Gaussian(m, n, 1, p.seed, "noise")
		var size float64
		for i := range m {
			for _, v := range a.Row(i) {
				size += v * v
			}
		}
		for i := range a.Data {
			a.Data[i] *= p.Noise * norm / math.Sqrt(size)
		}
	}
	for i := range m {
		row := a.Row(i)
		for j := range row {
			for k, v := range p.Left.Row(i) {
				row[j] += v * p.Right.Row(j)[k]
			}
		}
	}
	return operator.NewDenseRectangular(b, m, n, func(i int, dst []T) {
		for j, v := range a.Row(i) {
			dst[j] = T(v)
		}
	}), nil
}
