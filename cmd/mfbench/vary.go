package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers"
)

// setting is the value of a flag in one run of an ensemble.
type setting struct{ flag, value string }

// variedFlags are those that --vary takes.
var variedFlags = []string{"seed", "scale", "step"}

// mostRuns keeps a mistyped range from asking for all memory.
const mostRuns = 10000

// checkVary reads --vary into the settings of each run, and sets the flags to
// those of the first, so that what is checked of one run is checked of it. start
// is the flag, given or not, that names a file with the start.
func (f *runFlags) checkVary(start string) error {
	f.runs = nil
	if len(f.vary) == 0 {
		return nil
	}
	if f.checkpoint.file != "" {
		return usagef("--checkpoint is for one run; --vary makes several")
	}
	all := [][]setting{nil}
	var seen []string
	for _, text := range f.vary {
		name, list, ok := strings.Cut(text, "=")
		if !ok || !slices.Contains(variedFlags, name) {
			return usagef("--vary is %q; expected seed=1:10, scale=0.5,0.1 or step=0.1,0.05", text)
		}
		if slices.Contains(seen, name) {
			return usagef("--vary names %s twice; expected one list", name)
		}
		seen = append(seen, name)
		if f.given[name] {
			return usagef("--%s is given, and --vary %s too, on the command line or in the file of --config; expected one of the two", name, name)
		}
		if name != "step" && f.cmd.Flags().Changed(start) {
			return usagef("--%s gives the start; --vary %s does not go with it", start, name)
		}
		if f.cmd.Flags().Lookup(name) == nil {
			return usagef("--vary %s: %s has no such flag", name, f.cmd.CommandPath())
		}
		values, err := variedValues(name, list)
		if err != nil {
			return err
		}
		if len(all)*len(values) > mostRuns {
			return usagef("--vary asks for %d runs; expected at most %d", len(all)*len(values), mostRuns)
		}
		var next [][]setting
		for _, before := range all {
			for _, v := range values {
				next = append(next, append(slices.Clone(before), setting{name, v}))
			}
		}
		all = next
	}
	f.runs = all
	if err := f.set(all[0]); err != nil {
		return err
	}
	if slices.Contains(seen, "seed") && !f.cmd.Flags().Changed("problem-seed") {
		// The problem is that of the first seed, also where one of the runs is
		// repeated alone.
		return f.cmd.Flags().Set("problem-seed", strconv.FormatUint(f.seed, 10))
	}
	return nil
}

// variedValues are the values of a list, or of a range of seeds.
func variedValues(name, list string) ([]string, error) {
	first, last, isRange := strings.Cut(list, ":")
	if name == "seed" && isRange {
		lo, err1 := strconv.ParseUint(first, 10, 63)
		hi, err2 := strconv.ParseUint(last, 10, 63)
		switch {
		case err1 != nil || err2 != nil:
			return nil, usagef("--vary seed=%s: expected a range as 1:10, or a list as 1,2,5", list)
		case hi < lo:
			return nil, usagef("--vary seed=%s: the range ends before it begins", list)
		case hi-lo >= mostRuns:
			return nil, usagef("--vary seed=%s: expected at most %d seeds", list, mostRuns)
		}
		var values []string
		for s := lo; s <= hi; s++ {
			values = append(values, strconv.FormatUint(s, 10))
		}
		return values, nil
	}
	values := strings.Split(list, ",")
	for i, text := range values {
		values[i] = strings.TrimSpace(text)
		if name == "seed" {
			if _, err := strconv.ParseUint(values[i], 10, 63); err != nil {
				return nil, usagef("--vary seed has %q; expected whole numbers of at least 0", text)
			}
			continue
		}
		if v, err := strconv.ParseFloat(values[i], 64); err != nil || !(v > 0) || math.IsInf(v, 0) {
			return nil, usagef("--vary %s has %q; expected positive numbers", name, text)
		}
	}
	return values, nil
}

// set gives the flags the values of one run.
func (f *runFlags) set(run []setting) error {
	for _, s := range run {
		if err := f.cmd.Flags().Set(s.flag, s.value); err != nil {
			return usagef("--vary %s has %q: %v", s.flag, s.value, err)
		}
		if s.flag == "step" {
			f.stepValue, _ = strconv.ParseFloat(s.value, 64) // checked when it was read
		}
	}
	return nil
}

// numbered is the name of the result of one run: x-3.npy of x.npy.
func numbered(path string, run int) string {
	if path == "" {
		return ""
	}
	ext := filepath.Ext(path)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, ext), run+1, ext)
}

// runAll runs the system that build makes of the flags: once, or with --vary
// for every setting, all runs from one reading of the data an iteration.
func runAll[S solver](ctx context.Context, f *runFlags, b *blas.Backend, began time.Time, build func() (system, S, error), together func(members ...S) solvers.Ensemble) error {
	if len(f.runs) == 0 {
		s, _, err := build()
		if err != nil {
			return err
		}
		return f.run(ctx, b, began, s)
	}
	var systems []system
	var members []S
	var schedules [][]solvers.Schedule
	stops := make([]solvers.Stop, len(f.runs))
	for i, run := range f.runs {
		if err := f.set(run); err != nil {
			return err
		}
		s, member, err := build()
		if err != nil {
			return err
		}
		systems, members = append(systems, s), append(members, member)
		var see []solvers.Schedule
		if f.trace != "" || s.always {
			see = append(see, solvers.Schedule{Recorder: s.recorder, Every: f.every})
		}
		for _, r := range s.watch {
			see = append(see, solvers.Schedule{Recorder: r, Every: 1})
		}
		schedules = append(schedules, f.probe.watch(see))
		stops[i] = f.probe.limit(began, solvers.Stop{Iterations: f.iters, Tolerance: f.tol})
	}
	name := systems[0].name
	bar := startProgress(f.cmd.ErrOrStderr(), f.quiet, fmt.Sprintf("%s, %d runs", name, len(members)), f.iters)
	results, runErr := solvers.RunEach(ctx, watchedEach{together(members...), bar, f.probe}, stops, schedules)
	f.probe.ran()
	bar.stop()
	defer f.probe.reported()
	return f.reportEach(b, began, systems, results, runErr)
}

// watchedEach counts the steps of an ensemble for its progress.
type watchedEach struct {
	solvers.Ensemble
	*progress
	probe *probe
}

func (w watchedEach) StepEach(run []int, errs []error) error {
	w.done.Add(1)
	return w.probe.step(func() error { return w.Ensemble.StepEach(run, errs) })
}

// fused says whether a backend has passes of its own, which runs can share.
func fused(b *blas.Backend) bool {
	_, ok := b.BLAS.(blas.Fuser)
	return ok
}

// reportEach saves and reports the runs of an ensemble.
func (f *runFlags) reportEach(b *blas.Backend, began time.Time, systems []system, results []solvers.Result, runErr error) error {
	total := map[string]any{
		"system": systems[0].name, "backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.dtype,
		"status": results[0].Status.String(),
	}
	largest := math.Inf(-1)
	claims := make([][]solvers.Check, len(systems))
	var runs []map[string]any
	var saved []string
	var failed error
	iterations, passes, together, seconds := 0, 0, 0, 0.0
	shared := systems[0].shares
	trace := f.trace
	for i, s := range systems {
		if err := f.set(f.runs[i]); err != nil {
			return err
		}
		res := results[i]
		res.Passes, res.Time = s.solver.Passes(), res.Time+s.took
		iterations, seconds = max(iterations, res.Iterations), max(seconds, res.Time.Seconds())
		own := res.Passes // not shared
		if shared {
			own = 0
			if s.alone != nil {
				own = s.alone()
			}
			together = max(together, res.Passes-own)
		}
		passes += own
		out := map[string]any{
			"run": i + 1, "status": res.Status.String(), "iterations": res.Iterations, "passes": res.Passes,
			"gradient": res.Gradient, "step": s.solver.StepSize(), "seed": f.seed,
			"iterations_per_second": perSecond(res),
		}
		for _, v := range f.runs[i] {
			if v.flag == "scale" {
				out["scale"], _ = strconv.ParseFloat(v.value, 64)
			}
		}
		if res.Reason != "" {
			out["reason"] = res.Reason
		}
		f.trace = numbered(trace, i)
		for j := range s.files {
			s.files[j].path = numbered(s.files[j].path, i)
		}
		files, err := f.saveResults(s)
		if runErr == nil {
			if reporting := s.report(out); err == nil {
				err = reporting
			}
			if s.checks != nil {
				claims[i] = s.checks()
				out["checks"] = checkObjects(claims[i])
			}
		}
		if err == nil {
			omit := map[string]bool{"vary": true}
			for name := range s.omit {
				omit[name] = true
			}
			files, err = f.saveConfigs(b, files, out, omit)
		}
		saved = append(saved, files...)
		if err != nil && failed == nil {
			failed = err
		}
		e, ok := out["error"].(float64)
		if !ok {
			e = math.NaN()
		}
		out["error"] = e
		if largest == largest && !(e <= largest) { // not known where one is not
			largest = e
		}
		if out["status"] != total["status"] {
			total["status"] = "mixed"
		}
		if failed == nil && (res.Status == solvers.Diverged || res.Status == solvers.Cancelled) {
			failed = fmt.Errorf("run %d of %d: %s", i+1, len(systems), cmp.Or(res.Reason, fmt.Sprintf("cancelled after %d of %d iterations", res.Iterations, f.iters)))
		}
		runs = append(runs, out)
	}
	f.trace = trace
	total["error"] = largest
	total["runs"], total["iterations"], total["passes"], total["seconds"] = runs, iterations, together+passes, seconds
	total["shared"] = shared
	total["iterations_per_second"] = 0.0
	if seconds > 0 {
		total["iterations_per_second"] = float64(iterations) / seconds
	}
	finish(total, began)
	var err error
	if f.json {
		err = printJSON(f.cmd.OutOrStdout(), total)
	} else {
		f.printEach(systems[0], total, runs, claims, saved)
	}
	switch {
	case runErr != nil:
		return runErr
	case failed != nil:
		return failed
	}
	return err
}

// printEach prints a line for each run, and of its claims those that fail.
func (f *runFlags) printEach(s system, total map[string]any, runs []map[string]any, claims [][]solvers.Check, saved []string) {
	w := f.cmd.OutOrStdout()
	for i, run := range runs {
		var at []string
		for _, v := range f.runs[i] {
			at = append(at, v.flag+" "+v.value)
		}
		line := fmt.Sprintf("%s, %v iterations, error %.6g", run["status"], run["iterations"], run["error"])
		if d, ok := run["distance"]; ok {
			line += fmt.Sprintf(", distance %.6g", d)
		}
		fmt.Fprintf(w, "%-22s %s\n", fmt.Sprintf("run %d: %s", i+1, strings.Join(at, ", ")), line)
		if claims[i] == nil {
			continue
		}
		count := map[solvers.Verdict]int{}
		for _, c := range claims[i] {
			if count[c.Verdict]++; c.Verdict == solvers.Fails {
				fmt.Fprintf(w, "%-22s %s\n", "  claim", c)
			}
		}
		fmt.Fprintf(w, "%-22s %d hold, %d fail, %d conditions not met, %d reported (all with --json)\n", "  claims",
			count[solvers.Holds], count[solvers.Fails], count[solvers.NotMet], count[solvers.Reported])
	}
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-22s %s\n", name, fmt.Sprintf(format, args...))
	}
	switch {
	case s.data == "":
		if took, ok := runs[0]["decomposition_seconds"]; ok {
			line("decomposition", "%.3g s, once for %d runs", took, len(runs))
		}
	case total["shared"] == true:
		line("passes", "%d over %s, shared by %d runs", total["passes"], s.data, len(runs))
	default:
		line("passes", "%d over %s, of %d runs", total["passes"], s.data, len(runs))
	}
	line("time", "%.4g s in iterations, %.4g s in all", total["seconds"], total["total_seconds"])
	line("run on", "backend %s (%s), %d threads, %s", total["backend"], total["kernel"], total["threads"], total["dtype"])
	for _, path := range saved {
		line("saved", "%s", path)
	}
}
