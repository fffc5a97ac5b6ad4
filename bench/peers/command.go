package peers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"lowrank/kernel"
)

func lookPath(name string) (string, error) { return exec.LookPath(name) }

// command is a short-lived helper: a compiler, an interpreter that is asked for its
// packages.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.WaitDelay = time.Second
	return c
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

// environment is that of this process without what steers an OpenBLAS or the number
// of threads, and with the setting.
func (s Setting) environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return name == "OPENBLAS_CORETYPE" || name == "OPENBLAS_L2_SIZE" || slices.Contains(threadVariables, name)
	})
	for _, name := range threadVariables {
		env = append(env, fmt.Sprintf("%s=%d", name, s.Threads))
	}
	if s.CoreType != "" {
		env = append(env, "OPENBLAS_CORETYPE="+s.CoreType)
	}
	return env
}

// threadCounts are the numbers of threads that are tried: all, one, and half where
// that is another, since two threads of a core may hinder each other.
func threadCounts(all int) []int {
	counts := []int{all}
	for _, n := range []int{all / 2, 1} {
		if n >= 1 && !slices.Contains(counts, n) {
			counts = append(counts, n)
		}
	}
	return counts
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
