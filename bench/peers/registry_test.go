package peers

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lowrank/blas"
)

func TestRegistry(t *testing.T) {
	all, err := Peers(&Host{CBLAS: []string{"mine=/x/lib.so", "/x/libfoo.so.3", "/x/libblis.so.4"}})
	if err != nil {
		t.Fatal(err)
	}
	list := Names(all)
	for _, want := range []string{Base, "gonum", "numpy", "scipy", "torch", "octave", "eigen", "c-openblas", "c-blis", "c-blis-x", "mine", "c-foo"} {
		if !slices.Contains(list, want) {
			t.Errorf("%s is not in %q", want, list)
		}
	}
	slices.Sort(list)
	if len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Errorf("a name stands twice in %q", list)
	}
	for _, p := range all {
		if p.Name == "c-blis" && p.ByUser {
			t.Error("the user's BLIS took the place of the one that is found, which is another file")
		}
	}
	if all, err = Peers(&Host{CBLAS: []string{"c-blis=/x/libblis.so"}}); err != nil || len(all) != len(registry()) {
		t.Errorf("a name that the user gives: %d peers, %v", len(all), err)
	}
	for _, arg := range []string{"", "=", "name=", "=/x.so", "a b=/x.so", "a,b=/x.so", "|=/x.so", "/x/a b.so", "numpy=/x.so", Base + "=/x.so"} {
		if _, err := Peers(&Host{CBLAS: []string{arg}}); err == nil {
			t.Errorf("--cblas %q is taken", arg)
		}
	}
	if all, err := Peers(&Host{CBLAS: []string{"/x/a=b/libob.so"}}); err != nil || all[len(all)-1].Name != "c-ob" {
		t.Errorf("a path with =: %v", err)
	}
	if _, err := Peers(&Host{CBLAS: []string{"a=/x.so", "a=/y.so"}}); err == nil {
		t.Error("one name for two libraries is taken")
	}
}

func TestLacking(t *testing.T) {
	host := &Host{Python: "/no/such/python", CBLAS: []string{"mine=/no/such/lib.so", "bad=registry_test.go", "worse=./registry_test.go"}}
	all, err := Peers(host)
	if err != nil {
		t.Fatal(err)
	}
	var list []Peer
	for _, p := range all {
		if slices.Contains([]string{"numpy", "mine", "bad", "worse"}, p.Name) {
			list = append(list, p)
		}
	}
	if _, err := compiler("CC", "cc", "gcc", "clang"); err != nil {
		t.Skip(err)
	}
	found, err := Look(t.Context(), host, list, t.TempDir(), "f64", 1, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"numpy": "numpy needs Python; /no/such/python is not a program",
		"mine":  "mine needs the shared library /no/such/lib.so, which does not exist",
		"bad":   "bad: cannot load /",
		"worse": "worse: cannot load /",
	}
	for _, f := range found {
		if f.Lacking == nil || !strings.HasPrefix(f.Lacking.Error(), want[f.Name]) {
			t.Errorf("%s: %v; want %s", f.Name, f.Lacking, want[f.Name])
		}
	}
}

// TestPrograms runs every variant of the peers that are installed, and compares with
// loops.
func TestPrograms(t *testing.T) {
	const d = 128             // rows of 1 KiB in f64, whose distance C and Eigen change
	columns := []int{1, 3, 9} // a variant may be for one column, or for 8 at most
	optimize = "-O0"
	defer func() { optimize = "-O3" }()
	for _, dtype := range []string{"f64", "f32"} {
		dir := problemDir(t, dtype, d, columns...)
		list := []Peer{fake(Base, "native")}
		for _, p := range registry() {
			switch p.Name {
			case Base, "openblas", "gonum": // TestBattery of blas/backends runs these
			case "eigen":
				if dtype == "f64" {
					list = append(list, p)
				} else {
					t.Log("f32/eigen is left out: it takes long to compile, and is the same source")
				}
			default:
				list = append(list, p)
			}
		}
		found, err := Look(t.Context(), &Host{}, list, dir, dtype, 2, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Run(dtype+"/"+f.Name, func(t *testing.T) {
				if f.Lacking != nil {
					t.Skip(f.Lacking)
				}
				checkProgram(t, f, Job{dir, d, eta, dtype, 2}, columns)
			})
		}
	}
}

func checkProgram(t *testing.T, f *Found, job Job, columns []int) {
	ctx := t.Context()
	p, err := f.start(ctx, job, Setting{Threads: job.Threads}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer p.quit()
	if !strings.Contains(p.about, ", threads=") {
		t.Errorf("about %q; expected its threads at the end", p.about)
	}
	for _, r := range columns {
		want := expected(t, job, r)
		ran := 0
		for _, v := range p.variants {
			err := p.do(ctx, "use %d %s", r, v)
			if err != nil && strings.HasSuffix(err.Error(), errNo.Error()) && r != 1 {
				t.Logf("%s is not for r = %d", v, r)
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			ran++
			// Steps that reset must forget, then those that count, in two portions.
			for _, n := range []int{3, 0, checked - 7, 7} {
				if n == 0 {
					err = p.do(ctx, "reset")
				} else {
					_, err = p.steps(ctx, n)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(t.TempDir(), "x")
			if err := p.do(ctx, "save %s", path); err != nil {
				t.Fatal(err)
			}
			apart, err := difference(path, want, job.D, r, job.DType)
			if limit := map[string]float64{"f64": 1e-13, "f32": 1e-5}[job.DType]; err != nil || !(apart <= limit) {
				t.Errorf("%s, r = %d: differs by %g, %v", v, r, apart, err)
			}
		}
		if ran == 0 {
			t.Errorf("no variant for r = %d", r)
		}
	}
}

// expected is the file of X after checked steps in loops.
func expected(t *testing.T, job Job, r int) string {
	t.Helper()
	m := &plain{job: job}
	if err := m.use(r, "plain"); err != nil {
		t.Fatal(err)
	}
	for range checked {
		if err := m.step(); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "expected")
	if err := m.save(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// A difference that is no number must not pass for a small one.
func TestDifference(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, v ...float64) string {
		path := filepath.Join(dir, name)
		if err := writeX(path, blas.General[float64]{Rows: 2, Cols: 1, Stride: 1, Data: v}); err != nil {
			t.Fatal(err)
		}
		return path
	}
	base := file("base", 3, 4)
	if apart, err := difference(file("a", 3, 4.5), base, 2, 1, "f64"); err != nil || apart != 0.1 {
		t.Errorf("%g, %v; want 0.1", apart, err)
	}
	if apart, err := difference(file("b", math.NaN(), 4), base, 2, 1, "f64"); err != nil || apart <= tolerance("f64") {
		t.Errorf("of NaN: %g, %v", apart, err)
	}
}
