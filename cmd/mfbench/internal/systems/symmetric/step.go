package symmetric

import (
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/stepsize"
	"lowrank/solvers/symmetric"
)

// stepOf is the step that the flags ask for, of a Σ of order d.
func (f *Flags) stepOf(b *blas.Backend, basis *symmetric.Eigenbasis, found run.FoundStep, d int) (float64, error) {
	switch {
	case f.Auto():
		x0, _, err := f.start(d, basis)
		if err != nil {
			return 0, err
		}
		return f.Chosen(stepsize.For(found.Norm, stepsize.LargestSingular(b, x0)), found), nil
	case f.Step == "theory":
		eta, err := symmetric.TheoryStep(basis.Values, basis.Residuals)
		if err != nil {
			err = run.UsageOf(err)
		}
		return eta, err
	}
	return f.StepValue, nil
}
