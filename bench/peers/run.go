package peers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

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
		t := &table{Config: &cfg, ctx: ctx, job: Job{cfg.Dir, d, eta, cfg.DType, cfg.Threads}, d: d}
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
