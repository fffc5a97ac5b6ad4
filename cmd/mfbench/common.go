package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lowrank/bench"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/data/problem"
	"lowrank/kernel"
)

// common are the flags that solve and reproduce share.
type common struct {
	backend string
	threads int
	dtype   string
	seed    uint64
	out     string
	json    bool
	quiet   bool
	config  string
	given   map[string]bool // flags of the command line
}

func (c *common) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.backend, "backend", "", "native, openblas or gonum (default: $MF_BACKEND, else the best compiled in)")
	f.IntVar(&c.threads, "threads", 0, "number of threads, at least 1 (default: all cores)")
	f.StringVar(&c.dtype, "dtype", "f64", "element type: f64, f32, or mixed: a dense Σ, or the matrices of sensing, held as f32, all else f64")
	f.Uint64Var(&c.seed, "seed", 1, "seed of all random numbers")
	f.StringVar(&c.out, "out", "", "directory for results; made when missing")
	f.BoolVar(&c.json, "json", false, "print one JSON object as the last line of stdout")
	f.BoolVar(&c.quiet, "quiet", false, "no progress; errors are still printed")
	f.StringVar(&c.config, "config", "", "TOML file; flags override it")
	complete(cmd, "backend", backendNames()...)
	complete(cmd, "dtype", "f64", "f32", "mixed")
}

func complete(cmd *cobra.Command, flag string, values ...string) {
	// The only error is a flag that does not exist or is registered twice.
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

func backendNames() []string {
	var names []string
	for _, b := range kernel.Backends() {
		names = append(names, b.Name)
	}
	return names
}

// open checks the common flags and opens the backend.
func (c *common) open(cmd *cobra.Command) (*blas.Backend, error) {
	if cmd.Flags().Changed("threads") && (c.threads < 1 || c.threads > blas.MaxThreads) {
		return nil, usagef("--threads is %d; expected at least 1 and at most %d", c.threads, blas.MaxThreads)
	}
	if c.seed > math.MaxInt64 { // the largest integer of TOML
		return nil, usagef("--seed is %d; expected at most %d", c.seed, uint64(math.MaxInt64))
	}
	if cmd.Flags().Lookup("dtype") != nil && c.dtype != "f64" && c.dtype != "f32" && c.dtype != "mixed" {
		return nil, usagef("--dtype is %q; expected f64, f32 or mixed", c.dtype)
	}
	if _, err := kernel.Active(); err != nil {
		return nil, usageError{err}
	}
	b, err := blas.Open(c.backend, c.threads)
	if err != nil {
		return nil, usageError{err}
	}
	if b.Name == "gonum" {
		// Its own measure of how many goroutines to start.
		runtime.GOMAXPROCS(min(b.Threads, kernel.Detect().Cores))
	}
	return b, nil
}

// flagGroup are flags of which one excludes the others, and those that belong
// to one of them.
type flagGroup struct{ chosenBy, belonging []string }

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
func (c *common) readConfig(cmd *cobra.Command, groups ...flagGroup) error {
	c.given = map[string]bool{}
	cmd.Flags().Visit(func(f *pflag.Flag) { c.given[f.Name] = true })
	if c.config == "" {
		if c.given["config"] {
			return usagef("--config is empty; expected a name")
		}
		return nil
	}
	pass := map[string]bool{}
	for _, g := range groups {
		for _, name := range g.chosenBy {
			if cmd.Flags().Changed(name) {
				for _, key := range append(g.chosenBy, g.belonging...) {
					pass[key] = true
				}
			}
		}
	}
	data, err := os.ReadFile(c.config)
	if err != nil {
		return usageError{fileError(c.config, err)}
	}
	var file map[string]any
	if err := toml.Unmarshal(data, &file); err != nil {
		return usagef("%s: not valid TOML: %v", c.config, err)
	}
	for _, key := range slices.Sorted(maps.Keys(file)) {
		value := file[key]
		if _, isTable := value.(map[string]any); isTable && resultTables[key] {
			continue
		}
		flag := cmd.Flags().Lookup(key)
		if flag == nil || key == "config" || key == "help" || key == "run" {
			return usagef("%s: unknown key %q; expected the name of a flag of %s", c.config, key, cmd.CommandPath())
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
				return usagef("%s: key %s is %v; expected a value of type %s", c.config, key, value, flag.Value.Type())
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
		case profileFlags[f.Name]:
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

// targets are the files that a run writes. None may be another, nor one that
// the run reads.
type targets struct {
	read, write []string
	// beside stand the configurations of results. One of them may be the file
	// that --config names, where this program wrote it.
	config string
	beside []string
}

// check fails before a run whose results could not be saved, or would destroy
// each other or an input.
func (t targets) check() error {
	read := []string{t.config}
	for _, path := range t.read {
		read = append(read, problem.FileOf(path))
	}
	write := append(slices.Clone(t.write), t.beside...)
	for i, path := range write {
		if path == "" {
			continue
		}
		if standardStream.MatchString(filepath.Clean(path)) {
			return usagef("%s: the standard streams carry the report; expected a file", path)
		}
		for _, other := range write[:i] {
			if other != "" && same(path, other) {
				return usagef("%s: two results would be written there; expected different files", path)
			}
		}
		for k, input := range read {
			if k == 0 && i >= len(t.write) && isOurs(input) {
				continue
			}
			if input != "" && same(path, input) {
				return usagef("%s: is read by this run; expected another file to write", path)
			}
		}
		if err := checkWritable(path); err != nil {
			return err
		}
	}
	return nil
}

// standardStream are names of open files of a process.
var standardStream = regexp.MustCompile(`^(/dev/std|/dev/fd/|/proc/[^/]+/(task/[^/]+/)?fd/)`)

// repeats ends the first line of a configuration that this program writes.
const repeats = " --config THIS-FILE repeats this run"

// isOurs reports whether a configuration was written by this program.
func isOurs(path string) bool {
	data, err := os.ReadFile(path)
	first, _, _ := strings.Cut(string(data), "\n")
	return err == nil && strings.HasPrefix(first, "# ") && strings.HasSuffix(first, repeats)
}

// same reports whether two names are one file, whether it exists or not.
func same(a, b string) bool {
	ia, erra := os.Stat(a)
	ib, errb := os.Stat(b)
	if erra == nil && errb == nil {
		return ia.Mode().IsRegular() && os.SameFile(ia, ib)
	}
	return resolved(a) == resolved(b)
}

// resolved is the absolute name of a file that need not exist, its directory
// without symbolic links.
func resolved(path string) string {
	dir, base := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Join(dir, base)
}

// isDevice reports whether path is there and no regular file: a device or a
// pipe is written to as it is, and has nothing beside it.
func isDevice(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.Mode().IsRegular() && !info.IsDir()
}

// checkWritable fails before a long run when its results could not be saved.
func checkWritable(path string) error {
	if isDevice(path) {
		return nil
	}
	dir, _ := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s: is a directory; expected the name of a file to write", path)
	}
	f, err := os.CreateTemp(dir, ".mfbench-*")
	if err != nil {
		return fmt.Errorf("%s: cannot be written: %w", path, cause(err))
	}
	f.Close()
	return os.Remove(f.Name())
}

// makeDir makes the directory of --out and checks that it can be written.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%s: the directory cannot be made: %w", dir, cause(err))
	}
	return checkWritable(filepath.Join(dir, "x"))
}

// fileError names the file once and the system's reason.
func fileError(path string, err error) error { return fmt.Errorf("%s: %w", path, cause(err)) }

// cause strips the operation and the path that os puts before its reason.
func cause(err error) error {
	if pe, ok := err.(*os.PathError); ok {
		return pe.Err
	}
	return err
}

// printJSON prints one object on one line. Numbers that JSON does not have
// become null.
func printJSON(w io.Writer, object map[string]any) error {
	line, err := json.Marshal(finiteOnly(object))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}

func finiteOnly(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case []float64:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = finiteOnly(x)
		}
		return list
	case []map[string]any:
		list := make([]any, len(v))
		for i, m := range v {
			list[i] = finiteOnly(m)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for k, x := range v {
			object[k] = finiteOnly(x)
		}
		return object
	}
	return v
}

// beside is the name of the resolved configuration of a result.
func beside(path string) string { return path + ".toml" }
