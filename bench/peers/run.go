package peers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"lowrank/bench"
	"lowrank/bench/problem"
)

// Config is a comparison.
type Config struct {
	D, R    []int // orders of Σ, columns of X, r ≤ d
	DType   string
	Seed    uint64
	Threads int // the most that a peer gets
	Rounds  int

	Visit   time.Duration // of measuring a peer in a round, at least three iterations
	Trial   time.Duration // of trying a variant
	Timeout time.Duration // for one answer of a peer
	Dir     string        // for files of this run

	Limits bench.Limits // for the share of the bound

	oneByOne bool // as where not all processes fit in memory

	Progress func(stage string, done, total int)
	Done     func(*Cell) // after each d and r
}

// Tolerance is the greatest relative difference to the base after Checked steps.
func Tolerance(dtype string) float64 {
	if dtype == "f32" {
		return 1e-4
	}
	return 1e-10
}

// Checked is the number of steps after which X is compared.
const Checked = 20

// Run compares the peers that are there, the base among them. A peer that fails
// keeps a row that says why; the base must not fail.
func Run(ctx context.Context, cfg Config, found []*Found) (*Result, error) {
	var there []*Found
	for _, f := range found {
		if f.Lacking == nil {
			there = append(there, f)
		}
	}
	res := &Result{Config: cfg, Found: found, Time: time.Now()}
	for _, d := range cfg.D {
		if err := cfg.checkMemory(d); err != nil {
			return res, err
		}
		if err := writeFor(cfg.DType, cfg.Dir, d, cfg.R, cfg.Seed); err != nil {
			return res, fmt.Errorf("the problem of order %d cannot be written: %w", d, err)
		}
		t := &table{Config: &cfg, ctx: ctx, job: Job{cfg.Dir, d, Eta, cfg.DType, cfg.Threads}, d: d}
		trying := fmt.Sprintf("d = %d, variants", d)
		for i, f := range there {
			cfg.Progress(trying, i, 2*len(there))
			if err := t.tune(f); err != nil {
				return res, err
			}
		}
		for i, e := range t.entries {
			cfg.Progress(trying, len(there)+i, 2*len(there))
			if err := t.tuneAgain(e); err != nil {
				return res, err
			}
		}
		for _, r := range cfg.R {
			c, err := t.measure(r)
			if c != nil {
				res.Cells = append(res.Cells, c)
				cfg.Done(c)
			}
			if err != nil {
				return res, err
			}
		}
	}
	return res, os.Remove(filepath.Join(cfg.Dir, sigmaFile))
}

// processBytes bounds the memory of a peer: Σ, a few copies of X, and what its
// language brings with it.
func (c *Config) processBytes(d int) float64 {
	size := 8.0
	if c.DType == "f32" {
		size = 4
	}
	widest := 0
	for _, r := range c.R {
		widest = max(widest, r)
	}
	return size*float64(d)*(float64(d)+6*float64(widest)) + 300<<20
}

func (c *Config) checkMemory(d int) error {
	return problem.CheckMemory(fmt.Sprintf("a peer with a Σ of order %d", d), c.processBytes(d))
}

// together says whether so many processes fit in memory.
func (c *Config) together(d, n int) bool {
	return problem.CheckMemory("", float64(n)*c.processBytes(d)) == nil
}
