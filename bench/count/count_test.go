package main

import (
	"strings"
	"testing"
)

// taskDump is a dump at the end of a task.
func taskDump(self map[string]uint64) dump { return dump{atEnd, self} }

func TestCountsOf(t *testing.T) {
	dot := label{"f64", "Dot", "n=100", "element"}
	step := label{"f64", "step", "d=10", "element"}
	tasks := []task{{label: dot, Kernel: true, Units: 100}, {label: step, Units: 10}}
	dumps := []dump{
		taskDump(map[string]uint64{
			"lowrank/kernel.dotAVX2F64.abi0": 150, "lowrank/kernel.dotAVX2F64": 20, "lowrank/kernel.axpyAVX2F64.abi0": 0,
			"main.workload": 9, "runtime.sysmon": 1000,
		}),
		{"Program start", map[string]uint64{"lowrank/kernel.dotAVX2F64.abi0": 7}},
		taskDump(map[string]uint64{
			"lowrank/kernel.dotAVX2F64.abi0": 30, "lowrank/blas/native.pack": 10, "runtime.memmove": 5,
			"runtime.memclrNoHeapPointers": 4, "runtime.schedule": 1000, "main.entries": 1000,
		}),
	}
	assembly, err := countsOf(done{"avx2", "go1.26.8", tasks}, dumps)
	if err != nil {
		t.Fatal(err)
	}
	compare := func(got []count, want ...count) {
		t.Helper()
		for i, w := range want {
			if got[i] != w {
				t.Errorf("count %d is %+v, want %+v", i, got[i], w)
			}
		}
	}
	compare(assembly, count{key{"avx2", dot}, 1.5, ""}, count{key{"avx2", step}, 4.9, "go1.26"})
	generic, err := countsOf(done{"generic", "go1.26rc1", tasks}, dumps)
	if err != nil {
		t.Fatal(err)
	}
	compare(generic, count{key{"generic", dot}, 1.7, "go1.26rc1"}, count{key{"generic", step}, 4.9, "go1.26rc1"})
}

func TestCountsOfRefuses(t *testing.T) {
	one := func(units int, self map[string]uint64) (done, []dump) {
		return done{"avx2", "go1.26.8", []task{{label: label{Name: "Dot"}, Kernel: true, Units: units}}}, []dump{taskDump(self)}
	}
	check := func(d done, dumps []dump, want string) {
		t.Helper()
		if c, err := countsOf(d, dumps); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v and error %v; want %q", c, err, want)
		}
	}
	d, dumps := one(1, map[string]uint64{"main.workload": 5})
	check(d, dumps, "expected one")
	d, dumps = one(1, map[string]uint64{"lowrank/kernel.a.abi0": 5, "lowrank/kernel.b.abi0": 5})
	check(d, dumps, "expected one")
	d, dumps = one(0, map[string]uint64{"lowrank/kernel.a.abi0": 5})
	check(d, dumps, "5 instructions for 0 units")
	check(d, nil, "has 0 parts for 1 tasks")
	d.Row = "generic"
	check(d, []dump{taskDump(map[string]uint64{"runtime.mcall": 5})}, "0 instructions")
}

func TestRelease(t *testing.T) {
	for version, want := range map[string]string{"go1.26.8": "go1.26", "go1.26": "go1.26", "go1.27rc2": "go1.27rc2", "devel +abc": "devel +abc"} {
		if got := release(version); got != want {
			t.Errorf("release(%q) is %q, want %q", version, got, want)
		}
	}
}
