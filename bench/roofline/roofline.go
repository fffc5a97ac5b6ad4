package roofline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lowrank/bench"
	"lowrank/bench/ceiling"
	"lowrank/bench/suite"
	"lowrank/kernel"
)

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

// threads is the number of all threads.
func (r *Roofline) threads() int { return r.Machine.Threads }

// limits are those that bound the operations, from all passes.
func (r *Roofline) limits() bench.Limits {
	n := r.threads()
	return bench.Limits{
		Threads: n, Row: r.Row, Bandwidth: r.Survey.Bandwidth(n),
		PeakF64: r.Survey.Peak(r.Row, "f64", n), PeakF32: r.Survey.Peak(r.Row, "f32", n),
	}
}

// place times an operation.
func (r *Roofline) place(o suite.Operation, d time.Duration) error {
	w, err := o.Prepare()
	if err != nil {
		return err
	}
	seconds, _, err := w.Time(d)
	if err != nil {
		return err
	}
	r.Placed = append(r.Placed, Placed{Name: o.Name(), Family: o.Family, Bytes: w.Bytes, Flops: w.Flops, Seconds: seconds})
	return nil
}

// share is the least time that the limits allow, of the time taken. Where data
// stays in cache from step to step it may pass 1.
func (r *Roofline) share(p Placed) float64 {
	return r.limits().Bound(p.Bytes, p.Flops, r.DType) / p.Seconds
}

// boundBy is "memory" or "peak".
func (r *Roofline) boundBy(p Placed) string {
	l := r.limits()
	if p.Bytes/l.Bandwidth >= p.Flops/l.Peak(r.DType) {
		return "memory"
	}
	return "peak"
}
