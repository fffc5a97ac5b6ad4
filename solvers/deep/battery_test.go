package deep_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"lowrank/blas"
	_ "lowrank/blas/backends"
	"lowrank/internal/testsolvers"
	"lowrank/solvers"
	"lowrank/solvers/deep"
)

type (
	method  = *deep.Solver[float64]
	iterate = testsolvers.Iterate
)

// shapes are d_0 … d_N of every depth to 5: square, narrowing and widening, so
// that both orders of the products are taken.
var shapes = [][]int{
	{1, 1}, {9, 9}, {12, 5}, {5, 12},
	{9, 9, 9}, {12, 4, 7}, {7, 4, 12}, {6, 15, 6}, {3, 20, 11}, {11, 20, 3}, {4, 1, 5},
	{8, 8, 8, 8}, {13, 6, 9, 4}, {4, 9, 6, 13}, {5, 17, 2, 8}, {8, 2, 17, 5},
	{7, 7, 7, 7, 7}, {10, 3, 12, 5, 6}, {6, 5, 12, 3, 10},
	{6, 6, 6, 6, 6, 6}, {11, 4, 7, 3, 9, 5}, {5, 9, 3, 7, 4, 11}, {2, 3, 1, 4, 2, 3},
}

// problem is a target of norm about 1 and factors near the identity.
func problem(dims []int, seed uint64) (target blas.General[float64], w0 []blas.General[float64]) {
	rnd := rand.New(rand.NewPCG(seed, 2))
	d0, dn := dims[0], dims[len(dims)-1]
	target = testsolvers.Normal(rnd, dn, d0, 1/math.Sqrt(float64(d0+dn)))
	w0 = deep.IdentityFactors(dims, 0.6)
	for _, w := range w0 {
		for i := range w.Data {
			w.Data[i] += 0.2 * rnd.NormFloat64() / math.Sqrt(float64(w.Rows+w.Cols))
		}
	}
	return target, w0
}

// chained is w[len−1]⋯w[0], the d×d identity when there are none.
func chained(w []blas.General[float64], d int) blas.General[float64] {
	p := deep.IdentityFactors([]int{d, d}, 1)[0]
	for _, f := range w {
		p = testsolvers.Times(f, p)
	}
	return p
}

// terms are (W_N⋯W_{j+1})ᵀ·e·(W_{j−1}⋯W_1)ᵀ for all j: the gradients when e is
// W − Ŵ.
func terms(w []blas.General[float64], e blas.General[float64]) []blas.General[float64] {
	var all []blas.General[float64]
	for j, f := range w {
		after, before := chained(w[j+1:], f.Rows), chained(w[:j], w[0].Cols)
		all = append(all, testsolvers.Times(testsolvers.Times(testsolvers.Transposed(after), e), testsolvers.Transposed(before)))
	}
	return all
}

func difference(w []blas.General[float64], target blas.General[float64]) blas.General[float64] {
	return testsolvers.Less(chained(w, target.Cols), target, 1)
}

func step(target blas.General[float64], w []blas.General[float64], eta float64) []blas.General[float64] {
	var next []blas.General[float64]
	for j, g := range terms(w, difference(w, target)) {
		next = append(next, testsolvers.Less(w[j], g, eta))
	}
	return next
}

// problemOf is the target of seed 1 and starts of factors near the identity, times a scale.
func problemOf(dims []int, eta, scale float64) testsolvers.Problem[method] {
	target, _ := problem(dims, 1)
	return testsolvers.Problem[method]{
		Name: fmt.Sprint(dims),
		Start: func(seed uint64) iterate {
			_, w0 := problem(dims, seed)
			for _, w := range w0 {
				for i := range w.Data {
					w.Data[i] *= scale
				}
			}
			return w0
		},
		New: func(_ testing.TB, b *blas.Backend, start iterate) method { return deep.New(b, target, start, eta) },
	}
}

func TestBattery(t *testing.T) {
	b := testsolvers.Battery[method]{
		Iterate: func(s method) iterate { return s.Factors() },
		Says:    func(s method) [][]float64 { return [][]float64{{s.Loss(), s.Error()}, s.Product().Data} },
		Use:     func(s method) { s.Gradients() }, // they must not outlive the factors
	}
	for _, dims := range shapes {
		target, _ := problem(dims, 1)
		p := problemOf(dims, 0.1, 1)
		b.Gradients = append(b.Gradients, testsolvers.Gradient[method]{
			Problem: p, Step: 0.1, Tolerance: 1e-8,
			Loss: func(w iterate) float64 {
				e := testsolvers.Norm(difference(w, target))
				return e * e / 2
			},
		})
		b.Restored, b.Allocations = append(b.Restored, p), append(b.Allocations, problemOf(dims, 0.01, 1))

		p.Check = func(t *testing.T, s method) {
			testsolvers.Compare(t, "the product", s.Product(), chained(s.Factors(), dims[0]), 1e-13)
			e := difference(s.Factors(), target)
			testsolvers.Near(t, "the loss", s.Loss(), testsolvers.Norm(e)*testsolvers.Norm(e)/2, 1e-9)
			testsolvers.Near(t, "the error", s.Error(), testsolvers.Norm(e)/testsolvers.Norm(target), 1e-9)
			for j, g := range s.Gradients() {
				if d := testsolvers.Norm(testsolvers.Less(g, terms(s.Factors(), e)[j], 1)); !(d <= 1e-12) {
					t.Errorf("the gradient of W_%d is %v off", j+1, d)
				}
			}
		}
		b.Trajectories = append(b.Trajectories, testsolvers.Trajectory[method]{
			Problem: p, Steps: 150, Tolerance: 1e-12,
			Next: func(w iterate) iterate { return step(target, w, 0.1) },
		})

		for _, scale := range []float64{3, 1e10, 1e30} {
			p := problemOf(dims, 50, scale)
			p.Name += fmt.Sprintf(" from %g", scale)
			p.Check = func(t *testing.T, s method) {
				e := testsolvers.Norm(difference(s.Factors(), target))
				testsolvers.Near(t, p.Name+": the error", s.Error(), e/testsolvers.Norm(target), 1e-10)
				anew := deep.New(testsolvers.Open(t, "native", 1), target, s.Factors(), 50)
				for j, g := range s.Gradients() {
					// Differences relative to the largest element: squares may overflow.
					want, largest := anew.Gradients()[j].Data, 0.
					for _, v := range want {
						largest = max(largest, math.Abs(v))
					}
					for i, v := range g.Data {
						if largest <= math.MaxFloat64 && !(math.Abs(v-want[i]) <= 1e-10*largest) {
							t.Fatalf("%s: the gradient of W_%d is not that of the last iterate", p.Name, j+1)
						}
					}
				}
			}
			b.Divergent = append(b.Divergent, p)
		}
		overflow := problemOf(dims, 50, 1e160) // whose next iterate is not finite
		overflow.Name += " from 1e160"
		b.Divergent = append(b.Divergent, overflow)
	}
	for _, dims := range [][]int{{300, 300, 300, 300}, {400, 90, 250}, {250, 90, 310, 400}} {
		b.Threaded = append(b.Threaded, problemOf(dims, 0.1, 1))
	}
	for _, dims := range [][]int{{150, 150, 150, 150}, {200, 30, 120}} {
		b.Allocations = append(b.Allocations, problemOf(dims, 0.01, 1))
	}

	// States of other shapes; some have factors of equal size.
	f := testsolvers.Foreign[method]{Problem: problemOf([]int{4, 6, 4}, 0.1, 1), States: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{}}
	for _, dims := range [][]int{{6, 4, 6}, {3, 8, 3}, {4, 6, 4, 6}, {4, 6}, {4, 6, 5}, {4, 4, 4}} {
		other := problemOf(dims, 0.1, 1)
		f.States[other.Name] = func(t testing.TB, b *blas.Backend) testsolvers.Method { return other.New(t, b, other.Start(1)) }
	}
	b.Foreign = []testsolvers.Foreign[method]{f}
	b.Identities = []testsolvers.Identity[method]{identity()}
	b.Ensembles = []testsolvers.Ensemble[method]{ensemble()}
	testsolvers.Run(t, b)
}

func identity() testsolvers.Identity[method] {
	of := func(dims []int, eta float64, change func(target blas.General[float64], w []blas.General[float64])) func(testing.TB, *blas.Backend) testsolvers.Method {
		return func(_ testing.TB, b *blas.Backend) testsolvers.Method {
			target, w0 := problem(dims, 1)
			change(target, w0)
			return deep.New(b, target, w0, eta)
		}
	}
	dims, same := []int{4, 6, 5}, func(_ blas.General[float64], _ []blas.General[float64]) {}
	next := func(x *float64) { *x = math.Nextafter(*x, 2) }
	return testsolvers.Identity[method]{
		Name: "three factors",
		Of:   func(t testing.TB, b *blas.Backend) method { return of(dims, 0.1, same)(t, b).(method) },
		Others: map[string]func(testing.TB, *blas.Backend) testsolvers.Method{
			"η":    of(dims, math.Nextafter(0.1, 1), same),
			"dims": of([]int{4, 7, 5}, 0.1, same),
			"Ŵ":    of(dims, 0.1, func(target blas.General[float64], _ []blas.General[float64]) { next(&target.Data[3]) }),
			"W_1":  of(dims, 0.1, func(_ blas.General[float64], w []blas.General[float64]) { next(&w[0].Data[3]) }),
			"W_2":  of(dims, 0.1, func(_ blas.General[float64], w []blas.General[float64]) { next(&w[1].Data[3]) }),
		},
	}
}

// ensemble is runs that make their own passes: the factors are the data.
func ensemble() testsolvers.Ensemble[method] {
	dims, steps := [][]int{{12, 4, 7}, {12, 7}, {12, 5, 9, 7}, {12, 4, 7}, {12, 3, 7}}, []float64{0.1, 0.1, 0.05, 50, 0.1}
	return testsolvers.Ensemble[method]{
		Name: "own passes", Diverges: 3, Converges: 2,
		Stops: []solvers.Stop{{Iterations: 60}, {Iterations: 60}, {Iterations: 400, Tolerance: 1e-2}, {Iterations: 500}, {Iterations: 13}},
		Join:  func(members ...method) solvers.Ensemble { return solvers.EnsembleOf(members...) },
		New: func(_ testing.TB, b *blas.Backend) func(i int) method {
			return func(i int) method {
				target, w0 := problem(dims[i], 1)
				return deep.New(b, target, w0, steps[i])
			}
		},
	}
}
