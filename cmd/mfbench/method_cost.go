package main

import (
	"math"
	"slices"
	"strings"

	"lowrank/data/memory"
	"lowrank/solvers/krylov"
)

// load is what a choice of the method depends on.
type load struct {
	rows  []int                     // of the iterates: d, or m and n
	bytes float64                   // of a pass
	flops func(columns int) float64 // of a pass
	rank  int                       // of the data, 0 where it may be any
	// together: runs of the direct method share a pass.
	together bool
}

// rankBound is that of the data, 0 where there is none.
func rankBound(data any) int {
	if low, ok := data.(interface{ RankBound() int }); ok {
		return low.RankBound()
	}
	return 0
}

// all are the rows of all iterates.
func (l load) all() (n float64) {
	for _, rows := range l.rows {
		n += float64(rows)
	}
	return n
}

// direct are the operations of an iteration of all runs by the direct method.
func (l load) direct(f *runFlags) float64 {
	runs := max(len(f.runs), 1)
	pass := float64(runs) * krylov.Cost(l.bytes, l.flops(f.rank))
	if l.together {
		pass = krylov.Cost(l.bytes, l.flops(f.rank*runs))
	}
	return pass + float64(runs)*(krylov.Overhead+4*l.all()*float64(f.rank*f.rank))
}

// faster is the method that is expected to take less time.
func (m *methodFlags) faster(f *runFlags, l load) string {
	n, r := float64(slices.Min(l.rows)), float64(f.rank)
	runs, bases := max(len(f.runs), 1), m.bases(f)
	const expected = 32 // fewer than the most usual: one that takes more leaves its basis
	blocks := min(usualBlocks(f, l.rank), expected, max(math.Floor(n/2/(r+1)), 1))
	size := blocks * (r + 1) // of a basis
	if f.dtype == "f32" {
		return "direct"
	}
	if free := memory.Available(); free > 0 && 8*l.all()*size*float64(bases) > free/2 {
		return "direct"
	}
	passes := blocks * krylov.Cost(l.bytes, l.flops(bases*(f.rank+1)))
	orthogonal := 2 * size * size * l.all() * float64(bases)
	band := 3 * (f.rank + 1) // of the small matrix
	steps := float64(f.iters) * float64(runs) * krylov.StepCost(int(size)*band, int(size), f.rank)
	if passes+orthogonal+steps < float64(f.iters)*l.direct(f) {
		return "krylov"
	}
	return "direct"
}

// limits are those of runs whose bases hold so many vectors.
func (m *methodFlags) limits(f *runFlags, l load, held int) krylov.Limits {
	var limits krylov.Limits
	if m.method == "auto" {
		limits.Direct, limits.Iterations = l.direct(f), f.iters
	}
	const part = 0.8 // of what is free
	if free := memory.Available(); free > 0 {
		limits.Vectors = held + max(int(part*free/8/l.all())-krylov.Chunk*m.bases(f), 0)
	}
	return limits
}

// usualBlocks are those of a Krylov basis for many iterations, as a rule, on data of a
// rank, 0 for any.
func usualBlocks(f *runFlags, rank int) float64 {
	blocks := float64(min(mostUsual-1, max(f.iters, 0)) + 1)
	if rank > 0 { // it is exhausted then
		blocks = min(blocks, math.Ceil(float64(rank)/float64(f.rank))+2)
	}
	return blocks
}

const mostUsual = 64

// bases are how many the runs have: a start that only differs in its length from another
// begins in the basis of that.
func (m *methodFlags) bases(f *runFlags) int {
	starts := map[string]bool{}
	for _, run := range f.runs {
		var start []string
		for _, s := range run {
			if slices.Contains(m.spans, s.flag) {
				start = append(start, s.value)
			}
		}
		starts[strings.Join(start, " ")] = true
	}
	return max(len(starts), 1)
}

// vectors are how many of n elements are planned for in Krylov bases, with the operands of
// their passes, 0 for none: auto takes them only where they fit. rank is that of the data,
// 0 for any.
func (m *methodFlags) vectors(f *runFlags, n, rank int) int {
	if m.method != "krylov" {
		return 0
	}
	block := f.rank + 1
	return m.bases(f) * (min(int(usualBlocks(f, rank))*block, n) + 2*block)
}
