package krylov

import "fmt"

// Tolerance is the default part of an iterate that keeping to a basis may change it
// by.
const Tolerance = 1e-12

// Reserve is the part of the tolerance that a basis may use up at a time: what leaves
// it early may be amplified later, where the trajectory leaves a saddle.
const Reserve = 1e-3

// LeastBlocks is how many blocks a basis gets in the first iterations, one in each,
// also where X needs fewer: for the directions that only rounding errors excite, of
// which the guard tells.
const LeastBlocks = 12

// Limits say when runs leave their basis and go on by the direct method, from the
// iterate that they have reached.
type Limits struct {
	// Vectors is how many the bases that grow together have room for, 0 for any number.
	Vectors int
	// Direct is what an iteration of all runs in these bases takes by the direct method,
	// in operations as Cost counts them, and Iterations how many they make. Runs leave
	// where a step in the basis takes more, and where the basis has cost as much as the
	// direct method would for all iterations: so, by these counts, one run takes at most
	// about twice as long as by the better of the two. Counts of operations, not times,
	// so that the same run leaves at the same iterate. 0 is for runs that do not leave:
	// those are ended by an error where there is no room.
	Direct     float64
	Iterations int
}

// TooCostly says whether runs leave a basis that has cost so much, and in which a step of all
// runs costs so much.
func (l Limits) TooCostly(cost, step float64) bool {
	return l.Direct > 0 && (step > l.Direct || cost > l.Direct*float64(l.Iterations))
}

// NoRoom says whether runs leave bases of held vectors for want of room for as many as the
// next pass adds, or that they cannot go on.
func (l Limits) NoRoom(held, next int) (leave bool, err error) {
	switch {
	case l.Vectors == 0 || held+next <= l.Vectors:
		return false, nil
	case l.Direct > 0:
		return true, nil
	}
	return false, fmt.Errorf("the Krylov basis holds %d vectors, the next pass adds up to %d, and there is memory for %d; the direct method needs none", held, next, l.Vectors)
}

// Left is how a run left its basis.
type Left struct {
	At              int     // the iterate that it had reached
	Passes          int     // of the bases then
	Sizes           []int   // of the bases then: one, or that of X and that of Y
	Basis, Rounding float64 // the estimates of its errors then, NaN where there were none
}

// Overhead is what an iteration takes beside its operations, as many as could be made
// meanwhile; overheadOfRows what one in coordinates takes more for each row, and slowFactor
// how many operations of a product with a large matrix take as long as one of those. They
// are of measured iterations with 1 to 32 columns, within a factor two.
const (
	Overhead       = 150e3
	overheadOfRows = 5e3
	slowFactor     = 3
)

// Cost is what a pass over bytes takes, with so many operations in it, in operations:
// what reads a byte from memory could make two.
func Cost(bytes, flops float64) float64 { return max(2*bytes, flops) }

// StepCost is that of a step of k columns in the coordinates, size rows, with a small
// matrix of so many elements: of the coordinates and the perturbations beside them.
func StepCost(elements, size, k int) float64 {
	return Overhead + overheadOfRows*float64(size) + slowFactor*(2+Samples)*(2*float64(elements)+6*float64(size*k))*float64(k)
}

// badTolerance is the panic of a tolerance that is none.
const badTolerance = "krylov: the tolerance must be at least 0 and below 1"

// CheckTolerance is the tolerance, where it is 0 the default.
func CheckTolerance(tolerance float64) float64 {
	if tolerance == 0 {
		return Tolerance
	}
	if !(tolerance > 0 && tolerance < 1) {
		panic(badTolerance)
	}
	return tolerance
}

// orthogonalization is what it takes for b vectors of d elements against size others.
func orthogonalization(d, b, size int) float64 {
	return 8 * float64(d) * float64(b) * float64(size+b)
}
