package ceiling

import (
	"time"

	"lowrank/kernel"
)

// Limits are those of all threads together with the kernels of a row.
type Limits struct {
	Bandwidth        float64 // bytes read from memory a second
	Cache            float64 // and from the last cache; 0 where its size is not known
	PeakF64, PeakF32 float64 // floating point operations a second
}

// Measure takes between one and a half and four seconds, in turns, so that a short
// disturbance spoils none of the three: until no best has risen in two turns.
func Measure(row kernel.Row, threads int) Limits {
	m := newMeter(threads)
	defer m.close()
	bytes := briefBytes(DetectCaches(), threads)
	m.hold(bytes, true)
	defer m.drop()
	inCache := lastBytes(DetectCaches(), threads)
	var l Limits
	settle(4, 10, func() []float64 { return []float64{l.PeakF64, l.PeakF32, l.Bandwidth} }, func() {
		l.PeakF64 = max(l.PeakF64, peak(m, row.F64, threads, 80*time.Millisecond))
		l.PeakF32 = max(l.PeakF32, peak(m, row.F32, threads, 80*time.Millisecond))
		for _, s := range reads(row) {
			l.Bandwidth = max(l.Bandwidth, m.bandwidth(s, threads, bytes/threads, 100*time.Millisecond))
			if inCache > 0 {
				l.Cache = max(l.Cache, m.bandwidth(s, threads, inCache, 20*time.Millisecond))
			}
		}
	})
	return l
}

// lastBytes is a working set of each of so many threads that stays in the last cache: half of
// its share of that.
func lastBytes(c Caches, threads int) int { return max(c.ShareOfL3(threads), c.L2, 0) / 2 }

// settle calls turn at least so many times, and at most, until two turns have not
// raised one of the best rates by 3 %.
func settle(least, most int, best func() []float64, turn func()) {
	const rise = 1.03
	for n, still := 0, 0; n < most && (n < least || still < 2); n++ {
		before := best()
		turn()
		still++
		for i, b := range best() {
			if b > rise*before[i] {
				still = 0
			}
		}
	}
}
