package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/matio"
	"lowrank/data/problem"
)

// verdicts are what became of each claim.
func verdictsOf(object map[string]any) map[string]any {
	of := map[string]any{}
	for _, c := range object["checks"].([]any) {
		c := c.(map[string]any)
		of[c["name"].(string)] = c["verdict"]
	}
	return of
}

// computedWith: the claim is what --method spectral computes with.
func computedWith(claim string) bool {
	return slices.ContainsFunc([]string{"Lemma 2.1,", "Lemma 2.8,", "Lemma 2.9,", "Lemma D.1,"}, func(s string) bool { return strings.HasPrefix(claim, s) })
}

// TestMethodsOfDeep: both methods end at the same factors and product, with the same
// trace and claims but for those that spectral computes with, and spectral says what it
// is worth.
func TestMethodsOfDeep(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s.npy"), []int{3, 3}, []float64{2, 0.5, 0, 0.5, 1, 0.25, 0, 0.25, -0.5})
	write(t, filepath.Join(dir, "truth.npy"), []int{3, 3}, []float64{2, 0.5, 0, 0.5, 1, 0, 0, 0, 0})
	for _, of := range [][]string{
		{"--generate", "symmetric", "--n", "30", "--eigenvalues", "2,1,0.5,-0.2,-1", "--depth", "2", "--noise", "0.1", "--step", "0.05", "--theory"},
		{"--generate", "symmetric", "--n", "20", "--eigenvalues", "2,1,0.5,-0.2,-1", "--depth", "3", "--init", "perturbed", "--step", "0.03", "--scale", "0.6", "--theory"},
		{"--generate", "diagonal", "--n", "12", "--eigenvalues", "2,1,0.5,-0.2", "--depth", "4", "--step", "theory", "--scale", "0.5", "--theory"},
		{"--target", "s.npy", "--truth", "truth.npy", "--divide", "2", "--depth", "2", "--init", "perturbed", "--step", "0.1", "--beta", "0.05"},
		{"--target", "s.npy", "--depth", "1", "--step", "0.1"},
	} {
		objects := map[string]map[string]any{}
		for _, method := range []string{"direct", "spectral"} {
			args := append([]string{
				"solve", "deep", "--iters", "150", "--every", "7", "--json", "--method", method,
				"--save-w", method + ".npz", "--save-product", method + ".npy", "--trace", method + ".csv",
			}, of...)
			code, out, errs := mfbench(t, dir, args...)
			if code != 0 || errs != "" {
				t.Fatalf("%v: exit %d, %s", args, code, errs)
			}
			objects[method] = lastJSON(t, out)
		}
		direct, spectral := objects["direct"], objects["spectral"]
		if direct["method"] != "direct" || spectral["method"] != "spectral" || spectral["passes"] != 0.0 {
			t.Errorf("%v: methods %v and %v, %v passes", of, direct["method"], spectral["method"], spectral["passes"])
		}
		for _, key := range []string{"error", "distance", "loss", "iterations", "gradient", "effective_rank", "singular_values", "dims", "step"} {
			if !alike(direct[key], spectral[key]) {
				t.Errorf("%v: %s is %v directly, and %v", of, key, direct[key], spectral[key])
			}
		}
		if e, d, o := spectral["rounding_error"].(float64), spectral["decomposition_error"].(float64), spectral["orthogonality_error"].(float64); !(e > 0 && e < 1e-11 && d < 1e-13 && o < 1e-12) {
			t.Errorf("%v: errors %g, %g, %g", of, e, d, o)
		}
		if at, ok := spectral["direct_departs"]; !ok || at != nil {
			t.Errorf("%v: the direct method departs at %v", of, at)
		}
		if _, ok := direct["checks"]; ok {
			want, got := verdictsOf(direct), verdictsOf(spectral)
			for name, v := range want {
				if v == "holds" && computedWith(name) {
					v = "condition not met"
				}
				if got[name] != v {
					t.Errorf("%v: %s: %v directly, and %v", of, name, want[name], got[name])
				}
			}
			if len(want) != len(got) {
				t.Errorf("%v: %d claims directly, and %d", of, len(want), len(got))
			}
		}
		depth := int(direct["depth"].(float64))
		want, err := problem.ReadFactors(filepath.Join(dir, "direct.npz"), depth)
		got, err2 := problem.ReadFactors(filepath.Join(dir, "spectral.npz"), depth)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		for j, w := range want {
			for i, v := range w.Data {
				if !(math.Abs(got[j].Data[i]-v) <= 1e-10) {
					t.Fatalf("%v: element %d of W%d is %g directly, and %g", of, i, j+1, v, got[j].Data[i])
				}
			}
		}
		p := read(t, filepath.Join(dir, "spectral.npy"))
		for i, v := range read(t, filepath.Join(dir, "direct.npy")) {
			if !(math.Abs(p[i]-v) <= 1e-10) {
				t.Fatalf("%v: element %d of the product is %g directly, and %g", of, i, v, p[i])
			}
		}
		columns, rows, err := matio.ReadCSV(filepath.Join(dir, "direct.csv"))
		same, found, err2 := matio.ReadCSV(filepath.Join(dir, "spectral.csv"))
		if err != nil || err2 != nil || len(rows) != len(found) || strings.Join(columns, ",") != strings.Join(same, ",") {
			t.Fatal(err, err2, len(rows), len(found), columns, same)
		}
		for i, row := range rows {
			for c, v := range row {
				if !(math.Abs(found[i][c]-v) <= 1e-9*math.Abs(v)+1e-12) {
					t.Fatalf("%v: %s in row %d of the trace is %g directly, and %g", of, columns[c], i, v, found[i][c])
				}
			}
		}
	}
}

// TestDirectDepartsOfDeep: a run says from where on the direct method goes another way,
// which it does.
func TestDirectDepartsOfDeep(t *testing.T) {
	dir := t.TempDir()
	args := []string{"solve", "deep", "--generate", "symmetric", "--n", "10", "--eigenvalues", "1,0.8,0.5,0.4,0.3,0.2,0,0,-0.3,-1", "--depth", "3", "--scale", "0.5", "--step", "0.05", "--iters", "3000"}
	errors := map[string]float64{}
	for _, method := range []string{"direct", "spectral"} {
		code, out, errs := mfbench(t, dir, append(args, "--json", "--method", method)...)
		if code != 0 {
			t.Fatalf("exit %d, %s", code, errs)
		}
		object := lastJSON(t, out)
		errors[method] = object["error"].(float64)
		at, ok := object["direct_departs"].(float64)
		if ok != (method == "spectral") || ok && !(at > 1000 && at < 2000) {
			t.Errorf("%s: the direct method departs at %v", method, object["direct_departs"])
		}
	}
	if !(errors["direct"] < 0.7*errors["spectral"]) {
		t.Errorf("errors %v: the direct method learns the eigenvalue -1", errors)
	}
	code, out, _ := mfbench(t, dir, append(args, "--method", "spectral")...)
	if code != 0 || !strings.Contains(out, "expected to show another product from iterate 1") || !strings.Contains(out, "spectral: residual of the eigendecomposition") {
		t.Errorf("exit %d, %s", code, out)
	}
	if strings.Contains(out, "passes") || strings.Contains(out, "GB/s") || strings.Contains(out, "asymmetry") || !strings.Contains(out, "\ndecomposition ") {
		t.Errorf("a run without passes says %s", out)
	}
}

// TestDirectUnpredictedOfDeep: where the step is too large to say anything of the direct
// method, that is said.
func TestDirectUnpredictedOfDeep(t *testing.T) {
	dir := t.TempDir()
	args := []string{"solve", "deep", "--generate", "symmetric", "--n", "3", "--eigenvalues", "1,0.9,0.8", "--depth", "2", "--scale", "0.3", "--init", "perturbed", "--beta", "0.1", "--iters", "2000", "--method", "spectral"}
	for step, said := range map[string]bool{"1.1": false, "0.9": true} {
		code, out, errs := mfbench(t, dir, append(args, "--step", step, "--json")...)
		if code != 0 {
			t.Fatalf("exit %d, %s", code, errs)
		}
		object := lastJSON(t, out)
		why, ok := object["direct_departs_reason"]
		if at, has := object["direct_departs"]; !has || at != nil || ok == said || ok && !strings.Contains(why.(string), "not below 2/(N‖Ŵ‖^(2−2/N)) = 1") {
			t.Errorf("step %s: the direct method departs at %v, %v", step, at, why)
		}
		_, out, _ = mfbench(t, dir, append(args, "--step", step)...)
		if strings.Contains(out, "not predicted: the step η = 1.1 is not below") == said {
			t.Errorf("step %s: %s", step, out)
		}
	}
}

// TestAsymmetryOfDeep: a Ŵ that is not symmetric to the last bit is taken as its mean,
// which is said.
func TestAsymmetryOfDeep(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s.npy"), []int{2, 2}, []float64{1, 0.5 + 2e-13, 0.5 - 2e-13, -0.5})
	args := []string{"solve", "deep", "--target", "s.npy", "--depth", "2", "--step", "0.1", "--scale", "0.5", "--iters", "600", "--method", "spectral"}
	code, out, errs := mfbench(t, dir, append(args, "--json", "--quiet")...)
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	object := lastJSON(t, out)
	// √2·2e−13/√(1 + 2/4 + 1/4)
	if a := object["asymmetry"].(float64); !(math.Abs(a/(math.Sqrt2*2e-13/math.Sqrt(1.75))-1) < 1e-2) {
		t.Errorf("the asymmetry is %g", a)
	}
	if at, ok := object["direct_departs"].(float64); !ok || !(at > 50) {
		t.Errorf("the direct method departs at %v", object["direct_departs"])
	}
	if _, out, _ := mfbench(t, dir, args...); !strings.Contains(out, "of Ŵ; the run is that of (Ŵ+Ŵᵀ)/2") {
		t.Error(out)
	}
}

// cancelling is where something is written to, and what that cancels.
type cancelling struct {
	bytes.Buffer
	at     string
	cancel func()
}

func (c *cancelling) Write(p []byte) (int, error) {
	n, err := c.Buffer.Write(p)
	if strings.Contains(c.String(), c.at) {
		c.cancel()
	}
	return n, err
}

// TestCancelDecomposition: a decomposition that takes long is announced, and ends with
// the command.
func TestCancelDecomposition(t *testing.T) {
	const n = 1001
	data := make([]float64, n*n)
	for i := range n {
		data[i*n+i] = float64(i % 7)
		if i > 0 {
			data[i*n+i-1], data[(i-1)*n+i] = 1, 1
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s.npy"), []int{n, n}, data)
	t.Chdir(dir)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	errs := cancelling{at: "the eigendecomposition of order 1001 takes long", cancel: cancel}
	code := execute(ctx, []string{"solve", "deep", "--target", "s.npy", "--depth", "2", "--step", "0.01", "--method", "spectral", "--json"}, &out, &errs)
	if code != 1 || !strings.Contains(errs.String(), "cancelled while the eigenvalues of Ŵ were computed") || lastJSON(t, out.String())["status"] != "cancelled" {
		t.Errorf("exit %d, %s, %s", code, errs.String(), out.String())
	}
}

// TestAutoOfDeep: auto takes what is expected to be faster, and says what and why.
func TestAutoOfDeep(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "w.npy"), []int{2, 3}, []float64{1, 2, 3, 4, 5, 6})
	write(t, filepath.Join(dir, "a.npy"), []int{2, 2}, []float64{1, 2, 3, 4})
	generated := []string{"--generate", "symmetric", "--n", "20", "--eigenvalues", "2,1"}
	for _, c := range []struct {
		args      []string
		want, say string
	}{
		{append(generated, "--iters", "2000"), "spectral", "method spectral is expected to be faster"},
		{append(generated, "--iters", "3"), "direct", "method direct is expected to be faster"},
		// What is computed beside the iterations counts, and threads help products alone.
		{append(generated, "--iters", "33", "--threads", "2"), "direct", "method direct is expected to be faster"},
		{append(generated, "--iters", "33", "--threads", "2", "--theory"), "spectral", "method spectral is expected to be faster"},
		{append(generated, "--iters", "33", "--threads", "2", "--trace", "t.csv"), "spectral", "method spectral is expected to be faster"},
		{append(generated, "--iters", "33", "--threads", "2", "--step", "theory"), "spectral", "method spectral is expected to be faster"},
		{append(generated, "--iters", "33", "--threads", "1"), "spectral", "method spectral is expected to be faster"},
		{append(generated, "--init", "gaussian"), "direct", "method direct is taken: --method spectral needs --init identity or perturbed"},
		{append(generated, "--dtype", "f32"), "direct", "computes in float64"},
		{append(generated, "--width", "7"), "direct", "needs square factors; --width is 7 and Ŵ of order 20"},
		{[]string{"--target", "w.npy"}, "direct", "the target is 2×3"},
		{[]string{"--target", "a.npy"}, "direct", "the target is not symmetric: rows 2 and 1 hold 3 and 2"},
	} {
		args := append([]string{"solve", "deep", "--depth", "2", "--step", "0.01", "--method", "auto", "--json"}, c.args...)
		code, out, errs := mfbench(t, dir, args...)
		if code != 0 || !strings.Contains(errs, c.say) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d, %q", c.args, code, errs)
			continue
		}
		if got := lastJSON(t, out)["method"]; got != c.want {
			t.Errorf("%v: auto took %v", c.args, got)
		}
		if code, _, errs := mfbench(t, dir, append(args, "--quiet")...); code != 0 || errs != "" {
			t.Errorf("%v: exit %d, %q", c.args, code, errs)
		}
	}
}

// TestVaryOfSpectral: each of several runs is what it is alone, of one decomposition.
func TestVaryOfSpectral(t *testing.T) {
	dir := t.TempDir()
	base := []string{"solve", "deep", "--generate", "symmetric", "--n", "15", "--eigenvalues", "2,1,-1", "--depth", "3", "--iters", "200", "--method", "spectral", "--json", "--theory"}
	code, out, errs := mfbench(t, dir, append(base, "--vary", "step=0.01,0.02", "--vary", "scale=0.3,0.5", "--save-w", "w.npz", "--trace", "t.csv")...)
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	runs := lastJSON(t, out)["runs"].([]any)
	if len(runs) != 4 {
		t.Fatalf("%d runs", len(runs))
	}
	if _, text, _ := mfbench(t, dir, append(slices.DeleteFunc(slices.Clone(base), func(s string) bool { return s == "--json" }), "--vary", "step=0.01,0.02")...); strings.Contains(text, "passes") || !strings.Contains(text, " s, once for 2 runs") {
		t.Error(text)
	}
	took := runs[0].(map[string]any)["decomposition_seconds"]
	for i, r := range runs {
		if r := r.(map[string]any); r["method"] != "spectral" || r["decomposition_seconds"] != took {
			t.Errorf("run %d: method %v, decomposition %v s; expected %v", i+1, r["method"], r["decomposition_seconds"], took)
		}
	}
	code, _, errs = mfbench(t, dir, append(base, "--step", "0.02", "--scale", "0.3", "--save-w", "alone.npz", "--trace", "alone.csv")...)
	if code != 0 {
		t.Fatalf("exit %d, %s", code, errs)
	}
	found := false
	for i := range runs {
		if r := runs[i].(map[string]any); r["step"] == 0.02 && r["scale"] == 0.3 {
			found = true
			sameFiles(t, dir, run.Numbered("w.npz", i), "alone.npz")
			sameFiles(t, dir, run.Numbered("t.csv", i), "alone.csv")
		}
	}
	if !found {
		t.Error("there is no run with a step of 0.02 and a scale of 0.3")
	}
}

// TestResumeOfSpectral: a run in pieces leaves the files of an unbroken one, and says
// the same; a checkpoint of the other method is refused.
func TestResumeOfSpectral(t *testing.T) {
	dir := t.TempDir()
	for _, start := range [][]string{{"--init", "identity"}, {"--init", "perturbed"}} {
		base := append([]string{"solve", "deep", "--generate", "symmetric", "--n", "12", "--eigenvalues", "3,2,1,-1", "--depth", "3", "--step", "0.01", "--every", "7", "--theory", "--json"}, start...)
		args := append(base, "--method", "spectral")
		code, out, errs := mfbench(t, dir, append(args, "--iters", "130", "--save-w", "whole.npz", "--trace", "whole.csv", "--threads", "1")...)
		if code != 0 {
			t.Fatal(errs)
		}
		whole := lastJSON(t, out)
		os.Remove(filepath.Join(dir, "cp"))
		os.Remove(filepath.Join(dir, "cp.previous"))
		var pieces map[string]any
		for _, iters := range []string{"21", "50", "50", "130"} {
			code, out, errs := mfbench(t, dir, append(args, "--iters", iters, "--save-w", "pieces.npz", "--trace", "pieces.csv", "--checkpoint", "cp", "--checkpoint-every", "20", "--resume")...)
			if code != 0 || errs != "" {
				t.Fatalf("exit %d: %s", code, errs)
			}
			pieces = lastJSON(t, out)
		}
		sameFiles(t, dir, "whole.npz", "pieces.npz")
		sameFiles(t, dir, "whole.csv", "pieces.csv")
		for _, key := range []string{"error", "rounding_error", "direct_departs", "gradient", "iterations", "checks"} {
			if !alike(whole[key], pieces[key]) || key == "rounding_error" && whole[key] != pieces[key] {
				t.Errorf("%s is %v; unbroken %v", key, pieces[key], whole[key])
			}
		}
		if code, _, errs := mfbench(t, dir, append(base, "--iters", "130", "--trace", "pieces.csv", "--checkpoint", "cp", "--resume")...); code != 1 || !strings.Contains(errs, "cp: the checkpoint belongs to another run") {
			t.Errorf("exit %d, %q", code, errs)
		}
	}
	// auto goes on by the method that the run was begun with.
	auto := []string{"solve", "deep", "--generate", "symmetric", "--n", "20", "--eigenvalues", "3,2,1", "--depth", "2", "--step", "0.01", "--method", "auto", "--checkpoint", "auto.cp", "--resume", "--json"}
	for _, iters := range []string{"5", "20000"} {
		code, out, errs := mfbench(t, dir, append(auto, "--iters", iters)...)
		if code != 0 {
			t.Fatal(errs)
		}
		if m := lastJSON(t, out)["method"]; m != "direct" {
			t.Errorf("%s iterations: auto went on by %v", iters, m)
		}
	}
	code, out, errs := mfbench(t, dir, append(auto, "--iters", "20000", "--checkpoint", "other.cp")...)
	if code != 0 || lastJSON(t, out)["method"] != "spectral" {
		t.Errorf("auto took another method for 20000 iterations: %d, %s", code, errs)
	}
}

func TestBadMethodsOfDeep(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "w.npy"), []int{2, 3}, []float64{1, 2, 3, 4, 5, 6})
	write(t, filepath.Join(dir, "a.npy"), []int{3, 3}, []float64{1, 2, 3, 2, 1, 5, 3, 4, 1})
	generated := []string{"--generate", "symmetric", "--n", "5", "--eigenvalues", "2,1", "--method", "spectral"}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--target", "w.npy", "--method", "krylov"}, 2, `--method is "krylov"; expected direct, spectral or auto`},
		{append(generated, "--dtype", "f32"), 2, "--method spectral computes in float64; use --dtype f64"},
		{append(generated, "--init", "gaussian"), 2, "--method spectral needs --init identity or perturbed; --init is gaussian"},
		{append(generated, "--w0", "w.npz"), 2, "--method spectral needs --init identity or perturbed; --w0 gives the start"},
		{append(generated, "--width", "7"), 2, "--method spectral needs square factors; --width is 7 and Ŵ of order 5"},
		{append(generated, "--krylov-tol", "1e-9"), 2, "krylov-tol"},
		{[]string{"--target", "w.npy", "--method", "spectral"}, 1, "--method spectral: the target is 2×3; an eigenbasis needs a square one"},
		{[]string{"--target", "a.npy", "--method", "spectral"}, 1, "--method spectral: the target is not symmetric: rows 3 and 2 hold 4 and 5"},
		{append(generated, "--step", "100", "--iters", "9", "--scale", "3"), 1, "is the last finite iterate"},
	} {
		args := append([]string{"solve", "deep", "--depth", "2", "--step", "0.01"}, c.args...)
		code, _, errs := mfbench(t, dir, args...)
		if code != c.code || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit %d, %q", c.args, code, errs)
		}
	}
	args := append([]string{"plan", "deep", "--depth", "2", "--step", "0.01"}, generated...)
	if code, _, errs := mfbench(t, dir, args...); code != 2 || !strings.Contains(errs, "plan predicts direct") {
		t.Errorf("plan: exit %d, %q", code, errs)
	}
}
