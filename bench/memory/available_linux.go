package memory

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// Available is the number of bytes that can be had without swapping and within
// the limits of the control groups that the process is in; 0 when that is not
// known.
func Available() float64 { return availableUnder("/") }

// availableUnder reads the files of the kernel below a directory.
func availableUnder(root string) float64 {
	least := math.Inf(1)
	if free, ok := machineFree(root + "/proc/meminfo"); ok {
		least = free
	}
	data, err := os.ReadFile(root + "/proc/self/cgroup")
	if err != nil {
		data = nil // no control groups
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		switch {
		case fields[0] == "0" && fields[1] == "": // version 2
			least = min(least, groupsFree(root+"/sys/fs/cgroup", fields[2], "memory.max", "memory.current", "inactive_file"))
		case fields[1] == "memory":
			least = min(least, groupsFree(root+"/sys/fs/cgroup/memory", fields[2], "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return max(least, 1)
}

// machineFree is what the kernel estimates for the whole machine.
func machineFree(file string) (float64, bool) {
	f, err := os.Open(file)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib float64
		if n, _ := fmt.Sscanf(lines.Text(), "MemAvailable: %f kB", &kib); n == 1 {
			return kib * 1024, true
		}
	}
	return 0, false
}

// groupsFree is the least that a group and those it is in leave: a container may
// see its own group at the top, whatever its name says. Files in the page cache
// that nobody used of late make room.
func groupsFree(mount, group, limit, usage, cache string) float64 {
	least := math.Inf(1)
	for at := path.Clean("/" + group); ; at = path.Dir(at) {
		dir := mount + at
		bound, ok := number(dir + "/" + limit)
		used, known := number(dir + "/" + usage)
		if ok && known {
			least = min(least, max(0, bound-used+entry(dir+"/memory.stat", cache)))
		}
		if at == "/" {
			return least
		}
	}
}

// number reads a file of one number; a limit that is not set is "max".
func number(file string) (float64, bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(string(data)), 64)
	return v, err == nil
}

// entry reads the number behind a name, 0 where it is not there.
func entry(file, name string) float64 {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && key == name {
			v, err := strconv.ParseFloat(value, 64)
			if err == nil {
				return v
			}
		}
	}
	return 0
}
