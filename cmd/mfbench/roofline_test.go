package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lowrank/bench/roofline"
)

// smallRoof makes the command take a second.
func smallRoof(t *testing.T) {
	full := fullRoof
	fullRoof = roofline.Effort{Ceilings: 300 * time.Millisecond, Operation: time.Millisecond, Octave: 1, Memory: 8 << 20, Small: true}
	t.Cleanup(func() { fullRoof = full })
}

func TestRoofline(t *testing.T) {
	smallRoof(t)
	dir := t.TempDir()
	code, stdout, stderr := mfbench(t, dir, "roofline", "--threads", "2", "--backend", "native", "--out", "roof", "--json")
	if code != 0 || stderr != "" {
		t.Fatalf("code %d, stderr %q", code, stderr)
	}
	o := lastJSON(t, stdout)
	for _, name := range []string{
		"bandwidth_gbs", "peak_f64_gfs", "peak_f32_gfs", "bound_bandwidth_gbs", "copy_gbs", "copy_with_write_allocate_gbs", "copy_past_caches_gbs",
		"triad_gbs", "triad_with_write_allocate_gbs", "axpy_gbs", "memory_bytes", "seconds", "total_seconds", "threads", "cores",
	} {
		if v, ok := o[name].(float64); !ok || !(v > 0) {
			t.Errorf("%s is %v", name, o[name])
		}
	}
	for name, want := range map[string]any{"status": "measured", "backend": "native", "threads": 2.0, "dtype": "f64", "quick": false} {
		if o[name] != want {
			t.Errorf("%s is %v, want %v", name, o[name], want)
		}
	}
	if o["bound_bandwidth_gbs"].(float64) < o["bandwidth_gbs"].(float64) {
		t.Errorf("the best of several loops, %v, is below one of them, %v", o["bound_bandwidth_gbs"], o["bandwidth_gbs"])
	}
	for list, fields := range map[string][]string{
		"levels": {"threads", "working_set_bytes", "gbs"}, "sweep": {"threads", "working_set_bytes", "gbs"},
		"traffic": {"threads", "gbs"}, "rows": {"threads", "gfs"},
		"operations": {"number", "intensity", "bytes", "flops", "seconds", "gbs", "gfs", "share"},
	} {
		rows, _ := o[list].([]any)
		if len(rows) == 0 {
			t.Errorf("%s is %v", list, o[list])
		}
		for _, row := range rows {
			for _, name := range fields {
				if v, ok := row.(map[string]any)[name].(float64); !ok || !(v > 0) {
					t.Errorf("%s: %s of %v", list, name, row)
				}
			}
		}
	}
	files, _ := o["files"].([]any)
	if len(files) != len(roofline.Files)+1 {
		t.Errorf("files %v", files)
	}
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(dir, f.(string))); err != nil {
			t.Error(err)
		}
	}
	saved, err := os.ReadFile(filepath.Join(dir, "roof", "roofline.json"))
	if err != nil || !strings.Contains(string(saved), `"bandwidth_gbs"`) {
		t.Errorf("roofline.json: %v", err)
	}
}

// TestRooflineAlone: without operations and without files.
func TestRooflineAlone(t *testing.T) {
	smallRoof(t)
	dir := t.TempDir()
	code, stdout, stderr := mfbench(t, dir, "roofline", "--threads", "1", "--dtype", "f32", "--no-operations", "--quiet", "--json")
	if code != 0 || stderr != "" {
		t.Fatalf("code %d, stderr %q", code, stderr)
	}
	o := lastJSON(t, stdout)
	if ops, ok := o["operations"].([]any); !ok || len(ops) != 0 {
		t.Errorf("operations are %v", o["operations"])
	}
	if left := list(t, dir); len(left) != 0 {
		t.Errorf("it wrote %v", left)
	}
}

func TestRooflineBadInput(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--dtype", "mixed"}, 2, `--dtype is "mixed"; expected f64 or f32`},
		{[]string{"--threads", "0"}, 2, "--threads is 0; expected at least 1"},
		{[]string{"--threads", "x"}, 2, "--threads"},
		{[]string{"--backend", "nothing"}, 2, "nothing"},
		{[]string{"--out", ""}, 2, "--out is empty"},
		{[]string{"--out", "file"}, 1, "file: the directory cannot be made"},
		{[]string{"quick"}, 2, "takes no argument"},
		{[]string{"--seed", "1"}, 2, "--seed"},
	} {
		code, stdout, stderr := mfbench(t, dir, append([]string{"roofline"}, c.args...)...)
		if code != c.code || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: code %d, stdout %q, stderr %q; want code %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
}
