package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
	"lowrank/kernel"
)

func newInfo() *cobra.Command {
	var c run.Common
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Show the machine, the backends and the path of a step",
		Example: `  mfbench info
  MF_KERNEL=generic mfbench info --backend native`,
		Args: run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := c.Open(cmd)
			if err != nil {
				return err
			}
			if c.JSON {
				return run.PrintJSON(cmd.OutOrStdout(), infoObject(b))
			}
			printInfo(cmd.OutOrStdout(), b)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.Backend, "backend", "", "the backend whose path to show")
	f.IntVar(&c.Threads, "threads", 0, "number of threads, at least 1")
	f.BoolVar(&c.JSON, "json", false, "print one JSON object")
	f.BoolVar(&c.Quiet, "quiet", false, "there is no progress to silence")
	run.Complete(cmd, "backend", run.BackendNames()...)
	return cmd
}

// facts of a backend, the opened one with its state. One that is merely
// compiled in is not opened: OpenBLAS has one number of threads a process.
func facts(entry kernel.Backend, open *blas.Backend) []kernel.Fact {
	if entry.HowToBuild != "" {
		return []kernel.Fact{{Name: "not compiled in", Value: entry.HowToBuild}}
	}
	f := entry.Facts()
	if entry.Name == open.Name {
		f = append([]kernel.Fact{{Name: "picked", Value: fmt.Sprintf("%d threads", open.Threads)}}, f...)
	}
	if entry.ThreadsItself {
		return append(f, kernel.Fact{Name: "same bits for any number of threads", Value: "no: its library threads itself"})
	}
	return append(f, kernel.Fact{Name: "same bits for any number of threads", Value: "yes"})
}

func cacheSize(n int) string {
	if n <= 0 {
		return "unknown"
	}
	return problem.HumanBytes(float64(n))
}

func printInfo(w io.Writer, b *blas.Backend) {
	cpu := kernel.Detect()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-38s %s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(w, "lowrank %s, %s, %s/%s\n\nmachine\n", bench.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	line("cpu", "%s", cpu.Name)
	line("cores", "%d", cpu.Cores)
	line("caches", "L1d %s, L2 %s, L3 %s", cacheSize(cpu.L1D), cacheSize(cpu.L2), cacheSize(cpu.L3))
	line("rows that it runs", "%s", strings.Join(kernel.Runnable(cpu), ", "))
	line("rows of this build", "%s", strings.Join(kernel.Compiled(), ", "))
	for _, entry := range kernel.Backends() {
		fmt.Fprintf(w, "\nbackend %s\n", entry.Name)
		for _, f := range facts(entry, b) {
			line(f.Name, "%s", f.Value)
		}
	}
	fmt.Fprintf(w, "\npath of one step, dense Σ\n  mfbench solve symmetric\n  → solvers.Run\n  → symmetric.(*Solver).Step\n")
	for _, step := range path(b) {
		fmt.Fprintln(w, "  →", step)
	}
}

// path names what a step calls, down to the inner loop.
func path(b *blas.Backend) []string {
	if b.Name == "native" {
		row, _ := kernel.Active()
		return []string{
			"operator.(*Dense).Mul, then blas.Sweep.Update",
			"native: product.Mul over tiles of half of Σ, then sweep.Update over rows of X",
			fmt.Sprintf("kernel row %s: Columns or Panel on a tile; Update, or Strips, Gemm and Finish, on rows of X", row.Name),
		}
	}
	product := "Gemm"
	if b.ThreadsItself {
		product = "Symv for a few columns, else Gemm"
	}
	return []string{
		"operator.(*Dense).Mul, then blas.Sweep.Update",
		"blas: the passes composed from routines, in row blocks that fit the cache",
		fmt.Sprintf("backend %s: %s, then Gemm and Syrk on each row block", b.Name, product),
	}
}

func infoObject(b *blas.Backend) map[string]any {
	cpu := kernel.Detect()
	backends := map[string]any{}
	for _, entry := range kernel.Backends() {
		about := map[string]any{"compiled_in": entry.HowToBuild == "", "threads_itself": entry.ThreadsItself}
		for _, f := range facts(entry, b) {
			about[f.Name] = f.Value
		}
		backends[entry.Name] = about
	}
	return map[string]any{
		"version": bench.Version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
		"cpu": cpu.Name, "cores": cpu.Cores, "l1d": cpu.L1D, "l2": cpu.L2, "l3": cpu.L3,
		"rows_runnable": kernel.Runnable(cpu), "rows_compiled": kernel.Compiled(),
		"backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "backends": backends, "path": path(b),
	}
}
