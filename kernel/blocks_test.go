package kernel

import (
	"math"
	"testing"
)

func TestBlocksFor(t *testing.T) {
	small := Numbers{MR: 4, NR: 4, KC: 256, Tile: 64, Lanes: 4}
	wide := Numbers{MR: 24, NR: 8, KC: 384, Tile: 128, Lanes: 4}
	for _, c := range []struct {
		name string
		n    Numbers
		elem int
		cpu  CPU
		want Blocks
	}{
		{"common server", small, 8, CPU{L1D: 32 << 10, L2: 512 << 10, L3: 32 << 20}, Blocks{MC: 128, KC: 256, NC: 4096, Tile: 64, SweepBytes: 256 << 10}},
		{"float32 doubles the blocks", small, 4, CPU{L1D: 32 << 10, L2: 512 << 10, L3: 32 << 20}, Blocks{MC: 256, KC: 256, NC: 8192, Tile: 64, SweepBytes: 256 << 10}},
		{"wide tile", wide, 8, CPU{L1D: 48 << 10, L2: 1 << 20, L3: 16 << 20}, Blocks{MC: 168, KC: 384, NC: 1360, Tile: 128, SweepBytes: 512 << 10}},
		{"unknown: zero", small, 8, CPU{}, Blocks{MC: 64, KC: 256, NC: 256, Tile: 64, SweepBytes: 128 << 10}},
		{"unknown: minus one", small, 8, CPU{L1D: -1, L2: -1, L3: -1}, Blocks{MC: 64, KC: 256, NC: 256, Tile: 64, SweepBytes: 128 << 10}},
		{"no L3", small, 8, CPU{L1D: 64 << 10, L2: 4 << 20}, Blocks{MC: 1024, KC: 256, NC: 512, Tile: 64, SweepBytes: 2 << 20}},
		{"L3 below L2", small, 8, CPU{L2: 4 << 20, L3: 1 << 20}, Blocks{MC: 1024, KC: 256, NC: 512, Tile: 64, SweepBytes: 2 << 20}},
		{"absurdly large", small, 8, CPU{L1D: math.MaxInt, L2: math.MaxInt, L3: math.MaxInt}, Blocks{MC: 4096, KC: 256, NC: 8192, Tile: 64, SweepBytes: 32 << 20}},
		{"absurdly small", wide, 8, CPU{L1D: 1, L2: 1, L3: 1}, Blocks{MC: 24, KC: 384, NC: 168, Tile: 128, SweepBytes: 128 << 10}},
	} {
		if got := BlocksFor(c.n, c.elem, c.cpu); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// What sets the order of sums must not follow the caches.
func TestCachesDoNotChangeTheOrderOfSums(t *testing.T) {
	n := Numbers{MR: 8, NR: 6, KC: 320, Tile: 96, Lanes: 4}
	for l2 := -1; l2 < 1<<30; l2 = max(l2*3, l2+100_000) {
		b := BlocksFor(n, 8, CPU{L1D: l2 / 4, L2: l2, L3: l2 * 2})
		if b.KC != n.KC || b.Tile != n.Tile {
			t.Fatalf("L2 = %d: KC %d, tile %d", l2, b.KC, b.Tile)
		}
		if b.MC < n.MR || b.MC%n.MR != 0 || b.NC < n.NR || b.NC%n.NR != 0 {
			t.Fatalf("L2 = %d: MC %d, NC %d are not multiples of the tile", l2, b.MC, b.NC)
		}
	}
}
