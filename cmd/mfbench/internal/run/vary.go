package run

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/solvers"
)

// variedFlags are those that --vary takes.
var variedFlags = []string{"seed", "scale", "step"}

// mostRuns keeps a mistyped range from asking for all memory.
const mostRuns = 10000

// checkVary reads --vary into the settings of each run, and sets the flags to
// those of the first, so that what is checked of one run is checked of it. start
// is the flag, given or not, that names a file with the start.
func (f *Request) checkVary(start string) error {
	f.Runs = nil
	if len(f.Vary) == 0 {
		return nil
	}
	if f.Checkpoint.file != "" {
		return Usagef("--checkpoint is for one run; --vary makes several")
	}
	all := [][]setting{nil}
	var seen []string
	for _, text := range f.Vary {
		name, list, ok := strings.Cut(text, "=")
		if !ok || !slices.Contains(variedFlags, name) {
			return Usagef("--vary is %q; expected seed=1:10, scale=0.5,0.1 or step=0.1,0.05", text)
		}
		if slices.Contains(seen, name) {
			return Usagef("--vary names %s twice; expected one list", name)
		}
		seen = append(seen, name)
		if f.Given[name] {
			return Usagef("--%s is given, and --vary %s too, on the command line or in the file of --config; expected one of the two", name, name)
		}
		if name != "step" && f.Cmd.Flags().Changed(start) {
			return Usagef("--%s gives the start; --vary %s does not go with it", start, name)
		}
		if f.Cmd.Flags().Lookup(name) == nil {
			return Usagef("--vary %s: %s has no such flag", name, f.Cmd.CommandPath())
		}
		values, err := variedValues(name, list)
		if err != nil {
			return err
		}
		if len(all)*len(values) > mostRuns {
			return Usagef("--vary asks for %d runs; expected at most %d", len(all)*len(values), mostRuns)
		}
		var next [][]setting
		for _, before := range all {
			for _, v := range values {
				next = append(next, append(slices.Clone(before), setting{name, v}))
			}
		}
		all = next
	}
	f.Runs = all
	if err := f.set(all[0]); err != nil {
		return err
	}
	if slices.Contains(seen, "seed") && !f.Cmd.Flags().Changed("problem-seed") {
		// The problem is that of the first seed, also where one of the runs is
		// repeated alone.
		return f.Cmd.Flags().Set("problem-seed", strconv.FormatUint(f.Seed, 10))
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
			return nil, Usagef("--vary seed=%s: expected a range as 1:10, or a list as 1,2,5", list)
		case hi < lo:
			return nil, Usagef("--vary seed=%s: the range ends before it begins", list)
		case hi-lo >= mostRuns:
			return nil, Usagef("--vary seed=%s: expected at most %d seeds", list, mostRuns)
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
				return nil, Usagef("--vary seed has %q; expected whole numbers of at least 0", text)
			}
			continue
		}
		if v, err := strconv.ParseFloat(values[i], 64); err != nil || !(v > 0) || math.IsInf(v, 0) {
			return nil, Usagef("--vary %s has %q; expected positive numbers", name, text)
		}
	}
	return values, nil
}

// set gives the flags the values of one run.
func (f *Request) set(run []setting) error {
	for _, s := range run {
		if err := f.Cmd.Flags().Set(s.Flag, s.value); err != nil {
			return Usagef("--vary %s has %q: %v", s.Flag, s.value, err)
		}
		if s.Flag == "step" {
			f.StepValue, _ = strconv.ParseFloat(s.value, 64) // checked when it was read
		}
	}
	return nil
}

// All runs the system that build makes of the flags: once, or with --vary
// for every setting, all runs from one reading of the data an iteration.
func All[S Solver](ctx context.Context, f *Request, b *blas.Backend, began time.Time, build func() (System, S, error), together func(members ...S) solvers.Ensemble) error {
	if len(f.Runs) == 0 {
		s, _, err := build()
		if err != nil {
			return err
		}
		return f.run(ctx, b, began, s)
	}
	var systems []System
	var members []S
	var schedules [][]solvers.Schedule
	stops := make([]solvers.Stop, len(f.Runs))
	for i, run := range f.Runs {
		if err := f.set(run); err != nil {
			return err
		}
		s, member, err := build()
		if err != nil {
			return err
		}
		systems, members = append(systems, s), append(members, member)
		var see []solvers.Schedule
		if f.Trace != "" || s.Always {
			see = append(see, solvers.Schedule{Recorder: s.Recorder, Every: f.Every})
		}
		for _, r := range s.Watch {
			see = append(see, solvers.Schedule{Recorder: r, Every: 1})
		}
		schedules = append(schedules, f.Probe.watch(see))
		stops[i] = f.Probe.limit(began, solvers.Stop{Iterations: f.Iters, Tolerance: f.Tol})
	}
	name := systems[0].Name
	bar := StartProgress(f.Cmd.ErrOrStderr(), f.Quiet, fmt.Sprintf("%s, %d runs", name, len(members)), f.Iters)
	results, runErr := solvers.RunEach(ctx, watchedEach{together(members...), bar, f.Probe}, stops, schedules)
	f.Probe.ran()
	bar.Stop()
	defer f.Probe.reported()
	return f.reportEach(b, began, systems, results, runErr)
}

// watchedEach counts the steps of an ensemble for its progress.
type watchedEach struct {
	solvers.Ensemble
	*Progress
	probe *Probe
}

func (w watchedEach) StepEach(run []int, errs []error) error {
	w.Done.Add(1)
	return w.probe.step(func() error { return w.Ensemble.StepEach(run, errs) })
}

// reportEach saves and reports the runs of an ensemble.
func (f *Request) reportEach(b *blas.Backend, began time.Time, systems []System, results []solvers.Result, runErr error) error {
	total := map[string]any{
		"system": systems[0].Name, "backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.Dtype,
		"status": results[0].Status.String(),
	}
	largest := math.Inf(-1)
	claims := make([][]solvers.Check, len(systems))
	var runs []map[string]any
	var saved []string
	var failed error
	iterations, passes, together, seconds := 0, 0, 0, 0.0
	shared := systems[0].Shares
	trace := f.Trace
	for i, s := range systems {
		if err := f.set(f.Runs[i]); err != nil {
			return err
		}
		res := results[i]
		res.Passes, res.Time = s.Solver.Passes(), res.Time+s.Took
		iterations, seconds = max(iterations, res.Iterations), max(seconds, res.Time.Seconds())
		own := res.Passes // not shared
		if shared {
			own = 0
			if s.Alone != nil {
				own = s.Alone()
			}
			together = max(together, res.Passes-own)
		}
		passes += own
		out := map[string]any{
			"run": i + 1, "status": res.Status.String(), "iterations": res.Iterations, "passes": res.Passes,
			"gradient": res.Gradient, "step": s.Solver.StepSize(), "seed": f.Seed,
			"iterations_per_second": perSecond(res),
		}
		for _, v := range f.Runs[i] {
			if v.Flag == "scale" {
				out["scale"], _ = strconv.ParseFloat(v.value, 64)
			}
		}
		if res.Reason != "" {
			out["reason"] = res.Reason
		}
		f.Trace = Numbered(trace, i)
		for j := range s.Files {
			s.Files[j].Path = Numbered(s.Files[j].Path, i)
		}
		files, err := f.saveResults(s)
		if runErr == nil {
			if reporting := s.Report(out); err == nil {
				err = reporting
			}
			if s.Checks != nil {
				claims[i] = s.Checks()
				out["checks"] = checkObjects(claims[i])
			}
		}
		if err == nil {
			omit := map[string]bool{"vary": true}
			for name := range s.Omit {
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
			failed = fmt.Errorf("run %d of %d: %s", i+1, len(systems), cmp.Or(res.Reason, fmt.Sprintf("cancelled after %d of %d iterations", res.Iterations, f.Iters)))
		}
		runs = append(runs, out)
	}
	f.Trace = trace
	total["error"] = largest
	total["runs"], total["iterations"], total["passes"], total["seconds"] = runs, iterations, together+passes, seconds
	total["shared"] = shared
	total["iterations_per_second"] = 0.0
	if seconds > 0 {
		total["iterations_per_second"] = float64(iterations) / seconds
	}
	finish(total, began)
	var err error
	if f.JSON {
		err = PrintJSON(f.Cmd.OutOrStdout(), total)
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
func (f *Request) printEach(s System, total map[string]any, runs []map[string]any, claims [][]solvers.Check, saved []string) {
	w := f.Cmd.OutOrStdout()
	for i, run := range runs {
		var at []string
		for _, v := range f.Runs[i] {
			at = append(at, v.Flag+" "+v.value)
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
	case s.Data == "":
		if took, ok := runs[0]["decomposition_seconds"]; ok {
			line("decomposition", "%.3g s, once for %d runs", took, len(runs))
		}
	case total["shared"] == true:
		line("passes", "%d over %s, shared by %d runs", total["passes"], s.Data, len(runs))
	default:
		line("passes", "%d over %s, of %d runs", total["passes"], s.Data, len(runs))
	}
	line("time", "%.4g s in iterations, %.4g s in all", total["seconds"], total["total_seconds"])
	line("run on", "backend %s (%s), %d threads, %s", total["backend"], total["kernel"], total["threads"], total["dtype"])
	for _, path := range saved {
		line("saved", "%s", path)
	}
}
