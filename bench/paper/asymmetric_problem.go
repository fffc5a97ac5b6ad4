package paper

import (
	"context"
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/data/problem"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// asymmetricMatrix are the parameters of A = UΣVᵀ, with noise or without.
type asymmetricMatrix struct {
	m, n, rank   int
	ratio, noise float64
	form         string
	method       string
	c, nu        float64 // of the proposed start
	seed         uint64
}

// The forms of A.
const (
	asymmetricDense   = "dense"
	asymmetricProduct = "product"
)

func (a asymmetricMatrix) check() error {
	switch {
	case a.rank < 1 || a.rank > min(a.m, a.n):
		return fmt.Errorf("r is %d; a %d×%d matrix has a rank from 1 to %d", a.rank, a.m, a.n, min(a.m, a.n))
	case !(a.ratio > 0 && a.ratio <= 1):
		return fmt.Errorf("ratio is %g; expected more than 0 and at most 1", a.ratio)
	case !(a.noise >= 0) || math.IsInf(a.noise, 0):
		return fmt.Errorf("noise is %g; expected a number of at least 0", a.noise)
	case a.form != asymmetricDense && a.form != asymmetricProduct:
		return fmt.Errorf("form is %q; expected dense or product", a.form)
	case a.form == asymmetricProduct && a.noise != 0:
		return fmt.Errorf("form is product and noise %g; a matrix with noise is no product of thin factors", a.noise)
	case a.method != byDirect && a.method != byKrylov:
		return fmt.Errorf("method is %q; expected %s or %s", a.method, byDirect, byKrylov)
	}
	return firstOf(positive("c", a.c), positive("nu", a.nu))
}

// columns checks d, a number of columns of the factors.
func (a asymmetricMatrix) columns(name string, d int) error {
	if d < a.rank || d > min(a.m, a.n) {
		return fmt.Errorf("%s is %d; expected from r = %d to min(m, n) = %d", name, d, a.rank, min(a.m, a.n))
	}
	return nil
}

// String describes A in a caption.
func (a asymmetricMatrix) String() string {
	s := fmt.Sprintf("A = UΣVᵀ, %d×%d, of rank r = %d with singular values evenly from σ₁ = 1 to σ_r = %g", a.m, a.n, a.rank, a.ratio)
	if a.noise != 0 {
		s += fmt.Sprintf(", plus Gaussian noise of %g %% of its Frobenius norm", 100*a.noise)
	}
	if a.form == asymmetricProduct {
		s += ", held as the product of its thin factors"
	}
	return s
}

// asymmetricProblem is A and what is known of it.
type asymmetricProblem struct {
	asymmetricMatrix
	backend  *blas.Backend
	a        operator.Rectangular[float64]
	singular *eigen.Triplets // leading, at least r
	norm     float64         // ‖A‖_F
}

// newAsymmetricProblem makes A, for so many runs with factors of d columns. Of
// a matrix with noise the first d singular values are computed.
func newAsymmetricProblem(ctx context.Context, m *making, c asymmetricMatrix, d, runs int) (*asymmetricProblem, error) {
	rows := float64(c.m + c.n)
	bytes := 8 * rows * (8*float64(runs*(d+8)) + 4*float64(c.rank))
	if c.method == byKrylov {
		bytes += 8 * rows * float64(runs*8*(d+1)) // some blocks for each run
	}
	if c.form == asymmetricDense {
		bytes += 16 * float64(c.m) * float64(c.n)
	}
	if err := problem.CheckMemory(fmt.Sprintf("%s with m = %d and n = %d", m.Figure, c.m, c.n), bytes); err != nil {
		return nil, err
	}
	known := problem.NewRectangular(c.m, c.n, c.rank, c.ratio, c.noise, c.seed)
	a, err := problem.OperatorOf[float64](m.Backend, known, c.form == asymmetricProduct)
	if err != nil {
		return nil, err
	}
	p := &asymmetricProblem{asymmetricMatrix: c, backend: m.Backend, a: a, singular: known.Triplets()}
	if c.noise != 0 {
		if p.singular, err = eigen.Singular(ctx, a, d, eigen.Options{Seed: c.seed}); err != nil {
			return nil, fmt.Errorf("%s: leading singular values of A: %w", m.Figure, err)
		}
	}
	_, p.norm, err = a.Distance(blas.NewGeneral[float64](c.m, 1), blas.NewGeneral[float64](c.n, 1))
	return p, err
}

// bestSquared is the least squared relative error of rank k: what Eckart and
// Young leave behind the first k singular values.
func (p *asymmetricProblem) bestSquared(k int) float64 {
	rest := p.norm * p.norm
	for _, s := range p.singular.Values[:min(k, len(p.singular.Values))] {
		rest -= s * s
	}
	return rest / (p.norm * p.norm)
}

// start draws X_0 and Y_0.
func (p *asymmetricProblem) start(name string, d int, eta float64, seed uint64) (asymmetric.Start, error) {
	switch name {
	case "proposed":
		s, err := asymmetric.ProposedStart(p.a, d, p.singular.Values[0], p.c, p.c*p.nu/9, seed)
		if err != nil {
			return s, err
		}
		return s.Unbalanced(eta), nil
	case "colspan":
		return asymmetric.ColumnSpaceStart(p.a, d, seed)
	case "random":
		return asymmetric.RandomStart(p.m, p.n, d, seed), nil
	}
	return asymmetric.RandomStart(p.m, p.n, d, seed).Unbalanced(eta), nil
}

// theory returns the parameters of the theory for the proposed start and step
// (8), for the draw with the largest f_0, so that it serves all. eps is
// relative to ‖A‖_F².
func (p *asymmetricProblem) theory(d, runs int, seed uint64, tau, eps float64) (asymmetric.Parameters, float64, error) {
	t := asymmetric.Parameters{
		Sigma1: p.singular.Values[0], SigmaR: p.singular.Values[p.rank-1], Rank: p.rank, Columns: d,
		C: p.c, Nu: p.nu, Tau: tau, Eps: eps * p.norm * p.norm,
	}
	for i := range runs {
		s, err := p.start("proposed", d, 1, seed+uint64(i)) // f_0 does not depend on η
		if err != nil {
			return t, 0, err
		}
		distance, _, err := p.a.Distance(s.X, s.Y)
		if err != nil {
			return t, 0, err
		}
		t.F0 = max(t.F0, distance*distance/2)
	}
	eta, err := t.Step8()
	return t, eta, err
}
