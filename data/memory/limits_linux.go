package memory

import (
	"math"
	"os"
	"runtime/metrics"

	"golang.org/x/sys/unix"
)

// processMemory is what the limits of this process, of its addresses (ulimit -v)
// and of its data (ulimit -d), leave. Without a limit it is +Inf.
func processMemory() float64 {
	text, _ := os.ReadFile("/proc/self/status")
	left := math.Inf(1)
	for _, l := range []struct {
		resource int
		mapped   string
	}{{unix.RLIMIT_AS, "VmSize"}, {unix.RLIMIT_DATA, "VmData"}} {
		var limit unix.Rlimit
		if unix.Getrlimit(l.resource, &limit) != nil || limit.Cur == unix.RLIM_INFINITY {
			continue
		}
		// A block comes from new addresses or from those that the heap holds unused:
		// the two need not lie side by side.
		left = min(left, max(float64(limit.Cur)-field(text, l.mapped), min(idleHeap(), float64(limit.Cur))))
	}
	return left
}

// idleHeap is what the heap has mapped and does not use.
func idleHeap() float64 {
	idle := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(idle)
	return float64(idle[0].Value.Uint64() + idle[1].Value.Uint64())
}
