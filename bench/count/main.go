package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // a number is not that of the file, or nothing could be counted
	exitUsage  = 2 // the command line
)

type usageError struct{ error }

// run is main without the process: stdout is the table, stderr what is wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintln(stderr, "count:", strings.Join(strings.Fields(err.Error()), " "))
		return exitUsage
	default:
		fmt.Fprintln(stderr, "count:", strings.Join(strings.Fields(err.Error()), " "))
		return exitFailed
	}
}

func newRoot() *cobra.Command {
	var save bool
	root := &cobra.Command{
		Use:   "count",
		Short: "Count instructions per unit of work, and compare with bench/count/counts.txt",
		Long: `count counts the instructions of the kernels and of the passes made of them under
valgrind, prints them, and compares them with bench/count/counts.txt.

stdout is the table, stderr is progress and errors. The exit code is 0 when every
number is that of the file, 1 when one is not or nothing could be counted, 2 when the
command line was wrong.`,
		Example: `  go run ./bench/count
  go run ./bench/count --save`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := supported(runtime.GOOS, runtime.GOARCH); err != nil {
				return err
			}
			return check(cmd.Context(), save, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	root.Flags().BoolVar(&save, "save", false, "write the numbers to the file; they are not compared")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see count --help", err)}
	})
	root.AddCommand(&cobra.Command{
		Use:    "workload",
		Short:  "What runs under valgrind",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(cmd *cobra.Command, args []string) error { return workload(cmd.OutOrStdout()) },
	})
	return root
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no argument; it got %q", cmd.CommandPath(), args[0])}
	}
	return nil
}

// supported fails where nothing can be counted.
func supported(goos, goarch string) error {
	if goos != "linux" || goarch != "amd64" {
		return fmt.Errorf("instructions are counted on linux/amd64 only; this is %s/%s", goos, goarch)
	}
	return nil
}
