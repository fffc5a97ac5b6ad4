//go:build linux

package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeBLAS is a library of the routines without which the C peer does not start.
const fakeBLAS = `
typedef INTEGER blasint;
#define NAME2(name, suffix) name##suffix
#define NAME(name, suffix) NAME2(name, suffix)
double NAME(cblas_ddot, SUFFIX)(blasint n, const double *x, blasint incx, const double *y, blasint incy) {
	double sum = 0;
	for (blasint i = 0; i < n; i++) sum += x[i * incx] * y[i * incy];
	return sum;
}
void NAME(cblas_dgemm, SUFFIX)(void) {}
const char *bli_info_get_version_str(void) { return "0"; }
long bli_thread_get_num_threads(void) { return 5; }
#ifdef NEEDS
extern int needed(void);
int (*need)(void) = needed;
#endif
#ifdef CORES
#include <stdlib.h>
const char *bli_arch_string(int i) { return (const char *[]){"first", "second", "generic"}[i]; }
int bli_arch_query_id(void) { return getenv("BLIS_ARCH_TYPE") ? atoi(getenv("BLIS_ARCH_TYPE")) : 2; }
#endif
`

// lookCBLAS compiles a fake library with flags, and looks for it.
func lookCBLAS(t *testing.T, path string, flags ...string) *Found {
	t.Helper()
	cc, err := compiler("CC", "cc", "gcc", "clang")
	if err != nil {
		t.Skip(err)
	}
	build(t, cc, fakeBLAS, path, flags...)
	optimize = "-O0"
	defer func() { optimize = "-O3" }()
	host := &Host{CBLAS: []string{"fake=" + path}}
	all, err := Peers(host)
	if err != nil {
		t.Fatal(err)
	}
	found, err := Look(t.Context(), host, all[len(all)-1:], t.TempDir(), "f64", 1, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return found[0]
}

func build(t *testing.T, cc []string, source, path string, flags ...string) {
	t.Helper()
	args := append(append(cc[1:], "-shared", "-fPIC", "-o", path, "-x", "c", "-"), flags...)
	c := exec.Command(cc[0], args...)
	c.Stdin = strings.NewReader(source)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// What a library is asked or tried for: the width of its integers, its threads, its
// path.
func TestCBLASAbout(t *testing.T) {
	for _, c := range []struct{ integer, suffix, want string }{
		{"int", "", "BLIS 0, threads=5"},
		{"long", "", "BLIS 0 (64-bit integers), threads=5"},
		{"long", "64_", "BLIS 0 (64-bit integers), threads=5"},
		{"long", "_64", "BLIS 0 (64-bit integers), threads=5"},
	} {
		path := filepath.Join(t.TempDir(), "libfake.so")
		f := lookCBLAS(t, path, "-DINTEGER="+c.integer, "-DSUFFIX="+c.suffix)
		if f.Lacking != nil || f.About != c.want || !sameFile(f.Library, path) {
			t.Errorf("%s, suffix %q: about %q, library %s, %v; want %q", c.integer, c.suffix, f.About, f.Library, f.Lacking, c.want)
		}
	}
}

// BLIS takes the number of a core, this program names it.
func TestBLISCore(t *testing.T) {
	f := lookCBLAS(t, filepath.Join(t.TempDir(), "libfake.so"), "-DINTEGER=int", "-DSUFFIX=", "-DCORES")
	if f.Lacking != nil || !strings.Contains(f.About, "generic") {
		t.Fatalf("%q, %v", f.About, f.Lacking)
	}
	dir := problemDir(t, "f64", 8, 1)
	p, err := f.start(t.Context(), Job{dir, 8, eta, "f64", 1}, Setting{1, "BLIS_ARCH_TYPE=second"}, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	p.quit()
	if p.about != "BLIS 0 second, threads=5" {
		t.Errorf("about %q", p.about)
	}
}

// What a library needs may lie beside it; where it does not the user is told.
func TestCBLASNeeds(t *testing.T) {
	cc, err := compiler("CC", "cc", "gcc", "clang")
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	needed := filepath.Join(dir, "libneeded.so")
	build(t, cc, "int needed(void) { return 1; }", needed)
	flags := []string{"-DINTEGER=int", "-DSUFFIX=", "-DNEEDS", "-L" + dir, "-lneeded"}
	path := filepath.Join(dir, "libfake.so")
	// The library is named after the source, which the linker reads first.
	flags = append([]string{"-x", "none"}, flags...)
	if f := lookCBLAS(t, path, flags...); f.Lacking != nil {
		t.Error(f.Lacking)
	}
	moved := filepath.Join(t.TempDir(), "libfake.so")
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(moved, data, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := cblasNamed("fake=" + moved)
	if err != nil {
		t.Fatal(err)
	}
	found, err := Look(t.Context(), &Host{}, []Peer{p}, t.TempDir(), "f64", 1, 20*time.Second)
	want := "fake: cannot load " + moved + ": libneeded.so: cannot open shared object file: No such file or directory; LD_LIBRARY_PATH names the directories of what it needs"
	if err != nil || found[0].Lacking == nil || found[0].Lacking.Error() != want {
		t.Errorf("%v, %v; want %s", err, found[0].Lacking, want)
	}
}

// A derived name that is taken gets the directory or a number; the place of an
// installed library is taken by the same file alone.
func TestDerivedNames(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(dir, "libopenblas.so")
	link := filepath.Join(t.TempDir(), "libopenblas.so.0")
	if err := os.WriteFile(real, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LD_LIBRARY_PATH", dir)
	all, err := Peers(&Host{CBLAS: []string{link, "/a/one/lib/libopenblas.so", "/b/one/lib64/libopenblas.so", "/c/one/libopenblas.so", "/x y/libopenblas.so"}})
	if err != nil {
		t.Fatal(err)
	}
	var byUser []string
	for _, p := range all {
		if p.ByUser {
			byUser = append(byUser, p.Name+" "+p.library)
		}
	}
	want := "c-openblas " + link + ", c-openblas-one /a/one/lib/libopenblas.so, c-openblas-2 /b/one/lib64/libopenblas.so, " +
		"c-openblas-3 /c/one/libopenblas.so, c-openblas-4 /x y/libopenblas.so"
	if got := strings.Join(byUser, ", "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
