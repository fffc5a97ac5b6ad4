package testsolvers

import (
	"fmt"
	"math"
	"testing"

	"lowrank/blas"
	"lowrank/solvers"
)

// Scaled is a run whose iterates are 2^k times those of another.
type Scaled[T blas.Float] struct {
	solvers.Method
	Iterate func() []blas.General[T]
	Says    func() []float64 // what does not depend on the scale, beside the relative gradient; may be nil
}

// SameScaled makes steps of the run at scale 2⁰ and of those at 2^k. The iterates are the same
// but for the scale, and what is said of them is the same, to a relative tolerance each: 0
// stands for every bit.
func SameScaled[T blas.Float](t *testing.T, name string, exponents []int, steps int, ofIterates, ofNumbers float64, start func(k int) Scaled[T]) {
	for _, k := range exponents {
		t.Run(fmt.Sprintf("%s/%T/2^%d", name, T(0), k), func(t *testing.T) {
			one, other := start(0), start(k)
			for range steps {
				Advance(t, one, 1)
				Advance(t, other, 1)
				at := fmt.Sprintf("iteration %d: ", one.Iteration())
				Near(t, at+"the relative gradient", other.RelativeGradient(), one.RelativeGradient(), ofNumbers)
				if one.Says != nil {
					want := one.Says()
					for i, v := range other.Says() {
						Near(t, fmt.Sprintf("%snumber %d", at, i+1), v, want[i], ofNumbers)
					}
				}
				want := one.Iterate()
				for j, x := range other.Iterate() {
					back := blas.Convert[float64](x)
					for i, v := range back.Data {
						back.Data[i] = math.Ldexp(v, -k)
					}
					Compare(t, fmt.Sprintf("%sblock %d of the iterate", at, j+1), back, blas.Convert[float64](want[j]), ofIterates)
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}
