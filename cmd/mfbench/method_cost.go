package main

import (
	"slices"
	"strings"

	"lowrank/data/memory"
	"lowrank/solvers/krylov"
)

// rankBound is that of the data, 0 where there is none.
func rankBound(data any) int {
	if low, ok := data.(interface{ RankBound() int }); ok {
		return low.RankBound()
	}
	return 0
}

// ofRuns is the work of the runs that the flags ask for, on data of which w tells.
func (m *methodFlags) ofRuns(f *runFlags, w krylov.Work) krylov.Work {
	w.Columns, w.Iterations, w.Runs, w.Bases = f.rank, f.iters, max(len(f.runs), 1), m.bases(f)
	return w
}

// faster is the method that is expected to take less time.
func (m *methodFlags) faster(f *runFlags, w krylov.Work) string {
	if f.dtype != "f32" && w.Faster(memory.Available()) {
		return "krylov"
	}
	return "direct"
}

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
	return m.ofRuns(f, krylov.Work{Rows: []int{n}, Rank: rank}).Vectors()
}
