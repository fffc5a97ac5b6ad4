package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lowrank/bench"
	"lowrank/bench/peers"
	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/matio"
	"lowrank/kernel"
)

func newCompare() *cobra.Command {
	c := &comparison{}
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Compare with NumPy, SciPy, PyTorch, Octave, Eigen and C on any BLAS",
		Long: `Run the same iteration X ← X + η(ΣX − X(XᵀX)), Σ dense and symmetric, in every peer
that is installed, side by side: the backends of this program, NumPy, SciPy's BLAS,
PyTorch on the CPU, Octave, Eigen, and C on OpenBLAS, BLIS, MKL or any library with
the CBLAS interface that --cblas names. On Debian, make peers installs them.

Each peer is a process. It is tried in all its variants (order of X, routine, number
of threads up to --threads, core of OpenBLAS or BLIS) and the best for each d and r is
then measured: in each round every peer works once, in drawn order, while the others
are stopped. Variables of the environment that steer the libraries of peers, such as
OMP_NUM_THREADS and OPENBLAS_CORETYPE, are set by this command alone. Backend native
packs half of Σ into tiles before the clock starts, as its users get it. The table
gives the median, its ratio to backend native in the same round with the least and the
greatest, the rate at which half of Σ is read, the share of the bound that this
machine sets, and how far X is from that of native after 20 steps. A variant whose X
differs by more than 1e-10 (f32: 1e-4) is named and left out; the exit code is 1 when
a peer fails or has no other one.

Ten peers with four r at d = 4000 take about six minutes on two cores, and longer on
more, since more numbers of threads are tried: the time is that of all settings times
all variants. Whatever d is, the compilation of the Eigen peer takes a quarter of a
minute, and each start of PyTorch two seconds; --peers leaves them out.

A peer that is not installed is left out with a line that says what it lacks, unless
--peers or --cblas names it. --out DIR writes compare.csv, .json, .svg, .png and .md,
also of what was measured before an error or an interrupt.`,
		Example: `  mfbench compare --list
  mfbench compare --d 1000,4000 --r 2,8 --out results
  mfbench compare --peers numpy,eigen --threads 1
  mfbench compare --cblas aocl=/opt/aocl/lib/libblis-mt.so --cblas /opt/openblas/lib/libopenblas.so`,
		Args: run.NoArgs,
		RunE: c.run,
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var value *pflag.InvalidValueError
		if errors.As(err, &value) && value.GetFlag().Value.Type() == (&counts{}).Type() {
			return run.Usagef("--%s is %q; expected whole numbers with commas between", value.GetFlag().Name, value.GetValue())
		}
		return cmd.Parent().FlagErrorFunc()(cmd, err)
	})
	f := cmd.Flags()
	c.d, c.r = counts{4000}, counts{1, 2, 8, 64}
	f.Var(&c.d, "d", "orders of Σ, `numbers` with commas between")
	f.Var(&c.r, "r", "columns of X, `numbers` with commas between")
	f.IntVar(&c.rounds, "rounds", 7, "rounds in which every peer works once")
	f.StringSliceVar(&c.peers, "peers", nil, "the peers to compare with native (default: all that are installed)")
	f.StringArrayVar(&c.host.CBLAS, "cblas", nil, "PATH or NAME=PATH of a shared library with the CBLAS interface; repeatable")
	f.StringVar(&c.host.Python, "python", "", "Python interpreter (default: the first of python3, /usr/bin/python3 and python with the packages)")
	f.DurationVar(&c.timeout, "timeout", 2*time.Minute, "for one answer of a peer")
	f.BoolVar(&c.list, "list", false, "list the peers, and what is lacking for those that are not installed")
	f.IntVar(&c.Threads, "threads", 0, "the most threads that a peer gets, at least 1 (default: all cores)")
	f.StringVar(&c.Dtype, "dtype", "f64", "element type: f64 or f32")
	f.Uint64Var(&c.Seed, "seed", 1, "seed of all random numbers")
	f.StringVar(&c.Out, "out", "", "directory for results; made when missing")
	f.BoolVar(&c.JSON, "json", false, "print one JSON object as the last line of stdout")
	f.BoolVar(&c.Quiet, "quiet", false, "no progress, nothing about peers that are left out; errors are still printed")
	run.Complete(cmd, "dtype", "f64", "f32")
	run.Complete(cmd, "peers", peerNames()...)
	return cmd
}

// counts is a list of whole numbers on the command line.
type counts []int

func (c *counts) String() string {
	var words []string
	for _, n := range *c {
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ",")
}

func (c *counts) Set(text string) error {
	var list counts
	for _, word := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return err
		}
		list = append(list, n)
	}
	*c = list
	return nil
}

func (c *counts) Type() string { return "whole numbers with commas" }

func peerNames() []string {
	list, err := peers.Peers(&peers.Host{})
	if err != nil {
		panic(err) // of the registry alone
	}
	return peers.Names(list)
}

// comparison is one run of the command.
type comparison struct {
	run.Common
	d, r    counts
	rounds  int
	peers   []string
	host    peers.Host
	timeout time.Duration
	list    bool
}

// Lengths of a measurement.
const (
	visit = 300 * time.Millisecond
	trial = 250 * time.Millisecond
)

func (c *comparison) check(cmd *cobra.Command) error {
	most := min(runtime.GOMAXPROCS(0), kernel.Detect().Cores, blas.MaxThreads)
	if !cmd.Flags().Changed("threads") {
		c.Threads = most
	}
	switch {
	case c.Threads < 1 || c.Threads > most:
		return run.Usagef("--threads is %d; expected at least 1 and at most %d, the processors of this program", c.Threads, most)
	case c.Dtype != "f64" && c.Dtype != "f32":
		return run.Usagef("--dtype is %q; expected f64 or f32", c.Dtype)
	case c.Seed > math.MaxInt64:
		return run.Usagef("--seed is %d; expected at most %d", c.Seed, uint64(math.MaxInt64))
	case c.rounds < 1:
		return run.Usagef("--rounds is %d; expected at least 1", c.rounds)
	case c.timeout <= 0:
		return run.Usagef("--timeout is %v; expected more than 0", c.timeout)
	}
	for i, d := range c.d {
		if d < 1 || slices.Contains(c.d[:i], d) {
			return run.Usagef("--d has %d; expected different numbers of at least 1", d)
		}
	}
	for i, r := range c.r {
		if r < 1 || slices.Contains(c.r[:i], r) || r > slices.Min(c.d) {
			return run.Usagef("--r has %d; expected different numbers from 1 to the least d, %d", r, slices.Min(c.d))
		}
	}
	if _, err := kernel.Active(); err != nil {
		return run.UsageOf(err)
	}
	return nil
}

// choose lists the peers of the command line, native first; named are those that
// must be there.
func (c *comparison) choose() (list []peers.Peer, named map[string]bool, err error) {
	all, err := peers.Peers(&c.host)
	if err != nil {
		return nil, nil, run.Usagef("--cblas: %v", err)
	}
	known := peers.Names(all)
	named = map[string]bool{peers.Base: true}
	for _, arg := range c.peers {
		if !slices.Contains(known, arg) {
			return nil, nil, run.Usagef("--peers has %q; expected some of %s", arg, strings.Join(known, ", "))
		}
		named[arg] = true
	}
	for _, p := range all {
		if p.ByUser {
			named[p.Name] = true
		}
	}
	for _, p := range all {
		if c.peers == nil || named[p.Name] {
			list = append(list, p)
		}
	}
	return list, named, nil
}

func (c *comparison) run(cmd *cobra.Command, _ []string) (err error) {
	if err := c.check(cmd); err != nil {
		return err
	}
	list, named, err := c.choose()
	if err != nil {
		return err
	}
	if c.host.Self, err = selfAsPeer(); err != nil {
		return err
	}
	if c.Out != "" && !c.list {
		if err := run.MakeDir(c.Out); err != nil {
			return err
		}
	}
	// A closed stdout or a closed terminal must not leave files behind: a write
	// to the one fails, the other ends the run in order.
	piped := make(chan os.Signal, 1)
	signal.Notify(piped, syscall.SIGPIPE)
	defer signal.Stop(piped)
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		ctx, stop = signal.NotifyContext(ctx, syscall.SIGHUP)
		defer stop()
	}
	dir, done, err := peers.Scratch()
	if err != nil {
		return err
	}
	defer func() {
		if removed := done(); err == nil {
			err = removed
		}
	}()
	stderr := cmd.ErrOrStderr()
	config := c.config(dir)
	if !c.list {
		if err := config.CheckMemory(list[0]); err != nil {
			return err
		}
	}
	bars := &stages{cmd: cmd, quiet: c.Quiet, figure: "compare"}
	defer bars.stop()
	bars.show("looking for peers", 0, 1)
	found, err := peers.Look(ctx, &c.host, list, dir, c.Dtype, c.Threads, c.timeout)
	bars.stop()
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing was written")
	}
	if err != nil {
		return err
	}
	if c.list {
		return c.printList(cmd.OutOrStdout(), found)
	}
	for _, f := range found {
		switch {
		case f.Lacking == nil:
		case named[f.Name]:
			return f.Lacking
		case !c.Quiet:
			fmt.Fprintf(stderr, "left out: %v\n", f.Lacking)
		}
	}
	return c.measure(ctx, cmd, bars, config, found)
}

func (c *comparison) config(dir string) peers.Config {
	return peers.Config{
		D: c.d, R: c.r, DType: c.Dtype, Seed: c.Seed, Threads: c.Threads, Rounds: c.rounds,
		Visit: visit, Trial: trial, Timeout: c.timeout, Dir: dir,
		Limits: func() bench.Limits { return bench.RecentLimits(c.Threads) },
	}
}

func (c *comparison) measure(ctx context.Context, cmd *cobra.Command, bars *stages, config peers.Config, found []*peers.Found) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stdout := cmd.OutOrStdout()
	closed := false
	config.Progress = bars.show
	config.Done = func(res *peers.Result) {
		bars.stop()
		_ = res.Cells[len(res.Cells)-1].Print(stdout) // the line after it fails too
		if _, err := fmt.Fprintln(stdout); err != nil && c.Out == "" {
			closed = true // and nobody will see the rest
			stop()
		}
	}
	res, err := peers.Run(ctx, config, found)
	bars.stop()
	for _, way := range res.WrongWays() {
		fmt.Fprintln(cmd.ErrOrStderr(), "wrong:", way)
	}
	switch {
	case closed:
		return nil // run says that stdout failed
	case ctx.Err() != nil:
		err = errors.New("interrupted")
	}
	if len(res.Cells) == 0 {
		if ctx.Err() != nil {
			return errors.New("interrupted; nothing was written")
		}
		return err
	}
	return c.finish(ctx, stdout, res, err)
}

// finish writes and prints what was measured; err is what ended it before its time.
func (c *comparison) finish(ctx context.Context, stdout io.Writer, res *peers.Result, ended error) error {
	backend, err := blas.Open(peers.Base, c.Threads)
	if err != nil {
		return err
	}
	machine := bench.ThisMachine(backend)
	object := res.Object(machine)
	failed := res.Failed()
	object["status"] = passed(len(failed) == 0 && ended == nil)
	if ended != nil {
		object["error"] = run.Sentence(ended)
	}
	if ctx.Err() != nil {
		object["status"] = "interrupted"
	}
	if c.Out != "" {
		paths, err := c.write(res, machine, object)
		if err != nil {
			return err
		}
		object["files"] = paths
		for _, path := range paths {
			fmt.Fprintln(stdout, "wrote", path)
		}
	}
	if c.JSON {
		if err := run.PrintJSON(stdout, object); err != nil {
			return err
		}
	}
	if ended != nil {
		if c.Out == "" {
			return ended
		}
		return fmt.Errorf("%w; %d of %d cells are in %s", ended, len(res.Cells), len(c.d)*len(c.r), c.Out)
	}
	if len(failed) > 0 {
		return errors.New(strings.Join(failed, "; "))
	}
	return nil
}

// write makes the files of --out.
func (c *comparison) write(res *peers.Result, machine bench.Machine, object map[string]any) ([]string, error) {
	page := res.Page(machine)
	var paths []string
	for _, file := range []struct {
		ext  string
		make func() ([]byte, error)
	}{
		{"csv", res.CSV},
		{"json", func() ([]byte, error) {
			var b bytes.Buffer
			err := run.PrintJSON(&b, object)
			return b.Bytes(), err
		}},
		{"svg", page.SVG},
		{"png", page.PNG},
		{"md", func() ([]byte, error) { return res.Markdown(machine), nil }},
	} {
		data, err := file.make()
		if err != nil {
			return nil, err
		}
		path := filepath.Join(c.Out, "compare."+file.ext)
		if err := matio.WriteFile(path, data); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// printList is --list.
func (c *comparison) printList(w io.Writer, found []*peers.Found) error {
	var list []map[string]any
	width := 12
	for _, f := range found {
		width = max(width, len(f.Name))
	}
	for _, f := range found {
		o := map[string]any{"name": f.Name, "what": f.What, "installed": f.Lacking == nil, "about": f.About, "library": f.Library}
		text := f.About
		if f.Library != "" {
			text += "; " + f.Library
		}
		if f.Lacking != nil {
			o["lacking"] = f.Lacking.Error()
			text = "not there: " + strings.TrimPrefix(f.Lacking.Error(), f.Name+" ")
		}
		list = append(list, o)
		if !c.JSON {
			fmt.Fprintf(w, "%-*s %s\n", width, f.Name, text)
		}
	}
	if c.JSON {
		return run.PrintJSON(w, map[string]any{"peers": list})
	}
	return nil
}
