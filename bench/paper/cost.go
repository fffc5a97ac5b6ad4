package paper

import (
	"fmt"
	"strings"
	"time"

	"lowrank/bench"
	"lowrank/solvers"
)

// Cost is what the runs of a figure took, the iterations alone.
type Cost struct {
	Iterations int // of all runs together
	Passes     int // readings of the data; runs that share one count it once
	Time       time.Duration
	Bytes      float64 // that had to be read or written
	Flops      float64
}

// load is what an iteration needs.
type load struct {
	bench.Load
	passes bool // whether data is read at all: scalar recursions have none
}

// reading is the load of an iteration that reads its data once.
func reading(l bench.Load) load { return load{l, true} }

// scalarLoad is that of a recursion of n numbers.
func scalarLoad(n int, flops float64) load {
	return load{bench.Load{Bytes: 16 * float64(n), Flops: flops * float64(n)}, false}
}

// add counts runs, which may have shared their passes.
func (c *Cost) add(results []solvers.Result, loads []load, shared bool, spent time.Duration) {
	longest := 0
	for i, r := range results {
		c.Iterations += r.Iterations
		c.Bytes += loads[i].Bytes * float64(r.Iterations)
		c.Flops += loads[i].Flops * float64(r.Iterations)
		switch {
		case !loads[i].passes:
		case shared:
			longest = max(longest, r.Passes)
		default:
			c.Passes += r.Passes
			c.Bytes += loads[i].Pass * float64(r.Passes)
		}
	}
	if longest > 0 {
		c.Passes += longest
		c.Bytes += loads[0].Pass * float64(longest)
	}
	c.Time += spent
}

func (c *Cost) plus(d Cost) {
	c.Iterations += d.Iterations
	c.Passes += d.Passes
	c.Time += d.Time
	c.Bytes += d.Bytes
	c.Flops += d.Flops
}

// rate is an amount a second; 0 where no time was taken.
func (c Cost) rate(amount float64) float64 {
	if c.Time <= 0 {
		return 0
	}
	return amount / c.Time.Seconds()
}

// Share is the least time that the machine allows over the time taken. It may
// pass 1 where data stays in cache.
func (c Cost) Share(l bench.Limits) float64 { return c.rate(l.Bound(c.Bytes, c.Flops, "f64")) }

// IterationsPerSecond is the throughput.
func (c Cost) IterationsPerSecond() float64 { return c.rate(float64(c.Iterations)) }

// Line says the cost in a line; limits may be nil.
func (c Cost) Line(limits *bench.Limits) string {
	if c.Iterations == 0 {
		return "no iterations of its own"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d iterations, %d passes over the data, %.3g s, %.4g iterations/s, %.3g GB/s, %.3g GF/s",
		c.Iterations, c.Passes, c.Time.Seconds(), c.IterationsPerSecond(), c.rate(c.Bytes)/1e9, c.rate(c.Flops)/1e9)
	if limits != nil {
		fmt.Fprintf(&b, ", %.3g %% of the bound (%s)", 100*c.Share(*limits), limits.Rates("f64"))
	}
	return b.String()
}
