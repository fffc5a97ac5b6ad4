package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/bench/suite"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/kernel"
)

func newBench() *cobra.Command {
	m := &benchmarking{}
	var families strings.Builder
	for _, f := range suite.Families() {
		fmt.Fprintf(&families, "  %-15s %s\n", f.Name, f.About)
	}
	cmd := &cobra.Command{
		Use:   "bench [PATTERN...]",
		Short: "Time operations and steps against what the machine allows",
		Long: `Run benchmarks, the same code as go test -bench in package bench, and print
results that benchstat reads: first the machine with its measured limits, then a line
for each operation. PATTERN is a regular expression that the name must contain; with
several, one of them. Names are Family/backend=…/dtype=…/…; the families:

` + families.String() + `
GB/s and GF/s are of the bytes and operations that an operation needs at least, and
%bound is the least time that they allow on this machine over the time taken. Where
data stays in cache it may pass 100.

--size says how many dimensions: small for seconds, standard for minutes, full for
hours, as go test -bench has it. --d and --r replace them where a family has them.`,
		Example: `  mfbench bench
  mfbench bench 'SymmetricStep/.*sigma=dense' --d 2000,8000 --r 1,2,8 --count 5
  mfbench bench Level3 --backend native,gonum --dtype f64,f32 --threads 1 --json
  mfbench bench 'AsymmetricStep.*method=gd' --cpuprofile cpu.pprof`,
		RunE: m.run,
	}
	f := cmd.Flags()
	f.StringVar(&m.backends, "backend", "", "native, openblas, gonum, several with commas, or all (default: $MF_BACKEND, else the best compiled in)")
	f.IntVar(&m.threads, "threads", 0, "number of threads, at least 1 (default: all cores)")
	f.StringVar(&m.dtypes, "dtype", "f64", "element types: f64, f32, or both with a comma")
	f.StringVar(&m.d, "d", "", "orders of the matrices, with commas")
	f.StringVar(&m.r, "r", "", "numbers of columns, with commas")
	f.StringVar(&m.size, "size", "standard", "small, standard or full")
	f.StringVar(&m.time, "benchtime", "1s", "how long each runs: a time, or 100x for so many iterations")
	f.IntVar(&m.count, "count", 1, "results for each")
	f.BoolVar(&m.list, "list", false, "print the names and run nothing")
	f.BoolVar(&m.json, "json", false, "print one JSON object instead")
	f.BoolVar(&m.quiet, "quiet", false, "no progress; errors are still printed")
	m.profiles.Add(cmd)
	run.Complete(cmd, "backend", append(run.BackendNames(), "all")...)
	run.Complete(cmd, "dtype", "f64", "f32", "f64,f32")
	run.Complete(cmd, "size", slices.Sorted(maps.Keys(sizes))...)
	return cmd
}

var sizes = map[string]suite.Size{"small": suite.Small, "standard": suite.Standard, "full": suite.Full}

// benchmarking is one run of the command.
type benchmarking struct {
	backends, dtypes, d, r, size, time string
	threads, count                     int
	list, json, quiet                  bool
	profiles                           run.Profiles
}

func (m *benchmarking) run(cmd *cobra.Command, args []string) error {
	g, err := m.grid(cmd)
	if err != nil {
		return err
	}
	operations, err := m.operations(g, args)
	if err != nil {
		return err
	}
	if m.list {
		for _, o := range operations {
			fmt.Fprintln(cmd.OutOrStdout(), o.Name())
		}
		return nil
	}
	testing.Init()
	if err := flag.Set("test.benchtime", m.time); err != nil {
		return run.Usagef("--benchtime is %q; expected a time such as 1s, or a number of iterations such as 100x", m.time)
	}
	return m.profiles.During(cmd.Context(), "bench", func(ctx context.Context) error { return m.each(ctx, cmd, g, operations) })
}

// grid reads the flags.
func (m *benchmarking) grid(cmd *cobra.Command) (suite.Grid, error) {
	var g suite.Grid
	if cmd.Flags().Changed("threads") && (m.threads < 1 || m.threads > blas.MaxThreads) {
		return g, run.Usagef("--threads is %d; expected at least 1 and at most %d", m.threads, blas.MaxThreads)
	}
	if m.count < 1 {
		return g, run.Usagef("--count is %d; expected at least 1", m.count)
	}
	if _, err := kernel.Active(); err != nil {
		return g, run.UsageOf(err)
	}
	size, ok := sizes[m.size]
	if !ok {
		return g, run.Usagef("--size is %q; expected small, standard or full", m.size)
	}
	g = suite.Grid{Size: size, Threads: m.threads, DTypes: strings.Split(m.dtypes, ",")}
	slices.Sort(g.DTypes)
	g.DTypes = slices.Compact(g.DTypes)
	for _, dtype := range g.DTypes {
		if dtype != "f64" && dtype != "f32" {
			return g, run.Usagef("--dtype is %q; expected f64, f32, or both with a comma", m.dtypes)
		}
	}
	if m.backends != "all" {
		for _, name := range strings.Split(m.backends, ",") {
			b, err := kernel.Pick(name)
			if err != nil {
				return g, run.UsageOf(err)
			}
			if !slices.Contains(g.Backends, b.Name) {
				g.Backends = append(g.Backends, b.Name)
			}
		}
	}
	for _, list := range []struct {
		flag, text string
		to         *[]int
	}{{"d", m.d, &g.D}, {"r", m.r, &g.R}} {
		if !cmd.Flags().Changed(list.flag) {
			continue
		}
		numbers, err := suite.Ints(list.text)
		if err != nil {
			return g, run.Usagef("--%s is %q: %v", list.flag, list.text, err)
		}
		slices.Sort(numbers)
		*list.to = slices.Compact(numbers)
	}
	return g, nil
}

// operations are those of the grid whose names one of the patterns matches.
func (m *benchmarking) operations(g suite.Grid, patterns []string) ([]suite.Operation, error) {
	var match []*regexp.Regexp
	for _, p := range patterns {
		re, err := regexp.Compile(p)
		if err != nil {
			return nil, run.Usagef("pattern %q: %v", p, err)
		}
		match = append(match, re)
	}
	var list []suite.Operation
	for _, f := range suite.Families() {
		for _, o := range f.Operations(g) {
			if len(match) == 0 || slices.ContainsFunc(match, func(re *regexp.Regexp) bool { return re.MatchString(o.Name()) }) {
				list = append(list, o)
			}
		}
	}
	if len(list) == 0 {
		return nil, run.Usagef("no benchmark is called %q with these flags; mfbench bench --list shows them", strings.Join(patterns, " or "))
	}
	return list, nil
}

// each runs the operations and prints their results.
func (m *benchmarking) each(ctx context.Context, cmd *cobra.Command, g suite.Grid, operations []suite.Operation) error {
	began := time.Now()
	out := cmd.OutOrStdout()
	if err := suite.Open(g); err != nil {
		return err
	}
	keys := append([]bench.Key{{Name: "pkg", Value: "lowrank/bench"}}, bench.Keys(bench.MeasureLimits(g.Threads))...)
	if !m.json {
		if err := bench.WriteKeys(out, keys); err != nil {
			return err
		}
	}
	bar := run.StartProgress(cmd.ErrOrStderr(), m.quiet || !m.json, "bench", len(operations)*m.count)
	defer bar.Stop()
	results := []map[string]any{}
	leftOut := map[string]any{}
	for range m.count { // outermost, so that the spread has what drifts
		for _, o := range operations {
			if leftOut[o.Name()] != nil {
				continue
			}
			r, err := o.Run(ctx)
			if ctx.Err() != nil {
				break
			}
			if err != nil { // the others may run
				leftOut[o.Name()] = err.Error()
				fmt.Fprintf(cmd.ErrOrStderr(), "mfbench: %s: %v\n", o.Name(), err)
				continue
			}
			bar.Done.Add(1)
			if m.json {
				results = append(results, benchObject(o, r))
			} else if err := printBenchmark(out, o.Name()+suffix(g.Threads), r); err != nil {
				return err
			}
		}
	}
	status := "done"
	switch {
	case ctx.Err() != nil:
		status = "cancelled"
	case len(leftOut) > 0:
		status = "failed"
	}
	if m.json {
		machine := map[string]any{}
		for _, k := range keys {
			machine[k.Name] = number(k.Value)
		}
		limits := bench.MeasureLimits(g.Threads)
		object := map[string]any{
			"status": status, "keys": machine, "benchmarks": results, "left_out": leftOut, "total_seconds": time.Since(began).Seconds(),
			"bandwidth_gbs": limits.Bandwidth / 1e9, "peak_f64_gfs": limits.PeakF64 / 1e9, "peak_f32_gfs": limits.PeakF32 / 1e9, "cache_gbs": limits.Cache / 1e9,
		}
		if err := run.PrintJSON(out, object); err != nil {
			return err
		}
	}
	switch status {
	case "cancelled":
		return fmt.Errorf("cancelled after %d results", bar.Done.Load())
	case "failed":
		return run.ErrSaid
	}
	return nil
}

// number is the number that a text is, else the text.
func number(text string) any {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v
	}
	return text
}

// printBenchmark prints a line as go test does.
func printBenchmark(w io.Writer, name string, r testing.BenchmarkResult) error {
	_, err := fmt.Fprintf(w, "Benchmark%s\t%s\t%s\n", name, r.String(), r.MemString())
	return err
}

// suffix of a name, as under go test -cpu: the number of threads.
func suffix(threads int) string {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	if threads == 1 {
		return ""
	}
	return fmt.Sprintf("-%d", threads)
}

func benchObject(o suite.Operation, r testing.BenchmarkResult) map[string]any {
	object := map[string]any{
		"name": o.Name(), "family": o.Family, "iterations": r.N, "ns/op": float64(r.T.Nanoseconds()) / float64(r.N),
		"B/op": r.AllocedBytesPerOp(), "allocs/op": r.AllocsPerOp(),
	}
	for _, p := range o.Params {
		object[p.Key] = number(p.Value)
	}
	for unit, v := range r.Extra {
		object[unit] = v
	}
	return object
}
