package sensing

import (
	"context"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/stepsize"
)

// findNorm estimates ‖𝒜*(y)‖₂ for --step auto: one pass over the measurements.
func (p *sensingProblem[T]) findNorm(ctx context.Context, b *blas.Backend) error {
	back, err := p.a.Adjoint(p.y)
	if err != nil {
		return err
	}
	p.step.Norm, _, err = stepsize.SpectralNorm(ctx, b, back)
	p.step.Passes = 1
	return err
}

// stepOf is the step that the flags ask for. That of auto is for ‖𝒜*(y)‖₂, or for
// ‖𝒜*𝒜(U_0U_0ᵀ)‖₂ where that is larger, two passes.
func stepOf[T blas.Float](ctx context.Context, f *Flags, b *blas.Backend, p sensingProblem[T], u0 blas.General[float64]) (mu float64, found run.FoundStep, err error) {
	if !f.Auto() {
		return f.StepValue, found, nil
	}
	of := make([]T, p.a.Count())
	if err := p.a.Measure(of, blas.Convert[T](u0)); err != nil {
		return 0, found, err
	}
	back, err := p.a.Adjoint(of)
	if err != nil {
		return 0, found, err
	}
	start, _, err := stepsize.SpectralNorm(ctx, b, back)
	if err != nil {
		return 0, found, err
	}
	found = run.FoundStep{Norm: max(p.step.Norm, start), Passes: p.step.Passes + 2}
	return f.Chosen(stepsize.For(found.Norm, 0), found), found, nil
}
