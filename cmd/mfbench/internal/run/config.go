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

// resolvedConfig is the TOML that --config reads back to repeat this run:
// every flag with its value but those in omit, then the machine and the result.
func resolvedConfig(cmd *cobra.Command, b *blas.Backend, result any, omit map[string]bool) ([]byte, error) {
	flags := map[string]any{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		switch {
		case omit[f.Name]:
		case ProfileFlags[f.Name]:
		case f.Name == "help" || f.Name == "config" || f.Name == "json" || f.Name == "quiet":
		case f.Name == "problem-seed" && !f.Changed:
		case f.Name == "backend":
			flags[f.Name] = b.Name
		case f.Name == "threads":
			flags[f.Name] = b.Threads
		case !f.Changed && (f.Value.String() == "" || f.Value.Type() == "stringArray"):
		default:
			flags[f.Name] = typed(f.Value)
		}
	})
	head, err := toml.Marshal(flags)
	if err != nil {
		return nil, err
	}
	tail, err := toml.Marshal(map[string]any{"machine": bench.ThisMachine(b), "result": result})
	if err != nil {
		return nil, err
	}
	return append(append([]byte("# "+cmd.CommandPath()+repeats+"\n"), head...), append([]byte("\n"), tail...)...), nil
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
