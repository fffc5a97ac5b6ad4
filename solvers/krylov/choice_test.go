package krylov

import (
	"math"
	"testing"
)

// TestFaster: what the counts of operations choose.
func TestFaster(t *testing.T) {
	dense := func(d int) Work {
		n := float64(d)
		return Work{Rows: []int{d}, Bytes: 4 * n * n, Flops: func(r int) float64 { return 2 * n * n * float64(r) }}
	}
	factors := func(m, n, rank int) Work {
		a := float64(m) * float64(n)
		return Work{Rows: []int{m, n}, Bytes: 8 * a, Flops: func(k int) float64 { return 4 * a * float64(k) }, Rank: rank}
	}
	diagonal := func(d int) Work {
		n := float64(d)
		return Work{Rows: []int{d}, Bytes: 8 * n, Flops: func(r int) float64 { return 2 * n * float64(r) }}
	}
	for _, c := range []struct {
		name           string
		w              Work
		r, iters, runs int
		want           bool
	}{
		{"d = 4000", dense(4000), 2, 5000, 1, true},
		{"few iterations", dense(4000), 2, 20, 1, false},
		{"d = 300", dense(300), 2, 3000, 1, true},
		{"many columns", dense(600), 16, 2000, 1, false},
		{"ten seeds", dense(1000), 2, 4000, 10, true},
		{"800×600", factors(800, 600, 0), 10, 2000, 1, true},
		{"of rank 5", factors(800, 600, 5), 10, 30, 1, true},
		{"a small diagonal", diagonal(2000), 2, 200000, 1, false},
		{"endless", dense(300), 2, math.MaxInt, 1, true},
		{"endless, ten seeds", dense(100), 8, math.MaxInt / 4, 10, false},
	} {
		w := c.w
		w.Columns, w.Iterations, w.Runs, w.Bases = c.r, c.iters, c.runs, c.runs
		if got := w.Faster(0); got != c.want {
			t.Errorf("%s: a basis is expected to be faster: %t, want %t", c.name, got, c.want)
		}
		if w.Faster(1000) {
			t.Errorf("%s: a basis is taken for which there is no memory", c.name)
		}
		if limits := w.Limits(true, 10, 0); limits != (Limits{Direct: w.Direct(), Iterations: c.iters}) {
			t.Errorf("%s: limits %+v", c.name, limits)
		}
		if limits := w.Limits(false, 10, 1<<30); limits.Direct != 0 || limits.Vectors < 10 {
			t.Errorf("%s: limits of runs that do not leave: %+v", c.name, limits)
		}
	}
}
