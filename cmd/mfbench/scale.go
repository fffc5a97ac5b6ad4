package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/bench/matio"
	"lowrank/bench/plan"
	"lowrank/bench/scale"
	"lowrank/bench/suite"
	"lowrank/blas"
	"lowrank/kernel"
)

// scaling is one run of the command scale.
type scaling struct {
	common
	d, r, threadList, sigma string
	atLeast                 time.Duration
	rounds                  int
	quick                   bool
}

func newScale() *cobra.Command {
	s := &scaling{}
	cmd := &cobra.Command{
		Use:   "scale",
		Short: "Measure how the time of a step grows with d, r and threads",
		Long: `Time the step X ← X + η(Σ − XXᵀ)X for all d, r and numbers of threads, and fit
exponents to its growth: time ~ d^p for each r, time ~ r^q for each d, each with the
95 % confidence interval of Student's t. An exponent over d is fitted to the points
whose bytes exceed the last cache by 4 times, where one law holds, and to all points.

The points are visited in rounds, from small to large and back; the time of a point
is the median of its visits, that of a visit the median of its steps. The share of
the bound is the least time that the machine allows, from the bandwidth and the peak
that it has on as many threads, over the time taken.

Written to DIR, which is --out, are scale.csv with a row for each point, scale.json
with points and fits, scale.svg and scale.png.`,
		Example: `  mfbench scale
  mfbench scale --d 1000,2000,4000,8000,16000 --r 2,64 --threads 1,2,4
  mfbench scale --sigma diagonal --quick`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return s.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&s.d, "d", "", "dimensions, as 1000,4000 (default: 250, doubled while Σ fits in memory)")
	f.StringVar(&s.r, "r", "1,2,8,64", "numbers of columns")
	f.StringVar(&s.threadList, "threads", "", "numbers of threads (default: 1 and all cores)")
	f.StringVar(&s.sigma, "sigma", "dense", "Σ: dense, rounded (held as f32) or diagonal")
	f.StringVar(&s.dtype, "dtype", "f64", "element type: f64, f32, or mixed, which is --sigma rounded")
	f.StringVar(&s.backend, "backend", "", "native, openblas or gonum (default: $MF_BACKEND, else the best compiled in)")
	f.DurationVar(&s.atLeast, "min-time", 200*time.Millisecond, "time of a visit, and at least 3 steps")
	f.IntVar(&s.rounds, "rounds", 3, "visits of each point")
	f.BoolVar(&s.quick, "quick", false, "d up to 1000, r of 1 and 2, in seconds")
	f.StringVar(&s.out, "out", "out", "directory for results; made when missing")
	f.BoolVar(&s.json, "json", false, "print one JSON object as the last line of stdout")
	f.BoolVar(&s.quiet, "quiet", false, "no progress; errors are still printed")
	complete(cmd, "backend", backendNames()...)
	complete(cmd, "dtype", "f64", "f32", "mixed")
	complete(cmd, "sigma", "dense", "rounded", "diagonal")
	return cmd
}

// overLastCache is how many times the last cache the bytes of a step are in the
// range where memory is read.
const overLastCache = 4

// study checks the flags.
func (s *scaling) study(cmd *cobra.Command) (st scale.Study, b *blas.Backend, err error) {
	st = scale.Study{DType: s.dtype, Sigma: s.sigma, Rounds: s.rounds, AtLeast: s.atLeast, OverCache: overLastCache}
	list := func(flag, text string) []int {
		values, wrong := suite.Ints(text)
		if wrong != nil && err == nil {
			err = usagef("--%s: %v; expected a list as 1,2,8", flag, wrong)
		}
		slices.Sort(values)
		return slices.Compact(values)
	}
	given := cmd.Flags().Changed
	if s.quick {
		if !given("d") {
			s.d = "250,500,1000"
		}
		if !given("r") {
			s.r = "1,2"
		}
		if !given("min-time") {
			st.AtLeast = 10 * time.Millisecond
		}
	}
	st.R = list("r", s.r)
	st.Threads = []int{1, runtime.GOMAXPROCS(0)}
	if given("threads") {
		st.Threads = list("threads", s.threadList)
	}
	st.Threads = slices.Compact(st.Threads)
	if s.d != "" || given("d") {
		st.D = list("d", s.d)
	}
	switch {
	case err != nil:
		return st, nil, err
	case s.sigma != "dense" && s.sigma != "rounded" && s.sigma != "diagonal":
		return st, nil, usagef("--sigma is %q; expected dense, rounded or diagonal", s.sigma)
	case s.dtype == "mixed" && s.sigma == "diagonal":
		return st, nil, usagef("--dtype mixed is for a dense Σ; use f64 or f32 for --sigma diagonal")
	case s.dtype == "f32" && s.sigma == "rounded":
		return st, nil, usagef("--sigma rounded is held as f32 under f64; use --sigma dense with --dtype f32")
	case s.rounds < 1:
		return st, nil, usagef("--rounds is %d; expected at least 1", s.rounds)
	case s.atLeast < 0:
		return st, nil, usagef("--min-time is %v; expected at least 0", s.atLeast)
	case given("out") && s.out == "":
		return st, nil, usagef("--out is empty; expected a name")
	}
	if s.dtype == "mixed" {
		st.DType, st.Sigma = "f64", "rounded"
	}
	s.threads = slices.Max(st.Threads)
	if b, err = s.open(cmd); err != nil {
		return st, nil, err
	}
	st.Backend = b.Name
	return st, b, nil
}

func (s *scaling) run(cmd *cobra.Command) error {
	st, b, err := s.study(cmd)
	if err != nil {
		return err
	}
	why := ""
	if st.D == nil {
		st.D, why = st.Dims(b)
		if len(st.D) == 0 {
			return fmt.Errorf("no dimension fits: %s", why)
		}
	}
	if err := st.Check(b); err != nil {
		return err
	}
	if st.D[len(st.D)-1] < st.R[0] {
		return usagef("--r is at least %d and --d at most %d; X has no more columns than rows", st.R[0], st.D[len(st.D)-1])
	}
	if err := makeDir(s.out); err != nil {
		return err
	}
	if why != "" && !s.quiet {
		fmt.Fprintf(cmd.ErrOrStderr(), "mfbench: d from %d to %d: %s\n", st.D[0], st.D[len(st.D)-1], why)
	}
	var bar *progress
	points, err := st.Run(cmd.Context(), func(p scale.Point, visit, visits int) {
		if bar == nil {
			bar = startProgress(cmd.ErrOrStderr(), s.quiet, "scale", visits)
		}
		bar.done.Store(int64(visit))
	})
	if bar != nil {
		bar.stop()
	}
	if cmd.Context().Err() != nil {
		return fmt.Errorf("cancelled while steps were measured")
	}
	if err != nil {
		return err
	}
	fits := scale.FitsOf(points)
	saved, err := s.save(st, b, points, fits)
	if err != nil {
		return err
	}
	if s.json {
		return printJSON(cmd.OutOrStdout(), s.object(st, b, points, fits, why))
	}
	s.print(cmd, points, fits)
	for _, path := range saved {
		fmt.Fprintf(cmd.OutOrStdout(), "saved %s\n", path)
	}
	return nil
}

// object is the study as --json and scale.json have it.
func (s *scaling) object(st scale.Study, b *blas.Backend, points []scale.Point, fits scale.Fits, why string) map[string]any {
	var rows []map[string]any
	for _, p := range points {
		row := map[string]any{}
		for i, v := range p.Row() {
			row[scale.Columns[i]] = v
		}
		row["large"] = p.Large
		rows = append(rows, row)
	}
	cpu := kernel.Detect()
	o := map[string]any{
		"sigma": st.Sigma, "dtype": st.DType, "backend": b.Name, "kernel": bench.RowName(b), "cpu": cpu.Name, "last_cache": plan.LastCache(),
		"d": st.D, "r": st.R, "threads": st.Threads, "rounds": st.Rounds, "over_cache": st.OverCache,
		"points": rows, "fits": fits, "version": bench.Version,
	}
	var limits []map[string]any
	for _, threads := range st.Threads {
		l := bench.MeasureLimits(threads)
		limits = append(limits, map[string]any{"threads": threads, "bandwidth": l.Bandwidth, "peak": l.Peak(st.DType)})
	}
	o["limits"] = limits
	if why != "" {
		o["largest_because"] = why
	}
	return o
}

// save writes the results and returns their names.
func (s *scaling) save(st scale.Study, b *blas.Backend, points []scale.Point, fits scale.Fits) ([]string, error) {
	var rows [][]float64
	for _, p := range points {
		rows = append(rows, p.Row())
	}
	at := func(ext string) string { return filepath.Join(s.out, "scale"+ext) }
	if err := matio.WriteCSV(at(".csv"), scale.Columns, rows); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(finiteOnly(s.object(st, b, points, fits, "")), "", "  ")
	if err != nil {
		return nil, err
	}
	machine := bench.ThisMachine(b)
	caption := fmt.Sprintf("Σ %s, %s, backend %s (%s), %s, %d cores, %s %s/%s, lowrank %s. Each point is the median of %d rounds, its bar from the least to the most; dashed is the bound. Exponents are those of points whose bytes exceed %g times the last cache.",
		st.Sigma, st.DType, b.Name, machine.Kernel, machine.CPU, machine.Cores, machine.Go, machine.OS, machine.Arch, machine.Version, st.Rounds, st.OverCache)
	page := scale.Page("How the time of a step grows", caption, points, fits)
	svg, err := page.SVG()
	if err != nil {
		return nil, err
	}
	png, err := page.PNG()
	if err != nil {
		return nil, err
	}
	saved := []string{at(".csv")}
	for _, file := range []struct {
		ext  string
		data []byte
	}{{".json", append(text, '\n')}, {".svg", svg}, {".png", png}} {
		if err := matio.WriteFile(at(file.ext), file.data); err != nil {
			return nil, err
		}
		saved = append(saved, at(file.ext))
	}
	return saved, nil
}

func (s *scaling) print(cmd *cobra.Command, points []scale.Point, fits scale.Fits) {
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%9s %5s %7s %12s %22s %8s %8s %7s\n", "d", "r", "threads", "time", "rounds", "GB/s", "GF/s", "bound")
	for _, p := range points {
		fmt.Fprintf(w, "%9d %5d %7d %12s %22s %8.3g %8.3g %5.0f %%\n", p.D, p.R, p.Threads, shortly(p.Seconds),
			shortly(p.Low)+" to "+shortly(p.High), p.Bytes/p.Seconds/1e9, p.Flops/p.Seconds/1e9, 100*p.Share())
	}
	said := func(f scale.Fit, name string) {
		text := f.Why
		if f.Power != nil {
			text = f.Power.String()
		}
		fmt.Fprintf(w, "%s: %s\n", name, text)
	}
	fmt.Fprintf(w, "\ntime ~ d^p, 95 %% confidence; beyond the caches are points of more than %d times the last\n", overLastCache)
	for _, f := range fits.InD {
		said(f, fmt.Sprintf("  r = %d, %s, %s", f.R, scale.Counted(f.Threads), map[bool]string{true: "beyond the caches", false: "all points"}[f.Large]))
	}
	fmt.Fprintf(w, "time ~ r^q\n")
	for _, f := range fits.InR {
		said(f, fmt.Sprintf("  d = %d, %s", f.D, scale.Counted(f.Threads)))
	}
}
