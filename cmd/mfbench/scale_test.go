package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScale measures a small study and writes its files.
func TestScale(t *testing.T) {
	dir := t.TempDir()
	args := []string{"scale", "--d", "60,40,80", "--r", "1,2,4", "--threads", "1,2", "--rounds", "2", "--min-time", "0", "--quiet"}
	code, stdout, stderr := mfbench(t, dir, append(args, "--json")...)
	if code != 0 || strings.Count(stdout, "\n") != 1 || stderr != "" {
		t.Fatalf("exit %d, %s, %s", code, stdout, stderr)
	}
	o := lastJSON(t, stdout)
	points, _ := o["points"].([]any)
	if len(points) != 18 || o["sigma"] != "dense" || o["dtype"] != "f64" {
		t.Errorf("%d points, %v", len(points), o)
	}
	fits, _ := o["fits"].(map[string]any)
	regimes := map[string]bool{} // one fit over r for each: which there are depends on the machine
	for _, p := range points {
		p := p.(map[string]any)
		regimes[fmt.Sprint(p["d"], p["threads"], p["binds"])] = true
	}
	if d, r := fits["in_d"].([]any), fits["in_r"].([]any); len(d) != 12 || len(r) != len(regimes) || len(r) < 6 {
		t.Errorf("%d and %d fits, of %d regimes", len(d), len(r), len(regimes))
	}
	data, err := os.ReadFile(filepath.Join(dir, "out", "scale.json"))
	if err != nil || !json.Valid(data) {
		t.Errorf("scale.json: %v", err)
	}
	table, err := os.ReadFile(filepath.Join(dir, "out", "scale.csv"))
	if lines := strings.Split(strings.TrimSpace(string(table)), "\n"); err != nil || len(lines) != 19 || !strings.HasPrefix(lines[0], "d,r,threads,seconds,") {
		t.Errorf("scale.csv: %v, %s", err, table)
	}
	for _, ext := range []string{".svg", ".png"} {
		if info, err := os.Stat(filepath.Join(dir, "out", "scale"+ext)); err != nil || info.Size() < 1000 {
			t.Errorf("scale%s: %v", ext, err)
		}
	}
	code, stdout, stderr = mfbench(t, dir, "scale", "--sigma", "diagonal", "--d", "100", "--r", "1", "--threads", "1", "--rounds", "1", "--min-time", "1ms", "--out", "elsewhere")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "r = 1, one thread, all points: not enough points: 1, expected at least 3") || !strings.Contains(stdout, "saved "+filepath.Join("elsewhere", "scale.csv")) {
		t.Errorf("exit %d, %s, %s", code, stdout, stderr)
	}
}

func TestScaleRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "taken", "scale.json"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--d", "4000,x"}, 2, `--d: "x" is not a positive number; expected a list as 1,2,8`},
		{[]string{"--d", ""}, 2, "--d:"},
		{[]string{"--r", "0"}, 2, "--r:"},
		{[]string{"--threads", "1,-2"}, 2, "--threads:"},
		{[]string{"--threads", "100000"}, 2, "--threads is 100000"},
		{[]string{"--d", "10", "--r", "11"}, 2, "--r is at least 11 and --d at most 10"},
		{[]string{"--sigma", "sparse"}, 2, `--sigma is "sparse"`},
		{[]string{"--dtype", "f16"}, 2, `--dtype is "f16"`},
		{[]string{"--dtype", "mixed", "--sigma", "diagonal"}, 2, "--dtype mixed is for a dense Σ"},
		{[]string{"--dtype", "f32", "--sigma", "rounded"}, 2, "--sigma rounded is held as f32"},
		{[]string{"--rounds", "0"}, 2, "--rounds is 0"},
		{[]string{"--rounds", "9223372036854775807"}, 2, "--rounds is 9223372036854775807; expected at least 1 and at most 1000"},
		{[]string{"--min-time", "-1s"}, 2, "--min-time is -1s"},
		{[]string{"--min-time", "soon"}, 2, `--min-time is "soon"`},
		{[]string{"--out", ""}, 2, "--out is empty"},
		{[]string{"--backend", "mkl"}, 2, "backend mkl is unknown"},
		{[]string{"fast"}, 2, "takes no argument"},
		{[]string{"--d", "10,40000000"}, 1, "what would fit: d of at most"},
		{[]string{"--d", "10", "--out", "file"}, 1, "file: the directory cannot be made"},
		{[]string{"--d", "10", "--out", "taken"}, 1, filepath.Join("taken", "scale.json") + ": is a directory"},
	} {
		code, stdout, stderr := mfbench(t, dir, append([]string{"scale", "--r", "1"}, c.args...)...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: exit %d, %q, %q; want exit %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
}
