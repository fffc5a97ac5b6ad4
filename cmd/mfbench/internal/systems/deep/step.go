package deep

import (
	"context"
	"math"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/deep"
	"lowrank/solvers/operator"
	"lowrank/solvers/stepsize"
)

// findNorm estimates ‖Ŵ‖₂ for --step auto, from ŴᵀŴ/m.
func (p *problemOf) findNorm(ctx context.Context, b *blas.Backend) error {
	square, passes, err := stepsize.SpectralNorm(ctx, b, operator.NewGram(b, p.target))
	p.step = run.FoundStep{Norm: math.Sqrt(square) * math.Sqrt(float64(p.target.Rows)), Passes: passes}
	return err
}

// stepOf is the step that the flags ask for. w0 are the factors at the start, none where
// they are diagonal in the eigenbasis of.
func (f *Flags) stepOf(b *blas.Backend, p problemOf, of *deep.Decomposition, w0 []blas.General[float64]) float64 {
	switch {
	case f.Auto():
		return f.Chosen(stepsize.Deep(p.step.Norm, f.startNorms(b, w0)), p.step)
	case f.Step == "theory":
		p := deep.Params{Depth: f.depth, Lambda: spectralNorm(p.target, of), Alpha: f.scale}
		if f.init == "perturbed" {
			return p.PerturbedStepLimit() / 2
		}
		return p.StepLimit() / 2
	}
	return f.StepValue
}

// startNorms are the spectral norms of the factors at the start.
func (f *Flags) startNorms(b *blas.Backend, w0 []blas.General[float64]) []float64 {
	norms := make([]float64, f.depth)
	for j := range norms {
		switch {
		case w0 != nil:
			norms[j] = stepsize.LargestSingular(b, upright(w0[j]))
		case j == 0 && f.init == "perturbed":
			norms[j] = math.Abs(f.scale - f.beta)
		default:
			norms[j] = math.Abs(f.scale)
		}
	}
	return norms
}

// upright is a matrix or its transpose, whichever has no more columns than rows.
func upright(w blas.General[float64]) blas.General[float64] {
	if w.Cols <= w.Rows {
		return w
	}
	t := blas.NewGeneral[float64](w.Cols, w.Rows)
	for i := range w.Rows {
		for j, v := range w.Row(i) {
			t.Row(j)[i] = v
		}
	}
	return t
}
