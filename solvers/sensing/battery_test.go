package sensing_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/data/problem"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/operator"
	"lowrank/solvers/sensing"
)

type (
	method  = *sensing.Solver[float64]
	iterate = testsolvers.Iterate
	trial   = testsolvers.Problem[method]
)

// measurement is an operator, its matrices and a step that suits it.
type measurement struct {
	op operator.Measurement[float64]
	a  []blas.General[float64]
	mu float64
}

// wigner is a symmetric matrix of normal entries, of variance 1 on the
// diagonal and ½ off it, so that 𝒜*𝒜 is the identity in expectation.
func wigner(rnd *rand.Rand, n int) blas.General[float64] {
	a := blas.NewGeneral[float64](n, n)
	for i := range n {
		for j := range i {
			v := rnd.NormFloat64() * math.Sqrt(0.5)
			a.Row(i)[j], a.Row(j)[i] = v, v
		}
		a.Row(i)[i] = rnd.NormFloat64()
	}
	return a
}

func matricesOf(b *blas.Backend, n int, a []blas.General[float64]) *operator.Matrices[float64] {
	return operator.NewMatrices(b, n, len(a), func(i int, dst []float64) {
		for r := range n {
			copy(dst[r*(r+1)/2:], a[i].Row(r)[:r+1])
		}
	})
}

// vectors returns m vectors as rows and the matrices a_ia_iᵀ.
func vectors(rnd *rand.Rand, m, n int) (rows blas.General[float64], a []blas.General[float64]) {
	rows = testsolvers.Normal(rnd, m, n, 1)
	for i := range m {
		v := rows.RowsOf(i, i+1)
		a = append(a, testsolvers.Times(testsolvers.Transposed(v), v))
	}
	return rows, a
}

// places returns m places, some on the diagonal and some twice, and the
// matrices that measure them.
func places(rnd *rand.Rand, m, n int) (row, col []int, a []blas.General[float64]) {
	for e := range m {
		i, j := rnd.IntN(n), rnd.IntN(n)
		if e%7 == 0 {
			j = i
		}
		one := blas.NewGeneral[float64](n, n)
		one.Row(i)[j] += 0.5
		one.Row(j)[i] += 0.5
		row, col, a = append(row, i), append(col, j), append(a, one)
	}
	return row, col, a
}

var forms = []string{"matrices", "rank one", "entries"}

func measurements(b *blas.Backend, n, m int, seed uint64) map[string]measurement {
	rnd := rand.New(rand.NewPCG(seed, 1))
	all := map[string]measurement{}
	var symmetric []blas.General[float64]
	for range m {
		symmetric = append(symmetric, wigner(rnd, n))
	}
	all["matrices"] = measurement{matricesOf(b, n, symmetric), symmetric, 0.02}
	rows, a := vectors(rnd, m, n)
	all["rank one"] = measurement{operator.NewRankOne(b, rows), a, 0.005}
	row, col, a := places(rnd, m, n)
	all["entries"] = measurement{operator.NewEntries[float64](b, n, row, col), a, 2}
	return all
}

// large returns measurements of which a pass is shared among threads, without
// their matrices.
func large(b *blas.Backend, form string, n int) measurement {
	rnd := rand.New(rand.NewPCG(3, 3))
	switch form {
	case "matrices":
		var symmetric []blas.General[float64]
		for range 150 {
			symmetric = append(symmetric, wigner(rnd, n))
		}
		return measurement{matricesOf(b, n, symmetric), nil, 0.02}
	case "rank one":
		return measurement{operator.NewRankOne(b, testsolvers.Normal(rnd, 5000, n, 1)), nil, 0.001}
	case "entries":
		var row, col []int
		for range 40000 {
			row, col = append(row, rnd.IntN(n)), append(col, rnd.IntN(n))
		}
		return measurement{operator.NewEntries[float64](b, n, row, col), nil, 2}
	}
	panic(form)
}

// measured is 𝒜(UUᵀ).
func measured(a []blas.General[float64], u blas.General[float64]) []float64 {
	z := testsolvers.Times(u, testsolvers.Transposed(u))
	y := make([]float64, len(a))
	for i, ai := range a {
		for e, v := range ai.Data {
			y[i] += v * z.Data[e] / math.Sqrt(float64(len(a)))
		}
	}
	return y
}

// adjoint is 𝒜*(v).
func adjoint(a []blas.General[float64], v []float64) blas.General[float64] {
	s := blas.NewGeneral[float64](a[0].Rows, a[0].Cols)
	for i, ai := range a {
		for e, x := range ai.Data {
			s.Data[e] += v[i] * x / math.Sqrt(float64(len(a)))
		}
	}
	return s
}

func residual(a []blas.General[float64], y []float64, u blas.General[float64]) []float64 {
	r := measured(a, u)
	for i, v := range y {
		r[i] -= v
	}
	return r
}

// step is U − μ𝒜*(𝒜(UUᵀ) − y)U.
func step(a []blas.General[float64], y []float64, u blas.General[float64], mu float64) blas.General[float64] {
	return testsolvers.Less(u, testsolvers.Times(adjoint(a, residual(a, y, u)), u), mu)
}

func norm(x []float64) float64 { return testsolvers.Norm(blas.General[float64]{Data: x}) }

func solver(t testing.TB, a operator.Measurement[float64], y []float64, u0 blas.General[float64], mu float64) *sensing.Solver[float64] {
	t.Helper()
	s, err := sensing.New(a, y, u0, mu)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// truth is n×r with a product of norm about 1.
func truth(n, r int) blas.General[float64] {
	return testsolvers.Normal(rand.New(rand.NewPCG(9, uint64(r))), n, r, 1/math.Sqrt(float64(n)))
}

// problemOf is m measurements of a form and small starts; step 0 is the one that suits it.
func problemOf(form string, n, m, r int, alpha, mu float64) trial {
	c := measurements(must(blas.Open("native", 1)), n, m, 1)[form]
	y := measured(c.a, truth(n, 2))
	if mu == 0 {
		mu = c.mu
	}
	return trial{
		Name:  fmt.Sprintf("%s n=%d m=%d r=%d", form, n, m, r),
		Start: func(seed uint64) iterate { return iterate{sensing.RandomStart(n, r, alpha, seed)} },
		New: func(t testing.TB, b *blas.Backend, start iterate) method {
			return solver(t, measurements(b, n, m, 1)[form].op, y, start[0], mu)
		},
		Check: func(t *testing.T, s method) {
			e := residual(c.a, y, s.U())
			for i, v := range s.Residual() {
				if !(math.Abs(v-e[i]) <= 1e-13) {
					t.Fatalf("residual %d is %v, want %v", i, v, e[i])
				}
			}
			if !(math.Abs(s.TrainError()-norm(e)/norm(y)) <= 1e-13) {
				t.Errorf("the training error is %v, want %v", s.TrainError(), norm(e)/norm(y))
			}
			testsolvers.Near(t, "the loss", s.Loss(), norm(s.Residual())*norm(s.Residual())/4, 1e-12)
		},
	}
}

func must(b *blas.Backend, err error) *blas.Backend {
	if err != nil {
		panic(err)
	}
	return b
}

// largeOf is a large problem of a form.
func largeOf(form string, r int, alpha float64) trial {
	const n = 90
	return trial{
		Name:  fmt.Sprintf("%s r=%d", form, r),
		Start: func(seed uint64) iterate { return iterate{sensing.RandomStart(n, r, alpha, seed)} },
		New: func(t testing.TB, b *blas.Backend, start iterate) method {
			c := large(b, form, n)
			y := make([]float64, c.op.Count())
			if err := c.op.Measure(y, truth(n, 2)); err != nil {
				t.Fatal(err)
			}
			return solver(t, c.op, y, start[0], c.mu)
		},
	}
}

func TestBattery(t *testing.T) {
	b := testsolvers.Battery[method]{
		Iterate: func(s method) iterate { return iterate{s.U()} },
		Says:    func(s method) [][]float64 { return [][]float64{s.Residual(), {s.Loss(), s.TrainError()}} },
	}
	native := testsolvers.Open(t, "native", 1)
	for _, form := range forms {
		for _, shape := range [][3]int{{1, 3, 1}, {9, 1, 2}, {18, 80, 1}, {21, 60, 2}, {16, 70, 3}, {13, 90, 13}} {
			n, m, r := shape[0], shape[1], shape[2]
			c := measurements(native, n, m, 1)[form]
			y := measured(c.a, truth(n, 2))
			b.Trajectories = append(b.Trajectories, testsolvers.Trajectory[method]{
				Problem: problemOf(form, n, m, r, 0.3/math.Sqrt(float64(n)), 0), Steps: 150, Tolerance: 1e-11,
				Next: func(u iterate) iterate { return iterate{step(c.a, y, u[0], c.mu)} },
			})
		}

		const n, m = 9, 25
		c := measurements(native, n, m, 1)[form]
		y := measured(c.a, truth(n, 2))
		b.Gradients = append(b.Gradients, testsolvers.Gradient[method]{
			Problem: problemOf(form, n, m, 3, 0.7, 0.01), Step: 0.01, Tolerance: 1e-8,
			Loss: func(u iterate) float64 {
				e := norm(residual(c.a, y, u[0]))
				return e * e / 4
			},
		})

		b.Restored = append(b.Restored, problemOf(form, 16, 60, 3, 0.1, 0))
		for _, r := range []int{2, 5, 33} {
			b.Threaded = append(b.Threaded, largeOf(form, r, 0.1))
		}
		for _, r := range []int{1, 5, 33} {
			b.Allocations = append(b.Allocations, largeOf(form, r, 0.01))
		}
		for _, scale := range []float64{1, 10, 1e60, 1e120} {
			p := problemOf(form, 14, 50, 2, scale, 500)
			p.Name += fmt.Sprintf(" from %g", scale)
			p.Check = nil // of numbers that large the residual has no thirteen places
			b.Divergent = append(b.Divergent, p)
		}

		// One of the states has a U of equal size.
		f := testsolvers.Foreign[method]{Problem: problemOf(form, 16, 60, 3, 0.1, 0), States: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{}}
		for _, s := range [][2]int{{16, 4}, {17, 3}, {3, 16}} {
			other := problemOf(form, s[0], 60, s[1], 0.1, 0)
			f.States[other.Name] = func(t testing.TB, b *blas.Backend) testsolvers.Method { return other.New(t, b, other.Start(1)) }
		}
		b.Foreign = append(b.Foreign, f)
		b.Identities = append(b.Identities, identity(native, form))
	}
	b.Ensembles = ensembles(t)
	testsolvers.Run(t, b)
}

func identity(b *blas.Backend, form string) testsolvers.Identity[method] {
	const n, m, r = 10, 25, 2
	u0 := sensing.RandomStart(n, r, 0.1, 1)
	y := measured(measurements(b, n, m, 1)[form].a, truth(n, 2))
	otherY, otherU := slices.Clone(y), u0.Clone()
	otherY[3] = math.Nextafter(otherY[3], 9)
	otherU.Data[3] = math.Nextafter(otherU.Data[3], 9)
	of := func(seed uint64, y []float64, u0 blas.General[float64], mu float64) func(testing.TB, *blas.Backend) testsolvers.Method {
		return func(t testing.TB, b *blas.Backend) testsolvers.Method {
			return solver(t, measurements(b, n, m, seed)[form].op, y, u0, mu)
		}
	}
	return testsolvers.Identity[method]{
		Name: form,
		Of:   func(t testing.TB, b *blas.Backend) method { return of(1, y, u0, 0.01)(t, b).(method) },
		Others: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
			"μ":   of(1, y, u0, math.Nextafter(0.01, 1)),
			"y":   of(1, otherY, u0, 0.01),
			"U_0": of(1, y, otherU, 0.01),
			"𝒜":   of(2, y, u0, 0.01),
		},
	}
}

func ensembles(t *testing.T) []testsolvers.Ensemble[method] {
	const n, m = 30, 200
	// The fourth outgrows its bound, the fifth has no finite next iterate.
	steps, columns := []float64{0.25, 0.25, 0.1, 1e5, 0.25, 0.2}, []int{2, 2, 7, 3, 2, 40}
	scales := []float64{0.01, 0.01, 0.01, 0.01, 1e120, 0.01}
	var all []testsolvers.Ensemble[method]
	for _, kind := range problem.EnsembleNames() {
		tolerance := 1e-2
		if kind == "entries" { // of which a few steps move little
			tolerance = 0.9999
		}
		all = append(all, testsolvers.Ensemble[method]{
			Name: kind, Diverges: 3, Converges: 2, Allocates: kind == "vectors",
			Stops: []solvers.Stop{{Iterations: 60}, {Iterations: 60}, {Iterations: 200, Tolerance: tolerance}, {Iterations: 50}, {Iterations: 50}, {Iterations: 13}},
			Join:  func(members ...method) solvers.Ensemble { return sensing.NewEnsemble(members...) },
			New: func(t testing.TB, b *blas.Backend) func(i int) method {
				a, err := problem.GenerateMeasurements[float64](b, kind, n, m, problem.HeldWide, 1)
				if err != nil {
					t.Fatal(err)
				}
				y := make([]float64, m)
				if err := a.Measure(y, problem.Truth(n, 2, 1)); err != nil {
					t.Fatal(err)
				}
				return func(i int) method {
					return solver(t, a, y, sensing.RandomStart(n, columns[i], scales[i], uint64(i)), steps[i])
				}
			},
		})
	}
	return all
}
