package ceiling

import (
	"slices"
	"testing"
)

// made is the sweep of a made-up machine: the rate falls to the next level's where
// the working sets of all threads leave a cache.
func made(threads, largest int, c Caches, rates [4]float64) []Point {
	var points []Point
	for _, bytes := range sizes(largest, 3) {
		rate := rates[3]
		switch {
		case bytes <= c.L1D:
			rate = rates[0]
		case bytes <= c.L2:
			rate = rates[1]
		case bytes <= c.ShareOfL3(threads):
			rate = rates[2]
		}
		points = append(points, Point{threads, bytes, rate})
	}
	return points
}

func TestLevels(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	rates := [4]float64{800, 400, 200, 50}
	for _, c := range []struct {
		name    string
		threads int
		largest int // working set of a thread
		real    Caches
		said    Caches // what the processor says
		want    map[string]float64
	}{
		{"usual", 2, 256 * mib, Caches{32 * kib, 512 * kib, 32 * mib, 2}, Caches{32 * kib, 512 * kib, 32 * mib, 2},
			map[string]float64{"L1": 800, "L2": 400, "L3": 200}},
		{"sharers unknown", 8, 64 * mib, Caches{48 * kib, 2 * mib, 256 * mib, 8}, Caches{48 * kib, 2 * mib, 256 * mib, 0},
			map[string]float64{"L1": 800, "L2": 400, "L3": 200}},
		{"several L3", 96, 64 * mib, Caches{32 * kib, 1 * mib, 32 * mib, 8}, Caches{32 * kib, 1 * mib, 32 * mib, 8},
			map[string]float64{"L1": 800, "L2": 400, "L3": 200}},
		{"a share of L3 hardly larger than L2", 64, 64 * mib, Caches{32 * kib, 1 * mib, 128 * mib, 64}, Caches{32 * kib, 1 * mib, 128 * mib, 64},
			map[string]float64{"L1": 800, "L2": 400, "L3": 200}},
		{"a share of L3 smaller than L2", 64, 64 * mib, Caches{32 * kib, 2 * mib, 64 * mib, 64}, Caches{32 * kib, 2 * mib, 64 * mib, 64},
			map[string]float64{"L1": 800, "L2": 400}},
		{"no L3", 2, 64 * mib, Caches{32 * kib, 512 * kib, 0, 0}, Caches{32 * kib, 512 * kib, -1, 0},
			map[string]float64{"L1": 800, "L2": 400}},
		{"nothing known", 2, 64 * mib, Caches{32 * kib, 512 * kib, 32 * mib, 2}, Caches{-1, 0, -1, 0}, nil},
		{"L1 unknown", 2, 64 * mib, Caches{32 * kib, 512 * kib, 32 * mib, 2}, Caches{0, 512 * kib, 32 * mib, 2},
			map[string]float64{"L3": 200}},
		{"an enormous L3", 2, 64 * mib, Caches{32 * kib, 512 * kib, 1 << 40, 2}, Caches{32 * kib, 512 * kib, 1 << 40, 2},
			map[string]float64{"L1": 800, "L2": 400, "L3": 200}},
		{"a tiny processor", 1, 8 * mib, Caches{8 * kib, 64 * kib, 0, 0}, Caches{8 * kib, 64 * kib, 0, 0},
			map[string]float64{"L2": 400}},
		{"little memory", 1, 16 * kib, Caches{32 * kib, 512 * kib, 32 * mib, 1}, Caches{32 * kib, 512 * kib, 32 * mib, 1},
			map[string]float64{"L1": 800}},
	} {
		points := made(c.threads, c.largest, c.real, rates)
		got := map[string]float64{}
		for _, l := range levels(points, c.said, c.threads) {
			got[l.Name] = l.Rate
			if l.Threads != c.threads || !slices.ContainsFunc(points, func(p Point) bool { return p.Bytes == l.Bytes }) {
				t.Errorf("%s: %+v was not measured", c.name, l)
			}
		}
		for _, name := range []string{"L1", "L2", "L3"} {
			if got[name] != c.want[name] {
				t.Errorf("%s: %s at %g, want %g", c.name, name, got[name], c.want[name])
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		largest, octave int
		want            []int // of 8 KiB
	}{
		{0, 3, []int{1}},
		{8 << 10, 1, []int{1}},
		{64 << 10, 1, []int{1, 2, 4, 8}},
		{64 << 10, 3, []int{1, 2, 3, 4, 5, 6, 8}},
		{65 << 10, 1, []int{1, 2, 4, 8}},
	} {
		got := sizes(c.largest, c.octave)
		for i := range got {
			got[i] /= 8 << 10
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("sizes(%d, %d) are %v times 8 KiB, want %v", c.largest, c.octave, got, c.want)
		}
	}
}

func TestThreadCounts(t *testing.T) {
	for n, want := range map[int][]int{
		1: {1}, 2: {1, 2}, 5: {1, 2, 3, 4, 5}, 8: {1, 2, 3, 4, 5, 6, 7, 8}, 9: {1, 2, 3, 4, 5, 6, 7, 8, 9},
		16: {1, 2, 3, 4, 5, 6, 7, 8, 16}, 96: {1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 96},
	} {
		if got := ThreadCounts(n); !slices.Equal(got, want) {
			t.Errorf("up to %d: %v, want %v", n, got, want)
		}
	}
}

func TestMemoryBytes(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	zen := Caches{32 << 10, mib / 2, 32 * mib, 2}
	for _, c := range []struct {
		name      string
		caches    Caches
		threads   int
		share     float64
		available float64
		want      int
	}{
		{"16 times L3 and L2", zen, 2, 0.5, 24 * gib, 16 * 33 * mib},
		{"nothing known", Caches{-1, -1, 0, 0}, 2, 0.5, 0, 512 * mib},
		{"two L3", Caches{32 << 10, mib, 32 * mib, 8}, 16, 0.5, 256 * gib, 16 * (2*32 + 16) * mib},
		{"many threads", Caches{}, 64, 0.5, 256 * gib, 4 * gib},
		{"half of what there is", zen, 2, 0.5, 512 * mib, 256 * mib},
		{"hardly any", zen, 2, 0.5, 1, 132 * mib},
		{"hardly any", zen, 2, 0.5, 1, 132 * mib},
		{"an enormous L3", Caches{32 << 10, mib, 4 * gib, 0}, 2, 0.5, 256 * gib, 16 * gib},
	} {
		if got := memoryBytes(c.caches, c.threads, c.share, c.available); got != c.want {
			t.Errorf("%s: %d MiB, want %d", c.name, got/mib, c.want/mib)
		}
	}
}
