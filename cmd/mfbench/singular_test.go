package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// TestSmallSigmaR: σ_r of a file, at any distance from σ_1 that float64 tells from 0.
func TestSmallSigmaR(t *testing.T) {
	dir := t.TempDir()
	const m, n = 16, 8
	for _, c := range []struct {
		sigma  float64
		dtype  string
		within float64 // of σ_r, 0 where it cannot be told
	}{
		{0x1p-10, "f64", 1e-12}, {0x1p-23, "f64", 1e-8}, {0x1p-27, "f64", 1e-7}, {0x1p-40, "f64", 1e-3}, {0, "f64", 0},
		{0x1p-10, "f32", 1e-3}, {0x1p-27, "f32", 0},
	} {
		// Reflections I − (2/m)uuᵀ of vectors of ±1 round nothing: the singular values are exact.
		d := []float64{1, 0.5, 0.125, c.sigma}
		reflection := func(n, i, k int) float64 {
			h := -2 / float64(n)
			if (i/2+k/2)%2 == 1 {
				h = -h
			}
			if i == k {
				h++
			}
			return h
		}
		a := make([]float64, 0, m*n)
		for i := range m {
			for j := range n {
				var s float64
				for k, sigma := range d {
					s += reflection(m, i, k) * sigma * reflection(n, j, k)
				}
				a = append(a, s)
			}
		}
		write(t, filepath.Join(dir, "a.npy"), []int{m, n}, a)
		args := []string{"asymmetric", "--a", "a.npy", "--rank", "6", "--true-rank", "4", "--step", "theory", "--iters", "3", "--dtype", c.dtype}
		code, stdout, stderr := mfbench(t, dir, append([]string{"solve"}, append(args, "--json")...)...)
		if c.within == 0 {
			if code != 2 || !strings.Contains(stderr, "σ_4 of A is 0 to rounding") {
				t.Errorf("σ_4 = %g, %s: exit %d: %s", c.sigma, c.dtype, code, stderr)
			}
			continue
		}
		if code != 0 {
			t.Errorf("σ_4 = %g, %s: exit %d: %s", c.sigma, c.dtype, code, stderr)
			continue
		}
		_, checked := claims(t, dir, args...)
		for way, object := range map[string]map[string]any{"values": lastJSON(t, stdout), "triplets": checked} {
			if got, _ := object["sigma_r"].(float64); !(math.Abs(got-c.sigma) <= c.within*c.sigma) {
				t.Errorf("σ_4 is %v in %s from %s, want %v", got, c.dtype, way, c.sigma)
			}
		}
	}
}
