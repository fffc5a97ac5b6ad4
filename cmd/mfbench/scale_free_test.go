package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"lowrank/solvers"
)

// TestScaleFree: a covariance in other units, with the start and the step that belong to
// them, is the same run, in float32 and float64, to its last iterate.
func TestScaleFree(t *testing.T) {
	const d = 12
	dir := inputs(t)
	z := solvers.Gaussian(d, d, 1, 5, "scale")
	solve := func(c float64, more ...string) (code int, out map[string]any, stderr string) {
		sigma := make([]float64, d*d)
		for i := range d {
			for j := range d {
				for k := range d {
					sigma[i*d+j] += c * z.Row(i)[k] * z.Row(j)[k] * math.Pow(0.3, float64(k)) / d
				}
			}
		}
		write(t, filepath.Join(dir, "c.npy"), []int{d, d}, sigma)
		code, stdout, stderr := mfbench(t, dir, append([]string{"solve", "symmetric", "--sigma", "c.npy", "--rank", "2", "--scale", fmt.Sprint(0.1 * math.Sqrt(c)),
			"--step", fmt.Sprint(0.0625 / c), "--iters", "20000", "--tol", "1e-4", "--json", "--quiet"}, more...)...)
		if strings.TrimSpace(stdout) != "" {
			out = lastJSON(t, stdout)
		}
		return code, out, stderr
	}
	for _, way := range []struct {
		name   string
		flags  []string
		exact  bool // powers of 4 change no bit
		scales []int
	}{
		{"f32", []string{"--dtype", "f32"}, true, []int{-46, -22, 22, 46}}, // 4^46 = 5e27
		{"f64", nil, true, []int{-249, -120, 120, 249}},
		{"krylov", []string{"--method", "krylov"}, false, []int{-249, -120, 120, 249}},
	} {
		_, one, _ := solve(1, way.flags...)
		if one["status"] != "converged" || one["iterations"].(float64) < 20 {
			t.Fatalf("%s: at scale 1: %v", way.name, one)
		}
		for _, k := range way.scales {
			code, got, stderr := solve(math.Ldexp(1, 2*k), way.flags...)
			if code != 0 || got["status"] != one["status"] || got["iterations"] != one["iterations"] {
				t.Fatalf("%s, 4^%d: exit %d, %s%v; at scale 1 %v", way.name, k, code, stderr, got, one)
			}
			for _, key := range []string{"error", "gradient"} {
				g, w := got[key].(float64), one[key].(float64)
				if tolerance := 1e-8 * w; way.exact && key == "gradient" && g != w || !(math.Abs(g-w) <= tolerance) {
					t.Errorf("%s, 4^%d: %s is %v; at scale 1 %v", way.name, k, key, g, w)
				}
			}
		}
	}
	if code, _, stderr := solve(1e-46, "--dtype", "f32", "--step", "1"); code != 1 || !strings.Contains(stderr, "f32 holds full digits from 1.18e-38 on") {
		t.Errorf("Σ below float32: exit %d: %s", code, stderr)
	}
	if code, _, stderr := solve(1, "--dtype", "f32", "--scale", "1e-60"); code != 1 || !strings.Contains(stderr, "X_0: the largest element") {
		t.Errorf("X_0 below float32: exit %d: %s", code, stderr)
	}
}

// TestZeroMatrix: nothing is relative to a Σ of zero, and no tolerance can be judged.
func TestZeroMatrix(t *testing.T) {
	dir := inputs(t)
	write(t, filepath.Join(dir, "zero.npy"), []int{5, 5}, make([]float64, 25))
	for _, way := range []string{"direct", "krylov"} {
		run := []string{"solve", "symmetric", "--sigma", "zero.npy", "--rank", "2", "--step", "0.1", "--iters", "10", "--method", way}
		code, stdout, stderr := mfbench(t, dir, append(run, "--json")...)
		if code != 0 {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		got := lastJSON(t, stdout)
		e, known := got["absolute_error"].(float64)
		if got["error"] != nil || !known || !(e > 0) {
			t.Errorf("%s: error %v, absolute %v", way, got["error"], got["absolute_error"])
		}
		_, stdout, _ = mfbench(t, dir, run...)
		if !strings.Contains(stdout, fmt.Sprintf("%.6g   ‖Σ − XXᵀ‖_F, absolute: Σ is zero", e)) {
			t.Errorf("%s: %s", way, stdout)
		}
		if code, _, stderr = mfbench(t, dir, append(run, "--tol", "1e-6")...); code != 1 || !strings.Contains(stderr, "--tol 1e-06 could not be judged") {
			t.Errorf("%s: a tolerance ends with exit %d: %s", way, code, stderr)
		}
	}
}
