package matio

import (
	"math"
	"slices"
	"strconv"
)

// CheckFinite returns the largest magnitude in the array, 0 for an empty one.
// Its error names the first element in C order that is NaN or infinite. The
// elements are read once, in the order of storage. It panics after Close.
func CheckFinite(a *Array) (maxAbs float64, err error) {
	a.mustBeOpen()
	var buf [4096]float64
	found := false
	var bad float64                    // the first bad element so far
	first := make([]int, len(a.shape)) // and its index
	index := make([]int, len(a.shape))
	for start := 0; start < a.n; start += len(buf) {
		block := buf[:min(len(buf), a.n-start)]
		gather(a, start, 1, block)
		for k, x := range block {
			if m := math.Abs(x); m <= math.MaxFloat64 {
				if m > maxAbs {
					maxAbs = m
				}
				continue
			}
			a.locate(start+k, index)
			if !found || slices.Compare(index, first) < 0 {
				found, bad = true, x
				copy(first, index)
			}
			if !a.fortran {
				return 0, notFinite(a, first, bad)
			}
		}
	}
	if found {
		return 0, notFinite(a, first, bad)
	}
	return maxAbs, nil
}

func notFinite(a *Array, index []int, x float64) error {
	return faultf(a.name, "element %s is %s; every element must be finite", tuple(index), formatElement(a, x))
}

// locate sets index to that of the k-th element in the order of storage.
func (a *Array) locate(k int, index []int) {
	for d := range index {
		if !a.fortran {
			d = len(index) - 1 - d
		}
		index[d] = k % a.shape[d]
		k /= a.shape[d]
	}
}

// formatElement writes x with the digits that its stored type has.
func formatElement(a *Array, x float64) string {
	return strconv.FormatFloat(x, 'g', -1, 8*a.dtype.Size())
}

// CheckSymmetric checks that a is a square matrix with
// |a_ij − a_ji| ≤ relTol·maxAbs for every pair, where maxAbs is the largest
// magnitude, as CheckFinite returns it. Its error names the pair that differs
// most, the first by rows of several, and says by how much; a pair with a NaN
// differs more than any. It panics after Close.
func CheckSymmetric(a *Array, relTol float64, maxAbs float64) error {
	a.mustBeOpen()
	rows, cols, err := a.Dims()
	if err != nil {
		return err
	}
	if rows != cols {
		return faultf(a.name, "the matrix has the shape %s; as many rows as columns were expected", tuple(a.shape))
	}
	n, tol := rows, relTol*maxAbs

	// Storage is walked as if it were in C order: in Fortran order upper and
	// lower change places, which does not change whether a pair agrees.
	var upper, lower [tile * tile]float64
	worst := pair{i: -1, apart: tol}
	for i0 := 0; i0 < n; i0 += tile {
		ni := min(tile, n-i0)
		for j0 := i0; j0 < n; j0 += tile {
			nj := min(tile, n-j0)
			for i := range ni {
				gather(a, (i0+i)*n+j0, 1, upper[i*tile:i*tile+nj])
			}
			for j := range nj {
				gather(a, (j0+j)*n+i0, 1, lower[j*tile:j*tile+ni])
			}
			for i := range ni {
				for j := max(0, i0+i+1-j0); j < nj; j++ {
					u, l := upper[i*tile+j], lower[j*tile+i]
					if apart := math.Abs(u - l); !(apart < worst.apart) && !(apart <= tol) {
						worst.meet(pair{i0 + i, j0 + j, u, l, apart})
					}
				}
			}
		}
	}
	if worst.i < 0 {
		return nil
	}
	if a.fortran {
		worst.upper, worst.lower = worst.lower, worst.upper
	}
	return &fault{sentence: shown(a.name) + " is not symmetric: element " + tuple([]int{worst.i, worst.j}) + " is " + formatElement(a, worst.upper) +
		" but " + tuple([]int{worst.j, worst.i}) + " is " + formatElement(a, worst.lower) +
		", " + strconv.FormatFloat(worst.apart/maxAbs, 'g', 3, 64) + "·max|a| apart; at most " + formatNumber(relTol) + "·max|a| was expected"}
}

// pair is two elements that should be equal, a_ij and a_ji with i < j.
type pair struct {
	i, j                int
	upper, lower, apart float64
}

// meet takes a pair in the place of one that differs less, or that comes later.
func (p *pair) meet(other pair) {
	switch {
	case p.i >= 0 && p.apart != p.apart && other.apart == other.apart:
		return
	case p.i >= 0 && (p.apart == other.apart || p.apart != p.apart) && (p.i < other.i || p.i == other.i && p.j < other.j):
		return
	}
	*p = other
}
