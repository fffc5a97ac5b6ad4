package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench/roofline"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/matio"
)

func newRoofline() *cobra.Command {
	r := &roof{}
	cmd := &cobra.Command{
		Use:   "roofline",
		Short: "Measure bandwidths and peaks, and place the operations under them",
		Long: `Measure what this machine can do at most, with the kernels of this project:
bytes a second from each level of cache and from memory, multiply-adds a second
for each row of kernels and element type, for 1 to all threads. Then time the
operations of the solvers and say what share of the bound they reach.

Rates are the best of rounds at the start, amid and at the end of the command. It
takes about a minute, with --quick about fifteen seconds, more where caches are
large, and up to half of the memory that is available.

--out writes roofline.svg and .png, what was measured (roofline.csv by working
set, -memory, -rows and -operations.csv), and the object of --json.`,
		Example: `  mfbench roofline
  mfbench roofline --out roof --json
  mfbench roofline --quick --dtype f32 --threads 1`,
		Args: run.NoArgs,
		RunE: r.run,
	}
	f := cmd.Flags()
	f.StringVar(&r.Backend, "backend", "", "native, openblas or gonum: whose operations (default: $MF_BACKEND, else the best compiled in)")
	f.IntVar(&r.Threads, "threads", 0, "largest number of threads, at least 1 (default: all cores)")
	f.StringVar(&r.Dtype, "dtype", "f64", "element type of the operations: f64 or f32")
	f.StringVar(&r.Out, "out", "", "directory for results; made when missing (default: none are written)")
	f.BoolVar(&r.quick, "quick", false, "coarser, in about fifteen seconds")
	f.BoolVar(&r.noOperations, "no-operations", false, "bandwidths and peaks alone")
	f.BoolVar(&r.JSON, "json", false, "print one JSON object as the last line of stdout")
	f.BoolVar(&r.Quiet, "quiet", false, "no progress; errors are still printed")
	run.Complete(cmd, "backend", run.BackendNames()...)
	run.Complete(cmd, "dtype", "f64", "f32")
	return cmd
}

type roof struct {
	run.Common
	quick, noOperations bool
}

// The efforts of the command; its test makes them smaller.
var fullRoof, quickRoof = roofline.Full, roofline.Quick

func (r *roof) run(cmd *cobra.Command, args []string) error {
	began := time.Now()
	if r.Dtype != "f64" && r.Dtype != "f32" {
		return run.Usagef("--dtype is %q; expected f64 or f32", r.Dtype)
	}
	backend, err := r.Open(cmd)
	if err != nil {
		return err
	}
	if n := runtime.GOMAXPROCS(0); backend.Threads > n {
		return run.Usagef("--threads is %d; expected at most %d, the processors that this process runs on", backend.Threads, n)
	}
	var object string
	if r.Out != "" {
		if err := run.MakeDir(r.Out); err != nil {
			return err
		}
		for _, name := range roofline.Files {
			if err := run.CheckWritable(filepath.Join(r.Out, name)); err != nil {
				return err
			}
		}
		object = filepath.Join(r.Out, "roofline.json")
	} else if cmd.Flags().Changed("out") {
		return run.Usagef("--out is empty; expected a name")
	}
	effort := fullRoof
	if r.quick {
		effort = quickRoof
	}
	bars := &stages{cmd: cmd, quiet: r.Quiet, figure: "roofline"}
	measured, err := roofline.Measure(cmd.Context(), roofline.Request{
		Backend: backend, DType: r.Dtype, Operations: !r.noOperations, Effort: effort, Progress: bars.show,
	})
	bars.stop()
	if err != nil {
		return fmt.Errorf("roofline: broken off before all was measured: %w", err)
	}
	out := cmd.OutOrStdout()
	files := []string{}
	if r.Out != "" {
		if files, err = measured.Write(r.Out); err != nil {
			return err
		}
		files = append(files, object)
	}
	fields := measured.Object()
	fields["status"], fields["quick"], fields["files"] = "measured", r.quick, files
	fields["total_seconds"] = time.Since(began).Seconds()
	if r.Out != "" {
		data, err := json.MarshalIndent(run.FiniteOnly(fields), "", "  ")
		if err != nil {
			return err
		}
		if err := matio.WriteFile(object, append(data, '\n')); err != nil {
			return err
		}
	}
	if err := measured.Print(out); err != nil {
		return err
	}
	for i, f := range files {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, "wrote", f)
	}
	if r.JSON {
		return run.PrintJSON(out, fields)
	}
	return nil
}
