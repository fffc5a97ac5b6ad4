package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lowrank/bench"
	"lowrank/bench/memory"
	"lowrank/bench/plan"
	"lowrank/bench/problem"
	"lowrank/blas"
)

func newPlan() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Predict the time and the memory of a solve before it starts",
		Long: `Predict what a run of mfbench solve will take: put plan in the place of solve, with
all its flags.

A run that does not fit in memory is refused with the exit code 1 and a sentence
that says what would fit. Else iterations of the same problem are made for a second
or two, on the same backend, or, where it is large, of smaller problems of the same
kind whose data exceeds the last cache four times and eight times; their times are
carried over by the bytes and operations that an iteration needs. Files are read up
to their headers; where a smaller problem is wanted it is written to a temporary
directory. How fast a disk is, is not measured.

The interval of a time spans the means of parts of the measured iterations. With
--tol a run may end earlier, and one that goes on from a checkpoint has less to do.
--run makes the run too and sets what it took beside the prediction, with the ratio
of predicted to actual.`,
		Example: `  mfbench plan symmetric --generate fig1 --d 40000 --rank 8 --step 0.1 --iters 100000
  mfbench plan symmetric --sigma S.npy --rank 3 --step 1e-4 --iters 1000000 --json
  mfbench plan sensing --generate gaussian --n 200 --count 10000 --true-rank 2 --rank 5 --step 0.25 --iters 300 --run`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown system %q; expected symmetric, asymmetric, sensing or deep", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		planOf(func() planner { return &symmetricFlags{} }), planOf(func() planner { return &asymmetricFlags{} }),
		planOf(func() planner { return &sensingFlags{} }), planOf(func() planner { return &deepFlags{} }),
	)
	return cmd
}

// planned is a run that is planned.
type planned struct {
	planner
	of  func() planner // the same command with flags of its own, not set
	run bool           // and made
	b   *blas.Backend
}

// planOf is the command that plans what a command of solve runs.
func planOf(of func() planner) *cobra.Command {
	p := &planned{planner: of(), of: of}
	cmd := p.command(p.predict, p.predict)
	cmd.Short = "Predict the time and the memory of " + cmd.Short
	cmd.Long = "Predict what mfbench solve " + cmd.Name() + " will take with these flags; mfbench plan --help says how."
	cmd.Example = strings.ReplaceAll(cmd.Example, "mfbench solve", "mfbench plan")
	cmd.Flags().BoolVar(&p.run, "run", false, "make the run too, and compare")
	return cmd
}

// learning says what problems are measured. It is a variable for the tests.
var learning = struct {
	overCache float64       // their data exceeds the last cache by this factor
	work      float64       // seconds, roughly, that set-up and report may take
	slow      float64       // seconds of an iteration from which on a smaller one is taken
	time      time.Duration // of the iterations
	most      int           // iterations
}{4, 3, 0.1, 1500 * time.Millisecond, 20000}

func (p *planned) predict(ctx context.Context) error {
	f := p.flags()
	b, err := f.open(f.cmd)
	if err != nil {
		return err
	}
	p.b = b
	program := memory.Resident()
	shape, err := p.shape(b)
	if err != nil {
		return err
	}
	free := memory.Available()
	if err := plan.Fits(shape, free, p.instead(shape)); err != nil {
		if f.json {
			size := shape.Size()
			err = errors.Join(err, printJSON(f.cmd.OutOrStdout(), map[string]any{
				"system": f.cmd.Name(), "status": "does not fit", "predicted_bytes": size.Needs(), "available_bytes": free,
				"reason": sentence(err), "backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.dtype,
			}))
		}
		return err
	}
	limits := bench.MeasureLimits(b.Threads)
	dtype := f.dtype
	bound := func(bytes, flops float64) float64 { return limits.Bound(bytes, flops, dtype) }

	dir, err := os.MkdirTemp("", "mfbench-plan-")
	if err != nil {
		return fmt.Errorf("a temporary directory cannot be made: %w", cause(err))
	}
	defer os.RemoveAll(dir)
	var samples []plan.Sample
	for _, s := range p.samplesOf(shape, bound) {
		if !f.quiet {
			fmt.Fprintf(f.cmd.ErrOrStderr(), "mfbench: measuring %s\n", s)
		}
		sample, err := p.sampled(ctx, dir, s, s == shape)
		if ctx.Err() != nil {
			return fmt.Errorf("cancelled while iterations were measured")
		}
		if err != nil {
			return fmt.Errorf("a run with %s, made to learn from: %w", s, err)
		}
		samples = append(samples, sample)
	}
	os.RemoveAll(dir) // it may lie in memory
	prediction := plan.Predict(shape, f.iters, program, samples, bound)
	object := p.object(shape, prediction, samples, limits, free)
	if !f.json {
		p.print(shape, prediction, samples, limits, free)
	}
	var ran error
	if p.run {
		ran = p.compare(ctx, object, func(iterations int) plan.Prediction {
			return plan.Predict(shape, iterations, program, samples, bound)
		})
	}
	if f.json {
		if err := printJSON(f.cmd.OutOrStdout(), object); err != nil {
			return err
		}
	}
	return ran
}

// samplesOf are the problems to measure: the one that is planned where it is cheap
// to make, else smaller ones, from small to large.
func (p *planned) samplesOf(shape plan.Shape, bound func(bytes, flops float64) float64) []plan.Shape {
	beyond := learning.overCache * plan.LastCache()
	if s := plan.Within(shape, 2*beyond, learning.work, learning.slow, bound); s == shape {
		return []plan.Shape{shape}
	}
	var samples []plan.Shape
	for _, data := range []float64{beyond, 2 * beyond} {
		s := plan.Within(shape, data, learning.work, learning.slow, bound)
		if len(samples) == 0 || samples[0] != s {
			samples = append(samples, s)
		}
	}
	return samples
}

// sampled makes a run of the shape, with the problem's own files where it is the
// problem itself.
func (p *planned) sampled(ctx context.Context, dir string, shape plan.Shape, itself bool) (plan.Sample, error) {
	flags := map[string]string{}
	if !itself {
		var err error
		if flags, err = p.sample(dir, shape); err != nil {
			return plan.Sample{}, err
		}
	}
	args, err := p.arguments(dir, flags)
	if err != nil {
		return plan.Sample{}, err
	}
	learned := &probe{most: learning.time}
	of := p.of()
	cmd := of.solving()
	of.flags().probe = learned
	cmd.SetArgs(args)
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true

	debug.FreeOSMemory() // what was measured before leaves nothing behind
	before, known := memory.Resident(), memory.ResetPeak()
	err = cmd.ExecuteContext(ctx)
	sample := plan.Sample{
		Shape: shape, Iterations: plan.Settled(learned.steps), Setup: learned.setup.Seconds(), Report: learned.report.Seconds(),
	}
	if known {
		sample.Peak = memory.Peak() - before
	}
	rows := p.flags().commonShape(p.b).Rows
	for _, r := range learned.records {
		sample.Calls += float64(r.calls)
		if r.calls > 0 {
			sample.Records = append(sample.Records, plan.Record{Every: r.every, Seconds: r.spent.Seconds() / float64(r.calls)})
		}
		if r.every == p.flags().every && rows > 0 {
			sample.Traced = float64(r.calls) / rows
		}
	}
	if sample.Calls > 0 {
		// Each row that is kept is kept by one call.
		kept := sample.Traced * shape.Size().Trace * float64(shape.Size().Runs)
		sample.Garbage = max(learned.allocated-kept, 0) / sample.Calls
	}
	debug.FreeOSMemory()
	if len(sample.Iterations) == 0 && err == nil {
		err = errors.New("it makes no iteration")
	}
	if learned.diverged { // it has been measured up to there
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
	f := p.flags()
	results := filepath.Join(dir, "results")
	if err := os.RemoveAll(results); err != nil {
		return nil, err
	}
	if err := os.Mkdir(results, 0o755); err != nil {
		return nil, err
	}
	args := []string{"--json", "--quiet", "--iters=" + strconv.Itoa(learning.most)}
	if f.out != "" {
		args = append(args, "--out="+results)
	}
	varied := map[string]bool{}
	for _, run := range f.runs {
		for _, s := range run {
			varied[s.flag] = true
		}
	}
	f.cmd.Flags().Visit(func(flag *pflag.Flag) {
		name, value := flag.Name, flag.Value.String()
		_, set := other[name]
		switch {
		case set || notOfSample[name] || varied[name]:
			return
		case name == "trace" || name == "checkpoint" || strings.HasPrefix(name, "save-"):
			value = filepath.Join(results, name+filepath.Ext(value))
		case name == "step" && f.stepValue != 0:
			value = littleStep
		case name == "vary":
			for _, text := range f.vary {
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

// object is the prediction as --json has it.
func (p *planned) object(shape plan.Shape, q plan.Prediction, samples []plan.Sample, limits bench.Limits, free float64) map[string]any {
	f := p.flags()
	size := shape.Size()
	bytes, flops := size.Iteration()
	var at []map[string]any
	for _, s := range samples {
		at = append(at, map[string]any{
			"shape": s.Shape.String(), "dims": s.Shape.Dims(), "iterations": len(s.Iterations), "seconds_per_iteration": s.Iteration(),
			"exact": s.Shape == shape,
		})
	}
	o := map[string]any{
		"system": f.cmd.Name(), "status": "fits", "shape": shape.String(), "dims": shape.Dims(), "runs": size.Runs, "iterations": f.iters, "at_most": f.tol > 0,
		"predicted_seconds": q.Total.Value, "low_seconds": q.Total.Low, "high_seconds": q.Total.High,
		"seconds_per_iteration": q.Iteration.Value, "low_per_iteration": q.Iteration.Low, "high_per_iteration": q.Iteration.High,
		"setup_seconds": q.Setup, "recording_seconds": q.Recording, "report_seconds": q.Report, "iteration_seconds": q.Steps,
		"predicted_bytes": q.Bytes, "data_bytes": size.Data, "needed_bytes": size.Needs(), "available_bytes": free,
		"bytes_per_iteration": bytes, "flops_per_iteration": flops, "bound_seconds": q.Bound, "bound_share": q.Share,
		"bandwidth": limits.Bandwidth, "peak": limits.Peak(f.dtype), "measured_at": at,
		"backend": p.b.Name, "kernel": bench.RowName(p.b), "threads": p.b.Threads, "dtype": f.dtype,
	}
	if free <= 0 {
		o["available_bytes"] = nil
	}
	return o
}

// print says the prediction to people.
func (p *planned) print(shape plan.Shape, q plan.Prediction, samples []plan.Sample, limits bench.Limits, free float64) {
	f := p.flags()
	size := shape.Size()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(f.cmd.OutOrStdout(), "%-22s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("run", "%s, %d iterations", shape, f.iters)
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
	line("bound", "%s an iteration (%.3g GB/s, %.3g GF/s); %.0f %% of it reached", shortly(q.Bound), limits.Bandwidth/1e9, limits.Peak(f.dtype)/1e9, 100*q.Share)
	line("iteration", "%s (%s to %s)", shortly(q.Iteration.Value), shortly(q.Iteration.Low), shortly(q.Iteration.High))
	parts := []string{shortly(q.Setup) + " to set up", shortly(q.Steps) + " in iterations"}
	if q.Recording > 0 {
		parts = append(parts, shortly(q.Recording)+" to record them")
	}
	parts = append(parts, shortly(q.Report)+" to report")
	limit := ""
	if f.tol > 0 {
		limit = "; --tol may end it earlier"
	}
	line("time", "%s (%s to %s): %s%s", shortly(q.Total.Value), shortly(q.Total.Low), shortly(q.Total.High), strings.Join(parts, ", "), limit)
	bytes, _ := size.Iteration()
	line("read and written", "%s in all iterations", problem.HumanBytes(bytes*float64(f.iters)))
	line("run on", "backend %s (%s), %d threads, %s", p.b.Name, bench.RowName(p.b), p.b.Threads, f.dtype)
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
