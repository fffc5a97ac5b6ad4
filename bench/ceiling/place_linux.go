package ceiling

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// processors are those that the process may use, one of each core first, so that
// few threads do not share a core. It is nil where that is not known.
func processors() []int {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil
	}
	var firsts, siblings []int
	cores := map[string]bool{}
	for i, left := 0, set.Count(); left > 0; i++ {
		if !set.IsSet(i) {
			continue
		}
		left--
		data, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", i))
		core := string(data)
		if err == nil && cores[core] {
			siblings = append(siblings, i)
			continue
		}
		cores[core] = true
		firsts = append(firsts, i)
	}
	return append(firsts, siblings...)
}

// pin keeps the thread on a processor. Where that is refused, it goes where the
// system puts it.
func pin(processor int) {
	var set unix.CPUSet
	set.Set(processor)
	_ = unix.SchedSetaffinity(0, &set)
}

// lastLevelSharers is how many of the processors that the process may use share
// the L3 cache of the first one; 0 where that is not known.
func lastLevelSharers() int {
	mine := processors()
	if len(mine) == 0 {
		return 0
	}
	data, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/cache/index3/shared_cpu_list", mine[0]))
	if err != nil {
		return 0
	}
	n := 0
	for _, i := range numbers(string(data)) {
		if slices.Contains(mine, i) {
			n++
		}
	}
	return n
}

// numbers reads a list such as "0-3,8,10-11".
func numbers(list string) []int {
	var out []int
	for _, part := range strings.Split(strings.TrimSpace(list), ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		a, err1 := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || b < a || b-a > 1<<16 {
			return nil
		}
		for i := a; i <= b; i++ {
			out = append(out, i)
		}
	}
	return out
}
