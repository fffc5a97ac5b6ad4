package ceiling

import (
	"time"

	"lowrank/kernel"
)

// Limits are those of all threads together with the kernels of a row.
type Limits struct {
	Bandwidth        float64 // bytes read from memory a second
	PeakF64, PeakF32 float64 // floating point operations a second
}

// Measure takes about one and a half seconds, in turns, so that a short
// disturbance spoils none of the three.
func Measure(row kernel.Row, threads int) Limits {
	m := NewMeter(threads)
	defer m.Close()
	bytes := briefBytes(DetectCaches(), threads)
	m.Hold(bytes, true)
	defer m.Drop()
	var l Limits
	for range 4 {
		l.PeakF64 = max(l.PeakF64, Peak(m, row.F64, threads, 80*time.Millisecond))
		l.PeakF32 = max(l.PeakF32, Peak(m, row.F32, threads, 80*time.Millisecond))
		for _, s := range Reads(row) {
			l.Bandwidth = max(l.Bandwidth, m.Bandwidth(s, threads, bytes/threads, 100*time.Millisecond))
		}
	}
	return l
}
