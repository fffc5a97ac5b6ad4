package deep

import "testing"

// TestFaster: what the counts of operations choose.
func TestFaster(t *testing.T) {
	for _, c := range []struct {
		name string
		w    Work
		want bool
	}{
		// 2·200n³ on four threads, 12n³ and 24n² an iteration of three factors.
		{"as many iterations as the decomposition takes", Work{Order: 1000, Factors: 3, Iterations: 34, Runs: 1, Threads: 4}, true},
		{"too few", Work{Order: 1000, Factors: 3, Iterations: 33, Runs: 1, Threads: 4}, false},
		{"too few on four threads are enough on two", Work{Order: 1000, Factors: 3, Iterations: 33, Runs: 1, Threads: 2}, true},
		{"too few for one run are enough for two", Work{Order: 1000, Factors: 3, Iterations: 33, Runs: 2, Threads: 4}, true},
		{"with the theory", Work{Order: 1000, Factors: 3, Iterations: 1, Runs: 1, Threads: 4, Theory: true}, true},
		{"with two iterates recorded", Work{Order: 1000, Factors: 3, Iterations: 1, Runs: 1, Threads: 4, Records: 2}, true},
		{"with one", Work{Order: 1000, Factors: 3, Iterations: 1, Runs: 1, Threads: 4, Records: 1}, false},
		{"with the norm", Work{Order: 1000, Factors: 3, Iterations: 30, Runs: 1, Threads: 4, Norm: true}, true},
		{"no iterations", Work{Order: 1000, Factors: 3, Runs: 1, Threads: 4}, false},
		{"a small Ŵ of one factor", Work{Order: 10, Factors: 1, Iterations: 1 << 40, Runs: 1, Threads: 1}, false},
		{"a small Ŵ of two factors", Work{Order: 10, Factors: 2, Iterations: 1 << 40, Runs: 1, Threads: 1}, true},
	} {
		if got := c.w.Faster(); got != c.want {
			t.Errorf("%s: the eigenvalues are expected to be faster: %t, want %t (%g of %d runs against %g)",
				c.name, got, c.want, c.w.Direct(), c.w.Runs, c.w.Spectral())
		}
	}
}

// TestWorkOfProducts: a run by products is its iterations, for a problem of each count.
func TestWorkOfProducts(t *testing.T) {
	w := Work{Order: 10, Factors: 3, Iterations: 7, Runs: 5, Threads: 4}
	const cube, square, gain = 1000.0, 100.0, 2.0
	base := 7 * (6*2*cube + 8*3*square)
	for name, c := range map[string]struct {
		change func(w *Work)
		want   float64
	}{
		"alone":    {func(w *Work) {}, base},
		"theory":   {func(w *Work) { w.Theory = true }, base + gain*200*cube + 8*4*gain*35*cube},
		"recorded": {func(w *Work) { w.Records = 4.5 }, base + 4.5*4*gain*40*cube},
		"norm":     {func(w *Work) { w.Norm = true }, base + gain*40*cube},
	} {
		v := w
		c.change(&v)
		if got := v.Direct(); got != c.want {
			t.Errorf("%s: %g operations, want %g", name, got, c.want)
		}
		if got, want := v.Spectral(), gain*200*cube+5*7*500*10.0; got != want {
			t.Errorf("%s: %g operations of the eigenvalues, want %g", name, got, want)
		}
	}
}
