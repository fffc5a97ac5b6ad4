package roofline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lowrank/bench"
	"lowrank/bench/ceiling"
	"lowrank/blas"
	"lowrank/kernel"
)

// Effort is how long to measure, and how finely.
type Effort struct {
	Ceilings  time.Duration // for bandwidths and peaks, about
	Operation time.Duration // for each operation
	Octave    int           // working sets between a size and its double
	Memory    int           // most bytes to read together; 0 for no bound
	Small     bool          // operations of the small grid: whether they run
}

// Efforts.
var (
	Full  = Effort{Ceilings: 24 * time.Second, Operation: 300 * time.Millisecond, Octave: 3}
	Quick = Effort{Ceilings: 4 * time.Second, Operation: 60 * time.Millisecond, Octave: 1, Memory: ceiling.BriefMemory}
)

// Request says what to measure.
type Request struct {
	Backend    *blas.Backend
	DType      string // of the operations: f64 or f32
	Operations bool
	Effort     Effort
	Progress   func(stage string, done, total int) // may be nil
}

// Roofline is what was measured.
type Roofline struct {
	Machine bench.Machine
	Caches  ceiling.Caches
	Row     string // whose limits bound the operations
	DType   string
	Survey  *ceiling.Survey
	Placed  []Placed
	Skipped []string // operations that could not be run, with the reason
	Time    time.Duration
}

// passes of the survey: before, amid and after the operations. In between, the
// limits that bound them are measured again before every third one.
const passes, refreshEvery = 3, 3

// Measure makes a roofline. It gives up where the context ends.
func Measure(ctx context.Context, q Request) (*Roofline, error) {
	began := time.Now()
	active, err := kernel.Active()
	if err != nil {
		return nil, err
	}
	threads := ceiling.ThreadCounts(q.Backend.Threads)
	caches := ceiling.DetectCaches()
	memory := ceiling.MemoryToShare(caches, q.Backend.Threads)
	if q.Effort.Memory > 0 {
		memory = min(memory, q.Effort.Memory)
	}
	r := &Roofline{
		Machine: bench.ThisMachine(q.Backend), Caches: caches, Row: active.Name, DType: q.DType,
		Survey: ceiling.NewSurvey(ceiling.Plan{
			Threads: threads, Rows: rows(active), Budget: q.Effort.Ceilings, Passes: passes,
			Octave: q.Effort.Octave, Caches: caches, Memory: memory,
		}),
	}
	progress := q.Progress
	if progress == nil {
		progress = func(string, int, int) {}
	}
	ops := operations(q)
	for pass := range passes {
		done, stage := 0, fmt.Sprintf("ceilings %d/%d", pass+1, passes)
		if err := r.Survey.Pass(ctx, func() {
			done++
			progress(stage, done, r.Survey.Count())
		}); err != nil {
			return nil, err
		}
		if pass == passes-1 {
			r.Survey.Settle()
			break
		}
		from, to := len(ops)*pass/(passes-1), len(ops)*(pass+1)/(passes-1)
		for i, o := range ops[from:to] {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			progress("operations", from+i, len(ops))
			if i%refreshEvery == refreshEvery-1 {
				r.Survey.Refresh()
			}
			if err := r.place(o, q.Effort.Operation); err != nil {
				r.Skipped = append(r.Skipped, fmt.Sprintf("%s: %v", o.Name(), err))
			}
		}
	}
	r.Time = time.Since(began)
	return r, nil
}

// rows are those that this machine runs, the active one first.
func rows(active kernel.Row) []kernel.Row {
	list := []kernel.Row{active}
	cpu := kernel.Detect()
	for _, name := range kernel.Compiled() {
		if name == active.Name || !slices.Contains(kernel.Runnable(cpu), name) {
			continue
		}
		if row, err := kernel.Choose(cpu, name); err == nil {
			list = append(list, row)
		}
	}
	return list
}

// Threads is the number of all threads.
func (r *Roofline) Threads() int { return r.Machine.Threads }

// Limits are those that bound the operations, from all passes.
func (r *Roofline) Limits() bench.Limits {
	n := r.Threads()
	return bench.Limits{
		Threads: n, Row: r.Row, Bandwidth: r.Survey.Bandwidth(n),
		PeakF64: r.Survey.Peak(r.Row, "f64", n), PeakF32: r.Survey.Peak(r.Row, "f32", n),
	}
}
