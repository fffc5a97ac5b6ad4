package memory

import (
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// Available is what can be had without swapping, in bytes: what the kernel
// estimates, or what the limits of the process and of its control groups leave, if
// that is less; 0 when nobody says.
func Available() float64 {
	info, _ := os.ReadFile("/proc/meminfo")
	free := field(info, "MemAvailable")
	self, _ := os.ReadFile("/proc/self/cgroup")
	left := min(groupMemory(os.DirFS("/sys/fs/cgroup"), self), processMemory())
	if left < math.Inf(1) && (free == 0 || left < free) {
		return max(left, 1) // 0 stands for not known
	}
	return free
}

// Peak is the most memory that this process has held since it began, or
// since ResetPeak, in bytes; 0 where that is not known. Pages of mapped
// files count while they are mapped.
func Peak() float64 { return status("VmHWM") }

// Resident is what this process holds now, in bytes; 0 where that is not
// known.
func Resident() float64 { return status("VmRSS") }

// ResetPeak makes Peak count from now on. It is false where that
// cannot be had.
func ResetPeak() bool { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) == nil }

// groupMemory is what the limits of control groups leave of memory: of the groups
// that self, a /proc/PID/cgroup, names and all above them. The files are below
// root as they are below /sys/fs/cgroup, of version 2 or 1. Without a limit it is
// +Inf. Pages of files can be had back and are not counted as taken.
func groupMemory(root fs.FS, self []byte) float64 {
	left := math.Inf(1)
	for line := range strings.SplitSeq(string(self), "\n") {
		parts := strings.SplitN(line, ":", 3) // number:controllers:group
		if len(parts) != 3 {
			continue
		}
		trees, used, total := []string{".", "unified"}, "memory.current", ""
		limits := []string{"memory.max", "memory.high"} // beyond high a group is slowed down
		switch {
		case strings.Contains(","+parts[1]+",", ",memory,"):
			trees, used, total = []string{"memory"}, "memory.usage_in_bytes", "total_"
			limits = []string{"memory.limit_in_bytes"}
		case parts[1] != "":
			continue
		}
		for _, tree := range trees {
			for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
				at := path.Join(tree, group)
				for _, limit := range limits {
					if most, ok := number(root, path.Join(at, limit)); ok {
						left = min(left, max(most-takenBy(root, at, used, total), 0))
					}
				}
				if group == "/" {
					break
				}
			}
		}
	}
	return left
}

// takenBy is what a group holds but for pages of files.
func takenBy(root fs.FS, group, used, total string) float64 {
	taken, _ := number(root, path.Join(group, used))
	for _, name := range []string{"inactive_file", "active_file"} {
		taken -= statistic(root, path.Join(group, "memory.stat"), total+name)
	}
	return taken
}

// number is the content of a file that holds one; false where it holds none, as
// "max" for no limit.
func number(root fs.FS, name string) (float64, bool) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	v, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return float64(v), err == nil
}

// statistic is a line "name value" of a file, 0 where there is none.
func statistic(root fs.FS, file, name string) float64 {
	text, _ := fs.ReadFile(root, file)
	for line := range strings.SplitSeq(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			v, _ := strconv.ParseFloat(value, 64)
			return v
		}
	}
	return 0
}
