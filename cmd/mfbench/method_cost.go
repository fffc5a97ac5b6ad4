package main

import (
	"math"
	"slices"

	"lowrank/bench/memory"
	"lowrank/solvers/krylov"
)

// load is what a choice of the method depends on.
type load struct {
	rows  []int                     // of the iterates: d, or m and n
	bytes float64                   // of a pass
	flops func(columns int) float64 // of a pass
	rank  int                       // of the data, 0 where it may be any
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

// direct are the operations of an iteration of so many runs by the direct method, which
// share a pass.
func (l load) direct(f *runFlags, runs int) float64 {
	return krylov.Cost(l.bytes, l.flops(f.rank*runs)) + 4*l.all()*float64(f.rank*f.rank*runs)
}

// faster is the method that is expected to take less time.
func (m *methodFlags) faster(f *runFlags, l load) string {
	n, r := float64(slices.Min(l.rows)), float64(f.rank)
	runs, bases := max(len(f.runs), 1), f.bases()
	blocks := usualBlocks(f, l.rank)
	size := blocks * (r + 1) // of a basis
	if f.dtype == "f32" || size > n/2 {
		return "direct"
	}
	if free := memory.Available(); free > 0 && 8*l.all()*size*float64(bases) > free/2 {
		return "direct"
	}
	passes := blocks * krylov.Cost(l.bytes, l.flops(bases*(f.rank+1)))
	orthogonal := 2 * size * size * l.all() * float64(bases)
	steps := float64(f.iters*runs) * krylov.SlowFactor * size * (6*(r+1) + 16*r) * r
	if passes+orthogonal+steps < float64(f.iters)*l.direct(f, runs) {
		return "krylov"
	}
	return "direct"
}

// limits are those of runs whose bases hold so many vectors.
func (m *methodFlags) limits(f *runFlags, l load, held int) krylov.Limits {
	var limits krylov.Limits
	if m.method == "auto" { // a run that left its basis makes its own passes
		limits.Direct, limits.Iterations = float64(max(len(f.runs), 1))*l.direct(f, 1), f.iters
	}
	const part = 0.8 // of what is free, for vectors that are made 32 at a time
	if free := memory.Available(); free > 0 {
		limits.Vectors = held + max(int(part*free/8/l.all())-32*f.bases(), 0)
	}
	return limits
}

// usualBlocks are those of a Krylov basis for many iterations, as a rule, on data of a
// rank, 0 for any.
func usualBlocks(f *runFlags, rank int) float64 {
	blocks := float64(min(mostUsual, max(f.iters, 0)+1))
	if rank > 0 { // it is exhausted then
		blocks = min(blocks, math.Ceil(float64(rank)/float64(f.rank))+2)
	}
	return blocks
}

const mostUsual = 64

// bases are how many the runs are expected to have: those of other scales and steps are
// in one.
func (f *runFlags) bases() int {
	seeds := map[string]bool{}
	for _, run := range f.runs {
		for _, s := range run {
			if s.flag == "seed" {
				seeds[s.value] = true
			}
		}
	}
	return max(len(seeds), 1)
}

// vectors are how many of n elements are planned for in Krylov bases, with the operands of
// their passes, 0 for none: auto takes them only where they fit. rank is that of the data,
// 0 for any.
func (m *methodFlags) vectors(f *runFlags, n, rank int) int {
	if m.method != "krylov" {
		return 0
	}
	block := f.rank + 1
	return f.bases() * (min(int(usualBlocks(f, rank))*block, n) + 2*block)
}
