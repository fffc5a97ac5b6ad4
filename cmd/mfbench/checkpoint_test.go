package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestResume breaks a run at several places; the last piece leaves the files
// of an unbroken run, byte for byte.
func TestResume(t *testing.T) {
	dir := inputs(t)
	for _, dtype := range []string{"f64", "f32"} {
		for _, source := range [][]string{{"--generate", "fig1", "--d", "600"}, {"--generate", "fig1", "--d", "300", "--form", "diagonal"}} {
			base := append([]string{"solve", "symmetric", "--rank", "3", "--step", "0.1", "--theory", "--every", "7", "--dtype", dtype}, source...)
			whole := append(base, "--iters", "130", "--save-x", "whole.npy", "--trace", "whole.csv")
			if code, _, stderr := mfbench(t, dir, whole...); code != 0 {
				t.Fatal(stderr)
			}
			os.Remove(filepath.Join(dir, "cp"))
			os.Remove(filepath.Join(dir, "cp.previous"))
			var stdout string
			for _, iters := range []string{"21", "50", "50", "130"} {
				code, out, stderr := mfbench(t, dir, append(base, "--iters", iters, "--save-x", "x.npy", "--trace", "t.csv", "--checkpoint", "cp", "--checkpoint-every", "20", "--resume", "--json")...)
				if code != 0 || stderr != "" {
					t.Fatalf("exit %d: %s", code, stderr)
				}
				stdout = out
			}
			if got := lastJSON(t, stdout); got["iterations"] != 130.0 || got["passes"] != 130.0 {
				t.Errorf("%v iterations, %v passes in all", got["iterations"], got["passes"])
			}
			for _, pair := range [][2]string{{"whole.npy", "x.npy"}, {"whole.csv", "t.csv"}} {
				a, err := os.ReadFile(filepath.Join(dir, pair[0]))
				if err != nil {
					t.Fatal(err)
				}
				b, err := os.ReadFile(filepath.Join(dir, pair[1]))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(a, b) {
					t.Errorf("%s %v: %s of the broken run differs from that of the unbroken one", dtype, source, pair[1])
				}
			}
		}
	}
}

// TestResumeInBasis is TestResume for runs in a Krylov basis, whose passes are those of
// the unbroken run.
func TestResumeInBasis(t *testing.T) {
	dir := inputs(t)
	sigmaFiles(t, dir, 80)
	for _, base := range [][]string{
		{"solve", "symmetric", "--generate", "fig1", "--d", "400", "--rank", "3", "--theory"},
		{"solve", "symmetric", "--sigma", "dense.npy", "--rank", "2", "--theory"}, // eigenpairs from the basis
		{"solve", "symmetric", "--generate", "fig1", "--d", "2000", "--rank", "2", "--method", "auto"},
		{"solve", "asymmetric", "--generate", "lowrank", "--m", "90", "--n", "70", "--true-rank", "3", "--rank", "5", "--noise", "0.1", "--init", "random", "--theory"},
	} {
		if !slices.Contains(base, "auto") {
			base = append(base, "--method", "krylov")
		}
		base = append(base, "--step", "0.1", "--every", "7", "--trace", "t.csv")
		files := []string{"x.npy", "t.csv"}
		args := func(out, iters string, more ...string) []string {
			return append(append(base[:len(base):len(base)], "--iters", iters, "--save-x", filepath.Join(out, "x.npy"), "--trace", filepath.Join(out, "t.csv"), "--json"), more...)
		}
		for _, out := range []string{"whole", "broken"} {
			if err := os.MkdirAll(filepath.Join(dir, out), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		os.Remove(filepath.Join(dir, "cp"))
		os.Remove(filepath.Join(dir, "cp.previous"))
		code, whole, stderr := mfbench(t, dir, args("whole", "130")...)
		if code != 0 {
			t.Fatal(stderr)
		}
		var broken string
		for _, iters := range []string{"110", "120", "130"} {
			if code, broken, stderr = mfbench(t, dir, args("broken", iters, "--checkpoint", "cp", "--checkpoint-every", "20", "--resume")...); code != 0 {
				t.Fatal(stderr)
			}
		}
		if m := lastJSON(t, whole)["method"]; m != "krylov" {
			t.Errorf("%v: method %v", base, m)
		}
		for _, key := range []string{"iterations", "passes", "basis_size", "basis_error", "rounding_error", "error"} {
			if a, b := lastJSON(t, whole)[key], lastJSON(t, broken)[key]; a != b {
				t.Errorf("%s: %s is %v, unbroken %v", base[1], key, b, a)
			}
		}
		for _, name := range files {
			a, err := os.ReadFile(filepath.Join(dir, "whole", name))
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(filepath.Join(dir, "broken", name))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s: %s of the broken run differs from that of the unbroken one", base[1], name)
			}
		}
	}
	code, _, stderr := mfbench(t, dir, "solve", "asymmetric", "--generate", "lowrank", "--m", "90", "--n", "70", "--true-rank", "3", "--rank", "5", "--noise", "0.1", "--init", "random", "--theory",
		"--step", "0.1", "--every", "7", "--trace", "t.csv", "--checkpoint", "cp", "--resume")
	if code != 1 || !strings.Contains(stderr, "belongs to another run") {
		t.Errorf("the direct method took the checkpoint of the other: exit %d, %q", code, stderr)
	}
}

func TestResumeRefuses(t *testing.T) {
	dir := inputs(t)
	base := []string{"solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--iters", "50", "--checkpoint", "cp"}
	if code, _, stderr := mfbench(t, dir, append(base, "--step", "0.1")...); code != 0 {
		t.Fatal(stderr)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{append(base, "--step", "0.2", "--resume"), 1, "cp: the checkpoint belongs to another run"},
		{append(base, "--step", "0.1", "--seed", "2", "--resume"), 1, "belongs to another run"},
		{append(base, "--step", "0.1", "--backend", "gonum", "--resume"), 1, "belongs to another run"},
		{append(base, "--step", "0.1", "--iters", "20", "--resume"), 1, "cp: the checkpoint is at iteration 50; --iters is 20"},
		{append(base, "--step", "0.1", "--checkpoint-every", "0"), 2, "--checkpoint-every is 0"},
		{[]string{"solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--step", "0.1", "--resume"}, 2, "belong to --checkpoint"},
	} {
		code, _, stderr := mfbench(t, dir, c.args...)
		if code != c.code || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d, %q; want exit %d and %q", c.args, code, stderr, c.code, c.want)
		}
	}
	// A cancelled run leaves a checkpoint of where it was.
	t.Chdir(dir)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	if code := execute(ctx, append(base, "--step", "0.3"), &out, &errs); code != 1 {
		t.Errorf("exit %d", code)
	}
	if code, stdout, stderr := mfbench(t, dir, append(base, "--step", "0.3", "--resume", "--json")...); code != 0 || lastJSON(t, stdout)["iterations"] != 50.0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}
