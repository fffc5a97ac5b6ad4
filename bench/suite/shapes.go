package suite

import (
	"slices"

	gblas "gonum.org/v1/gonum/blas"

	"lowrank/blas"
)

type shape struct {
	routine string
	m, n, k int
}

// shapes are products that programs of this field form, from tiny to large:
// square, tall and skinny, r×r, Gram matrices, panels.
var shapes = []shape{
	{"NN", 1, 1, 1}, {"NN", 2, 2, 2}, {"NN", 3, 3, 3}, {"NN", 4, 4, 4}, {"NN", 5, 5, 5}, {"NN", 7, 7, 7},
	{"NN", 8, 8, 8}, {"NN", 10, 10, 10}, {"NN", 12, 12, 12}, {"NN", 16, 16, 16}, {"NN", 20, 20, 20}, {"NN", 24, 24, 24},
	{"NN", 31, 31, 31}, {"NN", 32, 32, 32}, {"NN", 33, 33, 33}, {"NN", 48, 48, 48}, {"NN", 64, 64, 64}, {"NN", 65, 65, 65},
	{"NN", 96, 96, 96}, {"NN", 100, 100, 100}, {"NN", 128, 128, 128}, {"NN", 200, 200, 200}, {"NN", 256, 256, 256},
	{"NN", 300, 300, 300}, {"NN", 500, 500, 500}, {"NN", 512, 512, 512}, {"NN", 1000, 1000, 1000}, {"NN", 1024, 1024, 1024}, {"NN", 2000, 2000, 2000}, {"NN", 4000, 4000, 4000},
	{"NT", 8, 8, 8}, {"NT", 32, 32, 32}, {"NT", 100, 100, 100}, {"NT", 500, 500, 500}, {"NT", 1000, 1000, 1000},
	{"TN", 8, 8, 8}, {"TN", 32, 32, 32}, {"TN", 100, 100, 100}, {"TN", 500, 500, 500}, {"TN", 1000, 1000, 1000},
	{"NN", 4000, 1, 4000}, {"NN", 4000, 2, 4000}, {"NN", 4000, 4, 4000}, {"NN", 4000, 8, 4000}, {"NN", 4000, 16, 4000}, {"NN", 4000, 64, 4000}, {"NN", 4000, 256, 4000},
	{"NN", 1, 4000, 4000}, {"NN", 2, 4000, 4000}, {"NN", 8, 4000, 4000}, {"NN", 64, 4000, 4000}, {"NN", 1000, 2, 1000}, {"NN", 1000, 8, 1000}, {"NN", 8, 1000, 1000},
	{"NN", 4000, 2, 2}, {"NN", 4000, 8, 8}, {"NN", 4000, 64, 64}, {"NN", 4000, 256, 256},
	{"TN", 2, 2, 4000}, {"TN", 8, 8, 4000}, {"TN", 64, 64, 4000}, {"TN", 256, 256, 4000}, {"NT", 4000, 4000, 2}, {"NT", 4000, 4000, 8}, {"NT", 1000, 1000, 64},
	{"NT", 3, 36, 200000}, {"NN", 3, 200000, 36}, {"NT", 9, 36, 200000}, {"NN", 9, 200000, 36}, // Gram-Schmidt
	{"TN", 2, 4000, 4000}, {"TN", 8, 4000, 4000}, {"NT", 8, 4000, 4000}, {"NT", 4000, 8, 4000}, {"TN", 4000, 8, 4000},
	{"syrk", 8, 0, 8}, {"syrk", 64, 0, 64}, {"syrk", 500, 0, 500}, {"syrk", 2000, 0, 2000}, {"syrk", 2000, 0, 8}, {"syrkT", 2, 0, 4000}, {"syrkT", 8, 0, 4000}, {"syrkT", 64, 0, 4000}, {"syrkT", 256, 0, 4000},
	{"symm", 8, 8, 0}, {"symm", 100, 100, 0}, {"symm", 1000, 1000, 0}, {"symm", 4000, 8, 0}, {"symm", 4000, 64, 0},
	{"gemv", 8, 8, 0}, {"gemv", 32, 32, 0}, {"gemv", 100, 100, 0}, {"gemv", 500, 500, 0}, {"gemv", 2000, 2000, 0}, {"gemv", 4000, 4000, 0},
	{"gemvT", 8, 8, 0}, {"gemvT", 32, 32, 0}, {"gemvT", 100, 100, 0}, {"gemvT", 500, 500, 0}, {"gemvT", 2000, 2000, 0}, {"gemvT", 4000, 4000, 0},
	{"symv", 8, 0, 0}, {"symv", 32, 0, 0}, {"symv", 100, 0, 0}, {"symv", 500, 0, 0}, {"symv", 2000, 0, 0}, {"symv", 4000, 0, 0},
	{"ger", 100, 100, 0}, {"ger", 1000, 1000, 0},
	{"dot", 10, 0, 0}, {"dot", 100, 0, 0}, {"dot", 1000, 0, 0}, {"dot", 10000, 0, 0}, {"dot", 1000000, 0, 0},
	{"axpy", 10, 0, 0}, {"axpy", 100, 0, 0}, {"axpy", 1000, 0, 0}, {"axpy", 10000, 0, 0}, {"axpy", 1000000, 0, 0},
	{"nrm2", 10, 0, 0}, {"nrm2", 1000, 0, 0}, {"scal", 10, 0, 0}, {"scal", 1000, 0, 0}, {"asum", 1000, 0, 0},
}

// standardShapes are those of the standard grid.
var standardShapes = []shape{
	{"NN", 8, 8, 8}, {"NN", 100, 100, 100}, {"NN", 4000, 8, 4000}, {"NN", 4000, 8, 8}, {"TN", 8, 8, 4000},
	{"gemv", 2000, 2000, 0}, {"symv", 2000, 0, 0}, {"dot", 10000, 0, 0}, {"axpy", 10000, 0, 0},
}

// shapesOf are calls of BLAS routines, float64.
func shapesOf(g Grid) []Operation {
	var list []Operation
	for _, backend := range g.backends() {
		if !slices.Contains(g.dtypes(), "f64") || g.D != nil || g.R != nil {
			continue // they have dimensions of their own
		}
		for _, s := range shapes {
			switch {
			case g.Size == Small && max(s.m, 1)*max(s.n, 1)*max(s.k, 1) > 1<<18,
				g.Size == Standard && !slices.Contains(standardShapes, s):
				continue
			}
			list = append(list, g.operation("Shapes", backend, "f64", func(b *blas.Backend) (Work, error) {
				run := call(b.BLAS, s.routine, s.m, s.n, s.k)
				elements, flops := s.needs()
				return Work{Bytes: 8 * elements, Flops: flops, Step: func() error {
					run()
					return nil
				}}, nil
			}, "routine", s.routine, "m", s.m, "n", s.n, "k", s.k))
		}
	}
	return list
}

// needs are the elements that a call must read or write, and its operations.
func (s shape) needs() (elements, flops float64) {
	m, n, k := float64(s.m), float64(s.n), float64(s.k)
	switch s.routine {
	case "syrk", "syrkT":
		return m*k + m*m/2, m * m * k
	case "symm":
		return m*m/2 + 2*m*n, 2 * m * m * n
	case "gemv", "gemvT":
		return m*n + m + n, 2 * m * n
	case "symv":
		return m*m/2 + 2*m, 2 * m * m
	case "ger":
		return 2*m*n + m + n, 2 * m * n
	case "dot":
		return 2 * m, 2 * m
	case "axpy":
		return 3 * m, 2 * m
	case "scal":
		return 2 * m, m
	case "nrm2":
		return m, 2 * m
	case "asum":
		return m, m
	}
	return m*k + k*n + m*n, 2 * m * n * k
}

// call returns one call of a routine.
func call(f gblas.Float64, routine string, m, n, k int) func() {
	matrix := func(rows, cols int) []float64 {
		a := make([]float64, max(rows*cols, 1))
		for i := range a {
			a[i] = element(i, rows)
		}
		return a
	}
	const no, yes, lower = gblas.NoTrans, gblas.Trans, gblas.Lower
	switch routine {
	case "NN":
		a, x, c := matrix(m, k), matrix(k, n), matrix(m, n)
		return func() { f.Dgemm(no, no, m, n, k, 1, a, k, x, n, 0, c, n) }
	case "NT":
		a, x, c := matrix(m, k), matrix(n, k), matrix(m, n)
		return func() { f.Dgemm(no, yes, m, n, k, 1, a, k, x, k, 0, c, n) }
	case "TN":
		a, x, c := matrix(k, m), matrix(k, n), matrix(m, n)
		return func() { f.Dgemm(yes, no, m, n, k, 1, a, m, x, n, 0, c, n) }
	case "syrk":
		a, c := matrix(m, k), matrix(m, m)
		return func() { f.Dsyrk(lower, no, m, k, 1, a, k, 0, c, m) }
	case "syrkT":
		a, c := matrix(k, m), matrix(m, m)
		return func() { f.Dsyrk(lower, yes, m, k, 1, a, m, 0, c, m) }
	case "symm":
		a, x, c := matrix(m, m), matrix(m, n), matrix(m, n)
		return func() { f.Dsymm(gblas.Left, lower, m, n, 1, a, m, x, n, 0, c, n) }
	case "gemv":
		a, x, y := matrix(m, n), matrix(n, 1), matrix(m, 1)
		return func() { f.Dgemv(no, m, n, 1, a, n, x, 1, 0, y, 1) }
	case "gemvT":
		a, x, y := matrix(m, n), matrix(m, 1), matrix(n, 1)
		return func() { f.Dgemv(yes, m, n, 1, a, n, x, 1, 0, y, 1) }
	case "symv":
		a, x, y := matrix(m, m), matrix(m, 1), matrix(m, 1)
		return func() { f.Dsymv(lower, m, 1, a, m, x, 1, 0, y, 1) }
	case "ger":
		a, x, y := matrix(m, n), matrix(m, 1), matrix(n, 1)
		return func() { f.Dger(m, n, 1e-9, x, 1, y, 1, a, n) }
	case "dot":
		x, y := matrix(m, 1), matrix(m, 1)
		return func() { f.Ddot(m, x, 1, y, 1) }
	case "axpy":
		x, y := matrix(m, 1), matrix(m, 1)
		return func() { f.Daxpy(m, 1e-9, x, 1, y, 1) }
	case "nrm2":
		x := matrix(m, 1)
		return func() { f.Dnrm2(m, x, 1) }
	case "scal":
		x := matrix(m, 1)
		return func() { f.Dscal(m, 1.0000001, x, 1) }
	case "asum":
		x := matrix(m, 1)
		return func() { f.Dasum(m, x, 1) }
	}
	panic("unknown routine " + routine)
}
