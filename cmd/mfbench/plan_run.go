package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"lowrank/bench/plan"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
)

// thisProgram is the program that --run starts, with its first arguments.
var thisProgram = func() (string, []string, error) {
	path, err := os.Executable()
	return path, nil, err
}

// outcome is what a run says of itself.
type outcome struct {
	Status     string   `json:"status"`
	Iterations int      `json:"iterations"`
	Seconds    float64  `json:"seconds"`
	Total      float64  `json:"total_seconds"`
	Peak       *float64 `json:"peak_bytes"`
	Error      *float64 `json:"error"`
}

// compare makes the run, in a process of its own, and adds to the object what it
// took.
func (p *planned) compare(ctx context.Context, object map[string]any, predict func(iterations int) plan.Prediction) error {
	got, ran := p.make(ctx)
	if got == nil {
		return ran
	}
	q := predict(got.Iterations)
	took := plan.Actual{Seconds: got.Seconds, Total: got.Total}
	if got.Peak != nil {
		took.Bytes = *got.Peak
	}
	off := q.Against(took)
	object["run_status"], object["run_iterations"], object["error"] = got.Status, got.Iterations, got.Error
	object["seconds"], object["run_iteration_seconds"] = got.Total, got.Seconds
	object["ratio_time"], object["inside"] = off.Total, off.Inside
	if off.Iterations > 0 {
		object["ratio_iterations"] = off.Iterations
	}
	if off.Memory > 0 {
		object["peak_bytes"], object["ratio_memory"] = took.Bytes, off.Memory
	}
	if !p.Base().JSON {
		line := func(name, format string, args ...any) {
			fmt.Fprintf(p.Base().Cmd.OutOrStdout(), "%-22s %s\n", name, fmt.Sprintf(format, args...))
		}
		where := map[bool]string{true: "inside", false: "outside"}[off.Inside]
		line("made", "%s after %d iterations", got.Status, got.Iterations)
		line("iterations took", "%s; predicted %s, ratio %.2f", shortly(got.Seconds), shortly(q.Steps.Value), off.Iterations)
		line("all of it took", "%s, %s %s to %s; predicted %s, ratio %.2f", shortly(got.Total), where, shortly(q.Total.Low), shortly(q.Total.High), shortly(q.Total.Value), off.Total)
		if off.Memory > 0 {
			line("memory at the peak", "%s; predicted %s, ratio %.2f", problem.HumanBytes(took.Bytes), problem.HumanBytes(q.Bytes), off.Memory)
		}
	}
	return ran
}

// make makes the run and returns what it says, nil where it says nothing. A run that
// fails has said why itself, unless it was ended.
func (p *planned) make(ctx context.Context) (*outcome, error) {
	path, args, err := thisProgram()
	if err != nil {
		return nil, fmt.Errorf("this program cannot be found to be started again: %w", err)
	}
	child := exec.CommandContext(ctx, path, append(args, p.runArguments()...)...)
	// An interrupt reaches this program alone, which passes it on once: the run saves
	// its checkpoint and its results, and a second one would end it at once.
	setApart(child)
	child.Cancel = func() error {
		if err := interrupt(child.Process); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return child.Process.Kill()
		}
		return nil
	}
	var out bytes.Buffer
	child.Stdout, child.Stderr = &out, p.Base().Cmd.ErrOrStderr()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ran := child.Run()
	switch {
	case child.ProcessState == nil:
		return nil, fmt.Errorf("the run cannot be started: %w", ran)
	case child.ProcessState.ExitCode() < 0:
		return nil, fmt.Errorf("the run was ended: %s", child.ProcessState)
	case ran != nil:
		ran = run.ErrSaid
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	got := new(outcome)
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), got); err != nil {
		if ran == nil {
			ran = fmt.Errorf("the run printed no result: %w", err)
		}
		return nil, ran
	}
	return got, ran
}

// runArguments are those of the run: solve, with the flags that were given.
func (p *planned) runArguments() []string {
	f := p.Base()
	args := []string{"solve", f.Cmd.Name()}
	for _, name := range slices.Sorted(maps.Keys(f.Given)) {
		if name == "run" || name == "json" {
			continue
		}
		flag := f.Cmd.Flags().Lookup(name)
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			args = append(args, "--"+name+"="+v)
		}
	}
	return append(args, "--json")
}
