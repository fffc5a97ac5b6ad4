package parallel

import (
	"context"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"
)

// Task is work cut into parts 0 … n−1 that may run at the same time. They start
// in the order of their numbers, so that a part may wait for a lower one.
type Task interface{ Part(i int) }

// Run calls t.Part(i) for every i < parts on at most threads goroutines, the
// caller's among them, and returns when all are done. It allocates nothing
// once its goroutines exist. A Run that starts while another one is under way,
// from a part of it or from another goroutine, runs on its caller alone.
func Run(threads, parts int, t Task) {
	threads = min(threads, parts)
	if threads > 1 && pool.mu.TryLock() {
		defer pool.mu.Unlock()
		pool.run(threads, parts, t)
		return
	}
	for i := range parts {
		t.Part(i)
	}
}

// Label gives the profiler labels of ctx to the goroutines of the pool, from
// their next job on; the caller's own are those of pprof.Do. It returns the
// context whose labels they had.
func Label(ctx context.Context) context.Context {
	if last := pool.labels.Swap(&ctx); last != nil {
		return *last
	}
	return context.Background()
}

// spin is how long a goroutine without work looks for more before it parks.
// Waking a parked one takes 5 to 50 µs on the virtual machines measured; the
// gaps between the passes of a step are shorter than this.
const spin = 100 * time.Microsecond

var pool workers

type workers struct {
	mu   sync.Mutex
	list []*worker

	// The job. Its owner holds mu, writes it before it hands out numbers and
	// waits for every worker that got one.
	task   Task
	parts  int64
	next   atomic.Int64 // the part to take next
	active atomic.Int64 // workers still at it

	labels atomic.Pointer[context.Context]
}

type worker struct {
	job    atomic.Uint64 // counts the jobs this worker was called to
	parked atomic.Bool
	wake   chan struct{}
	_      [64]byte // a cache line of its own
}

func (p *workers) run(threads, parts int, t Task) {
	for len(p.list) < threads-1 {
		w := &worker{wake: make(chan struct{}, 1)}
		p.list = append(p.list, w)
		go p.serve(w)
	}
	p.task, p.parts = t, int64(parts)
	p.next.Store(0)
	p.active.Store(int64(threads - 1))
	for _, w := range p.list[:threads-1] {
		w.job.Add(1)
		if w.parked.CompareAndSwap(true, false) {
			w.wake <- struct{}{}
		}
	}
	p.drain()
	WaitFor(func() bool { return p.active.Load() == 0 })
	p.task = nil
}

func (p *workers) drain() {
	for {
		i := p.next.Add(1) - 1
		if i >= p.parts {
			return
		}
		p.task.Part(int(i))
	}
}

// serve waits for jobs, looking for a while before it parks.
func (p *workers) serve(w *worker) {
	var last uint64
	var idle time.Time
	var labels *context.Context
	pprof.SetGoroutineLabels(context.Background()) // not those of whoever came first
	for n := 1; ; n++ {
		if job := w.job.Load(); job != last {
			last = job
			if l := p.labels.Load(); l != labels {
				labels = l
				pprof.SetGoroutineLabels(*l)
			}
			p.drain()
			p.active.Add(-1)
			n, idle = 1, time.Now()
			continue
		}
		if n%64 != 0 {
			continue
		}
		runtime.Gosched()
		if time.Since(idle) < spin {
			continue
		}
		w.parked.Store(true)
		if w.job.Load() != last && w.parked.CompareAndSwap(true, false) {
			continue
		}
		<-w.wake
	}
}
