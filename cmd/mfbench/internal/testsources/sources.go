// Package testsources tests the table of sources of a system, as the tests of all systems do:
// a row that is wired by half fails. It may import run and what that may.
package testsources

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/cmd/mfbench/internal/run"
)

// System is a table, and what its rows are tested with.
type System[F, P, S any] struct {
	Table run.Sources[F, P, S]
	// Rows32 are the rows for float32 in the order of the table, whether each has all
	// functions; nil where one table serves both element types.
	Rows32 []bool
	// Kinds are those of rows by the flag that chooses; a row of one file needs none.
	Kinds map[string]Kind
	// Mixed are the flags that choose data which can be held in float32.
	Mixed []string
	// Refused is a command line for every row that validates its flags.
	Refused map[string]Refusal
	Flags   []string // of every run
	Sample  S        // shape of the problems that rows make
	Save    string   // flag of a result
	Same    []string // keys of --json that a run by its configuration repeats
	// Check compares what is said of a source before it is loaded with what is loaded.
	Check func(t *testing.T, f *F, b *blas.Backend, s run.Source[F, P, S], ahead S)
}

// Refusal is a command line that is refused, and what the error says.
type Refusal struct {
	Args []string
	Says string
}

// Kind is the flags that a sample is made for: those without which it is none, and all
// others of its row; Else are those that some of Rest exclude.
type Kind struct{ Least, Rest, Else []string }

// flagsOf are the flags of a system.
type flagsOf[F any] interface {
	*F
	run.Planner
}

// Whole says whether a row has all functions.
func Whole[F, P, S any](s run.Source[F, P, S]) bool {
	return s.Load != nil && s.Shape != nil && s.Loaded != nil && s.Sample != nil
}

// Run tests every row of the table: it has all that a source needs, in both element types,
// its flags with their help, its files, which its own sample writes, a run, a plan that knows
// how large it is, a configuration that repeats it, and a place in docs/systems.md, which lies
// at the root of the module.
func Run[F, P, S any, PF flagsOf[F]](t *testing.T, sys System[F, P, S], root string) {
	b, err := blas.Open("native", 2)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile(filepath.Join(root, "docs/systems.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range sys.Table {
		kind, ok := sys.Kinds[s.Flag]
		if !ok && len(s.Files) == 1 && s.Add == nil {
			kind, ok = Kind{Least: []string{"--" + s.Flag + "=" + filepath.Join(t.TempDir(), "none.npy")}}, true
		}
		switch {
		case !ok:
			t.Fatalf("no flags of a sample of --%s", s.Flag)
		case !Whole(s) || sys.Rows32 != nil && !sys.Rows32[i]:
			t.Fatalf("--%s: the row lacks a function", s.Flag)
		case !strings.Contains(string(docs), "`--"+s.Flag):
			t.Errorf("docs/systems.md does not name --%s", s.Flag)
		}
		refused, ok := sys.Refused[s.Flag]
		if ok != (s.Check != nil) {
			t.Errorf("--%s: the row validates its flags: %v; a line that it refuses: %v", s.Flag, s.Check != nil, ok)
		} else if ok {
			if _, err := parse[F, PF](t, refused.Args...); err == nil || !strings.Contains(err.Error(), refused.Says) {
				t.Errorf("--%s: %v ends as %v; expected %s", s.Flag, refused.Args, err, refused.Says)
			}
		}
		all := append(slices.Clone(kind.Least), kind.Rest...)
		for _, flag := range names[F, P, S](s) {
			if !slices.ContainsFunc(append(all, kind.Else...), func(arg string) bool { return strings.HasPrefix(arg, "--"+flag+"=") }) {
				t.Errorf("--%s: not tested with --%s", s.Flag, flag)
			}
		}
		said := append(run.Sources[F, P, S]{s}.Group().Belonging, s.Flag)
		slices.Sort(said)
		if !slices.Equal(said, names[F, P, S](s)) {
			t.Errorf("the flags of --%s are %v; it says %v", s.Flag, names[F, P, S](s), said)
		}
		help := PF(new(F)).Solving().Flags()
		for _, name := range said {
			if flag := help.Lookup(name); flag == nil || flag.Usage == "" {
				t.Errorf("--%s is no flag, or has no help", name)
			}
		}
		t.Run(s.Flag, func(t *testing.T) { one[F, P, S, PF](t, sys, b, s, kind.Least, slices.Contains(sys.Mixed, s.Flag)) })
		if len(kind.Rest) > 0 {
			t.Run(s.Flag+" with all flags", func(t *testing.T) { one[F, P, S, PF](t, sys, b, s, all, false) })
		}
		if len(kind.Else) > 0 {
			t.Run(s.Flag+" with other flags", func(t *testing.T) {
				one[F, P, S, PF](t, sys, b, s, append(slices.Clone(kind.Least), kind.Else...), false)
			})
		}
	}
}

// names are the flags of a source in order.
func names[F, P, S any](s run.Source[F, P, S]) (list []string) {
	cmd := new(cobra.Command)
	run.Sources[F, P, S]{s}.Add(new(F), cmd)
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { list = append(list, flag.Name) })
	return list
}

// one tests a row by a sample of the kind that these flags say; mixes says that it can be
// held in float32.
func one[F, P, S any, PF flagsOf[F]](t *testing.T, sys System[F, P, S], b *blas.Backend, s run.Source[F, P, S], of []string, mixes bool) {
	of = append(slices.Clone(of), sys.Flags...)
	f := parsed[F, PF](t, of...)
	at := run.SampleFiles{Dir: t.TempDir(), Flags: map[string]string{}}
	if err := s.Sample(f, sys.Sample, at); err != nil {
		t.Fatal(err)
	}
	args := of
	for _, flag := range slices.Sorted(maps.Keys(at.Flags)) { // the last one counts
		args = append(args, "--"+flag+"="+at.Flags[flag])
	}

	f = parsed[F, PF](t, args...)
	shape, err := PF(f).Shape(b)
	if err != nil {
		t.Fatal(err)
	}
	sys.Check(t, f, b, s, any(shape).(S))
	if size := shape.Size(); len(s.Files) > 0 && size.Mapped+size.Making <= 0 {
		t.Error("the shape does not say what reading the file takes")
	}
	read, _ := PF(f).Results()
	for _, file := range s.Files {
		if name, ok := at.Flags[file.Name]; ok && !slices.Contains(read, name) {
			t.Errorf("of %v none is the file of --%s", read, file.Name)
		}
	}

	result := filepath.Join(t.TempDir(), "result")
	first := solved[F, PF](t, append(args, "--"+sys.Save+"="+result)...)
	again := solved[F, PF](t, "--config="+result+".toml", "--"+sys.Save+"="+result)
	for _, key := range sys.Same {
		if first[key] != again[key] {
			t.Errorf("%s is %v, and %v by its configuration", key, first[key], again[key])
		}
	}
	narrow := solved[F, PF](t, append(args, "--dtype=f32")...)
	if wide, f32 := first["error"].(float64), narrow["error"].(float64); !(math.Abs(wide-f32) <= 1e-4*wide) {
		t.Errorf("the error is %v, and %v in f32", wide, f32)
	}
	if does := s.Mixed != nil && s.Mixed(f); mixes && !does {
		t.Error("the row does not say that it can be held in float32")
	} else if does {
		if mixed := solved[F, PF](t, append(args, "--dtype=mixed")...); mixed["error"] == nil {
			t.Error("no error of a run with --dtype mixed")
		}
	}
}

// parsed is a request that goes no further.
func parsed[F any, PF flagsOf[F]](t *testing.T, args ...string) *F {
	t.Helper()
	f, err := parse[F, PF](t, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return f
}

func parse[F any, PF flagsOf[F]](t *testing.T, args ...string) (*F, error) {
	f := new(F)
	PF(f).Base().Planning = true
	nothing := func(context.Context) error { return nil }
	cmd := PF(f).Command(nothing, nothing)
	cmd.SetArgs(args)
	cmd.SetErr(io.Discard)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	return f, cmd.ExecuteContext(t.Context())
}

// solved runs the command and returns what --json says.
func solved[F any, PF flagsOf[F]](t *testing.T, args ...string) map[string]any {
	t.Helper()
	var out strings.Builder
	cmd := PF(new(F)).Solving()
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

// Near tests a number of a plan against one of what was loaded.
func Near(t *testing.T, what string, planned, loaded, tolerance float64) {
	t.Helper()
	if math.Abs(planned-loaded) > tolerance*loaded {
		t.Errorf("planned for %v %s; it is %v", planned, what, loaded)
	}
}
