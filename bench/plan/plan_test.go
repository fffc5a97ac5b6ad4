package plan_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"lowrank/bench"
	"lowrank/bench/plan"
	"lowrank/bench/problem"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/deep"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
	"lowrank/solvers/symmetric"
)

// real makes a run of a shape, two steps and what the report computes, and returns
// what an iteration needs.
type real struct {
	name  string
	shape plan.Shape
	make  func(b *blas.Backend) bench.Load
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

func common(b *blas.Backend, elem int) plan.Common {
	_, own := b.BLAS.(blas.Fuser)
	return plan.Common{Elem: elem, Own: own, Fused: own, Runs: 1}
}

func symmetricRun[T blas.Float](op operator.Operator[T], r int) func(b *blas.Backend) bench.Load {
	return func(b *blas.Backend) bench.Load {
		s := symmetric.New(b, op, blas.Convert[T](symmetric.Large(op.Dim(), r, 0.5, 1)), 0.1)
		try(s.Step)
		_, _, err := operator.Distance(op, blas.Convert[float64](s.X()))
		must(0, err)
		return bench.SymmetricLoad(op, s)
	}
}

func try(step func() error) {
	for range 2 {
		must(0, step())
	}
}

// runs are shapes of every system and form, on a backend.
func runs(b *blas.Backend) []real {
	generated := func(c plan.Common) plan.Common {
		c.Generated = true
		return c
	}
	c8, c4 := common(b, 8), common(b, 4)
	sigma := func(form problem.Form, d, r int) func(b *blas.Backend) bench.Load {
		return func(b *blas.Backend) bench.Load {
			op, _, err := problem.Generate[float64](b, "even", d, r, form, 1)
			return symmetricRun(must(op, err), r)(b)
		}
	}
	var row, col []int
	var value []float64
	for i := range 3000 {
		for k := range 20 {
			j := (i + 7*k + 1) % 3000
			row, col, value = append(row, i, j), append(col, j, i), append(value, 1, 1)
		}
	}
	return []real{
		{"dense", plan.Symmetric{Common: generated(c8), D: 1500, R: 2, Held: 8, Known: true}, sigma(problem.AsDense, 1500, 2)},
		{"dense, many columns", plan.Symmetric{Common: generated(c8), D: 1000, R: 64, Held: 8, Known: true}, sigma(problem.AsDense, 1000, 64)},
		{"rounded", plan.Symmetric{Common: generated(c8), D: 1500, R: 2, Held: 4}, sigma(problem.AsRounded, 1500, 2)},
		{"diagonal", plan.Symmetric{Common: generated(c8), Form: plan.Diagonal, D: 100000, R: 8, Held: 8, Known: true}, sigma(problem.AsDiagonal, 100000, 8)},
		{"factor", plan.Symmetric{Common: c8, Form: plan.Product, D: 20000, R: 3, K: 40, Held: 8}, func(b *blas.Backend) bench.Load {
			u, lambda := blas.NewGeneral[float64](20000, 40), make([]float64, 40)
			return symmetricRun(operator.NewLowRank(b, u, lambda), 3)(b)
		}},
		{"data", plan.Symmetric{Common: c8, Form: plan.Gram, D: 900, R: 3, K: 3000, Held: 8}, func(b *blas.Backend) bench.Load {
			return symmetricRun(operator.NewGram(b, blas.NewGeneral[float64](3000, 900)), 3)(b)
		}},
		{"sparse", plan.Symmetric{Common: c8, Form: plan.Sparse, D: 3000, R: 3, K: len(row), Held: 8}, func(b *blas.Backend) bench.Load {
			return symmetricRun(operator.NewSparseSymmetric(b, 3000, row, col, value), 3)(b)
		}},
		{"A dense", plan.Asymmetric{Common: generated(c8), M: 1200, N: 900, K: 4, Inner: 3}, asymmetricRun(false)},
		{"A product", plan.Asymmetric{Common: generated(c8), Form: plan.Product, M: 1200, N: 900, K: 4, Inner: 3}, asymmetricRun(true)},
		{"matrices", plan.Sensing{Common: generated(c8), N: 60, M: 1500, R: 3, Held: 8}, sensingRun("gaussian", problem.HeldWide)},
		{"matrices, bf16", plan.Sensing{Common: generated(c8), N: 60, M: 1500, R: 3, Held: 2}, sensingRun("gaussian", problem.HeldBFloat16)},
		{"drawn", plan.Sensing{Common: generated(c8), Kind: plan.Drawn, N: 60, M: 1500, R: 3}, sensingRun("gaussian", problem.HeldRegenerated)},
		{"vectors", plan.Sensing{Common: generated(c8), Kind: plan.Vectors, N: 60, M: 1500, R: 3}, sensingRun("vectors", problem.HeldWide)},
		{"entries", plan.Sensing{Common: generated(c8), Kind: plan.Entries, N: 60, M: 1500, R: 3}, sensingRun("entries", problem.HeldWide)},
		{"deep", plan.Deep{Common: generated(c4), M: 150, N: 150, Width: 150, Depth: 3}, func(b *blas.Backend) bench.Load {
			target := problem.NewTarget(150, []float64{3, 1}, false, 0, 1)
			var w []blas.General[float32]
			for _, f := range deep.Identity([]int{150, 150, 150, 150}, 0.3) {
				w = append(w, blas.Convert[float32](f))
			}
			s := deep.New(b, blas.Convert[float32](target), w, 1e-3)
			try(s.Step)
			deep.SingularValues(blas.Convert[float64](s.Product()))
			return bench.DeepLoad(s)
		}},
	}
}

func asymmetricRun(product bool) func(b *blas.Backend) bench.Load {
	return func(b *blas.Backend) bench.Load {
		a := must(problem.OperatorOf[float64](b, problem.NewRectangular(1200, 900, 3, 0.9, 0, 1), product))
		start := asymmetric.Random(1200, 900, 4, 1)
		s := asymmetric.New(b, a, blas.Convert[float64](start.X), blas.Convert[float64](start.Y), 0.1, asymmetric.Alternating)
		try(s.Step)
		_, _, err := a.Distance(blas.Convert[float64](s.X()), blas.Convert[float64](s.Y()))
		must(0, err)
		return bench.AsymmetricLoad(a, s)
	}
}

func sensingRun(ensemble string, held problem.Held) func(b *blas.Backend) bench.Load {
	return func(b *blas.Backend) bench.Load {
		a := must(problem.GenerateMeasurements[float64](b, ensemble, 60, 1500, held, 1))
		y := make([]float64, 1500)
		must(0, a.Measure(y, problem.Truth(60, 2, 1)))
		s := must(sensing.New(a, y, blas.Convert[float64](sensing.Small(60, 3, 1e-3, 1)), 0.1))
		try(s.Step)
		return bench.SensingLoad(a, s)
	}
}

// TestLoads: the bytes and operations of a shape are those of the run.
func TestLoads(t *testing.T) {
	for _, name := range []string{"native", "gonum"} {
		b := must(blas.Open(name, 2))
		for _, c := range runs(b) {
			got, want := c.shape.Size().Load, c.make(b)
			for what, pair := range map[string][2]float64{"pass": {got.Pass, want.Pass}, "bytes": {got.Bytes, want.Bytes}, "flops": {got.Flops, want.Flops}} {
				if off := math.Abs(pair[0]-pair[1]) / max(pair[1], 1); off > 0.06 {
					t.Errorf("%s, %s: %s of a step %.4g; the run says %.4g", name, c.name, what, pair[0], pair[1])
				}
			}
		}
	}
}

// TestMemory: what a run allocates is what its shape says, from making the data to
// the error at the end.
func TestMemory(t *testing.T) {
	b := must(blas.Open("native", 2))
	for _, c := range runs(b) {
		c.make(b) // what is allocated once
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c.make(b)
		runtime.ReadMemStats(&after)
		took, said := float64(after.TotalAlloc-before.TotalAlloc), c.shape.Size().Needs()
		low, high := 0.75, 1.3
		if c.name == "matrices, bf16" { // of its lines some are collected
			low, high = 0.2, 2
		}
		if c.name == "sparse" { // it is not read from a file here
			high = 6
		}
		if r := said / took; r < low || r > high {
			t.Errorf("%s: the shape says %s and the run allocates %s: %.2f of it", c.name, problem.HumanBytes(said), problem.HumanBytes(took), r)
		}
	}
}

// TestScaled: a smaller problem is of the same kind, takes about the share that was
// asked for, and is never larger.
func TestScaled(t *testing.T) {
	b := must(blas.Open("native", 1))
	for _, c := range runs(b) {
		whole := c.shape.Size()
		if same := c.shape.Scaled(1); same != c.shape {
			t.Errorf("%s: scaled by 1 it is %s", c.name, same)
		}
		part := c.shape.Scaled(0.25).Size()
		if r := part.Load.Pass / whole.Load.Pass; whole.Load.Pass > 0 && (r < 0.2 || r > 0.3) {
			t.Errorf("%s: a quarter is %.2f of the pass", c.name, r)
		}
		if least := c.shape.Scaled(1e-12).Size(); !(least.Needs() > 0 && least.Needs() <= part.Needs()) {
			t.Errorf("%s: the least takes %g bytes, a quarter %g", c.name, least.Needs(), part.Needs())
		}
	}
}

// TestWithin: the largest problem below the bounds, the problem itself where it is.
func TestWithin(t *testing.T) {
	s := plan.Symmetric{Common: plan.Common{Elem: 8, Own: true, Runs: 1, Generated: true}, D: 20000, R: 2, Held: 8}
	bound := func(bytes, flops float64) float64 { return max(bytes/3e10, flops/1e11) }
	for _, data := range []float64{1e8, 4e8} {
		got := plan.Within(s, data, 100, 100, bound).Size().Data
		if got > data || got < 0.97*data {
			t.Errorf("a problem with %g bytes of data; at most %g were to be had", got, data)
		}
	}
	if got := plan.Within(s, 1e12, 100, 100, bound); got != plan.Shape(s) {
		t.Errorf("%s is within the bounds; got %s", s, got)
	}
	if got := plan.Within(s, 1e12, 100, 0.01, bound).Size(); bound(got.Iteration()) > 0.01 {
		t.Errorf("an iteration of at least %g s", bound(got.Iteration()))
	}
	if got := plan.Within(s, 1, 1, 1, bound); got.(plan.Symmetric).D != 3 {
		t.Errorf("the least problem of 2 columns is %s", got)
	}
}

// TestFits: one sentence, with the largest that fits; that fits, and one more does
// not.
func TestFits(t *testing.T) {
	s := plan.Symmetric{Common: plan.Common{Elem: 8, Own: true, Runs: 1, Generated: true}, D: 50000, R: 2, Held: 8}
	of := func(d int) plan.Shape {
		u := s
		u.D = d
		return u
	}
	narrow := s
	narrow.Held = 4
	ways := []plan.Instead{
		{Text: "--d of at most %d", Below: s.D, Largest: of}, {Text: "--dtype mixed", Shape: narrow}, {Text: "nothing like it", Shape: s},
	}
	needs := s.Size().Needs()
	if err := plan.Fits(s, needs, ways); err != nil {
		t.Errorf("%v in just enough memory", err)
	}
	if err := plan.Fits(s, 0, ways); err != nil {
		t.Errorf("%v where it is not known what is available", err)
	}
	free := 0.7 * needs
	err := plan.Fits(s, free, ways)
	if err == nil {
		t.Fatal("it fits in 0.7 of what it needs")
	}
	d := 0
	for d = 1; of(d+1).Size().Needs() <= free; d++ {
	}
	want := fmt.Sprintf("a run with d = 50000, rank 2, Σ dense needs %s; this machine has %s of memory available; what would fit: --d of at most %d, or --dtype mixed",
		problem.HumanBytes(needs), problem.HumanBytes(free), d)
	if err.Error() != want {
		t.Errorf("%v; want %q", err, want)
	}
	if err := plan.Fits(s, 1, ways); err == nil || !strings.HasSuffix(err.Error(), "nothing near it would fit") {
		t.Errorf("in one byte: %v", err)
	}
}

// TestPredict: times go by the bound, set-up and report by their work, the memory by
// what the sample took.
func TestPredict(t *testing.T) {
	c := plan.Common{Elem: 8, Own: true, Runs: 1, Generated: true}
	run := plan.Symmetric{Common: c, D: 16000, R: 2, Held: 8}
	half := run
	half.D = 8000
	bound := func(bytes, flops float64) float64 { return bytes / 4e10 }
	sample := plan.Sample{
		Shape: half, Iterations: []float64{0.010, 0.010, 0.010, 0.010, 0.010, 0.010, 0.010, 0.010, 0.012}, Setup: 1, Report: 0.5,
		Records: []plan.Record{{Every: 10, Seconds: 0.001}}, Peak: half.Size().Peak() + 5e6, Traced: 1,
	}
	p := plan.Predict(run, 100, 2e7, []plan.Sample{sample}, bound)
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.02*want {
			t.Errorf("%s is %g; want %g", name, got, want)
		}
	}
	near("iteration", p.Iteration.Value, 0.04)
	near("the least", p.Iteration.Low, 0.04)
	near("the most", p.Iteration.High, 0.048)
	near("set-up", p.Setup, 4)
	near("report", p.Report, 2)
	near("recording", p.Recording, 11*0.001*2) // at 0, 10, …, 100; the work goes with d
	near("all", p.Total.Value, p.Setup+p.Report+p.Recording+4)
	near("memory", p.Bytes, run.Size().Peak()+5e6+2e7)
	near("share", p.Share, bound(half.Size().Iteration())/0.01)

	less := sample
	less.Peak = 0.9 * half.Size().Peak() // the collector came first
	if q := plan.Predict(run, 100, 2e7, []plan.Sample{less}, bound); !(q.Bytes < p.Bytes && q.Bytes >= 2e7+run.Size().Data) {
		t.Errorf("%g bytes with a sample that took less; %g before", q.Bytes, p.Bytes)
	}
	// Recorders leave 1 MB behind a call, of which the sample saw 3: of 11 calls the run
	// has 11 MB, of a million no more than what is in use.
	littered := sample
	littered.Garbage, littered.Calls, littered.Peak = 1e6, 3, half.Size().Peak()+3e6
	near("memory with garbage", plan.Predict(half, 100, 2e7, []plan.Sample{littered}, bound).Bytes, half.Size().Peak()+11e6+2e7)
	near("memory with much garbage", plan.Predict(half, 10_000_000, 2e7, []plan.Sample{littered}, bound).Bytes, 2*half.Size().Needs()+2e7)
	other := sample
	other.Iterations = []float64{0.02, 0.02}
	if q := plan.Predict(run, 100, 2e7, []plan.Sample{other, sample}, bound); q.Iteration.Value != p.Iteration.Value || q.Iteration.High < 0.079 {
		t.Errorf("a smaller sample that says otherwise: %+v", q.Iteration)
	}
}

func TestSettled(t *testing.T) {
	for n, want := range map[int]int{0: 0, 2: 2, 3: 2, 20: 18, 100: 90} {
		if got := len(plan.Settled(make([]float64, n))); got != want {
			t.Errorf("%d of %d iterations are left; want %d", got, n, want)
		}
	}
}
