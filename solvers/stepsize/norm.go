package stepsize

import (
	"context"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
)

// Passes is how many readings of the matrix estimate its norm, at most.
const Passes = 12

// SpectralNorm estimates ‖Σ‖₂ from below: the largest |λ| that so many steps of block
// Lanczos with two random vectors find. After k = 12 steps with one vector the expected
// relative error is at most 0.103·(ln(d(k−1)⁴)/(k−1))², 0.3 for d = 10⁴ and the worst
// spectrum (Kuczyński and Woźniakowski, "Estimating the largest eigenvalue by the power
// and Lanczos algorithms with a random start", 1992, Theorem 3.2); as a rule it is below
// 0.01. The start does not depend on a seed: runs from several seeds have one step.
func SpectralNorm[T blas.Float](ctx context.Context, b *blas.Backend, op operator.Operator[T]) (norm float64, passes int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, 0, context.Cause(ctx)
	}
	wide, ok := any(op).(operator.Operator[float64])
	if !ok {
		wide = &widened[T]{op: op}
	}
	starts, err := krylov.New(b, wide, solvers.Gaussian(op.Dim(), 1, 1, 1, "lowrank estimate of the norm"))
	if err != nil {
		return 0, 0, err
	}
	basis := starts[0].Basis
	for basis.Passes() < Passes && !basis.Closed() {
		if ctx.Err() != nil {
			return 0, basis.Passes(), context.Cause(ctx)
		}
		if err := basis.Extend(); err != nil {
			return 0, basis.Passes(), err
		}
	}
	values := basis.Ritz(basis.Size()).Values
	if len(values) == 0 {
		return 0, basis.Passes(), nil
	}
	return max(math.Abs(values[0]), math.Abs(values[len(values)-1])), basis.Passes(), nil
}

// SingularNorm estimates σ_1 of a rectangular A, from AᵀA.
func SingularNorm[T blas.Float](ctx context.Context, b *blas.Backend, a operator.Rectangular[T]) (norm float64, passes int, err error) {
	square, passes, err := SpectralNorm(ctx, b, operator.NormalOf(a))
	return math.Sqrt(square), passes, err
}

// LargestSingular is σ_1 of a factor to a rounding error, from its Gram matrix.
func LargestSingular(b *blas.Backend, x blas.General[float64]) float64 {
	g := make([]float64, x.Cols*x.Cols)
	blas.FusedOf[float64](b).NewSweep(x.Rows, x.Cols).Gram(x, g)
	return math.Sqrt(eigen.Largest(g, x.Cols))
}

// widened is Σ of another element type, whose products are rounded to that type.
type widened[T blas.Float] struct {
	op     operator.Operator[T]
	dst, x blas.General[T]
}

func (o *widened[T]) Dim() int            { return o.op.Dim() }
func (o *widened[T]) Bytes() int64        { return o.op.Bytes() }
func (o *widened[T]) Held() int64         { return o.op.Held() }
func (o *widened[T]) Flops(r int) float64 { return o.op.Flops(r) }

func (o *widened[T]) Reserve(r int) {
	if o.x.Cols != r {
		o.dst, o.x = blas.NewGeneral[T](o.Dim(), r), blas.NewGeneral[T](o.Dim(), r)
	}
	o.op.Reserve(r)
}

func (o *widened[T]) Mul(dst, x blas.General[float64]) error {
	o.Reserve(x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			o.x.Row(i)[j] = T(v)
		}
	}
	if err := o.op.Mul(o.dst, o.x); err != nil {
		return err
	}
	for i := range dst.Rows {
		for j, v := range o.dst.Row(i) {
			dst.Row(i)[j] = float64(v)
		}
	}
	return nil
}
