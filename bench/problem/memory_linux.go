package problem

import (
	"bufio"
	"fmt"
	"os"
)

// availableMemory is what the kernel estimates can be had without swapping, in
// bytes; 0 when it does not say.
func availableMemory() float64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib float64
		if n, _ := fmt.Sscanf(lines.Text(), "MemAvailable: %f kB", &kib); n == 1 {
			return kib * 1024
		}
	}
	return 0
}
