package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVary: runs that share their passes leave the files of each alone, byte
// for byte; the configuration beside a result repeats that run.
func TestVary(t *testing.T) {
	for _, c := range []struct {
		args   []string
		result string
		vary   []string
		runs   int
	}{
		{[]string{"symmetric", "--generate", "fig1", "--d", "150", "--rank", "2", "--step", "0.1", "--iters", "60"}, "save-x", []string{"seed=3:6"}, 4},
		{[]string{"symmetric", "--sigma", "s.npy", "--rank", "2", "--iters", "60", "--theory"}, "save-x", []string{"step=0.1,0.05", "scale=0.5,0.1,0.01"}, 6},
		{[]string{"symmetric", "--generate", "fig1", "--form", "diagonal", "--d", "50", "--rank", "2", "--step", "0.1", "--tol", "0.1"}, "save-x", []string{"seed=1,5"}, 2},
		{[]string{"asymmetric", "--generate", "lowrank", "--m", "130", "--n", "70", "--true-rank", "2", "--rank", "4", "--iters", "60"}, "save-x", []string{"seed=1:3", "step=0.1,0.2"}, 6},
		{[]string{"asymmetric", "--a", "a.mtx", "--rank", "2", "--simultaneous", "--step", "0.1", "--iters", "60", "--dtype", "f32"}, "save-y", []string{"seed=1:3"}, 3},
		{[]string{"sensing", "--generate", "gaussian", "--n", "15", "--count", "150", "--true-rank", "2", "--rank", "3", "--step", "0.2", "--iters", "60", "--power"}, "save-u", []string{"seed=1:3", "scale=1e-3,1e-2"}, 6},
		{[]string{"sensing", "--entries", "e.mtx", "--rank", "2", "--iters", "60"}, "save-u", []string{"step=0.1,0.05"}, 2},
		{[]string{"deep", "--target", "w.npy", "--depth", "3", "--init", "gaussian", "--step", "0.01", "--iters", "60"}, "save-w", []string{"seed=1:2", "scale=1,0.5"}, 4},
		{[]string{"deep", "--generate", "symmetric", "--n", "6", "--eigenvalues", "2,1", "--depth", "2", "--init", "perturbed", "--step", "0.01", "--iters", "60"}, "save-w", []string{"scale=0.1,0.2"}, 2},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			dir := systemInputs(t)
			args := append([]string{"solve"}, c.args...)
			for _, v := range c.vary {
				args = append(args, "--vary", v)
			}
			code, stdout, stderr := mfbench(t, dir, append(args, "--"+c.result, "r.out", "--trace", "t.csv", "--every", "7", "--json")...)
			if code != 0 || stderr != "" {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			got := lastJSON(t, stdout)
			runs := got["runs"].([]any)
			if len(runs) != c.runs {
				t.Fatalf("%d runs, want %d", len(runs), c.runs)
			}
			for i := range runs {
				name := func(base, ext string) string { return fmt.Sprintf("%s-%d%s", base, i+1, ext) }
				code, stdout, stderr := mfbench(t, dir, "solve", c.args[0], "--config", name("r", ".out")+".toml", "--"+c.result, "alone.out", "--trace", "alone.csv", "--json")
				if code != 0 {
					t.Fatalf("run %d alone: exit %d: %s", i+1, code, stderr)
				}
				sameFiles(t, dir, name("r", ".out"), "alone.out")
				sameFiles(t, dir, name("t", ".csv"), "alone.csv")
				alone := lastJSON(t, stdout)
				for _, key := range []string{"error", "iterations", "status", "gradient"} {
					if run := runs[i].(map[string]any); run[key] != alone[key] {
						t.Errorf("run %d: %s is %v, alone %v", i+1, key, run[key], alone[key])
					}
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "r.out")); err == nil {
				t.Error("a result without a number was written")
			}
			if code, stdout, stderr := mfbench(t, dir, append(args, "--out", "o")...); code != 0 || !strings.Contains(stdout, fmt.Sprintf("%d runs", c.runs)) {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
		})
	}
}

func TestVaryRefuses(t *testing.T) {
	dir := systemInputs(t)
	before := list(t, dir)
	base := []string{"solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--iters", "5"}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--step", "0.1", "--vary", "rank=1,2"}, `--vary is "rank=1,2"; expected seed=1:10`},
		{[]string{"--step", "0.1", "--vary", "seed"}, `--vary is "seed"`},
		{[]string{"--step", "0.1", "--vary", "seed=1,x"}, `--vary seed has "x"`},
		{[]string{"--step", "0.1", "--vary", "seed=5:1"}, "the range ends before it begins"},
		{[]string{"--step", "0.1", "--vary", "seed=1:100000"}, "expected at most 10000 seeds"},
		{[]string{"--step", "0.1", "--vary", "seed=1", "--vary", "seed=2"}, "--vary names seed twice"},
		{[]string{"--vary", "step=0.1,-1"}, `--vary step has "-1"; expected positive numbers`},
		{[]string{"--vary", "scale=0.1,0.2"}, "--step is missing"},
		{[]string{"--step", "0.1", "--vary", "seed=1:2", "--checkpoint", "cp"}, "--checkpoint is for one run"},
		{[]string{"--step", "0.1", "--x0", "x1.npy", "--vary", "seed=1:2"}, "--x0 gives the start; --vary seed does not go with it"},
		{[]string{"--step", "0.1", "--seed", "3", "--vary", "seed=1:2"}, "--seed is given, and --vary seed too"},
		{[]string{"--step", "0.1", "--vary", "seed=1:2", "--save-x", os.DevNull}, "takes one result"},
		{[]string{"--step", "0.1", "--vary", "seed=1:2", "--save-x", "new.npy", "--trace", "new.npy"}, "two results would be written there"},
	} {
		code, _, stderr := mfbench(t, dir, append(base, c.args...)...)
		if code != 2 || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit %d: %s", c.args, code, stderr)
		}
	}
	// Where one diverges the others go on, and the exit code says so.
	code, stdout, stderr := mfbench(t, dir, append(base, "--vary", "step=0.1,100", "--iters", "50", "--json")...)
	if got := lastJSON(t, stdout); code != 1 || got["status"] != "mixed" || !strings.Contains(stderr, "run 2 of 2: diverged") || got["runs"].([]any)[0].(map[string]any)["iterations"] != 50.0 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if after := list(t, dir); after != before {
		t.Errorf("files were left behind:\n%s\nbefore:\n%s", after, before)
	}
}
