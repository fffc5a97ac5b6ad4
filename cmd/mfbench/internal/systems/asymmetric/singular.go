package asymmetric

import (
	"context"
	"fmt"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/eigen"
	"lowrank/solvers/operator"
)

// singularOf finds the leading singular values that are needed, known of an A
// without noise, else computed, and σ_1 and σ_r, as they are given or as they are.
func singularOf[T blas.Float](ctx context.Context, f *Flags, a operator.Rectangular[T], known *problem.Rectangular) (s *eigen.Triplets, sigma1, sigmaR float64, err error) {
	m, n := a.Dims()
	s, sigma1, sigmaR = &eigen.Triplets{}, f.sigma1, f.sigmaR
	switch {
	case f.singular == 0:
		return s, sigma1, sigmaR, nil
	case known != nil && known.Noise == 0:
		s = known.Triplets()
	default:
		if s, err = eigen.Singular(ctx, a, min(f.singular, m, n), eigen.Options{Seed: f.ProblemSeed(), Values: !f.theory}); err != nil {
			return nil, 0, 0, fmt.Errorf("leading singular values: %w", err)
		}
		if !s.Converged {
			fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: the leading singular values are not accurate after %d passes over A: residuals %.2g\n", s.Passes, s.Residuals)
		}
	}
	if sigma1 == 0 {
		sigma1 = s.Values[0]
	}
	if sigmaR == 0 && f.trueRank > 0 && f.trueRank <= len(s.Values) {
		sigmaR = s.Values[f.trueRank-1]
		if f.theoryStep && !(sigmaR > eigen.Floor[T](s.Values[0], f.trueRank)) {
			return nil, 0, 0, run.Usagef("--step %s needs σ_r > 0: σ_%d of A is 0 to rounding, %.3g of σ_1; expected a lower --true-rank", f.Step, f.trueRank, sigmaR/s.Values[0])
		}
	}
	if !(sigma1 > 0) && f.init == "proposed" && f.x0 == "" {
		return nil, 0, 0, fmt.Errorf("the matrix A is zero; --init proposed needs σ_1 > 0")
	}
	return s, sigma1, sigmaR, nil
}

// with is the request of the same run with singular values, and the norm for its step, that
// were found out.
func (f *Flags) with(sigma1, sigmaR float64, step run.FoundStep) *Flags {
	g := *f
	g.sigma1, g.sigmaR, g.step = sigma1, sigmaR, step
	return &g
}

// columnSpace is what the claims need of A: its first r left singular vectors and
// what is left of it behind them.
type columnSpace struct {
	basis blas.General[float64]
	tail  float64
}

func columnSpaceOf[T blas.Float](f *Flags, a operator.Rectangular[T], s *eigen.Triplets) (c columnSpace, err error) {
	if c.basis, err = asymmetric.Left[T](s, f.trueRank); err != nil {
		return c, fmt.Errorf("--theory with --true-rank %d: %w", f.trueRank, err)
	}
	c.tail, err = asymmetric.Tail(a, c.basis)
	return c, err
}
