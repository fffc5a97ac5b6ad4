package run

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lowrank/bench"
	"lowrank/blas"
)

// FlagGroup are flags of which one excludes the others, and those that belong
// to one of them.
type FlagGroup struct{ ChosenBy, Belonging []string }

// tables of a resolved configuration that --config passes over.
var resultTables = map[string]bool{"machine": true, "result": true}

// zeroIsGiven are flags whose default is worked out where they are not given: 0
// in a file is not the default.
var zeroIsGiven = map[string]bool{"problem-seed": true, "scale": true, "beta": true}

// readConfig sets the flags that stand in the TOML file and not on the command
// line: its keys are the names of flags.
//
// Flags exclude each other in groups, as the sources of a matrix do: where one
// of a group's flags stands on the command line, the group's keys are passed
// over.
func (c *Common) readConfig(cmd *cobra.Command, groups ...FlagGroup) error {
	c.Given = map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { c.Given[f.Name] = true })
	if c.Config == "" {
		if c.Given["config"] {
			return Usagef("--config is empty; expected a name")
		}
		return nil
	}
	pass := map[string]bool{}
	for _, g := range groups {
		for _, name := range g.ChosenBy {
			if cmd.Flags().Changed(name) {
				for _, key := range append(g.ChosenBy, g.Belonging...) {
					pass[key] = true
				}
			}
		}
	}
	data, err := os.ReadFile(c.Config)
	if err != nil {
		return UsageError{FileError(c.Config, err)}
	}
	var file map[string]any
	if err := toml.Unmarshal(data, &file); err != nil {
		return Usagef("%s: not valid TOML: %v", c.Config, err)
	}
	for _, key := range slices.Sorted(maps.Keys(file)) {
		value := file[key]
		if _, isTable := value.(map[string]any); isTable && resultTables[key] {
			continue
		}
		flag := cmd.Flags().Lookup(key)
		if flag == nil || key == "config" || key == "help" || key == "run" {
			return Usagef("%s: unknown key %q; expected the name of a flag of %s", c.Config, key, cmd.CommandPath())
		}
		if flag.Changed || pass[key] || fmt.Sprint(value) == flag.DefValue && !zeroIsGiven[key] {
			continue
		}
		values := []any{value}
		if list, ok := value.([]any); ok && flag.Value.Type() == "stringArray" {
			values = list
		}
		for _, value := range values {
			if err := cmd.Flags().Set(key, fmt.Sprint(value)); err != nil {
				return Usagef("%s: key %s is %v; expected a value of type %s", c.Config, key, value, flag.Value.Type())
			}
		}
	}
	return nil
}

// parsed is a flag of a request.
type parsed struct {
	name    string
	value   any
	changed bool
	empty   bool // of no value, or a list
}

func parsedOf(flags *pflag.FlagSet) (list []parsed) {
	flags.VisitAll(func(f *pflag.Flag) {
		list = append(list, parsed{f.Name, typed(f.Value), f.Changed, f.Value.String() == "" || f.Value.Type() == "stringArray"})
	})
	return list
}

// has reports whether the command has the flag.
func (f *Request) has(flag string) bool {
	return slices.ContainsFunc(f.flags, func(p parsed) bool { return p.name == flag })
}

// Changed reports whether the flag was given, on the command line, in the file of
// --config or by --vary. While the request is parsed and checked f.Cmd says so, this
// does not yet.
func (f *Request) Changed(flag string) bool {
	if f.flags == nil {
		panic(notParsed)
	}
	return slices.ContainsFunc(f.flags, func(p parsed) bool { return p.name == flag && p.changed })
}

// resolvedConfig is the TOML that --config reads back to repeat this run: every flag
// with its value but those that the system omits, then the machine and the result.
// Values that were found out after the request was parsed stand in the place of its own.
func (f *Request) resolvedConfig(b *blas.Backend, result any, s System, own map[string]any) ([]byte, error) {
	flags := map[string]any{}
	for _, p := range f.flags {
		switch {
		case s.Omit[p.name]:
		case ProfileFlags[p.name]:
		case p.name == "help" || p.name == "config" || p.name == "json" || p.name == "quiet":
		case p.name == "problem-seed" && !p.changed:
		case p.name == "vary" && len(f.Runs) > 0:
		case p.name == "backend":
			flags[p.name] = b.Name
		case p.name == "threads":
			flags[p.name] = b.Threads
		case s.Resolved[p.name] != nil:
			flags[p.name] = s.Resolved[p.name]
		case own[p.name] != nil:
			flags[p.name] = own[p.name]
		case !p.changed && p.empty:
		default:
			flags[p.name] = p.value
		}
	}
	head, err := toml.Marshal(flags)
	if err != nil {
		return nil, err
	}
	tail, err := toml.Marshal(map[string]any{"machine": bench.ThisMachine(b), "result": result})
	if err != nil {
		return nil, err
	}
	return append(append([]byte("# "+f.Cmd.CommandPath()+repeats+"\n"), head...), append([]byte("\n"), tail...)...), nil
}

// typed is the value of a flag as TOML has it.
func typed(v pflag.Value) any {
	if list, ok := v.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	text := v.String()
	switch v.Type() {
	case "int", "uint64":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	case "float64":
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return x
		}
	case "bool":
		return text == "true"
	}
	return text
}
