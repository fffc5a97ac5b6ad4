package asymmetric

import (
	"time"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/memory"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
)

// factors are a run of solve asymmetric by either method.
type factors[T blas.Float] struct {
	solver   run.Solver            // that is run
	iterates *asymmetric.Solver[T] // that recorders see: of X and Y, or of their coordinates
	theory   func(p asymmetric.Parameters, span *blas.General[float64], tail float64) (*asymmetric.Theory[T], error)
	x, y     func() blas.General[T]
	report   func(out map[string]any)
	alone    func() int // passes that it did not share; nil for none
}

func factorsDirectly[T blas.Float](b *blas.Backend, a operator.Rectangular[T], begin beginning, order asymmetric.Order) factors[T] {
	s := asymmetric.New(b, a, blas.Convert[T](begin.start.X), blas.Convert[T](begin.start.Y), begin.eta, order)
	return factors[T]{
		solver: s, iterates: s, x: s.X, y: s.Y,
		theory: func(p asymmetric.Parameters, span *blas.General[float64], tail float64) (*asymmetric.Theory[T], error) {
			return asymmetric.NewTheory(s, p, span, tail)
		},
		report: func(out map[string]any) { out["method"] = "direct" },
	}
}

// sharedBases are those of all runs of a command.
type sharedBases struct {
	starts []krylov.PairStart // of the runs that are not made yet
	begun  []beginning        // of the same, without what starts has
	limits krylov.Limits
	took   time.Duration // its passes before the first step
}

// newSharedBases makes the bases where the method of the flags has them, else nil.
func newSharedBases[T blas.Float](f *Flags, runs []*Flags, b *blas.Backend, a operator.Rectangular[T]) (*sharedBases, error) {
	m, n := a.Dims()
	a64, ok := any(a).(operator.Rectangular[float64])
	_, together := a.(operator.RectangularTogether[T])
	w := f.OfRuns(&f.Request, krylov.Work{Rows: []int{m, n}, Bytes: float64(a.Bytes()), Flops: a.Flops, Rank: run.RankBound(a), Together: together && run.Fused(b)})
	if method, err := f.Choose(&f.Request, w); method != "krylov" || !ok {
		return nil, err
	}
	s := &sharedBases{}
	var x0, y0 []blas.General[float64]
	for _, run := range runs {
		begin, err := beginAsymmetric(run, b, a)
		if err != nil {
			return nil, err
		}
		x0, y0 = append(x0, begin.start.X), append(y0, begin.start.Y)
		begin.start = asymmetric.Start{}
		s.begun = append(s.begun, begin)
	}
	began := time.Now()
	var err error
	if s.starts, err = krylov.NewPair(b, a64, x0, y0); err != nil {
		return nil, err
	}
	s.limits, s.took = w.Limits(f.Method == "auto", s.starts[0].Pair.Held(), memory.Available()), time.Since(began)
	return s, nil
}

// alone are the bases of a run that begins again, nil where it has none.
func (s *sharedBases) alone(made func(f *Flags) (*sharedBases, error), f *Flags) (*sharedBases, error) {
	if s == nil || len(s.starts) > 0 {
		return s, nil
	}
	return made(f)
}

// next are the factors of the next run, and how it begins.
func (s *sharedBases) next(b *blas.Backend, order asymmetric.Order, tolerance float64) (factors[float64], beginning) {
	begin := s.begun[0]
	k := asymmetric.InBases(b, s.starts[0], begin.eta, order, tolerance)
	s.starts, s.begun = s.starts[1:], s.begun[1:]
	k.Limit(s.limits)
	return factors[float64]{
		solver: k, iterates: k.Solver, x: k.X, y: k.Y, theory: k.NewTheory,
		alone: func() int { return run.AloneAfter(k.Left(), k.Iteration()) },
		report: func(out map[string]any) {
			p, q := k.BasisSizes()
			run.ReportBasis(out, k.Left(), k.Errors, p, q)
		},
	}, begin
}
