package krylov

import (
	"context"
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers/eigen"
)

// Ritz returns the largest eigenpairs of Σ as the basis has them, at most count. Their
// residuals come from the coupling, with an allowance for rounding. There are none where
// H is not finite.
func (k *Basis) Ritz(count int) *eigen.Pairs {
	p, z, _ := k.ritz(count)
	k.form(p, z)
	return p
}

// ritz returns pairs without their vectors, of which z has the coordinates, and the
// largest absolute value of an eigenvalue.
func (k *Basis) ritz(count int) (p *eigen.Pairs, z blas.General[float64], scale float64) {
	n := k.Size()
	p = &eigen.Pairs{Passes: k.Passes()}
	if n == 0 {
		return p, z, 0
	}
	// gonum's eigenvalue routines fail on elements near the ends of the range.
	norm := k.h.largestSum()
	_, exponent := math.Frexp(norm)
	h := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			h.SetSym(i, j, math.Ldexp(k.h.element(i, j), -exponent))
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(h, true) {
		return p, z, 0
	}
	ascending := eig.Values(nil)
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	count = min(count, n)
	z = blas.NewGeneral[float64](n, count)
	for c := range count {
		i := n - 1 - c
		p.Values = append(p.Values, math.Ldexp(ascending[i], exponent))
		residual := math.Hypot(4*OfMatrix*norm, k.LeftOut())
		for a := range k.coupling.Rows {
			var s float64
			for c, b := range k.coupling.Row(a) {
				s += b * vectors.At(n-k.coupling.Cols+c, i)
			}
			residual = math.Hypot(residual, s)
		}
		p.Residuals = append(p.Residuals, residual)
		for j := range n {
			z.Row(j)[c] = vectors.At(j, i)
		}
	}
	return p, z, math.Ldexp(max(math.Abs(ascending[0]), math.Abs(ascending[n-1])), exponent)
}

// form makes the vectors of pairs from their coordinates.
func (k *Basis) form(p *eigen.Pairs, z blas.General[float64]) {
	p.Vectors = blas.NewGeneral[float64](k.d, z.Cols)
	if z.Cols > 0 {
		k.Form(p.Vectors, z)
	}
}

// Leading extends the basis until it has the count leading eigenpairs to
// eigen.Tolerance, and returns them. A first block of at least count vectors that have
// parts in every direction, as random ones, has an eigenvalue as often as Σ has it; from
// other starts, as eigenvectors, pairs may be missed. The pairs are nil where the block
// is smaller, and where so many blocks do not suffice. The error is that of a pass or of
// the context.
func (k *Basis) Leading(ctx context.Context, count, blocks int) (*eigen.Pairs, error) {
	if k.Blocks() == 0 || k.spans[1] < count {
		return nil, nil
	}
	for next := 0; ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if k.Closed() || k.Blocks() >= next {
			p, z, scale := k.ritz(count)
			if len(p.Values) == count && eigen.Resolved(p.Values, p.Residuals, scale, eigen.Tolerance) {
				k.form(p, z)
				p.Converged = true
				return p, nil
			}
			next = k.Blocks() + 1 + k.Blocks()/8 // the eigenvalues of H cost more than a small pass
		}
		if k.Closed() || k.Blocks() >= blocks {
			return nil, nil
		}
		if err := k.Extend(); err != nil {
			return nil, err
		}
	}
}

// Beyond is the largest eigenvalue of the later half of H, of at most its last 36 rows:
// what stands for that of Σ in the directions that the basis has not got yet, which
// continue the later ones. Where it cannot be computed it is the largest diagonal
// element.
func (k *Basis) Beyond() float64 {
	n := k.Size()
	if k.beyondOf == n {
		return k.beyond
	}
	from := max(n/2, n-36)
	_, exponent := math.Frexp(k.h.largestSum())
	h := mat.NewSymDense(n-from, nil)
	most := math.Inf(-1)
	for i := from; i < n; i++ {
		most = max(most, k.h.element(i, i))
		for j := i; j < n; j++ {
			h.SetSym(i-from, j-from, math.Ldexp(k.h.element(i, j), -exponent))
		}
	}
	k.beyondOf, k.beyond = n, most
	var eig mat.EigenSym
	if eig.Factorize(h, false) {
		k.beyond = math.Ldexp(eig.Values(nil)[n-from-1], exponent)
	}
	return k.beyond
}
