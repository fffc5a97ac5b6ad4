package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lowrank/bench"
	"lowrank/bench/plan"
	"lowrank/blas"
	"lowrank/data/matio"
	"lowrank/data/memory"
	"lowrank/data/problem"
	"lowrank/solvers"
)

// runFlags are the flags of every solve command.
type runFlags struct {
	common
	cmd        *cobra.Command
	rank       int
	step       string
	stepValue  float64 // of --step, 0 for a step by its name
	iters      int
	tol        float64
	trace      string
	every      int
	checkpoint checkpointFlags
	ofProblem  uint64 // --problem-seed
	profiles   profiles
	vary       []string
	runs       [][]setting // of --vary
	probe      *probe      // of a run that plan learns from
	planning   bool        // nothing is run or written
}

// runHelp is what the help of every solve command says of its runs.
const runHelp = `

Beside each result FILE stands FILE.toml, the resolved configuration, which
--config reads back; flags override it, and a source or a start on the command line
replaces the file's with all that belongs to it. --checkpoint FILE --resume goes on
after any kill, with the bits of an unbroken run.

--vary makes several runs of one problem, all combinations where it is repeated. Each
has the bits that it has alone, --method krylov and auto excepted; on the backend native they
share each reading of a dense Σ or A and of the matrices of sensing. Results are numbered: x-1.npy, x-2.npy,
and so on; --json has a list, runs, and as error the largest of theirs. The problem
stays that of the first seed, or of --problem-seed.`

// addRun adds the flags, and what help says of them; steps are the steps that have
// a name.
func (f *runFlags) addRun(cmd *cobra.Command, stepHelp string, steps ...string) {
	f.cmd = cmd
	cmd.Long = strings.TrimRight(cmd.Long, "\n") + runHelp
	f.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.step, "step", "", stepHelp)
	fl.IntVar(&f.iters, "iters", 1000, "number of iterations")
	fl.Float64Var(&f.tol, "tol", 0, "stop at this relative gradient norm")
	fl.StringVar(&f.trace, "trace", "", "write the recorded iterates here, .csv")
	fl.IntVar(&f.every, "every", 1, "record every K-th iterate in the trace")
	fl.Uint64Var(&f.ofProblem, "problem-seed", 0, "seed of a generated problem, and of its eigenpairs (default: --seed)")
	fl.StringArrayVar(&f.vary, "vary", nil, "several runs from one reading of the data: seed=1:10, step=0.1,0.05, or scale=0.5,0.1 where there is a --scale")
	f.checkpoint.add(cmd)
	f.profiles.add(cmd)
	if len(steps) > 0 {
		complete(cmd, "step", steps...)
	}
}

// solve reads the configuration, validates the flags and runs the command in its
// element type. start is the flag that names a file with the start.
func (f *runFlags) solve(start string, check func() error, in64, in32 func(ctx context.Context) error, groups ...flagGroup) error {
	// --out on the command line takes the place of the file's names of results.
	var results []string
	f.cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name == "trace" || strings.HasPrefix(flag.Name, "save-") {
			results = append(results, flag.Name)
		}
	})
	groups = append(groups, flagGroup{chosenBy: []string{"out"}, belonging: results})
	if err := f.readConfig(f.cmd, groups...); err != nil {
		return err
	}
	if err := f.checkVary(start); err != nil {
		return err
	}
	if err := check(); err != nil {
		return err
	}
	in := in64
	if f.dtype == "f32" {
		in = in32
	}
	if f.planning { // profiles are of the run
		return in(f.cmd.Context())
	}
	return f.profiles.during(f.cmd.Context(), "solve "+f.cmd.Name(), in)
}

// checkRun validates these flags. steps are the steps that have a name.
func (f *runFlags) checkRun(steps ...string) error {
	switch {
	case f.iters < 0:
		return usagef("--iters is %d; expected at least 0", f.iters)
	case !(f.tol >= 0) || math.IsInf(f.tol, 0):
		return usagef("--tol is %g; expected a number of at least 0", f.tol)
	case f.every < 1:
		return usagef("--every is %d; expected at least 1", f.every)
	}
	if err := f.checkpoint.check(); err != nil {
		return err
	}
	expected := strings.Join(append([]string{"a positive number"}, steps...), ", or ")
	if f.step == "" {
		return usagef("--step is missing; expected %s", expected)
	}
	for _, name := range steps {
		if f.step == name {
			return nil
		}
	}
	v, err := strconv.ParseFloat(f.step, 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) {
		return usagef("--step is %q; expected %s", f.step, expected)
	}
	f.stepValue = v
	all := []float64{v}
	for _, run := range f.runs {
		for _, s := range run {
			if s.flag == "step" {
				v, _ := strconv.ParseFloat(s.value, 64) // checked when it was read
				all = append(all, v)
			}
		}
	}
	for _, v := range all {
		check := checkStep[float64]
		if f.dtype == "f32" {
			check = checkStep[float32]
		}
		if err := check(v, f.dtype); err != nil {
			return err
		}
	}
	return nil
}

// problemSeed is the seed of what is not the start.
func (f *runFlags) problemSeed() uint64 {
	if f.cmd.Flags().Changed("problem-seed") {
		return f.ofProblem
	}
	return f.seed
}

// checkRank validates --rank; what says what it is the number of.
func (f *runFlags) checkRank(what string) error {
	switch {
	case !f.cmd.Flags().Changed("rank"):
		return usagef("--rank is missing; expected %s", what)
	case f.rank < 1:
		return usagef("--rank is %d; expected at least 1", f.rank)
	}
	return nil
}

// checkScale validates --scale, where it was given.
func (f *runFlags) checkScale(scale float64, zeroToo bool) error {
	if f.cmd.Flags().Changed("scale") && (!(scale >= 0) || math.IsInf(scale, 0) || scale == 0 && !zeroToo) {
		return usagef("--scale is %g; expected a positive number", scale)
	}
	return nil
}

// checkStep refuses a step that the element type does not hold.
func checkStep[T blas.Float](eta float64, dtype string) error {
	if T(eta) == 0 || math.IsInf(float64(T(eta)), 0) {
		return usagef("--step is %g; as %s that is %g", eta, dtype, float64(T(eta)))
	}
	return nil
}

// named refuses flags that name a file and are empty.
func (f *runFlags) named(names ...string) error {
	for _, name := range append(names, "trace", "checkpoint", "out") {
		if f.cmd.Flags().Changed(name) && f.cmd.Flags().Lookup(name).Value.String() == "" {
			return usagef("--%s is empty; expected a name", name)
		}
	}
	return nil
}

// oneOf refuses none and more than one of the flags that give the same thing.
func (f *runFlags) oneOf(what string, names ...string) error {
	var given, all []string
	for _, name := range names {
		all = append(all, "--"+name)
		if f.cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	if len(given) == 1 {
		return nil
	}
	got := "none"
	if len(given) > 1 {
		got = strings.Join(given, " and ")
	}
	last := len(all) - 1
	return usagef("%s comes from exactly one of %s and %s; got %s", what, strings.Join(all[:last], ", "), all[last], got)
}

// anyChanged reports the first of the flags that was given.
func (f *runFlags) anyChanged(names ...string) (string, bool) {
	for _, name := range names {
		if f.cmd.Flags().Changed(name) {
			return name, true
		}
	}
	return "", false
}

// setFlag sets a flag to a default that was found out, so that the resolved
// configuration has it.
func (f *runFlags) setFlag(name string, value float64) {
	// A float64 in this notation is one that the flag takes.
	_ = f.cmd.Flags().Set(name, strconv.FormatFloat(value, 'g', -1, 64))
}

// output is a result that a run may write: the flag with its name and what it
// is called in --out.
type output struct {
	path *string
	base string
}

// outputs resolves where results go and checks that they can be written.
//
// Of a run that is planned no directory is made, and of one that is missing nothing is
// checked but that it can be made.
func (f *runFlags) outputs(read []string, results []output) error {
	results = append(results, output{&f.trace, "trace.csv"})
	switch {
	case f.out == "":
	case f.planning && missing(f.out):
		if err := checkMakeable(f.out); err != nil {
			return err
		}
	default:
		if err := makeDir(f.out); err != nil {
			return err
		}
		for _, r := range results {
			if *r.path == "" {
				*r.path = filepath.Join(f.out, r.base)
			}
		}
	}
	t := targets{read: read, config: f.config}
	for _, r := range results {
		if len(f.runs) > 0 && *r.path != "" && isDevice(*r.path) {
			return usagef("%s: takes one result; --vary makes several", *r.path)
		}
		if len(f.runs) == 0 {
			t.write = append(t.write, *r.path)
		}
		for i := range f.runs {
			t.write = append(t.write, numbered(*r.path, i))
		}
	}
	t.write = append(t.write, f.checkpoint.file)
	if f.checkpoint.file != "" {
		t.write = append(t.write, f.checkpoint.file+".previous", f.checkpoint.file+".next")
	}
	t.write = append(t.write, f.profiles.files()...)
	for _, path := range t.write[:len(results)*max(len(f.runs), 1)] {
		if path != "" && !isDevice(path) {
			t.beside = append(t.beside, beside(path))
		}
	}
	return t.check()
}

// checkMakeable fails where a directory that is missing could not be made.
func checkMakeable(dir string) error {
	above := filepath.Dir(filepath.Clean(dir))
	for missing(above) && above != filepath.Dir(above) {
		above = filepath.Dir(above)
	}
	if err := checkWritable(filepath.Join(above, "x")); err != nil {
		return fmt.Errorf("%s: the directory cannot be made: %w", dir, err)
	}
	return nil
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// planner is a command whose run can be planned: what it will take is known from
// its flags and from the beginnings of its files.
type planner interface {
	// results are the files that the run reads, and those that it may write.
	results() (read []string, results []output)
	// shape is an error where the flags or the files are wrong, or a file cannot be
	// read twice.
	shape(b *blas.Backend) (plan.Shape, error)
	// instead are other ways to run that take less memory.
	instead(s plan.Shape) []plan.Instead
	// sample writes what a smaller problem of the shape s reads to files in dir and
	// returns the flags that make it, beside those of this run.
	sample(dir string, s plan.Shape) (map[string]string, error)
	flags() *runFlags
	// command has the flags and runs in64, or in32 with --dtype f32; solving is the
	// one that solves.
	command(in64, in32 func(ctx context.Context) error) *cobra.Command
	solving() *cobra.Command
}

func (f *runFlags) flags() *runFlags { return f }

// commonShape is what the shapes of all systems have.
func (f *runFlags) commonShape(b *blas.Backend) plan.Common {
	c := plan.Common{Elem: 8, Runs: max(len(f.runs), 1)}
	if f.dtype == "f32" {
		c.Elem = 4
	}
	_, c.Own = b.BLAS.(blas.Fuser)
	c.Fused = c.Own
	if f.trace != "" || f.out != "" {
		c.Rows = plan.Rows(f.iters, f.every)
	}
	c.Checkpoint = f.checkpoint.file != ""
	return c
}

// fits refuses a run that would not fit in memory, before anything is read or made.
// The shape is nil where it cannot be known yet: what is wrong is said by who reads
// the files.
func (f *runFlags) fits(p planner, b *blas.Backend) (plan.Shape, error) {
	shape, err := p.shape(b)
	if err != nil {
		return nil, nil
	}
	free := memory.Available()
	if err := plan.Fits(shape, free, p.instead(shape)); err != nil {
		return nil, err
	}
	if free > 0 && os.Getenv("GOMEMLIMIT") == "" {
		// What is not in use may grow to as much as what is; not beyond what there is.
		debug.SetMemoryLimit(int64(memory.Resident() + free))
	}
	return shape, nil
}

// checkRunMemory refuses a run that would not fit beside its data.
func (f *runFlags) checkRunMemory(s plan.Shape) error {
	return problem.CheckMemory("a run with "+s.String(), s.Size().Beside())
}

// solver is a method that can be saved, restored and told from others.
type solver interface {
	solvers.Method
	saved
	StepSize() float64
	Fingerprint(extra ...any) (string, error)
}

// hashOf stands for a matrix, which may be missing, among the bits of a
// checkpoint.
func hashOf(m *blas.General[float64]) string {
	h := solvers.NewFingerprint()
	if m != nil {
		h.Add(m.Data)
	}
	return h.String()
}

// file is a result and how it is written.
type file struct {
	path  string // none is written when it is empty
	write func(path string) error
}

// system is a problem that is ready to be run.
type system struct {
	name     string // of the command
	method   string // of a solver that has a choice
	data     string // what a pass reads; empty where the run makes none
	bytes    int64  // of a pass
	solver   solver
	recorder solvers.Recorder
	trace    *solvers.Trace     // that the recorder fills
	always   bool               // it records without --trace too
	watch    []solvers.Recorder // that see every iterate
	files    []file
	shares   bool          // runs of an ensemble share their passes
	took     time.Duration // for passes of the run before its first step
	alone    func() int    // passes that runs which share the others do not share; nil for none
	bits     []any         // more that the bits of a checkpoint depend on
	iterate  string
	// report adds to the object of --json what is computed after the run: error,
	// distance and more.
	report func(out map[string]any) error
	// checks are the claims of the theory beside the run; nil for none.
	checks func() []solvers.Check
	// print says it to people.
	print func(line func(name, format string, args ...any), out map[string]any)
	// omit are flags that do not belong in the resolved configuration.
	omit map[string]bool
}

// run makes the iterations of a system, from its checkpoint if there is one,
// saves what they led to and reports.
func (f *runFlags) run(ctx context.Context, b *blas.Backend, began time.Time, s system) error {
	var schedules []solvers.Schedule
	var states []stateful
	see := func(r solvers.Recorder, every int) {
		schedules = append(schedules, solvers.Schedule{Recorder: r, Every: every})
		if state, ok := r.(stateful); ok {
			states = append(states, state)
		}
	}
	if f.trace != "" || s.always {
		see(s.recorder, f.every)
	}
	for _, r := range s.watch {
		see(r, 1)
	}
	var before time.Duration // of the runs that this one continues
	var diverged *solvers.Divergence
	if f.checkpoint.file != "" {
		bits := append([]any{b.Name, bench.RowName(b), f.dtype, f.trace != "", f.every, f.problemSeed()}, s.bits...)
		fingerprint, err := s.solver.Fingerprint(bits...)
		if err != nil {
			return err
		}
		saver := &checkpointer{file: f.checkpoint.file, fingerprint: fingerprint, method: s.method, solver: s.solver, trace: s.trace, recorders: states}
		if before, err = f.checkpoint.restore(saver, f.iters); err != nil {
			return err
		}
		diverged = saver.diverged
		schedules = append([]solvers.Schedule{{Recorder: saver, Every: f.checkpoint.every}}, schedules...)
	}
	bar := startProgress(f.cmd.ErrOrStderr(), f.quiet, s.name, f.iters)
	schedules = f.probe.watch(schedules)
	stop := f.probe.limit(began, solvers.Stop{Iterations: f.iters, Tolerance: f.tol})
	res, runErr := solvers.Run(ctx, watched{s.solver, bar, diverged, f.probe}, stop, schedules...)
	f.probe.ran()
	bar.stop()
	res.Time += before + s.took
	res.Iterations, res.Passes = s.solver.Iteration(), s.solver.Passes()
	rate := perSecond(res)

	// First, because the report may take long and be interrupted.
	saved, saveErr := f.saveResults(s)
	out := map[string]any{
		"system": s.name, "status": res.Status.String(), "iterations": res.Iterations,
		"seconds": res.Time.Seconds(), "iterations_per_second": rate, "gradient": res.Gradient,
		"backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.dtype, "passes": res.Passes,
		"step": s.solver.StepSize(), "seed": f.seed,
		"gigabytes_per_second": gigabytes(res, s.bytes),
	}
	if f.cmd.Flags().Lookup("rank") != nil {
		out["rank"] = f.rank
	}
	if res.Reason != "" {
		out["reason"] = res.Reason
	}
	if err := s.report(out); err != nil && runErr == nil {
		runErr = err
	}
	var checks []solvers.Check
	if s.checks != nil && runErr == nil {
		checks = s.checks()
		out["checks"] = checkObjects(checks)
	}
	if saveErr == nil {
		saved, saveErr = f.saveConfigs(b, saved, out, s.omit)
	}
	finish(out, began)
	f.probe.reported()
	var err error
	if f.json {
		err = printJSON(f.cmd.OutOrStdout(), out)
	} else {
		f.printReport(s, out, saved, checks)
	}
	switch {
	case runErr != nil:
		return runErr
	case saveErr != nil:
		return saveErr
	case err != nil:
		return err
	case res.Status == solvers.Diverged:
		return fmt.Errorf("%s; %s is the last finite iterate", res.Reason, s.iterate)
	case res.Status == solvers.Cancelled:
		return fmt.Errorf("cancelled after %d of %d iterations", res.Iterations, f.iters)
	}
	return nil
}

// finish adds what the whole run took: its time, and its memory where the system
// says.
func finish(out map[string]any, began time.Time) {
	out["total_seconds"] = time.Since(began).Seconds()
	if peak := memory.Peak(); peak > 0 {
		out["peak_bytes"] = peak
	}
}

// cancelledBefore reports a run that was cancelled before its first iteration.
func (f *runFlags) cancelledBefore(b *blas.Backend, began time.Time, name, during string) error {
	if f.json {
		err := printJSON(f.cmd.OutOrStdout(), map[string]any{
			"system": name, "status": solvers.Cancelled.String(), "iterations": 0, "error": nil, "passes": 0,
			"seconds": 0.0, "total_seconds": time.Since(began).Seconds(), "iterations_per_second": 0.0,
			"backend": b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": f.dtype,
		})
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("cancelled while %s", during)
}

func perSecond(res solvers.Result) float64 {
	if res.Iterations == 0 {
		return 0
	}
	return float64(res.Iterations) / res.Time.Seconds()
}

// gigabytes is what was read of the data a second.
func gigabytes(res solvers.Result, pass int64) float64 {
	if res.Passes == 0 {
		return 0
	}
	return float64(res.Passes) * float64(pass) / 1e9 / res.Time.Seconds()
}

// saveResults writes the results and the trace, and returns their names.
func (f *runFlags) saveResults(s system) (saved []string, err error) {
	files := append(s.files, file{f.trace, func(path string) error {
		return matio.WriteCSV(path, s.trace.Columns, s.trace.Rows)
	}})
	for _, r := range files {
		if r.path == "" {
			continue
		}
		if err := r.write(r.path); err != nil {
			return saved, err
		}
		saved = append(saved, r.path)
	}
	return saved, nil
}

// writeMatrix writes a matrix without gaps to a .npy file.
func writeMatrix[T blas.Float](m blas.General[T]) func(path string) error {
	return func(path string) error { return matio.WriteNPY(path, []int{m.Rows, m.Cols}, m.Data) }
}

// saveConfigs writes the resolved configuration beside each result, and
// returns the names of all.
func (f *runFlags) saveConfigs(b *blas.Backend, results []string, result map[string]any, omit map[string]bool) ([]string, error) {
	config, err := resolvedConfig(f.cmd, b, result, omit)
	if err != nil {
		return results, err
	}
	saved := results
	for _, path := range results {
		if isDevice(path) {
			continue
		}
		if err := matio.WriteFile(beside(path), config); err != nil {
			return saved, err
		}
		saved = append(saved, beside(path))
	}
	return saved, nil
}

// checkObjects are checks as --json has them.
func checkObjects(checks []solvers.Check) []map[string]any {
	objects := make([]map[string]any, len(checks))
	for i, c := range checks {
		o := map[string]any{"name": c.Name, "verdict": c.Verdict.String(), "source": c.Source}
		if c.Relation != "" {
			o["left"], o["relation"], o["right"] = c.Left, c.Relation, c.Right
		}
		if c.At >= 0 {
			o["t"] = c.At
		}
		if c.Note != "" {
			o["note"] = c.Note
		}
		objects[i] = o
	}
	return objects
}

func (f *runFlags) printReport(s system, out map[string]any, saved []string, checks []solvers.Check) {
	w := f.cmd.OutOrStdout()
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-22s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("status", "%v", out["status"])
	if s.data == "" {
		line("iterations", "%d", out["iterations"])
	} else {
		line("iterations", "%d, %d passes over %s", out["iterations"], out["passes"], s.data)
	}
	s.print(line, out)
	line("step", "%.6g", out["step"])
	line("time", "%.4g s in iterations, %.4g s in all", out["seconds"], out["total_seconds"])
	if s.data == "" {
		line("throughput", "%.4g iterations/s", out["iterations_per_second"])
	} else {
		line("throughput", "%.4g iterations/s, %.3g GB/s of %s", out["iterations_per_second"], out["gigabytes_per_second"], s.data)
	}
	line("run on", "backend %s (%s), %d threads, %s", out["backend"], out["kernel"], out["threads"], out["dtype"])
	for _, path := range saved {
		line("saved", "%s", path)
	}
	for _, c := range checks {
		line("claim", "%s", c)
	}
}
