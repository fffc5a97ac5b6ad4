package krylov

import "fmt"

// Tolerance is the default part of an iterate that keeping to a basis may change it
// by.
const Tolerance = 1e-12

// Reserve is the part of the tolerance that a basis may use up at a time: what leaves
// it early may be amplified later, where the trajectory leaves a saddle.
const Reserve = 1e-3

// Limits say when runs leave their basis and go on by the direct method, from the
// iterate that they have reached. What leads to it are counts of operations, not
// times, so that it is the same in every run.
type Limits struct {
	// Vectors is how many the basis has room for, 0 for any number.
	Vectors int
	// Direct is what the direct method would take for all iterations of all runs in the
	// basis, in operations as Cost counts them. Runs leave a basis that has cost as much:
	// so they take at most about twice as long as by the better of the two. 0 is for runs
	// that do not leave: those are ended by an error where there is no room.
	Direct float64
}

// Leave says whether a run leaves a basis of size vectors, of which the next pass adds
// so many, that has cost so much.
func (l Limits) Leave(size, next int, cost float64) (leave bool, err error) {
	full := l.Vectors > 0 && size+next > l.Vectors
	switch {
	case l.Direct > 0:
		return full || cost > l.Direct, nil
	case full:
		return false, fmt.Errorf("the Krylov basis has %d vectors and would need more, but there is memory for %d; the direct method needs none", size, l.Vectors)
	}
	return false, nil
}

// Left is how a run left its basis.
type Left struct {
	At              int     // the iterate that it had reached
	Passes, Size    int     // of the basis then
	Basis, Rounding float64 // the estimates of its errors then, NaN where there were none
}

// SlowFactor is how many operations of a product with a large matrix take as long as one
// on few numbers at a time.
const SlowFactor = 4

// Cost is what a pass over bytes takes, with so many operations in it, in operations:
// what reads a byte from memory could make two.
func Cost(bytes, flops float64) float64 { return max(2*bytes, flops) }

// stepCost is that of a step of k columns in the coordinates with a small matrix of so
// many elements, with its two perturbations.
func stepCost(elements, size, k int) float64 {
	return SlowFactor * 3 * (2*float64(elements) + 6*float64(size*k)) * float64(k)
}

// StepCost is what a step takes in a basis of Σ with X of r columns.
func (k *Basis) StepCost(r int) float64 { return stepCost(elements(k.h), k.Size(), r) }

// StepCost is what a step takes in bases of A with X and Y of so many columns.
func (k *Pair) StepCost(columns int) float64 {
	p, q := k.Sizes()
	return stepCost(elements(k.rows)+elements(k.cols), p+q, columns)
}

// orthogonalization is what it takes for b vectors of d elements against size others.
func orthogonalization(d, b, size int) float64 {
	return 8 * float64(d) * float64(b) * float64(size+b)
}
