package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/bench/paper"
	"lowrank/bench/report"
	"lowrank/blas"
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
and a figure that DIR already holds with the same parameters is kept, so that one
command line can be repeated until it exits 0 or 1.

--config reads the [parameters] of a figure's TOML file; --set NAME=VALUE sets one of
them, a list with commas; --seed, --iters, --d and --dense are short for --set seed=,
iterations=, d= and sigma=dense.`,
		Example: `  mfbench reproduce symmetric/fig1
  mfbench reproduce symmetric/fig1 --dense --seed 7 --out results
  mfbench reproduce sensing/fig5 --set iterations=20000 --resume
  mfbench reproduce all --quick`,
		ValidArgs: append([]string{"all"}, paper.Names()...),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("reproduce needs the name of a figure, or all; mfbench list shows them")
			}
			return nil
		},
		RunE: r.run,
	}
	r.common.add(cmd)
	f := cmd.Flags()
	f.Lookup("out").DefValue, r.out = "out", "out"
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
	common
	quick, resume, dense bool
	set                  []string
	d, iters             int

	cmd     *cobra.Command
	backend *blas.Backend
	files   parameters // of --config
	flags   parameters
	limits  *bench.Limits
	objects []map[string]any
	failed  bool
}

func (r *reproduction) run(cmd *cobra.Command, args []string) error {
	r.cmd = cmd
	figures, err := paper.Find(args...)
	if err != nil {
		return usageError{err}
	}
	if r.flags, err = r.overrides(); err != nil {
		return err
	}
	if r.files, err = figureParameters(r.config); err != nil {
		return err
	}
	if r.backend, err = r.open(cmd); err != nil {
		return err
	}
	if r.dtype != "f64" {
		return usagef("--dtype is %s; the verdicts of the figures hold in f64", r.dtype)
	}
	if err := makeDir(r.out); err != nil {
		return err
	}
	for _, fig := range figures {
		if err := r.figure(cmd.Context(), fig); err != nil {
			var usage usageError
			if len(figures) == 1 || errors.As(err, &usage) || cmd.Context().Err() != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "mfbench: %v\n", err) // the others may succeed
			r.failed = true
			r.objects = append(r.objects, map[string]any{"figure": fig.Name, "quick": r.quick, "status": "error", "reason": err.Error()})
		}
	}
	index, err := report.WriteIndex(r.out, paper.Names())
	if err != nil {
		return err
	}
	summary, err := report.WriteSummary(r.out, paper.Names())
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "wrote %s and %s\n", index, summary)
	if r.json {
		if err := r.printObject(index); err != nil {
			return err
		}
	}
	if r.failed {
		return errSaid // the lines say what
	}
	return nil
}

// figure makes one figure, writes its files and says what came of it.
func (r *reproduction) figure(ctx context.Context, fig paper.Figure) error {
	began := time.Now()
	bars := &stages{cmd: r.cmd, quiet: r.quiet, figure: fig.Name}
	rep, err := fig.Run(ctx, paper.Request{
		Backend: r.backend, Quick: r.quick, Configure: r.configure, Progress: bars.show,
		Dir: r.out, Resume: r.resume,
	})
	bars.stop()
	var config paper.ConfigError
	var made paper.MadeError
	switch {
	case errors.As(err, &made):
		r.say(fig.Name, made.Lines, "kept, made before with the same parameters")
		r.failed = r.failed || !made.Passed
		r.objects = append(r.objects, map[string]any{"figure": fig.Name, "quick": r.quick, "status": passed(made.Passed), "verdicts": made.Lines, "kept": true})
		return nil
	case errors.As(err, &config):
		return usageError{err}
	case err != nil:
		return err
	}
	if r.limits == nil {
		limits := bench.MeasureLimits(r.backend.Threads)
		r.limits = &limits
	}
	paths, err := rep.Write(r.out, r.backend, r.limits, r.command(fig.Name))
	if err != nil {
		return err
	}
	lines := rep.Lines()
	r.say(fig.Name, lines, append(prefixed("wrote ", paths), "cost: "+rep.Cost.Line(r.limits))...)
	r.failed = r.failed || !rep.Passed()
	r.objects = append(r.objects, map[string]any{
		"figure": fig.Name, "quick": r.quick, "status": passed(rep.Passed()), "verdicts": lines, "files": paths,
		"iterations": rep.Cost.Iterations, "passes": rep.Cost.Passes, "error": rep.Error, "distance": rep.Distance,
		"seconds": rep.Cost.Time.Seconds(), "total_seconds": time.Since(began).Seconds(),
		"iterations_per_second": rep.Cost.IterationsPerSecond(), "share": rep.Cost.Share(*r.limits),
		"backend": r.backend.Name, "kernel": bench.RowName(r.backend), "threads": r.backend.Threads, "dtype": r.dtype,
	})
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
		return printJSON(r.cmd.OutOrStdout(), r.objects[0])
	}
	return printJSON(r.cmd.OutOrStdout(), map[string]any{"status": passed(!r.failed), "index": index, "figures": r.objects})
}

// command is the line that makes the figure again.
func (r *reproduction) command(figure string) string {
	words := []string{"mfbench reproduce", figure}
	if r.quick {
		words = append(words, "--quick")
	}
	if r.config != "" {
		words = append(words, "--config", filepath.Base(r.config))
	}
	for _, f := range r.flags {
		words = append(words, "--set", fmt.Sprintf("%s=%s", f.name, f.text))
	}
	return strings.Join(words, " ")
}
