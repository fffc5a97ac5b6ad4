package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"lowrank/bench/ceiling"
	"lowrank/bench/scale"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
)

// scaleFile is the scale.json of a directory.
func scaleFile(t *testing.T, dir string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "scale.json"))
	o := map[string]any{}
	if err == nil {
		err = json.Unmarshal(data, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// cancelAfter is a context that is cancelled when it has been asked so many times.
type cancelAfter struct {
	context.Context
	cancel context.CancelFunc
	left   int
}

func (c *cancelAfter) Err() error {
	if c.left--; c.left < 0 {
		c.cancel()
	}
	return c.Context.Err()
}

// TestScaleCancelled: what has been visited is saved; before that nothing is.
func TestScaleCancelled(t *testing.T) {
	dir := t.TempDir()
	args := []string{"scale", "--d", "30,40,50", "--r", "1", "--threads", "1", "--rounds", "3", "--min-time", "0", "--quiet", "--json", "--out"}
	for _, c := range []struct {
		asked int
		want  string
		saved bool
	}{
		{0, "cancelled; none of 9 visits was made", false},
		{6, "cancelled; 5 of 9 visits are in ", true}, // once for the limits
	} {
		out := filepath.Join(dir, c.want[:12])
		ctx, cancel := context.WithCancel(t.Context())
		var stdout, stderr bytes.Buffer
		code := execute(&cancelAfter{ctx, cancel, c.asked}, append(args, out), &stdout, &stderr)
		cancel()
		if code != 1 || !strings.Contains(stderr.String(), c.want) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("exit %d, %s; want %q", code, &stderr, c.want)
		}
		if !c.saved {
			if files, err := os.ReadDir(out); err != nil || len(files) > 0 {
				t.Errorf("%v, %v", files, err)
			}
			continue
		}
		o := scaleFile(t, out)
		if printed := lastJSON(t, stdout.String()); printed["visits"] != 5.0 || o["visits"] != 5.0 || o["status"] != "cancelled" {
			t.Errorf("%v", o)
		}
		for i, visits := range []float64{1, 2, 2} {
			if p := o["points"].([]any)[i].(map[string]any); p["visits"] != visits || p["binds"] != "bytes" && p["binds"] != "flops" || (p["scatter"] == nil) != (visits == 1) {
				t.Errorf("point %d: %v", i, p)
			}
		}
		for _, ext := range []string{".csv", ".svg", ".png"} {
			if _, err := os.Stat(filepath.Join(out, "scale"+ext)); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestScaleObject: what is not known is null, with a note, and the file says what
// --json does.
func TestScaleObject(t *testing.T) {
	b, err := blas.Open("native", 1)
	if err != nil {
		t.Fatal(err)
	}
	s := &scaling{Common: run.Common{Out: t.TempDir()}}
	point := scale.Point{D: 100, R: 1, Threads: 1, Seconds: 1, Low: 1, High: 1, Visits: 1, Samples: 3, Bytes: 1, Flops: 1, Bound: 1}
	r := measured{Study: scale.Study{D: []int{100}, R: []int{1}, Threads: []int{1}, Rounds: 1, DType: "f64"}, b: b, why: "no more memory", points: []scale.Point{point}, status: "done"}
	if err := s.save(r); err != nil {
		t.Fatal(err)
	}
	o := scaleFile(t, s.Out)
	note, _ := o["note"].(string)
	if last, ok := o["last_cache"]; !ok || last != nil || o["limits"].([]any)[0].(map[string]any)["last_cache"] != nil || !strings.Contains(note, "does not say how large the last cache is") || o["largest_because"] != "no more memory" {
		t.Errorf("%v", o)
	}
	r.Caches = ceiling.Caches{L3: 8 << 20}
	if o := r.object(); o["last_cache"] != float64(8<<20) || o["note"] != nil {
		t.Errorf("%v", o)
	}
}

// TestScaleUnderLimit: a small run works where addresses are limited.
func TestScaleUnderLimit(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("ulimit -v is not kept everywhere")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("/bin/sh", "-c", `ulimit -v 3000000; exec "$0" scale --d 100,200 --r 1 --threads 1 --rounds 2 --min-time 0 --json`, self)
	child.Dir, child.Env = t.TempDir(), append(os.Environ(), asProgram+"=1")
	var stdout, stderr bytes.Buffer
	child.Stdout, child.Stderr = &stdout, &stderr
	if err := child.Run(); err != nil {
		t.Fatalf("%v: %.500s", err, &stderr)
	}
	if o := lastJSON(t, stdout.String()); o["visits"] != 4.0 {
		t.Errorf("%v", o)
	}
	child = exec.Command("/bin/sh", "-c", `ulimit -v 3000000; exec "$0" scale --d 40000 --r 1 --threads 1`, self)
	child.Dir, child.Env = t.TempDir(), append(os.Environ(), asProgram+"=1")
	if out, err := child.CombinedOutput(); err == nil || !strings.Contains(string(out), "what would fit: d of at most") {
		t.Errorf("%v: %.500s", err, out)
	}
}
