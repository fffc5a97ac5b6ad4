package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/bench/paper"
	"lowrank/bench/report"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
)

func newReproduce() *cobra.Command {
	r := &reproduction{}
	cmd := &cobra.Command{
		Use:   "reproduce NAME...|all",
		Short: "Reproduce figures of the papers, with verdicts",
		Long: `Run the experiment of a figure with the paper's parameters and write its data
(CSV), picture (SVG and PNG) and resolved configuration (TOML) to
DIR/<system>/<figure>.*, DIR being --out. Each verdict is a line: PASS or FAIL,
what the figure must show, and the number it rests on; NOTE is a number without a
verdict. A failing verdict makes the exit code 1. NAME is a figure, a system for
all of its, or all.

DIR/index.html shows every figure that DIR holds: curves to zoom and to read,
parameters, verdicts, cost. It opens from disk; index.md lists the same in a table.
DIR/<system>/<figure>.json is what the page shows of one.

--quick runs a size that takes seconds, and says so on the picture. A long figure
saves its state in DIR/<system>/<figure>.state; with --resume it goes on from there,
and a figure that DIR already holds, made with the same parameters, backend and
version, is kept: one command line can be repeated until all are made.

--config reads the [parameters] of a figure's TOML file; --set NAME=VALUE sets one of
them, a list with commas; --seed, --iters, --d and --dense are short for --set seed=,
iterations=, d= and sigma=dense. Of several figures those that lack a parameter are
made as ever.`,
		Example: `  mfbench reproduce symmetric/fig1
  mfbench reproduce symmetric/fig1 --dense --seed 7 --out results
  mfbench reproduce symmetric/fig1 --dense --set method=both
  mfbench reproduce sensing/fig5 --set iterations=20000 --resume
  mfbench reproduce all --quick`,
		ValidArgs: append([]string{"all"}, paper.Names()...),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return run.Usagef("reproduce needs the name of a figure, or all; mfbench list shows them")
			}
			return nil
		},
		RunE: r.run,
	}
	r.Common.Add(cmd)
	r.profiles.Add(cmd)
	f := cmd.Flags()
	f.Lookup("out").DefValue, r.Out = "out", "out"
	f.BoolVar(&r.quick, "quick", false, "a size that takes seconds; the picture says so")
	f.BoolVar(&r.resume, "resume", false, "keep finished figures, go on with one that was broken off")
	f.StringArrayVar(&r.set, "set", nil, "NAME=VALUE, a parameter of the figure; repeatable")
	f.BoolVar(&r.dense, "dense", false, "symmetric/fig1: a dense Σ = QΛQᵀ instead of the diagonal Λ")
	f.IntVar(&r.d, "d", 0, "another dimension (default: the paper's)")
	f.IntVar(&r.iters, "iters", 0, "another number of iterations (default: as configured)")
	return cmd
}

// reproduction is one run of the command.
type reproduction struct {
	run.Common
	quick, resume, dense bool
	set                  []string
	profiles             run.Profiles
	d, iters             int

	cmd     *cobra.Command
	backend *blas.Backend
	files   parameters // of --config
	Base    parameters
	missing map[string][]string // figures without a parameter of the flags
	limits  *bench.Limits
	objects []map[string]any
	failed  bool
}

func (r *reproduction) run(cmd *cobra.Command, args []string) error {
	r.cmd = cmd
	figures, err := paper.Find(args...)
	if err != nil {
		return run.UsageOf(err)
	}
	if r.Base, err = r.overrides(); err != nil {
		return err
	}
	if err := r.readConfig(figures); err != nil {
		return err
	}
	if r.backend, err = r.Open(cmd); err != nil {
		return err
	}
	if r.Dtype != "f64" {
		return run.Usagef("--dtype is %s; the verdicts of the figures hold in f64", r.Dtype)
	}
	if err := r.check(figures); err != nil {
		return err
	}
	for _, fig := range figures {
		if err := run.MakeDir(filepath.Join(r.Out, filepath.Dir(filepath.FromSlash(fig.Name)))); err != nil {
			return err
		}
	}
	limits := bench.MeasureLimits(r.backend.Threads)
	r.limits = &limits
	return r.profiles.During(cmd.Context(), "reproduce", func(ctx context.Context) error { return r.each(ctx, figures) })
}

// each makes the figures one after the other.
func (r *reproduction) each(ctx context.Context, figures []paper.Figure) error {
	var broken error
	for i, fig := range figures {
		err := r.figure(ctx, fig, fmt.Sprintf("%d/%d %s", i+1, len(figures), fig.Name), len(figures) > 1)
		if err == nil {
			continue
		}
		if !strings.HasPrefix(err.Error(), fig.Name) {
			err = fmt.Errorf("%s: %w", fig.Name, err)
		}
		r.objects = append(r.objects, r.object(fig.Name, map[string]any{"status": "error", "reason": err.Error()}))
		if len(figures) == 1 || ctx.Err() != nil {
			broken = err
			break
		}
		fmt.Fprintf(r.cmd.ErrOrStderr(), "mfbench: %v\n", err) // the others may succeed
		r.failed = true
	}
	if err := r.finish(); err != nil {
		return err
	}
	if broken != nil {
		return broken
	}
	if r.failed {
		return run.ErrSaid // the lines say what
	}
	return nil
}

// finish writes the page and the table of the directory, and --json.
func (r *reproduction) finish() error {
	index, err := report.WriteIndex(r.Out, paper.Names())
	if err != nil {
		return err
	}
	summary, err := report.WriteSummary(r.Out, paper.Names())
	if err != nil {
		return err
	}
	fmt.Fprintf(r.cmd.OutOrStdout(), "wrote %s and %s\n", index, summary)
	if r.JSON {
		return r.printObject(index)
	}
	return nil
}

// object is what --json says of a figure: the same names whatever came of it.
func (r *reproduction) object(figure string, fields map[string]any) map[string]any {
	o := map[string]any{
		"figure": figure, "quick": r.quick, "verdicts": []string{}, "files": []string{},
		"iterations": 0, "passes": 0, "error": nil, "distance": nil, "seconds": 0.0, "total_seconds": 0.0,
		"iterations_per_second": 0.0, "share": 0.0, "kept": false,
		"backend": r.backend.Name, "kernel": bench.RowName(r.backend), "threads": r.backend.Threads, "dtype": r.Dtype,
	}
	maps.Copy(o, fields)
	return o
}

// figure makes one figure, writes its files and says what came of it.
func (r *reproduction) figure(ctx context.Context, fig paper.Figure, title string, several bool) error {
	began := time.Now()
	bars := &stages{cmd: r.cmd, quiet: r.Quiet, figure: title}
	rep, err := fig.Run(ctx, paper.Request{
		Backend: r.backend, Quick: r.quick, Configure: r.configure(fig.Name, several), Progress: bars.show,
		Dir: r.Out, Resume: r.resume,
	})
	bars.stop()
	var config paper.ConfigError
	var made paper.MadeError
	switch {
	case errors.As(err, &made):
		r.say(fig.Name, made.Lines, "kept, made before with the same parameters")
		r.failed = r.failed || !made.Passed
		r.objects = append(r.objects, r.object(fig.Name, map[string]any{"status": passed(made.Passed), "verdicts": made.Lines, "kept": true}))
		return nil
	case errors.As(err, &config):
		return run.UsageOf(err)
	case err != nil:
		return err
	}
	paths, err := rep.Write(r.Out, r.backend, r.limits, r.Command(fig.Name))
	if err != nil {
		return err
	}
	lines := rep.Lines()
	r.say(fig.Name, lines, append(prefixed("wrote ", paths), "cost: "+rep.Cost.Line(r.limits))...)
	r.failed = r.failed || !rep.Passed()
	fields := map[string]any{
		"status": passed(rep.Passed()), "verdicts": lines, "files": paths,
		"iterations": rep.Cost.Iterations, "passes": rep.Cost.Passes,
		"seconds": rep.Cost.Time.Seconds(), "total_seconds": time.Since(began).Seconds(),
		"iterations_per_second": rep.Cost.IterationsPerSecond(), "share": rep.Cost.Share(*r.limits),
	}
	if rep.Error != nil {
		fields["error"], fields["distance"] = *rep.Error, *rep.Distance
	}
	r.objects = append(r.objects, r.object(fig.Name, fields))
	return nil
}

func (r *reproduction) say(figure string, lines []string, more ...string) {
	for _, line := range append(lines[:len(lines):len(lines)], more...) {
		fmt.Fprintf(r.cmd.OutOrStdout(), "%s  %s\n", figure, line)
	}
}

func prefixed(prefix string, words []string) []string {
	var out []string
	for _, w := range words {
		out = append(out, prefix+w)
	}
	return out
}

func passed(ok bool) string {
	if ok {
		return "passed"
	}
	return "failed"
}

// printObject is --json: one figure's object, or a list of several.
func (r *reproduction) printObject(index string) error {
	if len(r.objects) == 1 {
		r.objects[0]["index"] = index
		return run.PrintJSON(r.cmd.OutOrStdout(), r.objects[0])
	}
	return run.PrintJSON(r.cmd.OutOrStdout(), map[string]any{"status": passed(!r.failed), "index": index, "figures": r.objects})
}

// Command is the line that makes the figure again.
func (r *reproduction) Command(figure string) string {
	words := []string{"mfbench reproduce", figure}
	if r.quick {
		words = append(words, "--quick")
	}
	if r.Config != "" {
		words = append(words, "--config", filepath.Base(r.Config))
	}
	for _, f := range r.Base {
		words = append(words, "--set", fmt.Sprintf("%s=%s", f.name, f.text))
	}
	return strings.Join(words, " ")
}
