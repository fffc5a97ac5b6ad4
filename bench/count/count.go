package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// count is one line of the table.
type count struct {
	key
	Each float64 // instructions per unit of work
	Go   string  // the compiler that the number follows, "go1.26"; empty for assembly
}

// key says what was counted.
type key struct {
	Row string
	label
}

func (k key) String() string {
	return fmt.Sprintf("%s %s %s, %s", k.Row, k.Types, k.Name, k.Shape)
}

// countsOf takes the counts of the tasks from the profile of their run.
func countsOf(d done, dumps []dump) ([]count, error) {
	dumps = slices.DeleteFunc(slices.Clone(dumps), func(p dump) bool { return p.Trigger != atEnd })
	if len(dumps) != len(d.Tasks) {
		return nil, fmt.Errorf("the profile of row %s has %d parts for %d tasks", d.Row, len(dumps), len(d.Tasks))
	}
	var counts []count
	for i, t := range d.Tasks {
		c := count{key: key{d.Row, t.label}}
		var instructions uint64
		if t.Kernel && d.Row != "generic" {
			names := assemblyIn(dumps[i])
			if len(names) != 1 {
				return nil, fmt.Errorf("%s ran the assembly functions %q; expected one", c.key, names)
			}
			instructions = dumps[i].Self[names[0]]
		} else {
			instructions = ours(dumps[i])
			c.Go = release(d.Go)
		}
		if instructions == 0 || t.Units <= 0 {
			return nil, fmt.Errorf("%s: %d instructions for %d units of work; expected some", c.key, instructions, t.Units)
		}
		c.Each = float64(instructions) / float64(t.Units)
		counts = append(counts, c)
	}
	return counts, nil
}

// assemblyIn lists the kernels in assembly that ran. What stands in tables of
// functions is a wrapper of the compiler's, which is left out.
func assemblyIn(d dump) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(d.Self)), func(name string) bool {
		return d.Self[name] == 0 || !strings.HasPrefix(name, "lowrank/kernel.") || !strings.HasSuffix(name, ".abi0")
	})
}

// ours adds up the functions of this module's packages, and those of the runtime
// that copy and clear for them. The scheduler, which may look in at any time, is
// left out.
func ours(d dump) uint64 {
	var sum uint64
	for name, n := range d.Self {
		if strings.HasPrefix(name, "lowrank/") || name == "runtime.memmove" || name == "runtime.memclrNoHeapPointers" {
			sum += n
		}
	}
	return sum
}

// release is go1.26 for go1.26.3.
func release(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(len(parts), 2)], ".")
}
