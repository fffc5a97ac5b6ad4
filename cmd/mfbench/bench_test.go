package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"

	"lowrank/cmd/mfbench/internal/run"
)

// TestBench: what the command prints is read by the format's own reader, with
// machine, limits and needs.
func TestBench(t *testing.T) {
	code, out, errs := mfbench(t, ".", "bench", "SymmetricStep", "^DeepStep.*depth=3", "--size", "small", "--benchtime", "2x", "--count", "2", "--r", "2", "--backend", "native,gonum", "--threads", "1")
	if code != run.ExitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	seen := map[string]int{}
	for r := benchfmt.NewReader(strings.NewReader(out), "stdout"); r.Scan(); {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			t.Fatalf("%v", r.Result())
		}
		seen[string(res.Name.Base())]++
		for _, key := range []string{"cpu", "row", "l1d", "l2", "l3", "bandwidth-gbs", "peak-f64-gfs", "peak-f32-gfs"} {
			if res.GetConfig(key) == "" {
				t.Errorf("%s has no %s", res.Name, key)
			}
		}
		if res.GetConfig("threads") != "1" || res.Iters != 2 {
			t.Errorf("%s: %d iterations on %s threads", res.Name, res.Iters, res.GetConfig("threads"))
		}
		for _, unit := range []string{"sec/op", "iter/s", "GB/s", "GF/s", "%bound"} {
			if v, ok := res.Value(unit); !ok || v <= 0 {
				t.Errorf("%s: %s is %g", res.Name, unit, v)
			}
		}
	}
	if seen["SymmetricStep"] != 2*2*3 || seen["DeepStep"] != 2*2 || len(seen) != 2 {
		t.Errorf("ran %v", seen)
	}
}

func TestBenchJSON(t *testing.T) {
	code, out, errs := mfbench(t, ".", "bench", "Level3.*gemm", "--json", "--benchtime", "1x", "--d", "32,48", "--dtype", "f32", "--backend", "native")
	var object struct {
		Status     string
		Keys       map[string]any
		Benchmarks []map[string]any
		Peak       float64 `json:"peak_f32_gfs"`
	}
	if err := json.Unmarshal([]byte(out), &object); code != run.ExitOK || err != nil || strings.Count(out, "\n") != 1 {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	var names []string
	for _, b := range object.Benchmarks {
		names = append(names, b["name"].(string))
		for _, unit := range []string{"ns/op", "iter/s", "GB/s", "GF/s", "%bound", "iterations"} {
			if v, ok := b[unit].(float64); !ok || v <= 0 {
				t.Errorf("%s: %s is %v", b["name"], unit, b[unit])
			}
		}
	}
	want := []string{"Level3/backend=native/dtype=f32/routine=gemm/d=32", "Level3/backend=native/dtype=f32/routine=gemm/d=48"}
	if object.Status != "done" || object.Keys["row"] == nil || object.Peak <= 0 || !slices.Equal(names, want) {
		t.Errorf("%+v", object)
	}
}

func TestBenchErrors(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"bench", "NoSuch"}, `no benchmark is called "NoSuch"`},
		{[]string{"bench", "("}, `pattern "("`},
		{[]string{"bench", "--d", "10,x"}, `--d is "10,x": "x" is not a positive number`},
		{[]string{"bench", "--r", ""}, `--r is ""`},
		{[]string{"bench", "--size", "huge"}, "expected small, standard or full"},
		{[]string{"bench", "--dtype", "mixed"}, "expected f64, f32"},
		{[]string{"bench", "--backend", "mkl"}, "mkl is unknown"},
		{[]string{"bench", "--threads", "0"}, "--threads is 0"},
		{[]string{"bench", "--count", "0"}, "--count is 0"},
		{[]string{"bench", "DeepStep", "--benchtime", "fast"}, `--benchtime is "fast"`},
		{[]string{"bench", "SymmetricStep.*dense", "--d", "50000000", "--r", "1"}, "memory"},
	} {
		code, out, errs := mfbench(t, ".", c.args...)
		if code == run.ExitOK || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: exit %d, %q, want %q (stdout %q)", c.args, code, errs, c.want, out)
		}
	}
}

// TestProfiles: each file is one that its tool reads, and none of the flags
// stands in a configuration.
func TestProfiles(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	flags := []string{"--cpuprofile", path("cpu"), "--memprofile", path("mem"), "--exectrace", path("trace")}
	solve := append([]string{"solve", "symmetric", "--generate", "fig1", "--d", "60", "--rank", "2", "--step", "0.1", "--iters", "50", "--save-x", path("x.npy"), "--quiet"}, flags...)
	for _, args := range [][]string{solve, append([]string{"bench", "DeepStep", "--size", "small", "--benchtime", "2x"}, flags...)} {
		if code, _, errs := mfbench(t, ".", args...); code != run.ExitOK {
			t.Fatalf("exit %d: %s", code, errs)
		}
		for name, head := range map[string]string{"cpu": "\x1f\x8b", "mem": "\x1f\x8b", "trace": "go 1."} {
			data, err := os.ReadFile(path(name))
			if err != nil || !strings.HasPrefix(string(data), head) {
				t.Errorf("%s begins with %.8q: %v", name, data, err)
			}
			if err := os.Remove(path(name)); err != nil {
				t.Error(err)
			}
		}
	}
	config, err := os.ReadFile(path("x.npy.toml"))
	if err != nil || strings.Contains(string(config), "profile") || strings.Contains(string(config), "exectrace") {
		t.Errorf("%v: %s", err, config)
	}
	clash := append(solve[:len(solve)-len(flags):len(solve)-len(flags)], "--cpuprofile", path("x.npy"))
	if code, _, errs := mfbench(t, dir, clash...); code != run.ExitUsage || !strings.Contains(errs, "two results") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
