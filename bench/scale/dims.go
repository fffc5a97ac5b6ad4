package scale

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"lowrank/bench/ceiling"
	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/data/memory"
	"lowrank/data/problem"
)

// shape is the run that a point with d rows and r columns is, for its bytes and its
// memory.
func (s Study) shape(b *blas.Backend, d, r int) plan.Symmetric {
	p := plan.Symmetric{Form: plan.Dense, D: d, R: min(r, d), Held: 8}
	p.Elem, p.Runs, p.Generated = 8, 1, true
	_, p.Own = b.BLAS.(blas.Fuser)
	if s.DType == "f32" {
		p.Elem, p.Held = 4, 4
	}
	switch s.Sigma {
	case "rounded":
		p.Held = 4
	case "diagonal":
		p.Form = plan.Diagonal
	}
	return p
}

// margin is the part of the memory that dimensions are chosen for.
const margin = 0.8

// needs is the memory of a point with the most columns, where so much is free, and
// of the limits: they are measured again while Σ is there, in at most half of what
// it leaves.
func (s Study) needs(b *blas.Backend, d int, free float64) float64 {
	step := s.shape(b, d, slices.Max(s.R)).Size().Needs()
	limits := float64(min(ceiling.MemoryBytes(s.Caches, slices.Max(s.Threads)), ceiling.BriefMemory))
	return step + min(limits, max(free-step, 0)/2)
}

// Dims are dimensions from 250 to the largest whose points fit in most of the memory
// that is available, and why there are no more of them. They double, but for the
// first of the large range: these grow by √2, so that leastLarge of them are there
// where memory allows. A diagonal Σ ends at mostDiagonal: it takes longer to make
// than to step.
func (s Study) Dims(b *blas.Backend) (dims []int, why string) { return s.dims(b, memory.Available()) }

const (
	firstDim     = 250
	leastLarge   = 5 // points of the large range leave an interval three degrees of freedom
	mostDiagonal = 8_000_000
	mostUnknown  = 16_000
)

func (s Study) dims(b *blas.Backend, free float64) (dims []int, why string) {
	first, large := s.largeRange(b, free), 0
	for at := float64(firstDim); ; {
		d := twoDigits(at, math.Round)
		if why = s.tooLarge(b, d, free); why != "" {
			return dims, why
		}
		dims = append(dims, d)
		switch {
		case at < first && 2*math.Sqrt2*at < first:
			at *= 2
		case at < first:
			at = first
		default:
			if large++; large < leastLarge {
				at *= math.Sqrt2
			} else {
				at *= 2
			}
		}
	}
}

// largeRange is where the large range of all threads begins: for the fewest columns
// that reach it, +Inf where none do.
func (s Study) largeRange(b *blas.Backend, free float64) float64 {
	bytes := s.large(slices.Max(s.Threads))
	for _, r := range slices.Sorted(slices.Values(s.R)) {
		d := firstDim + sort.Search(1<<30, func(above int) bool {
			pass, _ := s.shape(b, firstDim+above, r).Size().Iteration()
			return pass >= bytes
		})
		if first := twoDigits(float64(d), math.Ceil); s.tooLarge(b, first, free) == "" {
			return float64(first)
		}
	}
	return math.Inf(1)
}

// tooLarge is why d is not measured, empty where it is.
func (s Study) tooLarge(b *blas.Backend, d int, free float64) string {
	switch needs := s.needs(b, d, free); {
	case s.Sigma == "diagonal" && d > mostDiagonal:
		return fmt.Sprintf("larger diagonals take longer to make than to multiply (%d)", d)
	case free > 0 && needs > margin*free:
		return fmt.Sprintf("d = %d needs %s with the measurement of the limits, and %.0f %% of the memory available are %s",
			d, problem.HumanBytes(needs), 100*margin, problem.HumanBytes(margin*free))
	case free <= 0 && d > mostUnknown:
		return "how much memory is available is not known"
	}
	return ""
}

// twoDigits rounds d so that only its first two digits are not 0.
func twoDigits(d float64, round func(float64) float64) int {
	unit := math.Pow(10, math.Floor(math.Log10(d))-1)
	return int(math.Round(round(d/unit) * unit))
}

// Check is an error unless every point fits in memory.
func (s Study) Check(b *blas.Backend) error {
	most := slices.Max(s.D)
	of := func(d int) plan.Shape { return s.shape(b, d, slices.Max(s.R)) }
	return plan.Fits(of(most), memory.Available(), []plan.Instead{{Text: "d of at most %d", Below: most, Largest: of}})
}
