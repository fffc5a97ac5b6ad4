package lowrank

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/solvers"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/stepsize"
	"lowrank/solvers/symmetric"
)

// Symmetric approximates Σ, d×d, by XXᵀ with X of shape d×rank, 1 ≤ rank ≤ d: gradient
// descent on ¼‖Σ − XXᵀ‖_F²,
//
//	X_{t+1} = X_t + η(Σ − X_tX_tᵀ)X_t.
//
// The best XXᵀ is the sum of λ_i·v_iv_iᵀ over the rank largest eigenvalues, those below zero
// taken as zero: where Σ has no positive eigenvalue X goes to zero.
//
// Σ is read once, and packed: a *mat.SymDense or other raw storage without a copy between,
// a *mat.DiagDense as its diagonal, a *mat.SymBandDense with a narrow band as that, any
// other mat.Symmetric by its At.
//
// The error tells of Σ or a start that is not finite, a start whose squares are not, a rank
// greater than d, a backend that is not there, divergence, a context that is done, or what
// Settings.Record returned. From the first iterate on there is a result beside it. What no Σ
// makes right, as a rank below 1, a negative step or a start of another shape, panics.
func Symmetric(sigma mat.Symmetric, rank int, settings *Settings) (*Result, error) {
	s := settings.complete()
	switch {
	case rank < 1:
		panic(badRank)
	case s.Y0 != nil:
		panic(oneStart)
	}
	in, hold, err := symmetricInput(sigma)
	if err != nil {
		return nil, err
	}
	d := sigma.SymmetricDim()
	if rank > d {
		return nil, fmt.Errorf("lowrank: the rank is %d; Σ is %d×%d, so it must be at most %d", rank, d, d, d)
	}
	x0, err := given("X0", s.X0, d, rank, in.unit)
	if err != nil {
		return nil, err
	}
	b, err := blas.Open(s.Backend, s.Threads)
	if err != nil {
		return nil, fmt.Errorf("lowrank: %w", err)
	}
	op := hold(b)
	p := problem{input: in, settings: s, step: in.step(s.Step)}
	var norm float64
	if in.top > 0 && (s.X0 == nil || s.Step == 0) {
		if norm, p.passes, err = stepsize.SpectralNorm(s.Context, b, op); err != nil {
			return nil, err
		}
	}
	var largest float64
	if s.X0 == nil {
		x0 = symmetric.RandomStart(d, rank, s.Scale*math.Sqrt(norm), s.Seed)
		largest = shrunk(b, x0, norm*max(1, s.Scale*s.Scale))
	} else if s.Step == 0 {
		largest = stepsize.LargestSingular(b, x0)
	}
	if err := tooLarge(largest); err != nil {
		return nil, err
	}
	if s.Step == 0 {
		p.step = stepsize.For(norm, largest)
	}
	p.work = krylov.Work{Rows: []int{d}, Bytes: float64(op.Bytes()), Flops: op.Flops, Columns: rank}
	p.direct = func() trajectory {
		run := symmetric.New(b, op, x0, p.step)
		return ofSymmetric(run, run, op, run.X)
	}
	p.inBasis = func(limits krylov.Limits) (trajectory, error) {
		run, err := symmetric.NewKrylov(b, op, x0, p.step, 0)
		if err != nil {
			return trajectory{}, err
		}
		run.Limit(limits)
		t := ofSymmetric(run, run.Solver, op, run.X)
		t.errors = func() (inBasis, rounding float64) { return estimates(run.Left(), run.Errors) }
		return t, nil
	}
	return p.solve()
}

// ofSymmetric is the trajectory of a method, whose iterates, or their coordinates in an
// orthonormal basis, are those of a solver.
func ofSymmetric(m solvers.Method, iterates *symmetric.Solver[float64], op operator.Operator[float64], x func() blas.General[float64]) trajectory {
	return trajectory{
		Method: m, x: x,
		size:          func() float64 { return solvers.Norm(iterates.X().Data) },
		relativeError: func() (float64, error) { return relative(operator.Distance(op, x())) },
	}
}

// estimates are those of the errors of a run in a basis; where it left that, of the iterate
// where it did.
func estimates(left *krylov.Left, errors func() (inBasis, rounding float64)) (inBasis, rounding float64) {
	if left != nil {
		return left.Basis, left.Rounding
	}
	return errors()
}

// given is a start in the units of a run.
func given(name string, x mat.Matrix, rows, cols int, unit float64) (blas.General[float64], error) {
	if x == nil {
		return blas.General[float64]{}, nil
	}
	if r, c := x.Dims(); r != rows || c != cols {
		panic(badStart)
	}
	g := blas.NewGeneral[float64](rows, cols)
	for i := range rows {
		for j := range g.Row(i) {
			v := x.At(i, j)
			if v-v != 0 {
				return g, notFinite(name, v, i, j)
			}
			g.Row(i)[j] = v / unit
		}
	}
	return g, nil
}
