package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"lowrank/bench/plan"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/memory"
)

// sampled makes a run of the shape, with the problem's own files where it is the
// problem itself.
func (p *planned) sampled(ctx context.Context, dir string, shape plan.Shape, itself bool) (plan.Sample, error) {
	if err := ctx.Err(); err != nil {
		return plan.Sample{}, err
	}
	flags := map[string]string{}
	if !itself {
		var err error
		if flags, err = p.Sample(dir, shape); err != nil {
			return plan.Sample{}, err
		}
	}
	args, err := p.arguments(dir, flags)
	if err != nil {
		return plan.Sample{}, err
	}
	learned := &run.Probe{Most: learning.time}
	of := p.of()
	cmd := of.Solving()
	of.Base().Probe = learned
	cmd.SetArgs(args)
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true

	debug.FreeOSMemory() // what was measured before leaves nothing behind
	before, known := memory.Resident(), memory.ResetPeak()
	err = cmd.ExecuteContext(ctx)
	sample := plan.Sample{
		Shape: shape, Iterations: plan.Settled(learned.Steps), Setup: learned.Setup.Seconds(), Report: learned.Report.Seconds(),
	}
	if known {
		sample.Peak = memory.Peak() - before
	}
	var recorders []plan.Recorder
	for _, r := range learned.Records {
		recorders = append(recorders, plan.Recorder{Every: r.Every, Saves: r.Saves, Seconds: r.Seconds})
	}
	sample.Recorded(recorders, p.Base().Every, p.Base().CommonShape(p.b).Rows, learned.Allocated)
	debug.FreeOSMemory()
	if len(sample.Iterations) == 0 && err == nil {
		err = errors.New("it makes no iteration")
	}
	if learned.Diverged { // it has been measured up to there
		err = nil
	}
	return sample, err
}

// notOfSample are flags that a sample has its own values of, or none.
var notOfSample = map[string]bool{
	"config": true, "json": true, "quiet": true, "run": true, "help": true, "resume": true,
	"iters": true, "tol": true, "out": true,
}

// arguments are those of a sample: the flags of the run that is planned, with
// others, with steps that lead nowhere, and with all results in dir.
func (p *planned) arguments(dir string, other map[string]string) ([]string, error) {
	f := p.Base()
	results := filepath.Join(dir, "results")
	if err := os.RemoveAll(results); err != nil {
		return nil, err
	}
	if err := os.Mkdir(results, 0o755); err != nil {
		return nil, err
	}
	args := []string{"--json", "--quiet", "--iters=" + strconv.Itoa(learning.most)}
	if f.Out != "" {
		args = append(args, "--out="+results)
	}
	varied := map[string]bool{}
	for _, run := range f.Runs {
		for _, s := range run {
			varied[s.Flag] = true
		}
	}
	f.Cmd.Flags().Visit(func(flag *pflag.Flag) {
		name, value := flag.Name, flag.Value.String()
		_, set := other[name]
		switch {
		case set || notOfSample[name] || run.ProfileFlags[name] || varied[name]:
			return
		case name == "trace" || name == "checkpoint" || strings.HasPrefix(name, "save-"):
			value = filepath.Join(results, name+filepath.Ext(value))
		case name == "step" && f.StepValue != 0:
			value = littleStep
		case name == "vary":
			for _, text := range f.Vary {
				args = append(args, "--vary="+littleSteps(text))
			}
			return
		}
		args = append(args, "--"+name+"="+value)
	})
	for name, value := range other {
		args = append(args, "--"+name+"="+value)
	}
	return args, nil
}

// littleStep keeps a sample where it starts: a step that suits the problem may
// not suit a smaller one.
const littleStep = "1e-9"

// littleSteps are as many of them as --vary has steps.
func littleSteps(vary string) string {
	list, ok := strings.CutPrefix(vary, "step=")
	if !ok {
		return vary
	}
	values := strings.Split(list, ",")
	for i := range values {
		values[i] = littleStep
	}
	return "step=" + strings.Join(values, ",")
}
