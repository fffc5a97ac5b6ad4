package plan

import (
	"fmt"
	"math"
	"runtime"
	"sort"

	"lowrank/bench"
	"lowrank/bench/ceiling"
	"lowrank/data/problem"
)

// Shape is what a run is given by: the system, its dimensions and how its data is
// held.
type Shape interface {
	// Size is what follows from it.
	Size() Size
	// Scaled is a problem of the same kind with about so much of the data, 0 < share
	// ≤ 1; as large as it must be for its columns.
	Scaled(share float64) Shape
	// String says it in few words: d = 4000, rank 2, Σ dense.
	String() string
	// Dims are its dimensions by the names that they have in this package's types.
	Dims() map[string]int
}

// Size is what the memory and the time of a run follow from. Amounts of memory are
// bytes, amounts of work roughly seconds of one core: of these only the ratio of
// two sizes goes into a prediction.
type Size struct {
	Data   float64 // Σ, A, the measurements or Ŵ, as they are held
	Making float64 // beside Data while that is read or made
	Mapped float64 // of a file that is mapped meanwhile; the system can have these back
	Once   float64 // of all runs, one after the other: a start, a report
	Run    float64 // that each run holds: its factors and all that it works with
	Trace  float64 // the recorded iterates of one run
	Runs   int     // that are made together, at least 1
	Shared bool    // they read the data once for all

	Load bench.Load // of an iteration of one run

	// Drawn is work of an iteration of all runs that the bound knows nothing of:
	// drawing measurements.
	Drawn float64

	Saved  float64 // bytes of the state in a checkpoint of a run, 0 without one
	Setup  float64 // work before the iterations
	Record float64 // of recording an iterate
	Report float64 // behind the iterations
}

// Needs is the memory that a run is refused for if it is not there.
func (s Size) Needs() float64 {
	return s.Data + s.Making + s.Beside()
}

// Beside is the memory that runs take beside their data, once that is there.
func (s Size) Beside() float64 {
	bytes := s.Once + float64(s.Runs)*(s.Run+s.Trace)
	if s.Saved > 0 {
		const copies = 2.5 // it is encoded into a buffer that grows by copying
		bytes += copies * (s.Saved + s.Trace)
	}
	return bytes
}

// Peak is the most that a run holds at a time.
func (s Size) Peak() float64 { return max(s.Data+s.Mapped, s.Needs()) }

// Iteration is what an iteration of all runs needs: bytes from memory and
// operations.
func (s Size) Iteration() (bytes, flops float64) {
	runs, readings := float64(s.Runs), float64(s.Runs)
	if s.Shared {
		readings = 1
	}
	return readings*s.Load.Pass + runs*s.Load.Bytes, runs * s.Load.Flops
}

// Common is what the shapes of all systems have.
type Common struct {
	Elem int // bytes of an element of the arithmetic: 8 or 4
	// Threads of the backend, of which each may have scratch of its own.
	Threads int
	Own     bool // the backend holds matrices in a storage of its own
	Runs    int  // at least 1
	Fused   bool // the backend shares the passes of several runs
	// Generated says that the data is made and not read.
	Generated bool
	Mapped    float64 // bytes of a file that is mapped while it is read
	Read      float64 // bytes that reading it takes beside the result
	Rows      float64 // recorded iterates of a run
	Theory    bool    // claims are checked at every iterate
	// Checkpoint says that the state and the rows so far are saved now and then.
	Checkpoint bool
}

// Rows is how many iterates a trace has of every so many iterations at the most: with
// the start and the last.
func Rows(iterations, every int) float64 { return float64(iterations)/float64(every) + 2 }

// saved is the bytes of the state where it is saved.
func (c Common) saved(state float64) float64 {
	if !c.Checkpoint {
		return 0
	}
	return state
}

// traceBytes are those of rows of so many columns: each row is a slice, and their
// list grows by copying.
func (c Common) traceBytes(columns int) float64 {
	const head, grown = 24, 2.25
	return c.Rows * (8*float64(columns) + grown*head)
}

// spare is the part of the available memory that what is suggested leaves: what is
// available changes from one moment to the next.
const spare = 0.05

// Fits is an error unless a run fits in the memory that is available beside what the
// program holds already, where that is known: one sentence, with what would fit in
// its end. free is 0 where it is not known.
func Fits(s Shape, free float64, instead []Instead) error {
	size := s.Size()
	if free <= 0 || size.Needs() <= free {
		return nil
	}
	return fmt.Errorf("a run with %s needs %s; this machine has %s of memory available%s", s, problem.HumanBytes(size.Needs()), problem.HumanBytes(free), hint((1-spare)*free, instead))
}

// Instead is another way to run that may fit.
type Instead struct {
	// Text names it; %d in it stands for the largest value of Largest, or the
	// smallest of Smallest.
	Text string
	// Shape is the run, nil where one of the others is given.
	Shape Shape
	// Largest is the run with a parameter at n; memory grows with n. Below is a
	// value that is too large, or the one that was asked for; a value below Least
	// is refused.
	Largest      func(n int) Shape
	Below, Least int
	// Smallest is the run with a parameter at n, of which memory falls with n, from
	// Above to Most.
	Smallest    func(n int) Shape
	Above, Most int
}

func hint(free float64, instead []Instead) string {
	text := ""
	for _, i := range instead {
		line := i.Text
		switch {
		case i.Largest != nil:
			n := largest(i.Below, func(n int) bool { return i.Largest(n).Size().Needs() <= free })
			if n < max(i.Least, 1) {
				continue
			}
			line = fmt.Sprintf(i.Text, n)
		case i.Smallest != nil:
			n := i.Above + sort.Search(i.Most-i.Above+1, func(by int) bool { return i.Smallest(i.Above+by).Size().Needs() <= free })
			if n > i.Most {
				continue
			}
			line = fmt.Sprintf(i.Text, n)
		case i.Shape == nil || i.Shape.Size().Needs() > free:
			continue
		}
		switch text {
		case "":
			text = "; what would fit: " + line
		default:
			text += ", or " + line
		}
	}
	if text == "" {
		return "; nothing near it would fit"
	}
	return text
}

// largest is the largest n below the limit that fits, 0 for none; what fits at n
// fits below.
func largest(below int, fits func(n int) bool) int {
	lo, hi := 0, max(below, 1)
	for hi-lo > 1 {
		if mid := lo + (hi-lo)/2; fits(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// Within is the largest problem of the same kind for which all of these hold, or
// the smallest there is: data and work of the set-up and the report are within
// bounds, an iteration within seconds by bound and by what it draws.
func Within(s Shape, data, work, seconds float64, bound func(bytes, flops float64) float64) Shape {
	small := func(s Shape) bool {
		size := s.Size()
		return size.Data <= data && size.Setup+size.Report <= work && max(bound(size.Iteration()), size.Drawn) <= seconds
	}
	if small(s) {
		return s
	}
	lo, hi := math.Log(1e-9), 0.0
	for range 40 {
		if mid := (lo + hi) / 2; small(s.Scaled(math.Exp(mid))) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return s.Scaled(math.Exp(lo))
}

// LastCache is the bytes of the last caches that all threads of the program have, a
// usual size where the system does not say. A step whose data is several times as
// large reads it from memory.
func LastCache() float64 {
	bytes, _ := ceiling.DetectCaches().Last(runtime.GOMAXPROCS(0))
	return bytes
}

// dim scales a dimension, to at least least and at most itself.
func dim(n int, by float64, least int) int {
	return min(max(int(math.Round(float64(n)*by)), least, 1), n)
}

// order writes rows and columns.
func order(m, n int) string { return fmt.Sprintf("%d×%d", m, n) }
