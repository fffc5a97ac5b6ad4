package bench

import (
	"runtime"
	"sync"
	"time"

	"lowrank/blas"
	"lowrank/blas/parallel"
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
// readBytes says.
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
	l := Limits{
		Threads:   threads,
		Row:       row.Name,
		Bandwidth: bandwidth(row, threads),
		PeakF64:   peak(row.F64, threads),
		PeakF32:   peak(row.F32, threads),
	}
	measured.limits[threads] = l
	return l
}

// readBytes is how much is read to measure the bandwidth of memory: 16 times
// the largest cache, at least 512 MiB and at most 4 GiB.
func readBytes() int {
	return min(max(16*kernel.Detect().L3, 512<<20), 4<<30)
}

// bandwidth is the best of several rounds of several kernels, each thread
// reading a stretch of its own.
func bandwidth(row kernel.Row, threads int) float64 {
	stretch := readBytes() / 8 / threads &^ 4095
	a := kernel.Large[float64](stretch * threads)
	for i := 0; i < len(a); i += 512 {
		a[i] = 1 // every page is there
	}
	best := 0.0
	for began := time.Now(); time.Since(began) < time.Second; {
		for _, read := range row.F64.Read {
			task := &reading{a: a, stretch: stretch, read: read, sums: make([]float64, threads*8)}
			start := time.Now()
			parallel.Run(threads, threads, task)
			best = max(best, float64(len(a)*8)/time.Since(start).Seconds())
		}
	}
	return best
}

type reading struct {
	a       []float64
	stretch int
	read    func(a []float64) float64
	sums    []float64 // a cache line a thread
}

func (r *reading) Part(i int) {
	r.sums[i*8] = r.read(r.a[i*r.stretch : (i+1)*r.stretch])
}

// peak is the best rate of independent multiply-adds on registers.
func peak[T blas.Float](k kernel.Kernels[T], threads int) float64 {
	const calls, rounds = 200, 2000 // calls of some microseconds: assembly is not interrupted
	best := 0.0
	for began := time.Now(); time.Since(began) < 300*time.Millisecond; {
		start := time.Now()
		parallel.Run(threads, threads, computing(func() {
			for range calls {
				k.Peak(rounds)
			}
		}))
		flops := 2 * kernel.PeakChains * float64(k.Lanes) * calls * rounds * float64(threads)
		best = max(best, flops/time.Since(start).Seconds())
	}
	return best
}

type computing func()

func (c computing) Part(int) { c() }
