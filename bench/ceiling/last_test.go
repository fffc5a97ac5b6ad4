package ceiling

import "testing"

// TestLast: every group of sharers has an L3 cache of its own.
func TestLast(t *testing.T) {
	const mib = 1 << 20
	for _, c := range []struct {
		name    string
		caches  Caches
		threads int
		want    float64
		known   bool
	}{
		{"a thread", Caches{L3: 32 * mib, Sharers: 8}, 1, 32 * mib, true},
		{"one L3", Caches{L3: 32 * mib, Sharers: 8}, 8, 32 * mib, true},
		{"one more", Caches{L3: 32 * mib, Sharers: 8}, 9, 64 * mib, true},
		{"twelve L3", Caches{L3: 32 * mib, Sharers: 8}, 96, 12 * 32 * mib, true},
		{"sharers unknown", Caches{L3: 32 * mib}, 96, 32 * mib, true},
		{"unknown", Caches{L2: mib, Sharers: 8}, 96, usualL3, false},
		{"said to be -1", Caches{L3: -1}, 2, usualL3, false},
	} {
		if got, known := c.caches.Last(c.threads); got != c.want || known != c.known {
			t.Errorf("%s: %g, known %v; want %g, %v", c.name, got, known, c.want, c.known)
		}
	}
}
