package deep

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

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lowrank/bench/plan"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/cmd/mfbench/internal/run"
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

// TestSources: every row has all that a source needs, alone and with all its flags: its
// files, which its own sample writes, a run in both element types, a plan that knows how
// large it is, a configuration that repeats it, and a place in the documentation.
func TestSources(t *testing.T) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile("../../../../../docs/systems.md")
	if err != nil {
		t.Fatal(err)
	}
	// Flags of a request that a sample is made for: those without which it is none, and all
	// others of its row.
	none := filepath.Join(t.TempDir(), "none.npy")
	kinds := map[string]struct{ least, rest []string }{
		"target":   {[]string{"--target=" + none}, []string{"--truth=" + none, "--divide=2"}},
		"generate": {[]string{"--generate=symmetric", "--n=60", "--eigenvalues=2,1,-1"}, []string{"--noise=0.5"}},
	}
	for _, s := range table {
		kind, ok := kinds[s.Flag]
		if !ok {
			t.Fatalf("no flags of a sample of --%s", s.Flag)
		}
		for name, of := range map[string][]string{"": kind.least, " with all flags": append(kind.least, kind.rest...)} {
			t.Run(s.Flag+name, func(t *testing.T) { testSource(t, b, s, of, string(docs)) })
		}
		all := strings.Join(append(kind.least, kind.rest...), " ")
		for _, flag := range flagsOf(s) {
			if !strings.Contains(all, "--"+flag+"=") {
				t.Errorf("--%s: not tested with --%s", s.Flag, flag)
			}
		}
	}
}

// flagsOf are the flags of a source, by their names in order.
func flagsOf(s source) (names []string) {
	cmd := new(cobra.Command)
	run.Sources[Flags, problemOf, plan.Deep]{s}.Add(new(Flags), cmd)
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return names
}

// testSource tests a row with a sample of the kind that these flags say.
func testSource(t *testing.T, b *blas.Backend, s source, of []string, docs string) {
	if s.Check == nil || s.Load == nil || s.Shape == nil || s.Loaded == nil || s.Sample == nil {
		t.Fatal("the row lacks a function")
	}
	if !strings.Contains(docs, "`--"+s.Flag) {
		t.Error("docs/systems.md does not name it")
	}
	help := new(Flags).Solving().Flags()
	for _, name := range flagsOf(s) {
		if flag := help.Lookup(name); flag == nil || flag.Usage == "" {
			t.Fatalf("--%s is no flag, or has no help", name)
		}
	}
	said := append(run.Sources[Flags, problemOf, plan.Deep]{s}.Group().Belonging, s.Flag)
	slices.Sort(said)
	if !slices.Equal(said, flagsOf(s)) {
		t.Errorf("its flags are %v; it says %v", flagsOf(s), said)
	}

	const n = 300
	rest := []string{"--depth=3", "--step=1e-3", "--iters=5"}
	f := planning(t, append(of, rest...)...)
	at := run.SampleFiles{Dir: t.TempDir(), Flags: map[string]string{}}
	if err := s.Sample(f, plan.Deep{M: n, N: n, Width: n, Depth: 3}, at); err != nil {
		t.Fatal(err)
	}
	args := append(slices.Clone(of), rest...)
	for flag, value := range at.Flags { // the last one counts
		args = append(args, "--"+flag+"="+value)
	}

	// What is said of it before and after it is loaded.
	f = planning(t, args...)
	shape, err := f.Shape(b)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Load(f, b)
	if err != nil {
		t.Fatal(err)
	}
	loaded := shapeOf(f, b, s, p)
	ahead := shape.(plan.Deep)
	if ahead.M != n || loaded.M != n || ahead.N != n || loaded.N != n || ahead.Width != loaded.Width {
		t.Errorf("from the flags it is %+v, loaded %+v", ahead, loaded)
	}
	if held := float64(8 * len(p.target.Data)); ahead.Size().Data != held {
		t.Errorf("planned for %v bytes; it holds %v", ahead.Size().Data, held)
	}
	read, _ := f.Results()
	for _, file := range s.Files {
		if name, ok := at.Flags[file.Name]; ok && !slices.Contains(read, name) {
			t.Errorf("of %v none is the file of --%s", read, file.Name)
		}
	}
	if (p.truth != nil) != (f.Changed("truth") || f.noise != 0) {
		t.Error("the truth is not known where it is given, or is where it is not")
	}

	// Runs in both element types, and one more from the configuration beside W_1 … W_N.
	w := filepath.Join(t.TempDir(), "w.npz")
	first := solved(t, append(args, "--save-w="+w)...)
	again := solved(t, "--config="+w+".toml", "--save-w="+w)
	for _, key := range []string{"error", "distance"} {
		if first[key] != again[key] {
			t.Errorf("%s is %v, and %v by its configuration", key, first[key], again[key])
		}
	}
	narrow := solved(t, append(args, "--dtype=f32")...)
	if a, b := first["error"].(float64), narrow["error"].(float64); !(math.Abs(a-b) <= 1e-4*a) {
		t.Errorf("the error is %v, and %v in f32", a, b)
	}
}
