package memory

import (
	"math"
	"testing"
	"testing/fstest"
)

// TestGroupMemory: the tightest limit of a control group and of those above it
// counts, in both versions, and pages of files can be had back.
func TestGroupMemory(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text + "\n")} }
	for _, c := range []struct {
		name, self string
		files      fstest.MapFS
		want       float64
	}{
		{"no groups", "", fstest.MapFS{}, math.Inf(1)},
		{"version 2", "0::/user/run\n", fstest.MapFS{
			"user/run/memory.max": file("1000"), "user/run/memory.current": file("700"),
		}, 300},
		{"version 2, no limit", "0::/user\n", fstest.MapFS{"user/memory.max": file("max"), "user/memory.current": file("700")}, math.Inf(1)},
		{"the limit of the parent", "0::/user/run\n", fstest.MapFS{
			"user/run/memory.max": file("max"), "user/memory.max": file("5000"), "user/memory.current": file("1000"),
		}, 4000},
		{"files", "0::/\n", fstest.MapFS{
			"memory.max": file("1000"), "memory.current": file("900"), "memory.stat": file("anon 1\ninactive_file 400\nactive_file 200"),
		}, 700},
		{"high below max", "0::/\n", fstest.MapFS{
			"memory.max": file("1000"), "memory.high": file("600"), "memory.current": file("500"), "memory.stat": file("active_file 50"),
		}, 150},
		{"high alone", "0::/a\n", fstest.MapFS{"a/memory.max": file("max"), "a/memory.high": file("600"), "a/memory.current": file("500")}, 100},
		{"max below high", "0::/a\n", fstest.MapFS{"a/memory.max": file("550"), "a/memory.high": file("600"), "a/memory.current": file("500")}, 50},
		{"more taken than allowed", "0::/\n", fstest.MapFS{"memory.max": file("1000"), "memory.current": file("1200")}, 0},
		{"version 1", "9:name=systemd:/\n4:memory:/a/b\n0::/\n", fstest.MapFS{
			"memory/a/b/memory.limit_in_bytes": file("9223372036854771712"), "memory/a/b/memory.usage_in_bytes": file("10"),
			"memory/a/memory.limit_in_bytes": file("800"), "memory/a/memory.usage_in_bytes": file("500"),
			"memory/a/memory.stat": file("total_inactive_file 100"),
		}, 400},
		{"a group that the container does not see", "0::/outside/box\n", fstest.MapFS{"memory.max": file("64"), "memory.current": file("4")}, 60},
		{"beside version 1", "4:cpu,memory:/\n0::/x\n", fstest.MapFS{
			"memory/memory.limit_in_bytes": file("50"), "unified/x/memory.max": file("20"),
		}, 20},
	} {
		if got := groupMemory(c.files, []byte(c.self)); got != c.want {
			t.Errorf("%s: %g bytes left; want %g", c.name, got, c.want)
		}
	}
}

// TestPeak: the peak is at least what the process holds, and grows with it.
func TestPeak(t *testing.T) {
	if Available() <= 0 || Resident() <= 0 || Peak() < Resident()/2 {
		t.Errorf("available %g, resident %g, peak %g", Available(), Resident(), Peak())
	}
	before := Peak()
	if Available() < 128<<20 {
		t.Skip("too little memory")
	}
	block := make([]byte, 64<<20)
	for i := 0; i < len(block); i += 4096 {
		block[i] = 1
	}
	if grown := Peak(); grown < max(before, 64<<20) {
		t.Errorf("the peak was %g before 64 MiB and is %g with them", before, grown)
	}
	if block[4096] != 1 {
		t.Error("a block that is not kept")
	}
}
