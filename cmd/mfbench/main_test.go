package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lowrank/data/matio"
)

// mfbench runs the command in dir.
func mfbench(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Chdir(dir)
	var out, errs bytes.Buffer
	code = execute(context.Background(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func lastJSON(t *testing.T, stdout string) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var object map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &object); err != nil {
		t.Fatalf("the last line is not JSON: %v\n%s", err, stdout)
	}
	return object
}

func write(t *testing.T, path string, shape []int, data []float64) {
	t.Helper()
	if err := matio.WriteNPY(path, shape, data); err != nil {
		t.Fatal(err)
	}
}

// inputs makes a directory with good and bad files.
func inputs(t *testing.T) string {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("s.npy"), []int{3, 3}, []float64{2, 1, 0, 1, 2, 1, 0, 1, 2})
	write(t, at("asymmetric.npy"), []int{3, 3}, []float64{2, 1, 0, 1, 2, 1, 0, 1.5, 2})
	write(t, at("nan.npy"), []int{2, 2}, []float64{1, math.NaN(), math.NaN(), 1})
	write(t, at("inf.npy"), []int{2, 2}, []float64{1, 0, 0, math.Inf(1)})
	write(t, at("wide.npy"), []int{2, 3}, make([]float64, 6))
	write(t, at("cube.npy"), []int{2, 2, 2}, make([]float64, 8))
	write(t, at("none.npy"), []int{0, 0}, nil)
	write(t, at("vector.npy"), []int{3}, []float64{3, 2, 1})
	write(t, at("novector.npy"), []int{0}, nil)
	write(t, at("large.npy"), []int{2, 2}, []float64{1e300, 0, 0, 1})
	write(t, at("u.npy"), []int{3, 2}, []float64{1, 0, 0, 1, 0, 0})
	write(t, at("x1.npy"), []int{3, 1}, []float64{1, 0, 0})
	data, err := os.ReadFile(at("s.npy"))
	if err != nil {
		t.Fatal(err)
	}
	raw := func(name string, data []byte) {
		if err := os.WriteFile(at(name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw("truncated.npy", data[:len(data)-1])
	raw("trailing.npy", append(bytes.Clone(data), 0))
	raw("empty.npy", nil)
	raw("text.npy", []byte("1 2\n3 4\n"))
	huge := bytes.Replace(data, []byte("'shape': (3, 3), }"), []byte("'shape': (4194304, 4194304), }"), 1)
	raw("huge.npy", append(huge[:10:10], huge[10:]...))
	raw("int.npy", bytes.Replace(data, []byte("<f8"), []byte("<i8"), 1))
	raw("bad.toml", []byte("rank = ["))
	raw("unknown.toml", []byte("rnak = 3\n"))
	raw("type.toml", []byte("rank = \"three\"\n"))
	return dir
}

// TestBadInput: one clear sentence, the right exit code, no file left behind.
func TestBadInput(t *testing.T) {
	dir := inputs(t)
	before := list(t, dir)
	good := []string{"--rank", "1", "--step", "0.1", "--iters", "5"}
	sigma := append([]string{"--sigma", "s.npy"}, good...)
	for _, c := range []struct {
		name string
		args []string
		code int
		want string // part of the sentence
	}{
		{"NaN", append([]string{"--sigma", "nan.npy"}, good...), 1, "nan.npy: element (0, 1) is NaN"},
		{"Inf", append([]string{"--sigma", "inf.npy"}, good...), 1, "inf.npy: element (1, 1) is +Inf"},
		{"asymmetric", append([]string{"--sigma", "asymmetric.npy"}, good...), 1, "not symmetric: element (1, 2) is 1 but (2, 1) is 1.5, 0.25·max|a| apart; at most 1e-12·max|a| was expected; --symmetrize takes (Σ + Σᵀ)/2"},
		{"not square", append([]string{"--sigma", "wide.npy"}, good...), 1, "wide.npy: the matrix is 2×3; Σ must be square"},
		{"three dimensions", append([]string{"--sigma", "cube.npy"}, good...), 1, "cube.npy:"},
		{"no elements", append([]string{"--sigma", "none.npy"}, good...), 1, "none.npy: the matrix is 0×0"},
		{"truncated", append([]string{"--sigma", "truncated.npy"}, good...), 1, "truncated.npy:"},
		{"trailing bytes", append([]string{"--sigma", "trailing.npy"}, good...), 1, "trailing.npy:"},
		{"empty", append([]string{"--sigma", "empty.npy"}, good...), 1, "empty.npy:"},
		{"text", append([]string{"--sigma", "text.npy"}, good...), 1, "text.npy:"},
		{"128 TB", append([]string{"--sigma", "huge.npy"}, good...), 1, "140737488355328 bytes"},
		{"integers", append([]string{"--sigma", "int.npy"}, good...), 1, "<i8"},
		{"missing file", append([]string{"--sigma", "nowhere.npy"}, good...), 1, "nowhere.npy: does not exist"},
		{"a directory", append([]string{"--sigma", "."}, good...), 1, "directory"},
		{"matrix as diagonal", append([]string{"--sigma-diag", "s.npy"}, good...), 1, "expected a vector"},
		{"empty diagonal", append([]string{"--sigma-diag", "novector.npy"}, good...), 1, "novector.npy: the vector is empty"},
		{"vector as matrix", append([]string{"--sigma", "vector.npy"}, good...), 1, "vector.npy"},
		{"eigenvalues of another number", append([]string{"--sigma-factor", "u.npy", "--sigma-eig", "vector.npy"}, good...), 1, "vector.npy: 3 eigenvalues for the 2 columns of u.npy"},
		{"x0 of another shape", append(sigma, "--x0", "u.npy"), 1, "u.npy: the matrix is 3×2; X_0 must be d×rank = 3×1"},
		{"x0 with NaN", append(sigma, "--x0", "nan.npy"), 1, "nan.npy"},
		{"unwritable X", append(sigma, "--save-x", "s.npy/x.npy"), 1, "s.npy/x.npy: cannot be written"},
		{"unwritable trace", append(sigma, "--trace", "no/such/t.csv"), 1, "no/such/t.csv: cannot be written"},
		{"X onto a directory", append(sigma, "--save-x", "."), 1, "is a directory"},
		{"unusable --out", append(sigma, "--out", "s.npy"), 1, "s.npy"},
		{"too large for memory", append([]string{"--generate", "fig1", "--d", "100000000"}, good...), 1, "of memory"},

		{"X onto Σ", append(sigma, "--save-x", "./s.npy"), 2, "./s.npy: is read by this run"},
		{"X and trace in one file", append(sigma, "--save-x", "new", "--trace", "./new"), 2, "two results would be written there"},
		{"trace beside X", append(sigma, "--save-x", "new", "--trace", "new.toml"), 2, "two results would be written there"},
		{"checkpoint onto X0", append(sigma, "--x0", "x1.npy", "--checkpoint", "x1.npy"), 2, "is read by this run"},
		{"trace among the report", append(sigma, "--trace", "/dev/stdout"), 2, "/dev/stdout: the standard streams carry the report"},
		{"empty name", append([]string{"--sigma", ""}, good...), 2, "--sigma is empty"},
		{"dimension beyond all memory", append([]string{"--generate", "fig1", "--form", "diagonal", "--d", "9223372036854775807"}, good...), 1, "of memory available"},
		{"rank beyond all memory", []string{"--generate", "fig1", "--form", "diagonal", "--d", "1000000", "--rank", "1000000", "--step", "1"}, 1, "of memory available"},
		{"seed beyond TOML", append(sigma, "--seed", "18446744073709551615"), 2, "--seed is 18446744073709551615; expected at most 9223372036854775807"},
		{"threads beyond sense", append(sigma, "--threads", "100000"), 2, "--threads is 100000"},
		{"Σ beyond f32", append([]string{"--sigma", "large.npy", "--dtype", "f32"}, good...), 1, "large.npy: the largest element is 1e+300; f32 holds at most"},
		{"unknown backend", append(sigma, "--backend", "mkl"), 2, "backend mkl is unknown; expected one of native, openblas, gonum"},
		{"threads 0", append(sigma, "--threads", "0"), 2, "--threads is 0; expected at least 1"},
		{"threads −2", append(sigma, "--threads", "-2"), 2, "--threads is -2"},
		{"rank 0", []string{"--sigma", "s.npy", "--rank", "0", "--step", "0.1"}, 2, "--rank is 0; expected at least 1"},
		{"rank above d", []string{"--sigma", "s.npy", "--rank", "4", "--step", "0.1"}, 2, "--rank is 4; Σ has order 3"},
		{"rank is text", []string{"--sigma", "s.npy", "--rank", "1e3", "--step", "0.1"}, 2, `--rank is "1e3"; expected a value of type int`},
		{"no rank", []string{"--sigma", "s.npy", "--step", "0.1"}, 2, "--rank is missing"},
		{"step 0", append(sigma, "--step", "0"), 2, `--step is "0"; expected a positive number, or theory`},
		{"step negative", append(sigma, "--step=-1"), 2, `--step is "-1"`},
		{"step NaN", append(sigma, "--step", "NaN"), 2, `--step is "NaN"`},
		{"step Inf", append(sigma, "--step", "Inf"), 2, `--step is "Inf"`},
		{"step below f32", append(sigma, "--step", "1e-60", "--dtype", "f32"), 2, "as f32 that is 0"},
		{"no step", []string{"--sigma", "s.npy", "--rank", "1"}, 2, "--step is missing"},
		{"no Σ", good, 2, "exactly one of --sigma"},
		{"two Σ", append(sigma, "--data", "s.npy"), 2, "got --sigma and --data"},
		{"iterations negative", append(sigma, "--iters=-1"), 2, "--iters is -1"},
		{"tolerance negative", append(sigma, "--tol=-1"), 2, "--tol is -1"},
		{"tolerance NaN", append(sigma, "--tol", "nan"), 2, "--tol is NaN"},
		{"scale 0", append(sigma, "--scale", "0"), 2, "--scale is 0"},
		{"start unknown", append(sigma, "--init", "tiny"), 2, `--init is "tiny"; expected large, small, benign or spectral`},
		{"x0 and init", append(sigma, "--x0", "x1.npy", "--init", "small"), 2, "--x0 gives the start"},
		{"dtype unknown", append(sigma, "--dtype", "f16"), 2, `--dtype is "f16"; expected f64, f32 or mixed`},
		{"method unknown", append(sigma, "--method", "newton"), 2, `--method is "newton"; expected direct, krylov or auto`},
		{"every 0", append(sigma, "--every", "0"), 2, "--every is 0"},
		{"theory with full rank", []string{"--sigma", "s.npy", "--rank", "3", "--step", "0.1", "--theory"}, 2, "at most 2"},
		{"theory step without a gap", []string{"--sigma-factor", "u.npy", "--rank", "1", "--step", "theory"}, 2, "strictly decreasing"},
		{"unknown flag", append(sigma, "--rnak", "3"), 2, "unknown flag: --rnak"},
		{"argument", append(sigma, "S.npy"), 2, "takes no argument"},
		{"spectrum unknown", append([]string{"--generate", "flat", "--d", "9"}, good...), 2, `unknown spectrum "flat"`},
		{"no dimension", append([]string{"--generate", "fig1"}, good...), 2, "--d is 0"},
		{"config missing", append(sigma, "--config", "nowhere.toml"), 2, "nowhere.toml: no such file"},
		{"config damaged", append(sigma, "--config", "bad.toml"), 2, "bad.toml: not valid TOML"},
		{"config with unknown key", append(sigma, "--config", "unknown.toml"), 2, `unknown.toml: unknown key "rnak"`},
		{"config of another type", []string{"--sigma", "s.npy", "--step", "0.1", "--config", "type.toml"}, 2, "type.toml: key rank is three; expected a value of type int"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, stdout, stderr := mfbench(t, dir, append([]string{"solve", "symmetric", "--quiet"}, c.args...)...)
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

func list(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestOtherCommandLines(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{}, 0, "mfbench runs gradient descent"},
		{[]string{"--help"}, 0, "Examples:"},
		{[]string{"solve", "symmetric", "--help"}, 0, "A saddle point has a small\ngradient too"},
		{[]string{"list"}, 0, "symmetric/fig1"},
		{[]string{"list", "--json"}, 0, `"name":"symmetric/fig1"`},
		{[]string{"info"}, 0, "path of one step"},
		{[]string{"info", "--json", "--backend", "gonum"}, 0, `"backend":"gonum"`},
		{[]string{"completion", "bash"}, 0, "bash completion"},
		{[]string{"solv"}, 2, `unknown command "solv"`},
		{[]string{"solve", "quadratic"}, 2, `unknown system "quadratic"; expected symmetric`},
		{[]string{"reproduce"}, 2, "needs the name of a figure"},
		{[]string{"reproduce", "symmetric/fig9"}, 2, `unknown figure "symmetric/fig9"; expected all, a system or one of symmetric/fig1`},
		{[]string{"reproduce", "symmetric/fig1", "--d", "2"}, 2, "d is 2; expected at least 4"},
		{[]string{"reproduce", "deep/fig2", "--seed", "7"}, 2, "deep/fig2: there is no parameter seed"},
		{[]string{"reproduce", "deep/fig2", "deep/fig3", "--seed", "7"}, 2, "none of the figures has a parameter seed"},
		{[]string{"reproduce", "deep/fig6", "--set", "iterations=1,x"}, 2, "deep/fig6: iterations is 1,x; expected a list with commas, each a whole number"},
		{[]string{"reproduce", "symmetric/fig1", "--set", "iterations=1.5"}, 2, "symmetric/fig1: iterations is 1.5; expected a whole number"},
		{[]string{"reproduce", "symmetric/fig1", "--set", "scale"}, 2, "--set scale: expected NAME=VALUE"},
		{[]string{"reproduce", "symmetric/fig1", "--config", "nowhere.toml"}, 2, "nowhere.toml: no such file"},
		{[]string{"list", "x"}, 2, "takes no argument"},
		{[]string{"reproduce", "symmetric/fig1", "--d", "1000000000000"}, 1, "of memory available"},
		{[]string{"reproduce", "symmetric/fig1", "--dtype", "f32"}, 2, "the verdicts of the figures hold in f64"},
	} {
		code, stdout, stderr := mfbench(t, t.TempDir(), c.args...)
		if code != c.code || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("%v: exit %d, %q %q; want exit %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
}

func TestSolveSymmetric(t *testing.T) {
	dir := inputs(t)
	code, stdout, stderr := mfbench(t, dir, "solve", "symmetric", "--sigma", "s.npy", "--rank", "2", "--step", "0.1", "--iters", "400", "--theory", "--out", "o", "--json")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	got := lastJSON(t, stdout)
	// Eigenvalues of s.npy: 2 + √2, 2, 2 − √2; the best rank 2 leaves the last.
	want := (2 - math.Sqrt2) / 4
	if !(math.Abs(got["error"].(float64)-want) <= 1e-12 && got["distance"].(float64) <= 1e-12) {
		t.Errorf("error %v, want %v; distance %v", got["error"], want, got["distance"])
	}
	for _, key := range []string{"status", "iterations", "error", "seconds", "total_seconds", "iterations_per_second", "backend", "kernel", "threads", "dtype", "passes"} {
		if got[key] == nil {
			t.Errorf("no %s in %s", key, stdout)
		}
	}
	if got["status"] != "iteration limit" || got["iterations"] != 400.0 {
		t.Errorf("%v after %v", got["status"], got["iterations"])
	}
	first, err := os.ReadFile(filepath.Join(dir, "o", "x.npy"))
	if err != nil {
		t.Fatal(err)
	}
	header, rows, err := matio.ReadCSV(filepath.Join(dir, "o", "trace.csv"))
	if err != nil || len(rows) != 401 || header[0] != "t" {
		t.Errorf("trace has %d rows under %v, %v", len(rows), header, err)
	}

	// The configuration beside the result repeats it, bit for bit; flags
	// override it.
	code, _, stderr = mfbench(t, dir, "solve", "symmetric", "--config", "o/x.npy.toml", "--save-x", "again.npy", "--trace", "again.csv")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if again, err := os.ReadFile(filepath.Join(dir, "again.npy")); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the saved configuration gives another result (%v)", err)
	}
	code, stdout, stderr = mfbench(t, dir, "solve", "symmetric", "--config", "o/x.npy.toml", "--save-x", "x3.npy", "--trace", "t3.csv", "--tol", "1e-8", "--iters", "100000", "--json")
	if got := lastJSON(t, stdout); code != 0 || got["status"] != "converged" || got["gradient"].(float64) > 1e-8 {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// A divergent run fails, says what to do, and saves the last finite iterate.
func TestDivergentRun(t *testing.T) {
	dir := inputs(t)
	for _, source := range [][]string{{"--sigma", "s.npy"}, {"--sigma-diag", "vector.npy"}} {
		code, stdout, stderr := mfbench(t, dir, append([]string{"solve", "symmetric", "--rank", "1", "--step", "50", "--iters", "100", "--save-x", "x.npy", "--json"}, source...)...)
		got := lastJSON(t, stdout)
		if code != 1 || got["status"] != "diverged" || !strings.Contains(stderr, "diverged at iteration") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("exit %d: %s%s", code, stdout, stderr)
		}
		a, err := matio.Open(filepath.Join(dir, "x.npy"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := matio.CheckFinite(a); err != nil {
			t.Error(err)
		}
		a.Close()
	}
}

// TestConfigAlternatives: a source or a start on the command line replaces the
// one in the file, with all that belongs to it.
func TestConfigAlternatives(t *testing.T) {
	dir := inputs(t)
	if code, _, stderr := mfbench(t, dir, "solve", "symmetric", "--generate", "fig1", "--d", "9", "--rank", "1", "--step", "0.1", "--iters", "9", "--save-x", "g.npy", "--seed", "9007199254740993"); code != 0 {
		t.Fatal(stderr)
	}
	for _, args := range [][]string{
		{}, {"--sigma", "s.npy"}, {"--sigma-factor", "u.npy", "--sigma-eig", "eig.npy"}, {"--init", "small"}, {"--sigma", "s.npy", "--x0", "x1.npy"},
	} {
		write(t, filepath.Join(dir, "eig.npy"), []int{2}, []float64{2, 1})
		code, stdout, stderr := mfbench(t, dir, append([]string{"solve", "symmetric", "--config", "g.npy.toml", "--save-x", "h.npy", "--json"}, args...)...)
		if code != 0 {
			t.Errorf("%v: exit %d: %s", args, code, stderr)
			continue
		}
		if len(args) == 0 && !strings.Contains(stdout, `"seed":9007199254740993`) {
			t.Errorf("the seed did not survive: %s", stdout)
		}
	}
}

// A result that cannot be printed is a failure.
func TestStdoutFails(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"info"}, {"solve", "symmetric", "--generate", "fig1", "--d", "9", "--rank", "1", "--step", "0.1"}} {
		var errs bytes.Buffer
		if code := execute(context.Background(), args, full{}, &errs); code != 1 || !strings.Contains(errs.String(), "stdout: no space") {
			t.Errorf("%v: exit %d: %s", args, code, errs.String())
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

// At scales where squares leave the range of float64, results scale.
func TestExtremeScales(t *testing.T) {
	dir := inputs(t)
	var first float64
	for i, scale := range []float64{1, 1e-200, 1e200} {
		data := []float64{2, 1, 0, 1, 2, 1, 0, 1, 2}
		diagonal := []float64{3, 2, 1}
		for k := range data {
			data[k] *= scale
		}
		for k := range diagonal {
			diagonal[k] *= scale
		}
		write(t, filepath.Join(dir, "scaled.npy"), []int{3, 3}, data)
		write(t, filepath.Join(dir, "diagonal.npy"), []int{3}, diagonal)
		run := []string{"--rank", "1", "--init", "spectral", "--step", fmt.Sprint(0.1 / scale), "--iters", "1", "--theory", "--json"}
		code, stdout, stderr := mfbench(t, dir, append([]string{"solve", "symmetric", "--sigma", "scaled.npy"}, run...)...)
		if code != 0 {
			t.Fatalf("scale %g: exit %d: %s", scale, code, stderr)
		}
		got := lastJSON(t, stdout)
		values := got["eigenvalues"].([]any)
		if v := values[0].(float64) / scale; !(math.Abs(v-2-math.Sqrt2) <= 1e-13) {
			t.Errorf("scale %g: λ_1 is %v", scale, values[0])
		}
		if v := got["distance"].(float64) / scale; !(v <= 1e-13) {
			t.Errorf("scale %g: distance %v", scale, got["distance"])
		}
		e := got["error"].(float64)
		if i == 0 {
			first = e
		}
		if !(math.Abs(e-first) <= 1e-13) {
			t.Errorf("scale %g: error %v, want %v", scale, e, first)
		}
		code, stdout, stderr = mfbench(t, dir, append([]string{"solve", "symmetric", "--sigma-diag", "diagonal.npy"}, run...)...)
		if got := lastJSON(t, stdout); code != 0 || !(math.Abs(got["error"].(float64)-math.Sqrt(5.0/14)) <= 1e-13) {
			t.Errorf("scale %g, diagonal: exit %d: %s%s", scale, code, stdout, stderr)
		}
	}
	// A gradient whose square underflows is not a gradient of zero.
	code, stdout, _ := mfbench(t, dir, "solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--step", "0.1", "--scale", "1e-170", "--tol", "1e-6", "--iters", "5", "--json")
	if got := lastJSON(t, stdout); code != 0 || got["status"] != "iteration limit" {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

func TestCancelledRun(t *testing.T) {
	dir := inputs(t)
	t.Chdir(dir)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	code := execute(ctx, []string{"solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--step", "0.1", "--save-x", "x.npy"}, &out, &errs)
	if code != 1 || !strings.Contains(errs.String(), "cancelled after 0 iterations") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	var outTheory, errsTheory bytes.Buffer
	code = execute(ctx, []string{"solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--step", "theory", "--json"}, &outTheory, &errsTheory)
	if code != 1 || !strings.Contains(errsTheory.String(), "cancelled while the leading eigenpairs were computed") || lastJSON(t, outTheory.String())["status"] != "cancelled" {
		t.Errorf("exit %d: %s%s", code, outTheory.String(), errsTheory.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "x.npy")); err != nil {
		t.Error("the iterate of a cancelled run was not saved")
	}
}

func TestEveryStart(t *testing.T) {
	dir := inputs(t)
	for _, start := range [][]string{{"--init", "large"}, {"--init", "small", "--scale", "1e-3"}, {"--init", "benign"}, {"--init", "spectral"}, {"--x0", "x1.npy"}} {
		for _, dtype := range []string{"f64", "f32"} {
			args := append([]string{"solve", "symmetric", "--sigma", "s.npy", "--rank", "1", "--step", "0.1", "--iters", "600", "--theory", "--json", "--dtype", dtype}, start...)
			code, stdout, stderr := mfbench(t, dir, args...)
			if code != 0 {
				t.Fatalf("%v: exit %d: %s", args, code, stderr)
			}
			tol := 1e-12
			if dtype == "f32" {
				tol = 1e-5
			}
			if d := lastJSON(t, stdout)["distance"].(float64); !(d < tol) {
				t.Errorf("%v: distance %v", args, d)
			}
		}
	}
}

func TestReproduce(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := mfbench(t, dir, "reproduce", "symmetric/fig1", "--quick", "--json", "--out", "o", "--seed", "2")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if strings.Count(stdout, "PASS") < 5 || strings.Contains(stdout, "FAIL") {
		t.Errorf("verdicts are missing:\n%s", stdout)
	}
	if got := lastJSON(t, stdout); got["status"] != "passed" || got["iterations"] != 1500.0 {
		t.Errorf("%s", stdout)
	}
	for _, ext := range []string{"csv", "svg", "png", "toml"} {
		if info, err := os.Stat(filepath.Join(dir, "o", "symmetric", "fig1."+ext)); err != nil || info.Size() == 0 {
			t.Errorf("fig1.%s: %v", ext, err)
		}
	}
	// A figure that cannot show what it must fails; so does one that is not told
	// a parameter it has.
	code, stdout, _ = mfbench(t, dir, "reproduce", "symmetric/fig1", "--quick", "--out", "o", "--iters", "30", "--config", "o/symmetric/fig1.toml")
	if code != 1 || !strings.Contains(stdout, "FAIL") {
		t.Errorf("exit %d after 30 iterations:\n%s", code, stdout)
	}
}

// TestReproduceSeveral: a parameter is set where a figure has it, the size comes
// with the configuration, and the page and the table stand beside the figures.
func TestReproduceSeveral(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := mfbench(t, dir, "reproduce", "deep/fig4", "deep/fig5", "--quick", "--set", "kappa=0.3", "--out", "o", "--json")
	if code != 0 || !strings.Contains(stderr, "without a parameter kappa, made as ever: deep/fig5") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if figures, ok := lastJSON(t, stdout)["figures"].([]any); !ok || len(figures) != 2 {
		t.Errorf("%s", stdout)
	}
	for _, name := range []string{"index.html", "index.md", "deep/fig4.json", "deep/fig5.csv"} {
		if info, err := os.Stat(filepath.Join(dir, "o", filepath.FromSlash(name))); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	code, stdout, stderr = mfbench(t, dir, "reproduce", "deep/fig4", "--config", "o/deep/fig4.toml", "--out", "p")
	if code != 0 {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	was, _ := os.ReadFile(filepath.Join(dir, "o", "deep", "fig4.csv"))
	is, _ := os.ReadFile(filepath.Join(dir, "p", "deep", "fig4.csv"))
	config, _ := os.ReadFile(filepath.Join(dir, "p", "deep", "fig4.toml"))
	if !bytes.Equal(was, is) || !bytes.Contains(config, []byte("quick = true")) || !bytes.Contains(config, []byte("kappa = 0.3")) {
		t.Errorf("the configuration makes another figure:\n%s", config)
	}
	code, stdout, _ = mfbench(t, dir, "reproduce", "deep/fig4", "--config", "o/deep/fig4.toml", "--out", "p", "--resume")
	if code != 0 || !strings.Contains(stdout, "kept, made before") {
		t.Errorf("exit %d: %s", code, stdout)
	}
	if code, _, stderr = mfbench(t, dir, "reproduce", "deep/fig5", "--config", "o/deep/fig4.toml"); code != 2 || !strings.Contains(stderr, "it belongs to deep/fig4") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
