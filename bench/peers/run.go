package peers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"lowrank/bench"
	"lowrank/data/problem"
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

	// Limits measures those of the machine and returns the best that were seen so
	// far. They are for the share of the bound, and measured before the first cell.
	Limits func() bench.Limits

	oneByOne bool // as where not all processes fit in memory

	Progress func(stage string, done, total int)
	Done     func(*Result) // after each d and r, whose cell is the last
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
// keeps a row that says why; the base must not fail. After an error the result has
// what was measured before it.
func Run(ctx context.Context, cfg Config, found []*Found) (*Result, error) {
	var there []*Found
	for _, f := range found {
		if f.Lacking == nil {
			there = append(there, f)
		}
	}
	res := &Result{Config: cfg, Found: found, Time: time.Now()}
	for _, f := range there {
		if err := cfg.CheckMemory(f.Peer); err != nil {
			return res, err
		}
	}
	limits := func() { // a few times, far apart, before the first cell: all cells have the same
		if len(res.Cells) == 0 {
			res.Limits = cfg.Limits()
		}
	}
	limits()
	for _, d := range cfg.D {
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
		limits()
		for i, e := range t.entries {
			cfg.Progress(trying, len(there)+i, 2*len(there))
			if err := t.tuneAgain(e); err != nil {
				return res, err
			}
		}
		limits()
		for _, r := range cfg.R {
			c, err := t.measure(r)
			if err != nil {
				return res, err
			}
			c.summarize(res.Limits)
			res.Cells = append(res.Cells, c)
			cfg.Done(res)
		}
	}
	return res, os.Remove(filepath.Join(cfg.Dir, sigmaFile))
}

func (c *Config) sigmaBytes(d int) float64 {
	size := 8.0
	if c.DType == "f32" {
		size = 4
	}
	return size * float64(d) * float64(d)
}

// processBytes bounds the memory of a peer: Σ, a few copies of X, and what its
// language brings with it.
func (c *Config) processBytes(d int, p Peer) float64 {
	sigma := c.sigmaBytes(d)
	return float64(max(p.copies, 1))*sigma + 6*sigma/float64(d)*float64(slices.Max(c.R)) + 300<<20
}

// CheckMemory is an error where a peer does not fit beside the file of the greatest
// Σ, which may be in memory too.
func (c *Config) CheckMemory(p Peer) error {
	d := slices.Max(c.D)
	return problem.CheckMemory(fmt.Sprintf("a peer with a Σ of order %d", d), c.processBytes(d, p)+c.sigmaBytes(d))
}

// together says whether the processes of all fit in memory.
func (c *Config) together(d int, runners []*runner) bool {
	bytes := c.sigmaBytes(d)
	for _, u := range runners {
		bytes += c.processBytes(d, u.Peer)
	}
	return problem.CheckMemory("", bytes) == nil
}
