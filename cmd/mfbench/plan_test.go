package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"lowrank/bench/plan"
	"lowrank/data/matio"
	"lowrank/data/problem"
)

// TestProgram is not a test: it is the program that --run starts in the tests.
func TestProgram(t *testing.T) {
	if os.Getenv("MFBENCH_AS_PROGRAM") == "" {
		t.Skip("only started by other tests")
	}
	startsItself()
	ctx, stop := untilSignal()
	code := execute(ctx, flag.Args(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// startsItself lets --run start the program of the tests.
func startsItself() {
	thisProgram = func() (string, []string, error) {
		return os.Args[0], []string{"-test.run=^TestProgram$", "--"}, nil
	}
}

// quickly makes samples short, and with smaller of problems of little data.
func quickly(t *testing.T, smaller bool) {
	before := learning
	t.Cleanup(func() { learning = before })
	learning.time = 10 * time.Millisecond
	if smaller {
		learning.OverCache = 40_000 / plan.LastCache()
	}
}

// planFiles makes a directory with files of every kind.
func planFiles(t *testing.T) string {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, shape := range map[string][2]int{
		"s.npy": {200, 200}, "z.npy": {400, 100}, "u.npy": {3000, 5}, "a.npy": {150, 120}, "l.npy": {2000, 5}, "r.npy": {1500, 5},
		"d.npy": {20000, 1}, "x0.npy": {200, 2}, "truth.npy": {60, 2}, "v.npy": {2000, 60},
	} {
		if err := problem.WriteSample(at(name), shape[0], shape[1]); err != nil {
			t.Fatal(err)
		}
	}
	stack := make([]float64, 300*20*20)
	for i := range stack {
		j, k := i/20%20, i%20
		stack[i] = problem.SampleElement(min(j, k), max(j, k))
	}
	write(t, at("m.npy"), []int{300, 20, 20}, stack)
	write(t, at("y.npy"), []int{300}, make([]float64, 300))
	lambda := make([]float64, 5)
	for i := range lambda {
		lambda[i] = float64(5 - i)
	}
	write(t, at("lambda.npy"), []int{5}, lambda)
	for _, err := range []error{
		problem.WriteSampleBand(at("s.mtx"), 3000, 12000), problem.WriteSamplePlaces(at("a.mtx"), 2000, 3000, 12000, true), problem.WriteSamplePlaces(at("e.mtx"), 500, 500, 8000, true),
		matio.WriteNPZ(at("w.npz"), map[string]matio.Member{
			"W1": matio.NewMember([]int{120, 120}, stack[:14400]), "W2": matio.NewMember([]int{150, 120}, make([]float64, 18000)),
		}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"run.toml": "generate = \"fig1\"\nd = 100\nrun = true\n", "empty.mtx": "%%MatrixMarket matrix coordinate real general\n500 500 0\n",
	} {
		if err := os.WriteFile(at(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// A header that promises more than anybody has, and nothing behind it.
	for name, text := range map[string]string{
		"huge.mtx": "%%MatrixMarket matrix coordinate real general\n2000000000 2000000000 900000000000\n",
		"huge.idx": "\x00\x00\x0e\x02\x7f\xff\xff\xff\x00\xff\xff\xff",
	} {
		if err := os.WriteFile(at(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// plannedRuns are runs from every source.
var plannedRuns = map[string][]string{
	"generated":        {"symmetric", "--generate", "fig1", "--d", "300", "--rank", "2", "--step", "0.1"},
	"mixed":            {"symmetric", "--generate", "fig1", "--d", "400", "--rank", "2", "--step", "0.1", "--dtype", "mixed"},
	"a diagonal":       {"symmetric", "--generate", "even", "--form", "diagonal", "--d", "20000", "--rank", "3", "--step", "0.1"},
	"theory":           {"symmetric", "--generate", "fig1", "--d", "300", "--rank", "2", "--step", "theory", "--theory", "--trace", "t.csv"},
	"Σ":                {"symmetric", "--sigma", "s.npy", "--rank", "2", "--step", "0.1", "--dtype", "f32"},
	"Σ and X_0":        {"symmetric", "--sigma", "s.npy", "--rank", "2", "--step", "0.1", "--x0", "x0.npy"},
	"Σ with theory":    {"symmetric", "--sigma", "s.npy", "--rank", "2", "--step", "0.1", "--theory"},
	"sparse Σ":         {"symmetric", "--sigma", "s.mtx", "--rank", "2", "--step", "0.1"},
	"diagonal file":    {"symmetric", "--sigma-diag", "d.npy", "--rank", "2", "--step", "0.1"},
	"factor":           {"symmetric", "--sigma-factor", "u.npy", "--sigma-eig", "lambda.npy", "--rank", "2", "--step", "0.1"},
	"data":             {"symmetric", "--data", "z.npy", "--rank", "2", "--step", "0.1", "--save-x", "x.npy"},
	"several runs":     {"symmetric", "--generate", "fig1", "--d", "300", "--rank", "2", "--vary", "seed=1:3", "--vary", "step=0.1,0.05"},
	"a checkpoint":     {"symmetric", "--generate", "fig1", "--d", "300", "--rank", "2", "--step", "0.1", "--checkpoint", "run.cp", "--resume"},
	"generated A":      {"asymmetric", "--generate", "lowrank", "--m", "150", "--n", "200", "--true-rank", "2", "--rank", "4", "--step", "theory"},
	"noisy A":          {"asymmetric", "--generate", "lowrank", "--m", "150", "--n", "200", "--true-rank", "2", "--rank", "4", "--step", "0.1", "--noise", "0.1"},
	"A":                {"asymmetric", "--a", "a.npy", "--rank", "3", "--step", "0.1", "--trace", "t.csv"},
	"sparse A":         {"asymmetric", "--a", "a.mtx", "--rank", "3", "--step", "0.1", "--init", "random"},
	"a product":        {"asymmetric", "--a-left", "l.npy", "--a-right", "r.npy", "--rank", "3", "--step", "0.1", "--init", "random"},
	"generated 𝒜":      {"sensing", "--generate", "gaussian", "--n", "30", "--count", "600", "--true-rank", "2", "--rank", "3", "--step", "0.1", "--theory"},
	"drawn again":      {"sensing", "--generate", "gaussian", "--n", "30", "--count", "600", "--true-rank", "2", "--rank", "3", "--step", "0.1", "--storage", "regenerate"},
	"matrices":         {"sensing", "--measurements", "m.npy", "--y", "y.npy", "--rank", "3", "--step", "0.1"},
	"vectors":          {"sensing", "--vectors", "v.npy", "--truth", "truth.npy", "--rank", "3", "--step", "0.1"},
	"entries":          {"sensing", "--entries", "e.mtx", "--rank", "3", "--step", "0.1", "--init", "spectral"},
	"generated Ŵ":      {"deep", "--generate", "symmetric", "--n", "120", "--eigenvalues", "10,5,1", "--depth", "3", "--step", "theory", "--trace", "t.csv"},
	"Ŵ":                {"deep", "--target", "a.npy", "--depth", "3", "--width", "100", "--init", "gaussian", "--step", "1e-3", "--out", "results"},
	"Ŵ and a start":    {"deep", "--target", "a.npy", "--depth", "2", "--w0", "w.npz", "--step", "1e-3"},
	"no elements":      {"asymmetric", "--a", "empty.mtx", "--rank", "3", "--step", "0.1", "--init", "random"},
	"a profile":        {"symmetric", "--sigma", "s.npy", "--rank", "2", "--step", "0.1", "--cpuprofile", "cpu.out", "--out", "new/results"},
	"with a tolerance": {"deep", "--generate", "diagonal", "--n", "150", "--eigenvalues", "2,1", "--depth", "2", "--step", "1e-3", "--tol", "1e-3"},
}

// TestPlan predicts runs from every source, from iterations of the problem itself
// and of smaller ones, and leaves nothing behind.
func TestPlan(t *testing.T) {
	dir := planFiles(t)
	before := list(t, dir)
	for name, args := range plannedRuns {
		for _, smaller := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", smaller"}[smaller], func(t *testing.T) {
				quickly(t, smaller)
				scratch := t.TempDir()
				t.Setenv("TMPDIR", scratch)
				code, stdout, stderr := mfbench(t, dir, append(append([]string{"plan"}, args...), "--iters", "50", "--quiet", "--json")...)
				if code != 0 {
					t.Fatalf("exit %d, %s", code, stderr)
				}
				o := lastJSON(t, stdout)
				at, _ := o["measured_at"].([]any)
				if o["status"] != "fits" || o["system"] != args[0] || len(at) == 0 || o["iterations"] != 50.0 {
					t.Errorf("%v", o)
				}
				for i, v := range at {
					if exact := v.(map[string]any)["exact"]; exact == smaller && name != "drawn again" && name != "no elements" { // which hold no data
						t.Errorf("sample %d: exact is %v; smaller problems were asked for: %v", i, exact, smaller)
					}
				}
				number := func(key string) float64 { v, _ := o[key].(float64); return v }
				for _, key := range []string{"predicted_seconds", "seconds_per_iteration", "setup_seconds", "predicted_bytes", "bound_seconds", "bound_share", "available_bytes"} {
					if name == "drawn again" && strings.HasPrefix(key, "bound") { // of which there is none
						if o[key] != nil {
							t.Errorf("%s is %v", key, o[key])
						}
						continue
					}
					if !(number(key) > 0) {
						t.Errorf("%s is %v", key, o[key])
					}
				}
				if !(number("low_seconds") <= number("predicted_seconds") && number("predicted_seconds") <= number("high_seconds")) {
					t.Errorf("%g s, from %g to %g", number("predicted_seconds"), number("low_seconds"), number("high_seconds"))
				}
				if o["at_most"] != (name == "with a tolerance") {
					t.Errorf("at most: %v", o["at_most"])
				}
				if left, _ := filepath.Glob(filepath.Join(scratch, "*")); len(left) > 0 || list(t, dir) != before {
					t.Errorf("files were left behind: %v, %s", left, list(t, dir))
				}
			})
		}
	}
}

// TestPlanPrints: what people read says the same in words.
func TestPlanPrints(t *testing.T) {
	quickly(t, false)
	code, stdout, stderr := mfbench(t, t.TempDir(), "plan", "symmetric", "--generate", "fig1", "--d", "300", "--rank", "2", "--step", "0.1", "--iters", "1000", "--tol", "1e-9", "--theory", "--trace", "t.csv")
	if code != 0 || !strings.Contains(stderr, "measuring d = 300, rank 2, Σ dense") {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{"d = 300, rank 2, Σ dense, 1000 iterations", "are available", "the problem itself", "of it reached", "to record them", "--tol may end it earlier", "backend native"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

// TestPlanRuns makes a run too, in a process of its own, and compares.
func TestPlanRuns(t *testing.T) {
	quickly(t, false)
	t.Setenv("MFBENCH_AS_PROGRAM", "yes")
	before := thisProgram
	t.Cleanup(func() { thisProgram = before })
	startsItself()
	dir := t.TempDir()
	args := []string{"plan", "symmetric", "--generate", "fig1", "--d", "300", "--rank", "2", "--step", "0.1", "--iters", "60", "--save-x", "x.npy", "--quiet", "--run"}
	code, stdout, stderr := mfbench(t, dir, append(args, "--json")...)
	if code != 0 || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("exit %d, %q, %s", code, stdout, stderr)
	}
	o := lastJSON(t, stdout)
	for _, key := range []string{"predicted_seconds", "seconds", "ratio_time", "predicted_bytes", "ratio_iterations"} {
		if v, _ := o[key].(float64); !(v > 0) {
			t.Errorf("%s is %v", key, o[key])
		}
	}
	if inside, ok := o["inside"].(bool); !ok || inside != (o["low_seconds"].(float64) <= o["seconds"].(float64) && o["seconds"].(float64) <= o["high_seconds"].(float64)) {
		t.Errorf("inside the interval: %v of %v", o["inside"], o)
	}
	if o["run_iterations"] != 60.0 || o["run_status"] != "iteration limit" {
		t.Errorf("%v", o)
	}
	if _, err := os.Stat(filepath.Join(dir, "x.npy")); err != nil {
		t.Error("the run saved nothing:", err)
	}
	if code, stdout, _ := mfbench(t, dir, args...); code != 0 || !strings.Contains(stdout, "all of it took") || !strings.Contains(stdout, "side ") {
		t.Errorf("exit %d, %s", code, stdout)
	}

	// A run that fails says so itself.
	args[slices.Index(args, "--step")+1] = "1e6"
	code, stdout, stderr = mfbench(t, dir, append(args, "--json")...)
	if code != 1 || lastJSON(t, stdout)["run_status"] != "diverged" || !strings.Contains(stderr, "diverged") {
		t.Errorf("exit %d, %s, %s", code, stdout, stderr)
	}
}

// TestTooLarge: plan and solve refuse what does not fit with the same sentence,
// before anything is read or made, and say what would fit.
func TestTooLarge(t *testing.T) {
	dir := planFiles(t)
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"dense Σ":  {[]string{"symmetric", "--generate", "fig1", "--d", "4000000", "--rank", "2", "--step", "0.1"}, []string{"d = 4000000, rank 2, Σ dense needs", "--d of at most", "--form diagonal"}},
		"columns":  {[]string{"symmetric", "--generate", "fig1", "--form", "diagonal", "--d", "100000000", "--rank", "1000", "--step", "0.1"}, []string{"--d of at most"}},
		"trace":    {[]string{"symmetric", "--generate", "fig1", "--d", "10", "--rank", "2", "--step", "0.1", "--iters", "1000000000000", "--trace", "t.csv"}, []string{"--every of at least"}},
		"runs":     {[]string{"symmetric", "--generate", "fig1", "--form", "diagonal", "--d", "10000000", "--rank", "8", "--step", "0.1", "--vary", "seed=1:9000"}, []string{"9000 runs", "--vary of at most"}},
		"sparse Σ": {[]string{"symmetric", "--sigma", "huge.mtx", "--rank", "2", "--step", "0.1"}, []string{"Σ sparse needs"}},
		"sparse A": {[]string{"asymmetric", "--a", "huge.mtx", "--rank", "2", "--step", "0.1", "--init", "random"}, []string{"A sparse needs"}},
		"dense A":  {[]string{"asymmetric", "--generate", "lowrank", "--m", "5000000", "--n", "5000000", "--true-rank", "2", "--rank", "3", "--step", "0.1"}, []string{"--m and --n of at most", "--form product"}},
		"matrices": {[]string{"sensing", "--generate", "gaussian", "--n", "3000", "--count", "5000000", "--true-rank", "2", "--rank", "3", "--step", "0.1", "--storage", "f64"}, []string{"--count of at most", "--storage regenerate"}},
		"entries":  {[]string{"sensing", "--entries", "huge.mtx", "--rank", "3", "--step", "0.1"}, []string{"measurements of elements"}},
		"factors":  {[]string{"deep", "--generate", "diagonal", "--n", "50", "--eigenvalues", "1", "--depth", "3", "--width", "90000000", "--step", "1e-3"}, []string{"--width of at most"}},
		"Ŵ":        {[]string{"deep", "--target", "huge.idx", "--depth", "2", "--width", "10", "--step", "1e-3"}, []string{"Ŵ 2147483647×16777215"}},
	} {
		t.Run(name, func(t *testing.T) {
			number := func(text string) string { // what is available changes from call to call
				before, after, ok := strings.Cut(text, "this machine has ")
				if !ok {
					t.Errorf("%s", text)
				}
				_, after, _ = strings.Cut(after, " of memory available")
				return before + strings.Map(func(r rune) rune {
					if r >= '0' && r <= '9' {
						return -1
					}
					return r
				}, after)
			}
			code, stdout, planning := mfbench(t, dir, append(append([]string{"plan"}, c.args...), "--quiet", "--json")...)
			if o := lastJSON(t, stdout); code != 1 || o["status"] != "does not fit" || !(o["predicted_bytes"].(float64) > o["available_bytes"].(float64)) {
				t.Errorf("exit %d, %s", code, stdout)
			}
			code, stdout, solving := mfbench(t, dir, append(append([]string{"solve"}, c.args...), "--quiet")...)
			if code != 1 || stdout != "" || strings.Count(solving, "\n") != 1 {
				t.Errorf("solve: exit %d, %q, %q", code, stdout, solving)
			}
			if number(planning) != number(solving) {
				t.Errorf("plan says %q, solve %q", planning, solving)
			}
			for _, want := range c.want {
				if !strings.Contains(planning, want) {
					t.Errorf("%q; want %q", planning, want)
				}
			}
		})
	}
}

// TestSuggestions: what is suggested in the place of a run that is too large is not
// refused itself.
func TestSuggestions(t *testing.T) {
	dir := planFiles(t)
	eigenvalues := strings.TrimSuffix(strings.Repeat("1,", 100000), ",")
	drawn := []string{"sensing", "--generate", "gaussian", "--n", "3000000", "--count", "50", "--true-rank", "2", "--rank", "3", "--step", "0.1"}
	for name, c := range map[string]struct {
		args []string
		want []string // flags that are suggested
		not  []string // and that would be refused
	}{
		"mixed":      {[]string{"symmetric", "--generate", "fig1", "--d", "4000000", "--rank", "2", "--step", "0.1", "--dtype", "mixed"}, []string{"--d", "--form diagonal with --dtype f64"}, []string{"--dtype f32"}},
		"f64":        {[]string{"symmetric", "--generate", "fig1", "--d", "4000000", "--rank", "2", "--step", "1e-300"}, []string{"--d"}, []string{"--dtype f32"}},
		"a start":    {[]string{"symmetric", "--generate", "fig1", "--d", "4000000", "--rank", "2", "--step", "0.1", "--x0", "x0.npy"}, []string{"--form diagonal"}, []string{"--d "}},
		"a trace":    {[]string{"symmetric", "--generate", "fig1", "--d", "10", "--rank", "2", "--step", "0.1", "--iters", "1000000000000", "--trace", "t.csv"}, []string{"--every"}, nil},
		"order":      {drawn, []string{"--n"}, nil},
		"matrices":   {[]string{"sensing", "--generate", "gaussian", "--n", "3000", "--count", "5000000", "--true-rank", "2", "--rank", "3", "--step", "0.1", "--dtype", "mixed", "--quiet"}, []string{"--count", "--n", "--storage regenerate with --dtype f64"}, nil},
		"a spectrum": {[]string{"deep", "--generate", "diagonal", "--n", "200000", "--eigenvalues", eigenvalues, "--depth", "3", "--step", "1e-3"}, nil, []string{"--n of"}},
		"narrow":     {[]string{"deep", "--generate", "diagonal", "--n", "900000", "--eigenvalues", "1", "--depth", "3", "--width", "2", "--step", "1e-3"}, []string{"--n"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := mfbench(t, dir, append(append([]string{"plan"}, c.args...), "--quiet")...)
			if code != 1 || !strings.Contains(stderr, " needs ") {
				t.Fatalf("exit %d, %s", code, stderr)
			}
			for _, text := range c.not {
				if strings.Contains(stderr, text) {
					t.Errorf("%s is suggested: %s", text, stderr)
				}
			}
			for _, text := range c.want {
				_, after, ok := strings.Cut(stderr, text)
				if !ok {
					t.Errorf("%s is not suggested: %s", text, stderr)
					continue
				}
				changed := strings.Fields(strings.ReplaceAll(text, " with ", " "))
				if len(changed) == 1 {
					changed = append(changed, regexp.MustCompile(`\d+`).FindString(after))
				}
				args := slices.DeleteFunc(slices.Clone(c.args), func(a string) bool { return a == "mixed" || a == "--dtype" })
				if !strings.Contains(text, "f64") {
					args = slices.Clone(c.args)
				}
				// What is measured is cancelled; a refusal comes before.
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				var out, errs bytes.Buffer
				execute(ctx, append(append([]string{"plan"}, args...), append(changed, "--quiet")...), &out, &errs)
				if !strings.Contains(errs.String(), "cancelled") {
					t.Errorf("%q is suggested and refused: %s", changed, errs.String())
				}
			}
		})
	}
}

// TestDrawn: measurements that are drawn again are read from nowhere.
func TestDrawn(t *testing.T) {
	quickly(t, false)
	code, stdout, stderr := mfbench(t, t.TempDir(), append(append([]string{"plan"}, plannedRuns["drawn again"]...), "--quiet")...)
	if code != 0 || !strings.Contains(stdout, "are drawn anew") || strings.Contains(stdout, "read and written") || strings.Contains(stdout, "reached") {
		t.Errorf("exit %d, %s, %s", code, stdout, stderr)
	}
}

// TestPlanRefuses: what solve refuses, plan does too.
func TestPlanRefuses(t *testing.T) {
	dir := planFiles(t)
	quickly(t, false)
	good := []string{"--rank", "2", "--step", "0.1"}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"plan", "quantum"}, 2, "unknown system"},
		{append([]string{"plan", "symmetric"}, good...), 2, "exactly one of --sigma"},
		{append([]string{"plan", "symmetric", "--sigma", "nowhere.npy"}, good...), 1, "nowhere.npy: does not exist"},
		{append([]string{"plan", "symmetric", "--sigma", "a.npy"}, good...), 1, "a.npy: the matrix is 150×120; Σ must be square"},
		{append([]string{"plan", "symmetric", "--sigma", os.DevNull}, good...), 1, "is a stream"},
		{[]string{"plan", "symmetric", "--sigma", "s.npy", "--rank", "201", "--step", "0.1"}, 2, "--rank is 201; Σ has order 200"},
		{append([]string{"plan", "symmetric", "--sigma-diag", "s.npy"}, good...), 1, "expected a vector"},
		{append([]string{"plan", "symmetric", "--sigma", "s.npy", "--x0", "a.npy"}, good...), 1, "a run with d = 200, rank 2, Σ dense, made to learn from: a.npy: the matrix is 150×120"},
		{append([]string{"plan", "symmetric", "--sigma", "s.npy", "--iters", "-1"}, good...), 2, "--iters is -1"},
		{append([]string{"plan", "symmetric", "--sigma", "s.npy", "--save-x", "s.npy"}, good...), 2, "s.npy: is read by this run"},
		{append([]string{"plan", "symmetric", "--sigma", "s.npy", "--trace", "nowhere/t.csv"}, good...), 1, "nowhere/t.csv: cannot be written"},
		{append([]string{"plan", "symmetric", "--sigma", "s.npy", "--out", "s.npy/results"}, good...), 1, "s.npy/results: the directory cannot be made"},
		{append([]string{"plan", "symmetric", "--sigma", "s.npy", "--cpuprofile", "nowhere/cpu"}, good...), 1, "nowhere/cpu: cannot be written"},
		{[]string{"plan", "symmetric", "--sigma", "s.npy", "--rank", "2", "--step", "1e-300", "--dtype", "f32"}, 2, "--step is 1e-300; as f32 that is 0"},
		{[]string{"plan", "symmetric", "--sigma", "s.npy", "--rank", "2", "--vary", "step=0.1,1e-300", "--dtype", "f32"}, 2, "--step is 1e-300; as f32 that is 0"},
		{append([]string{"plan", "symmetric", "--config", "run.toml"}, good...), 2, "run.toml: unknown key \"run\""},
		{append([]string{"plan", "symmetric", "--sigma", "empty.mtx", "--rank", "900"}, good[2:]...), 2, "--rank is 900; Σ has order 500"},
		{[]string{"plan", "asymmetric", "--a", "a.npy", "--rank", "200", "--true-rank", "130", "--step", "theory"}, 2, "--true-rank is 130; A is 150×120"},
		{append([]string{"plan", "sensing", "--measurements", "a.npy", "--y", "y.npy"}, good...), 1, "expected m×n×n"},
		{append([]string{"plan", "sensing", "--entries", "a.mtx"}, good...), 1, "the matrix to complete must be square"},
		{[]string{"plan", "deep", "--target", "m.npy", "--depth", "2", "--step", "1"}, 1, "expected a matrix"},
		{[]string{"plan", "deep", "--target", "a.npy", "--step", "1"}, 2, "--depth is missing"},
	} {
		code, stdout, stderr := mfbench(t, dir, append(c.args, quietly(c.args)...)...)
		if code != c.code || !strings.Contains(stderr, c.want) || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: exit %d, %q, %q; want exit %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
}

func quietly(args []string) []string {
	if len(args) < 3 {
		return nil
	}
	return []string{"--quiet"}
}

// TestSolveSaysItsPeak: the report of a run has the memory that it took, where the
// system says.
func TestSolveSaysItsPeak(t *testing.T) {
	_, stdout, _ := mfbench(t, t.TempDir(), "solve", "symmetric", "--generate", "fig1", "--d", "50", "--rank", "1", "--step", "0.1", "--iters", "3", "--json")
	var o struct {
		Peak *float64 `json:"peak_bytes"`
	}
	if err := json.Unmarshal([]byte(stdout), &o); err != nil {
		t.Fatal(err)
	}
	if known := runtime.GOOS == "linux" || runtime.GOOS == "darwin"; known != (o.Peak != nil) || known && *o.Peak < 1<<20 {
		t.Errorf("the peak is known: %v; got %v", known, o.Peak)
	}
}
