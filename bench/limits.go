package bench

import (
	"runtime"
	"sync"

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

// measured holds the limits by number of threads: they are measured once.
var measured = struct {
	sync.Mutex
	limits map[int]Limits
}{limits: map[int]Limits{}}

// MeasureLimits measures the limits for a number of threads, at most once a
// process; 0 means all. It takes about two seconds, and as much memory as
// ceiling.MemoryBytes says.
func MeasureLimits(threads int) Limits {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	measured.Lock()
	defer measured.Unlock()
	if l, ok := measured.limits[threads]; ok {
		return l
	}
	row, _ := kernel.Active()
	m := ceiling.Measure(row, threads)
	l := Limits{Threads: threads, Row: row.Name, Bandwidth: m.Bandwidth, PeakF64: m.PeakF64, PeakF32: m.PeakF32}
	measured.limits[threads] = l
	return l
}
