package paper

import (
	"fmt"
	"strings"
	"time"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/deep"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
	"lowrank/solvers/symmetric"
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
	pass   float64 // bytes of the data, shared by the runs of an ensemble
	bytes  float64 // beside the data, of each run
	flops  float64 // of each run
	passes bool    // whether the data is read at all: scalar recursions have none
}

// symmetricLoad is that of a step X ← X + η(Σ − XXᵀ)X: a reading of Σ and three
// sweeps over X, two for a diagonal Σ.
func symmetricLoad[T blas.Float](op operator.Operator[T], s *symmetric.Solver[T]) load {
	x := s.X()
	dr, sweeps := float64(x.Rows)*float64(x.Cols), 3.0
	if _, ok := op.(*operator.Diagonal[T]); ok {
		sweeps = 2
	}
	return load{float64(op.Bytes()), sweeps * dr * float64(blas.SizeOf[T]()), op.Flops(x.Cols) + 3*dr*float64(x.Cols), true}
}

// asymmetricLoad is that of a step on XYᵀ: a reading of A, and of both factors
// three sweeps.
func asymmetricLoad[T blas.Float](a operator.Rectangular[T], s *asymmetric.Solver[T]) load {
	k := float64(s.X().Cols)
	mnk := float64(s.X().Rows+s.Y().Rows) * k
	return load{float64(a.Bytes()), 3 * mnk * float64(blas.SizeOf[T]()), a.Flops(s.X().Cols) + 3*mnk*k, true}
}

// sensingLoad is that of a step on UUᵀ: a reading of the measurements.
func sensingLoad[T blas.Float](a operator.Measurement[T], s *sensing.Solver[T]) load {
	u := s.U()
	nr := float64(u.Rows) * float64(u.Cols)
	return load{float64(a.Bytes()), 3 * nr * float64(blas.SizeOf[T]()), a.Flops(u.Cols), true}
}

// deepLoad is that of a step on W_N⋯W_1.
func deepLoad[T blas.Float](s *deep.Solver[T]) load {
	bytes := 0.0
	for _, w := range s.Factors() {
		bytes += 3 * float64(w.Rows) * float64(w.Cols)
	}
	p := s.Product()
	size := float64(blas.SizeOf[T]())
	return load{float64(p.Rows) * float64(p.Cols) * size, bytes * size, s.Flops(), true}
}

// scalarLoad is that of a recursion of n numbers.
func scalarLoad(n int, flops float64) load {
	return load{bytes: 16 * float64(n), flops: flops * float64(n)}
}

// add counts runs, which may have shared their passes.
func (c *Cost) add(results []solvers.Result, loads []load, shared bool, spent time.Duration) {
	longest := 0
	for i, r := range results {
		c.Iterations += r.Iterations
		c.Bytes += loads[i].bytes * float64(r.Iterations)
		c.Flops += loads[i].flops * float64(r.Iterations)
		switch {
		case !loads[i].passes:
		case shared:
			longest = max(longest, r.Passes)
		default:
			c.Passes += r.Passes
			c.Bytes += loads[i].pass * float64(r.Passes)
		}
	}
	if longest > 0 {
		c.Passes += longest
		c.Bytes += loads[0].pass * float64(longest)
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
		fmt.Fprintf(&b, ", %.3g %% of the bound (%.3g GB/s, %.3g GF/s)", 100*c.Share(*limits), limits.Bandwidth/1e9, limits.PeakF64/1e9)
	}
	return b.String()
}
