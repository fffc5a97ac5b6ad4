package kernel

import "testing"

func TestLargeIsZeroAndWritable(t *testing.T) {
	for _, n := range []int{0, 1, hugePage / 4, hugePage, 3*hugePage + 5} {
		s := Large[float32](n)
		if len(s) != n {
			t.Fatalf("Large(%d) has %d elements", n, len(s))
		}
		for i := range s {
			if s[i] != 0 {
				t.Fatalf("element %d of Large(%d) is %v", i, n, s[i])
			}
			s[i] = 1
		}
	}
}

func TestHugeRangeIsWholePagesInside(t *testing.T) {
	for _, c := range []struct{ address, size, skip, length uintptr }{
		{0, 0, 0, 0},
		{hugePage, 2*hugePage - 1, 0, 0},
		{hugePage, 2 * hugePage, 0, 2 * hugePage},
		{hugePage, 3*hugePage - 1, 0, 2 * hugePage},
		{hugePage + 64, 2 * hugePage, 0, 0},
		{hugePage + 64, 3*hugePage - 64, hugePage - 64, 2 * hugePage},
		{3*hugePage - 64, 2*hugePage + 64, 64, 2 * hugePage},
		{3*hugePage - 64, 2*hugePage + 63, 0, 0},
	} {
		if skip, length := hugeRange(c.address, c.size); skip != c.skip || length != c.length {
			t.Errorf("hugeRange(%#x, %#x) is %#x, %#x; want %#x, %#x", c.address, c.size, skip, length, c.skip, c.length)
		}
	}
}
