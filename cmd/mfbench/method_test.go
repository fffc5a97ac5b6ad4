package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lowrank/data/matio"
	"lowrank/data/problem"
)

// TestMethods: both methods end at the same X, with the same claims, trace and
// times, and krylov says what it took.
func TestMethods(t *testing.T) {
	dir := t.TempDir()
	run := func(method string, args ...string) map[string]any {
		t.Helper()
		args = append([]string{
			"solve", "symmetric", "--rank", "3", "--step", "0.1", "--iters", "800", "--json",
			"--method", method, "--save-x", method + ".npy", "--trace", method + ".csv",
		}, args...)
		code, out, errs := mfbench(t, dir, args...)
		if code != 0 {
			t.Fatalf("%v: exit %d, %s", args, code, errs)
		}
		return lastJSON(t, out)
	}
	sigmaFiles(t, dir, 80)
	for _, of := range [][]string{
		{"--sigma", "dense.npy", "--theory"},
		{"--sigma-diag", "diag.npy", "--theory"},
		{"--sigma-factor", "factor.npy", "--sigma-eig", "eig.npy"},
		{"--data", "factor-t.npy"},
		{"--sigma", "sparse.mtx", "--theory"},
		{"--generate", "fig1", "--d", "300", "--theory"},
		{"--generate", "fig1", "--d", "400", "--form", "diagonal", "--theory", "--init", "small"},
		{"--generate", "fig1", "--d", "300", "--dtype", "mixed"},
		{"--generate", "fig1", "--d", "100", "--theory", "--step", "0.001", "--rank", "2", "--iters", "40000"},
	} {
		direct, krylov := run("direct", of...), run("krylov", of...)
		x, y := read(t, filepath.Join(dir, "direct.npy")), read(t, filepath.Join(dir, "krylov.npy"))
		var d, n float64
		for i, v := range x {
			d, n = math.Hypot(d, v-y[i]), math.Hypot(n, v)
		}
		if !(d <= 1e-10*n) {
			t.Errorf("%v: X differs by %.2g", of, d/n)
		}
		if krylov["method"] != "krylov" || direct["method"] != "direct" {
			t.Errorf("%v: methods %v and %v", of, direct["method"], krylov["method"])
		}
		passes, size := krylov["passes"].(float64), krylov["basis_size"].(float64)
		ahead := 1.0 // for the error in the trace, which a diagonal Σ needs no pass for
		if said := fmt.Sprint(of); strings.Contains(said, "--theory") || strings.Contains(said, "diag") {
			ahead = 0
		}
		if !(passes > 3 && passes < 100) || !(size > passes && size <= 4*passes) || direct["passes"] != direct["iterations"].(float64)+ahead {
			t.Errorf("%v: %g passes and %g vectors; directly %v passes", of, passes, size, direct["passes"])
		}
		if e := krylov["basis_error"].(float64) + krylov["rounding_error"].(float64); !(e > 0 && e < 1e-10) {
			t.Errorf("%v: errors %v and %v", of, krylov["basis_error"], krylov["rounding_error"])
		}
		for _, key := range []string{"error", "distance", "iterations", "times", "checks"} {
			if a, b := direct[key], krylov[key]; !alike(a, b) {
				t.Errorf("%v: %s is %v directly, and %v", of, key, a, b)
			}
		}
	}
	auto := run("auto", "--generate", "fig1", "--d", "1000", "--vary", "seed=1:2")
	for _, r := range auto["runs"].([]any) {
		if r := r.(map[string]any); r["method"] != "krylov" || r["passes"].(float64) > 100 {
			t.Errorf("auto took %v with %v passes", r["method"], r["passes"])
		}
	}
	if auto["shared"] != true || auto["passes"] != auto["runs"].([]any)[0].(map[string]any)["passes"] {
		t.Errorf("%v passes in all, shared: %v", auto["passes"], auto["shared"])
	}
	// The basis is left where it has cost as much as the direct method would.
	path := []string{"--sigma", "path.mtx", "--rank", "1", "--iters", "4000"}
	left, direct := run("auto", path...), run("direct", path...)
	if at, ok := left["left_basis_at"].(float64); !ok || left["basis_error"] != nil || left["passes"].(float64) <= 4000-at || left["passes"].(float64) >= 4000 {
		t.Errorf("left at %v, %v passes, error %v", left["left_basis_at"], left["passes"], left["basis_error"])
	}
	if !alike(direct["error"], left["error"]) {
		t.Errorf("a run that left its basis has the error %v, directly %v", left["error"], direct["error"])
	}
	if short := run("auto", "--generate", "fig1", "--d", "1000", "--iters", "5"); short["method"] != "direct" {
		t.Errorf("auto took %v for five iterations", short["method"])
	}
	code, _, errs := mfbench(t, dir, "solve", "symmetric", "--generate", "fig1", "--d", "300", "--rank", "2", "--step", "1.7", "--iters", "600", "--method", "krylov")
	if code != 0 {
		t.Errorf("a chaotic run: exit %d, %s", code, errs)
	}
}

// sigmaFiles writes a Σ of order d in every form.
func sigmaFiles(t *testing.T, dir string, d int) {
	at := func(name string) string { return filepath.Join(dir, name) }
	rnd := rand.New(rand.NewPCG(1, 2))
	diag, dense := make([]float64, d), make([]float64, d*d)
	sparse := "%%MatrixMarket matrix coordinate real symmetric\n" + fmt.Sprintf("%d %d %d\n", d, d, 2*d-1)
	const size = 10000
	path := fmt.Sprintf("%%%%MatrixMarket matrix coordinate real symmetric\n%d %d %d\n", size, size, 2*size-1) // a spectrum without gaps
	for i := range size {
		path += fmt.Sprintf("%d %d 0.5\n", i+1, i+1)
		if i > 0 {
			path += fmt.Sprintf("%d %d 0.25\n", i+1, i)
		}
	}
	for i := range d {
		diag[i] = 1 / float64(i+1)
		for j := range i + 1 {
			v := rnd.NormFloat64() / float64(d)
			if i == j {
				v += diag[i]
			}
			dense[i*d+j], dense[j*d+i] = v, v
		}
		sparse += fmt.Sprintf("%d %d %g\n", i+1, i+1, diag[i])
		if i > 0 {
			sparse += fmt.Sprintf("%d %d 0.01\n", i+1, i)
		}
	}
	const k = 12
	factor, turned, eig := make([]float64, d*k), make([]float64, d*k), make([]float64, k)
	for i := range factor {
		factor[i] = rnd.NormFloat64() / math.Sqrt(float64(d))
		turned[i%k*d+i/k] = factor[i] * 3
	}
	for i := range eig {
		eig[i] = 1 - float64(i)/8 // some below zero
	}
	write(t, at("dense.npy"), []int{d, d}, dense)
	write(t, at("diag.npy"), []int{d}, diag)
	write(t, at("factor.npy"), []int{d, k}, factor)
	write(t, at("factor-t.npy"), []int{k, d}, turned)
	write(t, at("eig.npy"), []int{k}, eig)
	for name, text := range map[string]string{"sparse.mtx": sparse, "path.mtx": path} {
		if err := os.WriteFile(at(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMethodsOfFactors: both methods end at the same X and Y, with the same trace.
func TestMethodsOfFactors(t *testing.T) {
	dir := t.TempDir()
	for _, of := range [][]string{
		{"--m", "120", "--n", "90", "--true-rank", "4", "--noise", "0.1", "--step", "0.3"},
		{"--m", "90", "--n", "120", "--true-rank", "4", "--form", "product", "--step", "theory", "--theory"},
		{"--m", "90", "--n", "70", "--true-rank", "3", "--step", "0.2", "--simultaneous", "--init", "random"},
	} {
		objects := map[string]map[string]any{}
		for _, method := range []string{"direct", "krylov"} {
			args := append([]string{
				"solve", "asymmetric", "--generate", "lowrank", "--rank", "6", "--iters", "300", "--json",
				"--method", method, "--save-x", method + "-x.npy", "--save-y", method + "-y.npy", "--trace", method + ".csv",
			}, of...)
			code, out, errs := mfbench(t, dir, args...)
			if code != 0 {
				t.Fatalf("%v: exit %d, %s", args, code, errs)
			}
			objects[method] = lastJSON(t, out)
		}
		for _, factor := range []string{"-x.npy", "-y.npy"} {
			x, y := read(t, filepath.Join(dir, "direct"+factor)), read(t, filepath.Join(dir, "krylov"+factor))
			var d, n float64
			for i, v := range x {
				d, n = math.Hypot(d, v-y[i]), math.Hypot(n, v)
			}
			if !(d <= 1e-10*n) {
				t.Errorf("%v: %s differs by %.2g", of, factor, d/n)
			}
		}
		direct, krylov := objects["direct"], objects["krylov"]
		if krylov["method"] != "krylov" || direct["method"] != "direct" || !(krylov["passes"].(float64) < 60) || direct["passes"] != 300.0 {
			t.Errorf("%v: methods %v and %v, %v and %v passes", of, direct["method"], krylov["method"], direct["passes"], krylov["passes"])
		}
		for i, check := range verdicts(direct) {
			if got := verdicts(krylov); got[i] != check {
				t.Errorf("%v: directly %s, and %s", of, check, got[i])
			}
		}
		for _, key := range []string{"error", "distance", "iterations", "gradient"} {
			if !alike(direct[key], krylov[key]) {
				t.Errorf("%v: %s is %v directly, and %v", of, key, direct[key], krylov[key])
			}
		}
		_, want, err := matio.ReadCSV(filepath.Join(dir, "direct.csv"))
		_, got, err2 := matio.ReadCSV(filepath.Join(dir, "krylov.csv"))
		if err != nil || err2 != nil || len(want) != len(got) {
			t.Fatal(err, err2, len(want), len(got))
		}
		for i, row := range want {
			for c, v := range row {
				if v == v && !(math.Abs(got[i][c]-v) <= 1e-8*math.Abs(v)+1e-12) {
					t.Fatalf("%v: row %d, column %d of the trace is %g directly, and %g", of, i, c, v, got[i][c])
				}
			}
		}
	}
	code, _, errs := mfbench(t, dir, "solve", "asymmetric", "--generate", "lowrank", "--m", "30", "--n", "20", "--true-rank", "2", "--rank", "3", "--step", "0.1", "--theory", "--method", "krylov")
	if code != 0 {
		t.Errorf("exit %d, %q", code, errs)
	}
	code, out, errs := mfbench(t, dir, "solve", "asymmetric", "--generate", "lowrank", "--m", "90", "--n", "70", "--true-rank", "3", "--noise", "0.1", "--rank", "4",
		"--init", "random", "--iters", "200", "--method", "krylov", "--vary", "seed=1:3", "--vary", "step=0.1,0.05", "--json")
	if code != 0 {
		t.Fatalf("exit %d, %q", code, errs)
	}
	all := lastJSON(t, out)
	if runs := all["runs"].([]any); all["shared"] != true || len(runs) != 6 || !(all["passes"].(float64) < 60) || runs[5].(map[string]any)["passes"] != all["passes"] {
		t.Errorf("%d runs, %v passes, shared: %v", len(runs), all["passes"], all["shared"])
	}
}

// verdicts are the claims of a run with what came of them.
func verdicts(out map[string]any) (list []string) {
	checks, _ := out["checks"].([]any)
	for _, c := range checks {
		c := c.(map[string]any)
		list = append(list, fmt.Sprint(c["name"], ": ", c["verdict"]))
	}
	return list
}

// alike compares what --json says, with numbers to nine digits.
func alike(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Abs(a-b) <= 1e-9*math.Abs(a)+1e-11
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !alike(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k := range a {
			if !alike(a[k], b[k]) {
				return false
			}
		}
		return true
	}
	return a == b
}

func read(t *testing.T, path string) []float64 {
	t.Helper()
	m, err := problem.ReadMatrix[float64](path)
	if err != nil {
		t.Fatal(err)
	}
	return m.Data
}

func TestBadMethods(t *testing.T) {
	dir := t.TempDir()
	sigma := []string{"solve", "symmetric", "--generate", "fig1", "--d", "50", "--rank", "2", "--step", "0.1", "--iters", "5"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--method", "newton"}, `--method is "newton"; expected direct, krylov or auto`},
		{[]string{"--method", "krylov", "--dtype", "f32"}, "--method krylov computes in float64; use --dtype f64, or mixed where Σ is dense"},
		{[]string{"--method", "krylov", "--krylov-tol", "0"}, "--krylov-tol is 0; expected a number from 1e-15 to below 1"},
		{[]string{"--krylov-tol", "1e-9"}, "--krylov-tol belongs to --method krylov or auto"},
	} {
		code, _, errs := mfbench(t, dir, append(sigma, c.args...)...)
		if code != 2 || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d, %q", c.args, code, errs)
		}
	}
	// An eigenvalue is there twice, and the start has no part in it.
	d := 30
	multiple, start := make([]float64, d*d), make([]float64, d)
	for i := range d {
		multiple[i*d+i] = 0.5 / float64(i+1)
	}
	multiple[0], multiple[d+1], start[4] = 1, 1, 0.1
	write(t, filepath.Join(dir, "multiple.npy"), []int{d, d}, multiple)
	write(t, filepath.Join(dir, "start.npy"), []int{d, 1}, start)
	for _, method := range []string{"direct", "krylov"} {
		code, _, errs := mfbench(t, dir, "solve", "symmetric", "--sigma", "multiple.npy", "--x0", "start.npy", "--rank", "1", "--step", "theory", "--iters", "5", "--method", method)
		if code != 2 || !strings.Contains(errs, "strictly decreasing") {
			t.Errorf("%s: exit %d, %q", method, code, errs)
		}
	}
	plan := append([]string{"plan"}, sigma[1:]...)
	if code, _, errs := mfbench(t, dir, append(plan, "--method", "krylov")...); code != 2 || !strings.Contains(errs, "plan predicts direct") {
		t.Errorf("plan: exit %d, %q", code, errs)
	}
}
