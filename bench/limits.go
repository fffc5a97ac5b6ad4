package bench

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"lowrank/bench/ceiling"
	"lowrank/kernel"
)

// Limits are what the machine can do at most with the kernels of the active
// row: the bound of an operation is the larger of bytes/Bandwidth and
// flops/peak.
type Limits struct {
	Threads   int
	Row       string
	Bandwidth float64 // bytes per second read from memory
	Cache     float64 // and from the last cache, where smaller data stays; 0 where that is not known
	PeakF64   float64 // floating point operations per second
	PeakF32   float64
}

// Peak is that of an element type.
func (l Limits) Peak(dtype string) float64 {
	if dtype == "f32" {
		return l.PeakF32
	}
	return l.PeakF64
}

// Bound is the least number of seconds for so many bytes and operations.
func (l Limits) Bound(bytes, flops float64, dtype string) float64 {
	return max(bytes/l.Bandwidth, flops/l.Peak(dtype))
}

// Rates says the limits behind a bound: of memory, of the last cache, whose data may pass the
// bound, and of the operations of an element type.
func (l Limits) Rates(dtype string) string {
	cache := ""
	if l.Cache > 0 {
		cache = fmt.Sprintf(", %.3g GB/s from the last cache", l.Cache/1e9)
	}
	return fmt.Sprintf("%.3g GB/s from memory%s, %.3g GF/s", l.Bandwidth/1e9, cache, l.Peak(dtype)/1e9)
}

// measured holds the limits by number of threads.
var measured = struct {
	sync.Mutex
	limits map[int]measurement
}{limits: map[int]measurement{}}

type measurement struct {
	Limits
	at time.Time
}

// MeasureLimits are the limits for a number of threads, measured unless this process has
// measured them before; 0 means all, and more than there are processors are these. A
// measurement takes two to five seconds, and 16 times the caches in memory, at most 4 GiB.
func MeasureLimits(threads int) Limits { return limitsOf(threads, math.MaxInt64) }

// RecentLimits are the best limits that this process has seen, measured once more where
// the last measurement is more than ten seconds old: on a shared machine they change. So
// one process may measure many times, far apart.
func RecentLimits(threads int) Limits { return limitsOf(threads, 10*time.Second) }

func limitsOf(threads int, atMost time.Duration) Limits {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	measured.Lock()
	defer measured.Unlock()
	m, ok := measured.limits[threads]
	if !ok || time.Since(m.at) > atMost {
		row, _ := kernel.Active()
		l := ceiling.Measure(row, min(threads, runtime.GOMAXPROCS(0)))
		m.Threads, m.Row = threads, row.Name
		m.Bandwidth, m.PeakF64, m.PeakF32 = max(m.Bandwidth, l.Bandwidth), max(m.PeakF64, l.PeakF64), max(m.PeakF32, l.PeakF32)
		m.Cache = max(m.Cache, l.Cache)
		m.at = time.Now()
		measured.limits[threads] = m
	}
	return m.Limits
}
