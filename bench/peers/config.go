package peers

import (
	"fmt"
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

// tolerance is the greatest relative difference to the base after checked steps.
func tolerance(dtype string) float64 {
	if dtype == "f32" {
		return 1e-4
	}
	return 1e-10
}

// checked is the number of steps after which X is compared.
const checked = 20

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
