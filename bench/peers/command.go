package peers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"lowrank/kernel"
)

func lookPath(name string) (string, error) { return exec.LookPath(name) }

// What a short-lived helper may take: an interpreter that is asked for its packages,
// a compiler.
const (
	askTime     = time.Minute
	compileTime = 10 * time.Minute
)

// help runs a helper with stdin, and ends it and all that it started when its time is
// over.
func help(ctx context.Context, atMost time.Duration, stdin string, stderr io.Writer, name string, args ...string) error {
	ctx, stop := context.WithTimeout(ctx, atMost)
	defer stop()
	c := exec.CommandContext(ctx, name, args...)
	c.Stdin, c.Stderr = strings.NewReader(stdin), stderr
	c.WaitDelay = time.Second
	c.Cancel = func() error { killGroup(c.Process); return nil }
	if err := startBound(c); err != nil {
		return err
	}
	err := c.Wait()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("it did not end within %v", atMost)
	}
	return err
}

// Setting is what a peer's process is started with.
type Setting struct {
	Threads  int
	CoreType string // such as OPENBLAS_CORETYPE=ZEN; empty for the library's choice
}

func (s Setting) String() string {
	text := fmt.Sprintf("%d threads", s.Threads)
	if s.Threads == 1 {
		text = "1 thread"
	}
	if s.CoreType != "" {
		text += ", " + s.CoreType
	}
	return text
}

// threadVariables set the number of threads of the libraries that peers use.
var threadVariables = []string{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"}

// steering begin the names of variables that change how libraries compute, and the
// one that keeps scripts from what lies beside them; needed are those among them
// without which some libraries do not run at all.
var (
	steering = []string{"OMP_", "GOMP_", "KMP_", "OPENBLAS_", "GOTO", "BLIS_", "AOCL_", "MKL_", "DNNL_", "ONEDNN_",
		"ATEN_", "NPY_", "VECLIB_", "GOMAXPROCS", "PYTHONSAFEPATH"}
	needed = []string{"MKL_THREADING_LAYER", "MKL_INTERFACE_LAYER", "KMP_DUPLICATE_LIB_OK"}
)

// environment is that of this process without what steers libraries, and with the
// setting.
func (s Setting) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return !slices.Contains(needed, name) && slices.ContainsFunc(steering, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	})
	for _, name := range threadVariables {
		env = append(env, fmt.Sprintf("%s=%d", name, s.Threads))
	}
	if s.CoreType != "" {
		env = append(env, s.CoreType)
	}
	return env
}

// searching appends a directory to where the system looks for shared libraries,
// behind those that the user named.
func searching(env []string, dir string) []string {
	name := "LD_LIBRARY_PATH"
	if runtime.GOOS == "darwin" {
		name = "DYLD_LIBRARY_PATH"
	}
	if users := os.Getenv(name); users != "" {
		dir = users + string(os.PathListSeparator) + dir
	}
	return append(env, name+"="+dir)
}

// threadCounts are the numbers of threads that are tried, all first: also half, since
// two threads of a core may hinder each other, and the powers of two, since a small Σ
// is done before many threads are awake.
func threadCounts(all int) []int {
	counts := []int{all}
	if all > 1 {
		counts = append(counts, all/2)
	}
	for n := 1; n < all; n *= 2 {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	slices.Reverse(counts)
	return slices.Compact(counts)
}

// coreTypes are the cores of the library that a peer names, OpenBLAS or BLIS, that a
// processor can run: old builds take a slower one for processors that they do not
// know. The one that the peer has anyway, its last word, is none.
func coreTypes(cpu kernel.CPU, about string) []string {
	var variable, avx512 string
	var amd, avx2 []string
	switch {
	case strings.Contains(about, "OpenBLAS"):
		variable, avx512, amd, avx2 = "OPENBLAS_CORETYPE=", "SKYLAKEX", []string{"ZEN"}, []string{"HASWELL"}
	case strings.Contains(about, "BLIS"):
		variable, avx512, amd, avx2 = "BLIS_ARCH_TYPE=", "skx", []string{"zen3", "zen"}, []string{"haswell"}
	}
	var names []string
	if cpu.AVX512 {
		names = append(names, avx512)
	}
	if cpu.AVX2FMA && strings.Contains(cpu.Name, "AMD") {
		names = append(names, amd...)
	}
	if cpu.AVX2FMA {
		names = append(names, avx2...)
	}
	var types []string
	for _, name := range names {
		if own := about[strings.LastIndex(about, " ")+1:]; variable != "" && !strings.EqualFold(name, own) {
			types = append(types, variable+name)
		}
	}
	return types
}
