package lowrank

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"lowrank/blas"
	"lowrank/solvers"
	"lowrank/solvers/asymmetric"
	"lowrank/solvers/krylov"
	"lowrank/solvers/operator"
	"lowrank/solvers/stepsize"
)

// Asymmetric approximates A, m×n, by XYᵀ with X of shape m×rank and Y of shape n×rank, 1 ≤
// rank ≤ min(m, n): alternating gradient descent on ½‖XYᵀ − A‖_F²,
//
//	X_{t+1} = X_t − η(X_tY_tᵀ − A)Y_t
//	Y_{t+1} = Y_t − η(X_{t+1}Y_tᵀ − A)ᵀX_{t+1}.
//
// The best XYᵀ is that of the rank largest singular values.
//
// A is read once, and stored as the backend likes it best: a *mat.Dense, a part of one or
// its T() without a copy between, any other mat.Matrix by way of a dense copy.
//
// Errors and panics are those of Symmetric.
func Asymmetric(a mat.Matrix, rank int, settings *Settings) (*Result, error) {
	s := settings.complete()
	switch {
	case rank < 1:
		panic(badRank)
	case (s.X0 == nil) != (s.Y0 == nil):
		panic(oneStart)
	}
	in, hold, err := rectangularInput(a)
	if err != nil {
		return nil, err
	}
	m, n := a.Dims()
	if rank > min(m, n) {
		return nil, fmt.Errorf("lowrank: the rank is %d; A is %d×%d, so it must be at most %d", rank, m, n, min(m, n))
	}
	x0, err := given("X0", s.X0, m, rank, in.unit)
	if err != nil {
		return nil, err
	}
	y0, err := given("Y0", s.Y0, n, rank, in.unit)
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
		if norm, p.passes, err = stepsize.SingularNorm(s.Context, b, op); err != nil {
			return nil, err
		}
	}
	var largest float64
	if s.X0 == nil {
		start := asymmetric.RandomStart(m, n, rank, s.Seed)
		x0, y0 = start.X, start.Y
		const drawn = 10 // that start has entries from N(0, 1/(100m)) and N(0, 1/(100n))
		for _, x := range []blas.General[float64]{x0, y0} {
			multiply(x, drawn*s.Scale*math.Sqrt(norm))
			largest = max(largest, shrunk(b, x, norm*max(1, s.Scale*s.Scale)))
		}
	} else if s.Step == 0 {
		largest = max(stepsize.LargestSingular(b, x0), stepsize.LargestSingular(b, y0))
	}
	if err := tooLarge(largest); err != nil {
		return nil, err
	}
	if s.Step == 0 {
		p.step = stepsize.For(norm, largest)
	}
	p.work = krylov.Work{Rows: []int{m, n}, Bytes: float64(op.Bytes()), Flops: op.Flops, Columns: rank}
	p.direct = func() trajectory {
		run := asymmetric.New(b, op, x0, y0, p.step, asymmetric.Alternating)
		return ofAsymmetric(run, op, run.X, run.Y)
	}
	p.inBasis = func(limits krylov.Limits) (trajectory, error) {
		run, err := asymmetric.NewKrylov(b, op, x0, y0, p.step, asymmetric.Alternating, 0)
		if err != nil {
			return trajectory{}, err
		}
		run.Limit(limits)
		t := ofAsymmetric(run, op, run.X, run.Y)
		t.errors = func() (inBasis, rounding float64) { return estimates(run.Left(), run.Errors) }
		return t, nil
	}
	return p.solve()
}

// ofAsymmetric is the trajectory of a method with these factors.
func ofAsymmetric(method solvers.Method, op operator.Rectangular[float64], x, y func() blas.General[float64]) trajectory {
	return trajectory{
		Method: method, x: x, y: y,
		relativeError: func() (float64, error) { return relative(op.Distance(x(), y())) },
	}
}
