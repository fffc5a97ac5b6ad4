package blas

import (
	"fmt"
	"runtime"

	"lowrank/kernel"
)

// Backend is an opened BLAS.
type Backend struct {
	Name string
	// Threads is the number that it runs on.
	Threads int
	// ThreadsItself says that a library beneath decides how the work is split
	// over threads, so that results may depend on their number.
	ThreadsItself bool
	// Facts describes it: row, block sizes, core.
	Facts func() []kernel.Fact
	// BLAS is the implementation; blas64.Use and blas32.Use take it.
	BLAS kernel.Implementation
}

// MaxThreads is the largest number of threads that Open takes.
const MaxThreads = 1024

// Open picks a backend by name (empty: the environment variable MF_BACKEND,
// else the best compiled in) and opens it on that many threads (0: all the
// processors that this process may use).
//
// Backends register themselves: import lowrank/blas/backends for all of them.
func Open(name string, threads int) (*Backend, error) {
	if threads < 0 || threads > MaxThreads {
		return nil, fmt.Errorf("threads is %d; expected 1 to %d, or 0 for all", threads, MaxThreads)
	}
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	picked, err := kernel.Pick(name)
	if err != nil {
		return nil, err
	}
	b := &Backend{Name: picked.Name, Threads: threads, ThreadsItself: picked.ThreadsItself, Facts: picked.Facts, BLAS: picked.Open(threads)}
	if picked.ThreadsInUse != nil {
		b.Threads = picked.ThreadsInUse()
	}
	return b, nil
}
