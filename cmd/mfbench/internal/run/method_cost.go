package run

import (
	"slices"
	"strings"

	"lowrank/data/memory"
	"lowrank/solvers/krylov"
)

// RankBound is that of the data, 0 where there is none.
func RankBound(data any) int {
	if low, ok := data.(interface{ RankBound() int }); ok {
		return low.RankBound()
	}
	return 0
}

// OfRuns is the work of the runs that the flags ask for, on data of which w tells.
func (m *MethodFlags) OfRuns(f *Request, w krylov.Work) krylov.Work {
	w.Columns, w.Iterations, w.Runs, w.Bases = f.Rank, f.Expected(), max(len(f.Runs), 1), m.Bases(f)
	return w
}

// faster is the method that is expected to take less time.
func (m *MethodFlags) faster(f *Request, w krylov.Work) string {
	if f.Dtype != "f32" && w.Faster(memory.Available()) {
		return "krylov"
	}
	return "direct"
}

// Bases are how many the runs have: a start that only differs in its length from another
// begins in the basis of that.
func (m *MethodFlags) Bases(f *Request) int {
	starts := map[string]bool{}
	for _, run := range f.Runs {
		var start []string
		for _, s := range run {
			if slices.Contains(m.Spans, s.Flag) {
				start = append(start, s.Value)
			}
		}
		starts[strings.Join(start, " ")] = true
	}
	return max(len(starts), 1)
}

// Vectors are how many of n elements are planned for in Krylov bases, with the operands of
// their passes, 0 for none: auto takes them only where they fit. rank is that of the data,
// 0 for any.
func (m *MethodFlags) Vectors(f *Request, n, rank int) int {
	if m.Method != "krylov" {
		return 0
	}
	return m.OfRuns(f, krylov.Work{Rows: []int{n}, Rank: rank}).Vectors()
}
