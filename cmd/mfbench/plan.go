package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/bench/plan"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/cmd/mfbench/internal/systems/asymmetric"
	"lowrank/cmd/mfbench/internal/systems/deep"
	"lowrank/cmd/mfbench/internal/systems/sensing"
	"lowrank/cmd/mfbench/internal/systems/symmetric"
	"lowrank/data/memory"
)

func newPlan() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Predict the time and the memory of a solve before it starts",
		Long: `Predict what a run of mfbench solve will take: put plan in the place of solve, with
all its flags.

A run that does not fit in memory is refused with the exit code 1 and a sentence
that says what would fit. Else iterations of the same problem are made for a second
or two, on the same backend, or, where it is large, of smaller problems of the same
kind whose data exceeds the last cache four times and eight times; their times are
carried over by the bytes and operations that an iteration needs. Files are read up
to their headers; where a smaller problem is wanted it is written to a temporary
directory. How fast a disk is, is not measured.

The interval of a time goes from the least to the largest mean of parts of the
measured iterations and records. Set-up and report are measured once and may be 25 %
off, what is carried over from another problem 10 % more; the interval of the total is
at least 10 % to either side. With --tol a run may end earlier, and one that goes on
from a checkpoint has less to do. --run makes the run too and sets what it took beside
the prediction: the ratio of predicted to actual, and whether it is inside the
interval. Profiles are of that run.`,
		Example: `  mfbench plan symmetric --generate fig1 --d 40000 --rank 8 --step 0.1 --iters 100000
  mfbench plan symmetric --sigma S.npy --rank 3 --step 1e-4 --iters 1000000 --json
  mfbench plan sensing --generate gaussian --n 200 --count 10000 --true-rank 2 --rank 5 --step 0.25 --iters 300 --run`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return run.Usagef("unknown system %q; expected symmetric, asymmetric, sensing or deep", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		planOf(func() run.Planner { return &symmetric.Flags{} }), planOf(func() run.Planner { return &asymmetric.Flags{} }),
		planOf(func() run.Planner { return &sensing.Flags{} }), planOf(func() run.Planner { return &deep.Flags{} }),
	)
	return cmd
}

// planOf is the command that plans what a command of solve runs.
func planOf(of func() run.Planner) *cobra.Command {
	p := &planned{Planner: of(), of: of}
	p.Base().Planning = true
	cmd := p.Command(p.predict, p.predict)
	cmd.Short = "Predict the time and the memory of " + cmd.Short
	cmd.Long = "Predict what mfbench solve " + cmd.Name() + " will take with these flags; mfbench plan --help says how."
	cmd.Example = strings.ReplaceAll(cmd.Example, "mfbench solve", "mfbench plan")
	cmd.Flags().BoolVar(&p.run, "run", false, "make the run too, and compare")
	return cmd
}

func (p *planned) predict(ctx context.Context) error {
	f := p.Base()
	b, err := f.Open(f.Cmd)
	if err != nil {
		return err
	}
	p.b = b
	if m, ok := p.Planner.(interface{ Called() string }); ok && m.Called() != "direct" {
		return run.Usagef("--method is %q; how long another method takes is not known before: plan predicts direct", m.Called())
	}
	if err := f.Outputs(p.Results()); err != nil {
		return err
	}
	program := memory.Resident()
	shape, err := p.Shape(b)
	if err != nil {
		return err
	}
	free := memory.Available()
	if err := plan.Fits(shape, free, p.Instead(shape)); err != nil {
		if f.JSON {
			size := shape.Size()
			out := f.Place(b, f.Cmd.Name())
			out["status"], out["reason"] = "does not fit", run.Sentence(err)
			out["predicted_bytes"], out["available_bytes"] = size.Needs(), free
			err = errors.Join(err, run.PrintJSON(f.Cmd.OutOrStdout(), out))
		}
		return err
	}
	limits := bench.MeasureLimits(b.Threads)
	dtype := f.Dtype
	bound := func(bytes, flops float64) float64 { return limits.Bound(bytes, flops, dtype) }

	dir, err := os.MkdirTemp("", "mfbench-plan-")
	if err != nil {
		return fmt.Errorf("a temporary directory cannot be made: %w", run.Cause(err))
	}
	defer os.RemoveAll(dir)
	var samples []plan.Sample
	for _, s := range learning.Samples(shape, bound) {
		if !f.Quiet {
			fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: measuring %s\n", s)
		}
		sample, err := p.sampled(ctx, dir, s, s == shape)
		if ctx.Err() != nil {
			return fmt.Errorf("cancelled while iterations were measured")
		}
		if err != nil {
			return fmt.Errorf("a run with %s, made to learn from: %w", s, err)
		}
		samples = append(samples, sample)
	}
	os.RemoveAll(dir) // it may lie in memory
	prediction := plan.Predict(shape, f.Iters, program, samples, bound)
	object := p.object(shape, prediction, samples, limits, free)
	if !f.JSON {
		p.print(shape, prediction, samples, limits, free)
	}
	var ran error
	if p.run {
		ran = p.compare(ctx, object, func(iterations int) plan.Prediction {
			return plan.Predict(shape, iterations, program, samples, bound)
		})
	}
	if f.JSON {
		if err := run.PrintJSON(f.Cmd.OutOrStdout(), object); err != nil {
			return err
		}
	}
	return ran
}
