package suite

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lowrank/bench"
	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/kernel"
)

// Param is a part of a benchmark's name.
type Param struct{ Key, Value string }

// Operation is one benchmark.
type Operation struct {
	Family string  // SymmetricStep
	Params []Param // in the order of the name
	DType  string  // of the arithmetic: f64 or f32

	backend string
	threads int // 0 for all
	prepare func(b *blas.Backend) (Work, error)
}

// Work is an operation that is ready to run.
type Work struct {
	Step    func() error
	Bytes   float64 // that one Step must read or write
	Flops   float64 // that one Step must compute
	Threads int     // that Step uses

	procs int // GOMAXPROCS for Step; 0 leaves it
}

// Name is Family/key=value/…, what comes behind "Benchmark" in the results.
func (o Operation) Name() string {
	var name strings.Builder
	name.WriteString(o.Family)
	for _, p := range o.Params {
		fmt.Fprintf(&name, "/%s=%s", p.Key, p.Value)
	}
	return name.String()
}

// Param is the value of a part of the name, empty where there is none.
func (o Operation) Param(key string) string {
	for _, p := range o.Params {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// Prepare makes the data and takes the first steps, which may allocate. The data
// is shared with the last operation where both have the same, and is valid until
// the next Prepare.
func (o Operation) Prepare() (Work, error) {
	b, err := blas.Open(o.backend, o.threads)
	if err != nil {
		return Work{}, err
	}
	w, err := o.prepare(b)
	if err != nil {
		return Work{}, err
	}
	w.Threads = b.Threads
	if b.Name == "gonum" {
		w.procs = min(b.Threads, kernel.Detect().Cores)
	}
	w.within(func() {
		for range 2 {
			if err = w.Step(); err != nil {
				return
			}
		}
	})
	return w, err
}

// within runs f, which calls Step, on no more than Threads threads: gonum starts
// as many goroutines as GOMAXPROCS says.
func (w Work) within(f func()) {
	if w.procs > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(w.procs))
	}
	f()
}

// LeastSamples of Time, however long they take.
const LeastSamples = 3

// Time takes steps for about d and returns the median of a step's seconds, and of
// how many samples. A sample is several steps where one takes microseconds.
func (w Work) Time(d time.Duration) (seconds float64, samples int, err error) {
	w.within(func() { seconds, samples, err = w.time(d) })
	return seconds, samples, err
}

func (w Work) time(d time.Duration) (float64, int, error) {
	const sample = 50 * time.Microsecond
	var seconds []float64
	for steps, began := 1, time.Now(); len(seconds) < LeastSamples || time.Since(began) < d; {
		start := time.Now()
		for range steps {
			if err := w.Step(); err != nil {
				return 0, 0, err
			}
		}
		took := time.Since(start)
		if took < sample && len(seconds) == 0 {
			steps *= 2
			continue
		}
		seconds = append(seconds, took.Seconds()/float64(steps))
	}
	slices.Sort(seconds)
	return seconds[len(seconds)/2], len(seconds), nil
}

// Benchmark runs the operation under package testing and reports iter/s, GB/s,
// GF/s and %bound, of the best limits seen so far. Samples of a CPU profile that fall into it carry its
// parameters as labels, and an execution trace has it as a task.
func (o Operation) Benchmark(b *testing.B) {
	if err := o.benchmark(context.Background(), b); err != nil {
		b.Fatal(err)
	}
}

// Run is Benchmark outside of go test. It ends early, with the context's error, when
// the context does.
func (o Operation) Run(ctx context.Context) (testing.BenchmarkResult, error) {
	var err error
	r := testing.Benchmark(func(b *testing.B) { err = o.benchmark(ctx, b) })
	return r, err
}

func (o Operation) benchmark(ctx context.Context, b *testing.B) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w, err := o.Prepare()
	if err != nil {
		return err
	}
	limits := bench.RecentLimits(w.Threads)
	b.ReportAllocs()
	var ended atomic.Bool
	defer context.AfterFunc(ctx, func() { ended.Store(true) })()
	o.labelled(func() {
		w.within(func() {
			for b.Loop() && err == nil && !ended.Load() {
				err = w.Step()
			}
		})
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	seconds := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(1/seconds, "iter/s")
	b.ReportMetric(w.Bytes/seconds/1e9, "GB/s")
	b.ReportMetric(w.Flops/seconds/1e9, "GF/s")
	b.ReportMetric(100*limits.Bound(w.Bytes, w.Flops, o.DType)/seconds, "%bound")
	return nil
}

// labelled runs f, and what the threads of its passes do, with the operation's
// labels.
func (o Operation) labelled(f func()) {
	labels := []string{"operation", o.Family}
	for _, p := range o.Params {
		labels = append(labels, p.Key, p.Value)
	}
	ctx, task := trace.NewTask(context.Background(), o.Name())
	defer task.End()
	pprof.Do(ctx, pprof.Labels(labels...), func(ctx context.Context) {
		defer parallel.Label(parallel.Label(ctx))
		f()
	})
}

func workOf(step func() error, l bench.Load) Work {
	return Work{Step: step, Bytes: l.Pass + l.Bytes, Flops: l.Flops}
}
