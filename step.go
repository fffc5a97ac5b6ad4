package lowrank

import (
	"context"
	"errors"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/eigen"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
)

// estimatePasses is how many readings of the matrix estimate σ_1.
const estimatePasses = 12

// spectralNorm estimates ‖Σ‖₂ from below: the largest |λ| that so many steps of block
// Lanczos with two random vectors find. After k = 12 steps with one vector the expected
// relative error is at most 0.103·(ln(d(k−1)⁴)/(k−1))², 0.3 for d = 10⁴ and the worst
// spectrum (Kuczyński and Woźniakowski, "Estimating the largest eigenvalue by the power
// and Lanczos algorithms with a random start", 1992, Theorem 3.2); as a rule it is below
// 0.01. The start does not depend on Settings.Seed: runs from several seeds have one step.
func spectralNorm(ctx context.Context, b *blas.Backend, op operator.Operator[float64]) (norm float64, passes int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, 0, context.Cause(ctx)
	}
	starts, err := krylov.New(b, op, solvers.Gaussian(op.Dim(), 1, 1, 1, "lowrank estimate of the norm"))
	if err != nil {
		return 0, 0, err
	}
	basis := starts[0].Basis
	for basis.Passes() < estimatePasses && !basis.Closed() {
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

// largestSingular is σ_1 of a factor to a rounding error, from its Gram matrix.
func largestSingular(b *blas.Backend, x blas.General[float64]) float64 {
	g := make([]float64, x.Cols*x.Cols)
	blas.FusedOf[float64](b).NewSweep(x.Rows, x.Cols).Gram(x, g)
	return math.Sqrt(eigen.Largest(g, x.Cols))
}

// stepFor is the step for a norm and a start, as the documentation of the package says: η =
// 1/(4·max(σ_1, σ_1²(X_0))). norm may be a quarter too small.
//
// Let B = max(σ_1, ‖X_0‖²) and η ≤ 1/(3B), with ‖Σ‖ = σ_1.
//
// ‖X_t‖² ≤ B for all t: where ‖X‖² = s² ≤ B, ηs² ≤ 1/3, and X − ηXXᵀX has the singular
// values σ(1 − ησ²), which grow with σ ≤ s, so that ‖X + η(Σ − XXᵀ)X‖ ≤ s(1 + ησ_1 − ηs²).
// The derivative of that by s is 1 + ησ_1 − 3ηs² ≥ ησ_1, so that its maximum over s² ≤ B is
// at s² = B: √B(1 + η(σ_1 − B)) ≤ √B.
//
// f decreases: in the ball ‖X‖² ≤ B, which is convex, the gradient (XXᵀ − Σ)X changes by at
// most L = σ_1 + 3B ≤ 4B times what X does, and η < 2/L. So the gradients go to zero.
//
// The paper on large initialization has the same condition on the start with more room,
// σ_1(X_0) ≤ 1/√(3η) (Theorem 6), and η ≤ 1/(12λ_1) (Lemma 8), for statements on the path.
//
// For XYᵀ, whose norm and start are here those of A and of the larger factor: a step of one
// factor decreases f where η times the squared norm of the other is below 2. With the
// balanced start, XᵀX near YᵀY, the pair (X, Y)/√2 moves as X does above with the matrix
// [0 A; Aᵀ 0] of the same norm, but for the difference XᵀX − YᵀY, which grows with η² only.
// No such bound is proved for it that would not need a smaller step; that ¼ leaves room is
// tested (TestNeverDiverges). Ward and Kolda (2023) prove convergence from an unbalanced
// start, with steps that depend on σ_r, which is not known here.
func stepFor(norm, start float64) float64 {
	if bound := max(norm, start*start); bound > 0 {
		return 1 / (4 * bound)
	}
	return 1 // of zeros, which stay so
}

// tooLarge is the error of a start whose squares leave the range of float64, in the units of
// the run.
func tooLarge(largest float64) error {
	if square := largest * largest; square-square != 0 {
		return errors.New("lowrank: the start is too large: the squares of its singular values are not finite")
	}
	return nil
}

// shrunk makes a random start no larger than √norm, where it was drawn so.
func shrunk(b *blas.Backend, x blas.General[float64], norm float64) (largest float64) {
	largest = largestSingular(b, x)
	most := math.Sqrt(norm)
	if largest <= most {
		return largest
	}
	multiply(x, most/largest)
	return most
}

func multiply(x blas.General[float64], by float64) {
	for i := range x.Data {
		x.Data[i] *= by
	}
}
