package run

import (
	"context"
	"strings"

	"github.com/spf13/pflag"
)

// Solve reads the configuration, validates the flags and runs the command in its
// element type. start is the flag that names a file with the start.
func (f *Request) Solve(start string, check func() error, in64, in32 func(ctx context.Context) error, groups ...FlagGroup) error {
	// --out on the command line takes the place of the file's names of results.
	var results []string
	f.Cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "trace" || strings.HasPrefix(flag.Name, "save-") {
			results = append(results, flag.Name)
		}
	})
	groups = append(groups, FlagGroup{ChosenBy: []string{"out"}, Belonging: results})
	if err := f.readConfig(f.Cmd, groups...); err != nil {
		return err
	}
	if err := f.checkVary(start); err != nil {
		return err
	}
	if err := check(); err != nil {
		return err
	}
	in := in64
	if f.Dtype == "f32" {
		in = in32
	}
	if f.Planning { // profiles are of the run
		return in(f.Cmd.Context())
	}
	return f.profiles.During(f.Cmd.Context(), "solve "+f.Cmd.Name(), in)
}
