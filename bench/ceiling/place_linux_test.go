package ceiling

import (
	"slices"
	"testing"
)

func TestProcessors(t *testing.T) {
	list := processors()
	sorted := slices.Compact(slices.Sorted(slices.Values(list)))
	if len(list) == 0 || len(sorted) != len(list) {
		t.Errorf("processors %v", list)
	}
	if n := lastLevelSharers(); n < 0 || n > len(list) {
		t.Errorf("%d of %d processors share an L3 cache", n, len(list))
	}
}

func TestNumbers(t *testing.T) {
	for list, want := range map[string][]int{
		"0\n": {0}, "0-3,8,10-11\n": {0, 1, 2, 3, 8, 10, 11}, "": nil, "3-1": nil, "x": nil, "0-": nil, "0-99999999": nil,
	} {
		if got := numbers(list); !slices.Equal(got, want) {
			t.Errorf("%q holds %v, want %v", list, got, want)
		}
	}
}
