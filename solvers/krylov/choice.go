package krylov

import (
	"math"
	"slices"
)

// Work is what runs of a problem take, by which the method for them is chosen.
type Work struct {
	Rows  []int                     // of the iterates: d, or m and n
	Bytes float64                   // of a pass over the data
	Flops func(columns int) float64 // of a pass
	Rank  int                       // of the data, 0 where it may be any
	// Together: runs of the direct method share a pass.
	Together bool

	Columns    int // r of an iterate
	Iterations int
	Runs       int // at least 1
	// Bases are how many the runs have, at most Runs: a start that differs from another in
	// its length only begins in the basis of that.
	Bases int
}

// rows are those of all iterates of a run.
func (w Work) rows() (n float64) {
	for _, rows := range w.Rows {
		n += float64(rows)
	}
	return n
}

// Direct are the operations of an iteration of all runs by the direct method.
func (w Work) Direct() float64 {
	runs := float64(w.Runs)
	pass := runs * Cost(w.Bytes, w.Flops(w.Columns))
	if w.Together {
		pass = Cost(w.Bytes, w.Flops(w.Columns*w.Runs))
	}
	return pass + runs*(Overhead+4*w.rows()*float64(w.Columns*w.Columns))
}

// Faster says whether a basis is expected to take less time than the direct method, where
// free bytes of memory can be had, 0 for any number.
func (w Work) Faster(free float64) bool {
	n, r := float64(slices.Min(w.Rows)), float64(w.Columns)
	const expected = 32 // fewer than the most usual: one that takes more leaves its basis
	blocks := min(w.usualBlocks(), expected, max(math.Floor(n/2/(r+1)), 1))
	size := blocks * (r + 1) // of a basis
	if free > 0 && 8*w.rows()*size*float64(w.Bases) > free/2 {
		return false
	}
	passes := blocks * Cost(w.Bytes, w.Flops(w.Bases*(w.Columns+1)))
	orthogonal := 2 * size * size * w.rows() * float64(w.Bases)
	band := 3 * (w.Columns + 1) // of the small matrix
	steps := float64(w.Iterations) * float64(w.Runs) * StepCost(int(size)*band, int(size), w.Columns)
	return passes+orthogonal+steps < float64(w.Iterations)*w.Direct()
}

// Limits are those of runs whose bases hold so many vectors, where free bytes of memory can
// be had, 0 for any number. Runs that may leave go on by the direct method where a basis
// takes more than it is worth.
func (w Work) Limits(mayLeave bool, held int, free float64) Limits {
	var limits Limits
	if mayLeave {
		limits.Direct, limits.Iterations = w.Direct(), w.Iterations
	}
	const part = 0.8 // of what is free
	if free > 0 {
		limits.Vectors = held + max(int(part*free/8/w.rows())-Chunk*w.Bases, 0)
	}
	return limits
}

// Vectors are how many, of as many elements as the longest iterate has rows, are planned
// for in the bases, with the operands of their passes.
func (w Work) Vectors() int {
	block := w.Columns + 1
	return w.Bases * (min(int(w.usualBlocks())*block, slices.Max(w.Rows)) + 2*block)
}

// usualBlocks are those of a basis for many iterations, as a rule.
func (w Work) usualBlocks() float64 {
	blocks := float64(min(mostUsual-1, max(w.Iterations, 0)) + 1)
	if w.Rank > 0 { // it is exhausted then
		blocks = min(blocks, math.Ceil(float64(w.Rank)/float64(w.Columns))+2)
	}
	return blocks
}

const mostUsual = 64

// LeadingBlocks are how many a basis may have for the leading eigenpairs of runs of r
// columns: the same for any number of iterations, so that a run that goes on has the same
// basis, and few enough that the eigenvalues of its projection take little time.
func LeadingBlocks(r int) int {
	const mostVectors = 400
	return min(mostUsual, mostVectors/(r+1))
}
