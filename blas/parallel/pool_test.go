package parallel

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type counts []atomic.Int32

func (c counts) Part(i int) { c[i].Add(1) }

func TestEveryPartRunsOnce(t *testing.T) {
	for _, threads := range []int{0, 1, 2, 3, 8} {
		for _, parts := range []int{0, 1, 2, 7, 100} {
			for range 50 {
				c := make(counts, parts)
				Run(threads, parts, c)
				for i := range c {
					if n := c[i].Load(); n != 1 {
						t.Fatalf("threads=%d parts=%d: part %d ran %d times", threads, parts, i, n)
					}
				}
			}
		}
	}
}

// Workers that have parked must come back.
func TestWakesAfterAPause(t *testing.T) {
	for range 5 {
		c := make(counts, 64)
		Run(4, len(c), c)
		time.Sleep(3 * spin)
		for i := range c {
			if c[i].Load() != 1 {
				t.Fatalf("part %d ran %d times", i, c[i].Load())
			}
		}
	}
}

type nested struct{ inner []counts }

func (n nested) Part(i int) { Run(2, len(n.inner[i]), n.inner[i]) }

func TestNestedAndConcurrentRuns(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				n := nested{inner: []counts{make(counts, 5), make(counts, 9), make(counts, 1)}}
				Run(3, len(n.inner), n)
				for _, c := range n.inner {
					for i := range c {
						if c[i].Load() != 1 {
							t.Errorf("inner part %d ran %d times", i, c[i].Load())
						}
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestRunAllocatesNothing(t *testing.T) {
	c := make(counts, 16)
	Run(2, len(c), c)
	var task Task = c
	if n := testing.AllocsPerRun(100, func() { Run(2, len(c), task) }); n != 0 {
		t.Errorf("%v allocations a run", n)
	}
}

func BenchmarkRun(b *testing.B) {
	c := make(counts, 16)
	var task Task = c
	for b.Loop() {
		Run(2, len(c), task)
	}
}
