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
