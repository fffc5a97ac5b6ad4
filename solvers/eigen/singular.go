package eigen

import (
	"context"
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/operator"
)

// Triplets are leading singular values of an m×n matrix A with their vectors, the
// largest first.
type Triplets struct {
	Values []float64             // σ_1 ≥ σ_2 ≥ …
	Left   blas.General[float64] // u, m×k, orthonormal columns; Av = σu
	Right  blas.General[float64] // v, n×k, orthonormal columns; Aᵀu = σv
	// Residuals are √(½‖Av − σu‖² + ½‖Aᵀu − σv‖²), computed with one more product at the
	// end: those of eigenvectors (u, v)/√2 of [0 A; Aᵀ 0], whose eigenvalues are ±σ and
	// zeros. A singular value of A, or such a zero, lies within this distance of σ.
	Residuals []float64
	Passes    int  // over A
	Converged bool // every residual met its tolerance
}

// Singular returns the k largest singular triplets, 1 ≤ k ≤ min(m, n). Their values are
// accurate to a few rounding errors of σ_1, however small they are: they are those of a
// projection of A itself, where the eigenvalues of AᵀA would lose what is below √ε·σ_1.
// The residuals meet the tolerance relative to σ_1, or MaxPasses were made: look at them.
// The error is that of a product with A or of the context.
func Singular[T blas.Float](ctx context.Context, a operator.Rectangular[T], k int, opt Options) (*Triplets, error) {
	m, n := a.Dims()
	if k < 1 || k > min(m, n) {
		panic(fmt.Sprintf("eigen: %d singular values of a %d×%d matrix", k, m, n))
	}
	g := newGolubKahan(a, k, withDefaults[T](opt))
	for g.passes < g.opt.MaxPasses {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := g.extend(); err != nil {
			return nil, err
		}
		full := g.left.full() || g.right.full()
		if !full && !g.closed() && g.left.size+g.right.size < g.due && g.passes < g.opt.MaxPasses {
			continue
		}
		g.decompose()
		if g.converged() || math.IsNaN(g.scale()) {
			break
		}
		if full {
			g.restart()
		}
		if g.closed() {
			if len(g.values) >= k {
				break
			}
			g.left.draw(g.block)
			g.right.draw(g.block)
		}
	}
	return g.triplets()
}

// Floor bounds what rounding makes of a singular value 0 of a matrix of rank r in T whose
// largest is σ_1: rounding each element changes A by at most ε/2·‖A‖_F ≤ ε/2·√r·σ_1, and
// so does the sum of a product; 16 times that leaves room for the sums of long products
// (inferred).
func Floor[T blas.Float](sigma1 float64, r int) float64 {
	return 8 * solvers.Epsilon[T]() * math.Sqrt(float64(r)) * sigma1
}
