package sensing

import (
	"fmt"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/data/problem"
)

// loadSensing reads or makes the measurements of a source, the truth and y.
func loadSensing[T blas.Float](f *Flags, b *blas.Backend, from source[T]) (p sensingProblem[T], err error) {
	if p, err = from.Load(f, b); err != nil {
		return p, err
	}
	n, m := p.a.Dim(), p.a.Count()
	if err := f.checkOrder(n); err != nil {
		return p, err
	}
	if f.truth != "" {
		x, err := problem.ReadMatrix[float64](f.truth)
		if err == nil && x.Rows != n {
			err = fmt.Errorf("%s: the matrix is %d×%d; the factor of the truth must have n = %d rows", f.truth, x.Rows, x.Cols, n)
		}
		if err != nil {
			return p, err
		}
		p.truth = &x
	}
	switch {
	case f.y != "":
		if p.y, err = problem.ReadVector[T](f.y); err == nil && len(p.y) != m {
			err = fmt.Errorf("%s: %d values for the %d measurements; their numbers must agree", f.y, len(p.y), m)
		}
	case p.y == nil && p.truth == nil:
		return p, run.Usagef("--y is missing: %s lists places without values (or give --truth, to compute them)", f.Text("entries"))
	case p.y == nil:
		p.y = make([]T, m)
		err = p.a.Measure(p.y, blas.Convert[T](*p.truth))
		if f.noise > 0 {
			problem.AddNoise(p.y, f.noise, f.ProblemSeed())
		}
	}
	return p, err
}
