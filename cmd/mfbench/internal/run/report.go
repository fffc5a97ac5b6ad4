package run

import (
	"fmt"
	"time"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/data/memory"
	"lowrank/solvers"
)

// finish adds what the whole run took: its time, and its memory where the system
// says.
func finish(out map[string]any, began time.Time) {
	out["total_seconds"] = time.Since(began).Seconds()
	if peak := memory.Peak(); peak > 0 {
		out["peak_bytes"] = peak
	}
}

// CancelledBefore reports a run that was cancelled before its first iteration.
func (f *Request) CancelledBefore(b *blas.Backend, began time.Time, name, during string) error {
	if f.JSON {
		err := PrintJSON(f.Cmd.OutOrStdout(), map[string]any{
			"system": name, "status": solvers.Cancelled.String(), "iterations": 0, "error": nil, "passes": 0,
			"seconds": 0.0, "total_seconds": time.Since(began).Seconds(), "iterations_per_second": 0.0,
			"backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.Dtype,
		})
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("cancelled while %s", during)
}

func perSecond(res solvers.Result) float64 {
	if res.Iterations == 0 {
		return 0
	}
	return float64(res.Iterations) / res.Time.Seconds()
}

// gigabytes is what was read of the data a second.
func gigabytes(res solvers.Result, pass int64) float64 {
	if res.Passes == 0 {
		return 0
	}
	return float64(res.Passes) * float64(pass) / 1e9 / res.Time.Seconds()
}

// saveResults writes the results and the trace, and returns their names.
func (f *Request) saveResults(s System) (saved []string, err error) {
	files := append(s.Files, File{f.Trace, func(path string) error {
		return matio.WriteCSV(path, s.Trace.Columns, s.Trace.Rows)
	}})
	for _, r := range files {
		if r.Path == "" {
			continue
		}
		if err := r.Write(r.Path); err != nil {
			return saved, err
		}
		saved = append(saved, r.Path)
	}
	return saved, nil
}

// saveConfigs writes the resolved configuration beside each result, and
// returns the names of all.
func (f *Request) saveConfigs(b *blas.Backend, results []string, result map[string]any, omit map[string]bool) ([]string, error) {
	config, err := resolvedConfig(f.Cmd, b, result, omit)
	if err != nil {
		return results, err
	}
	saved := results
	for _, path := range results {
		if isDevice(path) {
			continue
		}
		if err := matio.WriteFile(beside(path), config); err != nil {
			return saved, err
		}
		saved = append(saved, beside(path))
	}
	return saved, nil
}

// checkObjects are checks as --json has them.
func checkObjects(checks []solvers.Check) []map[string]any {
	objects := make([]map[string]any, len(checks))
	for i, c := range checks {
		o := map[string]any{"name": c.Name, "verdict": c.Verdict.String(), "source": c.Source}
		if c.Relation != "" {
			o["left"], o["relation"], o["right"] = c.Left, c.Relation, c.Right
		}
		if c.At >= 0 {
			o["t"] = c.At
		}
		if c.Note != "" {
			o["note"] = c.Note
		}
		objects[i] = o
	}
	return objects
}

func (f *Request) printReport(s System, out map[string]any, saved []string, checks []solvers.Check) {
	w := f.Cmd.OutOrStdout()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-22s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("status", "%v", out["status"])
	if s.Data == "" {
		line("iterations", "%d", out["iterations"])
	} else {
		line("iterations", "%d, %d passes over %s", out["iterations"], out["passes"], s.Data)
	}
	s.Print(line, out)
	line("step", "%.6g", out["step"])
	line("time", "%.4g s in iterations, %.4g s in all", out["seconds"], out["total_seconds"])
	if s.Data == "" {
		line("throughput", "%.4g iterations/s", out["iterations_per_second"])
	} else {
		line("throughput", "%.4g iterations/s, %.3g GB/s of %s", out["iterations_per_second"], out["gigabytes_per_second"], s.Data)
	}
	line("run on", "backend %s (%s), %d threads, %s", out["backend"], out["kernel"], out["threads"], out["dtype"])
	for _, path := range saved {
		line("saved", "%s", path)
	}
	for _, c := range checks {
		line("claim", "%s", c)
	}
}
