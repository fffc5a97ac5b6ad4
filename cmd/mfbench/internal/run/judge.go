package run

import (
	"fmt"
	"math"

	"lowrank/solvers"
)

// unjudged is the sentence of a run that went to its last iteration because nothing could be
// compared with --tol; nil of any other.
func (f *Request) unjudged(res solvers.Result) error {
	if f.Tol > 0 && res.Status == solvers.IterationLimit && res.Iterations > 0 && math.IsNaN(res.Gradient) {
		return fmt.Errorf("--tol %g could not be judged: at iteration %d the relative gradient is not a number; expected norms within the range of %s that are not zero", f.Tol, res.Iterations, f.Dtype)
	}
	return nil
}
