package run

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/data/memory"
	"lowrank/data/problem"
)

// Planner is a command whose run can be planned: what it will take is known from
// its flags and from the beginnings of its files.
type Planner interface {
	// Results are the files that the run reads, and those that it may write.
	Results() (read []string, results []Output)
	// Shape is an error where the flags or the files are wrong, or a file cannot be
	// read twice.
	Shape(b *blas.Backend) (plan.Shape, error)
	// Instead are other ways to run that take less memory.
	Instead(s plan.Shape) []plan.Instead
	// Sample writes what a smaller problem of the shape s reads to files in dir and
	// returns the flags that make it, beside those of this run.
	Sample(dir string, s plan.Shape) (map[string]string, error)
	Base() *Request
	// Command has the flags and runs in64, or in32 with --dtype f32; Solving is the
	// one that solves.
	Command(in64, in32 func(ctx context.Context) error) *cobra.Command
	Solving() *cobra.Command
}

func (f *Request) Base() *Request { return f }

// CommonShape is what the shapes of all systems have.
func (f *Request) CommonShape(b *blas.Backend) plan.Common {
	c := plan.Common{Elem: 8, Threads: b.Threads, Runs: max(len(f.Runs), 1)}
	if f.Dtype == "f32" {
		c.Elem = 4
	}
	_, c.Own = b.BLAS.(blas.Fuser)
	c.Fused = c.Own
	if f.Trace != "" || f.Out != "" {
		c.Rows = plan.Rows(f.Iters, f.Every)
	}
	c.Checkpoint = f.Checkpoint.file != ""
	return c
}

// Fits refuses a run that would not fit in memory, before anything is read or made.
// The shape is nil where it cannot be known yet: what is wrong is said by who reads
// the files.
func (f *Request) Fits(p Planner, b *blas.Backend) (plan.Shape, error) {
	shape, err := p.Shape(b)
	if err != nil {
		return nil, nil
	}
	free := memory.Available()
	if err := plan.Fits(shape, free, p.Instead(shape)); err != nil {
		return nil, err
	}
	if free > 0 && os.Getenv("GOMEMLIMIT") == "" {
		// What is not in use may grow to as much as what is; not beyond what there is.
		debug.SetMemoryLimit(int64(memory.Resident() + free))
	}
	return shape, nil
}

// CheckRunMemory refuses a run that would not fit beside its data.
func (f *Request) CheckRunMemory(s plan.Shape) error {
	return problem.CheckMemory("a run with "+s.String(), s.Size().Beside())
}

// InsteadOfRuns are the ways of a run of any system to take less memory.
func (f *Request) InsteadOfRuns(s plan.Shape, c plan.Common, with func(c plan.Common) plan.Shape) []plan.Instead {
	var ways []plan.Instead
	if c.Runs > 1 {
		fewer := c
		ways = append(ways, plan.Instead{Text: "--vary of at most %d runs", Below: c.Runs, Largest: func(n int) plan.Shape {
			fewer.Runs = n
			return with(fewer)
		}})
	}
	if size := s.Size(); size.Trace > size.Data+size.Run {
		fewer := c
		ways = append(ways, plan.Instead{Text: "--every of at least %d", Above: f.Every, Most: max(f.Iters, f.Every), Smallest: func(n int) plan.Shape {
			fewer.Rows = plan.Rows(f.Iters, n)
			return with(fewer)
		}})
	}
	return ways
}

// StepIn32 reports whether f32 holds the step, where it is a number.
func (f *Request) StepIn32() bool {
	return f.StepValue == 0 || CheckStep[float32](f.StepValue, "f32") == nil
}
