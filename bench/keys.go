package bench

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"strings"

	"lowrank/kernel"
)

// Key is a line of configuration in a file of benchmark results, as
// golang.org/x/perf/benchfmt has them.
type Key struct{ Name, Value string }

// measuredKeys are the names of keys whose values are measured and differ from
// run to run. benchstat takes results with different keys apart unless told to
// ignore them, as VARYING does in the Makefile.
var measuredKeys = []string{"bandwidth-gbs", "peak-f64-gfs", "peak-f32-gfs", "cache-gbs"}

// Keys describe the machine that limits were measured on, and what runs on it:
// processor, caches, kernel row, limits, OpenBLAS.
func Keys(l Limits) []Key {
	cpu := kernel.Detect()
	keys := []Key{
		{"goos", runtime.GOOS}, {"goarch", runtime.GOARCH}, {"cpu", cmp.Or(cpu.Name, "unknown")}, {"cores", fmt.Sprint(cpu.Cores)},
		{"threads", fmt.Sprint(l.Threads)}, {"l1d", size(cpu.L1D)}, {"l2", size(cpu.L2)}, {"l3", size(cpu.L3)},
		{"go", runtime.Version()}, {"lowrank", Version}, {"row", l.Row},
		{measuredKeys[0], fmt.Sprintf("%.1f", l.Bandwidth/1e9)},
		{measuredKeys[1], fmt.Sprintf("%.1f", l.PeakF64/1e9)},
		{measuredKeys[2], fmt.Sprintf("%.1f", l.PeakF32/1e9)},
		{measuredKeys[3], fmt.Sprintf("%.1f", l.Cache/1e9)},
	}
	for _, b := range kernel.Backends() {
		if b.Name != "openblas" || b.HowToBuild != "" {
			continue
		}
		for _, f := range b.Facts() {
			switch f.Name {
			case "core", "configuration":
				keys = append(keys, Key{"openblas-" + f.Name, strings.TrimSpace(f.Value)})
			}
		}
		keys = append(keys, Key{"openblas-threads", fmt.Sprint(b.ThreadsInUse())})
	}
	return keys
}

func size(bytes int) string {
	if bytes <= 0 {
		return "unknown"
	}
	return fmt.Sprintf("%dKiB", bytes>>10)
}

// WriteKeys writes them a line each.
func WriteKeys(w io.Writer, keys []Key) error {
	for _, k := range keys {
		if _, err := fmt.Fprintf(w, "%s: %s\n", k.Name, k.Value); err != nil {
			return err
		}
	}
	return nil
}
