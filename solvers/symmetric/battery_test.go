package symmetric_test

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
	"lowrank/solvers/symmetric"
)

type (
	method  = *symmetric.Solver[float64]
	iterate = testsolvers.Iterate
	trial   = testsolvers.Problem[method]
)

// matrix is an operator and the matrix that it stands for.
type matrix struct {
	op    operator.Operator[float64]
	sigma blas.General[float64]
}

// table has a row for each form of Σ: an operator, and its elements in sigma, which is 0
// before.
var table = []struct {
	form string
	make func(b *blas.Backend, d int, rnd *rand.Rand, sigma blas.General[float64]) operator.Operator[float64]
}{
	{"dense", func(b *blas.Backend, d int, rnd *rand.Rand, sigma blas.General[float64]) operator.Operator[float64] { // indefinite
		for i := range d {
			for j := range i + 1 {
				v := rnd.NormFloat64() / math.Sqrt(float64(d))
				sigma.Row(i)[j], sigma.Row(j)[i] = v, v
			}
		}
		return operator.NewDense(b, d, func(i int, dst []float64) { copy(dst, sigma.Row(i)) })
	}},
	{"diagonal", func(b *blas.Backend, d int, rnd *rand.Rand, sigma blas.General[float64]) operator.Operator[float64] {
		lambda := make([]float64, d)
		for i := range lambda {
			lambda[i] = rnd.Float64() - 0.2
			sigma.Row(i)[i] = lambda[i]
		}
		return operator.NewDiagonal(b, lambda)
	}},
	{"lowrank", func(b *blas.Backend, d int, rnd *rand.Rand, sigma blas.General[float64]) operator.Operator[float64] {
		weights := []float64{1, 0.5, -0.3, 0.2, 2}
		u := testsolvers.Normal(rnd, d, len(weights), 1/math.Sqrt(float64(d)))
		for i := range d {
			for j := range d {
				for c, w := range weights {
					sigma.Row(i)[j] += u.Row(i)[c] * w * u.Row(j)[c]
				}
			}
		}
		return operator.NewLowRank(b, u, weights)
	}},
	{"gram", func(b *blas.Backend, d int, rnd *rand.Rand, sigma blas.General[float64]) operator.Operator[float64] {
		const n = 37
		z := testsolvers.Normal(rnd, n, d, 0.5)
		for i := range d {
			for j := range d {
				for o := range n {
					sigma.Row(i)[j] += z.Row(o)[i] * z.Row(o)[j] / n
				}
			}
		}
		return operator.NewGram(b, z)
	}},
	{"toeplitz", func(b *blas.Backend, d int, rnd *rand.Rand, sigma blas.General[float64]) operator.Operator[float64] {
		column := make([]float64, d)
		for i := range column {
			column[i] = math.Exp(-float64(i)/3) * rnd.NormFloat64()
		}
		for i := range d {
			for j := range d {
				sigma.Row(i)[j] = column[max(i-j, j-i)]
			}
		}
		return operator.NewToeplitz(b, column)
	}},
}

// forms are the names of the rows.
var forms = func() (names []string) {
	for _, row := range table {
		names = append(names, row.form)
	}
	return names
}()

// matrixOf is a Σ of order d in a form.
func matrixOf(b *blas.Backend, form string, d int, rnd *rand.Rand) matrix {
	row := table[slices.Index(forms, form)]
	sigma := blas.NewGeneral[float64](d, d)
	return matrix{row.make(b, d, rnd, sigma), sigma}
}

// operators are all forms.
func operators(b *blas.Backend, d int, seed uint64) map[string]matrix {
	all := map[string]matrix{}
	for _, form := range forms {
		all[form] = matrixOf(b, form, d, rand.New(rand.NewPCG(seed, uint64(d))))
	}
	return all
}

// step is iteration (9) as it stands in the paper, with plain loops.
func step(sigma, x blas.General[float64], eta float64) blas.General[float64] {
	gradient := testsolvers.Less(testsolvers.Times(x, testsolvers.Times(testsolvers.Transposed(x), x)), testsolvers.Times(sigma, x), 1)
	return testsolvers.Less(x, gradient, eta)
}

// steps are many of them.
func steps(sigma, x blas.General[float64], eta float64, count int) blas.General[float64] {
	for range count {
		x = step(sigma, x, eta)
	}
	return x
}

// trialOf is a Σ of a form and a large start.
func trialOf(form string, d, r int, scale, eta float64, op func(b *blas.Backend) operator.Operator[float64]) trial {
	return trial{
		Name:  fmt.Sprintf("%s d=%d r=%d", form, d, r),
		Start: func(seed uint64) iterate { return iterate{symmetric.RandomStart(d, r, scale, seed)} },
		New: func(_ testing.TB, b *blas.Backend, start iterate) method {
			return symmetric.New(b, op(b), start[0], eta)
		},
	}
}

func TestBattery(t *testing.T) {
	b := testsolvers.Battery[method]{
		Iterate: func(s method) iterate { return iterate{s.X()} },
		Says:    func(s method) [][]float64 { return [][]float64{s.Gram(), s.SingularValues()} },
	}
	native := testsolvers.Open(t, "native", 1)
	random := func(form string, d int, seed uint64) func(b *blas.Backend) operator.Operator[float64] {
		return func(b *blas.Backend) operator.Operator[float64] {
			return matrixOf(b, form, d, rand.New(rand.NewPCG(seed, uint64(d)))).op
		}
	}
	for _, form := range forms {
		for _, shape := range [][2]int{{1, 1}, {7, 1}, {67, 2}, {130, 3}, {97, 8}, {71, 33}, {700, 2}, {523, 7}} {
			d, r := shape[0], shape[1]
			count := 200
			if d > 256 { // several tiles; the plain loops are slow
				count = 10
			}
			sigma := matrixOf(native, form, d, rand.New(rand.NewPCG(1, uint64(d)))).sigma
			p := trialOf(form, d, r, 0.5, 0.1, random(form, d, 1))
			p.Check = func(t *testing.T, s method) {
				gram := blas.General[float64]{Rows: r, Cols: r, Stride: r, Data: s.Gram()}
				testsolvers.Compare(t, "the Gram matrix", gram, testsolvers.Times(testsolvers.Transposed(s.X()), s.X()), 1e-12)
			}
			b.Trajectories = append(b.Trajectories, testsolvers.Trajectory[method]{
				Problem: p, Steps: count, Tolerance: 1e-11,
				Next: func(x iterate) iterate { return iterate{step(sigma, x[0], 0.1)} },
			})
		}

		const d = 23
		sigma := matrixOf(native, form, d, rand.New(rand.NewPCG(3, d))).sigma
		b.Gradients = append(b.Gradients, testsolvers.Gradient[method]{
			Problem: trialOf(form, d, 3, 1, 0.01, random(form, d, 3)), Step: 0.01, Tolerance: 1e-7,
			Loss: func(x iterate) float64 {
				e := testsolvers.Norm(testsolvers.Less(testsolvers.Times(x[0], testsolvers.Transposed(x[0])), sigma, 1))
				return e * e / 4
			},
		})

		// Of 700 rows, Gram matrices formed anew have other bits: the state must hold them.
		b.Restored = append(b.Restored,
			trialOf(form, 150, 3, 0.5, 0.1, random(form, 150, 5)), trialOf(form, 700, 2, 0.5, 0.1, random(form, 700, 5)))
		for _, r := range []int{2, 5, 70} {
			b.Allocations = append(b.Allocations, trialOf(form, 600, r, 0.1, 0.01, random(form, 600, 2)))
		}
		b.Ensembles = append(b.Ensembles, ensemble(form))
		b.Identities = append(b.Identities, identity(form))
	}
	for _, shape := range [][2]int{{1500, 2}, {700, 5}, {1100, 33}} {
		d, r := shape[0], shape[1]
		m, z := problem.NewDense(problem.Figure1Spectrum(d), 1), testsolvers.Normal(rand.New(rand.NewPCG(1, 1)), 900, d, 0.1)
		for form, op := range map[string]func(b *blas.Backend) operator.Operator[float64]{
			"dense": func(b *blas.Backend) operator.Operator[float64] { return operator.NewDense(b, d, m.Row) },
			"diagonal": func(b *blas.Backend) operator.Operator[float64] {
				return operator.NewDiagonal(b, problem.Figure1Spectrum(d))
			},
			"lowrank": func(b *blas.Backend) operator.Operator[float64] {
				return operator.NewLowRank(b, m.Eigenvectors(40), problem.Arithmetic(40, 1, 0))
			},
			"gram": func(b *blas.Backend) operator.Operator[float64] { return operator.NewGram(b, z) },
		} {
			b.Threaded = append(b.Threaded, trialOf(form, d, r, 0.5, 0.1, op))
		}
	}
	for form, op := range zeros(80) {
		for _, scale := range []float64{10, 1e60, 1e120} {
			p := trialOf(form, 80, 2, 1, 0.1, op)
			p.Name += fmt.Sprintf(" from %g", scale)
			p.Start = func(uint64) iterate {
				x0 := blas.NewGeneral[float64](80, 2)
				for i := range x0.Data {
					x0.Data[i] = scale
				}
				return iterate{x0}
			}
			b.Divergent = append(b.Divergent, p)
		}
	}
	b.Foreign = foreign(random)
	testsolvers.Run(t, b)
}

// zeros are Σ = 0 with steps of both kinds, by a product and in place.
func zeros(d int) map[string]func(b *blas.Backend) operator.Operator[float64] {
	return map[string]func(b *blas.Backend) operator.Operator[float64]{
		"dense": func(b *blas.Backend) operator.Operator[float64] {
			return operator.NewDense(b, d, func(_ int, dst []float64) { clear(dst) })
		},
		"diagonal": func(b *blas.Backend) operator.Operator[float64] {
			return operator.NewDiagonal(b, make([]float64, d))
		},
	}
}

// foreign are states of other shapes, one of as many elements.
func foreign(op func(form string, d int, seed uint64) func(b *blas.Backend) operator.Operator[float64]) []testsolvers.Foreign[method] {
	var all []testsolvers.Foreign[method]
	for _, form := range []string{"dense", "diagonal"} {
		f := testsolvers.Foreign[method]{Problem: trialOf(form, 24, 3, 0.5, 0.1, op(form, 24, 1)), States: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{}}
		for _, s := range [][2]int{{24, 4}, {25, 3}, {36, 2}, {72, 1}} {
			other := trialOf(form, s[0], s[1], 0.5, 0.1, op(form, s[0], 1))
			f.States[other.Name] = func(t testing.TB, b *blas.Backend) testsolvers.Method { return other.New(t, b, other.Start(1)) }
		}
		all = append(all, f)
	}
	return all
}

func identity(form string) testsolvers.Identity[method] {
	const d, r = 20, 2
	x0 := symmetric.RandomStart(d, r, 0.5, 1)
	other := x0.Clone()
	other.Data[7] = math.Nextafter(other.Data[7], 2)
	of := func(seed uint64, x0 blas.General[float64], eta float64) func(testing.TB, *blas.Backend) testsolvers.Method {
		return func(_ testing.TB, b *blas.Backend) testsolvers.Method {
			return symmetric.New(b, matrixOf(b, form, d, rand.New(rand.NewPCG(seed, 1))).op, x0, eta)
		}
	}
	return testsolvers.Identity[method]{
		Name: form,
		Of:   func(t testing.TB, b *blas.Backend) method { return of(1, x0, 0.1)(t, b).(method) },
		Others: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
			"η": of(1, x0, math.Nextafter(0.1, 1)), "X_0": of(1, other, 0.1), "Σ": of(2, x0, 0.1),
		},
	}
}

// ensemble is runs that differ in starts, steps, columns and ends.
func ensemble(form string) testsolvers.Ensemble[method] {
	const d = 300
	runs := []struct {
		r           int
		scale, step float64
	}{{2, 0.5, 0.1}, {2, 0.5, 0.1}, {5, 1e-3, 0.05}, {1, 0.5, 0.2}, {3, 0.5, 40}, {9, 0.5, 0.1}}
	return testsolvers.Ensemble[method]{
		Name: form, Diverges: 4, Converges: 2, Allocates: form != "dense",
		Stops: []solvers.Stop{{Iterations: 120}, {Iterations: 120}, {Iterations: 300, Tolerance: 0.05}, {Iterations: 0}, {Iterations: 500}, {Iterations: 77}},
		Join:  func(members ...method) solvers.Ensemble { return symmetric.NewEnsemble(members...) },
		New: func(_ testing.TB, b *blas.Backend) func(i int) method {
			op := matrixOf(b, form, d, rand.New(rand.NewPCG(1, 2))).op
			return func(i int) method {
				return symmetric.New(b, op, symmetric.RandomStart(d, runs[i].r, runs[i].scale, uint64(i)), runs[i].step)
			}
		},
		Record: func(s method) (solvers.Recorder, *solvers.Trace) {
			rec := symmetric.NewRecorder(s, nil)
			return rec, &rec.Trace
		},
	}
}
