package asymmetric

import (
	"fmt"
	"math"

	"lowrank/blas"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// Left are the first r left singular vectors of A. It fails where σ_r is too small to tell
// them: all that is at most eigen.Floor may be 0. They are known to ε·σ_1/σ_r.
func Left[T blas.Float](s *eigen.Triplets, r int) (blas.General[float64], error) {
	if floor := eigen.Floor[T](s.Values[0], r); !(s.Values[r-1] > floor) {
		return blas.General[float64]{}, fmt.Errorf("σ_%d is %.3g, at most %.3g, which rounding makes of 0 beside σ_1 = %.3g: the rank is lower, or the singular vectors cannot be told", r, s.Values[r-1], floor, s.Values[0])
	}
	u := blas.NewGeneral[float64](s.Left.Rows, r)
	for i := range u.Rows {
		copy(u.Row(i), s.Left.Row(i))
	}
	return u, nil
}

// Tail is ‖A − UUᵀA‖_F, at least σ_{r+1} and the rest of A behind the span of U,
// m×r with orthonormal columns: one pass over A and one evaluation of a distance.
func Tail[T blas.Float](a operator.Rectangular[T], u blas.General[float64]) (float64, error) {
	m, n := a.Dims()
	aty := blas.NewGeneral[T](n, u.Cols)
	if err := a.Mul(blas.NewGeneral[T](m, u.Cols), aty, blas.Convert[T](u), blas.NewGeneral[T](n, u.Cols)); err != nil {
		return 0, err
	}
	tail, _, err := a.Distance(blas.Convert[float64](blas.Convert[T](u)), blas.Convert[float64](aty))
	return tail, err
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
