package run

import (
	"math"
	"runtime"

	"github.com/spf13/cobra"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/kernel"
)

// Common are the flags that solve and reproduce share.
type Common struct {
	Backend string
	Threads int
	Dtype   string
	Seed    uint64
	Out     string
	JSON    bool
	Quiet   bool
	Config  string
	Given   map[string]bool // flags of the command line
}

func (c *Common) Add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.Backend, "backend", "", "native, openblas or gonum (default: $MF_BACKEND, else the best compiled in)")
	f.IntVar(&c.Threads, "threads", 0, "number of threads, at least 1 (default: all cores)")
	f.StringVar(&c.Dtype, "dtype", "f64", "element type: f64, f32, or mixed: a dense Σ, or the matrices of sensing, held as f32, all else f64")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of all random numbers")
	f.StringVar(&c.Out, "out", "", "directory for results; made when missing")
	f.BoolVar(&c.JSON, "json", false, "print one JSON object as the last line of stdout")
	f.BoolVar(&c.Quiet, "quiet", false, "no progress; errors are still printed")
	f.StringVar(&c.Config, "config", "", "TOML file; flags override it")
	Complete(cmd, "backend", BackendNames()...)
	Complete(cmd, "dtype", "f64", "f32", "mixed")
}

func BackendNames() []string {
	var names []string
	for _, b := range kernel.Backends() {
		names = append(names, b.Name)
	}
	return names
}

// Open checks the common flags and opens the backend.
func (c *Common) Open(cmd *cobra.Command) (*blas.Backend, error) {
	if cmd.Flags().Changed("threads") && (c.Threads < 1 || c.Threads > blas.MaxThreads) {
		return nil, Usagef("--threads is %d; expected at least 1 and at most %d", c.Threads, blas.MaxThreads)
	}
	if c.Seed > math.MaxInt64 { // the largest integer of TOML
		return nil, Usagef("--seed is %d; expected at most %d", c.Seed, uint64(math.MaxInt64))
	}
	if cmd.Flags().Lookup("dtype") != nil && c.Dtype != "f64" && c.Dtype != "f32" && c.Dtype != "mixed" {
		return nil, Usagef("--dtype is %q; expected f64, f32 or mixed", c.Dtype)
	}
	if _, err := kernel.Active(); err != nil {
		return nil, UsageError{err}
	}
	b, err := blas.Open(c.Backend, c.Threads)
	if err != nil {
		return nil, UsageError{err}
	}
	if b.Name == "gonum" {
		// Its own measure of how many goroutines to start.
		runtime.GOMAXPROCS(min(b.Threads, kernel.Detect().Cores))
	}
	return b, nil
}
