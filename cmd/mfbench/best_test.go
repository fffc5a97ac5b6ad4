package main

import (
	"math"
	"testing"
)

// TestBestError: runs that end at their optimum have the best error beside their own. The
// best errors follow from the spectra: 1, 0.98, 0.96, then 57 evenly from 0.9 to −0.5; 1, ¾, ½
// of A; 4, 2, 1 of Ŵ.
func TestBestError(t *testing.T) {
	t.Chdir(t.TempDir())
	var indefinite []float64
	for i := range 57 {
		indefinite = append(indefinite, 0.9-1.4*float64(i)/56)
	}
	best := func(matched []float64, rest ...float64) float64 {
		var m, r float64
		for _, v := range matched {
			m += v * v
		}
		for _, v := range rest {
			r += v * v
		}
		return math.Sqrt(r / (m + r))
	}
	leads := []float64{1, 0.98, 0.96}
	for _, c := range []struct {
		args, key string
		want      float64
	}{
		{"symmetric --generate indefinite --d 60 --rank 3 --step 0.2", "error", best(leads, indefinite...)},
		{"symmetric --generate indefinite --d 60 --rank 3 --step 0.2 --dtype f32", "error", best(leads, indefinite...)},
		{"symmetric --generate indefinite --d 60 --rank 3 --step 0.2 --method krylov", "error", best(leads, indefinite...)},
		{"symmetric --generate indefinite --d 60 --rank 3 --step 0.2 --form diagonal", "error", best(leads, indefinite...)},
		{"symmetric --sigma S.npy --rank 1 --step 0.1", "error", best([]float64{2 + math.Sqrt2}, 2, 2-math.Sqrt2)},
		{"asymmetric --generate lowrank --ratio 0.5 --true-rank 3 --m 20 --n 30 --rank 2 --init random --step 0.2", "error", best([]float64{1, 0.75}, 0.5)},
		{"asymmetric --a S.npy --rank 1 --init random --step 0.1", "error", best([]float64{2 + math.Sqrt2}, 2, 2-math.Sqrt2)},
		{"deep --generate symmetric --n 3 --eigenvalues 4,2,1 --depth 2 --width 2 --init gaussian --step 0.05", "error", best([]float64{4, 2}, 1)},
		{"sensing --generate gaussian --n 8 --count 4000 --true-rank 4 --rank 2 --scale 0.1 --step 0.25", "distance", math.Sqrt(0.5)},
	} {
		write(t, "S.npy", []int{3, 3}, []float64{2, 1, 0, 1, 2, 1, 0, 1, 2})
		got, _ := solved(t, c.args)
		reached, least := got[c.key].(float64), math.NaN()
		if v, ok := got["best_"+c.key].(float64); ok {
			least = v
		}
		near := 1e-6
		if c.key == "distance" { // the optimum on the measurements is not that of the distance
			near = 0.1
		}
		if !(math.Abs(least/c.want-1) < 1e-6) || !(reached >= least*(1-1e-6)) || !(reached <= least*(1+near)) {
			t.Errorf("%s: %s %.9g, the best %.9g; expected %.9g", c.args, c.key, reached, least, c.want)
		}
	}
}
