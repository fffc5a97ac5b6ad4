package asymmetric

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"

	"lowrank/blas"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// Singular are leading singular values of A, largest first.
type Singular struct {
	Values []float64
	Right  blas.General[float64] // singular vectors v, n×r
	Passes int                   // over A
	// Residuals are ‖AᵀAv − σ²v‖/(2σ): a singular value of A lies about so
	// close to σ.
	Residuals []float64
	Converged bool // every residual met its tolerance
}

// LeadingSingular computes the first r singular values of A, by block Lanczos
// on AᵀA. Those below 1e-7 of the first are lost in its rounding errors.
func LeadingSingular[T blas.Float](ctx context.Context, a operator.Rectangular[T], r int, seed uint64) (*Singular, error) {
	_, n := a.Dims()
	// One pair more: the last is found to a lesser accuracy.
	pairs, err := eigen.Leading(ctx, operator.NormalOf(a), min(r+1, n), eigen.Options{Seed: seed})
	if err != nil {
		return nil, err
	}
	s := &Singular{Passes: pairs.Passes, Converged: pairs.Converged, Right: pairs.Vectors}
	s.Right.Cols = r
	for i, l := range pairs.Values[:r] {
		sigma := math.Sqrt(max(l, 0))
		s.Values = append(s.Values, sigma)
		residual := math.Sqrt(pairs.Residuals[i]) // bounds the error where σ is 0
		if sigma > 0 {
			residual = min(residual, pairs.Residuals[i]/(2*sigma))
		}
		s.Residuals = append(s.Residuals, residual)
	}
	return s, nil
}

// Left returns the left singular vectors of the first r, Av/σ, orthonormal to
// rounding: one pass over A. It fails where σ_r is too small to tell them.
func Left[T blas.Float](a operator.Rectangular[T], s *Singular, r int) (blas.General[float64], error) {
	m, n := a.Dims()
	if !(s.Values[r-1] > 1e-7*s.Values[0]) {
		return blas.General[float64]{}, fmt.Errorf("σ_%d is %.3g, below 1e-7 of σ_1 = %.3g: the rank is lower, or the singular vectors cannot be told", r, s.Values[r-1], s.Values[0])
	}
	v := blas.NewGeneral[T](n, r)
	for i := range n {
		for k := range r {
			v.Row(i)[k] = T(s.Right.Row(i)[k])
		}
	}
	av := blas.NewGeneral[T](m, r)
	if err := a.Mul(av, blas.NewGeneral[T](n, r), blas.NewGeneral[T](m, r), v); err != nil {
		return blas.General[float64]{}, err
	}
	u := blas.Convert[float64](av)
	orthonormalize(u)
	return u, nil
}

// Tail is ‖A − UUᵀA‖_F, at least σ_{r+1} and the rest of A behind the span of U,
// m×r with orthonormal columns: one pass over A and one evaluation of a distance.
// Unlike the small values of LeadingSingular it is accurate to rounding errors of
// A.
func Tail[T blas.Float](a operator.Rectangular[T], u blas.General[float64]) (float64, error) {
	m, n := a.Dims()
	aty := blas.NewGeneral[T](n, u.Cols)
	if err := a.Mul(blas.NewGeneral[T](m, u.Cols), aty, blas.Convert[T](u), blas.NewGeneral[T](n, u.Cols)); err != nil {
		return 0, err
	}
	tail, _, err := a.Distance(blas.Convert[float64](blas.Convert[T](u)), blas.Convert[float64](aty))
	return tail, err
}

// orthonormalize replaces the columns of u by orthonormal ones with the same
// leading spans: Q of its QR factorization.
func orthonormalize(u blas.General[float64]) {
	q, tau, size := blas64.General(u), make([]float64, u.Cols), make([]float64, 1)
	lapack64.Geqrf(q, tau, size, -1)
	work := make([]float64, int(size[0]))
	lapack64.Geqrf(q, tau, work, len(work))
	lapack64.Orgqr(q, tau, size, -1)
	work = make([]float64, int(size[0]))
	lapack64.Orgqr(q, tau, work, len(work))
}

// Parameters are those of the theory. Zero fields of C, Nu, Tau and Eps mean
// the defaults.
type Parameters struct {
	Sigma1, SigmaR float64 // first and r-th singular value of A
	Rank           int     // r, the rank of A
	Columns        int     // k, the paper's d
	F0             float64 // f(X_0, Y_0) = ½‖X_0Y_0ᵀ − A‖²
	C              float64 // of the start; default 4
	Nu             float64 // default 1e-10; D = Cν/9
	Tau            float64 // of ρ; default 1, inferred
	Eps            float64 // absolute accuracy of ‖A − XYᵀ‖_F² in (8), relative in (9); default 1e-6, inferred
}

// WithDefaults fills in what is zero.
func (p Parameters) WithDefaults() Parameters {
	for _, f := range []struct {
		value     *float64
		otherwise float64
	}{{&p.C, 4}, {&p.Nu, 1e-10}, {&p.Tau, 1}, {&p.Eps, 1e-6}} {
		if *f.value == 0 {
			*f.value = f.otherwise
		}
	}
	return p
}

// D is Cν/9, the scale of Y_0.
func (p Parameters) D() float64 { return p.C * p.Nu / 9 }

// Rho is ρ = τ(1 − √(r−1)/√k), (A2b).
func (p Parameters) Rho() float64 {
	return p.Tau * (1 - math.Sqrt(float64(p.Rank-1))/math.Sqrt(float64(p.Columns)))
}

// Beta is β = ρ²σ_r²/(C²σ_1²), (A2c).
func (p Parameters) Beta() float64 {
	b := p.Rho() * p.SigmaR / (p.C * p.Sigma1)
	return b * b
}

// Step8 is the largest step of Corollary 5.2, β/√(32f_0·log(2f_0/ε)), (8). It
// fails when 2f_0 ≤ ε, where the start is within the accuracy already.
func (p Parameters) Step8() (float64, error) {
	if err := p.check(); err != nil {
		return 0, err
	}
	if !(2*p.F0 > p.Eps) {
		return 0, fmt.Errorf("step (8) needs an accuracy ε below 2f_0 = ‖X_0Y_0ᵀ − A‖² = %.4g; it is %g", 2*p.F0, p.Eps)
	}
	return p.Beta() / math.Sqrt(32*p.F0*math.Log(2*p.F0/p.Eps)), nil
}

// Step9 is the largest step of Corollary 5.3, β/√(32f_0·log(1/ε)), (9), for ε
// < 1/16.
func (p Parameters) Step9() (float64, error) {
	if err := p.check(); err != nil {
		return 0, err
	}
	if !(p.Eps < 1./16) {
		return 0, fmt.Errorf("step (9) needs an accuracy ε below 1/16; it is %g", p.Eps)
	}
	return p.Beta() / math.Sqrt(32*p.F0*math.Log(1/p.Eps)), nil
}

func (p Parameters) check() error {
	switch {
	case !(p.C > 0) || !(p.Nu >= 0) || !(p.Tau > 0) || !(p.Eps > 0) || math.IsInf(p.C+p.Nu+p.Tau+p.Eps, 0):
		return fmt.Errorf("the theory needs positive C, τ and ε and ν ≥ 0; they are %g, %g, %g and %g", p.C, p.Tau, p.Eps, p.Nu)
	case math.IsInf(p.Sigma1, 0):
		return fmt.Errorf("the theory needs a finite σ_1")
	case p.Rank < 1 || p.Rank > p.Columns:
		return fmt.Errorf("the theory needs a rank r of A from 1 to the number of columns, %d; it is %d", p.Columns, p.Rank)
	case !(p.Sigma1 > 0) || !(p.SigmaR > 0) || p.SigmaR > p.Sigma1*(1+1e-12):
		return fmt.Errorf("the theory needs singular values σ_1 ≥ σ_r > 0; they are %.6g and %.6g", p.Sigma1, p.SigmaR)
	case !(p.F0 > 0) || math.IsInf(p.F0, 0):
		return fmt.Errorf("the theory needs a start with 0 < f_0 < ∞; f_0 is %g", p.F0)
	}
	return nil
}

// Iterations is T = ⌊β/(8η²f_0)⌋ of Theorem 5.1: up to it (6) is claimed.
func (p Parameters) Iterations(eta float64) float64 {
	return math.Floor(p.Beta() / (8 * eta * eta * p.F0))
}

// RateBound is the right side of (6): ‖A − X_tY_tᵀ‖_F² ≤ 2exp(−βt/4)f_0.
func (p Parameters) RateBound(t int) float64 {
	return 2 * math.Exp(-p.Beta()*float64(t)/4) * p.F0
}
