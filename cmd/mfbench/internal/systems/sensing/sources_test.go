package sensing

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
)

// solved runs the command with these arguments and returns what --json says.
func solved(t *testing.T, args ...string) map[string]any {
	t.Helper()
	var out strings.Builder
	cmd := new(Flags).Solving()
	cmd.SetArgs(append(args, "--json", "--quiet"))
	cmd.SetOut(&out)
	cmd.SetErr(io.Discard)
	cmd.SilenceUsage = true
	if err := cmd.Execute(); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(out.String()), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// planning is a request that is parsed and goes no further.
func planning(t *testing.T, args ...string) *Flags {
	t.Helper()
	f := new(Flags)
	f.Planning = true
	nothing := func(ctx context.Context) error { return nil }
	cmd := f.Command(nothing, nothing)
	cmd.SetArgs(args)
	cmd.SetErr(io.Discard)
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return f
}

// TestSources: every row has all that a source needs, in both element types: its flags, its
// files, which its own sample writes, a run, a plan that knows how large it is, a
// configuration that repeats it, and a place in the documentation.
func TestSources(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile("../../../../../docs/systems.md")
	if err != nil {
		t.Fatal(err)
	}
	const n, m, r = 30, 400, 2
	for i, s := range table {
		t.Run(s.Flag, func(t *testing.T) {
			in32 := sources[float32]()[i]
			if s.Load == nil || s.Shape == nil || s.Loaded == nil || s.Sample == nil || in32.Load == nil || in32.Loaded == nil {
				t.Fatal("the row lacks a function")
			}
			if (s.Add == nil) == (len(s.Files) == 0) {
				t.Error("a source is read from files or has flags of its own")
			}
			if !strings.Contains(string(docs), "`--"+s.Flag) {
				t.Error("docs/systems.md does not name it")
			}
			help := new(Flags).Solving().Flags()
			for _, name := range table.Group().Belonging {
				if help.Lookup(name) == nil {
					t.Errorf("--%s is no flag", name)
				}
			}
			if help.Lookup(s.Flag) == nil || help.Lookup(s.Flag).Usage == "" {
				t.Fatalf("--%s is no flag, or has no help", s.Flag)
			}

			// A sample, with the flags that say of which kind it is.
			known := filepath.Join(t.TempDir(), "known.mtx")
			if err := problem.WriteSamplePlaces(known, 9, 9, 20, true); err != nil {
				t.Fatal(err)
			}
			x := filepath.Join(t.TempDir(), "truth.npy")
			if err := problem.WriteSample(x, n, 2); err != nil {
				t.Fatal(err)
			}
			kinds := map[string][]string{
				"generate": {"--generate=gaussian", "--n=30", "--count=60", "--truth=" + x},
				"entries":  {"--entries=" + known, "--truth=" + x},
			}
			of := kinds[s.Flag]
			if of == nil {
				of = []string{"--" + s.Flag + "=" + filepath.Join(t.TempDir(), "none.npy"), "--truth=" + x}
			}
			rest := []string{"--rank=2", "--step=1e-4", "--iters=5", "--scale=0.1"}
			f := planning(t, append(of, rest...)...)
			at := run.SampleFiles{Dir: t.TempDir(), Flags: map[string]string{}}
			if err := s.Sample(f, plan.Sensing{Form: plan.Matrices, M: m, N: n, R: r}, at); err != nil {
				t.Fatal(err)
			}
			args := append(rest, "--truth="+x)
			for flag, value := range at.Flags {
				args = append(args, "--"+flag+"="+value)
			}
			if s.Add != nil {
				args = append([]string{"--generate=gaussian", "--n=30"}, args...)
			}

			// What is said of it before and after it is loaded.
			f = planning(t, args...)
			shape, err := f.Shape(b)
			if err != nil {
				t.Fatal(err)
			}
			p, err := loadSensing(f, b, s)
			if err != nil {
				t.Fatal(err)
			}
			loaded := shapeOf(f, b, s, p)
			ahead := shape.(plan.Sensing)
			if ahead.N != n || loaded.N != n || ahead.M != p.a.Count() || loaded.M != ahead.M || ahead.Form != loaded.Form || ahead.Held != loaded.Held || ahead.Truth != loaded.Truth {
				t.Errorf("from the flags it is %+v, loaded %+v", ahead, loaded)
			}
			data := ahead.Form.Data(ahead)
			if held := float64(p.a.Held()); math.Abs(data.Held-held) > 0.2*held {
				t.Errorf("planned for %v bytes; it holds %v", data.Held, held)
			}
			if len(s.Files) > 0 {
				read, _ := f.Results()
				if !slices.Contains(read, at.Flags[s.Flag]) {
					t.Errorf("of %v none is the file", read)
				}
			}

			// Runs in both element types, and one more from the configuration beside X.
			u := filepath.Join(t.TempDir(), "u.npy")
			first := solved(t, append(args, "--save-u="+u)...)
			again := solved(t, "--config="+u+".toml", "--save-u="+u)
			if first["error"] == nil || first["error"] != again["error"] {
				t.Errorf("the error is %v, and %v by its configuration", first["error"], again["error"])
			}
			narrow := solved(t, append(args, "--dtype=f32")...)
			if a, b := first["error"].(float64), narrow["error"].(float64); !(math.Abs(a-b) <= 1e-4*a) {
				t.Errorf("the error is %v, and %v in f32", a, b)
			}
			if s.Mixed != nil && s.Mixed(f) {
				if mixed := solved(t, append(args, "--dtype=mixed")...); mixed["error"] == nil {
					t.Error("no error of a run with --dtype mixed")
				}
			}
		})
	}
}
