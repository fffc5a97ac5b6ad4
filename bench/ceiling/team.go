package ceiling

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"lowrank/blas/parallel"
)

// team are threads of the operating system that start together. Goroutines of a
// pool would not do: a thread must come back to the memory that it touched first,
// and two of them may wait for one processor while another one is idle.
type team struct {
	jobs []chan *round
	ends sync.WaitGroup
}

// round is one job of the first members of a team.
type round struct {
	part    func(i int)
	waiting atomic.Int64 // members that are not ready yet
	left    sync.WaitGroup
	spans   []span
}

type span struct {
	begin, end time.Duration
	_          [48]byte // a cache line each
}

// newTeam starts so many threads, each on a processor of its own where they are as
// many as the process may use.
func newTeam(threads int) *team {
	t := &team{jobs: make([]chan *round, threads)}
	places := processors()
	for i := range t.jobs {
		t.jobs[i] = make(chan *round)
		t.ends.Go(func() {
			runtime.LockOSThread() // the thread, with its place, ends with the goroutine
			if len(places) == threads {
				pin(places[i])
			}
			for r := range t.jobs[i] {
				r.run(i)
			}
		})
	}
	return t
}

// base is what times of rounds count from.
var base = time.Now()

func (r *round) run(i int) {
	r.waiting.Add(-1)
	parallel.WaitFor(func() bool { return r.waiting.Load() <= 0 })
	r.spans[i].begin = time.Since(base)
	r.part(i)
	r.spans[i].end = time.Since(base)
	r.left.Done()
}

// round calls part(i) on the first threads members at the same time and returns
// how long that took.
func (t *team) round(threads int, part func(i int)) time.Duration {
	r := &round{part: part, spans: make([]span, threads)}
	r.waiting.Store(int64(threads))
	r.left.Add(threads)
	for _, jobs := range t.jobs[:threads] {
		jobs <- r
	}
	r.left.Wait()
	first, last := r.spans[0].begin, r.spans[0].end
	for _, s := range r.spans[1:] {
		first, last = min(first, s.begin), max(last, s.end)
	}
	return max(last-first, 1) // a clock may stand still
}

// stop ends the threads.
func (t *team) stop() {
	for _, jobs := range t.jobs {
		close(jobs)
	}
	t.ends.Wait()
}
