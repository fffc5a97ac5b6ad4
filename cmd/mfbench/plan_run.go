package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"lowrank/bench/plan"
	"lowrank/bench/problem"
)

// thisProgram is the program that --run starts, with its first arguments.
var thisProgram = func() (string, []string, error) {
	path, err := os.Executable()
	return path, nil, err
}

// compare makes the run, in a process of its own, and adds to the object what it
// took.
func (p *planned) compare(ctx context.Context, object map[string]any, predict func(iterations int) plan.Prediction) error {
	f := p.flags()
	path, args, err := thisProgram()
	if err != nil {
		return fmt.Errorf("this program cannot be found to be started again: %w", err)
	}
	args = append(args, "solve", f.cmd.Name())
	for _, name := range slices.Sorted(maps.Keys(f.given)) {
		flag := f.cmd.Flags().Lookup(name)
		if name == "run" || name == "json" {
			continue
		}
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			args = append(args, "--"+name+"="+v)
		}
	}
	run := exec.CommandContext(ctx, path, append(args, "--json")...)
	run.Cancel = func() error { // in order, so that a checkpoint is kept
		if err := run.Process.Signal(os.Interrupt); err != nil {
			return run.Process.Kill()
		}
		return nil
	}
	var out bytes.Buffer
	run.Stdout, run.Stderr = &out, f.cmd.ErrOrStderr()
	runErr := run.Run()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var actual struct {
		Status     string   `json:"status"`
		Iterations int      `json:"iterations"`
		Seconds    float64  `json:"seconds"`
		Total      float64  `json:"total_seconds"`
		Peak       *float64 `json:"peak_bytes"`
		Error      *float64 `json:"error"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &actual); err != nil {
		if runErr != nil {
			return errSaid // by the run
		}
		return fmt.Errorf("the run printed no result: %w", err)
	}
	q := predict(actual.Iterations)
	object["run_status"], object["run_iterations"], object["error"] = actual.Status, actual.Iterations, actual.Error
	object["seconds"], object["run_iteration_seconds"] = actual.Total, actual.Seconds
	object["ratio_time"] = q.Total.Value / actual.Total
	if actual.Seconds > 0 {
		object["ratio_iterations"] = q.Steps / actual.Seconds
	}
	if actual.Peak != nil {
		object["peak_bytes"], object["ratio_memory"] = *actual.Peak, q.Bytes / *actual.Peak
	}
	if !f.json {
		line := func(name, format string, args ...any) {
			fmt.Fprintf(f.cmd.OutOrStdout(), "%-22s %s\n", name, fmt.Sprintf(format, args...))
		}
		line("made", "%s after %d iterations", actual.Status, actual.Iterations)
		line("iterations took", "%s; predicted %s, ratio %.2f", shortly(actual.Seconds), shortly(q.Steps), q.Steps/actual.Seconds)
		line("all of it took", "%s; predicted %s, ratio %.2f", shortly(actual.Total), shortly(q.Total.Value), q.Total.Value/actual.Total)
		if actual.Peak != nil {
			line("memory at the peak", "%s; predicted %s, ratio %.2f", problem.HumanBytes(*actual.Peak), problem.HumanBytes(q.Bytes), q.Bytes / *actual.Peak)
		}
	}
	if runErr != nil {
		return errSaid // by the run
	}
	return nil
}
