package lowrank

import (
	"errors"
	"math"

	"lowrank/blas"
	"lowrank/solvers/stepsize"
)

// tooLarge is the error of a start whose squares leave the range of float64, in the units of
// the run.
func tooLarge(largest float64) error {
	if square := largest * largest; square-square != 0 {
		return errors.New("lowrank: the start is too large: the squares of its singular values are not finite")
	}
	return nil
}

// shrunk makes a random start no larger than √norm, where it was drawn so.
func shrunk(b *blas.Backend, x blas.General[float64], norm float64) (largest float64) {
	largest = stepsize.LargestSingular(b, x)
	most := math.Sqrt(norm)
	if largest <= most {
		return largest
	}
	multiply(x, most/largest)
	return most
}

func multiply(x blas.General[float64], by float64) {
	for i := range x.Data {
		x.Data[i] *= by
	}
}
