package peers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
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
	CoreType string // OPENBLAS_CORETYPE; empty for unset
}

func (s Setting) String() string {
	text := fmt.Sprintf("%d threads", s.Threads)
	if s.Threads == 1 {
		text = "1 thread"
	}
	if s.CoreType != "" {
		text += ", OPENBLAS_CORETYPE=" + s.CoreType
	}
	return text
}

// threadVariables set the number of threads of the libraries that peers use.
var threadVariables = []string{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"}

// steering begin the names of variables that change how libraries compute.
var steering = []string{"OMP_", "GOMP_", "KMP_", "OPENBLAS_", "GOTO", "BLIS_", "MKL_", "VECLIB_", "GOMAXPROCS"}

// environment is that of this process without what steers libraries, and with the
// setting.
func (s Setting) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(e string) bool {
		return slices.ContainsFunc(steering, func(prefix string) bool { return strings.HasPrefix(e, prefix) })
	})
	for _, name := range threadVariables {
		env = append(env, fmt.Sprintf("%s=%d", name, s.Threads))
	}
	if s.CoreType != "" {
		env = append(env, "OPENBLAS_CORETYPE="+s.CoreType)
	}
	return env
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

// coreTypes are the cores of OpenBLAS that a processor can run; old builds take a
// slower one for processors that they do not know.
func coreTypes(cpu kernel.CPU) []string {
	var types []string
	if cpu.AVX512 {
		types = append(types, "SKYLAKEX")
	}
	if cpu.AVX2FMA && strings.Contains(cpu.Name, "AMD") {
		types = append(types, "ZEN")
	}
	if cpu.AVX2FMA {
		types = append(types, "HASWELL")
	}
	return types
}
