package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// solved makes a run and returns its object, and what it said on stderr.
func solved(t *testing.T, args string) (map[string]any, string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := execute(context.Background(), strings.Fields("solve "+args+" --json"), &out, &errs); code != 0 {
		t.Fatalf("%s: exit %d: %s", args, code, errs.String())
	}
	return lastJSON(t, out.String()), errs.String()
}

// autoRuns are runs of all systems with norms that are known.
var autoRuns = []struct {
	args string
	step float64 // for the norm and the start
}{
	{"symmetric --generate fig1 --d 60 --rank 2", 0.25},
	{"symmetric --generate fig1 --d 60 --rank 2 --dtype f32", 0.25},
	{"symmetric --generate fig1 --d 60 --rank 2 --method krylov", 0.25},
	{"symmetric --generate fig1 --form diagonal --d 60 --rank 2 --init small --scale 5", 0}, // of the start
	{"asymmetric --generate lowrank --m 40 --n 30 --true-rank 3 --rank 3 --init random", 0.25},
	{"asymmetric --generate lowrank --m 40 --n 30 --true-rank 3 --rank 3 --method krylov", 0.25},
	{"sensing --generate gaussian --n 10 --count 400 --true-rank 2 --rank 2 --scale 0.1", 0},
	{"deep --generate diagonal --n 3 --eigenvalues 4,2,1 --depth 2", 1.0 / 16},
	{"deep --generate diagonal --n 3 --eigenvalues 4,2,1 --depth 2 --method spectral", 1.0 / 16},
}

// TestStepAuto has the steps of norms and starts that are known, in all systems.
func TestStepAuto(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range autoRuns {
		got, said := solved(t, c.args+" --step auto")
		step := got["step"].(float64)
		if c.step != 0 && math.Abs(step/c.step-1) > 0.01 || !(step > 0) {
			t.Errorf("%s: step %g; expected %g", c.args, step, c.step)
		}
		if got["status"] != "converged to rounding" || got["step_rule"] != "auto" || got["step_halvings"] != 0.0 || !strings.Contains(said, "mfbench: step ") {
			t.Errorf("%s: %v, %s", c.args, got, said)
		}
		// The same number given is the same run.
		same, _ := solved(t, fmt.Sprintf("%s --step %v", c.args, step))
		if same["error"] != got["error"] || same["iterations"] != got["iterations"] || same["step_rule"] != nil {
			t.Errorf("%s: with the number %v; with auto %v", c.args, same, got)
		}
	}
}

// halving is a run whose step diverges. Its measurements are far from isometric: A_2 sees the
// product of the two entries of U ten times, of which nothing is in 𝒜*(y), so that η times
// the curvature there is 12.5 at the solution u = (1, 0), not below 2.
const halving = "sensing --measurements m.npy --y y.npy --u0 u0.npy --rank 1"

func farFromIsometric(t *testing.T) {
	write(t, "m.npy", []int{2, 2, 2}, []float64{1, 0, 0, 0, 0, 5, 5, 0})
	write(t, "y.npy", []int{2}, []float64{math.Sqrt(0.5), 0})
	write(t, "u0.npy", []int{2, 1}, []float64{0.1, 0.01})
}

// TestStepHalves: a run that diverges begins again with half of the step, as often as it
// takes; what it leads to is the run with that step.
func TestStepHalves(t *testing.T) {
	t.Chdir(t.TempDir())
	farFromIsometric(t)
	got, said := solved(t, halving+" --step auto --iters 300 --trace t.csv --save-u x.npy")
	n := got["step_halvings"].(float64)
	if n < 1 || strings.Count(said, "begins again with half of the step") != int(n) || !(got["abandoned_iterations"].(float64) > 0) || got["status"] != "iteration limit" {
		t.Fatalf("%v\n%s", got, said)
	}
	first := got["step"].(float64) * math.Pow(2, n)
	if want := 1 / (4 * got["step_norm"].(float64)); first != want {
		t.Errorf("the first step was %g; expected %g", first, want)
	}
	files := []string{"t.csv", "x.npy"}
	want := contents(t, files)
	solved(t, fmt.Sprintf("%s --step %v --iters 300 --trace t.csv --save-u x.npy", halving, got["step"]))
	equalContents(t, "the step as a number", want, contents(t, files))

	solved(t, halving+" --step auto --iters 300 --trace t.csv --save-u x.npy")
	solved(t, "sensing --config x.npy.toml --quiet")
	equalContents(t, "from its configuration", want, contents(t, files))

	// --vary: each run is halved by itself, and has the bits that it has alone.
	each, said := solved(t, halving+" --vary step=auto,1e-3 --iters 300 --trace v.csv --save-u v.npy")
	runs := each["runs"].([]any)
	if runs[0].(map[string]any)["step_halvings"] != n || runs[1].(map[string]any)["step_halvings"] != nil || !strings.Contains(said, "run 1: diverged") {
		t.Errorf("%v\n%s", runs, said)
	}
	equalContents(t, "in --vary", want, contents(t, []string{"v-1.csv", "v-1.npy"}))

	// Broken off after the halving, and gone on with.
	os.Remove("cp")
	solved(t, halving+" --step auto --iters 120 --checkpoint cp --checkpoint-every 50 --resume --trace t.csv --save-u x.npy")
	on, said := solved(t, halving+" --step auto --iters 300 --checkpoint cp --checkpoint-every 50 --resume --trace t.csv --save-u x.npy")
	if on["step_halvings"] != n || on["abandoned_iterations"] != got["abandoned_iterations"] || strings.Contains(said, "begins again") {
		t.Errorf("gone on: %v\n%s", on, said)
	}
	equalContents(t, "gone on from a checkpoint", want, contents(t, files))
}

func contents(t *testing.T, names []string) (files [][]byte) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
	}
	return files
}

func equalContents(t *testing.T, what string, want, got [][]byte) {
	t.Helper()
	for i := range want {
		if !bytes.Equal(want[i], got[i]) {
			t.Errorf("%s: file %d differs", what, i+1)
		}
	}
}

// TestUntilRoundingResumes: without --iters a run that was broken off ends at the same
// iterate, with the same bits.
func TestUntilRoundingResumes(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range autoRuns {
		save := map[string]string{"s": "--save-x", "a": "--save-x", "d": "--save-product"}[c.args[:1]]
		if strings.HasPrefix(c.args, "sensing") {
			save = "--save-u"
		}
		whole, _ := solved(t, c.args+" --step auto "+save+" whole.npy")
		want := contents(t, []string{"whole.npy"})
		os.Remove("cp")
		os.Remove("cp.previous")
		// What is left of a run that was killed after its checkpoint before the last.
		half := int(whole["iterations"].(float64))*2/3 + 1
		solved(t, fmt.Sprintf("%s --step auto --checkpoint cp --checkpoint-every %d %s part.npy", c.args, half, save))
		if err := os.Remove("cp"); err != nil {
			t.Fatal(err)
		}
		rest, said := solved(t, c.args+" --step auto --checkpoint cp --resume "+save+" part.npy")
		if rest["status"] != "converged to rounding" || rest["iterations"] != whole["iterations"] || !strings.Contains(said, fmt.Sprint("iteration ", half)) {
			t.Errorf("%s: %v after %v iterations; unbroken %v", c.args, rest["status"], rest["iterations"], whole["iterations"])
		}
		equalContents(t, c.args, want, contents(t, []string{"part.npy"}))
	}
}
