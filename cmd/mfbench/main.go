package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lowrank/cmd/mfbench/internal/run"
)

func main() {
	ctx, stop := untilSignal()
	code := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// untilSignal is a context that the first signal ends, so that a run ends in order; a
// second one ends the program at once.
func untilSignal() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop()
	}()
	return ctx, stop
}

// keeper is a writer that remembers its first error.
type keeper struct {
	io.Writer
	err error
}

func (k *keeper) Write(p []byte) (int, error) {
	n, err := k.Writer.Write(p)
	if k.err == nil {
		k.err = err
	}
	return n, err
}

// execute is main without the process: stdout is data, stderr progress and errors.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	out := &keeper{Writer: stdout}
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil {
		err = fmt.Errorf("stdout: %w", run.Cause(out.err))
	}
	var usage run.UsageError
	switch {
	case err == nil:
		return run.ExitOK
	case errors.Is(err, run.ErrSaid):
		return run.ExitFailed
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "mfbench:", run.Sentence(err))
		return run.ExitUsage
	default:
		fmt.Fprintln(stderr, "mfbench:", run.Sentence(err))
		return run.ExitFailed
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "mfbench",
		Short: "Gradient-descent matrix factorization: solve, reproduce, measure",
		Long: `mfbench runs gradient descent for matrix factorization, on your own matrices
and on generated ones, and reproduces figures of the papers it implements.

stdout is data, stderr is progress and errors. The exit code is 0 when the run
ended as asked, 1 when it failed, 2 when the command line was wrong.`,
		Example: `  mfbench reproduce symmetric/fig1 --dense
  mfbench solve symmetric --sigma S.npy --rank 3 --step 0.1 --iters 500 --save-x X.npy
  mfbench info`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return run.Usagef("unknown command %q; expected one of list, info, solve, plan, reproduce, bench, roofline, scale, compare, completion, help", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var value *pflag.InvalidValueError
		if errors.As(err, &value) {
			return run.Usagef("--%s is %q; expected a value of type %s", value.GetFlag().Name, value.GetValue(), value.GetFlag().Value.Type())
		}
		return run.Usagef("%v; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(newList(), newInfo(), newSolve(), newPlan(), newReproduce(), newBench(), newRoofline(), newScale(), newCompare(), newPeer())
	return root
}
