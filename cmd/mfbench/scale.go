package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/bench/ceiling"
	"lowrank/bench/scale"
	"lowrank/bench/suite"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/matio"
	"lowrank/data/problem"
	"lowrank/kernel"
)

// scaling is one run of the command scale.
type scaling struct {
	run.Common
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
95 % confidence interval of Student's t where that is no wider than 1. An exponent over
d is fitted to the points whose bytes exceed the last caches of their threads by 4
times, where one law holds, and to all points; one over r to points that are all bound
by bytes or all by operations. Beside it stand how far the points lie off the line and
how far the rounds of a point are apart: where the first is much larger, time follows
another law.

The points are visited in rounds, from small to large and back; the time of a point
is the median of its visits, that of a visit the median of its steps. The share of
the bound is the least time that the machine allows, from the bandwidth and the peak
that it has on as many threads, over the time taken.

Written to DIR, which is --out, are scale.csv with a row for each point, scale.json
with points and fits, scale.svg and scale.png. A run that is cancelled writes the
points that it has visited.`,
		Example: `  mfbench scale
  mfbench scale --d 1000,2000,4000,8000,16000 --r 2,64 --threads 1,2,4
  mfbench scale --sigma diagonal --quick`,
		Args: run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return s.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&s.d, "d", "", "dimensions, as 1000,4000 (default: from 250 while Σ fits in memory, doubled up to the caches and at least 5 beyond)")
	f.StringVar(&s.r, "r", "1,2,8,64", "numbers of columns")
	f.StringVar(&s.threadList, "threads", "", "numbers of threads (default: 1 and all cores)")
	f.StringVar(&s.sigma, "sigma", "dense", "Σ: dense, rounded (held as f32) or diagonal")
	f.StringVar(&s.Dtype, "dtype", "f64", "element type: f64, f32, or mixed, which is --sigma rounded")
	f.StringVar(&s.Backend, "backend", "", "native, openblas or gonum (default: $MF_BACKEND, else the best compiled in)")
	f.DurationVar(&s.atLeast, "min-time", 100*time.Millisecond, "time of a visit, and at least 3 steps")
	f.IntVar(&s.rounds, "rounds", 3, "visits of each point")
	f.BoolVar(&s.quick, "quick", false, "d up to 1000, r of 1 and 2, in seconds")
	f.StringVar(&s.Out, "out", "out", "directory for results; made when missing")
	f.BoolVar(&s.JSON, "json", false, "print one JSON object as the last line of stdout")
	f.BoolVar(&s.Quiet, "quiet", false, "no progress; errors are still printed")
	run.Complete(cmd, "backend", run.BackendNames()...)
	run.Complete(cmd, "dtype", "f64", "f32", "mixed")
	run.Complete(cmd, "sigma", "dense", "rounded", "diagonal")
	return cmd
}

// overLastCache is how many times the last cache the bytes of a step are in the
// range where memory is read.
const overLastCache = 4

// mostRounds is more than anyone waits for.
const mostRounds = 1000

// study checks the flags.
func (s *scaling) study(cmd *cobra.Command) (st scale.Study, b *blas.Backend, err error) {
	st = scale.Study{DType: s.Dtype, Sigma: s.sigma, Rounds: s.rounds, AtLeast: s.atLeast, OverCache: overLastCache, Caches: ceiling.DetectCaches()}
	list := func(flag, text string) []int {
		values, wrong := suite.Ints(text)
		if wrong != nil && err == nil {
			err = run.Usagef("--%s: %v; expected a list as 1,2,8", flag, wrong)
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
		return st, nil, run.Usagef("--sigma is %q; expected dense, rounded or diagonal", s.sigma)
	case s.Dtype == "mixed" && s.sigma == "diagonal":
		return st, nil, run.Usagef("--dtype mixed is for a dense Σ; use f64 or f32 for --sigma diagonal")
	case s.Dtype == "f32" && s.sigma == "rounded":
		return st, nil, run.Usagef("--sigma rounded is held as f32 under f64; use --sigma dense with --dtype f32")
	case s.rounds < 1 || s.rounds > mostRounds:
		return st, nil, run.Usagef("--rounds is %d; expected at least 1 and at most %d", s.rounds, mostRounds)
	case s.atLeast < 0:
		return st, nil, run.Usagef("--min-time is %v; expected at least 0", s.atLeast)
	case given("out") && s.Out == "":
		return st, nil, run.Usagef("--out is empty; expected a name")
	}
	if s.Dtype == "mixed" {
		st.DType, st.Sigma = "f64", "rounded"
	}
	s.Threads = slices.Max(st.Threads)
	if b, err = s.Open(cmd); err != nil {
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
		return run.Usagef("--r is at least %d and --d at most %d; X has no more columns than rows", st.R[0], st.D[len(st.D)-1])
	}
	if err := run.MakeDir(s.Out); err != nil {
		return err
	}
	if err := (run.Targets{Write: s.files()}).Check(); err != nil {
		return err
	}
	if why != "" && !s.Quiet {
		fmt.Fprintf(cmd.ErrOrStderr(), "mfbench: d from %d to %d: %s\n", st.D[0], st.D[len(st.D)-1], why)
	}
	var bar *run.Progress
	points, failed := st.Run(cmd.Context(), func(p scale.Point, visit, visits int) {
		if bar == nil {
			bar = run.StartProgress(cmd.ErrOrStderr(), s.Quiet, "scale", visits)
		}
		bar.Done.Store(int64(visit))
	})
	if bar != nil {
		bar.Stop()
	}
	r := measured{Study: st, b: b, why: why, points: points, fits: scale.FitsOf(points), status: "done"}
	if failed != nil {
		r.status = "failed"
		if cmd.Context().Err() != nil {
			r.status, failed = "cancelled", fmt.Errorf("cancelled")
		}
		if len(points) == 0 {
			return fmt.Errorf("%w; none of %d visits was made", failed, st.Visits())
		}
		failed = fmt.Errorf("%w; %d of %d visits are in %s", failed, r.visits(), st.Visits(), s.files()[0])
	}
	if err := s.save(r); err != nil {
		return errors.Join(failed, err)
	}
	if s.JSON {
		return errors.Join(failed, run.PrintJSON(cmd.OutOrStdout(), r.object()))
	}
	r.print(cmd.OutOrStdout())
	for _, path := range s.files() {
		fmt.Fprintf(cmd.OutOrStdout(), "saved %s\n", path)
	}
	return failed
}

// files are those that are written.
func (s *scaling) files() []string {
	var files []string
	for _, ext := range []string{".csv", ".json", ".svg", ".png"} {
		files = append(files, filepath.Join(s.Out, "scale"+ext))
	}
	return files
}

// measured is what a study has come to.
type measured struct {
	scale.Study
	b      *blas.Backend
	why    string // no larger d was measured, empty where they were given
	points []scale.Point
	fits   scale.Fits
	status string // done, cancelled or failed
}

// visits is how many were made.
func (r measured) visits() int {
	n := 0
	for _, p := range r.points {
		n += p.Visits
	}
	return n
}

// object is the study as --json and scale.json have it.
func (r measured) object() map[string]any {
	var points, limits []map[string]any
	for _, p := range r.points {
		points = append(points, p.Object())
	}
	last := func(threads int) any {
		if bytes, known := r.Caches.Last(threads); known {
			return bytes
		}
		return nil
	}
	for _, threads := range r.Threads {
		if slices.ContainsFunc(r.points, func(p scale.Point) bool { return p.Threads == threads }) {
			l := bench.MeasureLimits(threads)
			limits = append(limits, map[string]any{"threads": threads, "bandwidth": l.Bandwidth, "peak": l.Peak(r.DType), "last_cache": last(threads)})
		}
	}
	o := map[string]any{
		"status": r.status, "sigma": r.Sigma, "dtype": r.DType, "backend": r.b.Name, "kernel": bench.RowName(r.b), "cpu": kernel.Detect().Name,
		"last_cache": last(slices.Max(r.Threads)), "d": r.D, "r": r.R, "threads": r.Threads, "rounds": r.Rounds, "over_cache": r.OverCache,
		"visits": r.visits(), "points": points, "fits": r.fits, "limits": limits, "version": bench.Version,
	}
	if o["last_cache"] == nil {
		o["note"] = r.unknownCache()
	}
	if r.why != "" {
		o["largest_because"] = r.why
	}
	return o
}

// unknownCache says what stands for a last cache of unknown size, empty where it is
// known.
func (r measured) unknownCache() string {
	bytes, known := r.Caches.Last(slices.Max(r.Threads))
	if known {
		return ""
	}
	return fmt.Sprintf("the system does not say how large the last cache is; %s stand for it", problem.HumanBytes(bytes))
}

// save writes the results.
func (s *scaling) save(r measured) error {
	var rows [][]float64
	for _, p := range r.points {
		rows = append(rows, p.Row())
	}
	text, err := json.MarshalIndent(run.FiniteOnly(r.object()), "", "  ")
	if err != nil {
		return err
	}
	m := bench.ThisMachine(r.b)
	caption := fmt.Sprintf("Σ %s, %s, backend %s (%s), %s, %d cores, %s %s/%s, lowrank %s. Each point is the median of %d rounds, its bar from the least to the most; dashed is the bound. Exponents are those of points whose bytes exceed %g times the last caches of the threads.",
		r.Sigma, r.DType, r.b.Name, m.Kernel, m.CPU, m.Cores, m.Go, m.OS, m.Arch, m.Version, r.Rounds, r.OverCache)
	if r.status != "done" {
		caption += fmt.Sprintf(" The measurement ended early, after %d of %d visits.", r.visits(), r.Visits())
	}
	page := scale.Page("How the time of a step grows", caption, r.points, r.fits)
	svg, err := page.SVG()
	if err != nil {
		return err
	}
	png, err := page.PNG()
	if err != nil {
		return err
	}
	files := s.files()
	if err := matio.WriteCSV(files[0], scale.Columns, rows); err != nil {
		return err
	}
	for i, data := range [][]byte{append(text, '\n'), svg, png} {
		if err := matio.WriteFile(files[i+1], data); err != nil {
			return err
		}
	}
	return nil
}

func (r measured) print(w io.Writer) {
	fmt.Fprintf(w, "%9s %5s %7s %12s %22s %8s %8s %7s %6s\n", "d", "r", "threads", "time", "rounds", "GB/s", "GF/s", "bound", "by")
	for _, p := range r.points {
		fmt.Fprintf(w, "%9d %5d %7d %12s %22s %8.3g %8.3g %5.0f %% %6s\n", p.D, p.R, p.Threads, shortly(p.Seconds),
			shortly(p.Low)+" to "+shortly(p.High), p.Bytes/p.Seconds/1e9, p.Flops/p.Seconds/1e9, 100*p.Share(), p.Binds())
	}
	fmt.Fprintf(w, "\ntime ~ d^p, 95 %% confidence; beyond the caches are points of more than %g times the last\n", r.OverCache)
	if note := r.unknownCache(); note != "" {
		fmt.Fprintf(w, "  %s\n", note)
	}
	for _, f := range r.fits.InD {
		fmt.Fprintf(w, "  r = %d, %s, %s: %s\n", f.R, scale.Counted(f.Threads), map[bool]string{true: "beyond the caches", false: "all points"}[f.Large], f)
	}
	fmt.Fprintf(w, "time ~ r^q, of points that are bound alike\n")
	var reasons []string
	without := map[string]int{}
	for _, f := range r.fits.InR {
		if f.Power != nil {
			fmt.Fprintf(w, "  d = %d, %s, by %s: %s\n", f.D, scale.Counted(f.Threads), f.Binds, f)
			continue
		}
		reason := "by " + f.Binds + ": " + f.Why
		if without[reason]++; without[reason] == 1 {
			reasons = append(reasons, reason)
		}
	}
	for _, reason := range reasons {
		fmt.Fprintf(w, "  no fit at %d of d and threads, %s\n", without[reason], reason)
	}
}
