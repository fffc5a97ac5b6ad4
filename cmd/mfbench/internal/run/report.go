package run

import (
	"fmt"
	"slices"
	"strconv"
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

// Place is what every object of --json says of where a run is made.
func (f *Request) Place(b *blas.Backend, system string) map[string]any {
	return map[string]any{
		"system": system, "backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.Dtype,
	}
}

// ended adds how a run ended.
func (s System) ended(out map[string]any, res solvers.Result) {
	out["status"], out["iterations"], out["passes"], out["gradient"] = res.Status.String(), res.Iterations, res.Passes, res.Gradient
	out["step"], out["seed"], out["iterations_per_second"] = s.Solver.StepSize(), s.request.Seed, perSecond(res)
	if res.Reason != "" {
		out["reason"] = res.Reason
	}
}

// alone is the object of a run that is the only one.
func (s System) alone(b *blas.Backend, res solvers.Result) map[string]any {
	f := s.request
	out := f.Place(b, s.Name)
	s.ended(out, res)
	out["seconds"], out["gigabytes_per_second"] = res.Time.Seconds(), gigabytes(res, s.Bytes)
	if f.has("rank") {
		out["rank"] = f.Rank
	}
	return out
}

// member is the object of one of several runs.
func (s System) member(res solvers.Result) map[string]any {
	f := s.request
	out := map[string]any{"run": f.Run + 1}
	s.ended(out, res)
	for _, v := range f.Runs[f.Run] {
		if v.Flag == "scale" {
			out["scale"], _ = strconv.ParseFloat(v.Value, 64) // checked when it was read
		}
	}
	return out
}

// CancelledBefore reports a run that was cancelled before its first iteration.
func (f *Request) CancelledBefore(b *blas.Backend, began time.Time, name, during string) error {
	if f.JSON {
		out := f.Place(b, name)
		out["status"], out["iterations"], out["error"], out["passes"] = solvers.Cancelled.String(), 0, nil, 0
		out["seconds"], out["total_seconds"], out["iterations_per_second"] = 0.0, time.Since(began).Seconds(), 0.0
		if err := PrintJSON(f.Cmd.OutOrStdout(), out); err != nil {
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
func (f *Request) saveResults(s System, trace string) (saved []string, err error) {
	files := append(slices.Clone(s.Files), File{trace, func(path string) error {
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
// returns the names of all. own are values of flags beside those that were found out.
func (f *Request) saveConfigs(b *blas.Backend, results []string, result map[string]any, s System, own map[string]any) ([]string, error) {
	config, err := f.resolvedConfig(b, result, s, own)
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
		if c.Since != nil {
			o["claimed_from"], o["holds_from"], o["slack"] = c.Since.Claimed, c.Since.First, c.Since.Slack()
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
