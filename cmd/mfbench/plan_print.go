package main

import (
	"fmt"
	"maps"
	"math"
	"strings"

	"lowrank/bench"
	"lowrank/bench/plan"
	"lowrank/data/problem"
)

// object is the prediction as --json has it.
func (p *planned) object(shape plan.Shape, q plan.Prediction, samples []plan.Sample, limits bench.Limits, free float64) map[string]any {
	f := p.Base()
	size := shape.Size()
	bytes, flops := size.Iteration()
	var at []map[string]any
	for _, s := range samples {
		at = append(at, map[string]any{
			"shape": s.Shape.String(), "dims": s.Shape.Dims(), "iterations": len(s.Iterations), "seconds_per_iteration": s.Iteration(),
			"exact": s.Shape == shape,
		})
	}
	o := f.Place(p.b, f.Cmd.Name())
	maps.Copy(o, map[string]any{
		"status": "fits", "shape": shape.String(), "dims": shape.Dims(), "runs": size.Runs, "iterations": f.Iters, "at_most": f.Tol > 0,
		"predicted_seconds": q.Total.Value, "low_seconds": q.Total.Low, "high_seconds": q.Total.High,
		"seconds_per_iteration": q.Iteration.Value, "low_per_iteration": q.Iteration.Low, "high_per_iteration": q.Iteration.High,
		"setup_seconds": q.Setup.Value, "recording_seconds": q.Recording.Value, "report_seconds": q.Report.Value, "iteration_seconds": q.Steps.Value,
		"predicted_bytes": q.Bytes, "data_bytes": size.Data, "needed_bytes": size.Needs(), "available_bytes": free,
		"bytes_per_iteration": bytes, "flops_per_iteration": flops, "bound_seconds": q.Bound, "bound_share": q.Share,
		"bandwidth": limits.Bandwidth, "peak": limits.Peak(f.Dtype), "measured_at": at,
	})
	if size.Drawn > 0 { // which no bound of the machine knows of
		o["bound_seconds"], o["bound_share"] = nil, nil
	}
	if free <= 0 {
		o["available_bytes"] = nil
	}
	return o
}

// print says the prediction to people.
func (p *planned) print(shape plan.Shape, q plan.Prediction, samples []plan.Sample, limits bench.Limits, free float64) {
	f := p.Base()
	size := shape.Size()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(f.Cmd.OutOrStdout(), "%-22s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("run", "%s, %d iterations", shape, f.Iters)
	available := "how much is available is not known"
	if free > 0 {
		available = problem.HumanBytes(free) + " are available"
	}
	line("memory", "%s at the peak, %s of it data; %s", problem.HumanBytes(q.Bytes), problem.HumanBytes(size.Data), available)
	for _, s := range samples {
		what := "the problem itself"
		if s.Shape != shape {
			what = s.Shape.String()
		}
		line("measured", "%s: %s an iteration, of %d", what, shortly(s.Iteration()), len(s.Iterations))
	}
	if size.Drawn > 0 {
		line("bound", "none: the measurements are drawn anew in each pass")
	} else {
		line("bound", "%s an iteration (%.3g GB/s, %.3g GF/s); %.0f %% of it reached", shortly(q.Bound), limits.Bandwidth/1e9, limits.Peak(f.Dtype)/1e9, 100*q.Share)
	}
	line("iteration", "%s (%s to %s)", shortly(q.Iteration.Value), shortly(q.Iteration.Low), shortly(q.Iteration.High))
	parts := []string{shortly(q.Setup.Value) + " to set up", shortly(q.Steps.Value) + " in iterations"}
	if q.Recording.Value > 0 {
		parts = append(parts, shortly(q.Recording.Value)+" to record them")
	}
	parts = append(parts, shortly(q.Report.Value)+" to report")
	limit := ""
	if f.Tol > 0 {
		limit = "; --tol may end it earlier"
	}
	line("time", "%s (%s to %s): %s%s", shortly(q.Total.Value), shortly(q.Total.Low), shortly(q.Total.High), strings.Join(parts, ", "), limit)
	if bytes, _ := size.Iteration(); size.Drawn == 0 {
		line("read and written", "%s in all iterations", problem.HumanBytes(bytes*float64(f.Iters)))
	}
	line("run on", "backend %s (%s), %d threads, %s", p.b.Name, bench.RowName(p.b), p.b.Threads, f.Dtype)
}

// shortly writes seconds with three digits and a unit.
func shortly(seconds float64) string {
	switch s := math.Abs(seconds); {
	case s < 1e-3:
		return fmt.Sprintf("%.3g µs", seconds*1e6)
	case s < 1:
		return fmt.Sprintf("%.3g ms", seconds*1e3)
	case s < 600:
		return fmt.Sprintf("%.3g s", seconds)
	case s < 3*3600:
		return fmt.Sprintf("%.3g min", seconds/60)
	case s < 3*86400:
		return fmt.Sprintf("%.3g h", seconds/3600)
	}
	return fmt.Sprintf("%.3g days", seconds/86400)
}
