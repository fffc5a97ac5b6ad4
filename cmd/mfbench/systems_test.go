package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"lowrank/data/matio"
	"lowrank/data/problem"
)

// systemInputs adds to inputs what the other systems read.
func systemInputs(t *testing.T) string {
	dir := inputs(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	text := func(name, s string) {
		if err := os.WriteFile(at(name), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(t, at("a.npy"), []int{3, 2}, []float64{1, 0, 0, 1, 1, 1})
	write(t, at("l.npy"), []int{3, 1}, []float64{1, 2, 3})
	write(t, at("r.npy"), []int{2, 1}, []float64{1, -1})
	write(t, at("x0.npy"), []int{3, 1}, []float64{0.1, 0.2, 0.3})
	write(t, at("y0.npy"), []int{2, 1}, []float64{0.2, 0.1})
	text("a.mtx", "%%MatrixMarket matrix coordinate real general\n3 2 4\n1 1 1\n2 2 1\n3 1 1\n3 2 1\n")
	text("short.mtx", "%%MatrixMarket matrix coordinate real general\n3 2 4\n1 1 1\n")
	text("e.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 4\n1 1 1\n2 1 2\n2 2 4\n3 1 3\n")
	text("places.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n1 1\n2 1\n")
	text("skew.mtx", "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 1\n2 1 1\n")
	// Two symmetric matrices of order 2, and one pair that is not.
	write(t, at("m.npy"), []int{3, 2, 2}, []float64{1, 2, 2, 1, 0, 1, 1, 0, 1, 0, 0, -1})
	write(t, at("unsymmetric.npy"), []int{2, 2, 2}, []float64{1, 2, 2, 1, 0, 1, 3, 0})
	write(t, at("y.npy"), []int{3}, []float64{1, 0.5, 0.2})
	write(t, at("yshort.npy"), []int{2}, []float64{1, 0.5})
	write(t, at("truth.npy"), []int{2, 1}, []float64{0.6, 0.8})
	write(t, at("w.npy"), []int{2, 3}, []float64{1, 0, 2, 0, 1, 1})
	member := func(r, c int) matio.Member { return matio.NewMember([]int{r, c}, make([]float64, r*c)) }
	if err := matio.WriteNPZ(at("w0.npz"), map[string]matio.Member{"W1": member(2, 3), "W2": member(2, 2)}); err != nil {
		t.Fatal(err)
	}
	if err := matio.WriteNPZ(at("broken.npz"), map[string]matio.Member{"W1": member(2, 3), "W2": member(2, 5)}); err != nil {
		t.Fatal(err)
	}
	text("digits.idx", "\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x02\x01\x02\x03\xff")
	return dir
}

func TestBadInputOfSystems(t *testing.T) {
	dir := systemInputs(t)
	before := list(t, dir)
	asymmetric := func(args ...string) []string {
		return append([]string{"asymmetric", "--rank", "1", "--step", "0.1", "--iters", "5"}, args...)
	}
	sensing := func(args ...string) []string {
		return append([]string{"sensing", "--rank", "1", "--step", "0.1", "--iters", "5"}, args...)
	}
	deep := func(args ...string) []string {
		return append([]string{"deep", "--depth", "2", "--step", "0.1", "--iters", "5"}, args...)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no A", asymmetric(), 2, "A comes from exactly one of --a, --a-left and --generate; got none"},
		{"two A", asymmetric("--a", "a.npy", "--a-left", "l.npy"), 2, "got --a and --a-left"},
		{"left alone", asymmetric("--a-left", "l.npy"), 2, "--a-left and --a-right belong together"},
		{"NaN in A", asymmetric("--a", "nan.npy"), 1, "nan.npy: element (0, 1) is NaN"},
		{"A is missing", asymmetric("--a", "nowhere.mtx"), 1, "nowhere.mtx: does not exist"},
		{"A is short", asymmetric("--a", "short.mtx"), 1, "short.mtx"},
		{"products that do not fit", asymmetric("--a-left", "a.npy", "--a-right", "r.npy"), 1, "L and R must have as many columns"},
		{"x0 without y0", asymmetric("--a", "a.npy", "--x0", "x0.npy"), 2, "--x0 and --y0 belong together"},
		{"x0 of another shape", asymmetric("--a", "a.npy", "--x0", "y0.npy", "--y0", "y0.npy"), 1, "y0.npy: the matrix is 2×1; X_0 must be m×rank = 3×1"},
		{"y0 of another shape", asymmetric("--a", "a.npy", "--x0", "x0.npy", "--y0", "x0.npy"), 1, "Y_0 must be n×rank = 2×1"},
		{"x0 and init", asymmetric("--a", "a.npy", "--x0", "x0.npy", "--y0", "y0.npy", "--init", "random"), 2, "--init does not go with it"},
		{"unknown start", asymmetric("--a", "a.npy", "--init", "small"), 2, `--init is "small"; expected proposed, colspan, random or random-asym`},
		{"theory without rank", asymmetric("--a", "a.npy", "--step", "theory"), 2, "--step theory needs --true-rank"},
		{"theory with a high rank", asymmetric("--a", "a.npy", "--step", "theory", "--true-rank", "2"), 2, "at most --rank, 1; it is 2"},
		{"rank beyond A", asymmetric("--a", "a.npy", "--true-rank", "3"), 2, "A is 3×2, so its rank is at most 2"},
		{"σ_1 negative", asymmetric("--a", "a.npy", "--sigma-1=-1"), 2, "--sigma-1 is -1; expected a positive number"},
		{"ratio of a file", asymmetric("--a", "a.npy", "--ratio", "0.5"), 2, "--ratio belongs to --generate"},
		{"generated without size", asymmetric("--generate", "lowrank", "--true-rank", "1"), 2, "--m is 0"},
		{"generated without rank", asymmetric("--generate", "lowrank", "--m", "3", "--n", "3"), 2, "--true-rank is missing"},
		{"generated beyond memory", asymmetric("--generate", "lowrank", "--m", "10000000", "--n", "10000000", "--true-rank", "1"), 1, "of memory available"},
		{"noisy product", asymmetric("--generate", "lowrank", "--m", "3", "--n", "3", "--true-rank", "1", "--form", "product", "--noise", "1"), 2, "no product"},
		{"mixed", asymmetric("--a", "a.npy", "--dtype", "mixed"), 2, "--dtype mixed is for a dense Σ"},
		{"X onto A", asymmetric("--a", "a.npy", "--save-x", "a.npy"), 2, "is read by this run"},
		{"X and Y in one file", asymmetric("--a", "a.npy", "--save-x", "new", "--save-y", "new"), 2, "two results would be written there"},
		{"step named", asymmetric("--a", "a.npy", "--step", "best"), 2, `--step is "best"; expected a positive number, or theory, or theory9`},

		{"no measurements", sensing(), 2, "𝒜 comes from exactly one of --measurements, --vectors, --entries and --generate"},
		{"no y", sensing("--measurements", "m.npy"), 2, "--y is missing"},
		{"y of another length", sensing("--measurements", "m.npy", "--y", "yshort.npy"), 1, "yshort.npy: 2 values for the 3 measurements"},
		{"measurements of two dimensions", sensing("--measurements", "s.npy", "--y", "y.npy"), 1, "expected m×n×n"},
		{"measurements not symmetric", sensing("--measurements", "unsymmetric.npy", "--y", "yshort.npy"), 1, "unsymmetric.npy[1] is not symmetric: element (0, 1) is 1 but (1, 0) is 3"},
		{"u0 of another shape", sensing("--measurements", "m.npy", "--y", "y.npy", "--u0", "x0.npy"), 1, "U_0 must be n×rank = 2×1"},
		{"truth of another shape", sensing("--measurements", "m.npy", "--y", "y.npy", "--truth", "x0.npy"), 1, "must have n = 2 rows"},
		{"storage of a file", sensing("--measurements", "m.npy", "--y", "y.npy", "--storage", "bf16"), 2, "--storage belongs to --generate"},
		{"storage of vectors", sensing("--generate", "vectors", "--n", "3", "--count", "9", "--true-rank", "1", "--storage", "bf16"), 2, "--storage is for --generate gaussian"},
		{"unknown storage", sensing("--generate", "gaussian", "--n", "3", "--count", "9", "--true-rank", "1", "--storage", "f16"), 2, `--storage is "f16"`},
		{"storage beyond the arithmetic", sensing("--generate", "gaussian", "--n", "3", "--count", "9", "--true-rank", "1", "--storage", "f64", "--dtype", "f32"), 2, "this run computes in f32"},
		{"mixed vectors", sensing("--generate", "vectors", "--n", "3", "--count", "9", "--true-rank", "1", "--dtype", "mixed"), 2, "--dtype mixed is for measurements with matrices"},
		{"places without values", sensing("--entries", "places.mtx"), 2, "lists places without values"},
		{"entries not square", sensing("--entries", "a.mtx"), 1, "the matrix to complete must be square"},
		{"entries skew-symmetric", sensing("--entries", "skew.mtx"), 1, "skew-symmetric"},
		{"count of a file", sensing("--entries", "e.mtx", "--count", "3"), 2, "--count belongs to --generate"},
		{"generated without truth", sensing("--generate", "gaussian", "--n", "3", "--count", "9"), 2, "--true-rank is missing"},
		{"generated beyond memory", sensing("--generate", "gaussian", "--n", "30000", "--count", "1000000", "--true-rank", "1"), 1, "of memory available"},
		{"spectral with more columns than rows", sensing("--entries", "e.mtx", "--init", "spectral", "--rank", "4"), 2, "--init spectral has at most n = 3 columns"},
		{"power without trace", sensing("--entries", "e.mtx", "--power"), 2, "--power adds columns to --trace"},

		{"no target", deep(), 2, "Ŵ comes from exactly one of --target and --generate"},
		{"no depth", []string{"deep", "--target", "w.npy", "--step", "0.1"}, 2, "--depth is missing"},
		{"depth 0", deep("--target", "w.npy", "--depth", "0"), 2, "--depth is 0"},
		{"factors of another depth", deep("--target", "w.npy", "--depth", "3", "--w0", "w0.npz"), 1, "w0.npz: the file has 2 arrays; expected 3, W1 to W3"},
		{"factors that do not chain", deep("--target", "w.npy", "--w0", "broken.npz"), 1, "W2 must have as many columns as W1 has rows"},
		{"factors of another target", deep("--target", "s.npy", "--w0", "w0.npz"), 1, "W2⋯W1 is 2×3; Ŵ is 3×3"},
		{"w0 and scale", deep("--target", "w.npy", "--w0", "w0.npz", "--scale", "1"), 2, "--scale does not go with it"},
		{"beta of another start", deep("--target", "w.npy", "--beta", "0.1"), 2, "--beta belongs to --init perturbed"},
		{"eigenvalues of a file", deep("--target", "w.npy", "--eigenvalues", "1"), 2, "--eigenvalues belongs to --generate"},
		{"eigenvalues are text", deep("--generate", "symmetric", "--n", "3", "--eigenvalues", "1,x"), 2, `--eigenvalues has "x"`},
		{"too many eigenvalues", deep("--generate", "symmetric", "--n", "1", "--eigenvalues", "1,2"), 2, "--eigenvalues has 2 numbers"},
		{"truth of another target", deep("--target", "w.npy", "--truth", "s.npy"), 1, "the truth must be of the shape of Ŵ"},
		{"divide by 0", deep("--target", "w.npy", "--divide", "0"), 2, "--divide is 0"},
		{"width beyond memory", deep("--target", "w.npy", "--width", "100000000", "--depth", "3"), 1, "of memory available"},
		{"asymmetric theory without rank", asymmetric("--a", "a.npy", "--theory"), 2, "--theory needs --true-rank"},
		{"asymmetric theory of a lower rank", asymmetric("--a-left", "l.npy", "--a-right", "r.npy", "--theory", "--true-rank", "2", "--rank", "2"), 2, "singular vectors cannot be told"},
		{"sensing theory without truth", sensing("--entries", "e.mtx", "--theory"), 2, "--theory needs --truth"},
		{"isometry without rank", sensing("--entries", "e.mtx", "--isometry", "3"), 2, "--isometry needs --true-rank or --truth"},
		{"deep theory of a rectangular target", deep("--target", "w.npy", "--theory"), 1, "--theory: the target is 2×3"},
		{"deep theory of rectangular factors", deep("--target", "s.npy", "--theory", "--width", "2"), 2, "--theory needs square factors"},
		{"deep theory of a target that is not symmetric", deep("--target", "asymmetric.npy", "--theory"), 1, "--theory: the target"},
		{"window without theory", deep("--target", "s.npy", "--window", "1,0.1,0.1"), 2, "--window belongs to --theory"},
		{"window of two numbers", deep("--target", "s.npy", "--theory", "--window", "1,0.1"), 2, `--window has "1,0.1"`},
		{"window beyond the order", deep("--target", "s.npy", "--theory", "--window", "4,0.1,0.1"), 2, "--window has the rank 4; Ŵ has order 3"},
		{"theory of a Gaussian start", deep("--target", "w.npy", "--init", "gaussian", "--step", "theory"), 2, "--step theory needs --init identity or perturbed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := mfbench(t, dir, append([]string{"solve"}, append(c.args, "--quiet")...)...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit %d, %q; want exit %d and %q", code, stderr, c.code, c.want)
			}
			if stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "mfbench: ") {
				t.Errorf("expected one sentence on stderr and nothing on stdout; got %q and %q", stderr, stdout)
			}
			if after := list(t, dir); after != before {
				t.Errorf("files were left behind:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

// Every source and start of the systems, to its end; the configuration beside
// the result repeats it bit for bit.
func TestEverySystem(t *testing.T) {
	for _, c := range []struct {
		args   []string
		result string // flag of the result
		error  float64
	}{
		{[]string{"asymmetric", "--a", "a.npy", "--rank", "2", "--step", "0.2", "--iters", "2000"}, "save-x", 1e-10},
		{[]string{"asymmetric", "--a", "a.mtx", "--rank", "2", "--step", "0.2", "--iters", "2000", "--init", "colspan"}, "save-y", 1e-10},
		{[]string{"asymmetric", "--a-left", "l.npy", "--a-right", "r.npy", "--rank", "1", "--step", "0.05", "--iters", "2000", "--init", "random-asym"}, "save-x", 1e-10},
		{[]string{"asymmetric", "--a", "digits.idx", "--rank", "1", "--step", "1e-4", "--iters", "1000", "--x0", "y0.npy", "--y0", "y0.npy", "--simultaneous"}, "save-x", 1e-2},
		{[]string{"asymmetric", "--generate", "lowrank", "--m", "20", "--n", "30", "--true-rank", "2", "--rank", "4", "--step", "theory", "--iters", "20"}, "save-x", 1},
		{[]string{"asymmetric", "--generate", "lowrank", "--m", "20", "--n", "30", "--true-rank", "2", "--rank", "4", "--step", "theory9", "--noise", "0.1", "--iters", "20", "--c", "8"}, "save-x", 1},
		{[]string{"asymmetric", "--generate", "lowrank", "--m", "20", "--n", "30", "--true-rank", "2", "--form", "product", "--rank", "4", "--step", "0.5", "--iters", "900", "--dtype", "f32"}, "save-x", 1e-4},
		{[]string{"sensing", "--measurements", "m.npy", "--truth", "truth.npy", "--rank", "1", "--step", "0.2", "--iters", "900", "--scale", "0.1"}, "save-u", 1e-10},
		{[]string{"sensing", "--measurements", "m.npy", "--y", "y.npy", "--rank", "2", "--step", "0.1", "--iters", "30", "--dtype", "f32"}, "save-u", 2},
		{[]string{"sensing", "--entries", "e.mtx", "--rank", "1", "--init", "spectral", "--step", "0.2", "--iters", "5000"}, "save-u", 1e-6},
		{[]string{"sensing", "--generate", "gaussian", "--n", "12", "--count", "100", "--true-rank", "2", "--rank", "3", "--step", "0.2", "--iters", "2000"}, "save-u", 1e-2},
		{[]string{"sensing", "--generate", "vectors", "--n", "8", "--count", "100", "--true-rank", "1", "--rank", "1", "--step", "0.01", "--iters", "2000"}, "save-u", 1e-6},
		{[]string{"sensing", "--generate", "entries", "--n", "10", "--count", "90", "--true-rank", "1", "--rank", "1", "--step", "20", "--iters", "3000", "--scale", "0.1"}, "save-u", 1e-6},
		{[]string{"sensing", "--generate", "gaussian", "--n", "12", "--count", "100", "--true-rank", "2", "--rank", "3", "--step", "0.2", "--iters", "2000", "--storage", "bf16"}, "save-u", 1e-2},
		{[]string{"sensing", "--generate", "gaussian", "--n", "12", "--count", "100", "--true-rank", "2", "--rank", "3", "--step", "0.2", "--iters", "2000", "--storage", "bf16", "--dtype", "f32"}, "save-u", 1e-2},
		{[]string{"sensing", "--generate", "gaussian", "--n", "12", "--count", "100", "--true-rank", "2", "--rank", "3", "--step", "0.2", "--iters", "2000", "--storage", "f32"}, "save-u", 1e-2},
		{[]string{"sensing", "--generate", "gaussian", "--n", "12", "--count", "100", "--true-rank", "2", "--rank", "3", "--step", "0.2", "--iters", "2000", "--dtype", "mixed"}, "save-u", 1e-2},
		{[]string{"sensing", "--generate", "gaussian", "--n", "12", "--count", "100", "--true-rank", "2", "--rank", "3", "--step", "0.2", "--iters", "200", "--storage", "regenerate"}, "save-u", 1e-1},
		{[]string{"sensing", "--measurements", "m.npy", "--truth", "truth.npy", "--rank", "1", "--step", "0.2", "--iters", "900", "--scale", "0.1", "--dtype", "mixed"}, "save-u", 1e-10},
		{[]string{"deep", "--target", "w.npy", "--depth", "3", "--step", "0.05", "--iters", "3000", "--scale", "0.5"}, "save-w", 1},
		{[]string{"deep", "--target", "w.npy", "--depth", "2", "--step", "0.05", "--iters", "3000", "--init", "gaussian"}, "save-w", 1e-6},
		{[]string{"deep", "--target", "digits.idx", "--divide", "255", "--depth", "1", "--step", "0.5", "--iters", "300"}, "save-product", 1e-6},
		{[]string{"deep", "--generate", "symmetric", "--n", "5", "--eigenvalues", "2,1", "--depth", "2", "--step", "theory", "--iters", "3000"}, "save-w", 1e-2},
		{[]string{"deep", "--generate", "diagonal", "--n", "4", "--eigenvalues", "2,-1", "--depth", "2", "--init", "perturbed", "--scale", "0.5", "--beta", "0.1", "--step", "0.05", "--iters", "3000"}, "save-product", 1e-6},
		{[]string{"symmetric", "--sigma", "sigma.mtx", "--rank", "1", "--step", "0.1", "--iters", "300", "--theory"}, "save-x", 1},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			dir := systemInputs(t)
			if err := os.WriteFile(filepath.Join(dir, "sigma.mtx"), []byte("%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 2\n2 1 1\n3 3 0.5\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			code, stdout, stderr := mfbench(t, dir, append([]string{"solve"}, append(c.args, "--"+c.result, "first", "--trace", "first.csv", "--every", "10", "--json")...)...)
			if code != 0 || stderr != "" {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			got := lastJSON(t, stdout)
			for _, key := range []string{"status", "iterations", "error", "seconds", "total_seconds", "iterations_per_second", "backend", "kernel", "threads", "dtype", "passes"} {
				if got[key] == nil {
					t.Errorf("no %s in %s", key, stdout)
				}
			}
			if e, ok := got["error"].(float64); !ok || !(e <= c.error) || got["passes"] != got["iterations"] {
				t.Errorf("%s", stdout)
			}
			code, _, stderr = mfbench(t, dir, "solve", c.args[0], "--config", "first.toml", "--"+c.result, "again", "--trace", "again.csv")
			if code != 0 {
				t.Fatalf("exit %d: %s", code, stderr)
			}
			sameFiles(t, dir, "first", "again")
			sameFiles(t, dir, "first.csv", "again.csv")
			if code, stdout, stderr := mfbench(t, dir, append([]string{"solve"}, append(c.args, "--out", "o")...)...); code != 0 || !strings.Contains(stdout, "throughput") {
				t.Errorf("exit %d: %s%s", code, stdout, stderr)
			}
		})
	}
}

func sameFiles(t *testing.T, dir, a, b string) {
	t.Helper()
	first, err := os.ReadFile(filepath.Join(dir, a))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(filepath.Join(dir, b))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Errorf("%s and %s differ", a, b)
	}
}

// TestResumeOfSystems breaks runs at several places; the last piece leaves the
// files of an unbroken run, byte for byte, on any number of threads.
func TestResumeOfSystems(t *testing.T) {
	dir := systemInputs(t)
	for _, base := range [][]string{
		{"asymmetric", "--generate", "lowrank", "--m", "150", "--n", "120", "--true-rank", "3", "--rank", "5", "--step", "0.05"},
		{"asymmetric", "--generate", "lowrank", "--m", "150", "--n", "120", "--true-rank", "3", "--rank", "5", "--step", "theory", "--simultaneous", "--form", "product"},
		{"asymmetric", "--a", "a.mtx", "--rank", "2", "--step", "0.1", "--dtype", "f32"},
		{"sensing", "--generate", "gaussian", "--n", "20", "--count", "300", "--true-rank", "2", "--rank", "4", "--step", "0.2", "--power"},
		{"sensing", "--generate", "entries", "--n", "40", "--count", "700", "--true-rank", "2", "--rank", "3", "--step", "5", "--dtype", "f32"},
		{"sensing", "--generate", "vectors", "--n", "15", "--count", "200", "--true-rank", "2", "--rank", "3", "--step", "0.01"},
		{"deep", "--generate", "symmetric", "--n", "12", "--eigenvalues", "3,2,1", "--depth", "3", "--step", "0.01"},
		{"deep", "--target", "w.npy", "--depth", "4", "--init", "gaussian", "--step", "0.01", "--dtype", "f32"},
	} {
		t.Run(strings.Join(base, " "), func(t *testing.T) {
			result := map[string]string{"asymmetric": "--save-y", "sensing": "--save-u", "deep": "--save-w"}[base[0]]
			args := append([]string{"solve"}, append(base, "--every", "7")...)
			if code, _, stderr := mfbench(t, dir, append(args, "--iters", "130", result, "whole", "--trace", "whole.csv", "--threads", "1")...); code != 0 {
				t.Fatal(stderr)
			}
			os.Remove(filepath.Join(dir, "cp"))
			os.Remove(filepath.Join(dir, "cp.previous"))
			for _, iters := range []string{"21", "50", "50", "130"} {
				code, out, stderr := mfbench(t, dir, append(args, "--iters", iters, result, "pieces", "--trace", "pieces.csv", "--checkpoint", "cp", "--checkpoint-every", "20", "--resume", "--json")...)
				if code != 0 || stderr != "" {
					t.Fatalf("exit %d: %s", code, stderr)
				}
				if got := lastJSON(t, out); iters == "130" && (got["iterations"] != 130.0 || got["passes"] != 130.0) {
					t.Errorf("%v iterations, %v passes in all", got["iterations"], got["passes"])
				}
			}
			sameFiles(t, dir, "whole", "pieces")
			sameFiles(t, dir, "whole.csv", "pieces.csv")
			// A damaged checkpoint is passed over in favour of the one before it.
			if err := os.WriteFile(filepath.Join(dir, "cp"), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
			code, _, stderr := mfbench(t, dir, append(args, "--iters", "130", result, "pieces", "--trace", "pieces.csv", "--checkpoint", "cp", "--resume")...)
			if code != 0 || !strings.Contains(stderr, "going on from cp.previous") || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit %d: %s", code, stderr)
			}
			sameFiles(t, dir, "whole", "pieces")
			if code, _, stderr := mfbench(t, dir, append(args, "--iters", "130", "--trace", "pieces.csv", "--checkpoint", "cp", "--resume", "--step", "0.003")...); code != 1 || !strings.Contains(stderr, "cp: the checkpoint belongs to another run") {
				t.Errorf("a foreign checkpoint: exit %d: %s", code, stderr)
			}
		})
	}
}

// Divergent and cancelled runs of every system save the last finite iterate.
func TestSystemsEndEarly(t *testing.T) {
	dir := systemInputs(t)
	t.Chdir(dir)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, args := range [][]string{
		{"asymmetric", "--a", "a.npy", "--rank", "1", "--init", "random", "--save-x", "r.out"},
		{"sensing", "--measurements", "m.npy", "--y", "y.npy", "--rank", "1", "--scale", "1", "--save-u", "r.out"},
		{"deep", "--target", "w.npy", "--depth", "2", "--scale", "1", "--save-product", "r.out"},
	} {
		for _, c := range []struct {
			ctx  context.Context
			step string
			want string
		}{{context.Background(), "1e6", "diverged at iteration"}, {cancelled, "0.1", "cancelled after 0 iterations"}} {
			os.Remove("r.out")
			var out, errs bytes.Buffer
			code := execute(c.ctx, append([]string{"solve"}, append(args, "--step", c.step, "--json")...), &out, &errs)
			if code != 1 || !strings.Contains(errs.String(), c.want) || strings.Count(errs.String(), "\n") != 1 {
				t.Errorf("%v: exit %d: %s", args, code, errs.String())
			}
			if got := lastJSON(t, out.String()); !strings.HasPrefix(c.want, got["status"].(string)) {
				t.Errorf("%v: %s", args, out.String())
			}
			a, err := matio.Open("r.out")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := matio.CheckFinite(a); err != nil {
				t.Errorf("%v: %v", args, err)
			}
			a.Close()
		}
	}
}

// Rounding the matrices of a file is asked for, and its effect is reported.
func TestNarrowedMeasurements(t *testing.T) {
	dir := systemInputs(t)
	write(t, filepath.Join(dir, "m.npy"), []int{1, 2, 2}, []float64{1 + 0x1p-30, 0, 0, 1 + 0x1p-30})
	write(t, filepath.Join(dir, "y.npy"), []int{1}, []float64{1})
	for _, dtype := range []string{"f32", "mixed"} {
		code, stdout, stderr := mfbench(t, dir, "solve", "sensing", "--measurements", "m.npy", "--y", "y.npy", "--rank", "1", "--step", "0.1", "--iters", "50", "--dtype", dtype, "--json")
		if got := lastJSON(t, stdout); code != 0 || !(math.Abs(got["y_moved"].(float64)*0x1p30-1) < 1e-6) {
			t.Errorf("exit %d: %s%s", code, stdout, stderr)
		}
	}
	code, stdout, _ := mfbench(t, dir, "solve", "sensing", "--measurements", "m.npy", "--y", "y.npy", "--rank", "1", "--step", "0.1", "--iters", "50", "--json")
	if got := lastJSON(t, stdout); code != 0 || got["y_moved"] != nil {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

// claims runs a command with --theory and returns what became of each claim.
func claims(t *testing.T, dir string, args ...string) (verdicts map[string]string, object map[string]any) {
	t.Helper()
	code, stdout, stderr := mfbench(t, dir, append([]string{"solve"}, append(args, "--theory", "--json")...)...)
	if code != 0 || stderr != "" {
		t.Fatalf("%v: exit %d: %s", args, code, stderr)
	}
	object = lastJSON(t, stdout)
	verdicts = map[string]string{}
	for _, c := range object["checks"].([]any) {
		check := c.(map[string]any)
		verdicts[check["name"].(string)] = check["verdict"].(string)
		if check["verdict"] == "fails" {
			t.Errorf("%v: %v", args, check)
		}
		if check["verdict"] == "condition not met" && check["note"] == nil {
			t.Errorf("%v: no condition is named: %v", args, check)
		}
	}
	return verdicts, object
}

// Every claim holds where its conditions are met, and says which one is not
// where they are not.
func TestTheory(t *testing.T) {
	dir := systemInputs(t)
	lambda := make([]float64, 20)
	for i := range lambda {
		lambda[i] = 0.2 * float64(20-i) / 20
	}
	lambda[0], lambda[1] = 1, 0.6
	write(t, filepath.Join(dir, "lambda.npy"), []int{20}, lambda)
	for _, c := range []struct {
		args   []string
		counts map[string]int // at least so many claims of each kind
	}{
		{[]string{"symmetric", "--sigma-diag", "lambda.npy", "--rank", "2", "--step", "theory", "--iters", "100000"}, map[string]int{"holds": 12}},
		{[]string{"symmetric", "--sigma-diag", "lambda.npy", "--rank", "2", "--step", "0.1", "--iters", "500"}, map[string]int{"condition not met": 8}},
		{[]string{"symmetric", "--sigma", "s.npy", "--rank", "1", "--step", "0.1", "--iters", "100"}, map[string]int{"condition not met": 3}},
		{[]string{"asymmetric", "--generate", "lowrank", "--m", "60", "--n", "50", "--true-rank", "3", "--rank", "9", "--step", "theory", "--tau", "0.3", "--iters", "400"}, map[string]int{"holds": 15}},
		{[]string{"asymmetric", "--generate", "lowrank", "--m", "60", "--n", "50", "--true-rank", "3", "--rank", "9", "--step", "0.1", "--iters", "100"}, map[string]int{"condition not met": 3}},
		{[]string{"asymmetric", "--generate", "lowrank", "--m", "60", "--n", "50", "--true-rank", "3", "--rank", "9", "--step", "theory", "--noise", "0.1", "--iters", "100"}, map[string]int{"condition not met": 4}},
		{[]string{"asymmetric", "--a", "a.npy", "--true-rank", "2", "--rank", "2", "--simultaneous", "--step", "0.01", "--iters", "100"}, map[string]int{"condition not met": 8}},
		{[]string{"sensing", "--generate", "gaussian", "--n", "20", "--count", "300", "--true-rank", "1", "--rank", "3", "--step", "0.25", "--iters", "200", "--isometry", "20"}, map[string]int{"reported": 5}},
		{[]string{"deep", "--generate", "symmetric", "--n", "6", "--eigenvalues", "4,2,1,0.5", "--depth", "2", "--step", "theory", "--iters", "4000", "--window", "2,0.1,0.1"}, map[string]int{"holds": 12}},
		{[]string{"deep", "--generate", "symmetric", "--n", "6", "--eigenvalues", "4,2,1,0.5,0.4,0.3", "--depth", "3", "--scale", "0.4", "--step", "theory", "--iters", "20000"}, map[string]int{"holds": 12}},
		{[]string{"deep", "--generate", "diagonal", "--n", "3", "--eigenvalues", "2,1,-1", "--depth", "2", "--init", "perturbed", "--scale", "0.5", "--beta", "0.2", "--step", "theory", "--iters", "20000"}, map[string]int{"holds": 10}},
		{[]string{"deep", "--generate", "symmetric", "--n", "4", "--eigenvalues", "2,1", "--depth", "2", "--step", "0.3", "--iters", "300"}, map[string]int{"condition not met": 5}},
	} {
		verdicts, object := claims(t, dir, c.args...)
		got := map[string]int{}
		for _, v := range verdicts {
			got[v]++
		}
		for kind, n := range c.counts {
			if got[kind] < n {
				t.Errorf("%v: %v; want at least %d of %q", c.args, got, n, kind)
			}
		}
		switch c.args[0] {
		case "symmetric":
			times := object["times"].(map[string]any)
			if times["t_init"].([]any)[0].(float64) < 0 {
				t.Errorf("%v: the set S was not reached: %v", c.args, times)
			}
		case "sensing":
			if object["phases"].(map[string]any)["saddle"].(float64) <= 0 || !(object["isometry"].(map[string]any)["delta_at_least"].(float64) > 0) {
				t.Errorf("%v: %v", c.args, object)
			}
		}
	}
}

// A run with --theory that is broken says the same of every claim as one that
// is not.
func TestTheoryResumes(t *testing.T) {
	dir := systemInputs(t)
	write(t, filepath.Join(dir, "lambda.npy"), []int{6}, []float64{1, 0.6, 0.2, 0.1, 0.05, 0})
	for _, base := range [][]string{
		{"symmetric", "--sigma-diag", "lambda.npy", "--rank", "2", "--step", "theory"},
		{"asymmetric", "--generate", "lowrank", "--m", "30", "--n", "20", "--true-rank", "2", "--rank", "6", "--step", "theory"},
		{"sensing", "--generate", "gaussian", "--n", "12", "--count", "150", "--true-rank", "1", "--rank", "3", "--step", "0.25"},
		{"deep", "--generate", "symmetric", "--n", "5", "--eigenvalues", "3,2,1", "--depth", "2", "--step", "theory"},
	} {
		os.Remove(filepath.Join(dir, "cp"))
		os.Remove(filepath.Join(dir, "cp.previous"))
		_, whole := claims(t, dir, append(base, "--iters", "300")...)
		claims(t, dir, append(base, "--iters", "123", "--checkpoint", "cp", "--checkpoint-every", "50", "--resume")...)
		_, pieces := claims(t, dir, append(base, "--iters", "300", "--checkpoint", "cp", "--resume")...)
		for _, key := range []string{"checks", "times", "phases", "error"} {
			if !reflect.DeepEqual(whole[key], pieces[key]) {
				t.Errorf("%v: %s of the broken run\n%v\nof the unbroken one\n%v", base, key, pieces[key], whole[key])
			}
		}
	}
}

// An archive is an input under the name of any of its arrays.
func TestArchiveIsNotOverwritten(t *testing.T) {
	dir := systemInputs(t)
	if err := matio.WriteNPZ(filepath.Join(dir, "in.npz"), map[string]matio.Member{"S": matio.NewMember([]int{2, 2}, []float64{2, 0, 0, 1}), "y": matio.NewMember([]int{1}, []float64{1})}); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"symmetric", "--sigma", "in.npz:S", "--rank", "1", "--save-x", "in.npz"},
		{"asymmetric", "--a", "in.npz:S", "--rank", "1", "--trace", "./in.npz"},
		{"deep", "--target", "in.npz:S", "--depth", "2", "--checkpoint", "in.npz"},
	} {
		code, _, stderr := mfbench(t, dir, append([]string{"solve"}, append(args, "--step", "0.1")...)...)
		if code != 2 || !strings.Contains(stderr, "in.npz: is read by this run") {
			t.Errorf("%v: exit %d: %s", args, code, stderr)
		}
	}
	// Two names of one file that is not there yet.
	if err := os.Symlink(".", filepath.Join(dir, "here")); err != nil {
		t.Skip(err)
	}
	code, _, stderr := mfbench(t, dir, "solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--step", "0.1", "--save-x", "q", "--trace", "here/q")
	if code != 2 || !strings.Contains(stderr, "two results would be written there") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// A configuration repeats its run: also with values that are the default of a
// flag whose absence means another, and onto the same results.
func TestConfigRepeats(t *testing.T) {
	for _, args := range [][]string{
		{"asymmetric", "--generate", "lowrank", "--m", "8", "--n", "7", "--true-rank", "2", "--rank", "3", "--init", "random", "--step", ".1", "--iters", "20", "--problem-seed", "0", "--seed", "5"},
		{"symmetric", "--sigma-diag", "vector.npy", "--rank", "2", "--step", "0.05", "--iters", "20", "--init", "benign", "--scale", "0"},
		{"deep", "--target", "s.npy", "--depth", "2", "--init", "perturbed", "--beta", "0", "--step", "0.05", "--iters", "20"},
	} {
		dir := systemInputs(t)
		if code, _, stderr := mfbench(t, dir, append([]string{"solve"}, append(args, "--out", "o")...)...); code != 0 {
			t.Fatal(stderr)
		}
		result := map[string]string{"asymmetric": "x.npy", "symmetric": "x.npy", "deep": "product.npy"}[args[0]]
		first, err := os.ReadFile(filepath.Join(dir, "o", result))
		if err != nil {
			t.Fatal(err)
		}
		if code, _, stderr := mfbench(t, dir, "solve", args[0], "--config", "o/"+result+".toml"); code != 0 {
			t.Errorf("%v: exit %d: %s", args, code, stderr)
		}
		if again, err := os.ReadFile(filepath.Join(dir, "o", result)); err != nil || !bytes.Equal(first, again) {
			t.Errorf("%v: the configuration gives another result (%v)", args, err)
		}
	}
}

// A run that diverged and is called again says the same and stays where it was.
func TestDivergenceResumes(t *testing.T) {
	dir := systemInputs(t)
	for _, args := range [][]string{
		{"symmetric", "--generate", "fig1", "--d", "30", "--rank", "2", "--save-x", "r.out"},
		{"asymmetric", "--a", "a.npy", "--rank", "1", "--init", "random", "--save-x", "r.out"},
		{"sensing", "--measurements", "m.npy", "--y", "y.npy", "--rank", "1", "--scale", "1", "--save-u", "r.out"},
		{"deep", "--target", "w.npy", "--depth", "2", "--scale", "1", "--save-product", "r.out"},
	} {
		var first []byte
		var said string
		var object map[string]any
		for i := range 3 {
			code, stdout, stderr := mfbench(t, dir, append([]string{"solve"}, append(args, "--step", "50", "--iters", "5000", "--trace", "t.out", "--checkpoint", args[0]+".cp", "--checkpoint-every", "1", "--resume", "--json")...)...)
			if code != 1 || !strings.Contains(stderr, "diverged at iteration") {
				t.Fatalf("%v: exit %d: %s", args, code, stderr)
			}
			result, err := os.ReadFile(filepath.Join(dir, "r.out"))
			if err != nil {
				t.Fatal(err)
			}
			trace, err := os.ReadFile(filepath.Join(dir, "t.out"))
			if err != nil {
				t.Fatal(err)
			}
			got := lastJSON(t, stdout)
			result = append(result, trace...)
			if i == 0 {
				first, said, object = result, stderr, got
			}
			if stderr != said || !bytes.Equal(result, first) || got["iterations"] != object["iterations"] || got["error"] != object["error"] {
				t.Errorf("%v, call %d: %s, first %s", args, i+1, stderr, said)
			}
		}
	}
}

// The claims of a matrix in a file, whose singular values are computed, are
// those of the matrix: its rank is not lost in their rounding errors.
func TestTheoryOfFiles(t *testing.T) {
	dir := systemInputs(t)
	for seed := range uint64(6) {
		p := problem.NewRectangular(40, 30, 3, 0.9, 0, seed)
		a := make([]float64, 40*30)
		for i := range 40 {
			for j := range 30 {
				for k, v := range p.Left.Row(i) {
					a[i*30+j] += v * p.Right.Row(j)[k]
				}
			}
		}
		write(t, filepath.Join(dir, "lowrank.npy"), []int{40, 30}, a)
		for _, dtype := range []string{"f64", "f32"} {
			verdicts, _ := claims(t, dir, "asymmetric", "--a", "lowrank.npy", "--rank", "20", "--true-rank", "3", "--step", "theory", "--tau", "0.3", "--iters", "60", "--dtype", dtype)
			for name, v := range verdicts {
				if strings.HasPrefix(name, "Theorem 5.1") && v != "holds" {
					t.Errorf("seed %d, %s: %s: %s", seed, dtype, name, v)
				}
			}
		}
	}
	// With ε just below 2f_0 the corollary promises nothing: its T is 0.
	base := []string{"asymmetric", "--generate", "lowrank", "--m", "10", "--n", "8", "--true-rank", "1", "--rank", "8", "--step", "theory", "--iters", "3"}
	_, object := claims(t, dir, base...)
	verdicts, _ := claims(t, dir, append(base, "--eps", fmt.Sprint(0.999*2*object["f0"].(float64)))...)
	for name, v := range verdicts {
		if strings.HasPrefix(name, "Corollary 5.2") && v != "condition not met" {
			t.Errorf("%s: %s", name, v)
		}
	}
	// A lower rank than was said has no step of the theory.
	write(t, filepath.Join(dir, "ones.npy"), []int{5, 4}, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
	code, _, stderr := mfbench(t, dir, "solve", "asymmetric", "--a", "ones.npy", "--rank", "2", "--true-rank", "2", "--step", "theory")
	if code != 2 || !strings.Contains(stderr, "σ_2 of A is 0 to rounding") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	// Constants outside the corollary are remarked upon.
	code, _, stderr = mfbench(t, dir, "solve", "asymmetric", "--a", "lowrank.npy", "--rank", "4", "--true-rank", "3", "--step", "theory9", "--iters", "1")
	if code != 0 || !strings.Contains(stderr, "Corollary 5.3 says nothing of this run: it needs C ≥ 8") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// --out on the command line takes the results of a configuration elsewhere, and
// leaves those it came from; a configuration that somebody wrote is no result.
func TestConfigElsewhere(t *testing.T) {
	dir := systemInputs(t)
	if code, _, stderr := mfbench(t, dir, "solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--step", "0.1", "--iters", "5", "--out", "p1"); code != 0 {
		t.Fatal(stderr)
	}
	before, err := os.ReadFile(filepath.Join(dir, "p1", "x.npy"))
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := mfbench(t, dir, "solve", "symmetric", "--config", "p1/x.npy.toml", "--seed", "7", "--out", "p2"); code != 0 {
		t.Fatal(stderr)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "p1", "x.npy")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the first results were overwritten (%v)", err)
	}
	for _, name := range []string{"x.npy", "x.npy.toml", "trace.csv", "trace.csv.toml"} {
		if _, err := os.Stat(filepath.Join(dir, "p2", name)); err != nil {
			t.Error(err)
		}
	}
	own := []byte("# mine\nsigma = 's.npy'\nrank = 1\nstep = '0.1'\niters = 3\nsave-x = 'run'\n")
	if err := os.WriteFile(filepath.Join(dir, "run.toml"), own, 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := mfbench(t, dir, "solve", "symmetric", "--config", "run.toml")
	if after, err := os.ReadFile(filepath.Join(dir, "run.toml")); code != 2 || !strings.Contains(stderr, "run.toml: is read by this run") || err != nil || !bytes.Equal(after, own) {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// A checkpoint belongs to what its trace was recorded with too: the contents of
// the truth, the parameters of the theory.
func TestCheckpointOfAnotherTrace(t *testing.T) {
	dir := systemInputs(t)
	for _, c := range []struct {
		args, again []string
		between     func()
	}{
		{
			args:    []string{"sensing", "--measurements", "m.npy", "--y", "y.npy", "--truth", "truth.npy", "--rank", "1", "--step", "0.1", "--trace", "t.csv"},
			between: func() { write(t, filepath.Join(dir, "truth.npy"), []int{2, 1}, []float64{1, 0}) },
		},
		{
			args:    []string{"deep", "--target", "w.npy", "--truth", "clean.npy", "--depth", "2", "--step", "0.1", "--trace", "t.csv"},
			between: func() { write(t, filepath.Join(dir, "clean.npy"), []int{2, 3}, make([]float64, 6)) },
		},
		{
			args:    []string{"asymmetric", "--generate", "lowrank", "--m", "9", "--n", "8", "--true-rank", "1", "--rank", "3", "--step", "0.1", "--theory", "--trace", "t.csv"},
			again:   []string{"--tau", "0.5"},
			between: func() {},
		},
	} {
		write(t, filepath.Join(dir, "clean.npy"), []int{2, 3}, []float64{1, 0, 2, 0, 1, 1})
		for _, name := range []string{"cp", "cp.previous"} {
			os.Remove(filepath.Join(dir, name))
		}
		run := append([]string{"solve"}, append(c.args, "--iters", "9", "--checkpoint", "cp", "--resume")...)
		for range 2 { // the second call goes on
			if code, _, stderr := mfbench(t, dir, run...); code != 0 {
				t.Fatalf("%v: %s", c.args, stderr)
			}
		}
		c.between()
		if code, _, stderr := mfbench(t, dir, append(run, c.again...)...); code != 1 || !strings.Contains(stderr, "belongs to another run") {
			t.Errorf("%v: exit %d: %s", c.args, code, stderr)
		}
	}
}
