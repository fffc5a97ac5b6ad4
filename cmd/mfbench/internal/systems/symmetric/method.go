package symmetric

import (
	"time"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/memory"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/symmetric"
)

// trajectory is a run by either method.
type trajectory[T blas.Float] struct {
	solver   run.Solver                                             // that is run
	iterates *symmetric.Solver[T]                                   // that recorders see: of X, or of its coordinates
	theory   func(basis *symmetric.Eigenbasis) *symmetric.Theory[T] // of these iterates
	x        func() blas.General[T]
	report   func(out map[string]any)
	alone    func() int // passes that it did not share; nil for none
}

func directly[T blas.Float](b *blas.Backend, op operator.Operator[T], x0 blas.General[T], eta float64) trajectory[T] {
	s := symmetric.New(b, op, x0, eta)
	return trajectory[T]{
		solver: s, iterates: s, x: s.X,
		theory: func(basis *symmetric.Eigenbasis) *symmetric.Theory[T] { return symmetric.NewTheory[T](b, basis) },
		report: func(out map[string]any) { out["method"] = "direct" },
	}
}

// sharedBasis is the bases of all runs of a command, which share their passes.
type sharedBasis struct {
	first  *krylov.Basis
	starts []krylov.Start // of the runs that are not made yet
	scales []float64      // of their starts
	limits krylov.Limits
	took   time.Duration // its passes before the first step
}

// workOn is that of a run on Σ.
func workOn[T blas.Float](b *blas.Backend, op operator.Operator[T]) krylov.Work {
	_, together := op.(operator.Together[T])
	return krylov.Work{Rows: []int{op.Dim()}, Bytes: float64(op.Bytes()), Flops: op.Flops, Rank: run.RankBound(op), Together: together && run.Fused(b)}
}

// newSharedBasis makes the basis where the method of the flags has one, else nil.
func newSharedBasis[T blas.Float](f *Flags, b *blas.Backend, p problemOf[T]) (*sharedBasis, error) {
	op, ok := any(p.op).(operator.Operator[float64])
	w := f.OfRuns(&f.Request, workOn(b, p.op))
	if method, err := f.Choose(&f.Request, w); method != "krylov" || !ok {
		return nil, err
	}
	var starts []blas.General[float64]
	s := &sharedBasis{}
	for _, run := range f.runs {
		x0, scale, err := run.start(op.Dim(), p.basis)
		if err != nil {
			return nil, err
		}
		starts, s.scales = append(starts, x0), append(s.scales, scale)
	}
	began := time.Now()
	var err error
	if s.starts, err = krylov.New(b, op, starts...); err != nil {
		return nil, err
	}
	s.first = s.starts[0].Basis
	s.limits, s.took = w.Limits(f.Method == "auto", s.first.Held(), memory.Available()), time.Since(began)
	return s, nil
}

// next is the trajectory of the next run, and the scale of its start.
func (s *sharedBasis) next(b *blas.Backend, eta, tolerance float64) (way trajectory[float64], scale float64) {
	k := symmetric.InBasis(b, s.starts[0], eta, tolerance)
	scale = s.scales[0]
	s.starts, s.scales = s.starts[1:], s.scales[1:]
	k.Limit(s.limits)
	return trajectory[float64]{
		solver: k, iterates: k.Solver, x: k.X, theory: k.NewTheory,
		alone: func() int { return run.AloneAfter(k.Left(), k.Iteration()) },
		report: func(out map[string]any) {
			run.ReportBasis(out, k.Left(), k.Errors, k.BasisSize())
			const most = 400 // vectors: the eigenvalues take the third power of it
			if k.Left() == nil && k.BasisSize() <= most {
				out["ritz_values"], out["ritz_residuals"] = k.Leading(k.X().Cols + 1)
			}
		},
	}, scale
}

// alone is the basis of a run that begins again, nil where it has none.
func (s *sharedBasis) alone(made func(f *Flags) (*sharedBasis, error), f *Flags) (*sharedBasis, error) {
	if s == nil || len(s.starts) > 0 {
		return s, nil
	}
	g := *f
	g.runs = []*Flags{&g}
	return made(&g)
}
