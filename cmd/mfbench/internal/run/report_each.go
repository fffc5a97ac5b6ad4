package run

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"lowrank/blas"
	"lowrank/solvers"
)

// reportEach saves and reports the runs of an ensemble.
func (f *Request) reportEach(b *blas.Backend, began time.Time, systems []System, results []solvers.Result, runErr error) error {
	total := f.Place(b, systems[0].Name)
	total["status"] = results[0].Status.String()
	largest := math.Inf(-1)
	claims := make([][]solvers.Check, len(systems))
	var runs []map[string]any
	var saved []string
	var failed error
	iterations, passes, together, seconds := 0, 0, 0, 0.0
	shared := systems[0].Shares
	for i, s := range systems {
		res := results[i]
		res.Passes, res.Time = s.Solver.Passes(), res.Time+s.Took
		iterations, seconds = max(iterations, res.Iterations), max(seconds, res.Time.Seconds())
		alone := res.Passes // not shared
		if shared {
			alone = 0
			if s.Alone != nil {
				alone = s.Alone()
			}
			together = max(together, res.Passes-alone)
		}
		passes += alone
		out := s.member(res)
		own := map[string]any{}
		trace := Numbered(f.Trace, i)
		if trace != "" {
			own["trace"] = trace
		}
		s.Files = slices.Clone(s.Files)
		for j := range s.Files {
			s.Files[j].Path = Numbered(s.Files[j].Path, i)
		}
		files, err := s.request.saveResults(s, trace)
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
			files, err = s.request.saveConfigs(b, files, out, s, own)
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
			failed = fmt.Errorf("run %d of %d: %s", i+1, len(systems), cmp.Or(res.Reason, f.cancelled(res.Iterations)))
		}
		if err := f.unjudged(res); err != nil && failed == nil {
			failed = fmt.Errorf("run %d of %d: %w", i+1, len(systems), err)
		}
		runs = append(runs, out)
	}
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
			at = append(at, v.Flag+" "+v.Value)
		}
		line := fmt.Sprintf("%s, %v iterations, error %.6g", run["status"], run["iterations"], run["error"])
		if e, ok := run["absolute_error"]; ok {
			line = fmt.Sprintf("%s, %v iterations, absolute error %.6g of zero data", run["status"], run["iterations"], e)
		}
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
