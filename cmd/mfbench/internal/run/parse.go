package run

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// Rules are what a command says of its flags, beside those of all runs.
type Rules struct {
	Start   string       // the flag that names a file with the start
	Groups  []FlagGroup  // flags that exclude each other
	Check   func() error // refuses values that do not go together
	Results func() (read []string, results []Output)
}

// Parse makes requests of the flags f of a command that have been read from its command
// line: one, or with --vary one for each run, each checked, and a copy of f of its own.
// base is the Request in f. Nothing sets a flag afterwards; f itself is the first
// request.
func Parse[F any](f *F, base *Request, rules Rules) ([]*F, error) {
	// --out on the command line takes the place of the file's names of results.
	var results []string
	base.Cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "trace" || strings.HasPrefix(flag.Name, "save-") {
			results = append(results, flag.Name)
		}
	})
	groups := append(rules.Groups, FlagGroup{ChosenBy: []string{"out"}, Belonging: results})
	if err := base.readConfig(base.Cmd, groups...); err != nil {
		return nil, err
	}
	all, err := base.varied(rules.Start)
	if err != nil {
		return nil, err
	}
	base.Runs = all
	requests := make([]*F, max(len(all), 1))
	for i := range requests {
		base.Run = i
		if all != nil {
			if err := base.set(all[i]); err != nil {
				return nil, err
			}
		}
		base.flags = nil
		if err := rules.Check(); err != nil {
			return nil, err
		}
		base.nameResults(rules.Results())
		base.flags = parsedOf(base.Cmd.Flags())
		request := *f
		requests[i] = &request
	}
	*f = *requests[0]
	return requests, nil
}

// set gives the flags the values of one run.
func (f *Request) set(run []Setting) error {
	for _, s := range run {
		if err := f.Cmd.Flags().Set(s.Flag, s.Value); err != nil {
			return Usagef("--vary %s has %q: %v", s.Flag, s.Value, err)
		}
		if s.Flag == "seed" && !f.Cmd.Flags().Changed("problem-seed") {
			// The problem is that of the first seed, also where one of the runs is
			// repeated alone.
			if err := f.Cmd.Flags().Set("problem-seed", strconv.FormatUint(f.Seed, 10)); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameResults gives results their names in --out.
//
// Of a run that is planned no directory is made: in one that is missing nothing has a
// name, and is checked.
func (f *Request) nameResults(_ []string, results []Output) {
	if f.Out == "" || f.Planning && missing(f.Out) {
		return
	}
	for _, r := range append(results, Output{&f.Trace, "trace.csv"}) {
		if *r.Path == "" {
			*r.Path = filepath.Join(f.Out, r.Base)
		}
	}
}
