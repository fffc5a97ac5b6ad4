package plan_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"lowrank/bench"
	"lowrank/bench/plan"
	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/data/memory"
	"lowrank/data/problem"
	"lowrank/solvers"
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
	return symmetricRuns(op, r, 1)
}

func symmetricRuns[T blas.Float](op operator.Operator[T], r, runs int) func(b *blas.Backend) bench.Load {
	return func(b *blas.Backend) bench.Load {
		members := make([]*symmetric.Solver[T], runs)
		for i := range members {
			members[i] = symmetric.New(b, op, blas.Convert[T](symmetric.RandomStart(op.Dim(), r, 0.5, uint64(i))), 0.1)
		}
		together(symmetric.NewEnsemble(members...))
		for _, s := range members {
			_, _, err := operator.Distance(op, blas.Convert[float64](s.X()))
			must(0, err)
		}
		return bench.SymmetricLoad(op, members[0])
	}
}

// together makes two steps of all members, a member alone on its own.
func together(e solvers.Ensemble) {
	members := e.Members()
	if len(members) == 1 {
		try(members[0].Step)
		return
	}
	run, errs := make([]int, len(members)), make([]error, len(members))
	for i := range run {
		run[i] = i
	}
	try(func() error { return errors.Join(append(errs, e.StepEach(run, errs))...) })
}

// filled is a matrix whose memory is touched.
func filled(rows, cols int) blas.General[float64] {
	m := blas.NewGeneral[float64](rows, cols)
	for i := range m.Data {
		m.Data[i] = 1e-3
	}
	return m
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
	several := func(c plan.Common) plan.Common {
		c.Runs = 20
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
	traced := generated(c8)
	traced.Rows, traced.Theory = 30000, true
	return []real{
		{"dense", plan.Symmetric{Common: generated(c8), Form: plan.Dense, D: 1500, R: 2, Held: 8, Known: true}, sigma(problem.AsDense, 1500, 2)},
		{"dense, many columns", plan.Symmetric{Common: generated(c8), Form: plan.Dense, D: 1000, R: 64, Held: 8, Known: true}, sigma(problem.AsDense, 1000, 64)},
		{"rounded", plan.Symmetric{Common: generated(c8), Form: plan.Dense, D: 1500, R: 2, Held: 4}, sigma(problem.AsRounded, 1500, 2)},
		{"diagonal", plan.Symmetric{Common: generated(c8), Form: plan.Diagonal, D: 100000, R: 8, Held: 8, Known: true}, sigma(problem.AsDiagonal, 100000, 8)},
		{"factor", plan.Symmetric{Common: c8, Form: plan.Product, D: 20000, R: 3, K: 40, Held: 8}, func(b *blas.Backend) bench.Load {
			u, lambda := filled(20000, 40), make([]float64, 40)
			return symmetricRun(operator.NewLowRank(b, u, lambda), 3)(b)
		}},
		{"data", plan.Symmetric{Common: c8, Form: plan.Gram, D: 900, R: 3, K: 3000, Held: 8}, func(b *blas.Backend) bench.Load {
			return symmetricRun(operator.NewGram(b, filled(3000, 900)), 3)(b)
		}},
		{"sparse", plan.Symmetric{Common: c8, Form: plan.Sparse, D: 3000, R: 3, K: len(row), Held: 8}, func(b *blas.Backend) bench.Load {
			return symmetricRun(operator.NewSparseSymmetric(b, 3000, row, col, value), 3)(b)
		}},
		{"f32", plan.Symmetric{Common: generated(c4), Form: plan.Dense, D: 1500, R: 2, Held: 4, Known: true}, func(b *blas.Backend) bench.Load {
			op, _, err := problem.Generate[float32](b, "even", 1500, 2, problem.AsDense, 1)
			return symmetricRun(must(op, err), 2)(b)
		}},
		{"runs", plan.Symmetric{Common: several(generated(c8)), Form: plan.Dense, D: 1500, R: 8, Held: 8, Known: true}, func(b *blas.Backend) bench.Load {
			op, _, err := problem.Generate[float64](b, "even", 1500, 8, problem.AsDense, 1)
			return symmetricRuns(must(op, err), 8, 20)(b)
		}},
		{"runs, data", plan.Symmetric{Common: several(c8), Form: plan.Gram, D: 900, R: 3, K: 400, Held: 8}, func(b *blas.Backend) bench.Load {
			return symmetricRuns(operator.NewGram(b, filled(400, 900)), 3, 20)(b)
		}},
		{"runs, factor", plan.Symmetric{Common: several(c8), Form: plan.Product, D: 20000, R: 3, K: 40, Held: 8}, func(b *blas.Backend) bench.Load {
			u, lambda := filled(20000, 40), make([]float64, 40)
			return symmetricRuns(operator.NewLowRank(b, u, lambda), 3, 20)(b)
		}},
		{"theory and a trace", plan.Symmetric{Common: traced, Form: plan.Dense, D: 60, R: 2, Held: 8, Known: true}, func(b *blas.Backend) bench.Load {
			op, basis, err := problem.Generate[float64](b, "even", 60, 2, problem.AsDense, 1)
			must(0, err)
			s := symmetric.New(b, op, blas.Convert[float64](symmetric.RandomStart(60, 2, 0.5, 1)), 0.1)
			theory := symmetric.NewTheory[float64](b, basis)
			recorder, tracker := symmetric.NewRecorder(s, theory), symmetric.NewTracker(s, theory)
			for t := range int(traced.Rows) {
				must(0, recorder.Record(t))
				must(0, tracker.Record(t))
			}
			try(s.Step)
			return bench.SymmetricLoad(op, s)
		}},
		{"A dense", plan.Asymmetric{Common: generated(c8), Form: plan.RectangularDense, M: 1200, N: 900, K: 4, Inner: 3}, asymmetricRun(false, 1)},
		{"A product", plan.Asymmetric{Common: generated(c8), Form: plan.RectangularProduct, M: 1200, N: 900, K: 4, Inner: 3}, asymmetricRun(true, 1)},
		{"runs, A dense", plan.Asymmetric{Common: several(generated(c8)), Form: plan.RectangularDense, M: 1200, N: 900, K: 4, Inner: 3}, asymmetricRun(false, 20)},
		{"runs, matrices", plan.Sensing{Common: several(generated(c8)), Form: plan.Matrices, N: 60, M: 1500, R: 3, Held: 8}, sensingRuns("gaussian", problem.HeldWide, 20)},
		{"runs, vectors", plan.Sensing{Common: several(generated(c8)), Form: plan.Vectors, N: 60, M: 1500, R: 3}, sensingRuns("vectors", problem.HeldWide, 20)},
		{"matrices", plan.Sensing{Common: generated(c8), Form: plan.Matrices, N: 60, M: 1500, R: 3, Held: 8}, sensingRun("gaussian", problem.HeldWide)},
		{"matrices, bf16", plan.Sensing{Common: generated(c8), Form: plan.Matrices, N: 60, M: 1500, R: 3, Held: 2}, sensingRun("gaussian", problem.HeldBFloat16)},
		{"drawn", plan.Sensing{Common: generated(c8), Form: plan.Drawn, N: 60, M: 1500, R: 3}, sensingRun("gaussian", problem.HeldRegenerated)},
		{"vectors", plan.Sensing{Common: generated(c8), Form: plan.Vectors, N: 60, M: 1500, R: 3}, sensingRun("vectors", problem.HeldWide)},
		{"entries", plan.Sensing{Common: generated(c8), Form: plan.Entries, N: 60, M: 1500, R: 3}, sensingRun("entries", problem.HeldWide)},
		{"deep", plan.Deep{Common: generated(c4), M: 150, N: 150, Width: 150, Depth: 3}, func(b *blas.Backend) bench.Load {
			target := problem.NewTarget(150, []float64{3, 1}, false, 0, 1)
			var w []blas.General[float32]
			for _, f := range deep.IdentityFactors([]int{150, 150, 150, 150}, 0.3) {
				w = append(w, blas.Convert[float32](f))
			}
			s := deep.New(b, blas.Convert[float32](target), w, 1e-3)
			try(s.Step)
			deep.SingularValues(blas.Convert[float64](s.Product()))
			return bench.DeepLoad(s)
		}},
	}
}

func asymmetricRun(product bool, runs int) func(b *blas.Backend) bench.Load {
	return func(b *blas.Backend) bench.Load {
		a := must(problem.OperatorOf[float64](b, problem.NewRectangular(1200, 900, 3, 0.9, 0, 1), product))
		members := make([]*asymmetric.Solver[float64], runs)
		for i := range members {
			start := asymmetric.RandomStart(1200, 900, 4, uint64(i))
			members[i] = asymmetric.New(b, a, blas.Convert[float64](start.X), blas.Convert[float64](start.Y), 0.1, asymmetric.Alternating)
		}
		together(asymmetric.NewEnsemble(members...))
		for _, s := range members {
			_, _, err := a.Distance(blas.Convert[float64](s.X()), blas.Convert[float64](s.Y()))
			must(0, err)
		}
		return bench.AsymmetricLoad(a, members[0])
	}
}

func sensingRun(ensemble string, held problem.Held) func(b *blas.Backend) bench.Load {
	return sensingRuns(ensemble, held, 1)
}

func sensingRuns(ensemble string, held problem.Held, runs int) func(b *blas.Backend) bench.Load {
	return func(b *blas.Backend) bench.Load {
		a := must(problem.GenerateMeasurements[float64](b, ensemble, 60, 1500, held, 1))
		y := make([]float64, 1500)
		must(0, a.Measure(y, problem.Truth(60, 2, 1)))
		members := make([]*sensing.Solver[float64], runs)
		for i := range members {
			members[i] = must(sensing.New(a, y, blas.Convert[float64](sensing.RandomStart(60, 3, 1e-3, uint64(i))), 0.1))
		}
		together(sensing.NewEnsemble(members...))
		return bench.SensingLoad(a, members[0])
	}
}

// TestLoads: the bytes and operations of a shape are those of the run.
func TestLoads(t *testing.T) {
	for _, name := range []string{"native", "gonum"} {
		b := must(blas.Open(name, 2))
		for _, c := range runs(b) {
			if c.shape.Size().Runs > 1 { // each is as one alone
				continue
			}
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
		// What is made once for each run, one after the other, is in the sum for each.
		size := c.shape.Size()
		took, said := float64(after.TotalAlloc-before.TotalAlloc), size.Needs()+float64(size.Runs-1)*size.Once
		low, high := 0.75, 1.3
		if c.name == "matrices, bf16" { // of its lines some are collected
			low, high = 0.2, 2
		}
		if c.name == "theory and a trace" { // the list of rows is copied as it grows, the copies collected
			low = 0.6
		}
		if r := said / took; r < low || r-unread(c.shape)/took > high {
			t.Errorf("%s: the shape says %s and the run allocates %s: %.2f of it", c.name, problem.HumanBytes(said), problem.HumanBytes(took), r)
		}
	}
}

// unread is what a shape says of reading a file, where the runs here have no file to read.
func unread(shape plan.Shape) float64 {
	if s, ok := shape.(plan.Symmetric); ok && s.Form == plan.Sparse {
		return s.Form.Data(s).Making
	}
	return 0
}

// TestPeak: with a collector that is always at work a run holds at the most what its
// shape says that it needs, of an ensemble too.
func TestPeak(t *testing.T) {
	if testing.Short() || !memory.ResetPeak() {
		t.Skip("the peak of a part of a program is not known here")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	b := must(blas.Open("native", 2))
	for _, c := range runs(b) {
		said := c.shape.Size().Needs()
		if said < 16<<20 { // less than what comes and goes
			continue
		}
		c.make(b) // what is touched once
		took := 0.0
		for range 3 { // the collector may come early in one of them
			debug.FreeOSMemory()
			memory.ResetPeak()
			before := memory.Resident()
			c.make(b)
			took = max(took, memory.Peak()-before)
		}
		// Where X is most of it, its start is collected before the report copies it.
		if r := said / took; r < 0.6 || r-unread(c.shape)/took > 2 {
			t.Errorf("%s: the shape says %s and the run holds %s: %.2f of it", c.name, problem.HumanBytes(said), problem.HumanBytes(took), r)
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
	s := plan.Symmetric{Common: plan.Common{Elem: 8, Own: true, Runs: 1, Generated: true}, Form: plan.Dense, D: 20000, R: 2, Held: 8}
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
	drawn := plan.Sensing{Common: s.Common, Form: plan.Drawn, N: 1000, M: 20000, R: 3}
	if got := plan.Within(drawn, 1e12, 1e12, 1, bound).(plan.Sensing); got.M > 250 || got.M < 100 {
		t.Errorf("%d measurements of 500500 elements are drawn in a second", got.M)
	}
	if got := plan.Within(s, 1, 1, 1, bound); got.(plan.Symmetric).D != 3 {
		t.Errorf("the least problem of 2 columns is %s", got)
	}
}

// TestFits: one sentence, with the largest that fits; that fits, and one more does
// not.
func TestFits(t *testing.T) {
	s := plan.Symmetric{Common: plan.Common{Elem: 8, Own: true, Runs: 1, Generated: true}, Form: plan.Dense, D: 50000, R: 2, Held: 8}
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
	for d = 1; of(d+1).Size().Needs() <= 0.95*free; d++ {
	}
	want := fmt.Sprintf("a run with d = 50000, rank 2, Σ dense needs %s; this machine has %s of memory available; what would fit: --d of at most %d, or --dtype mixed",
		problem.HumanBytes(needs), problem.HumanBytes(free), d)
	if err.Error() != want {
		t.Errorf("%v; want %q", err, want)
	}
	// What is suggested is not refused, at the ends either.
	steps := []plan.Instead{{Text: "--every of at least %d", Above: 1, Most: 1000, Smallest: func(n int) plan.Shape { return of(50000 / n) }}}
	if err := plan.Fits(s, free, steps); err == nil || !strings.HasSuffix(err.Error(), "what would fit: --every of at least 2") {
		t.Errorf("%v", err)
	}
	steps[0].Most = 1
	steps = append(steps, plan.Instead{Text: "--d of at most %d", Below: s.D, Least: s.D, Largest: of})
	if err := plan.Fits(s, free, steps); err == nil || !strings.HasSuffix(err.Error(), "nothing near it would fit") {
		t.Errorf("%v", err)
	}
	if err := plan.Fits(s, 1, ways); err == nil || !strings.HasSuffix(err.Error(), "nothing near it would fit") {
		t.Errorf("in one byte: %v", err)
	}
}

// TestPredict: times go by the bound, set-up and report by their work, the memory by
// what the sample took.
func TestPredict(t *testing.T) {
	c := plan.Common{Elem: 8, Own: true, Runs: 1, Generated: true}
	run := plan.Symmetric{Common: c, Form: plan.Dense, D: 16000, R: 2, Held: 8}
	half := run
	half.D = 8000
	bound := func(bytes, flops float64) float64 { return bytes / 4e10 }
	sample := plan.Sample{
		Shape: half, Iterations: []float64{0.010, 0.010, 0.010, 0.010, 0.010, 0.010, 0.010, 0.010, 0.012}, Setup: 1, Report: 0.5,
		Records: []plan.Record{{Every: 10, Seconds: plan.Span{Value: 0.001, Low: 0.0008, High: 0.0012}}}, Peak: half.Size().Peak() + 5e6, Traced: 1,
	}
	p := plan.Predict(run, 100, 2e7, []plan.Sample{sample}, bound)
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.02*want {
			t.Errorf("%s is %g; want %g", name, got, want)
		}
	}
	near("iteration", p.Iteration.Value, 0.04)
	near("the least", p.Iteration.Low, 0.04*0.9) // it is another shape
	near("the most", p.Iteration.High, 0.048*1.1)
	near("set-up", p.Setup.Value, 4)
	near("the most of the set-up", p.Setup.High, 4*1.25*1.1) // taken once
	near("report", p.Report.Value, 2)
	near("recording", p.Recording.Value, 11*0.001*2) // at 0, 10, …, 100; the work goes with d
	near("the least of recording", p.Recording.Low, 11*0.0008*2*0.9)
	near("all", p.Total.Value, p.Setup.Value+p.Report.Value+p.Recording.Value+4)
	near("all at the most", p.Total.High, p.Setup.High+p.Report.High+p.Recording.High+p.Steps.High)
	steady := sample
	steady.Iterations, steady.Setup, steady.Report, steady.Records = []float64{0.01, 0.01, 0.01}, 0, 0, nil
	if q := plan.Predict(half, 100, 0, []plan.Sample{steady}, bound); math.Abs(q.Total.Low-0.9) > 1e-9 || math.Abs(q.Total.High-1.1) > 1e-9 {
		t.Errorf("iterations that did not vary: %+v", q.Total)
	} else {
		a := q.Against(plan.Actual{Seconds: 0.5, Total: 1.05, Bytes: q.Bytes / 2})
		if a.Iterations != 2 || a.Memory != 2 || math.Abs(a.Total-1/1.05) > 1e-9 || !a.Inside || q.Against(plan.Actual{Total: 1.2}) != (plan.Ratios{Total: q.Total.Value / 1.2}) {
			t.Errorf("against what it took: %+v", a)
		}
	}
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

// TestMiddle: of an even number of blocks it is the mean of the two in the middle.
func TestMiddle(t *testing.T) {
	for _, c := range []struct {
		seconds []float64
		want    float64
	}{{[]float64{3}, 3}, {[]float64{1, 2}, 1.5}, {[]float64{4, 1, 9}, 4}, {[]float64{1, 8, 2, 4}, 3}} {
		if got := (plan.Sample{Iterations: c.seconds}).Iteration(); got != c.want {
			t.Errorf("the middle of %v is %g; want %g", c.seconds, got, c.want)
		}
	}
}

// TestCheckpoint: the time of a checkpoint goes with the state and the rows that it
// has on average, its memory with all of them.
func TestCheckpoint(t *testing.T) {
	c := plan.Common{Elem: 8, Own: true, Runs: 1, Generated: true, Rows: 1e5, Checkpoint: true}
	run := plan.Symmetric{Common: c, Form: plan.Dense, D: 1000, R: 2, Held: 8}
	plain := run
	plain.Checkpoint = false
	size := run.Size()
	if took := size.Needs() - plain.Size().Needs(); size.Saved != 16000 || took < 2*(size.Saved+size.Trace) || took > 3*(size.Saved+size.Trace) {
		t.Errorf("a checkpoint of %g + %g bytes takes %g", size.Saved, size.Trace, took)
	}
	sample := plan.Sample{Shape: run, Iterations: []float64{1e-3}, Traced: 0.01, Records: []plan.Record{{Every: 100, Saves: true, Seconds: plan.Span{Value: 1, Low: 1, High: 1}}}}
	p := plan.Predict(run, 1000, 0, []plan.Sample{sample}, func(bytes, flops float64) float64 { return bytes })
	if want := 11 * (size.Saved + size.Trace/2) / (size.Saved + 0.01*size.Trace/2); math.Abs(p.Recording.Value-want) > 1e-6*want {
		t.Errorf("recording takes %g s; want %g", p.Recording.Value, want)
	}
}

func TestSettled(t *testing.T) {
	for n, want := range map[int]int{0: 0, 2: 2, 3: 2, 20: 18, 100: 90} {
		if got := len(plan.Settled(make([]float64, n))); got != want {
			t.Errorf("%d of %d iterations are left; want %d", got, n, want)
		}
	}
}

// TestDeepEigenvalues: a run of the eigenvalues of Ŵ holds no factors, and what it
// needs does not grow with their number.
func TestDeepEigenvalues(t *testing.T) {
	needs := func(depth int, eigenvalues bool) float64 {
		return plan.Deep{Common: plan.Common{Elem: 8, Runs: 1}, M: 500, N: 500, Width: 500, Depth: depth, BySpectrum: eigenvalues}.Size().Needs()
	}
	if a, b, direct := needs(2, true), needs(20, true), needs(2, false); a != b || !(a < direct) || !(a > 8*500*500*10) {
		t.Errorf("%g and %g bytes; directly %g", a, b, direct)
	}
}
