package suite_test

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lowrank/bench/suite"
	_ "lowrank/blas/backends"
)

// TestOperations runs every operation of the small grid: its name is one that
// benchstat can take apart, its needs are positive, and on native a step
// allocates nothing.
func TestOperations(t *testing.T) {
	name := regexp.MustCompile(`^[A-Z][A-Za-z0-9]+/backend=[a-z]+/dtype=f(32|64)(/[a-z0-9]+=[A-Za-z0-9]+)+$`)
	seen := map[string]bool{}
	bytes := map[string]float64{} // by the name without its backend
	for _, f := range suite.Families() {
		if len(f.Operations(suite.Grid{})) == 0 {
			t.Errorf("%s has no operations", f.Name)
		}
		for _, o := range f.Operations(suite.Grid{Threads: 2}) {
			if !name.MatchString(o.Name()) || o.Family != f.Name || seen[o.Name()] {
				t.Errorf("name %q", o.Name())
			}
			seen[o.Name()] = true
			w, err := o.Prepare()
			if err != nil {
				t.Errorf("%s: %v", o.Name(), err)
				continue
			}
			if !(w.Bytes > 0) || !(w.Flops > 0) || w.Threads != 2 {
				t.Errorf("%s: needs %g bytes and %g operations on %d threads", o.Name(), w.Bytes, w.Flops, w.Threads)
			}
			needed := strings.Replace(o.Name(), "backend="+o.Param("backend"), "", 1)
			if have, ok := bytes[needed]; ok && have != w.Bytes {
				t.Errorf("%s needs %g bytes on one backend and %g on another", o.Name(), have, w.Bytes)
			}
			bytes[needed] = w.Bytes
			allocs := testing.AllocsPerRun(3, func() {
				if err := w.Step(); err != nil {
					t.Errorf("%s: %v", o.Name(), err)
				}
			})
			if o.Param("backend") == "native" && allocs != 0 {
				t.Errorf("%s allocates %g times a step", o.Name(), allocs)
			}
		}
	}
}

// TestTime: the median of at least three samples, of several steps where one is
// short, and the error of a step.
func TestTime(t *testing.T) {
	steps := 0
	w := suite.Work{Step: func() error { steps++; return nil }}
	if s, n, err := w.Time(0); err != nil || !(s > 0) || n != suite.LeastSamples {
		t.Errorf("%g seconds for an empty step, %d of them, %v", s, steps, err)
	}
	steps = 0
	w.Step = func() error { steps++; time.Sleep(time.Millisecond); return nil }
	if s, _, err := w.Time(0); err != nil || s < 1e-3 || steps != 3 {
		t.Errorf("%g seconds for a step of a millisecond, %d of them, %v", s, steps, err)
	}
	failed := errors.New("failed")
	w.Step = func() error { return failed }
	if _, _, err := w.Time(0); !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
}

// TestGrid: what is asked for takes the place of a family's own dimensions.
func TestGrid(t *testing.T) {
	g := suite.Grid{Backends: []string{"native"}, DTypes: []string{"f32"}, D: []int{40}, R: []int{3, 50}}
	var names []string
	for _, o := range suite.Find("SymmetricStep").Operations(g) {
		names = append(names, o.Name())
	}
	want := []string{ // no more columns than rows
		"SymmetricStep/backend=native/dtype=f32/sigma=dense/d=40/r=3",
		"SymmetricStep/backend=native/dtype=f32/sigma=diagonal/d=40/r=3",
	}
	if !slices.Equal(names, want) {
		t.Errorf("got %q", names)
	}
}

// TestTooLarge: what cannot fit in memory is refused.
func TestTooLarge(t *testing.T) {
	o := suite.SymmetricStep(suite.Grid{}, "native", "f64", "dense", 50_000_000, 1)
	if _, err := o.Prepare(); err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("error %v", err)
	}
}

// TestCancelled: a run ends with its context.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := suite.SymmetricStep(suite.Grid{}, "native", "f64", "dense", 20, 1)
	if _, err := o.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestFamiliesAreBenchmarks: go test -bench in package bench runs every family.
func TestFamiliesAreBenchmarks(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../bench_test.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			have[f.Name.Name] = true
		}
	}
	for _, f := range suite.Families() {
		if !have["Benchmark"+f.Name] {
			t.Errorf("../bench_test.go has no Benchmark%s", f.Name)
		}
	}
}
