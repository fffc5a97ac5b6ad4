package run

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	ExitOK     = 0 // the run ended as asked
	ExitFailed = 1 // a file, divergence, memory, a failing verdict
	ExitUsage  = 2 // the command line
)

// UsageError is an error of the command line.
type UsageError struct{ error }

func Usagef(format string, args ...any) error { return UsageError{fmt.Errorf(format, args...)} }

// ErrSaid is a failure that has been reported already.
var ErrSaid = errors.New("failed")

// Sentence keeps an error on one line.
func Sentence(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// NoArgs refuses arguments with a usage error.
func NoArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return Usagef("%s takes no argument; it got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

func Complete(cmd *cobra.Command, flag string, values ...string) {
	// The only error is a flag that does not exist or is registered twice.
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

// UsageOf makes an error one of the command line.
func UsageOf(err error) error { return UsageError{err} }

// FileError names the file once and the system's reason.
func FileError(path string, err error) error { return fmt.Errorf("%s: %w", path, Cause(err)) }

// Cause strips the operation and the path that os puts before its reason.
func Cause(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}
